//! What a mail would become, in words.

use intake::{
    flows::messages::{Compared, Difference, Fate, FateChange, Rehearsal},
    types::message::TraceStep,
};
use maud::{Markup, html};
use serde_json::Value;

use super::super::{
    super::frame::{
        parts::{Tone, badge, card, notice, table},
        words::{counted, shown, when, with, word, word_for},
    },
    common::len,
};
use crate::language;

/// The differences that are shown: a page has its limits.
const SHOWN: usize = 100;
/// The changes of one mail that are shown.
const CHANGES: usize = 6;
/// The longest value that is shown, characters.
const VALUE: usize = 60;
/// What the first words of a fate tell already, and texts, which are too long.
const TOLD: [&str; 6] = ["decision", "reason", "project", "issue_key", "text", "quoted_text"];

/// What a dry run found, step by step.
pub(super) fn rehearsed(found: &Rehearsal) -> Markup {
    let tone = tone(found.decision);
    let reason = found.reason.map(|reason| word_for("page.handler_reason", reason.as_str()));
    html! {
        (notice(tone, html! {
            p { strong { (word_for("page.fate", found.decision)) }
                @if let Some(key) = &found.issue_key { ": " a href={ "/issues/" (key) } { (key) } }
                @else if let Some(project) = &found.project { ": " (project) }
                @if let Some(reason) = reason { " – " (reason) }
            }
        }))
        h3 { (word("page.handlers.steps")) }
        ol.trace { @for step in &found.trace { (self::step(step)) } }
    }
}

fn step(step: &TraceStep) -> Markup {
    let told = step.clone().in_language(language::present());
    html! { li { span.faint { (word_for("page.handler_step", &told.step)) } " " span dir="auto" { (told.detail) } } }
}

fn tone(decision: &str) -> Tone {
    match decision {
        "create" | "comment" => Tone::Good,
        "hold" => Tone::Warn,
        _ => Tone::Calm,
    }
}

/// What other handlers would change.
pub(super) fn compared(found: &Compared) -> Markup {
    let all = found.same + len(found.different.len());
    let different = len(found.different.len());
    let tone = if different == 0 { Tone::Good } else { Tone::Warn };
    html! {
        (notice(tone, html! {
            @if all == 0 { p { (word("page.handlers.compared.none")) } }
            @else if different == 0 { p { (counted("page.handlers.compared.same", all)) } }
            @else { p { strong { (of_all(different, all)) } } }
            @if found.left_out > 0 { p { (counted("page.handlers.compared.left_out", found.left_out)) } }
            @if !found.complete { p { strong { (word("page.mailbox.incomplete")) } } }
        }))
        @if different > 0 { (card(&word("page.handlers.compared.these"), differences(found))) }
    }
}

/// `12 of 200 mails would become something else.`
fn of_all(different: u64, all: u64) -> String {
    let sentence = intake::Sentence::new("page.handlers.compared.different");
    sentence.with("count", different).with("all", all).message(language::present())
}

fn differences(found: &Compared) -> Markup {
    let columns = ["mailbox_received", "mailbox_subject", "handler_now", "handler_then"];
    let columns = columns.map(|column| word_for("page.column", column));
    let more = found.different.len().saturating_sub(SHOWN);
    html! {
        (table(&word("page.handlers.compared.these"), &columns, found.different.iter().take(SHOWN).map(row).collect()))
        @if more > 0 { p { (counted("page.handlers.compared.more", len(more))) } }
    }
}

fn row(difference: &Difference) -> Vec<Markup> {
    let Difference { message, before, after } = difference;
    let subject = shown(message.subject.trim());
    vec![
        when(message.received_at),
        html! { div {
            a dir="auto" href={ "/messages/" (message.id) } {
                @if subject.is_empty() { (word("page.mailbox.no_subject")) } @else { (subject) }
            }
            @if let Some(from) = &message.from { br; bdi.faint { (shown(from)) } }
        } },
        fate(before, html! {}),
        fate(after, changes(before, after)),
    ]
}

fn fate(fate: &Fate, more: Markup) -> Markup {
    html! { div {
        (badge(tone(fate.decision), &word_for("page.fate", fate.decision))) " "
        @match (fate.decision, &fate.issue_key, &fate.project) {
            ("create", _, Some(project)) => (project),
            ("comment", Some(key), _) => a href={ "/issues/" (key) } { (key) },
            ("create" | "comment", ..) => {},
            _ => span.faint { (word_for("page.handler_reason", fate.reason.as_str())) },
        }
        (more)
    } }
}

/// What differs beside that, where both become the same kind of thing.
fn changes(before: &Fate, after: &Fate) -> Markup {
    if before.decision != after.decision {
        return html! {};
    }
    let changes = before.changes(after);
    let text = changes.iter().any(|change| change.field == "text");
    let told: Vec<&FateChange> =
        changes.iter().filter(|change| !TOLD.contains(&change.field.as_str())).take(CHANGES).collect();
    html! {
        @if text || !told.is_empty() {
            ul.changes {
                @for change in told {
                    li { (word_for("page.fate_part", &change.field)) ": " @if !is_nothing(&change.before) { del { (value(&change.before)) } " → " }
                        ins { @if is_nothing(&change.after) { (word("page.none")) } @else { (value(&change.after)) } } }
                }
                @if text { li { (with("page.handlers.compared.text", "chars", after.text.as_deref().unwrap_or_default().chars().count())) } }
            }
        }
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}

fn value(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    };
    match text.char_indices().nth(VALUE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
