//! The owner of the mailbox signs in: here, or by a link that is sent to them.

use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use intake::{
    App, Error,
    flows::{
        authorize::{self, AttemptState, AuthorizationInput},
        mailboxes::{self, Shown},
    },
    types::{
        attempt::{Attempt, AttemptStatus},
        ids::MailboxId,
    },
};
use maud::{Markup, html};

use super::{
    shell::{on, shown},
    trip::{Answer, Step, Trip},
};
use crate::pages::{
    consent,
    frame::{
        console::csrf,
        fields::Filled,
        form::{AdministratorForm, Form},
        page::{PageResult, again},
        parts::{Tone, card, live, notice, once, refused},
        visitor::{Administrator, Visitor},
        words::word,
    },
};

/// The page: nothing to do, a link under way, or the button that makes one.
pub(super) async fn page(
    State(app): State<App>,
    Administrator(visitor): Administrator,
    trip: Trip,
) -> PageResult {
    let trip = trip.at(Step::Consent)?;
    let found = read(&app, &trip).await?;
    Ok(asked(&app, &visitor, &trip, &found, html! {}))
}

struct Found {
    mailbox: Shown,
    attempt: Option<(Attempt, AttemptState)>,
}

async fn read(app: &App, trip: &Trip) -> Result<Found, Error> {
    let mailbox = mailboxes::get(app, mailbox_of(trip)?).await?;
    let attempt = match trip.attempt() {
        Some(id) => Some(authorize::get(app, id).await?),
        None => None,
    };
    // Another mailbox's is not this one's.
    let attempt = attempt.filter(|(attempt, _)| attempt.mailbox_id == Some(mailbox.mailbox.id));
    Ok(Found { mailbox, attempt })
}

pub(super) fn mailbox_of(trip: &Trip) -> Result<MailboxId, Error> {
    trip.mailbox().ok_or_else(|| Error::not_found("mailbox"))
}

fn asked(app: &App, visitor: &Visitor, trip: &Trip, found: &Found, above: Markup) -> Response {
    let mailbox = &found.mailbox.mailbox;
    let is_in = mailbox.integration_id().is_none() || mailbox.grant_id().is_some();
    let content = html! {
        (above)
        @if is_in {
            (notice(Tone::Good, html! { p { (word("page.guide.consent.done")) } }))
            (on(trip, Step::Test, &word("page.guide.to_test")))
        } @else {
            @if let Some((attempt, state)) = &found.attempt { (consent::told(app, attempt, state)) }
            @if !is_pending(found) { (begin(app, visitor, trip)) }
        }
    };
    // What becomes of a link that was sent shows itself.
    let content = if found.attempt.is_some() { live("consent", 3, content) } else { content };
    shown(visitor, trip, Step::Consent, content)
}

fn is_pending(found: &Found) -> bool {
    let state = found.attempt.as_ref().map(|(_, state)| state);
    matches!(state, Some(AttemptState::Recorded(AttemptStatus::Pending)))
}

fn begin(app: &App, visitor: &Visitor, trip: &Trip) -> Markup {
    card(
        &word("page.consent.ask"),
        html! {
            p { (word("page.consent.what")) }
            form method="post" action="/setup/consent" {
                (csrf(visitor)) (once(app)) (trip.hidden(&[]))
                div.field {
                    label for="login_hint" { (word("page.consent.hint")) }
                    input #login_hint type="email" name="/login_hint" value=(trip.signs_in()) autocomplete="off" spellcheck="false";
                }
                div.actions { button { (word("page.consent.begin")) } }
            }
        },
    )
}

/// Makes the link.
pub(super) async fn go(State(app): State<App>, AdministratorForm(sent): AdministratorForm) -> PageResult {
    let trip = Trip::of_form(&sent);
    match begun(&app, &trip, &sent).await {
        Ok(trip) => Ok(Redirect::to(&trip.to(Step::Consent)).into_response()),
        Err(error) => {
            let found = read(&app, &trip).await?;
            let above = refused(&error, &Filled::again(&sent, &error), &[]);
            Ok(again(asked(&app, &sent.visitor, &trip, &found, above), error))
        }
    }
}

async fn begun(app: &App, trip: &Trip, sent: &Form) -> Result<Trip, Error> {
    let id = mailbox_of(trip)?;
    let mailbox = mailboxes::get(app, id).await?.mailbox;
    let integration = mailbox.integration_id().ok_or_else(|| Error::not_found("integration"))?;
    let login_hint = consent::suggested(sent)?;
    let input = AuthorizationInput { login_hint, mailbox_id: Some(id), ..Default::default() };
    Ok(trip.clone().with(Answer::Attempt, consent::begin(app, sent, integration, input).await?))
}
