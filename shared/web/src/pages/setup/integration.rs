//! The provider's side: an integration that is there already, or what to do at the provider and the form of a new one.

use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use intake::{
    App,
    flows::integrations,
    types::{
        PageRequest,
        integration::{Integration, Provider},
        presets::Preset,
    },
};
use maud::{Markup, html};

use super::{
    shell::shown,
    trip::{Answer, Step, Trip},
};
use crate::pages::{
    frame::{
        form::{AdministratorForm, Form},
        page::{PageResult, again},
        parts::card,
        visitor::{Administrator, Visitor},
        words::word,
    },
    integrations::{
        form,
        new::{Draft, editor},
    },
    providers,
};

/// The most integrations that are offered.
const OFFERED: u32 = 50;

/// The page.
pub(super) async fn page(
    State(app): State<App>,
    Administrator(visitor): Administrator,
    trip: Trip,
) -> PageResult {
    let Some(preset) = trip.preset() else { return Ok(past(&trip)) };
    let trip = trip.at(Step::Integration)?;
    let mut draft = Draft::of(&app, &preset).await;
    let tenant = trip.get(Answer::Tenant);
    if preset.provider == Some(Provider::Microsoft) && !tenant.is_empty() {
        draft.filled = draft.filled.holding("/tenant", tenant.to_owned());
    }
    asked(&app, &visitor, &trip, &preset, &draft).await
}

/// A mailbox with a password needs none of this; without a way, that is asked first.
fn past(trip: &Trip) -> Response {
    if trip.by_password() {
        return Redirect::to(&trip.to(Step::Mailbox)).into_response();
    }
    let ask = trip.missing_before(Step::Integration).unwrap_or(Step::Way);
    Redirect::to(&trip.to(ask)).into_response()
}

/// Integrations of the same provider: one of them does as well.
fn existing(trip: &Trip, all: &[Integration], preset: &Preset) -> Markup {
    let fitting: Vec<_> = all.iter().filter(|i| Some(i.provider) == preset.provider).collect();
    if fitting.is_empty() {
        return html! {};
    }
    card(
        &word("page.guide.existing"),
        html! {
            p { (word("page.guide.existing.what")) }
            ul.choices {
                @for integration in fitting {
                    li { a href=(trip.clone().with(Answer::Integration, integration.id).to(Step::Mailbox)) { bdi { (integration.name) } } }
                }
            }
        },
    )
}

async fn asked(app: &App, visitor: &Visitor, trip: &Trip, preset: &Preset, draft: &Draft) -> PageResult {
    let there = integrations::list(app, &PageRequest::first(OFFERED)).await?.items;
    let content = html! {
        (existing(trip, &there, preset))
        (providers::steps(preset, draft.made.as_ref()))
        (editor(app, visitor, preset, draft, "/setup/integration", trip.hidden(&[])))
    };
    Ok(shown(visitor, trip, Step::Integration, content))
}

/// Generates the redirect URL or suggests a client; nothing is saved.
pub(super) async fn prepare(
    State(app): State<App>,
    AdministratorForm(sent): AdministratorForm,
) -> PageResult {
    let trip = Trip::of_form(&sent);
    let Some(preset) = trip.preset() else { return Ok(past(&trip)) };
    let draft = Draft::prepared(&app, &preset, &sent).await;
    let response = asked(&app, &sent.visitor, &trip, &preset, &draft).await?;
    Ok(match draft.error {
        Some(error) => again(response, error),
        None => response,
    })
}

/// Saves it, and goes on.
pub(super) async fn save(State(app): State<App>, AdministratorForm(sent): AdministratorForm) -> PageResult {
    let trip = Trip::of_form(&sent);
    match form::create(&app, &sent).await {
        Ok(saved) => {
            let trip = trip.with(Answer::Integration, saved.integration.id);
            Ok(Redirect::to(&trip.to(Step::Mailbox)).into_response())
        }
        Err(error) => wrong(&app, &sent, &trip, error).await,
    }
}

async fn wrong(app: &App, sent: &Form, trip: &Trip, error: intake::Error) -> PageResult {
    let Some(preset) = trip.preset() else { return Err(error.into()) };
    let draft = Draft::again(app, &preset, sent, error.clone()).await;
    Ok(again(asked(app, &sent.visitor, trip, &preset, &draft).await?, error))
}
