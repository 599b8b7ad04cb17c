//! Which leaves are the text of the mail, and what they say.

use std::{borrow::Cow, collections::BTreeSet};

use memchr::memmem;

use crate::{
    Defect,
    decode::charset::{self, Hint},
    defect::Defects,
    html::{self, DataPicture, Rendered},
    part::{MAX_PAGE, MAX_TEXT, Part},
    text::{self, calendar::Calendar},
};

use super::{
    hint,
    pieces::{self, Piece},
};

/// Where HTML names its charset, if the header does not.
const META_BYTES: usize = 1024;

/// The text of a mail.
#[derive(Debug, Default)]
pub(super) struct Body {
    pub(super) text: String,
    pub(super) html: Option<String>,
    /// The HTML rendered.
    pub(super) page: Option<Rendered>,
    /// The leaves that are no files: the text was made of them, or they are further forms of it.
    pub(super) shown: BTreeSet<usize>,
    /// Pictures that stood in the HTML itself.
    pub(super) pictures: Vec<DataPicture>,
}

/// Finds and decodes the text.
pub(super) fn body(parts: &[Part], hint: &Hint, defects: &mut Defects) -> Body {
    let mut found = without_twins(parts, pieces::pieces(parts), hint);
    let mut body = of(parts, &mut found, hint, defects);
    if body.text.is_empty() {
        let others = without_twins(parts, pieces::others(parts, &found), hint);
        if !others.is_empty() {
            found.extend(others);
            body = of(parts, &mut found, hint, defects);
        }
    }
    tell_invitation(parts, &mut body, hint, defects);
    body.shown.extend(pieces::forms(parts));
    body
}

/// The pieces one after the other.
fn of(parts: &[Part], pieces: &mut [Piece], hint: &Hint, defects: &mut Defects) -> Body {
    let mut reader = Reader { parts, hint, defects, body: Body::default() };
    pieces.iter_mut().for_each(|piece| reader.markup_as_page(piece));
    // The ordinary plain mail is not copied.
    if let [Piece { plain, html }] = &*pieces
        && html.is_empty()
    {
        reader.body.text = reader.text_of(plain);
        return reader.body;
    }
    let mut texts = Vec::new();
    let mut htmls = Vec::new();
    let mut pages = Vec::new();
    for piece in &*pieces {
        let plain = reader.text_of(&piece.plain);
        let html: Vec<Cow<'_, str>> = piece.html.iter().map(|n| reader.page_of(*n)).collect();
        let page =
            (!html.is_empty()).then(|| Rendered::join(html.iter().map(|html| html::render(html)).collect()));
        // An empty text beside a full HTML is a program's excuse, and some write it out.
        let use_plain =
            page.as_ref().is_none_or(|page| !plain.is_empty() && !html::is_excuse(&plain, &page.text));
        let from_page = page.as_ref().map(|page| page.text.clone()).unwrap_or_default();
        htmls.push(match plain.as_str() {
            "" if html.is_empty() => String::new(),
            _ if html.is_empty() => as_html(&plain),
            _ => html.join("\n"),
        });
        let plain = match &page {
            Some(page) => page.struck_out_in(plain),
            None => plain,
        };
        texts.push(if use_plain { plain.clone() } else { from_page });
        pages.push(page.unwrap_or_else(|| Rendered { text: plain, ..Rendered::default() }));
    }
    let mut body = reader.body;
    texts.retain(|text| !text.is_empty());
    htmls.retain(|html| !html.is_empty());
    body.text = texts.join("\n\n");
    if pieces.iter().any(|piece| !piece.html.is_empty()) {
        body.html = Some(htmls.join("\n"));
        body.page = Some(Rendered::join(pages));
    }
    body
}

/// An invitation is told where nothing else is to be read, or where the text does not say when and where, as the links
/// of a conference do not. It stays a file that a calendar can take.
fn tell_invitation(parts: &[Part], body: &mut Body, hint: &Hint, defects: &mut Defects) {
    let blank = text::shows_nothing(&body.text);
    if blank {
        body.text.clear();
    }
    let mut raw = String::new();
    let calendars = pieces::calendars(parts, blank);
    let told = calendars.filter_map(|n| {
        let text = decoded(&parts[n], MAX_TEXT, hint, defects);
        let calendar = Calendar::read(&text, parts[n].content.param("method"));
        if calendar.is_none() && raw.is_empty() {
            raw = text::tidy(&text);
        }
        calendar.filter(|calendar| blank || calendar.is_invitation())
    });
    let told = told.map(|calendar| match blank {
        true => calendar.told(&hint::languages(parts)),
        false if calendar.is_said_in(&body.text) => String::new(),
        false => calendar.facts(&hint::languages(parts)),
    });
    let told: Option<String> = told.map(|text| text::tidy(&text)).find(|text| !text.is_empty());
    let told = told.or_else(|| Some(raw).filter(|raw| blank && !raw.is_empty()));
    if let Some(told) = told {
        put_first(told, body);
    }
}

/// Above the text, where no quote and no signature takes it along.
fn put_first(told: String, body: &mut Body) {
    if let Some(html) = &mut body.html {
        *html = format!("{}\n{html}", as_html(&told));
    }
    if let Some(page) = body.page.take() {
        let told = Rendered { text: told.clone(), ..Rendered::default() };
        body.page = Some(Rendered::join(vec![told, page]));
    }
    body.text = if body.text.is_empty() { told } else { format!("{told}\n\n{}", body.text) };
}

fn as_html(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!("<p>{}</p>", escaped.replace('\n', "<br>\n"))
}

/// A plain text and a page that say the same are two forms of one text, whatever multipart they lie in.
fn without_twins(parts: &[Part], mut pieces: Vec<Piece>, hint: &Hint) -> Vec<Piece> {
    if let [first, second] = pieces.as_mut_slice()
        && let ([n], [], [], [page]) =
            (first.plain.as_slice(), first.html.as_slice(), second.plain.as_slice(), second.html.as_slice())
    {
        let mut defects = Defects::default();
        let mut reader = Reader { parts, hint, defects: &mut defects, body: Body::default() };
        let plain = reader.text_of(&[*n]);
        let rendered = html::render(&reader.page_of(*page));
        if plain.split_whitespace().eq(rendered.text.split_whitespace()) {
            first.html = std::mem::take(&mut second.html);
            pieces.truncate(1);
        }
    }
    pieces
}

/// Reads leaves as text.
struct Reader<'a, 'd> {
    parts: &'a [Part],
    hint: &'a Hint,
    defects: &'d mut Defects,
    body: Body,
}

impl<'a> Reader<'a, '_> {
    fn text_of(&mut self, plain: &[usize]) -> String {
        let mut texts: Vec<String> =
            plain.iter().map(|n| self.plain_of(*n)).filter(|text| !text.is_empty()).collect();
        if texts.len() == 1 { texts.swap_remove(0) } else { texts.join("\n\n") }
    }

    fn plain_of(&mut self, n: usize) -> String {
        let content = &self.parts[n].content;
        let text = self.shown(n, MAX_TEXT);
        note_inline(&text, self.defects);
        let text = match content.media() {
            "text/enriched" | "text/richtext" => Cow::Owned(text::unenriched(&text)),
            _ => text,
        };
        let says = |name: &str, value: &str| {
            content.param(name).is_some_and(|said| said.eq_ignore_ascii_case(value))
        };
        if says("format", "flowed") {
            text::tidy(&text::join(&text, says("delsp", "yes")))
        } else {
            text::tidy(&text)
        }
    }

    /// A page whose pictures are files.
    fn page_of(&mut self, n: usize) -> Cow<'a, str> {
        let with_pictures = memmem::find(text_bytes(&self.parts[n]), b"data:").is_some();
        if !with_pictures {
            return self.shown(n, MAX_TEXT);
        }
        let html = self.shown(n, MAX_PAGE);
        let (mut html, pictures) = html::without_data_pictures(html);
        let known: BTreeSet<&str> = self.body.pictures.iter().map(|picture| picture.id.as_str()).collect();
        let new: Vec<DataPicture> =
            pictures.into_iter().filter(|picture| !known.contains(picture.id.as_str())).collect();
        self.body.pictures.extend(new);
        if html.len() > MAX_TEXT {
            self.defects.note(Defect::TextTooLarge);
            self.body.shown.remove(&n);
            let mut end = MAX_TEXT;
            while !html.is_char_boundary(end) {
                end -= 1;
            }
            html = Cow::Owned(html[..end].to_owned());
        }
        html
    }

    /// Decodes a leaf up to so many bytes, which then is no file, unless there is more of it.
    fn shown(&mut self, n: usize, most: usize) -> Cow<'a, str> {
        let part = &self.parts[n];
        let whole = part.leaf.extracted.is_none() && part.leaf.size <= most as u64;
        if whole && !pieces::is_listed(&part.content) {
            self.body.shown.insert(n);
        }
        decoded(part, most, self.hint, self.defects)
    }

    /// Some programs send the source of a page as plain text, often beside the page.
    fn markup_as_page(&mut self, piece: &mut Piece) {
        let is_page = |n: &usize| {
            let part = &self.parts[*n];
            part.content.media() == "text/plain" && html::is_source(text_bytes(part), !piece.html.is_empty())
        };
        let (pages, plain): (Vec<usize>, Vec<usize>) = piece.plain.iter().partition(|n| is_page(n));
        if pages.is_empty() {
            return;
        }
        piece.plain = plain;
        if piece.html.is_empty() {
            piece.html = pages;
        } else {
            self.body.shown.extend(pages);
        }
    }
}

/// What a text may hold that is none.
fn note_inline(text: &str, defects: &mut Defects) {
    let begins = |mark: &str| {
        let found = memmem::find(text.as_bytes(), mark.as_bytes());
        found.is_some_and(|at| at == 0 || text.as_bytes()[at - 1] == b'\n')
    };
    if begins("-----BEGIN PGP MESSAGE-----") {
        defects.note(Defect::Encrypted);
    }
    if begins("=ybegin ") {
        defects.note(Defect::YencFile);
    }
}

fn text_bytes(part: &Part) -> &[u8] {
    part.text.as_deref().unwrap_or(&part.leaf.bytes)
}

fn decoded<'a>(part: &'a Part, most: usize, hint: &Hint, defects: &mut Defects) -> Cow<'a, str> {
    let bytes = text_bytes(part);
    let bytes = &bytes[..bytes.len().min(most)];
    if part.leaf.size > most as u64 {
        defects.note(Defect::TextTooLarge);
    }
    let header = part.content.param("charset");
    let meta = (part.content.media() == "text/html").then(|| meta_charset(bytes)).flatten();
    // A page says it itself where the header says nothing, nothing that is known, or what is not true.
    let says_nothing = header.as_deref().is_none_or(|name| !charset::is_named(name));
    let label = if says_nothing { meta.as_ref().or(header.as_ref()) } else { header.as_ref() };
    let label = hint.forced.as_ref().or(label).map(String::as_str);
    if let Some(text) = charset::undecoded(bytes, label) {
        return Cow::Borrowed(text);
    }
    let hint = Hint { charset: meta.clone().or_else(|| hint.charset.clone()), ..hint.clone() };
    Cow::Owned(charset::decode_with(bytes, label, &hint, defects))
}

fn meta_charset(bytes: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(META_BYTES)]).to_ascii_lowercase();
    let (_, rest) = head.split_once("charset=")?;
    let name = rest.trim_start_matches(['"', '\'', ' ']);
    let end = name.find(['"', '\'', ' ', '>', ';', '/']).unwrap_or(name.len());
    Some(name[..end].to_owned()).filter(|name| !name.is_empty())
}
