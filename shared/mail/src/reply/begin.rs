//! Where the HTML twin of a text says that an older mail begins.

use crate::html::{Mark, Rendered};

use super::signs::ENDS;

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

pub(super) fn letters(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase)
}

pub(super) fn has_letters(line: &str) -> bool {
    letters(line).next().is_some()
}
