//! HTML for display, written anew from an allow-list: nothing that runs, nothing remote, pictures only from the mail.
//!
//! No byte of markup is copied. Each element that is known is written with the attributes that are known, their values
//! and all text escaped, and each is closed. As no element of raw text, of SVG or of MathML is ever written, a browser
//! cannot read anything else into it, however it understood the mail.

use std::collections::HashMap;

use super::{
    allowed::{self, Attribute},
    decoded_cid,
    sheet::Sheet,
    style,
    token::{Name, Tag, Token, decoded, tokens},
};

/// Longer HTML is shown as text.
const MAX_HTML: usize = 4 * 1024 * 1024;
/// Elements open at once; deeper ones are left out and their text stays.
const MAX_OPEN: usize = 200;
/// Pictures of one mail that are looked up.
const MAX_PICTURES: usize = 1000;
/// Pixels of a picture that only counts who looks.
const DOTS: [&str; 3] = ["0", "1", "2"];

/// Cleans HTML for display: no script, no form, no style that escapes, no remote content.
///
/// `cid` gives the URL of the picture with a Content-ID (without brackets) or none. Remote pictures keep their
/// address as `data-src` only. Links open elsewhere and tell nobody where they come from.
pub fn sanitise(html: &str, cid: &dyn Fn(&str) -> Option<String>) -> String {
    sanitise_within(html, Room { most: usize::MAX, cost: str::len }, cid).html
}

/// How much may be written.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    /// The most that the written pieces may cost; the end tags of what is open at the end come on top, at most 4 kB.
    pub most: usize,
    /// What a piece costs: at least its bytes.
    pub cost: fn(&str) -> usize,
}

/// Clean HTML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clean {
    /// Well-formed, also where it was cut.
    pub html: String,
    /// It ends early, between two tags or characters, because there was no more room.
    pub cut: bool,
}

/// The same as [`sanitise`], as far as there is room: what was written is bounded, however much markup grows by being
/// written anew.
pub fn sanitise_within(html: &str, room: Room, cid: &dyn Fn(&str) -> Option<String>) -> Clean {
    let mut writer = Writer::new(html.len().min(room.most), room, cid);
    if html.len() > MAX_HTML {
        writer.out.push_str("<pre>");
        writer.text(&super::to_text(html));
        writer.out.push_str("</pre>");
        return writer.finish();
    }
    for token in tokens(html) {
        match token {
            Token::Start(tag) => writer.start(&tag),
            Token::End(name) => writer.end(name),
            Token::Text(text) if writer.dropped.is_none() => writer.text(&decoded(text, false)),
            Token::Raw(name, sheet) if name.as_str() == "style" => {
                writer.sheet.read(sheet);
            }
            Token::Text(_) | Token::Raw(..) => {}
        }
        if writer.cut {
            break;
        }
    }
    writer.finish()
}

struct Writer<'a> {
    out: String,
    open: Vec<Name>,
    /// An element that is left out with what it holds, and how many of its name are open.
    dropped: Option<(Name, u32)>,
    sheet: Sheet,
    cid: &'a dyn Fn(&str) -> Option<String>,
    pictures: HashMap<String, Option<String>>,
    room: Room,
    /// There was not enough room.
    cut: bool,
}

impl<'a> Writer<'a> {
    fn new(length: usize, room: Room, cid: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self {
            out: String::with_capacity(length),
            open: Vec::new(),
            dropped: None,
            sheet: Sheet::default(),
            cid,
            pictures: HashMap::new(),
            room,
            cut: false,
        }
    }

    fn finish(mut self) -> Clean {
        self.close_to(0);
        Clean { html: self.out, cut: self.cut }
    }

    /// Takes room for what was written behind this place. Where there is not enough, it is taken back.
    fn pay(&mut self, from: usize) -> bool {
        let left = self.room.most.checked_sub((self.room.cost)(&self.out[from..]));
        match left {
            Some(left) => self.room.most = left,
            None => self.out.truncate(from),
        }
        self.cut |= left.is_none();
        left.is_some()
    }

    /// Text, or as many of its characters as there is room for.
    fn text(&mut self, text: &str) {
        // A character costs its bytes at least.
        let kept = &text[..text.floor_char_boundary(self.room.most)];
        self.cut |= kept.len() < text.len();
        let from = self.out.len();
        escape(kept, &mut self.out);
        if self.pay(from) {
            return;
        }
        for (at, c) in kept.char_indices() {
            let from = self.out.len();
            escape(&kept[at..at + c.len_utf8()], &mut self.out);
            if !self.pay(from) {
                return;
            }
        }
    }

    fn start(&mut self, tag: &Tag) {
        if let Some((name, depth)) = &mut self.dropped {
            *depth += u32::from(*name == tag.name);
            return;
        }
        let name = tag.name.as_str();
        if allowed::DROPPED.contains(&name) || self.is_hidden(tag) {
            if !allowed::is_void(name) {
                self.dropped = Some((tag.name, 1));
            }
            return;
        }
        if !allowed::is_element(name) || name == "img" && is_dot(tag) {
            return;
        }
        self.imply_ends(name);
        let void = allowed::is_void(name);
        if !void && self.open.len() >= MAX_OPEN {
            return;
        }
        let from = self.out.len();
        self.write(tag);
        if self.pay(from) && !void {
            self.open.push(tag.name);
        }
    }

    /// Hidden by a style sheet, which is left out.
    fn is_hidden(&self, tag: &Tag) -> bool {
        self.sheet.hides_any()
            && tag.attribute("class").is_some_and(|classes| self.sheet.hides(&classes))
            && tag.attribute("style").is_none_or(|own| style::read(&own).shown != Some(true))
    }

    fn end(&mut self, name: Name) {
        if let Some((dropped, depth)) = &mut self.dropped {
            *depth -= u32::from(*dropped == name);
            if *depth == 0 {
                self.dropped = None;
            }
            return;
        }
        let of_table = allowed::is_table_part(name.as_str());
        for at in (0..self.open.len()).rev() {
            if self.open[at] == name {
                return self.close_to(at);
            }
            // An end tag within a cell ends nothing outside of it.
            if !of_table && allowed::is_scope(self.open[at].as_str()) {
                return;
            }
        }
    }

    fn close_to(&mut self, length: usize) {
        for name in self.open.drain(length..).rev() {
            self.out.push_str("</");
            self.out.push_str(name.as_str());
            self.out.push('>');
            self.room.most = self.room.most.saturating_sub(name.as_str().len() + "</>".len());
        }
    }

    /// Ends what the element ends by its start.
    fn imply_ends(&mut self, name: &str) {
        let Some((ended, until)) = allowed::implied_ends(name) else { return };
        // Where none is open, how far out they would be does not matter.
        if !self.open.iter().any(|one| ended.contains(&one.as_str())) {
            return;
        }
        let stop = |one: &&Name| until.contains(&one.as_str());
        let inside = self.open.iter().rev().take_while(|one| !stop(one)).count();
        let from = self.open.len() - inside;
        if let Some(at) = self.open[from..].iter().position(|one| ended.contains(&one.as_str())) {
            self.close_to(from + at);
        }
    }

    fn write(&mut self, tag: &Tag) {
        let name = tag.name.as_str();
        self.out.push('<');
        self.out.push_str(name);
        let mut written = 0u64;
        for (attribute, value) in tag.attributes() {
            let Some((n, kind)) = allowed::attribute(name, attribute) else { continue };
            if written & 1 << n != 0 {
                continue;
            }
            written |= 1 << n;
            self.attribute(kind, allowed::name(n), &decoded(value, true));
        }
        if name == "a" {
            self.out.push_str(" target=\"_blank\" rel=\"noopener noreferrer nofollow\"");
        }
        self.out.push('>');
    }

    fn attribute(&mut self, kind: Attribute, name: &str, value: &str) {
        let value = value.trim();
        match kind {
            Attribute::Text => self.put(name, value),
            Attribute::Plain if allowed::is_plain(value) => self.put(name, value),
            Attribute::Style => {
                let kept = allowed::styles(value);
                if !kept.is_empty() {
                    self.put(name, &kept);
                }
            }
            Attribute::Link => {
                if let Some(link) = allowed::link(value) {
                    self.put(name, &link);
                }
            }
            Attribute::Source => self.source(value),
            Attribute::Plain => {}
        }
    }

    fn source(&mut self, value: &str) {
        let begins = |start: &str| value.get(..start.len()).is_some_and(|s| s.eq_ignore_ascii_case(start));
        if begins("cid:") {
            if let Some(url) = self.picture(&decoded_cid(&value[4..])) {
                self.put("src", &url);
            }
        } else if allowed::is_data_picture(value) {
            self.put("src", value);
        } else if begins("http:") || begins("https:") {
            // Kept for people who want to see the picture.
            if let Some(link) = allowed::link(value) {
                self.put("data-src", &link);
            }
        }
    }

    fn picture(&mut self, id: &str) -> Option<String> {
        if let Some(known) = self.pictures.get(id) {
            return known.clone();
        }
        if self.pictures.len() >= MAX_PICTURES {
            return None;
        }
        let url = (self.cid)(id);
        self.pictures.insert(id.to_owned(), url.clone());
        url
    }

    fn put(&mut self, name: &str, value: &str) {
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        escape(value, &mut self.out);
        self.out.push('"');
    }
}

/// A picture of no size, or one that is hidden.
pub(super) fn is_dot(tag: &Tag) -> bool {
    let small = |side: &str| {
        tag.attribute(side)
            .is_some_and(|size| DOTS.contains(&size.trim_end_matches("px").trim_end_matches(".0")))
    };
    small("width") && small("height")
        || tag.attribute("style").is_some_and(|own| {
            let own = style::read(&own);
            own.hidden || own.dot
        })
}

/// Text, and values in quotes.
fn escape(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|b| matches!(b, b'&' | b'<' | b'>' | b'"' | b'\r' | 0)) {
        out.push_str(&rest[..at]);
        out.push_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            b'\r' if rest.as_bytes().get(at + 1) != Some(&b'\n') => "\n",
            _ => "",
        });
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
}

#[cfg(test)]
#[path = "sanitise_tests.rs"]
mod tests;
