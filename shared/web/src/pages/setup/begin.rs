//! The first questions: the address, and what kind of address it is.

use axum::extract::{RawQuery, State};
use intake::{
    App, Error,
    flows::{
        integrations,
        mailboxes::{self, Shown},
        uses,
    },
    types::{PageRequest, integration::Integration, mailbox::MailboxStatus},
};
use maud::{Markup, html};

use super::{
    shell::{elsewhere, shown},
    trip::{Answer, KINDS, Step, Trip},
};
use crate::pages::{
    frame::{
        page::PageResult,
        parts::card,
        visitor::Administrator,
        words::{word, word_for},
    },
    overview::mailbox_state,
};

/// The most mailboxes and integrations that are looked at for what was left.
const LOOKED_AT: u32 = 100;
/// The most of each that are shown.
const SHOWN: usize = 5;

/// What is the address? And what was left unfinished.
pub(super) async fn address(
    State(app): State<App>,
    Administrator(visitor): Administrator,
    RawQuery(query): RawQuery,
) -> PageResult {
    let trip = Trip::of_query(&query.unwrap_or_default());
    let typed = trip.get(Answer::Address);
    let wrong = (!typed.is_empty() && !trip.has_address()).then(|| word("page.guide.address.wrong"));
    let left = left(&app).await?;
    let content = html! {
        (card(&word("page.guide.step.address"), html! {
            form method="get" action="/setup/kind" {
                (trip.hidden(&[Answer::Address]))
                div.field {
                    label for="address" { (word("page.guide.address")) }
                    input #address type="email" name="address" value=(typed) required autocomplete="off" spellcheck="false"
                        aria-describedby=(described("address", wrong.is_some())) aria-invalid=[wrong.as_ref().map(|_| "true")];
                    @if let Some(wrong) = &wrong { p.wrong #address-wrong { (wrong) } }
                    p.hint #address-hint { (word("page.guide.address.hint")) }
                }
                div.actions { button { (word("page.guide.on")) } }
            }
        }))
        (unfinished(&left))
    };
    Ok(shown(&visitor, &trip, Step::Address, content))
}

fn described(id: &str, is_wrong: bool) -> String {
    if is_wrong { format!("{id}-wrong {id}-hint") } else { format!("{id}-hint") }
}

/// What somebody began and did not end.
struct Left {
    mailboxes: Vec<Shown>,
    integrations: Vec<Integration>,
}

async fn left(app: &App) -> Result<Left, Error> {
    let mailboxes = mailboxes::list(app, &PageRequest::first(LOOKED_AT)).await?.items;
    let integrations = integrations::list(app, &PageRequest::first(LOOKED_AT)).await?.items;
    let uses = uses::all(app).await?;
    let is_open = |shown: &Shown| {
        let waits = shown.status == MailboxStatus::NeedsConsent && shown.run.last_success_at.is_none();
        waits || shown.status == MailboxStatus::New
    };
    let is_unused = |integration: &Integration| uses.mailboxes_of(integration.id).next().is_none();
    Ok(Left {
        mailboxes: mailboxes.into_iter().filter(is_open).take(SHOWN).collect(),
        integrations: integrations.into_iter().filter(is_unused).take(SHOWN).collect(),
    })
}

fn unfinished(left: &Left) -> Markup {
    if left.mailboxes.is_empty() && left.integrations.is_empty() {
        return html! {};
    }
    let trip = Trip::default();
    html! {
        (card(&word("page.guide.left"), html! {
            ul.plain {
                @for shown in &left.mailboxes {
                    @let step = if shown.status == MailboxStatus::New { Step::Test } else { Step::Consent };
                    li {
                        a href=(trip.clone().with(Answer::Mailbox, shown.mailbox.id).to(step)) { bdi { (shown.mailbox.name) } }
                        " " (mailbox_state(shown.status))
                    }
                }
                @for integration in &left.integrations {
                    li {
                        a href=(trip.clone().with(Answer::Integration, integration.id).to(Step::Address)) { bdi { (integration.name) } }
                        " " span.faint { (word("page.guide.left.integration")) }
                    }
                }
            }
        }))
    }
}

/// Is it an account of its own, or another kind of address?
pub(super) async fn kind(Administrator(visitor): Administrator, RawQuery(query): RawQuery) -> PageResult {
    let trip = Trip::of_query(&query.unwrap_or_default());
    if let Some(response) = elsewhere(&trip, Step::Kind) {
        return Ok(response);
    }
    let chosen = trip.get(Answer::Kind);
    let wrong = (KINDS.contains(&chosen) && !trip.has_kind()).then(|| word("page.guide.account.wrong"));
    // An integration that was chosen before says the way.
    let next = if trip.integration().is_some() { "/setup/mailbox" } else { "/setup/way" };
    let content = html! {
        form method="get" action=(next) {
            (trip.hidden(&[Answer::Kind, Answer::Account]))
            fieldset.options {
                legend.hidden { (word("page.guide.question.kind")) }
                @for kind in KINDS {
                    label {
                        input type="radio" name="kind" value=(kind) checked[kind == chosen || (chosen.is_empty() && kind == KINDS[0])] required;
                        span { strong { (word_for("page.guide.kind", kind)) } br; span.faint { (word_for("page.guide.kind_needs", kind)) } }
                    }
                }
            }
            div.field {
                label for="account" { (word("page.guide.account")) }
                input #account type="email" name="account" value=(trip.get(Answer::Account)) autocomplete="off" spellcheck="false"
                    aria-describedby=(described("account", wrong.is_some())) aria-invalid=[wrong.as_ref().map(|_| "true")];
                @if let Some(wrong) = &wrong { p.wrong #account-wrong { (wrong) } }
                p.hint #account-hint { (word("page.guide.account.hint")) }
            }
            div.actions { button { (word("page.guide.on")) } }
        }
    };
    Ok(shown(&visitor, &trip, Step::Kind, content))
}
