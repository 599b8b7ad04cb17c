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
pub(crate) fn word(key: &'static str) -> String {
    Sentence::new(key).message(language::present())
}

/// The word for one of several things, such as a state; the thing itself where the catalogue has none.
pub(crate) fn word_for(kind: &'static str, thing: &str) -> String {
    word_or(kind, thing).unwrap_or_else(|| thing.to_owned())
}

/// The same, where the catalogue has one.
pub(crate) fn word_or(kind: &'static str, thing: &str) -> Option<String> {
    Sentence::variant(kind, thing).say(language::present()).map(|said| said.message)
}

/// A sentence, what happened and what to do, in the reader's language.
pub(crate) fn whole(sentence: &Sentence) -> String {
    sentence.whole(language::present())
}

/// A sentence with a value.
pub(crate) fn with(key: &'static str, name: &'static str, value: impl ToString) -> String {
    Sentence::new(key).with(name, value).message(language::present())
}

/// A sentence with markup in the place of this name.
pub(crate) fn around(key: &'static str, name: &'static str, markup: Markup) -> Markup {
    let sentence = Sentence::new(key).with(name, PLACE).message(language::present());
    let (before, after) = sentence.split_once(PLACE).unwrap_or((&sentence, ""));
    html! { (before) (markup) (after) }
}

/// `1 comment`, `2 comments`: the form that the language has for this number.
pub(crate) fn counted(key: &'static str, n: u64) -> String {
    Sentence::new(key).with("count", number(n)).message(language::present())
}

/// A person's name, else the address.
pub(crate) fn name(person: &Person) -> Cow<'_, str> {
    match (person.name.as_str(), person.address.as_str()) {
        ("", "") => word("page.unknown_sender").into(),
        ("", address) => shown(address).into(),
        (name, _) => shown(name).into(),
    }
}

/// As much of a word from a mail as a page shows.
pub(crate) fn shown(word: &str) -> &str {
    &word[..word.floor_char_boundary(MAX_SHOWN)]
}

/// The word for a status.
pub(crate) fn status(status: IssueStatus) -> String {
    word(match status {
        IssueStatus::Open => "page.status.open",
        IssueStatus::InProgress => "page.status.in_progress",
        IssueStatus::Closed => "page.status.closed",
    })
}

/// `2026-11-24 17:00 JST`: in the reader's time zone, told to machines too.
pub(crate) fn when(at: Timestamp) -> Markup {
    html! { time datetime=(at) { (moment(at)) } }
}

/// The same as text.
pub(crate) fn moment(at: Timestamp) -> String {
    at.to_zoned_datetime(language::zone()).strftime(&word("page.time")).to_string()
}

/// `5 minutes ago`, `in 12 days`; the whole time lies behind it.
pub(crate) fn ago(at: Timestamp, now: Timestamp) -> Markup {
    let seconds = now.as_second() - at.as_second();
    html! { time datetime=(at) title=(moment(at)) { (distance(seconds)) } }
}

/// `5 minutes ago` of so many seconds in the past, `in 5 minutes` of as many in the future.
pub(crate) fn distance(seconds: i64) -> String {
    let (keys, of): ([&'static str; 2], u64) = match seconds.unsigned_abs() {
        0..60 => return word(if seconds >= 0 { "page.ago.now" } else { "page.in.now" }),
        s @ 60..3_600 => (["page.ago.minutes", "page.in.minutes"], s / 60),
        s @ 3_600..86_400 => (["page.ago.hours", "page.in.hours"], s / 3_600),
        s => (["page.ago.days", "page.in.days"], s / 86_400),
    };
    counted(if seconds >= 0 { keys[0] } else { keys[1] }, of)
}

/// `12 s`, `3 min`, `5 h`, `2 d`: how long something takes, in the symbols that both languages use.
pub(crate) fn duration(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// `1,234`: English and Japanese group digits alike.
pub(crate) fn number(n: u64) -> String {
    let digits = n.to_string();
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    groups.join(",")
}

/// `480 B`, `12 kB`, `1.4 MB`: the symbols of the SI and the decimal point are those of both languages.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..1000 => format!("{bytes} B"),
        1000..1_000_000 => format!("{} kB", bytes / 1000),
        _ => format!("{}.{} MB", number(bytes / 1_000_000), bytes / 100_000 % 10),
    }
}
