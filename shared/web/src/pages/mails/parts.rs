//! The parts of the page of one mail.

use intake::{
    Error, Timestamp,
    flows::messages::Look,
    types::message::{Message, MessageState},
};
use mail::{Address, Mail};
use maud::{Markup, html};

use super::told::{first_one, issue, reason, sentence, state};
use crate::pages::{
    frame::{
        fields::Filled,
        parts::{Tone, card, facts, notice, refused, table},
        words::{ago, around, number, shown, size, when, with, word, word_for},
    },
    html::frame_for,
};

/// As much of a text as is shown, bytes.
const MAX_TEXT: usize = 16 * 1024;
/// As much of the raw mail as is shown, bytes.
const MAX_RAW: usize = 8 * 1024;
/// Header fields and files that are shown.
const MAX_FIELDS: usize = 60;
/// Files of larger mails lie in other places while nothing was made of them, bytes.
const MAX_WITH_FILES: u64 = 512 * 1024;

/// What became of it.
pub(super) fn verdict(message: &Message) -> Markup {
    let tone = match message.state {
        MessageState::Applied => Tone::Good,
        MessageState::Held => Tone::Warn,
        MessageState::Failed => Tone::Bad,
        MessageState::Stored | MessageState::Skipped => Tone::Calm,
    };
    notice(
        tone,
        html! {
            p {
                strong { (word_for("page.mail.became", message.state.as_str())) } " "
                (with("page.mail.why", "reason", reason(message.reason)))
            }
            @if let Some(first) = first_one(message) {
                p { a href={ "/messages/" (first) } { (word("page.mail.first_one")) } }
            }
            @if let Some(key) = &message.issue_key {
                p { a href={ "/issues/" (key) } { (with("page.mail.issue", "issue", key)) } }
            }
        },
    )
}

/// What its record says.
pub(super) fn record(message: &Message, place: &str, now: Timestamp) -> Markup {
    let fact = |key: &'static str, value: Markup| (word_for("page.mail.fact", key), value);
    let attempts = message.attempts.max(message.failed_readings);
    let mut told = vec![
        fact("state", html! { (state(message.state)) " " (reason(message.reason)) }),
        fact("issue", issue(message)),
        fact(
            "mailbox",
            html! { @if place.is_empty() { (word("page.none")) } @else { a href={ "/mailboxes/" (message.mailbox_id) } { bdi { (place) } } } },
        ),
        fact(
            "received",
            html! { (when(message.received_at)) " " span.faint { (ago(message.received_at, now)) } },
        ),
        fact("size", html! { (size(message.size)) }),
        fact("attempts", html! { (number(attempts.into())) }),
        fact("server_id", html! { code { (shown(&message.server_id.to_string())) } }),
    ];
    if let Some(id) = &message.internet_message_id {
        told.push(fact("message_id", html! { code { bdi { (shown(id)) } } }));
    }
    if let Some(after) = &message.after_import {
        let (action, status) = (after.action.as_str(), after.status.as_str());
        told.push(fact(
            "after_import",
            html! {
                (word_for("page.mail.after", action)) ": " (word_for("page.mail.errand", status))
                @if !after.detail.is_empty() { " " span.faint { (after.detail) } }
            },
        ));
    }
    card(&word("page.mail.record"), facts(told))
}

/// What was decided and why, step by step.
pub(super) fn trace(message: &Message) -> Markup {
    card(
        &word("page.mail.trace"),
        html! {
            @if message.trace.is_empty() { p.faint { (word("page.mail.no_trace")) } }
            @else {
                ol.trace { @for step in &message.trace {
                    li { strong { (word_for("page.mail.step", &step.step)) } " " (sentence(step)) }
                } }
            }
        },
    )
}

/// What is in it: who, text, HTML in the frame at this address, files, header, and the raw mail.
pub(super) fn content(message: &Message, look: &Look, frame: &str) -> Markup {
    html! {
        @if look.cut { (notice(Tone::Calm, html! { p { (with("page.mail.cut", "size", size(look.raw.len() as u64))) } })) }
        @match &look.mail {
            Some(mail) => { (people(mail)) (texts(mail, frame)) (files(message, mail)) (header(mail)) }
            None => (notice(Tone::Bad, html! { p { (word("page.mail.not_understood")) } })),
        }
        (raw(message, look))
    }
}

fn people(mail: &Mail) -> Markup {
    let addresses = |all: &[Address]| {
        html! { @for (n, one) in all.iter().take(MAX_FIELDS).enumerate() {
            @if n > 0 { ", " }
            bdi { (shown(one.name.as_deref().unwrap_or_default())) @if one.name.is_some() { " " } "<" (shown(&one.address)) ">" }
        } }
    };
    let fact = |key: &'static str, value: Markup| (word_for("page.mail.fact", key), value);
    let mut told = vec![fact("from", addresses(mail.from.as_slice())), fact("to", addresses(&mail.to))];
    for (key, all) in [("cc", &mail.cc), ("reply_to", &mail.reply_to)] {
        if !all.is_empty() {
            told.push(fact(key, addresses(all)));
        }
    }
    if let Some(date) = mail.date {
        told.push(fact("date", when(date)));
    }
    card(&word("page.mail.people"), facts(told))
}

fn texts(mail: &Mail, frame: &str) -> Markup {
    html! {
        (card(&word("page.mail.text"), html! {
            @if mail.body_text.is_empty() { p.faint { (word("page.mail.no_text")) } }
            @else { (text(&mail.body_text)) }
        }))
        @if mail.body_html.is_some() { (card(&word("page.mail.html"), frame_for(frame))) }
    }
}

/// The beginning of a text.
pub(super) fn text(whole: &str) -> Markup {
    let kept = &whole[..whole.floor_char_boundary(MAX_TEXT)];
    html! {
        div.text dir="auto" { (kept.trim_matches('\n')) }
        @if kept.len() < whole.len() { p.faint { (word("page.cut")) } }
    }
}

fn files(message: &Message, mail: &Mail) -> Markup {
    let linked = message.issue_key.is_some() || message.size <= MAX_WITH_FILES;
    html! {
        @if !mail.attachments.is_empty() {
            (card(&word("page.file_list"), html! {
                ul.mail-files { @for (n, file) in mail.attachments.iter().take(MAX_FIELDS).enumerate() {
                    @let name = shown(file.filename.as_deref().unwrap_or(&file.content_type));
                    li {
                        @if linked { a href={ "/messages/" (message.id) "/files/" (n) } { bdi { (name) } } }
                        @else { bdi { (name) } }
                        " " span.faint { (shown(&file.content_type)) " · " (size(file.size)) }
                    }
                } }
            }))
        }
    }
}

fn header(mail: &Mail) -> Markup {
    let columns = ["field", "says"].map(|column| word_for("page.mails.column", column));
    let row = |(name, value): &(String, String)| {
        vec![html! { code { (shown(name)) } }, html! { bdi { (printable(shown(value))) } }]
    };
    let rows = mail.headers.iter().take(MAX_FIELDS).map(row).collect();
    html! {
        details.card {
            summary { (word("page.mail.header")) }
            (table(&word("page.mail.header"), &columns, rows))
            @if mail.headers.len() > MAX_FIELDS { p.faint { (word("page.mail.more_fields")) } }
        }
    }
}

fn raw(message: &Message, look: &Look) -> Markup {
    let kept = &look.raw[..look.raw.len().min(MAX_RAW)];
    html! {
        details.card {
            summary { (word("page.mail.raw")) }
            p { a href={ "/api/v1/messages/" (message.id) "/raw" } { (word("page.mail.download")) } }
            pre.raw dir="ltr" tabindex="0" { (printable(&String::from_utf8_lossy(kept))) }
            @if kept.len() < look.raw.len() { p.faint { (word("page.cut")) } }
        }
    }
}

/// Without characters that nobody sees, and those that turn a line around.
fn printable(text: &str) -> String {
    let hidden = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\t' | '\r'))
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if hidden(c) { '\u{fffd}' } else { c }).collect()
}

/// That it could not be worked on again or let through.
pub(super) fn refusal(error: &Error) -> Markup {
    refused(error, &Filled::default(), &[])
}

/// A fact in a sentence: where a mail's issue is.
pub(super) fn in_issue(key: &'static str, message: &Message) -> Markup {
    around(key, "issue", issue(message))
}
