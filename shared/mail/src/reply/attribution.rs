//! The line above a quote that says who wrote it and when.

use memchr::memchr;

use super::{
    sentence,
    signs::{DATE_DIGITS, ENDS, has_brackets, has_time, numerals},
    verbless,
    wrote::{Verb, begins, said, says_anywhere},
};
use crate::{
    languages::{self, Words},
    text::bare,
};

/// Physical lines of one attribution.
const MAX_LINES: usize = 4;
/// Physical lines of one that is spread: `<`, the address and `>` on lines of their own.
const MAX_SPREAD: usize = 7;
/// Bytes of one attribution.
const MAX_BYTES: usize = 500;
/// Bytes of what stands behind a broken address: `> wrote:`.
const MAX_REST: usize = 80;
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

/// What is known around a line.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    /// What follows so many lines.
    pub(super) after: &'a dyn Fn(usize) -> After,
    /// The lines before, a few.
    pub(super) before: &'a [&'a str],
    /// The mail says that it answers another.
    pub(super) answers: bool,
}

/// Said of oneself, so that what follows is no quote.
static MYSELF: Words = Words::new(|| languages::words("oneself", "wrote"));

/// The number of lines of the attribution that begins at the first of `lines`.
pub(super) fn attribution(lines: &[&str], around: Around) -> Option<usize> {
    let first = lines.first()?;
    if !may_begin(first) {
        return dashed(first).then_some(1);
    }
    let found = ended(lines, around).or_else(|| spread(lines)).or_else(|| unended(lines, around));
    match found {
        Some(count) if (1..count).any(|n| is_later(lines, n, around)) => None,
        Some(count) => Some(count),
        None => (dashed(first) || runs_on(first)).then_some(1),
    }
}

/// Whether an attribution rather begins some lines below the first.
fn is_later(lines: &[&str], n: usize, around: Around) -> bool {
    let after = |m: usize| (around.after)(n + m);
    begins_later(lines[0], lines[n]) && attribution(&lines[n..], Around { after: &after, ..around }).is_some()
}

/// One that ends in a colon.
fn ended(lines: &[&str], around: Around) -> Option<usize> {
    let mut length = 0;
    for (n, line) in lines.iter().take(MAX_LINES).enumerate() {
        let line = line.trim();
        // A program broke it within the brackets of the address.
        let broken = n > 0 && line.len() <= MAX_REST && is_open(lines[n - 1]);
        if line.is_empty() || line.starts_with(['>', '＞']) && !broken || length + line.len() > MAX_BYTES {
            return None;
        }
        length += line.len() + usize::from(n > 0);
        if bare(line).ends_with(ENDS) {
            return is_attribution(&lines[..=n], &lines[n + 1..], around).then_some(n + 1);
        }
        if line.ends_with(['!', '?', '。', '！', '？']) {
            // A sentence.
            return None;
        }
    }
    None
}

/// Lines as one. A bracket that was broken off stands beside its address.
fn joined(lines: &[&str]) -> String {
    let mut all = String::new();
    for line in lines.iter().map(|line| line.trim()) {
        if !all.is_empty() && !line.starts_with('>') {
            all.push(' ');
        }
        all.push_str(line);
    }
    all
}

/// Whether a line ends within the brackets of an address.
fn is_open(line: &str) -> bool {
    line.rfind('<').is_some_and(|at| !line[at..].contains('>') && line[at..].contains('@'))
}

/// Polymail's: date and name, an empty line, `<`, `mailto:` with the address, `> wrote:`.
fn spread(lines: &[&str]) -> Option<usize> {
    let near = &lines[..lines.len().min(MAX_SPREAD)];
    let open = near.iter().skip(1).find(|line| !line.trim().is_empty())?.trim();
    if open != "<" && !open.starts_with("mailto:") && !open.starts_with("<mailto:") {
        return None;
    }
    let end = near.iter().position(|line| line.starts_with('>') && line.trim_end().ends_with(ENDS))?;
    let all = joined(&near[..=end]);
    (numerals(lines[0]) >= 3 && said(all.to_lowercase().trim_end_matches(ENDS)).is_some()).then_some(end + 1)
}

/// One without a colon: with a date, an address and, where only text follows, the verb.
fn unended(lines: &[&str], around: Around) -> Option<usize> {
    let mut length = 0;
    for (n, line) in lines.iter().take(MAX_LINES).enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('>') || length + line.len() > MAX_BYTES {
            return None;
        }
        length += line.len() + 1;
        let may_end = line.ends_with(['>', ')']) || line.ends_with(char::is_alphanumeric);
        if may_end && (n > 0 || numerals(line) >= 4) && is_unended(&lines[..=n], &lines[n + 1..], around) {
            return Some(n + 1);
        }
        if line.ends_with(['!', '?', '.', ':', '。']) {
            return None;
        }
    }
    None
}

fn is_unended(lines: &[&str], below: &[&str], around: Around) -> bool {
    let (all, after) = (joined(lines), (around.after)(lines.len()));
    let plain = bare(&all);
    if after != After::Quote && !around.answers || numerals(&plain) < DATE_DIGITS {
        return false;
    }
    let lower = plain.to_lowercase();
    match said(&lower) {
        Some(verb) => {
            let last =
                verb.at.end == lower.trim_end().len() || has_brackets(&plain) && plain.ends_with(['>', ')']);
            last && verb.begins
                && has_brackets(&plain)
                && !sentence::is_sentence(writer(&plain, &lower, &verb))
        }
        None => {
            let quote = after == After::Quote;
            verbless::is_whole(&plain, quote) && (quote || !verbless::is_log(around.before, below))
        }
    }
}

/// Whether an attribution rather begins here than at `first`.
fn begins_later(first: &str, line: &str) -> bool {
    let says_nothing = numerals(first) < DATE_DIGITS && !first.contains('@') && !begins(first);
    may_begin(line) && (begins(line) || says_nothing && line.trim().starts_with(char::is_numeric))
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
    has_brackets(head)
        && numerals(head) >= DATE_DIGITS
        && said(&head.to_lowercase()).is_some_and(|verb| verb.begins)
}

/// A first line names a day, a time or a person with an address, or the whole stands on it.
fn may_begin(line: &str) -> bool {
    let line = bare(line);
    let line = line.trim();
    let is_sign = |b: u8| b.is_ascii_digit() || matches!(b, b'@' | b'<' | b'*');
    // The first bytes of all numerals outside of ASCII, and of few letters of Europe.
    let may_be_numeral = |b: u8| b == 0xC2 || b >= 0xD9;
    let any = |is: fn(u8) -> bool| line.bytes().fold(false, |found, b| found | is(b));
    any(is_sign) || line.ends_with(ENDS) || any(may_be_numeral) && line.contains(char::is_numeric)
}

fn is_attribution(lines: &[&str], below: &[&str], around: Around) -> bool {
    let (all, after) = (joined(lines), (around.after)(lines.len()));
    let plain = bare(&all);
    let plain = plain.trim().trim_start_matches(['-', '—']).trim_start();
    let plain = plain.trim_end_matches(ENDS).trim_end_matches([' ', '\u{A0}', ':', '：']);
    let lower = plain.to_lowercase();
    let quote = after == After::Quote;
    if !quote && MYSELF.iter().any(|words| lower.contains(words)) {
        return false;
    }
    let digits = numerals(plain);
    let dated = digits >= DATE_DIGITS || digits >= 3 && has_time(plain);
    let bracketed = has_brackets(plain);
    let Some(verb) = said(&lower) else {
        if quote && around.answers && digits >= DATE_DIGITS && says_anywhere(&lower) {
            return !sentence::is_sentence(plain.split_whitespace());
        }
        let unmarked = || around.answers && !verbless::is_log(around.before, below);
        return verbless::is_attribution(&lower, plain, lines[0], quote.then_some(around.answers))
            && (quote || unmarked());
    };
    let writer = writer(plain, &lower, &verb);
    if bracketed {
        let sentence = sentence::is_sentence(writer.iter().copied());
        return !sentence && (quote || dated || around.answers);
    }
    if quote {
        return (dated || plain.contains('@')) && !sentence::is_sentence(writer.iter().copied())
            || sentence::is_name(writer);
    }
    dated && (plain.contains('@') || verb.begins) && sentence::is_name(writer)
}

/// The words that name the writer: those behind date and time, or before them, without verb and address.
fn writer<'t>(plain: &'t str, lower: &str, verb: &Verb) -> Vec<&'t str> {
    // Few letters have another length in lower case.
    let at = if lower.len() == plain.len() { verb.at.clone() } else { 0..0 };
    let (before, behind) = match (plain.get(..at.start), plain.get(at.end..)) {
        (Some(before), Some(behind)) => (before, behind),
        _ => (plain, ""),
    };
    let words: Vec<&str> = before
        .split_whitespace()
        .chain(behind.split_whitespace())
        .filter(|word| !word.contains('@'))
        .collect();
    let is_date = |word: &&str| word.contains(char::is_numeric);
    let behind = words.iter().rposition(is_date).map_or(0, |last| last + 1);
    let has_letters = |words: &[&str]| words.iter().any(|word| word.contains(char::is_alphabetic));
    if behind > 0 && !has_letters(&words[behind..]) {
        let end = words.iter().position(is_date).unwrap_or(0);
        return words[..end].to_vec();
    }
    words[behind..].to_vec()
}

/// Zoho's `---- On ... wrote ----` and `---- Jane Doe wrote ----`, Notes' `-----Jane Doe wrote: -----` and
/// `Jane Doe---05.01.2026 12:34:56---Hello`.
fn dashed(line: &str) -> bool {
    let line = line.trim();
    if line.len() > MAX_BYTES {
        return false;
    }
    if line.starts_with("---") && line.ends_with("---") {
        let inner = line.trim_matches(['-', ' ']);
        let plain = inner.trim_end_matches([':', ' ']);
        let lower = plain.to_lowercase();
        let named = |verb: &Verb| sentence::is_name(writer(plain, &lower, verb));
        return said(&lower).is_some_and(|verb| {
            numerals(inner) >= DATE_DIGITS || inner.contains('@') || inner.ends_with(':') || named(&verb)
        });
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
