//! How Maildocket gets in: what the address alone tells, and the choice that it leaves.

use axum::{extract::RawQuery, response::Response};
use intake::types::{
    integration::Provider,
    presets::{self, CATALOGUE, Preset},
};
use maud::{Markup, html};

use super::{
    server,
    shell::{elsewhere, shown},
    trip::{Answer, PASSWORD, Step, Trip},
};
use crate::pages::{
    frame::{
        parts::{Tone, card, facts, notice},
        visitor::Administrator,
        words::{around, with, word},
    },
    providers,
};

/// The page.
pub(super) async fn page(Administrator(visitor): Administrator, RawQuery(query): RawQuery) -> Response {
    let trip = Trip::of_query(&query.unwrap_or_default());
    if let Some(response) = elsewhere(&trip, Step::Way) {
        return response;
    }
    let guess = presets::of_address(trip.signs_in());
    let content = html! {
        (found(&trip, guess.as_ref()))
        form method="get" action="/setup/register" {
            (trip.hidden(&[Answer::Way]))
            fieldset.options {
                legend.hidden { (word("page.guide.question.way")) }
                @for preset in offered(guess.as_ref()) { (option(&trip, guess.as_ref(), Some(preset))) }
                (option(&trip, guess.as_ref(), None))
            }
            div.actions { button { (word("page.guide.on")) } }
        }
    };
    shown(&visitor, &trip, Step::Way, content)
}

/// What the address alone tells. It can be corrected: here the provider, with the mailbox its server.
fn found(trip: &Trip, guess: Option<&Preset>) -> Markup {
    let server = server::guess(guess, trip.signs_in());
    let mut told = Vec::new();
    if let Some(preset) = guess {
        told.push((word("page.field.provider"), html! { (providers::name(preset)) }));
    }
    if let Some(server) = &server {
        told.push((word("page.guide.server"), html! { code { (server.host) ":" (server.port) } }));
    }
    card(
        &word("page.guide.found"),
        html! {
            (facts(told))
            p.hint { (word(if guess.is_some() { "page.guide.found.known" } else { "page.guide.found.guessed" })) }
            @if let Some(preset) = guess { (warned(preset)) }
        },
    )
}

/// Where passwords of mailboxes hardly work.
pub(super) fn warned(preset: &Preset) -> Markup {
    let key = match preset.provider {
        Some(Provider::Google) => "page.guide.password.google",
        Some(Provider::Microsoft) => "page.guide.password.microsoft",
        _ => return html! {},
    };
    notice(Tone::Warn, html! { p { (word(key)) } })
}

/// The provider of the address alone, else all that may keep an organisation's mail.
fn offered(guess: Option<&Preset>) -> Vec<Preset> {
    let can = |preset: &Preset| preset.provider.is_some();
    match guess {
        Some(guess) => Some(*guess).filter(can).into_iter().collect(),
        None => CATALOGUE.into_iter().filter(can).collect(),
    }
}

/// Google and Microsoft let mail programs in with consent; of the others most give clients by contract only.
fn is_recommended(guess: Option<&Preset>, offered: Option<&Preset>) -> bool {
    let Some(guess) = guess else { return false };
    let by_consent = matches!(guess.provider, Some(Provider::Google | Provider::Microsoft));
    by_consent == offered.is_some()
}

fn option(trip: &Trip, guess: Option<&Preset>, offered: Option<Preset>) -> Markup {
    let value = offered.as_ref().map_or(PASSWORD, |preset| preset.id);
    let chosen = trip.get(Answer::Way);
    let is_recommended = is_recommended(guess, offered.as_ref());
    html! {
        label {
            input type="radio" name="way" value=(value) required checked[chosen == value || (chosen.is_empty() && is_recommended)];
            span {
                @match &offered {
                    Some(preset) => { strong { (with("page.guide.way.consent", "provider", providers::name(preset))) } }
                    None => { strong { (word("page.guide.way.password")) } br; span.faint { (word("page.guide.way.password.needs")) } }
                }
                @if is_recommended { " " span.tag { (word("page.guide.recommended")) } }
            }
        }
    }
}

/// How somebody changes over from a password, where that hardly works.
pub(super) fn to_consent(trip: &Trip, preset: &Preset) -> Markup {
    let way = trip.clone().with(Answer::Way, preset.id).to(Step::Register);
    html! {
        (warned(preset))
        p { a href=(way) { (around("page.guide.way.consent", "provider", html! { (providers::name(preset)) })) } }
    }
}
