//! What is done with an integration by a button: its test, its redirect URL, and the beginning of a consent.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect},
};
use intake::{
    App, Error,
    flows::{authorize::AuthorizationInput, integrations, probe},
};

use super::one::{Told, id_of, shown};
use crate::pages::{
    consent,
    frame::{
        fields::Filled,
        form::{AdministratorForm, Form},
        page::{PageResult, again},
        parts::{on_to, refused, tested},
    },
};

/// Tries it out, and shows what was seen above its page. Changes nothing.
pub(super) async fn test(
    State(app): State<App>,
    Path(id): Path<String>,
    AdministratorForm(sent): AdministratorForm,
) -> PageResult {
    let report = probe::integration(&app, id_of(&id)?).await?;
    let told = Told::read(&app, &id).await?;
    Ok(shown(&app, &sent.visitor, &told, tested(&report)))
}

/// Generates the redirect URL again.
pub(super) async fn generate(
    State(app): State<App>,
    Path(id): Path<String>,
    AdministratorForm(sent): AdministratorForm,
) -> PageResult {
    let made = async {
        integrations::generate_redirect_url(&app, &sent.visitor.actor, id_of(&id)?, &sent.expect()).await
    };
    match made.await {
        Ok(saved) => {
            let path = format!("/integrations/{}", saved.integration.id);
            Ok(on_to(&path, "url_generated"))
        }
        Err(error) => failed(&app, &sent, &id, error).await,
    }
}

/// Begins a consent; its page has the link.
pub(super) async fn consent(
    State(app): State<App>,
    Path(id): Path<String>,
    AdministratorForm(sent): AdministratorForm,
) -> PageResult {
    let begun = async {
        let input = AuthorizationInput { login_hint: consent::suggested(&sent)?, ..Default::default() };
        consent::begin(&app, &sent, id_of(&id)?, input).await
    };
    match begun.await {
        Ok(attempt) => Ok(Redirect::to(&format!("/accounts/consent/{attempt}")).into_response()),
        Err(error) => failed(&app, &sent, &id, error).await,
    }
}

/// Its page again, with what was wrong.
async fn failed(app: &App, sent: &Form, id: &str, error: Error) -> PageResult {
    let told = Told::read(app, id).await?;
    let above = refused(&error, &Filled::again(sent, &error), &[]);
    Ok(again(shown(app, &sent.visitor, &told, above), error))
}
