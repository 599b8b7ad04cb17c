//! The overview: whether all is well, at a glance, and what to do where it is not.

use axum::{
    extract::State,
    response::{IntoResponse, Redirect},
};
use futures::try_join;
use intake::{
    App, Timestamp,
    flows::{
        mailboxes::Shown,
        status::{self, Notice, Status},
        tallies::{self, Tallies},
    },
    types::{
        audit::Role,
        grant::{Grant, GrantStatus},
        mailbox::MailboxStatus,
        tally,
    },
};
use maud::{Markup, html};

use super::frame::{
    chart::{Bar, bars},
    console::console,
    page::PageResult,
    parts::{Tone, as_of, badge, card, empty, live, notice, table},
    visitor::Reader,
    words::{ago, counted, duration, number, word, word_for},
};
use crate::language;

/// How many days are drawn.
const DAYS: u8 = 21;

/// The overview, for administrators; whoever only reads issues begins with the projects.
pub(super) async fn page(State(app): State<App>, Reader(visitor): Reader) -> PageResult {
    if !visitor.may(Role::Administrator) {
        return Ok(Redirect::to("/projects").into_response());
    }
    let (status, tallies) = try_join!(status::status(&app), tallies::of_days(&app, DAYS))?;
    let content = live("overview", 15, content(app.now(), &status, &tallies));
    Ok(console(&visitor, &word("page.overview"), content))
}

fn content(now: Timestamp, status: &Status, tallies: &Tallies) -> Markup {
    html! {
        (as_of(now))
        (verdict(status))
        div.figures {
            (figure(&word("page.figure.mailboxes"), &number(len(status.mailboxes.len()))))
            (figure(&word("page.figure.waiting"), &number(status.backlog)))
            (figure(&word("page.figure.held"), &number(status.held)))
            (figure(&word("page.figure.oldest"), &oldest(status, now)))
            (figure(&word("page.figure.p50"), &within(tallies, 0.5)))
            (figure(&word("page.figure.p95"), &within(tallies, 0.95)))
        }
        @if !status.mailboxes.is_empty() { (charts(tallies)) }
        (card(&word("page.mailboxes"), mailboxes(&status.mailboxes, now)))
        @if !status.grants.is_empty() { (card(&word("page.accounts"), accounts(&status.grants, now))) }
    }
}

/// One screen, one truth: all is well, or what is not.
fn verdict(status: &Status) -> Markup {
    if status.mailboxes.is_empty() {
        return empty(&word("page.overview.nothing"), Some(("/setup", &word("page.setup.begin"))));
    }
    if status.warnings.is_empty() {
        return notice(Tone::Good, html! { p { (word("page.overview.well")) } });
    }
    html! {
        (card(&counted("page.overview.warnings", len(status.warnings.len())), html! {
            ul.warnings { @for warning in &status.warnings { li { (warned(warning)) } } }
        }))
    }
}

fn warned(warning: &Notice) -> Markup {
    html! {
        p { span.sign.warn aria-hidden="true" { "!" } " " (warning.message(language::present())) }
        @if let Some(path) = place_of(&warning.subject) { p { a href=(path) { (word("page.look")) } } }
    }
}

/// The page of what a warning is about.
fn place_of(subject: &str) -> Option<String> {
    let (kind, _) = subject.split_once('_')?;
    match kind {
        "mbx" => Some(format!("/mailboxes/{subject}")),
        "int" => Some(format!("/integrations/{subject}")),
        "grt" => Some("/accounts".to_owned()),
        _ => None,
    }
}

fn figure(name: &str, value: &str) -> Markup {
    html! { div.figure { span.value { (value) } span.faint { (name) } } }
}

fn oldest(status: &Status, now: Timestamp) -> String {
    let age = status.oldest_unprocessed_at.map(|at| now.as_second() - at.as_second());
    age.map_or_else(|| word("page.none"), |seconds| duration(u64::try_from(seconds).unwrap_or(0)))
}

/// How long it took from a mail's arrival until it was an issue, of so many of them.
fn within(tallies: &Tallies, part: f64) -> String {
    let all: u64 = tallies.delays.iter().sum();
    match (all, tally::within(&tallies.delays, part)) {
        (0, _) => word("page.none"),
        (_, Some(seconds)) => format!("≤ {}", duration(seconds)),
        (_, None) => format!("> {}", duration(tally::DELAYS[tally::DELAYS.len() - 1])),
    }
}

fn charts(tallies: &Tallies) -> Markup {
    let (mails, made) = (word("page.chart.mails"), word("page.chart.made"));
    let hour = |at: Timestamp| at.to_zoned_datetime(language::zone());
    let hours = tallies.hours.iter().map(|(at, counts)| {
        let name = hour(*at).strftime("%H:00").to_string();
        Bar { short: name.clone(), name, all: counts.mails, part: counts.issues + counts.comments }
    });
    let days = tallies.days.iter().map(|(day, counts)| {
        let (name, short) = (day.to_string(), day.strftime(&word("page.day")).to_string());
        Bar { short, name, all: counts.mails, part: counts.issues + counts.comments }
    });
    html! {
        div.columns {
            section.card { (bars(&word("page.chart.hours"), &mails, &made, &hours.collect::<Vec<_>>())) }
            section.card { (bars(&counted("page.chart.days", DAYS.into()), &mails, &made, &days.collect::<Vec<_>>())) }
        }
    }
}

fn mailboxes(mailboxes: &[Shown], now: Timestamp) -> Markup {
    let columns = ["name", "state", "last_success", "project"].map(|column| word_for("page.column", column));
    let row = |shown: &Shown| {
        vec![
            html! { a href={ "/mailboxes/" (shown.mailbox.id) } { bdi { (shown.mailbox.name) } } },
            mailbox_state(shown.status),
            html! { @match shown.run.last_success_at { Some(at) => (ago(at, now)), None => (word("page.never")) } },
            html! { a href={ "/projects/" (shown.mailbox.project) } { (shown.mailbox.project) } },
        ]
    };
    match mailboxes.is_empty() {
        true => empty(&word("page.no_mailbox"), None),
        false => table(&word("page.mailboxes"), &columns, mailboxes.iter().map(row).collect()),
    }
}

fn accounts(grants: &[Grant], now: Timestamp) -> Markup {
    let columns = ["account", "state", "refreshed"].map(|column| word_for("page.column", column));
    let row = |grant: &Grant| {
        vec![
            html! { bdi { (grant.account.as_deref().unwrap_or_default()) } },
            grant_state(grant.status),
            html! { @match grant.refreshed_at { Some(at) => (ago(at, now)), None => (word("page.never")) } },
        ]
    };
    table(&word("page.accounts"), &columns, grants.iter().map(row).collect())
}

/// The state of a mailbox, in a word and a colour.
pub(super) fn mailbox_state(status: MailboxStatus) -> Markup {
    let tone = match status {
        MailboxStatus::NeedsConsent | MailboxStatus::NeedsAttention => Tone::Bad,
        MailboxStatus::Failing => Tone::Warn,
        MailboxStatus::Paused | MailboxStatus::Deleting => Tone::Calm,
        _ => Tone::Good,
    };
    badge(tone, &word_for("page.mailbox_state", status.as_str()))
}

/// The state of a signed-in account.
pub(super) fn grant_state(status: GrantStatus) -> Markup {
    let tone = match status {
        GrantStatus::NeedsConsent | GrantStatus::Revoked => Tone::Bad,
        GrantStatus::Failing => Tone::Warn,
        GrantStatus::Pending => Tone::Calm,
        GrantStatus::Active => Tone::Good,
    };
    badge(tone, &word_for("page.grant_state", status.as_str()))
}

fn len(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
