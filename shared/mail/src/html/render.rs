//! HTML to text, from tokens: no tree, so neither depth nor broken nesting matters.

use std::cell::RefCell;

use html5ever::{
    Attribute,
    tendril::StrTendril,
    tokenizer::{
        BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
        states::{Rawtext, Rcdata},
    },
};

use crate::text::tidy;

use super::{
    guard,
    marks::{self, Flow, Mark},
};

/// Deeper quotes and lists look the same.
const MAX_DEPTH: usize = 10;
/// Longer links are not written out.
const MAX_LINK: usize = 500;

/// The text of a page, whole and in its parts.
#[derive(Debug, Default)]
pub(crate) struct Rendered {
    /// All of it.
    pub(crate) text: String,
    /// Without what the markup says to be quoted or a signature; none if it marks nothing.
    pub(crate) reply: Option<String>,
    /// What the markup says to be quoted.
    pub(crate) quoted: String,
}

/// Renders HTML as text.
pub(crate) fn render(html: &str) -> Rendered {
    if guard::cost(html).breaks_tokenizer() {
        return Rendered { text: tidy(&guard::strip(html)), ..Rendered::default() };
    }
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(html));
    let tokenizer = Tokenizer::new(Sink(RefCell::new(Page::default())), TokenizerOpts::default());
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.0.into_inner().finish()
}

struct Sink(RefCell<Page>);

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut page = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => return page.start(&tag),
            Token::TagToken(tag) => page.end(&tag.name),
            Token::CharacterTokens(text) => page.characters(&text),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

/// Whose text it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Owner {
    #[default]
    Reply,
    Quote,
    Signature,
}

/// An element whose end matters: it ends when as many of its name ended as began.
#[derive(Debug)]
struct Region {
    name: String,
    mark: Mark,
    depth: u32,
}

#[derive(Debug, Default)]
struct Page {
    segments: Vec<(Owner, String)>,
    region: Option<Region>,
    to_end: bool,
    breaks: usize,
    space: bool,
    quotes: usize,
    /// The quote depth of what was written last.
    written: usize,
    lists: Vec<Option<u32>>,
    pre: usize,
    cell: bool,
    link: Option<(String, String)>,
    raw: Option<String>,
}

impl Page {
    fn start(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name: &str = &tag.name;
        match name {
            "script" | "style" | "noembed" | "noframes" | "iframe" | "xmp" => {
                self.raw = Some(name.to_owned());
                return TokenSinkResult::RawData(Rawtext);
            }
            "title" | "textarea" => {
                self.raw = Some(name.to_owned());
                return TokenSinkResult::RawData(Rcdata);
            }
            _ => {}
        }
        self.enter(tag);
        if !self.hidden() {
            self.open(name, &tag.attrs);
        }
        TokenSinkResult::Continue
    }

    /// Counts the nesting of the present region, or begins one.
    fn enter(&mut self, tag: &Tag) {
        let name: &str = &tag.name;
        match &mut self.region {
            Some(region) if region.name == name => region.depth += 1,
            Some(region) if region.mark == Mark::Hidden => {}
            // What is hidden within a quote is of no matter.
            Some(_) => {}
            None => match marks::mark(name, &tag.attrs) {
                Some(Mark::QuoteToEnd) => {
                    self.to_end = true;
                    self.breaks = self.breaks.max(1);
                }
                Some(Mark::Hidden)
                    if matches!(name, "body" | "html" | "br" | "img" | "hr" | "input" | "meta") => {}
                Some(mark) => {
                    self.region = Some(Region { name: name.to_owned(), mark, depth: 1 });
                    self.breaks = self.breaks.max(usize::from(mark != Mark::Hidden));
                }
                None => {}
            },
        }
    }

    fn hidden(&self) -> bool {
        self.region.as_ref().is_some_and(|region| region.mark == Mark::Hidden)
    }

    fn open(&mut self, name: &str, attrs: &[Attribute]) {
        self.block(name);
        match name {
            "br" => self.line_break(),
            "hr" => self.write("* * *"),
            "blockquote" => self.quotes += 1,
            "ul" => self.lists.push(None),
            "ol" => self.lists.push(Some(0)),
            "li" => self.item(),
            "pre" => self.pre += 1,
            "tr" => self.cell = false,
            "td" | "th" if std::mem::replace(&mut self.cell, true) && self.breaks == 0 => self.tab(),
            "a" => {
                let href = attribute(attrs, "href").unwrap_or_default();
                self.link = Some((href.to_owned(), String::new()));
            }
            "img" => self.picture(attrs),
            _ => {}
        }
        if matches!(name, "blockquote" | "ul" | "ol") {
            self.lists.truncate(MAX_DEPTH * 2);
        }
    }

    fn end(&mut self, name: &str) {
        if self.raw.take_if(|raw| raw == name).is_some() {
            return;
        }
        if !self.hidden() {
            self.close(name);
        }
        let ended = self.region.as_mut().is_some_and(|region| {
            region.depth -= u32::from(region.name == name);
            region.depth == 0
        });
        if ended && self.region.take().is_some_and(|region| region.mark != Mark::Hidden) {
            self.breaks = self.breaks.max(1);
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "a" => self.end_link(),
            "blockquote" => self.quotes = self.quotes.saturating_sub(1),
            "ul" | "ol" => {
                self.lists.pop();
            }
            "pre" => self.pre = self.pre.saturating_sub(1),
            "p" if self.breaks == 0 && self.segments.is_empty() => {}
            _ => {}
        }
        self.block(name);
    }

    fn block(&mut self, name: &str) {
        let breaks = match marks::flow(name) {
            Flow::Inline => return,
            Flow::Line => 1,
            // A list within a list needs no empty line.
            Flow::Paragraph if matches!(name, "ul" | "ol") && !self.lists.is_empty() => 1,
            Flow::Paragraph => 2,
        };
        self.breaks = self.breaks.max(breaks);
        self.space = false;
    }

    fn line_break(&mut self) {
        self.space = false;
        // Two of them are an empty line, more are too.
        self.breaks = (self.breaks + 1).min(3);
    }

    fn tab(&mut self) {
        self.space = false;
        if let Some((_, text)) = self.segments.last_mut() {
            text.push('\t');
        }
    }

    fn item(&mut self) {
        let depth = self.lists.len().clamp(1, MAX_DEPTH);
        let bullet = match self.lists.last_mut() {
            Some(Some(number)) => {
                *number += 1;
                format!("{number}. ")
            }
            _ => "- ".to_owned(),
        };
        let indent = "  ".repeat(depth - 1);
        self.write(&format!("{indent}{bullet}"));
    }

    fn picture(&mut self, attrs: &[Attribute]) {
        let alt = attribute(attrs, "alt").unwrap_or_default().trim();
        let is_name = alt
            .rsplit_once('.')
            .is_some_and(|(_, ending)| (2..=4).contains(&ending.len()) && !alt.contains(' '));
        if !alt.is_empty() && !is_name {
            self.characters(&format!("[{alt}]"));
        }
    }

    fn end_link(&mut self) {
        let Some((href, label)) = self.link.take() else { return };
        let same =
            |a: &str, b: &str| a.trim_end_matches('/').eq_ignore_ascii_case(b.trim().trim_end_matches('/'));
        let bare =
            href.strip_prefix("mailto:").or(href.strip_prefix("https://")).or(href.strip_prefix("http://"));
        let web = href.starts_with("http://") || href.starts_with("https://");
        let shown = label.trim();
        if web
            && !shown.is_empty()
            && href.len() <= MAX_LINK
            && !same(&href, shown)
            && !bare.is_some_and(|bare| same(bare, shown))
        {
            self.characters(&format!(" <{href}>"));
        }
    }

    fn characters(&mut self, text: &str) {
        if self.raw.is_some() || self.hidden() {
            return;
        }
        if let Some((_, label)) = &mut self.link
            && label.len() < MAX_LINK
        {
            label.push_str(text);
        }
        if self.pre > 0 {
            for (n, line) in text.split('\n').enumerate() {
                if n > 0 {
                    self.line_break();
                }
                if !line.is_empty() {
                    self.write(line.trim_end_matches('\r'));
                }
            }
            return;
        }
        // A break opportunity that nobody sees.
        let is_space = |c: char| c.is_ascii_whitespace() || c == '\u{A0}' || c == '\u{200B}';
        for (n, word) in text.split(is_space).enumerate() {
            self.space |= n > 0;
            if !word.is_empty() {
                self.write(word);
            }
        }
    }

    /// Writes text after what is due before it.
    fn write(&mut self, text: &str) {
        let owner = match &self.region {
            _ if self.to_end => Owner::Quote,
            Some(Region { mark: Mark::Signature, .. }) => Owner::Signature,
            Some(_) => Owner::Quote,
            None => Owner::Reply,
        };
        let first = self.segments.is_empty();
        if self.segments.last().is_none_or(|(last, _)| *last != owner) {
            self.segments.push((owner, String::new()));
        }
        let prefix = "> ".repeat(self.quotes.min(MAX_DEPTH));
        let between = ">".repeat(self.quotes.min(self.written).min(MAX_DEPTH));
        self.written = self.quotes;
        let Some((_, out)) = self.segments.last_mut() else { return };
        if self.breaks > 0 || first {
            for n in 0..self.breaks {
                if !first {
                    out.push('\n');
                }
                if n + 1 < self.breaks && !first {
                    out.push_str(&between);
                }
            }
            out.push_str(&prefix);
        } else if self.space && !out.ends_with([' ', '\t']) {
            out.push(' ');
        }
        (self.breaks, self.space) = (0, false);
        out.push_str(text);
    }

    fn finish(self) -> Rendered {
        let of = |owner: Owner| {
            let texts = self.segments.iter().filter(|(o, _)| *o == owner).map(|(_, text)| text.as_str());
            tidy(&texts.collect::<String>())
        };
        let all: String = self.segments.iter().map(|(_, text)| text.as_str()).collect();
        let marked = self.segments.iter().any(|(owner, _)| *owner != Owner::Reply);
        let reply = marked.then(|| of(Owner::Reply));
        Rendered { text: tidy(&all), reply, quoted: of(Owner::Quote) }
    }
}

fn attribute<'a>(attrs: &'a [Attribute], name: &str) -> Option<&'a str> {
    attrs.iter().find(|attr| &*attr.name.local == name).map(|attr| &*attr.value)
}
