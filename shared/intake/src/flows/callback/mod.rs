//! The way back from the provider: one matching callback makes or mends a grant.

mod save;

use aws_lc_rs::constant_time;
use secrecy::SecretString;
use url::Url;

use crate::{
    App, Sentence, Timestamp,
    app::sha256_hex,
    error::{Error, Kind, Result},
    explain, failed,
    flows::{
        authorize::{self, AttemptState},
        change::{Deed, Diff},
    },
    ports::{Change, Client, CodeExchange, IdToken, OAuthError, OAuthFault},
    types::{
        PageRequest,
        attempt::{Attempt, AttemptStatus, Opening},
        audit::{Actor, Origin, Via},
        grant::{Grant, GrantStatus},
        ids::AttemptId,
        integration::Provider,
        secret::SecretName,
    },
};

/// How far the provider's clock may differ from ours, in seconds.
const LEEWAY: i64 = 5 * 60;

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
    let (actor, error) = match authorize::get(app, id).await {
        Ok((mut attempt, AttemptState::Recorded(AttemptStatus::Pending))) => {
            // Who began it, and where it ended.
            attempt.actor.from = Origin::at(Via::Page, request.address);
            let Err(error) = consent(app, &attempt, &opening, request).await else { return Ok(id) };
            (attempt.actor, error)
        }
        // Another opening came back first, or the time is over: that stands.
        Ok(_) => return Ok(id),
        Err(error) => (Actor::system(), error),
    };
    failed!(warn, error, attempt = %id, "A consent failed.");
    let status = AttemptStatus::Failed { error: error.problem() };
    let told = Diff::default().field("error", "", &error.code);
    let deed = Deed::new(app, &actor, "authorization.failed", id).tells(told);
    // Another callback may have ended it meanwhile: its result stands.
    let _ = deed.change(Change::FinishAttempt { id, status }).commit().await;
    Ok(id)
}

/// Takes the state, once, for the browser that began.
async fn take(app: &App, request: &CallbackRequest) -> Result<Opening> {
    let unknown = || {
        Error::new(
            Kind::Forbidden,
            "state_unknown",
            "This sign-in is not known, was used already, or took too long.",
        )
        .action("Begin it again, in one browser.")
    };
    let cookie = request.cookie.as_deref().ok_or_else(|| {
        Error::new(Kind::Forbidden, "other_browser", "The sign-in was begun in another browser.")
            .action("Begin and end it in the same one.")
    })?;
    let opening =
        app.store.take_opening(&sha256_hex(&request.state), app.now()).await?.ok_or_else(unknown)?;
    let same = constant_time::verify_slices_are_equal(
        sha256_hex(cookie).as_bytes(),
        opening.browser_hash.as_bytes(),
    );
    if same.is_err() {
        return Err(Error::new(
            Kind::Forbidden,
            "other_browser",
            "The sign-in was begun in another browser.",
        )
        .action("Begin and end it in the same one."));
    }
    Ok(opening)
}

async fn consent(app: &App, attempt: &Attempt, opening: &Opening, request: CallbackRequest) -> Result<()> {
    let client = check(app, attempt, &request).await?;
    let code = request.code.ok_or_else(|| {
        Error::new(Kind::Configuration, "code_missing", "The provider sent no authorization code.")
    })?;
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
    if answer.refresh_token.is_none() {
        return Err(no_refresh_token(attempt.provider));
    }
    if let Some(token) = &answer.id_token {
        check_id_token(attempt, opening, token, app.now())?;
    }
    let old = find_grant(app, attempt, answer.id_token.as_ref()).await?;
    save::save(app, attempt, old, answer).await
}

/// Everything that must fit before the code goes anywhere.
async fn check(app: &App, attempt: &Attempt, request: &CallbackRequest) -> Result<Client> {
    if request.url != attempt.redirect_url {
        return Err(Error::new(
            Kind::Forbidden,
            "wrong_redirect_url",
            "The provider came back to another address than the one it was given.",
        ));
    }
    if let (Some(told), Some(known)) = (&request.issuer, &attempt.issuer)
        && told != known
    {
        return Err(Error::new(
            Kind::Forbidden,
            "issuer_mismatch",
            "The answer came from another provider than the one that was asked.",
        )
        .action("Check the issuer of the integration."));
    }
    if request.issuer.is_none() && attempt.iss_in_callback {
        return Err(Error::new(
            Kind::Forbidden,
            "issuer_missing",
            "The answer does not say which provider it comes from, and this provider always says so.",
        )
        .action("Begin it again; if that does not help, enter the issuer of the integration again."));
    }
    if let Some(error) = &request.error {
        return Err(explain::oauth(
            &provider_error(error, request.error_description.as_deref()),
            attempt.provider,
        ));
    }
    let integration = app.store.integration(attempt.integration_id).await?;
    let integration = integration.filter(|found| found.version == attempt.integration_version);
    let integration = integration.ok_or_else(|| {
        Error::new(Kind::Conflict, "integration_changed", "The integration was changed during the sign-in.")
            .action("Begin it again.")
    })?;
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
    let printable =
        |text: &str, longest| text.chars().filter(|c| !c.is_control()).take(longest).collect::<String>();
    let fault = explain::provider_fault(error, description).unwrap_or(OAuthFault::Configuration);
    OAuthError {
        fault,
        context: "consent".to_owned(),
        error: Some(printable(error, 100)),
        description: description.map(|d| printable(d, 300)),
    }
}

fn no_refresh_token(provider: Provider) -> Error {
    let key = match provider {
        Provider::Google => "no_refresh_token.google",
        Provider::Microsoft => "no_refresh_token.microsoft",
        Provider::Custom => "no_refresh_token",
    };
    Error::told(Kind::Configuration, Sentence::new(key))
}

/// OpenID Connect Core section 3.1.3.7.
fn check_id_token(attempt: &Attempt, opening: &Opening, token: &IdToken, now: Timestamp) -> Result<()> {
    let refused = |what: &str| {
        Err(Error::new(
            Kind::Forbidden,
            "id_token_invalid",
            format!("The provider's ID token does not fit this sign-in: {what}."),
        )
        .action("Begin it again; if that does not help, check client ID and issuer."))
    };
    if !token.audience.contains(&attempt.client_id) {
        return refused("it is for another client");
    }
    if token.expires_at + LEEWAY < now.as_second() {
        return refused("it has expired");
    }
    if token.nonce.as_deref() != Some(opening.nonce.as_str()) {
        return refused("its nonce is another");
    }
    match &attempt.issuer {
        Some(issuer) if *issuer != token.issuer => refused("its issuer is another"),
        // With `common` the issuer has the account's own tenant in it.
        None if attempt.provider == Provider::Microsoft
            && !token.issuer.starts_with("https://login.microsoftonline.com/") =>
        {
            refused("its issuer is another")
        }
        _ => Ok(()),
    }
}

/// The grant that this consent mends: the one asked for, or one of the same account.
async fn find_grant(app: &App, attempt: &Attempt, token: Option<&IdToken>) -> Result<Option<Grant>> {
    let (subject, account) = (token.map(subject), token.and_then(|t| t.account.clone()));
    if let Some(id) = attempt.grant_id {
        let grant = app.store.grant(id).await?.filter(|grant| grant.status != GrantStatus::Revoked);
        let grant = grant.ok_or_else(|| Error::not_found("grant"))?;
        if let (Some(_), None) = (&grant.subject, &subject) {
            return Err(account_unknown(&grant));
        }
        if !is_same(&grant, subject.as_deref(), account.as_deref()) {
            let named = |name: Option<&String>| name.cloned().unwrap_or_else(|| "another account".to_owned());
            let message = format!(
                "You signed in as {}, but this is the grant of {}.",
                named(account.as_ref()),
                named(grant.account.as_ref())
            );
            return Err(Error::new(Kind::Conflict, "wrong_account", message)
                .action("Sign in with the account of the grant, or begin a new one."));
        }
        return Ok(Some(grant));
    }
    let Some(subject) = subject else { return Ok(None) };
    let mut page = PageRequest::first(200);
    loop {
        let grants = app.store.grants(Some(attempt.integration_id), &page).await?;
        let same = |g: &Grant| {
            g.subject.as_ref() == Some(&subject)
                && !matches!(g.status, GrantStatus::Revoked | GrantStatus::Pending)
        };
        if let Some(found) = grants.items.into_iter().find(same) {
            // Lists may lag: the record itself decides.
            return app.store.grant(found.id).await;
        }
        match grants.next {
            Some(next) => page.cursor = Some(next),
            None => return Ok(None),
        }
    }
}

/// Whether this account is the grant's. A subject says nothing at another issuer: there the address decides.
fn is_same(grant: &Grant, subject: Option<&str>, account: Option<&str>) -> bool {
    let issuer = |subject: &str| subject.split_once('#').map(|(issuer, _)| issuer.to_owned());
    let accounts = grant.account.as_deref().zip(account).map(|(one, two)| one.eq_ignore_ascii_case(two));
    match (grant.subject.as_deref(), subject) {
        (Some(before), Some(now)) if issuer(before) == issuer(now) => before == now,
        (Some(_), Some(_)) => accounts == Some(true),
        _ => accounts != Some(false),
    }
}

fn account_unknown(grant: &Grant) -> Error {
    let account = grant.account.as_deref().unwrap_or("a known account");
    let message =
        format!("This is the grant of {account}, and the provider did not tell which account signed in.");
    Error::new(Kind::Configuration, "account_unknown", message)
        .action("Add the scopes openid and email to the integration, then sign in again.")
}

fn subject(token: &IdToken) -> String {
    format!("{}#{}", token.issuer, token.subject)
}
