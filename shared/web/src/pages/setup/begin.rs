//! The first question: the address, and what kind of address it is.

use axum::extract::State;
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
    shell::shown,
    trip::{Answer, KINDS, Step, Trip, needs_account},
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
    trip: Trip,
) -> PageResult {
    let left = left(&app).await?;
    let content = html! { (asked(&trip)) (unfinished(&left)) };
    Ok(shown(&visitor, &trip, Step::Address, content))
}

fn asked(trip: &Trip) -> Markup {
    let (typed, chosen) = (trip.get(Answer::Address), trip.get(Answer::Kind));
    let wrong = (!typed.is_empty() && !trip.has_address()).then(|| word("page.guide.address.wrong"));
    let no_account = (KINDS.contains(&chosen) && !trip.has_kind()).then(|| word("page.guide.account.wrong"));
    // An integration that was chosen before says the way.
    let next = if trip.integration().is_some() { "/setup/mailbox" } else { "/setup/way" };
    html! {
        form method="get" action=(next) {
            (trip.hidden(&[Answer::Address, Answer::Kind, Answer::Account]))
            (card(&word("page.guide.step.address"), html! {
                (address_field(Answer::Address, typed, true, wrong))
            }))
            fieldset.options {
                legend { (word("page.guide.question.kind")) }
                @for kind in KINDS {
                    label {
                        input type="radio" name="kind" value=(kind) checked[kind == chosen || (chosen.is_empty() && kind == KINDS[0])] required;
                        span { strong { (word_for("page.guide.kind", kind)) } br; span.faint { (word_for("page.guide.kind_needs", kind)) } }
                    }
                }
            }
            details open[no_account.is_some() || needs_account(chosen)] {
                summary { (word("page.guide.account.who")) }
                (address_field(Answer::Account, trip.get(Answer::Account), false, no_account))
            }
            div.actions { button { (word("page.guide.on")) } }
        }
    }
}

/// A field for an address. The catalogue has its label and hint under the answer's name.
fn address_field(answer: Answer, typed: &str, is_required: bool, wrong: Option<String>) -> Markup {
    let name = answer.name();
    let described =
        if wrong.is_some() { format!("{name}-wrong {name}-hint") } else { format!("{name}-hint") };
    html! {
        div.field {
            label for=(name) { (word_for("page.guide.field", name)) }
            input id=(name) type="email" name=(name) value=(typed) required[is_required] autocomplete="off" spellcheck="false"
                aria-describedby=(described) aria-invalid=[wrong.as_ref().map(|_| "true")];
            @if let Some(wrong) = &wrong { p.wrong id={ (name) "-wrong" } { (wrong) } }
            p.hint id={ (name) "-hint" } { (word_for("page.guide.field_hint", name)) }
        }
    }
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
