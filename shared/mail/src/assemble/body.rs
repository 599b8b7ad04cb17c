//! Which leaves are the text of the mail, and what they say.

use std::collections::BTreeSet;

use crate::{
    Defect,
    decode::charset,
    defect::Defects,
    html::{self, Rendered},
    splitter::{MAX_TEXT, Part},
    text,
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
    /// Whether the text was written by the mail program and not rendered from HTML.
    pub(super) has_plain: bool,
    /// The leaves that it was made of.
    pub(super) shown: BTreeSet<usize>,
}

/// One piece of the text, in one or both forms.
#[derive(Debug, Default)]
struct Piece {
    plain: Vec<usize>,
    html: Vec<usize>,
}

/// Finds and decodes the text.
pub(super) fn body(parts: &[Part], defects: &mut Defects) -> Body {
    let tree = Tree::new(parts);
    let mut pieces = Vec::new();
    tree.walk(0, &mut pieces);
    if pieces.is_empty() {
        pieces.extend(tree.named_text());
    }
    let mut body = Body { has_plain: true, ..Body::default() };
    let mut texts = Vec::new();
    let mut htmls = Vec::new();
    let mut pages = Vec::new();
    for piece in &pieces {
        body.shown.extend(piece.plain.iter().chain(&piece.html));
        let plain = text_of(parts, &piece.plain, defects);
        let html: Vec<String> = piece.html.iter().map(|n| decoded(&parts[*n], defects)).collect();
        let page = (!html.is_empty()).then(|| merge(html.iter().map(|html| html::render(html)).collect()));
        // An empty text beside a full HTML is a program's excuse.
        let use_plain = !plain.is_empty() || page.is_none();
        body.has_plain &= use_plain;
        let from_page = page.as_ref().map(|page| page.text.clone()).unwrap_or_default();
        htmls.push(if html.is_empty() { Form::Text(plain.clone()) } else { Form::Html(html.join("\n")) });
        texts.push(if use_plain { plain.clone() } else { from_page });
        pages.push(page.unwrap_or_else(|| Rendered { text: plain, ..Rendered::default() }));
    }
    texts.retain(|text| !text.is_empty());
    body.text = texts.join("\n\n");
    if htmls.iter().any(|form| matches!(form, Form::Html(_))) {
        body.html = Some(htmls.iter().map(Form::html).collect::<Vec<_>>().join("\n"));
        body.page = Some(merge(pages));
    }
    body
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

fn merge(mut pages: Vec<Rendered>) -> Rendered {
    if pages.len() == 1 {
        return pages.pop().unwrap_or_default();
    }
    let marked = pages.iter().any(|page| page.reply.is_some());
    let join =
        |texts: Vec<&str>| texts.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n\n");
    Rendered {
        text: join(pages.iter().map(|page| page.text.as_str()).collect()),
        reply: marked
            .then(|| join(pages.iter().map(|page| page.reply.as_deref().unwrap_or(&page.text)).collect())),
        quoted: join(pages.iter().map(|page| page.quoted.as_str()).collect()),
    }
}

fn text_of(parts: &[Part], plain: &[usize], defects: &mut Defects) -> String {
    let texts = plain.iter().map(|n| {
        let part = &parts[*n];
        let text = decoded(part, defects);
        let flowed = part.content.param("format").is_some_and(|format| format.eq_ignore_ascii_case("flowed"));
        let del_sp = part.content.param("delsp").is_some_and(|del_sp| del_sp.eq_ignore_ascii_case("yes"));
        text::tidy(&if flowed { text::join(&text, del_sp) } else { text })
    });
    let texts: Vec<String> = texts.filter(|text| !text.is_empty()).collect();
    texts.join("\n\n")
}

fn decoded(part: &Part, defects: &mut Defects) -> String {
    let bytes = &part.leaf.bytes[..part.leaf.bytes.len().min(MAX_TEXT)];
    if (bytes.len() as u64) < part.leaf.size {
        defects.note(Defect::TextTooLarge);
    }
    let charset = part.content.param("charset").or_else(|| {
        let is_html = part.content.media() == "text/html";
        is_html.then(|| meta_charset(bytes)).flatten()
    });
    charset::decode(bytes, charset.as_deref(), defects)
}

fn meta_charset(bytes: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(META_BYTES)]).to_ascii_lowercase();
    let (_, rest) = head.split_once("charset=")?;
    let name = rest.trim_start_matches(['"', '\'', ' ']);
    let end = name.find(['"', '\'', ' ', '>', ';', '/']).unwrap_or(name.len());
    Some(name[..end].to_owned()).filter(|name| !name.is_empty())
}

/// The parts with their children. Depth is bounded by the scanner.
struct Tree<'a> {
    parts: &'a [Part],
    children: Vec<Vec<usize>>,
}

impl<'a> Tree<'a> {
    fn new(parts: &'a [Part]) -> Self {
        let mut children = vec![Vec::new(); parts.len()];
        for (n, part) in parts.iter().enumerate() {
            if let Some(parent) = part.parent {
                children[parent].push(n);
            }
        }
        Self { parts, children }
    }

    fn walk(&self, n: usize, out: &mut Vec<Piece>) {
        let Some(part) = self.parts.get(n) else { return };
        if !part.multipart {
            let named = part.content.is_named();
            if part.content.is_shown_text() && !named {
                out.push(self.piece(n));
            }
            return;
        }
        match part.content.media() {
            "multipart/alternative" => out.extend(self.alternative(n)),
            "multipart/related" => {
                if let Some(root) = self.root(n) {
                    self.walk(root, out);
                }
            }
            _ => self.children[n].iter().for_each(|child| self.walk(*child, out)),
        }
    }

    fn piece(&self, n: usize) -> Piece {
        match self.parts[n].content.media() {
            "text/html" => Piece { html: vec![n], ..Piece::default() },
            _ => Piece { plain: vec![n], ..Piece::default() },
        }
    }

    /// The first plain text and the last HTML: later alternatives are richer.
    fn alternative(&self, n: usize) -> Option<Piece> {
        let mut chosen = Piece::default();
        for child in &self.children[n] {
            let mut pieces = Vec::new();
            self.walk(*child, &mut pieces);
            let plain: Vec<usize> = pieces.iter().flat_map(|piece| piece.plain.iter().copied()).collect();
            let html: Vec<usize> = pieces.iter().flat_map(|piece| piece.html.iter().copied()).collect();
            if !html.is_empty() {
                chosen.html = html;
            }
            if chosen.plain.is_empty() {
                chosen.plain = plain;
            }
        }
        (!chosen.plain.is_empty() || !chosen.html.is_empty()).then_some(chosen)
    }

    /// The page of a multipart/related (RFC 2387): named by `start`, else the first text in it.
    fn root(&self, n: usize) -> Option<usize> {
        let children = &self.children[n];
        let start = self.parts[n].content.param("start");
        let start = start.as_deref().map(|start| start.trim_matches(['<', '>', ' ']));
        let by_id =
            children.iter().find(|child| start.is_some() && self.parts[**child].content.id() == start);
        let is_text = |child: &usize| {
            let part = &self.parts[*child];
            part.multipart || part.content.is_shown_text()
        };
        by_id.or_else(|| children.iter().find(|child| is_text(child))).copied()
    }

    /// A text with a file name, when there is no other.
    fn named_text(&self) -> Option<Piece> {
        let mut leaves = self.parts.iter().enumerate().filter(|(_, part)| !part.multipart);
        leaves.find(|(_, part)| part.content.is_shown_text()).map(|(n, _)| self.piece(n))
    }
}
