//! Which leaves are the text of the mail, and what they say.

use std::{borrow::Cow, collections::BTreeSet};

use memchr::memmem;

use crate::{
    Defect,
    decode::charset::{self, Hint},
    defect::Defects,
    html::{self, Rendered},
    splitter::{MAX_TEXT, Part},
    text,
};

use super::pieces::{Piece, pieces};

/// Where HTML names its charset, if the header does not.
const META_BYTES: usize = 1024;

/// The text of a mail.
#[derive(Debug, Default)]
pub(super) struct Body {
    pub(super) text: String,
    pub(super) html: Option<String>,
    /// The HTML rendered.
    pub(super) page: Option<Rendered>,
    /// The leaves that it was made of.
    pub(super) shown: BTreeSet<usize>,
}

/// Finds and decodes the text.
pub(super) fn body(parts: &[Part], hint: &Hint, defects: &mut Defects) -> Body {
    let pieces = without_twins(parts, pieces(parts), hint);
    let mut body = Body::default();
    // The ordinary plain mail is not copied.
    if let [Piece { plain, html }] = pieces.as_slice()
        && html.is_empty()
    {
        body.shown.extend(plain);
        body.text = text_of(parts, plain, hint, defects);
        return body;
    }
    let mut texts = Vec::new();
    let mut htmls = Vec::new();
    let mut pages = Vec::new();
    for piece in &pieces {
        body.shown.extend(piece.plain.iter().chain(&piece.html));
        let plain = text_of(parts, &piece.plain, hint, defects);
        let html: Vec<Cow<'_, str>> = piece.html.iter().map(|n| decoded(&parts[*n], hint, defects)).collect();
        let page =
            (!html.is_empty()).then(|| Rendered::join(html.iter().map(|html| html::render(html)).collect()));
        // An empty text beside a full HTML is a program's excuse, and some write it out.
        let use_plain =
            page.as_ref().is_none_or(|page| !plain.is_empty() && !html::is_excuse(&plain, &page.text));
        let from_page = page.as_ref().map(|page| page.text.clone()).unwrap_or_default();
        htmls.push(if html.is_empty() { Form::Text(plain.clone()) } else { Form::Html(html.join("\n")) });
        texts.push(if use_plain { plain.clone() } else { from_page });
        pages.push(page.unwrap_or_else(|| Rendered { text: plain, ..Rendered::default() }));
    }
    texts.retain(|text| !text.is_empty());
    body.text = texts.join("\n\n");
    if htmls.iter().any(|form| matches!(form, Form::Html(_))) {
        body.html = Some(htmls.iter().map(Form::html).collect::<Vec<_>>().join("\n"));
        body.page = Some(Rendered::join(pages));
    }
    body
}

/// A plain text and a page that say the same are two forms of one text, whatever multipart they lie in.
fn without_twins(parts: &[Part], mut pieces: Vec<Piece>, hint: &Hint) -> Vec<Piece> {
    if let [first, second] = pieces.as_mut_slice()
        && let ([n], [], [], [page]) =
            (first.plain.as_slice(), first.html.as_slice(), second.plain.as_slice(), second.html.as_slice())
    {
        let mut ignored = Defects::default();
        let plain = text_of(parts, &[*n], hint, &mut ignored);
        let rendered = html::render(&decoded(&parts[*page], hint, &mut ignored));
        if plain.split_whitespace().eq(rendered.text.split_whitespace()) {
            first.html = std::mem::take(&mut second.html);
            pieces.truncate(1);
        }
    }
    pieces
}

enum Form {
    Text(String),
    Html(String),
}

impl Form {
    fn html(&self) -> String {
        match self {
            Self::Html(html) => html.clone(),
            Self::Text(text) => {
                let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
                format!("<p>{}</p>", escaped.replace('\n', "<br>\n"))
            }
        }
    }
}

fn text_of(parts: &[Part], plain: &[usize], hint: &Hint, defects: &mut Defects) -> String {
    let texts = plain.iter().map(|n| {
        let part = &parts[*n];
        let text = decoded(part, hint, defects);
        note_inline(&text, defects);
        let text = match part.content.media() {
            "text/calendar" => text::calendar::told(&text).map_or(text, Cow::Owned),
            "text/enriched" | "text/richtext" => Cow::Owned(text::unenriched(&text)),
            _ => text,
        };
        let flowed = part.content.param("format").is_some_and(|format| format.eq_ignore_ascii_case("flowed"));
        let del_sp = part.content.param("delsp").is_some_and(|del_sp| del_sp.eq_ignore_ascii_case("yes"));
        if flowed { text::tidy(&text::join(&text, del_sp)) } else { text::tidy(&text) }
    });
    let mut texts: Vec<String> = texts.filter(|text| !text.is_empty()).collect();
    if texts.len() == 1 { texts.swap_remove(0) } else { texts.join("\n\n") }
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

fn decoded<'a>(part: &'a Part, hint: &Hint, defects: &mut Defects) -> Cow<'a, str> {
    let bytes = part.text.as_deref().unwrap_or(&part.leaf.bytes);
    let bytes = &bytes[..bytes.len().min(MAX_TEXT)];
    if part.leaf.size > MAX_TEXT as u64 {
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
