//! Which leaves are the text of a mail.

use crate::{decode::params::Content, defect::Defects, part::Part};

/// One piece of the text, in one or both forms.
#[derive(Debug, Default)]
pub(super) struct Piece {
    pub(super) plain: Vec<usize>,
    pub(super) html: Vec<usize>,
}

/// Names, in lower case and without signs and endings, that programs make up for a text that has none.
#[rustfmt::skip]
const MADE_UP: &[&str] = &[
    "att", "body", "content", "default", "email", "html", "inline", "mail", "mailbody", "message", "messagetext", "mimeattachment", "msg", "nachricht", "noname",
    "part", "text", "textbody", "unbenannt", "unknown", "unnamed", "untitled", "本文", "メール",
    "emailbody", "htmlbody", "messagebody", "mailtext", "plain", "plaintext", "textpart", "textteil", "untitledattachment", "untitledtext", "cuerpo", "corpo", "mensaje", "mensagem", "messaggio", "sanstitre", "texte", "texto", "testo", "bericht", "tekst", "meddelande", "wiadomość", "сообщение", "письмо", "текст", "メッセージ", "正文", "邮件", "메시지",
];
/// Endings of files that are read as text.
const TEXT_ENDINGS: [&str; 4] = ["", "htm", "html", "txt"];
/// Other forms of a text for certain programs, which a person reads in the usual ones.
const FORMS: [&str; 5] = [
    "text/x-amp-html",
    "text/amp-html",
    "text/watch-html",
    "text/x-watch-html",
    "text/vnd.google.email-reaction+json",
];

/// The text in its order.
pub(super) fn pieces(parts: &[Part]) -> Vec<Piece> {
    let tree = Tree::new(parts);
    let mut pieces = Vec::new();
    tree.walk(0, &mut pieces);
    pieces
}

/// What can be read where these say nothing: texts that are called attachments, or text of another kind.
pub(super) fn others(parts: &[Part], said: &[Piece]) -> Vec<Piece> {
    let is_new = |n: &usize| !said.iter().any(|piece| piece.plain.contains(n) || piece.html.contains(n));
    let leaves = (0..parts.len()).filter(is_new).filter(|n| !parts[*n].multipart && !is_blank(&parts[*n]));
    let readable = |content: &Content| match content.media() {
        _ if content.is_text() && !is_file(content) => 0,
        _ if content.is_text() && is_readable_file(content) => 1,
        _ if content.disposition() == "attachment" => 3,
        "text/enriched" | "text/richtext" | "text/markdown" => 2,
        _ => 3,
    };
    let ranked: Vec<(usize, usize)> = leaves.map(|n| (readable(&parts[n].content), n)).collect();
    let best = ranked.iter().map(|(rank, _)| *rank).min().filter(|rank| *rank < 3);
    let of_best = ranked.iter().filter(|(rank, _)| Some(*rank) == best).map(|(_, n)| piece(parts, *n));
    // Texts without names of their own belong together; of files the first may be meant for reading.
    of_best.take(if best == Some(0) { usize::MAX } else { 1 }).collect()
}

/// Calendars that came as part of the text, or as files too.
pub(super) fn calendars(parts: &[Part], files_too: bool) -> impl Iterator<Item = usize> {
    let leaves = parts.iter().enumerate().filter(|(_, part)| !part.multipart);
    let calendars = leaves.filter(move |(_, part)| {
        let is_file = part.content.disposition() == "attachment" || part.content.media() != "text/calendar";
        part.content.is_calendar() && (files_too || !is_file)
    });
    calendars.map(|(n, _)| n)
}

/// Leaves that are neither shown nor files.
pub(super) fn forms(parts: &[Part]) -> impl Iterator<Item = usize> {
    let is_form = |part: &Part| {
        FORMS.contains(&part.content.media())
            && part.content.disposition() != "attachment"
            && !part.content.is_named()
    };
    parts.iter().enumerate().filter(move |(_, part)| is_form(part)).map(|(n, _)| n)
}

/// Whether a text that is shown is listed too.
pub(super) fn is_listed(content: &Content) -> bool {
    content.disposition() == "attachment" && is_file(content)
}

/// Whether a text is a file by its name.
fn is_file(content: &Content) -> bool {
    content.filename(&mut Defects::default()).is_some_and(|name| !is_made_up(&name))
}

/// `ATT00001.txt`, `email`, `message-1.html`
fn is_made_up(name: &str) -> bool {
    let (stem, ending) = stem_and_ending(name);
    let stem = stem.trim_end_matches(|c: char| {
        c.is_ascii_digit() || matches!(c, '.' | '-' | '_' | '(' | ')' | '[' | ']' | ' ')
    });
    TEXT_ENDINGS.contains(&ending.as_str()) && (MADE_UP.contains(&stem) || stem.is_empty())
}

fn is_readable_file(content: &Content) -> bool {
    let name = content.filename(&mut Defects::default()).unwrap_or_default();
    TEXT_ENDINGS.contains(&stem_and_ending(&name).1.as_str())
}

/// In lower case.
fn stem_and_ending(name: &str) -> (String, String) {
    let name = name.trim().to_lowercase();
    let (stem, ending) = name.rsplit_once('.').unwrap_or((&name, ""));
    (stem.replace([' ', '_', '-'], ""), ending.to_owned())
}

fn piece(parts: &[Part], n: usize) -> Piece {
    match parts[n].content.media() {
        "text/html" => Piece { html: vec![n], ..Piece::default() },
        _ => Piece { plain: vec![n], ..Piece::default() },
    }
}

/// Nothing but white space, or no-break spaces in UTF-8 or Latin-1.
fn is_blank(part: &Part) -> bool {
    part.leaf.bytes.iter().all(|b| b.is_ascii_whitespace() || matches!(b, 0xC2 | 0xA0))
}

/// What servers of lists and companies add in a part of its own, below a rule.
fn is_footer(part: &Part) -> bool {
    let text = part.leaf.bytes.trim_ascii_start();
    [&b"____"[..], b"----", b"-- "].iter().any(|rule| text.starts_with(rule))
}

/// The parts with their children. Depth is bounded by the scanner.
struct Tree<'a> {
    parts: &'a [Part],
    children: Vec<Vec<usize>>,
    /// The leaf where the text of the mail has its place, whatever its name: the first that is no file by it, else the
    /// first of all.
    place: Option<usize>,
}

impl<'a> Tree<'a> {
    fn new(parts: &'a [Part]) -> Self {
        let mut children = vec![Vec::new(); parts.len()];
        for (n, part) in parts.iter().enumerate() {
            if let Some(parent) = part.parent {
                children[parent].push(n);
            }
        }
        let leaf = |part: &&Part| !part.multipart;
        let says = |part: &Part| !is_blank(part) && !is_footer(part);
        let is_body = |part: &Part| part.content.is_shown_text() && !is_file(&part.content) && says(part);
        let place = parts.iter().position(|part| leaf(&part) && is_body(part));
        Self { parts, children, place: place.or_else(|| parts.iter().position(|part| leaf(&part))) }
    }

    fn walk(&self, n: usize, out: &mut Vec<Piece>) {
        let Some(part) = self.parts.get(n) else { return };
        let children = &self.children[n];
        if !part.multipart {
            if self.is_text(n) {
                out.push(piece(self.parts, n));
            } else {
                // What was found in a container.
                children.iter().for_each(|child| self.walk(*child, out));
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
            // What a person reads comes first; the others are for machines.
            "multipart/report" | "multipart/signed" if self.is_readable(children.first()) => {
                children.iter().take(1).for_each(|child| self.walk(*child, out));
            }
            _ => children.iter().for_each(|child| self.walk(*child, out)),
        }
    }

    /// A text with a name is a file, but not in the place of the mail's text.
    fn is_text(&self, n: usize) -> bool {
        let part = &self.parts[n];
        let in_alternative = || {
            part.parent.is_some_and(|parent| self.parts[parent].content.media() == "multipart/alternative")
        };
        let in_place = || self.place == Some(n) || in_alternative();
        part.content.is_shown_text() && (!part.content.is_named() || in_place())
    }

    fn is_readable(&self, n: Option<&usize>) -> bool {
        let mut pieces = Vec::new();
        n.into_iter().for_each(|n| self.walk(*n, &mut pieces));
        !pieces.is_empty()
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_programs_make_up() {
        for name in [
            "ATT00001.txt",
            "ATT00002.htm",
            "email",
            "Message.html",
            "message-1.txt",
            "E-Mail.html",
            "mail-body.htm",
            "part_2.html",
            "noname",
            "1.txt",
            "本文.txt",
        ] {
            assert!(is_made_up(name), "{name}");
        }
        for name in [
            "printer.log",
            "report.html",
            "notes.txt",
            "email.pdf",
            "message.csv",
            "attachment-list.txt",
            "textile.txt",
        ] {
            assert!(!is_made_up(name), "{name}");
        }
    }
}
