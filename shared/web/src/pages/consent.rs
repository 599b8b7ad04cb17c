//! The way to a provider's consent page as an administrator sees it: a link to open, or to send to the mailbox's owner, and
//! what became of it.

use axum::extract::{Path, State};
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
    console::console,
    form::Form,
    page::PageResult,
    parts::{Tone, copied, live, notice, problem},
    visitor::Administrator,
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
    Ok(console(&visitor, &word("page.consent.ask"), live("consent", 5, told(&app, &attempt, &state))))
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
        p { (word("page.consent.here")) }
        p { a.button href=(url) target="_blank" rel="noreferrer" { (word("page.consent.open")) } }
        p { (word("page.consent.send")) }
        (copied(&word("page.consent.link"), url.as_str()))
        p.faint { (around("page.consent.until", "time", when(attempt.expires_at))) }
        p.faint { (word("page.consent.waits")) }
    }
}
