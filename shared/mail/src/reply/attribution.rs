//! The line above a quote that says who wrote it and when.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use memchr::memchr;

use super::{attribution_rows::ROWS, bare};

/// Physical lines of one attribution.
const MAX_LINES: usize = 4;
/// Bytes of one attribution.
const MAX_BYTES: usize = 500;
/// Digits that a date has at least.
const DATE_DIGITS: usize = 6;
/// Bytes of a name after the verb.
const MAX_NAME: usize = 60;

/// What follows a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    /// A line that is marked as quoted.
    Quote,
    /// A line that is not.
    Text,
    /// No line.
    Nothing,
}

/// Where the word for "wrote" stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Last, before the colon.
    End,
    /// Anywhere.
    Within,
}

/// An attribution in one language, all in lower case.
pub(super) struct Row {
    /// ISO 639.
    #[cfg_attr(not(test), allow(dead_code))]
    pub(super) language: &'static str,
    /// How the line begins, or may.
    pub(super) begins: &'static [&'static str],
    pub(super) place: Place,
    /// "wrote".
    pub(super) wrote: &'static [&'static str],
    /// Real lines, for the test.
    #[cfg_attr(not(test), allow(dead_code))]
    pub(super) samples: &'static [&'static str],
}

/// Said of oneself, so that what follows is no quote.
const MYSELF: &[&str] = &[
    " i wrote",
    " i write",
    " we wrote",
    "schrieb ich",
    "schrieben wir",
    "schreef ik",
    "skrev jag",
    "skrev jeg",
    " você escreveu",
    " you wrote",
    "schriebst du",
    "schrieben sie",
];

/// The number of lines of the attribution that begins at the first of `lines`.
/// `after` tells what follows so many lines.
pub(super) fn attribution(lines: &[&str], after: &dyn Fn(usize) -> After) -> Option<usize> {
    let first = lines.first()?;
    if !may_begin(first) {
        return dashed(first).then_some(1);
    }
    let mut length = 0;
    for (n, line) in lines.iter().take(MAX_LINES).enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with(['>', '＞']) || length + line.len() > MAX_BYTES {
            break;
        }
        length += line.len() + usize::from(n > 0);
        let ends = bare(line).ends_with([':', '：']);
        let joined = || lines[..=n].iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
        if ends && is_attribution(&joined(), after(n + 1)) {
            let later = (1..=n).any(|n| {
                begins_later(first, lines[n]) && attribution(&lines[n..], &|m| after(n + m)).is_some()
            });
            return (!later).then_some(n + 1);
        }
        if line.ends_with(['!', '?', '。', '！', '？']) {
            // A sentence.
            break;
        }
    }
    (dashed(first) || runs_on(first)).then_some(1)
}

/// Whether an attribution rather begins here than at `first`.
fn begins_later(first: &str, line: &str) -> bool {
    let digits = first.chars().filter(|c| c.is_numeric()).count();
    let says_nothing = digits < DATE_DIGITS && !first.contains('@') && !begins(first);
    may_begin(line) && (begins(line) || says_nothing && line.trim().starts_with(char::is_numeric))
}

/// Whether a line begins as a row says, beyond doubt.
fn begins(line: &str) -> bool {
    let lower = line.trim().to_lowercase();
    ROWS.iter().any(|row| row.begins.iter().any(|begin| begin.len() > 2 && lower.starts_with(begin)))
}

/// Yahoo on Android sets the quote behind its attribution, in the same line.
fn runs_on(line: &str) -> bool {
    let line = line.trim_start();
    if memchr(b':', line.as_bytes()).is_none() {
        return false;
    }
    let Some((head, _)) = line.split_once(":  ").filter(|(head, _)| head.len() <= MAX_BYTES) else {
        return false;
    };
    let digits = head.chars().filter(|c| c.is_numeric()).count();
    has_brackets(head) && digits >= DATE_DIGITS && said(&head.to_lowercase()) == Some(true)
}

/// A first line names a day, a time or a person with an address, or the whole stands on it.
fn may_begin(line: &str) -> bool {
    let line = bare(line);
    let line = line.trim();
    let is_sign = |b: u8| b.is_ascii_digit() || matches!(b, b'@' | b'<' | b'*');
    // The first bytes of all numerals outside of ASCII, and of few letters of Europe.
    let may_be_numeral = |b: u8| b == 0xC2 || b >= 0xD9;
    let any = |is: fn(u8) -> bool| line.bytes().fold(false, |found, b| found | is(b));
    any(is_sign) || line.ends_with([':', '：']) || any(may_be_numeral) && line.contains(char::is_numeric)
}

fn is_attribution(joined: &str, after: After) -> bool {
    let plain = bare(joined);
    let plain = plain.trim().trim_end_matches([':', '：', ' ', '\u{A0}']);
    let lower = plain.to_lowercase();
    let quote = after == After::Quote;
    if !quote && MYSELF.iter().any(|words| lower.contains(words)) {
        return false;
    }
    let digits = plain.chars().filter(|c| c.is_numeric()).count();
    let dated = digits >= DATE_DIGITS || digits >= 3 && has_time(plain);
    let address = plain.contains('@');
    match said(&lower) {
        Some(begins) => quote || address && (dated || has_brackets(plain)) || begins && dated,
        None => no_verb(&lower, plain, quote, dated, digits),
    }
}

/// All words for "wrote", and the rows that they are of.
static WROTE: LazyLock<(Option<AhoCorasick>, Vec<&'static Row>)> = LazyLock::new(|| {
    let all = || ROWS.iter().flat_map(|row| row.wrote.iter().map(move |wrote| (wrote, row)));
    (AhoCorasick::new(all().map(|(wrote, _)| wrote)).ok(), all().map(|(_, row)| row).collect())
});

/// Whether a row says "wrote" of this line, and if so, whether it also begins as that row says.
fn said(lower: &str) -> Option<bool> {
    let tail = lower.trim_end_matches([',', '.', ' ']).len();
    let (words, rows) = &*WROTE;
    let mut found = None;
    for hit in words.iter().flat_map(|words| words.find_overlapping_iter(lower)) {
        let row = rows[hit.pattern().as_usize()];
        let rest = &lower[hit.end()..];
        let placed = row.place == Place::Within || hit.end() == tail;
        if placed && !is_glued(&lower[..hit.start()], &lower[hit.range()]) {
            let begins = lower.starts_with(char::is_numeric)
                || row.begins.is_empty()
                || row.begins.iter().any(|begin| lower.starts_with(begin));
            // After the verb comes a name, or in prose a clause.
            let name = row.place == Place::End || rest.len() <= MAX_NAME && !rest.contains(',');
            found = Some(found.unwrap_or(false) || begins && name);
        }
    }
    found
}

/// Whether a word is the end of a longer one. Scripts without spaces have no words to tell.
fn is_glued(before: &str, word: &str) -> bool {
    let spaced = |c: char| c.is_alphabetic() && (c as u32) < 0x590;
    before.ends_with(spaced) && word.starts_with(spaced)
}

/// Dates and an address do without a verb: `2026年1月5日(月) 12:34 名前 <a@b>:`, `05.01.2026, 12:34, "N" <a@b>:`.
fn no_verb(lower: &str, plain: &str, quote: bool, dated: bool, digits: usize) -> bool {
    let closed = has_brackets(plain) && plain.ends_with(['>', ')', ']', '"']);
    let opens = plain.starts_with(|c: char| c.is_numeric() || matches!(c, '*' | '+'))
        || WEEKDAYS.iter().any(|day| lower.starts_with(day));
    if quote {
        return opens && dated || closed && digits >= 4;
    }
    closed && dated && opens
}

/// Beginnings of weekdays before which no verb is written.
const WEEKDAYS: [&str; 14] = [
    "понедельник",
    "вторник",
    "среда",
    "четверг",
    "пятница",
    "суббота",
    "воскресенье",
    "пн,",
    "вт,",
    "ср,",
    "чт,",
    "пт,",
    "сб,",
    "вс,",
];

fn has_brackets(text: &str) -> bool {
    text.split(['<', '(', '['])
        .skip(1)
        .any(|piece| piece.split(['>', ')', ']']).next().is_some_and(|inner| inner.contains('@')))
}

/// `12:34`, `12.34` or `12h34`.
fn has_time(text: &str) -> bool {
    text.as_bytes().windows(4).any(|w| {
        w[0].is_ascii_digit()
            && matches!(w[1], b':' | b'.' | b'h')
            && w[2].is_ascii_digit()
            && w[3].is_ascii_digit()
    })
}

/// Zoho's `---- On ... wrote ----`, Notes' `-----Jane Doe wrote: -----` and `Jane Doe---05.01.2026 12:34:56---Hello`.
fn dashed(line: &str) -> bool {
    let line = line.trim();
    if line.len() > MAX_BYTES {
        return false;
    }
    if line.starts_with("---") && line.ends_with("---") {
        let inner = line.trim_matches(['-', ' ']);
        let lower = inner.trim_end_matches([':', ' ']).to_lowercase();
        let digits = inner.chars().filter(|c| c.is_numeric()).count();
        return said(&lower).is_some()
            && (digits >= DATE_DIGITS || inner.contains('@') || inner.ends_with(':'));
    }
    if memchr(b'-', line.as_bytes()).is_none() {
        return false;
    }
    let mut pieces = line.split("---");
    let (Some(name), Some(date), Some(_)) = (pieces.next(), pieces.next(), pieces.next()) else {
        return false;
    };
    let digits = date.chars().filter(|c| c.is_ascii_digit()).count();
    !name.trim().is_empty() && name.len() < 80 && date.len() < 40 && digits >= 10 && has_time(date)
}

#[cfg(test)]
#[path = "attribution_tests.rs"]
mod tests;
