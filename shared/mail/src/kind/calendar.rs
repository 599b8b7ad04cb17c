//! Answers to invitations (RFC 5546).
//!
//! Whoever answers clicks a button, and may write a sentence beside it or add a file: then an answer is likely only.

use super::{
    seen::{Leaf, Seen},
    verdict::Verdict,
    writer::Writer,
};
use crate::reply;

/// Forms of text and calendar.
const FORMS: [&str; 4] = ["text/plain", "text/html", "text/calendar", "application/ics"];

/// Methods of answers and cancellations. A proposal of another time wants something.
const METHODS: [&str; 4] = ["reply", "cancel", "counter", "declinecounter"];

pub(super) fn look(seen: &Seen<'_>, writer: &Writer) -> Option<Verdict> {
    let calendars =
        seen.leaves.iter().filter(|leaf| matches!(leaf.media, "text/calendar" | "application/ics"));
    let answers = calendars.map(|leaf| (leaf, method(leaf))).filter(|(_, it)| METHODS.contains(&it.as_str()));
    let (leaf, method) = answers.min_by_key(|(leaf, _)| leaf.is_file)?;
    let has_text = seen.has_own_text();
    // A file that somebody sends with a question.
    if has_text && (leaf.is_file && !writer.is_server() || reply::is_forward(seen.subject, "")) {
        return None;
    }
    let only = seen.leaves.iter().all(|leaf| FORMS.contains(&leaf.media));
    let clicked = only && !leaf.is_file && !leaf.method.is_empty() && !has_comment(leaf);
    let certain = clicked && (!has_text || by_google(seen)) && matches!(&*method, "reply" | "cancel");
    Some(Verdict::certain_if(certain, format!("a calendar with method {method}")))
}

/// Google writes a sentence of its own, and a parameter for what its user said.
fn by_google(seen: &Seen<'_>) -> bool {
    seen.lower("sender").contains("calendar-notification@google.com")
        && seen.lower("auto-submitted").starts_with("auto-generated")
}

/// Whether it holds what its sender said of the answer: COMMENT (RFC 5545, section 3.8.1.4), or Google's parameter.
fn has_comment(leaf: &Leaf<'_>) -> bool {
    let text = String::from_utf8_lossy(leaf.head);
    let value =
        |line: &str| line.split_once(':').is_some_and(|(_, said)| said.contains(char::is_alphanumeric));
    let is_comment = |line: &str| line.starts_with("COMMENT") && value(&line.replace("\\n", " "));
    text.lines().any(|line| is_comment(line) || line.contains("X-RESPONSE-COMMENT"))
}

/// The method stands in the content type or, with many programs, only in the calendar itself.
fn method(leaf: &Leaf<'_>) -> String {
    if !leaf.method.is_empty() {
        return leaf.method.clone();
    }
    let text = String::from_utf8_lossy(leaf.head);
    let line = text.lines().find_map(|line| line.strip_prefix("METHOD:")).unwrap_or_default();
    line.trim().to_ascii_lowercase()
}
