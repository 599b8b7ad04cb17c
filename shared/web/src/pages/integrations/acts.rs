//! What is done with an integration by a button: its test, its redirect URL, and the beginning of a consent.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use intake::{
    App, Error,
    flows::{authorize::AuthorizationInput, integrations, probe},
};

use super::one::{Told, id_of, shown, tested};
use crate::pages::{
    consent,
    frame::{
        fields::Filled,
        form::{AdministratorForm, Form},
        page::{again, error_page},
        parts::{after, refused},
    },
};

/// Tries it out, and shows what was seen above its page. Changes nothing.
pub(super) async fn test(
    State(app): State<App>,
    Path(id): Path<String>,
    AdministratorForm(sent): AdministratorForm,
) -> Response {
    match run(&app, &id).await {
        Ok((told, report)) => shown(&app, &sent.visitor, &told, tested(&report)),
        Err(error) => error_page(error),
    }
}

async fn run(app: &App, id: &str) -> Result<(Told, probe::ProbeReport), Error> {
    let report = probe::integration(app, id_of(id)?).await?;
    Ok((Told::read(app, id).await?, report))
}

/// Generates the redirect URL again.
pub(super) async fn generate(
    State(app): State<App>,
    Path(id): Path<String>,
    AdministratorForm(sent): AdministratorForm,
) -> Response {
    let made = async {
        integrations::generate_redirect_url(&app, &sent.visitor.actor, id_of(&id)?, &sent.expect()).await
    };
    match made.await {
        Ok(saved) => {
            let path = format!("/integrations/{}", saved.integration.id);
            Redirect::to(&after(&path, "url_generated")).into_response()
        }
        Err(error) => failed(&app, &sent, &id, error).await,
    }
}

/// Begins a consent; its page has the link.
pub(super) async fn consent(
    State(app): State<App>,
    Path(id): Path<String>,
    AdministratorForm(sent): AdministratorForm,
) -> Response {
    let begun = async {
        let input = AuthorizationInput { login_hint: consent::suggested(&sent)?, ..Default::default() };
        consent::begin(&app, &sent, id_of(&id)?, input).await
    };
    match begun.await {
        Ok(attempt) => Redirect::to(&format!("/accounts/consent/{attempt}")).into_response(),
        Err(error) => failed(&app, &sent, &id, error).await,
    }
}

/// Its page again, with what was wrong.
async fn failed(app: &App, sent: &Form, id: &str, error: Error) -> Response {
    match Told::read(app, id).await {
        Ok(told) => {
            let above = refused(&error, &Filled::again(sent, &error), &[]);
            again(shown(app, &sent.visitor, &told, above), error)
        }
        Err(error) => error_page(error),
    }
}
