//! The way back from the provider: one matching callback makes or mends a grant.

mod identity;
mod mailbox;
mod refusal;
mod save;

use aws_lc_rs::constant_time;
use secrecy::SecretString;
use url::Url;

use self::{
    refusal::Refusal,
    save::{Consent, no_refresh_token},
};
use crate::{
    App,
    app::sha256_hex,
    error::{Error, Kind, Result},
    explain, failed,
    flows::{authorize, change::Deed, learn::learn_authentication},
    ports::{Change, Client, CodeExchange, OAuthError, OAuthFault},
    types::{
        attempt::{Attempt, AttemptStatus, Opening},
        audit::{Actor, Origin, Via},
        ids::AttemptId,
        secret::SecretName,
    },
};

/// What came to the callback.
#[derive(Debug)]
pub struct CallbackRequest {
    /// The URL it came to, without its query.
    pub url: Url,
    /// `state`.
    pub state: String,
    /// `code`.
    pub code: Option<SecretString>,
    /// `error`.
    pub error: Option<String>,
    /// `error_description`.
    pub error_description: Option<String>,
    /// `iss` (RFC 9207).
    pub issuer: Option<String>,
    /// The cookie that the start page gave to this browser.
    pub cookie: Option<String>,
    /// Where the browser is.
    pub address: Option<std::net::IpAddr>,
}

/// Ends an attempt: the result page shows which, and how it stands then.
///
/// Errors are only those of a state that could not be taken: it leads to no attempt that this browser may see. Whatever
/// fails afterwards is noted in the attempt.
pub async fn finish(app: &App, request: CallbackRequest) -> Result<AttemptId> {
    let opening = take(app, &request).await?;
    let id = opening.attempt_id;
    let (actor, refusal) = match authorize::get(app, id).await {
        Ok((mut attempt, state)) if authorize::is_open(&attempt, &state) => {
            // Who began it, and where it ended.
            attempt.actor.from = Origin::at(Via::Page, request.address);
            let Err(refusal) = consent(app, &attempt, &opening, request).await else { return Ok(id) };
            (attempt.actor, refusal)
        }
        // Another opening came back first, or the time is over: that stands.
        Ok(_) => return Ok(id),
        Err(error) => (Actor::system(), error.into()),
    };
    let Refusal { error, told } = refusal;
    failed!(warn, error, attempt = %id, "A consent failed.");
    let status = AttemptStatus::Failed { error: error.problem() };
    let told = told.field("error", "", &error.code);
    let deed = Deed::new(app, &actor, "authorization.failed", id).tells(told);
    // Another callback may have ended it meanwhile: its result stands.
    let _ = deed.change(Change::FinishAttempt { id, status }).commit().await;
    Ok(id)
}

/// Takes the state, once, for the browser that began.
async fn take(app: &App, request: &CallbackRequest) -> Result<Opening> {
    let unknown = || Error::told(Kind::Forbidden, "state_unknown");
    let elsewhere = || Error::told(Kind::Forbidden, "other_browser");
    let cookie = request.cookie.as_deref().ok_or_else(elsewhere)?;
    let opening =
        app.store.take_opening(&sha256_hex(&request.state), app.now()).await?.ok_or_else(unknown)?;
    let same = constant_time::verify_slices_are_equal(
        sha256_hex(cookie).as_bytes(),
        opening.browser_hash.as_bytes(),
    );
    same.map(|()| opening).map_err(|_| elsewhere())
}

async fn consent(
    app: &App,
    attempt: &Attempt,
    opening: &Opening,
    request: CallbackRequest,
) -> Result<(), Refusal> {
    let client = check(app, attempt, &request).await?;
    let code = request.code.ok_or_else(|| Error::told(Kind::Configuration, "code_missing"))?;
    let exchange = CodeExchange {
        code,
        code_verifier: SecretString::from(authorize::verifier(app, &request.state)),
        redirect_url: attempt.redirect_url.clone(),
    };
    let answer = app
        .oauth
        .exchange_code(&client, &exchange)
        .await
        .map_err(|error| explain::oauth(&error, attempt.provider))?;
    if answer.authentication != attempt.client_authentication {
        let (id, version) = (attempt.integration_id, attempt.integration_version);
        learn_authentication(app, id, version, answer.authentication).await;
    }
    if answer.refresh_token.is_none() {
        return Err(no_refresh_token(attempt.provider).into());
    }
    let account = identity::of(attempt, opening, answer.id_token.as_ref(), app.now())?;
    let old = identity::find_grant(app, attempt, account.as_ref()).await?;
    let mailbox = mailbox::find(app, attempt, old.as_ref(), account.as_ref()).await?;
    save::save(app, attempt, Consent { answer, account, old, mailbox }).await
}

/// Everything that must fit before the code goes anywhere.
async fn check(app: &App, attempt: &Attempt, request: &CallbackRequest) -> Result<Client> {
    if request.url != attempt.redirect_url {
        return Err(Error::told(Kind::Forbidden, "wrong_redirect_url"));
    }
    if let (Some(told), Some(known)) = (&request.issuer, &attempt.issuer)
        && told != known
    {
        return Err(Error::told(Kind::Forbidden, "issuer_mismatch.callback"));
    }
    if request.issuer.is_none() && attempt.iss_in_callback {
        return Err(Error::told(Kind::Forbidden, "issuer_missing"));
    }
    if let Some(error) = &request.error {
        return Err(explain::sign_in_page(
            &provider_error(error, request.error_description.as_deref()),
            attempt.provider,
        ));
    }
    let integration = authorize::check_integration(app, attempt).await?;
    let secret =
        app.vault.get(SecretName::Integration(integration.id), &integration.client_secret_version).await?;
    Ok(Client {
        provider: attempt.provider,
        endpoints: attempt.endpoints.clone(),
        id: attempt.client_id.clone(),
        secret,
        authentication: attempt.client_authentication,
    })
}

fn provider_error(error: &str, description: Option<&str>) -> OAuthError {
    let fault = explain::provider_fault(error, description).unwrap_or(OAuthFault::Configuration);
    OAuthError {
        fault,
        context: "consent".into(),
        error: Some(explain::kept_words(error, 100)),
        description: description.map(|d| explain::kept_words(d, 300)),
        host: None,
        tried: Vec::new(),
    }
}
