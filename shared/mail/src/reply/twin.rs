//! A text whose own lines show no quote or signature, while its HTML twin marks them.

use crate::html::{Mark, Rendered};

use super::{Cut, attribution::ENDS};

/// Letters and digits by which a line is found again.
const SAME: usize = 40;
/// Bytes of an attribution.
const MAX_BYTES: usize = 500;
/// Physical lines of one.
const MAX_LINES: usize = 4;
/// Beginnings of older mails that are kept; further below they are quoted.
const MAX_BEGINS: usize = 32;

/// Where the twin says that an older mail begins, by the letters of the text there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Begin {
    /// The whole rest is an older mail.
    Older(String),
    /// An attribution, of so many lines where it was found.
    Attribution(String, usize),
}

/// Where older mails begin in a page, by what its program marks and not by words.
pub(super) fn begins(page: &Rendered) -> Vec<Begin> {
    let lines: Vec<&str> = page.text.lines().collect();
    let mut begins = Vec::new();
    let mut before = Mark::None;
    for (n, (from, mark)) in page.marks.iter().enumerate() {
        let to = page.marks.get(n + 1).map_or(lines.len(), |(to, _)| *to);
        let shown = || lines[*from..to].iter().filter(|line| has_letters(line));
        match mark {
            Mark::QuoteToEnd => {
                begins.extend(shown().next().map(|line| Begin::Older(letters(line).collect())))
            }
            Mark::Intro if shown().take(MAX_LINES + 1).count() <= MAX_LINES => {
                let all: String = shown().flat_map(|line| letters(line)).collect();
                begins.extend(Some(Begin::Attribution(all, 0)).filter(|_| is_quote(page, n + 1)));
            }
            // Apple's stands within the quote.
            Mark::Quote if before != Mark::Intro => {
                let first = shown()
                    .next()
                    .filter(|line| line.trim_end().ends_with(ENDS) && line.contains(char::is_numeric));
                begins.extend(first.map(|line| Begin::Attribution(letters(line).collect(), 0)));
            }
            _ => {}
        }
        before = *mark;
    }
    let kept = |begin: &Begin| (8..=MAX_BYTES).contains(&begin.letters().len());
    begins.into_iter().filter(kept).take(MAX_BEGINS).collect()
}

fn is_quote(page: &Rendered, n: usize) -> bool {
    page.marks.get(n).is_some_and(|(_, mark)| matches!(mark, Mark::Quote | Mark::Block))
}

impl Begin {
    fn letters(&self) -> &str {
        match self {
            Self::Older(letters) | Self::Attribution(letters, _) => letters,
        }
    }
}

/// Which of them begins at the first of `lines`.
pub(super) fn begin(begins: &[Begin], lines: &[&str]) -> Option<Begin> {
    let head: String = lines.first().into_iter().flat_map(|line| letters(line)).take(8).collect();
    if !begins.iter().any(|begin| begin.letters().starts_with(&head)) {
        return None;
    }
    let mut all = String::new();
    for (n, line) in lines.iter().take(MAX_LINES).enumerate() {
        if line.len() > MAX_BYTES || !has_letters(line) && n > 0 {
            return None;
        }
        // A rule may stand above.
        all.extend(letters(line));
        let starts = begins.iter().any(|begin| begin.letters().starts_with(all.as_str()));
        if !starts {
            return None;
        }
        let found = begins.iter().find(|begin| begin.letters() == all);
        match found {
            Some(Begin::Attribution(letters, _)) => return Some(Begin::Attribution(letters.clone(), n + 1)),
            Some(older) => return Some(older.clone()),
            None => {}
        }
    }
    None
}

/// `cut` with what its twin knows more. Nothing but lines of `text` comes out.
pub(super) fn helped(text: &str, cut: Cut, twin: impl FnOnce() -> Cut) -> Cut {
    if !cut.older.is_empty() && !cut.signature.is_empty() {
        return cut;
    }
    let twin = twin();
    let cut = if cut.older.is_empty() && !twin.older.is_empty() { at_quote(text, cut, &twin) } else { cut };
    if cut.signature.is_empty() && !twin.signature.is_empty() {
        without_signature(text, cut, &twin)
    } else {
        cut
    }
}

/// Cuts where the twin's quote begins, when what stands above is what the twin calls new.
fn at_quote(text: &str, cut: Cut, twin: &Cut) -> Cut {
    let start: String =
        letters(twin.older.lines().find(|line| has_letters(line)).unwrap_or_default()).take(SAME).collect();
    let above: usize = letters(&twin.reply).count() + letters(&twin.signature).count();
    if start.is_empty() {
        return cut;
    }
    let mut seen = 0;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        // Links are written out in one form and not in the other.
        if seen > 0
            && seen >= above / 2
            && letters(line).take(SAME).eq(start.chars().take(letters(line).take(SAME).count()))
            && has_letters(line)
        {
            let reply = super::lines::cut(&text[..at], super::lines::Known::default());
            let older = text[at..].trim_end().to_owned();
            let quoted = joined(&reply.quoted, &older);
            return Cut { quoted, older, ..reply };
        }
        seen += letters(line).count();
        at += line.len();
    }
    cut
}

/// Takes the lines off the end that are the twin's signature.
fn without_signature(text: &str, mut cut: Cut, twin: &Cut) -> Cut {
    let wanted: Vec<char> = letters(&twin.signature).collect();
    let mut left = wanted.as_slice();
    let mut end = cut.reply.len();
    for line in cut.reply.lines().rev() {
        let line_letters: Vec<char> = letters(line).collect();
        let Some(rest) = left.strip_suffix(line_letters.as_slice()) else { return cut };
        left = rest;
        end = end.saturating_sub(line.len() + 1);
        if left.is_empty() {
            break;
        }
    }
    let kept = cut.reply[..end].trim_end().len();
    if left.is_empty() && kept > 0 && cut.reply.is_char_boundary(kept) {
        cut.signature = cut.reply[kept..].trim().to_owned();
        cut.reply.truncate(kept);
        // Most answers stand above what they quote.
        let below = text.trim_end().ends_with(&cut.signature);
        let (first, second) =
            if below { (&cut.quoted, &cut.signature) } else { (&cut.signature, &cut.quoted) };
        cut.quoted = joined(first, second);
    }
    cut
}

/// Two texts that were cut, with an empty line between.
fn joined(first: &str, second: &str) -> String {
    if first.is_empty() || second.is_empty() {
        [first, second].concat()
    } else {
        [first, second].join("\n\n")
    }
}

fn letters(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase)
}

fn has_letters(line: &str) -> bool {
    letters(line).next().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(reply: &str, older: &str, signature: &str) -> Cut {
        let [reply, older, signature] = [reply, older, signature].map(str::to_owned);
        Cut { reply, quoted: joined(&signature, &older), older, signature }
    }

    #[test]
    fn the_twin_knows_where_the_quote_begins() {
        let text = "Yes, please.\n\nJane said yesterday\nNo?";
        let helped =
            helped(text, cut(text, "", ""), || cut("Yes, please.", "Jane said yesterday\n\n> No?", ""));
        assert_eq!(helped, cut("Yes, please.", "Jane said yesterday\nNo?", ""));
    }

    #[test]
    fn and_what_the_signature_is() {
        let text = "Yes.\n\nJane Doe\nExample Ltd";
        assert_eq!(
            helped(text, cut(text, "", ""), || cut("Yes.", "", "Jane Doe Example Ltd")),
            cut("Yes.", "", "Jane Doe\nExample Ltd")
        );
        let other = helped(text, cut(text, "", ""), || cut("Yes.", "", "Somebody else"));
        assert_eq!(other, cut(text, "", ""));
    }
}
