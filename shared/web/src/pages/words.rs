//! The words of pages, from the catalogue, and how pages say names, times, numbers and sizes.

use std::borrow::Cow;

use intake::{
    Sentence, Timestamp,
    types::issue::{IssueStatus, Person},
};
use maud::{Markup, html};

use crate::language;

/// The most bytes of a name or address that pages show: mails may have as many as they like.
const MAX_SHOWN: usize = 300;
/// Stands in a sentence where markup comes (Unicode's object replacement character).
const PLACE: char = '\u{fffc}';

/// A word or sentence of the catalogue, in the reader's language.
pub(super) fn word(key: &'static str) -> String {
    Sentence::new(key).message(language::present())
}

/// A sentence with markup in the place of this name.
pub(super) fn around(key: &'static str, name: &'static str, markup: Markup) -> Markup {
    let sentence = Sentence::new(key).with(name, PLACE).message(language::present());
    let (before, after) = sentence.split_once(PLACE).unwrap_or((&sentence, ""));
    html! { (before) (markup) (after) }
}

/// `1 comment`, `2 comments`: the form that the language has for this number.
pub(super) fn counted(key: &'static str, n: u64) -> String {
    Sentence::new(key).with("count", number(n)).message(language::present())
}

/// A person's name, else the address.
pub(super) fn name(person: &Person) -> Cow<'_, str> {
    match (person.name.as_str(), person.address.as_str()) {
        ("", "") => word("page.unknown_sender").into(),
        ("", address) => shown(address).into(),
        (name, _) => shown(name).into(),
    }
}

/// As much of a word from a mail as a page shows.
pub(super) fn shown(word: &str) -> &str {
    &word[..word.floor_char_boundary(MAX_SHOWN)]
}

/// The word for a status.
pub(super) fn status(status: IssueStatus) -> String {
    word(match status {
        IssueStatus::Open => "page.status.open",
        IssueStatus::InProgress => "page.status.in_progress",
        IssueStatus::Closed => "page.status.closed",
    })
}

/// `2026-11-24 08:00 UTC`, told to machines too.
pub(super) fn when(at: Timestamp) -> Markup {
    html! { time datetime=(at) { (at.strftime(&word("page.time"))) } }
}

/// `1,234`: English and Japanese group digits alike.
fn number(n: u64) -> String {
    let digits = n.to_string();
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    groups.join(",")
}

/// `480 B`, `12 kB`, `1.4 MB`: the symbols of the SI and the decimal point are those of both languages.
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..1000 => format!("{bytes} B"),
        1000..1_000_000 => format!("{} kB", bytes / 1000),
        _ => format!("{}.{} MB", number(bytes / 1_000_000), bytes / 100_000 % 10),
    }
}
