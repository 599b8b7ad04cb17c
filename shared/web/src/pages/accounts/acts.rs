//! What is done with a signed-in account by a button.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect},
};
use intake::{
    App, Error,
    flows::{
        audit,
        authorize::AuthorizationInput,
        grants, probe,
        refresh::{self, Reason},
    },
};

use super::{
    one::shown,
    told::{Told, id_of},
};
use crate::pages::{
    consent,
    frame::{
        fields::Filled,
        form::{AdministratorForm, Form},
        page::{PageResult, again},
        parts::{on_to, refused, tested},
    },
};

/// Tries it out, and shows what was seen above its page.
pub(super) async fn test(
    State(app): State<App>,
    Path(id): Path<String>,
    AdministratorForm(sent): AdministratorForm,
) -> PageResult {
    let report = probe::grant(&app, id_of(&id)?).await?;
    let told = Told::read(&app, &id).await?;
    Ok(shown(&app, &sent.visitor, &told, tested(&report)))
}

/// Refreshes its tokens now. Noted in the audit trail.
pub(super) async fn refresh(
    State(app): State<App>,
    Path(id): Path<String>,
    AdministratorForm(sent): AdministratorForm,
) -> PageResult {
    let refreshed = async {
        let id = grants::get(&app, id_of(&id)?).await?.id;
        audit::asked(&app, &sent.visitor.actor, "grant.refresh_requested", id).await?;
        refresh::refresh_grant(&app, id, Reason::OnDemand).await
    };
    match refreshed.await {
        Ok(grant) => Ok(on_to(&format!("/accounts/{}", grant.id), "account_refreshed")),
        Err(error) => failed(&app, &sent, &id, error).await,
    }
}

/// Begins a consent by the same account; its page has the link.
pub(super) async fn consent_again(
    State(app): State<App>,
    Path(id): Path<String>,
    AdministratorForm(sent): AdministratorForm,
) -> PageResult {
    let begun = async {
        let grant = grants::get(&app, id_of(&id)?).await?;
        let input = AuthorizationInput { grant_id: Some(grant.id), ..Default::default() };
        consent::begin(&app, &sent, grant.integration_id, input).await
    };
    match begun.await {
        Ok(attempt) => Ok(Redirect::to(&format!("/accounts/consent/{attempt}")).into_response()),
        Err(error) => failed(&app, &sent, &id, error).await,
    }
}

/// Its page again, with what was wrong.
async fn failed(app: &App, sent: &Form, id: &str, error: Error) -> PageResult {
    let told = Told::read(app, id).await?;
    let above = refused(&error, &Filled::default(), &[]);
    Ok(again(shown(app, &sent.visitor, &told, above), error))
}
