//! How pages say names, times, numbers and sizes.

use intake::{
    Timestamp,
    types::issue::{IssueStatus, Person},
};
use maud::{Markup, html};

/// The most bytes of a name or address that pages show: mails may have as many as they like.
const MAX_SHOWN: usize = 300;

/// A person's name, else the address.
pub(super) fn name(person: &Person) -> &str {
    match (person.name.as_str(), person.address.as_str()) {
        ("", "") => "Unknown sender",
        ("", address) => shown(address),
        (name, _) => shown(name),
    }
}

/// As much of a word from a mail as a page shows.
pub(super) fn shown(word: &str) -> &str {
    &word[..word.floor_char_boundary(MAX_SHOWN)]
}

/// The word for a status.
pub(super) fn status(status: IssueStatus) -> &'static str {
    match status {
        IssueStatus::Open => "open",
        IssueStatus::InProgress => "in progress",
        IssueStatus::Closed => "closed",
    }
}

/// `2026-11-24 08:00 UTC`, told to machines too.
pub(super) fn when(at: Timestamp) -> Markup {
    let text = at.to_string();
    let minute = text.get(..16).unwrap_or(&text).replace('T', " ");
    html! { time datetime=(text) { (minute) " UTC" } }
}

/// `1 comment`, `2 comments`.
pub(super) fn counted(n: u64, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

/// `480 B`, `12 kB`, `1.4 MB`.
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..1000 => format!("{bytes} B"),
        1000..1_000_000 => format!("{} kB", bytes / 1000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
    }
}
