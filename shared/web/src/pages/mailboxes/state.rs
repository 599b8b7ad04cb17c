//! How a mailbox is: its state, how far it has come, and what the daily look found.

use intake::{
    Timestamp,
    flows::mailboxes::{Counts, Shown},
    types::{
        errand::Errands,
        mailbox::{Cursor, Protocol},
        message::{Message, MessageState},
        watch::{Named, Watch},
    },
};
use maud::{Markup, html};

use super::{
    super::{
        frame::{
            parts::{Tone, act, badge, card, empty, facts, problem, table, version},
            visitor::Visitor,
            words::{ago, around, counted, duration, number, shown, when, with, word, word_for},
        },
        overview::mailbox_state,
    },
    common::{account, after_import, len, path_of, signs_in, start},
};

/// The state with its sentence, and what can be done about it.
pub(super) fn state(visitor: &Visitor, of: &Shown, now: Timestamp) -> Markup {
    let run = &of.run;
    let at = |at: Option<Timestamp>| html! { @match at { Some(at) => (ago(at, now)), None => (word("page.never")) } };
    let waits = of.oldest_unprocessed_age.map_or_else(|| word("page.none"), |age| duration(age.as_secs()));
    let mut told = vec![
        (word("page.mailbox.last_success"), at(run.last_success_at)),
        (word("page.mailbox.last_poll"), at(run.last_poll_at)),
        (word("page.mailbox.oldest"), html! { (waits) }),
    ];
    if run.consecutive_failures > 0 {
        let failures = counted("page.mailbox.failures", u64::from(run.consecutive_failures));
        told.push((word("page.mailbox.failed"), html! { (failures) }));
    }
    if let Some(until) = run.throttled_until.filter(|until| *until > now) {
        told.push((word("page.mailbox.throttled"), when(until)));
    }
    card(
        &word("page.column.state"),
        html! {
            p { (mailbox_state(of.status)) }
            @if let Some(error) = &run.last_error { (problem(Tone::Bad, error)) }
            (facts(told))
            (acts(visitor, of))
        },
    )
}

fn acts(visitor: &Visitor, of: &Shown) -> Markup {
    let id = of.mailbox.id;
    let (path, label) = match of.mailbox.enabled {
        true => (path_of(id, "pause"), word("page.mailbox.pause")),
        false => (path_of(id, "resume"), word("page.mailbox.resume")),
    };
    html! {
        @if of.mailbox.deleting { p { (word("page.mailbox.deleting")) } } @else {
            div.actions {
                (act(visitor, &path_of(id, "test"), &word("page.mailbox.test"), "", html! {}))
                (act(visitor, &path_of(id, "poll"), &word("page.mailbox.poll"), "second", html! {}))
                (act(visitor, &path, &label, "second", version(of.mailbox.version)))
                a.button.second href=(path_of(id, "edit")) { (word("page.mailbox.edit")) }
                a.button.second href=(path_of(id, "handlers")) { (word("page.handlers")) }
            }
        }
    }
}

/// What is configured.
pub(super) fn settings(of: &Shown) -> Markup {
    let mailbox = &of.mailbox;
    let server = &mailbox.server;
    let handlers = counted("page.mailbox.handler_count", len(mailbox.handlers.len()));
    let mut told = vec![
        (
            word("page.mailbox.server"),
            html! { bdi { (server.host) ":" (server.port) } br; span.faint {
                (word_for("page.mailbox_protocol", server.protocol.as_str())) ", " (word_for("page.mailbox_tls", server.tls.as_str()))
            } },
        ),
        (word("page.mailbox.account"), html! { (account(of)) br; span.faint { (signs_in(of)) } }),
        (
            word("page.column.project"),
            html! { a href={ "/projects/" (mailbox.project) } { (mailbox.project) } },
        ),
        (
            word("page.mailbox.interval"),
            html! { (with("page.mailbox.every", "time", duration(u64::from(mailbox.poll_interval_seconds)))) },
        ),
        (word("page.mailbox.start"), start(of)),
        (word("page.handlers"), html! { a href=(path_of(mailbox.id, "handlers")) { (handlers) } }),
    ];
    if server.protocol == Protocol::Imap {
        told.insert(1, (word("page.mailbox.folder"), html! { bdi { (shown(&mailbox.folder)) } }));
    }
    card(&word("page.mailbox.settings"), facts(told))
}

/// How far the import has come, and what became of the newest mails.
pub(super) fn progress(of: &Shown, counts: &Counts) -> Markup {
    let came = match (&of.run.cursor, of.mailbox.server.protocol) {
        (None, _) => word("page.mailbox.cursor.none"),
        (Some(cursor), Protocol::Imap) => {
            with("page.mailbox.cursor.imap", "uid", number(u64::from(cursor.next_uid.saturating_sub(1))))
        }
        (Some(cursor), Protocol::Pop3) => maildrop(cursor),
    };
    let listed = of.run.cursor.and_then(|cursor| cursor.counted);
    card(
        &word("page.mailbox.progress"),
        html! {
            p { (came) }
            @if let Some(counted_then) = listed {
                p.faint { (counted("page.mailbox.folder_count", u64::from(counted_then.exists))) }
            }
            (tally(counts))
        },
    )
}

fn maildrop(cursor: &Cursor) -> String {
    match cursor.maildrop.is_some_and(|drop| drop.listing.is_some()) {
        true => word("page.mailbox.cursor.pop3"),
        false => word("page.mailbox.cursor.pop3_open"),
    }
}

fn tally(counts: &Counts) -> Markup {
    let about = match counts.complete {
        true => counted("page.mailbox.tally.all", counts.all()),
        false => counted("page.mailbox.tally.last", counts.all()),
    };
    let (applied, comments) = (counts.of(MessageState::Applied), counts.comments);
    let mut parts = vec![
        (word("page.mailbox.tally.issues"), applied.saturating_sub(comments)),
        (word("page.mailbox.tally.comments"), comments),
    ];
    for state in [MessageState::Skipped, MessageState::Held, MessageState::Failed, MessageState::Stored] {
        parts.push((word_for("page.mailbox_mail", state.as_str()), counts.of(state)));
    }
    let parts = parts.into_iter().filter(|(_, n)| *n > 0);
    html! {
        p { (about) }
        (facts(parts.map(|(name, n)| (name, html! { (number(n)) })).collect()))
    }
}

/// The daily look at what the server holds.
pub(super) fn look(watch: Option<&Watch>, now: Timestamp) -> Markup {
    // Before the first look it is only noted since when looks are due.
    let content = match watch.filter(|watch| watch.seen > 0 || watch.trouble.is_some()) {
        None => html! { p { (word("page.mailbox.look.none")) } },
        Some(watch) => html! {
            @if watch.found.unrecorded.count == 0 && watch.found.unlisted.count == 0 {
                p { (badge(Tone::Good, &word("page.mailbox.look.well"))) }
            }
            (difference("page.mailbox.look.unrecorded", &watch.found.unrecorded))
            (difference("page.mailbox.look.unlisted", &watch.found.unlisted))
            p { (around("page.mailbox.look.at", "time", ago(watch.at, now))) " " (counted("page.mailbox.look.seen", watch.seen)) }
            @if watch.under_way.is_some() { p.faint { (word("page.mailbox.look.under_way")) } }
            @if let Some(trouble) = watch.told_trouble() { (problem(Tone::Warn, &trouble.problem)) }
        },
    };
    card(&word("page.mailbox.look"), html! { (content) p.faint { (word("page.mailbox.look.hint")) } })
}

fn difference(key: &'static str, found: &Named) -> Markup {
    html! {
        @if found.count > 0 {
            p { (badge(Tone::Bad, &counted(key, found.count))) }
            @if !found.first.is_empty() { p.faint { (found.list()) } }
        }
    }
}

/// What is done on the server after the import, and what of that waits.
pub(super) fn errands(of: &Shown, waiting: u64, now: Timestamp) -> Markup {
    let Errands { trouble, .. } = &of.run.errands;
    html! {
        @if of.mailbox.after_import.is_some() || waiting > 0 || trouble.is_some() {
            (card(&word("page.mailbox.after"), html! {
                p { (after_import(of)) }
                @if waiting > 0 { p { (badge(Tone::Calm, &counted("page.mailbox.after.waiting", waiting))) } }
                @else { p { (badge(Tone::Good, &word("page.mailbox.after.done"))) } }
                @if let Some(trouble) = trouble {
                    (problem(Tone::Warn, &trouble.problem))
                    p.faint { (around("page.mailbox.after.again", "time", ago(trouble.not_before, now))) }
                }
            }))
        }
    }
}

/// The newest mails, and the way to all of them.
pub(super) fn recent(of: &Shown, counts: &Counts) -> Markup {
    let columns = ["mailbox_received", "mailbox_from", "mailbox_subject", "state"];
    let columns = columns.map(|column| word_for("page.column", column));
    let all = format!("/messages?mailbox_id={}", of.mailbox.id);
    card(
        &word("page.mailbox.recent"),
        html! {
            @if counts.newest.is_empty() { (empty(&word("page.mailbox.recent.none"), None)) } @else {
                (table(&word("page.mailbox.recent"), &columns, counts.newest.iter().map(row).collect()))
                p { a href=(all) { (word("page.mailbox.recent.all")) } }
            }
        },
    )
}

fn row(message: &Message) -> Vec<Markup> {
    let subject = shown(message.subject.trim());
    vec![
        when(message.received_at),
        html! { bdi { (message.from.as_deref().map_or("", shown)) } },
        html! { a dir="auto" href={ "/messages/" (message.id) } {
            @if subject.is_empty() { (word("page.mailbox.no_subject")) } @else { (subject) }
        } },
        became(message),
    ]
}

fn became(message: &Message) -> Markup {
    let tone = match message.state {
        MessageState::Applied => Tone::Good,
        MessageState::Held => Tone::Warn,
        MessageState::Failed => Tone::Bad,
        MessageState::Skipped | MessageState::Stored => Tone::Calm,
    };
    html! {
        span {
            (badge(tone, &word_for("page.mailbox_mail", message.state.as_str())))
            @if let Some(key) = &message.issue_key { " " a href={ "/issues/" (key) } { (key) } }
        }
    }
}
