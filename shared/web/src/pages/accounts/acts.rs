//! What is done with a signed-in account by a button.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
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
    one::{shown, tested},
    told::{Told, id_of},
};
use crate::pages::{
    consent,
    frame::{
        fields::Filled,
        form::{AdministratorForm, Form},
        page::{again, error_page},
        parts::{after, refused},
    },
};

/// Tries it out, and shows what was seen above its page.
pub(super) async fn test(
    State(app): State<App>,
    Path(id): Path<String>,
    AdministratorForm(sent): AdministratorForm,
) -> Response {
    let run =
        async { Ok::<_, Error>((probe::grant(&app, id_of(&id)?).await?, Told::read(&app, &id).await?)) };
    match run.await {
        Ok((report, told)) => shown(&app, &sent.visitor, &told, tested(&report)),
        Err(error) => error_page(error),
    }
}

/// Refreshes its tokens now. Noted in the audit trail.
pub(super) async fn refresh(
    State(app): State<App>,
    Path(id): Path<String>,
    AdministratorForm(sent): AdministratorForm,
) -> Response {
    let refreshed = async {
        let id = grants::get(&app, id_of(&id)?).await?.id;
        audit::asked(&app, &sent.visitor.actor, "grant.refresh_requested", id).await?;
        refresh::refresh_grant(&app, id, Reason::OnDemand).await
    };
    match refreshed.await {
        Ok(grant) => {
            Redirect::to(&after(&format!("/accounts/{}", grant.id), "account_refreshed")).into_response()
        }
        Err(error) => failed(&app, &sent, &id, error).await,
    }
}

/// Begins a consent by the same account; its page has the link.
pub(super) async fn consent_again(
    State(app): State<App>,
    Path(id): Path<String>,
    AdministratorForm(sent): AdministratorForm,
) -> Response {
    let begun = async {
        let grant = grants::get(&app, id_of(&id)?).await?;
        let input = AuthorizationInput { grant_id: Some(grant.id), ..Default::default() };
        consent::begin(&app, &sent, grant.integration_id, input).await
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
            let above = refused(&error, &Filled::default(), &[]);
            again(shown(app, &sent.visitor, &told, above), error)
        }
        Err(error) => error_page(error),
    }
}
