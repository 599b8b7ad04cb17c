//! Authorizations: attempts to get a grant through the provider's consent page.

use std::time::Duration;

use axum::extract::State;
use intake::{
    App, Error, Kind,
    error::FieldErrors,
    flows::authorize::{self, AttemptState, AuthorizationInput, LONGEST_LIFE, SHORTEST_LIFE},
    one_of, request,
    types::{
        Version,
        attempt::{Attempt, AttemptStatus},
        given,
        ids::{AttemptId, IntegrationId},
    },
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{calls::calls, last_error::ErrorView};
use crate::{
    answer::{self, Time},
    auth::Administrator,
    error::ApiResult,
    extract::{Body, Id, IdempotencyKey},
};

calls!(begin_authorization, get_authorization);

request! {
    /// For whom consent is asked.
    struct NewAuthorization {
        /// The account to suggest to the provider; where none is given, the one that must consent.
        #[schema(value_type = Option<String>, min_length = 1, max_length = 320)]
        login_hint: String,
        /// Consent again for this grant, by the same account.
        #[schema(value_type = Option<String>)]
        grant_id: String,
        /// The mailbox that waits for this consent. One that is read already goes on with its own account only: consent by
        /// another one ends in `wrong_account`, and nothing is changed. `auth.grant_id` of the mailbox chooses another.
        #[schema(value_type = Option<String>)]
        mailbox_id: String,
        /// For how many seconds `start_url` can be opened: 60 to 604800 (7 days, for a link that is sent to the mailbox's
        /// owner); 900 by default. Opening it uses nothing up. A link of more than 900 seconds is good until a consent
        /// succeeds: one that failed may be followed by another. A changed integration ends it.
        #[schema(value_type = Option<u64>, minimum = 60, maximum = 604_800)]
        valid_for_seconds: u64,
    }
}

/// An attempt that was begun.
#[derive(Debug, Serialize, ToSchema)]
struct BegunAuthorization {
    id: String,
    /// To be opened in a browser: it sets a cookie and redirects to the provider.
    #[schema(format = "uri")]
    start_url: String,
    /// After this, no consent is accepted.
    expires_at: Time,
}

one_of!(AuthorizationStatus: "pending", "done", "failed", "expired");

/// How an attempt stands. One of a link for sending that failed may still become `done`, until it expires.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Authorization)]
struct View {
    id: String,
    /// How it stands.
    #[schema(value_type = AuthorizationStatus)]
    status: &'static str,
    /// When done.
    #[serde(skip_serializing_if = "Option::is_none")]
    grant_id: Option<String>,
    /// When failed or expired.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorView>,
    expires_at: Time,
}

fn view(attempt: &Attempt, state: AttemptState) -> View {
    let (status, grant_id, error) = match state {
        AttemptState::Expired => {
            let unfinished = Error::told(Kind::NeedsConsent, "consent_unfinished");
            ("expired", None, Some(unfinished.problem().into()))
        }
        AttemptState::Recorded(AttemptStatus::Pending) => ("pending", None, None),
        AttemptState::Recorded(AttemptStatus::Done { grant_id }) => {
            ("done", Some(grant_id.to_string()), None)
        }
        AttemptState::Recorded(AttemptStatus::Failed { error }) => ("failed", None, Some(error.into())),
    };
    View { id: attempt.id.to_string(), status, grant_id, error, expires_at: Time(attempt.expires_at) }
}

fn input(new: NewAuthorization) -> Result<AuthorizationInput, Error> {
    let mut errors = FieldErrors::default();
    let wanted = "field.existing_id";
    let grant_id =
        new.grant_id.optional(&mut errors, "/grant_id", None, |text| text.parse().map_err(|_| wanted));
    let mailbox_id =
        new.mailbox_id.optional(&mut errors, "/mailbox_id", None, |text| text.parse().map_err(|_| wanted));
    let login_hint =
        new.login_hint.optional(&mut errors, "/login_hint", None, |text| given::line(&text, 320));
    let valid_for = new.valid_for_seconds.optional(&mut errors, "/valid_for_seconds", None, |seconds| {
        let wished = Duration::from_secs(seconds);
        let fits = (SHORTEST_LIFE..=LONGEST_LIFE).contains(&wished);
        fits.then_some(wished).ok_or("field.valid_for_seconds")
    });
    errors.finish()?;
    Ok(AuthorizationInput { login_hint, grant_id, mailbox_id, valid_for })
}

/// Begins an attempt; 409 while the redirect URL is stale.
#[utoipa::path(post, path = "/integrations/{id}/authorizations", tag = "authorizations",
    params(("id" = String, Path, description = "int_…"), IdempotencyKey),
    request_body = NewAuthorization, responses((status = 201, body = BegunAuthorization)))]
async fn begin_authorization(
    State(app): State<App>,
    Administrator(actor): Administrator,
    Id(id): Id<IntegrationId>,
    body: Body<NewAuthorization>,
) -> ApiResult {
    let once = body.once(&app, &actor)?;
    let begun = authorize::begin(&app, &actor, id, input(body.value)?, once.as_ref()).await?;
    let path = format!("/api/v1/authorizations/{}", begun.attempt.id);
    let view = BegunAuthorization {
        id: begun.attempt.id.to_string(),
        start_url: begun.start_url.into(),
        expires_at: Time(begun.attempt.expires_at),
    };
    Ok(answer::created(&path, Version::FIRST, &view))
}

/// How an attempt stands.
#[utoipa::path(get, path = "/authorizations/{id}", tag = "authorizations",
    params(("id" = String, Path, description = "aut_…")), responses((status = 200, body = View)))]
async fn get_authorization(State(app): State<App>, _: Administrator, Id(id): Id<AttemptId>) -> ApiResult {
    let (attempt, state) = authorize::get(&app, id).await?;
    Ok(answer::versioned(Version::FIRST, &view(&attempt, state)))
}
