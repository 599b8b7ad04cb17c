//! What was found or done when somebody asked: tests, polls, counts and comparisons, in words.

use intake::{
    flows::{
        authorize::Begun,
        poll::PollReport,
        survey::{Preview, Reconciliation},
    },
    types::ids::MailboxId,
};
use maud::{Markup, html};

use super::{
    super::frame::{
        parts::{Tone, act, card, copied, facts, notice, table},
        visitor::Visitor,
        words::{around, counted, number, size, when, word, word_for},
    },
    common::path_of,
};

/// The missing mails that are shown.
const SHOWN: usize = 20;

/// What a poll did.
pub(super) fn polled(report: &PollReport) -> Markup {
    let parts = [
        ("page.mailbox.polled.created", report.created),
        ("page.mailbox.polled.commented", report.commented),
        ("page.mailbox.polled.skipped", report.skipped),
        ("page.mailbox.polled.held", report.held),
        ("page.mailbox.polled.failed", report.failed),
    ];
    let tone = if report.busy || report.failed > 0 { Tone::Warn } else { Tone::Good };
    notice(
        tone,
        html! {
            @if report.busy { p { (word("page.mailbox.polled.busy")) } }
            @else if report.fetched == 0 { p { (word("page.mailbox.polled.nothing")) } }
            @else {
                p { (counted("page.mailbox.polled.fetched", report.fetched)) }
                ul { @for (key, n) in parts { @if n > 0 { li { (counted(key, n)) } } } }
            }
            @if report.more && !report.busy { p { strong { (word("page.mailbox.polled.more")) } } }
        },
    )
}

/// What a first import would bring.
pub(super) fn previewed(preview: &Preview) -> Markup {
    notice(
        Tone::Calm,
        html! { p { (counted("page.mailbox.preview.count", preview.count)) } (folder(preview)) },
    )
}

fn folder(preview: &Preview) -> Markup {
    html! {
        @if preview.count > 0 {
            (facts(vec![
                (word("page.mailbox.preview.size"), html! { (size(preview.bytes)) }),
                (word("page.mailbox.preview.oldest"), html! { @if let Some(at) = preview.oldest_received_at { (when(at)) } }),
                (word("page.mailbox.preview.newest"), html! { @if let Some(at) = preview.newest_received_at { (when(at)) } }),
            ]))
        }
        p { (counted("page.mailbox.preview.folder", preview.folder_count)) }
        @if !preview.complete { p { strong { (word("page.mailbox.incomplete")) } } }
    }
}

/// How many mails of a span of time there are, and the button that imports them.
pub(super) fn span_counted(
    visitor: &Visitor,
    id: MailboxId,
    preview: &Preview,
    (since, until): (&str, &str),
) -> Markup {
    let more = html! {
        input type="hidden" name="do" value="import";
        input type="hidden" name="/since" value=(since);
        input type="hidden" name="/until" value=(until);
    };
    let button = word("page.mailbox.backfill.import");
    notice(
        Tone::Calm,
        html! {
            p { (counted("page.mailbox.backfill.count", preview.count)) }
            (folder(preview))
            @if preview.count > 0 { (act(visitor, &path_of(id, "backfill"), &button, "", more)) }
        },
    )
}

/// The server's list against the records.
pub(super) fn reconciled(visitor: &Visitor, id: MailboxId, found: &Reconciliation) -> Markup {
    let counts = [
        ("on_server", found.on_server),
        ("recorded", found.recorded),
        ("not_imported", found.not_imported),
        ("missing", found.missing),
        ("not_listed", found.not_listed),
        ("gone", found.gone),
    ];
    let count = |(name, n): (&str, u64)| (word_for("page.mailbox_reconcile", name), html! { (number(n)) });
    let well = found.missing == 0 && found.not_listed == 0;
    card(
        &word("page.mailbox.reconciled"),
        html! {
            @match &found.imported {
                Some(report) => (polled(report)),
                None if well => (notice(Tone::Good, html! { p { (word("page.mailbox.reconciled.well")) } })),
                None => (notice(Tone::Warn, html! { p { (word("page.mailbox.reconciled.differs")) } })),
            }
            (facts(counts.into_iter().map(count).collect()))
            @if !found.complete { p { strong { (word("page.mailbox.incomplete")) } } }
            @if found.missing > 0 { (missing(visitor, id, found)) }
        },
    )
}

fn missing(visitor: &Visitor, id: MailboxId, found: &Reconciliation) -> Markup {
    let columns =
        ["mailbox_server_id", "mailbox_received", "mailbox_size"].map(|name| word_for("page.column", name));
    let row = |mail: &intake::ports::Listed| {
        vec![html! { code { (mail.server_id) } }, when(mail.received()), html! { (size(mail.size)) }]
    };
    let rows = found.missing_mails.iter().take(SHOWN).map(row).collect();
    let import = html! { input type="hidden" name="import" value="true"; };
    html! {
        (table(&word("page.mailbox.missing"), &columns, rows))
        (act(visitor, &path_of(id, "reconcile"), &word("page.mailbox.missing.import"), "", import))
    }
}

/// A link that leads to the provider: to open now, or to send.
pub(super) fn consent_begun(begun: &Begun) -> Markup {
    let url = begun.start_url.as_str();
    notice(
        Tone::Calm,
        html! {
            p { (word("page.mailbox.consent.link")) }
            (copied(&word("page.mailbox.consent.address"), url))
            p { a.button href=(url) { (word("page.mailbox.consent.now")) } }
            p.faint { (around("page.mailbox.consent.until", "time", when(begun.attempt.expires_at))) }
        },
    )
}
