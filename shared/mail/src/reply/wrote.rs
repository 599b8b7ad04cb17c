//! The words for "wrote" of all languages, and how the lines begin in which they stand.

use std::{ops::Range, sync::LazyLock};

use aho_corasick::{AhoCorasick, Anchored, Input, StartKind};

use crate::languages::{self, Group};

/// Bytes in which the beginning of an attribution lies.
const MAX_BEGIN: usize = 64;
/// Bytes of a name after the verb.
const MAX_NAME: usize = 60;

/// One way of writing attributions, all in lower case.
struct Row {
    /// How the line begins, or may.
    begins: Vec<&'static str>,
    /// The word for "wrote" stands last, before the colon; else anywhere.
    last: bool,
    /// "wrote".
    wrote: Vec<&'static str>,
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let row = |group: &Group, last, key| {
        let wrote: Vec<_> = group.words(key).collect();
        (!wrote.is_empty()).then(|| Row { begins: group.words("begins").collect(), last, wrote })
    };
    let groups = languages::all().iter().flat_map(|language| language.groups("attribution"));
    groups
        .flat_map(|group| [row(group, true, "wrote last"), row(group, false, "wrote within")])
        .flatten()
        .collect()
});

/// Whether a line begins as a row says, beyond doubt.
pub(super) fn begins(line: &str) -> bool {
    let line = line.trim();
    let lower = line[..line.floor_char_boundary(MAX_BEGIN)].to_lowercase();
    let start = Input::new(&lower).anchored(Anchored::Yes);
    BEGINS.as_ref().is_some_and(|begins| begins.find(start).is_some())
}

/// How attributions begin beyond doubt.
static BEGINS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let all = ROWS.iter().flat_map(|row| &row.begins).filter(|begin| begin.len() > 2);
    AhoCorasick::builder().start_kind(StartKind::Anchored).build(all).ok()
});

/// All words for "wrote", and the rows that they are of.
static WROTE: LazyLock<(Option<AhoCorasick>, Vec<&'static Row>)> = LazyLock::new(|| {
    let all = || ROWS.iter().flat_map(|row| row.wrote.iter().map(move |wrote| (wrote, row)));
    (AhoCorasick::new(all().map(|(wrote, _)| wrote)).ok(), all().map(|(_, row)| row).collect())
});

/// The word for "wrote" in a line.
#[derive(Debug)]
pub(super) struct Verb {
    /// The line also begins as the verb's row says.
    pub(super) begins: bool,
    pub(super) at: Range<usize>,
}

/// Whether a row says "wrote" of this line.
pub(super) fn said(lower: &str) -> Option<Verb> {
    let tail = lower.trim_end_matches([',', '.', ' ']).len();
    let (words, rows) = &*WROTE;
    let mut found: Option<Verb> = None;
    for hit in words.iter().flat_map(|words| words.find_overlapping_iter(lower)) {
        let row = rows[hit.pattern().as_usize()];
        let rest = &lower[hit.end()..];
        let placed = !row.last || hit.end() == tail;
        if placed && !is_glued(&lower[..hit.start()], &lower[hit.range()]) {
            let begins = lower.starts_with(char::is_numeric)
                || row.begins.is_empty()
                || row.begins.iter().any(|begin| lower.starts_with(begin));
            // After the verb comes a name, or in prose a clause.
            let name = row.last || rest.len() <= MAX_NAME && !rest.contains(',');
            let begins = begins && name;
            // The longest of those that end at the same place comes first.
            if found.as_ref().is_none_or(|found| begins && !found.begins) {
                found = Some(Verb { begins, at: hit.range() });
            }
        }
    }
    found
}

/// Whether a line has a word for "wrote" in any language, wherever it stands.
pub(super) fn says_anywhere(lower: &str) -> bool {
    let mut hits = WROTE.0.iter().flat_map(|words| words.find_overlapping_iter(lower));
    hits.any(|hit| {
        !is_glued(&lower[..hit.start()], &lower[hit.range()]) && lower[hit.end()..].starts_with([' ', ','])
    })
}

/// Whether a word is the end of a longer one. Scripts without spaces have no words to tell.
fn is_glued(before: &str, word: &str) -> bool {
    let spaced = |c: char| c.is_alphabetic() && (c as u32) < 0x590;
    before.ends_with(spaced) && word.starts_with(spaced)
}
