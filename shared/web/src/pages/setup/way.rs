//! How Maildocket gets in: what the address alone tells, and the choice that it leaves.

use axum::extract::State;
use intake::{
    App, Language,
    flows::discover::{self, Found},
    types::{
        integration::Provider,
        presets::{CATALOGUE, Preset},
    },
};
use maud::{Markup, html};

use super::{
    server,
    shell::shown,
    trip::{Answer, PASSWORD, Step, Trip},
};
use crate::{
    language,
    pages::{
        frame::{
            page::{PageResult, Trouble},
            parts::{Tone, card, facts, notice},
            visitor::Administrator,
            words::{around, with, word},
        },
        providers,
    },
};

/// The page.
pub(super) async fn page(
    State(app): State<App>,
    Administrator(visitor): Administrator,
    trip: Trip,
) -> PageResult {
    let trip = trip.at(Step::Way)?;
    // A mailbox that is there already may have been named in an address without one.
    let Some(found) = discover::of_address(&app, trip.signs_in()).await else {
        return Err(Trouble::Elsewhere(trip.to(Step::Address)));
    };
    let trip = trip.with(Answer::Server, server::told(&found.server));
    let trip = trip.with(Answer::Tenant, found.tenant.as_deref().unwrap_or_default());
    let content = html! {
        (told(&found, language::present()))
        form method="get" action="/setup/integration" {
            (trip.hidden(&[Answer::Way]))
            fieldset.options {
                legend.hidden { (word("page.guide.question.way")) }
                (ways(&trip, &found))
            }
            div.actions { button { (word("page.guide.on")) } }
        }
    };
    Ok(shown(&visitor, &trip, Step::Way, content))
}

/// What the address alone tells. It can be corrected: here the provider, server and tenant in the steps that follow.
fn told(found: &Found, language: Language) -> Markup {
    let mut rows = Vec::new();
    if let Some(preset) = &found.preset {
        rows.push((word("page.field.provider"), html! { (providers::name(preset)) }));
    }
    let server = &found.server;
    rows.push((word("page.guide.server"), html! { code { (server.host) ":" (server.port) } }));
    let how_sure = match (&found.preset, found.is_told) {
        (Some(_), true) => "page.guide.found.known",
        (Some(_), false) => "page.guide.found.likely",
        (None, _) => "page.guide.found.guessed",
    };
    card(
        &word("page.guide.found"),
        html! {
            (facts(rows))
            ul { @for seen in &found.evidence { li { (seen.message(language)) } } }
            p.hint { (word(how_sure)) }
            @if let Some(preset) = &found.preset { (warned(preset)) }
        },
    )
}

/// The provider that was found, or those that most organisations have; a password; and all others.
fn ways(trip: &Trip, found: &Found) -> Markup {
    const USUAL: [&str; 3] = ["google", "microsoft", "custom"];
    let guess = found.preset.as_ref();
    let is_first = |preset: &Preset| match guess {
        Some(guess) => guess.id == preset.id,
        None => USUAL.contains(&preset.id),
    };
    let all = CATALOGUE.into_iter().filter(|preset| preset.provider.is_some());
    let (first, others): (Vec<_>, Vec<_>) = all.partition(is_first);
    let is_other_chosen = others.iter().any(|other| other.id == trip.get(Answer::Way));
    html! {
        @for preset in &first { (option(trip, guess, Some(preset))) }
        (option(trip, guess, None))
        details open[is_other_chosen] {
            summary { (word("page.guide.way.others")) }
            @for preset in &others { (option(trip, guess, Some(preset))) }
        }
    }
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

/// Google and Microsoft let mail programs in with consent; of the others most give clients by contract only.
fn is_recommended(guess: Option<&Preset>, offered: Option<&Preset>) -> bool {
    let Some(guess) = guess else { return false };
    let by_consent = matches!(guess.provider, Some(Provider::Google | Provider::Microsoft));
    offered.map(|offered| offered.id) == by_consent.then_some(guess.id)
}

fn option(trip: &Trip, guess: Option<&Preset>, offered: Option<&Preset>) -> Markup {
    let value = offered.map_or(PASSWORD, |preset| preset.id);
    let chosen = trip.get(Answer::Way);
    let is_recommended = is_recommended(guess, offered);
    html! {
        label {
            input type="radio" name="way" value=(value) required checked[chosen == value || (chosen.is_empty() && is_recommended)];
            span {
                @match offered {
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
    let way = trip.clone().with(Answer::Way, preset.id).to(Step::Integration);
    html! {
        (warned(preset))
        p { a href=(way) { (around("page.guide.way.consent", "provider", html! { (providers::name(preset)) })) } }
    }
}
