//! Lines that phones, webmail and virus scanners write below a mail.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use memchr::{memchr2, memchr3};

use super::device::{self, ANY_DEVICE, ENDS, OWN_DEVICE, PRODUCTS};
use crate::{
    languages::{self, Words},
    text::bare,
};

/// How lines begin that mobile programs and webmail write under a mail, in lower case.
static BEGINS: Words = Words::new(|| languages::words("device", "begins"));

/// Bytes of a line that a program writes below a mail.
const MAX_MOBILE: usize = 160;

/// Lines that name a program by a word which says something else in other lines, in their own case.
static WHOLE: Words = Words::new(|| languages::words("device", "whole"));

/// Lines that virus scanners and the like put below a mail.
pub(super) static SCANNERS: Words = Words::new(|| languages::words("signature", "scanner"));

/// One of these is in each line that [`is_mobile`] knows.
static HINTS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .kind(Some(AhoCorasickKind::DFA))
        .ascii_case_insensitive(true)
        .build([&PRODUCTS, &ANY_DEVICE, &OWN_DEVICE, &SCANNERS].into_iter().flat_map(|words| words.iter()))
        .ok()
});

/// A line that a mobile program, a webmailer or a scanner wrote below the mail.
pub(super) fn is_mobile(line: &str) -> bool {
    let line = bare(line);
    let line = line
        .trim()
        .trim_matches(|c| matches!(c, '*' | '_' | '[' | '"' | '(' | ')' | '-' | '–' | '—' | '~' | '|' | ' '));
    if line.is_empty() || line.len() > MAX_MOBILE || !may_be_mobile(line) {
        return false;
    }
    let is_whole = || WHOLE.contains(&without_links(line).trim_matches(['.', ' ']));
    if WHOLE.iter().any(|whole| line.starts_with(whole)) && is_whole() {
        return true;
    }
    if !names_product(line) {
        return false;
    }
    let lower = line.to_lowercase();
    let words = words_of(&lower);
    if lower.contains("outlook") && (lower.contains("aka.ms/") || lower.contains("go.microsoft.com/fwlink")) {
        return true;
    }
    if SCANNERS.iter().any(|start| lower.starts_with(start)) {
        return words.len() < 100;
    }
    let begins = || BEGINS.iter().any(|begin| lower.starts_with(begin));
    let ends = || ENDS.iter().find(|end| words.ends_with(end.trim_end_matches('.')));
    // `Outlook für iOS herunterladen`
    let named = |end: &&str| !GET_ENDS.contains(end) || lower.contains("ios") || lower.contains("android");
    (begins()
        || ends().is_some_and(named)
        || ANY_DEVICE.iter().chain(&*OWN_DEVICE).any(|start| lower.starts_with(start)))
        && words.split_whitespace().count() <= 16
        && !words.contains('?')
        && short_get(&lower)
        && device::is_named(&without_links(line))
}

/// Whether a device, a program or a scanner is named in a line.
fn names_product(line: &str) -> bool {
    let names = |line: &str| HINTS.as_ref().is_some_and(|hints| hints.is_match(line));
    if line.is_ascii() { names(line) } else { names(&line.to_lowercase()) }
}

/// A line without the links that stand behind words.
fn without_links(line: &str) -> String {
    let is_link = |word: &&str| word.starts_with("www.") || word.starts_with("http");
    let words = line.split(' ').filter(|word| !is_link(word));
    let line = words.collect::<Vec<_>>().join(" ");
    without_brackets(&line)
}

fn without_brackets(line: &str) -> String {
    let pieces = line.split(['<', '(']).enumerate().map(|(n, piece)| {
        let (inner, rest) = piece.split_once(['>', ')']).unwrap_or((piece, ""));
        if n > 0 && (inner.contains("://") || inner.contains('@')) { rest } else { piece }
    });
    pieces.collect::<Vec<_>>().join(" ")
}

/// Whether a line without links may be one, by its first and last bytes; those outside of ASCII may be anything.
pub(super) fn may_begin_or_end(line: &str) -> bool {
    let is_around = |b: &u8| !b.is_ascii_alphanumeric() && b.is_ascii();
    let (begins, ends) = &*EDGES;
    let (first, last) = (line.bytes().skip_while(is_around), line.bytes().rev().skip_while(is_around));
    let wide = |edge: &mut dyn Iterator<Item = u8>| edge.take(EDGE).any(|b| !b.is_ascii());
    wide(&mut first.clone())
        || wide(&mut last.clone())
        || begins.may_hold(first.map(char::from))
        || ends.may_hold(last.map(char::from))
}

/// Without a look at the whole line: whether it begins or ends as one does, or has a link or brackets.
fn may_be_mobile(line: &str) -> bool {
    let (begins, ends) = &*EDGES;
    begins.may_hold(line.chars())
        || ends.may_hold(line.trim_end_matches(BEHIND_WORDS).chars().rev())
        || memchr3(b'/', b'<', b'(', line.as_bytes()).is_some()
}

/// How all lines that are known begin and end.
static EDGES: LazyLock<(Edges, Edges)> = LazyLock::new(|| {
    let begins = BEGINS.iter().chain(&*ANY_DEVICE).chain(&*SCANNERS).chain(&*OWN_DEVICE);
    let ends = ENDS.iter().map(|end| end.trim_end_matches('.'));
    (Edges::new(begins.map(|begin| begin.chars())), Edges::new(ends.map(|end| end.chars().rev())))
});

/// The first characters at one end of each of many texts, in any case; as digests, so that one more may be found.
struct Edges(Vec<u64>);

impl Edges {
    fn new(all: impl Iterator<Item = impl Iterator<Item = char>>) -> Self {
        let mut edges = vec![0; PLACES / 64];
        for edge in all {
            let place = edge.take(EDGE).fold(0, Self::place);
            edges[place / 64] |= 1 << (place % 64);
        }
        Self(edges)
    }

    /// Where a text lies that goes on with this character.
    fn place(before: usize, c: char) -> usize {
        // Of letters that become two, the first tells enough. The other sigma stands where a word ends.
        let lower = match c {
            'ς' => 'σ',
            c if c.is_ascii() => c.to_ascii_lowercase(),
            c => c.to_lowercase().next().unwrap_or(c),
        };
        (before * 151 + lower as usize) % PLACES
    }

    fn has(&self, place: usize) -> bool {
        self.0[place / 64] & 1 << (place % 64) != 0
    }

    fn may_hold(&self, edge: impl Iterator<Item = char>) -> bool {
        let mut place = 0;
        for c in edge.take(EDGE) {
            place = Self::place(place, c);
            if self.has(place) {
                return true;
            }
        }
        false
    }
}

/// Characters that are looked at.
const EDGE: usize = 4;
/// Bits of their digests.
const PLACES: usize = 1 << 15;

/// Signs that may stand behind the last word.
const BEHIND_WORDS: [char; 3] = [' ', ']', '.'];

/// Outlook's link stands behind its words, in any language.
fn words_of(line: &str) -> &str {
    let end = memchr2(b'<', b'(', line.as_bytes()).unwrap_or(line.len());
    line[..end].trim_end_matches(BEHIND_WORDS)
}

/// How lines begin that tell people to get a program.
static GET: Words = Words::new(|| languages::words("device", "get"));

/// How such lines end.
static GET_ENDS: Words = Words::new(|| languages::words("device", "get ends"));

/// `Get ...` and its like only speak of Outlook and programs for two systems.
fn short_get(lower: &str) -> bool {
    !GET.iter().any(|get| lower.starts_with(get))
        || lower.ends_with("发送")
        || lower.ends_with("傳送")
        || lower.contains("for android")
        || lower.contains("for ios")
        || lower.contains("outlook")
}

#[cfg(test)]
#[path = "mobile_tests.rs"]
mod tests;
