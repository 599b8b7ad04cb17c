//! The way to a provider's consent page as an administrator sees it: a link to open, or to send to the mailbox's owner, and
//! what became of it.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect},
};
use intake::{
    App, Error,
    flows::authorize::{self, AttemptState, AuthorizationInput},
    types::{
        attempt::{Attempt, AttemptStatus},
        given,
        ids::{AttemptId, IntegrationId},
    },
};
use maud::{Markup, html};

use super::frame::{
    console::{console, csrf},
    form::{AdministratorForm, Form},
    page::PageResult,
    parts::{Tone, card, copied, live, notice, once, problem},
    visitor::{Administrator, Visitor},
    words::{around, when, word},
};

/// Whose consent a form asks for: the account to suggest is a field of it.
pub(super) fn suggested(form: &Form) -> Result<Option<String>, Error> {
    let hint = form.text("/login_hint").map(|text| given::line(text, 320));
    hint.transpose().map_err(|wrong| Error::field("/login_hint", wrong))
}

/// Begins an attempt, once for each form.
pub(super) async fn begin(
    app: &App,
    form: &Form,
    integration: IntegrationId,
    input: AuthorizationInput,
) -> Result<AttemptId, Error> {
    let once = form.once(app, &format!("consent/{integration}"))?;
    let begun = authorize::begin(app, &form.visitor.actor, integration, input, once.as_ref()).await?;
    Ok(begun.attempt.id)
}

/// An attempt on a page of its own.
pub(super) async fn page(
    State(app): State<App>,
    Administrator(visitor): Administrator,
    Path(id): Path<String>,
) -> PageResult {
    let Ok(id) = id.parse() else { return Err(Error::not_found("authorization").into()) };
    let (attempt, state) = authorize::get(&app, id).await?;
    let content = html! {
        (live("consent", 5, told(&app, &attempt, &state)))
        @if is_here(&attempt, &state) { (for_the_owner(&app, &visitor, attempt.id)) }
    };
    Ok(console(&visitor, &word("page.consent.ask"), content))
}

/// Whether it is for whoever has just begun it, and not for sending.
fn is_here(attempt: &Attempt, state: &AttemptState) -> bool {
    authorize::is_open(attempt, state) && !authorize::is_for_sending(attempt)
}

/// Makes a link that lives until somebody reads their mail.
fn for_the_owner(app: &App, visitor: &Visitor, id: AttemptId) -> Markup {
    let form = html! {
        form method="post" action={ "/accounts/consent/" (id) "/send" } {
            (csrf(visitor)) (once(app))
            p { (word("page.consent.send.what")) }
            div.actions { button.second { (word("page.consent.send.make")) } }
        }
    };
    html! { div #send { (card(&word("page.consent.send.title"), form)) } }
}

/// The same consent by a link for sending.
pub(super) async fn send(
    State(app): State<App>,
    Path(id): Path<String>,
    AdministratorForm(form): AdministratorForm,
) -> PageResult {
    let id: AttemptId = id.parse().map_err(|_| Error::not_found("authorization"))?;
    let (of, _) = authorize::get(&app, id).await?;
    let input = AuthorizationInput {
        login_hint: of.login_hint,
        grant_id: of.grant_id,
        mailbox_id: of.mailbox_id,
        valid_for: Some(authorize::LONGEST_LIFE),
    };
    let attempt = begin(&app, &form, of.integration_id, input).await?;
    Ok(Redirect::to(&format!("/accounts/consent/{attempt}")).into_response())
}

/// The link while somebody may still use it, else what became of the attempt.
pub(super) fn told(app: &App, attempt: &Attempt, state: &AttemptState) -> Markup {
    match state {
        AttemptState::Recorded(AttemptStatus::Pending) => link(app, attempt),
        AttemptState::Recorded(AttemptStatus::Done { grant_id }) => html! {
            (notice(Tone::Good, html! { p { (word("page.consent.done")) } }))
            p { a href={ "/accounts/" (grant_id) } { (word("page.consent.look")) } }
        },
        AttemptState::Recorded(AttemptStatus::Failed { error }) => html! {
            p { (word("page.consent.failed")) }
            (problem(Tone::Bad, error))
            @if authorize::is_open(attempt, state) { (link(app, attempt)) }
        },
        AttemptState::Expired => notice(
            Tone::Warn,
            html! {
                p { (word("page.consent.expired")) " " strong { (word("page.consent.expired.action")) } }
            },
        ),
    }
}

fn link(app: &App, attempt: &Attempt) -> Markup {
    let Ok(url) = authorize::start_url(app, attempt.id) else { return html! {} };
    html! {
        @if let Some(hint) = &attempt.login_hint {
            p { (around("page.consent.for", "account", html! { bdi { strong { (hint) } } })) }
        }
        @if authorize::is_for_sending(attempt) {
            p { (word("page.consent.send")) }
            (copied(&word("page.consent.link"), url.as_str()))
            p { (around("page.consent.until", "time", when(attempt.expires_at))) " " (word("page.consent.send.often")) }
        } @else {
            p { (word("page.consent.here")) }
            p { a.button href=(url) target="_blank" rel="noreferrer" { (word("page.consent.open")) } }
            p.faint { (around("page.consent.until", "time", when(attempt.expires_at))) }
            p { a href={ "/accounts/consent/" (attempt.id) "#send" } { (word("page.consent.send.title")) } }
        }
        p.faint { (word("page.consent.waits")) }
    }
}
