//! Signing in at the company's identity provider (OpenID Connect): the code grant with PKCE. What binds the way back to the
//! browser that began it is a cookie, from which state, nonce and verifier are made: nothing is stored meanwhile.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::SecretString;
use url::Url;

use crate::{
    App, Error, Kind, Result, Sentence, Timestamp,
    flows::sessions::{self, Visit},
    ports::{AuthorizationRequest, Client, CodeExchange, Discovered, OAuthError},
    types::{
        identity::{Claims, ClientSecret, IdentityProvider},
        integration::{ClientAuthentication, Prompt, Provider},
        token::Member,
    },
};

/// How long a person may take at the provider.
pub const PATIENCE: Duration = Duration::from_secs(10 * 60);
/// Where the provider sends the browser back to.
const CALLBACK: &str = "sign-in/oidc/callback";
/// How far the provider's clock may differ from ours, in seconds.
const LEEWAY: i64 = 60;
/// The most characters of a name.
const MAX_NAME: usize = 100;
/// The most bytes of the address of the page that was wanted.
const MAX_WANTED: usize = 1_000;

/// A sign-in that has begun.
#[derive(Debug)]
pub struct Begun {
    /// Where the browser goes.
    pub url: Url,
    /// What the browser keeps until it comes back.
    pub cookie: String,
}

/// How a browser comes back.
#[derive(Debug, Default)]
pub struct Return {
    /// What the browser kept.
    pub cookie: String,
    /// What we sent along.
    pub state: String,
    /// To be exchanged; None where the provider refuses.
    pub code: Option<SecretString>,
    /// Who answers (RFC 9207), where that is said.
    pub issuer: Option<String>,
    /// Why the provider refuses.
    pub error: Option<String>,
}

/// Somebody who has signed in.
#[derive(Debug)]
pub struct SignedIn {
    /// The cookie of the new session.
    pub session: String,
    /// The page that was wanted; whoever goes there checks that it is one of ours.
    pub wanted: String,
}

/// Begins a sign-in, which then leads to this page.
pub async fn begin(app: &App, wanted: &str) -> Result<Begun> {
    let identity = provider(app)?;
    let found = discovered(app, identity).await?;
    let wanted = if wanted.len() > MAX_WANTED { "" } else { wanted };
    let wanted = URL_SAFE_NO_PAD.encode(wanted);
    let cookie = format!("{}.{}.{wanted}", app.now().as_second(), app.random_text());
    let mut scopes = vec!["openid".to_owned(), "profile".to_owned(), "email".to_owned()];
    // Some tell groups only when they are asked to, and others refuse a scope that they do not know.
    scopes.extend(found.scopes.into_iter().filter(|scope| scope == "groups"));
    let request = AuthorizationRequest {
        // No provider needs to be told more: nothing is refreshed.
        provider: Provider::Custom,
        authorization_endpoint: found.endpoints.authorization,
        client_id: identity.client_id.clone(),
        redirect_url: redirect_url(app)?,
        scopes,
        state: made(app, "state", &cookie),
        nonce: made(app, "nonce", &cookie),
        code_verifier: made(app, "verifier", &cookie),
        login_hint: None,
        prompt: Prompt::new("").ok(),
    };
    Ok(Begun { url: app.oauth.authorization_url(&request), cookie })
}

/// Ends a sign-in with a session of its own.
pub async fn finish(app: &App, back: Return, visit: &Visit) -> Result<SignedIn> {
    let identity = provider(app)?;
    let Some(wanted) = began_here(app, &back) else { return Err(refused("sign_in_failed.another_browser")) };
    let found = discovered(app, identity).await?;
    if back.issuer.as_ref().map_or(found.iss_in_callback, |issuer| *issuer != found.issuer) {
        return Err(refused("sign_in_failed.issuer"));
    }
    let Some(code) = back.code else {
        return Err(told(Sentence::new("sign_in_failed.refused").seen(back.error)));
    };
    let Some(keys) = found.keys else { return Err(refused("sign_in_failed.keys")) };
    let secret = client_secret(app, identity).await?;
    let client = Client {
        provider: Provider::Custom,
        authentication: ClientAuthentication::of_metadata(&found.endpoints.authentication),
        endpoints: found.endpoints,
        id: identity.client_id.clone(),
        secret,
    };
    let code_verifier = made(app, "verifier", &back.cookie).into();
    let exchange = CodeExchange { code, code_verifier, redirect_url: redirect_url(app)? };
    let claims = app.oauth.identify(&client, &exchange, &keys).await.map_err(|error| {
        // Perhaps another one lies in the vault by now: the next sign-in looks.
        app.credentials.forget_identity();
        failed(&error)
    })?;
    let nonce = made(app, "nonce", &back.cookie);
    check(&claims, &found.issuer, &identity.client_id, &nonce, app.now())?;
    let session = sessions::sign_in_member(app, member(identity, claims)?, visit).await?;
    Ok(SignedIn { session, wanted })
}

fn provider(app: &App) -> Result<&IdentityProvider> {
    app.settings.identity.as_ref().ok_or_else(|| Error::not_found("path"))
}

/// Read once by each process, until the provider refuses something.
async fn client_secret(app: &App, identity: &IdentityProvider) -> Result<SecretString> {
    if let ClientSecret::Told(secret) = &identity.client_secret {
        return Ok(secret.clone());
    }
    if let Some(kept) = app.credentials.identity() {
        return Ok(kept);
    }
    let secret = app.vault.identity_secret().await?;
    app.credentials.keep_identity(&secret);
    Ok(secret)
}

async fn discovered(app: &App, identity: &IdentityProvider) -> Result<Discovered> {
    app.oauth.discover(&identity.issuer).await.map_err(|error| failed(&error))
}

fn redirect_url(app: &App) -> Result<Url> {
    app.settings.base_url.join(CALLBACK).map_err(Error::internal)
}

/// Nobody makes it without the key of this installation.
fn made(app: &App, purpose: &str, cookie: &str) -> String {
    app.mac.tag(&format!("oidc-{purpose}"), cookie)
}

/// The wanted page, where this browser began this sign-in, and not too long ago.
fn began_here(app: &App, back: &Return) -> Option<String> {
    if !app.mac.verify("oidc-state", &back.cookie, &back.state) {
        return None;
    }
    let mut parts = back.cookie.split('.');
    let (began, _, wanted) = (parts.next()?.parse::<i64>().ok()?, parts.next()?, parts.next()?);
    let age = u64::try_from(app.now().as_second() - began).ok()?;
    (age <= PATIENCE.as_secs()).then(|| String::from_utf8(URL_SAFE_NO_PAD.decode(wanted).ok()?).ok())?
}

/// Whether a token is meant for this sign-in (OpenID Connect Core section 3.1.3.7). Its signature was looked at before.
fn check(claims: &Claims, issuer: &str, client: &str, nonce: &str, now: Timestamp) -> Result<()> {
    // Where there are several audiences, or one who asked is named, it has to be us.
    let party = claims.authorized_party.as_deref();
    let others = claims.audience.len() > 1 && party.is_none();
    let key = if claims.issuer != issuer {
        "sign_in_failed.issuer"
    } else if !claims.audience.iter().any(|one| one == client)
        || others
        || party.is_some_and(|it| it != client)
    {
        "sign_in_failed.audience"
    } else if claims.expires_at.saturating_add(LEEWAY) < now.as_second() {
        "sign_in_failed.expired"
    } else if claims.nonce.as_deref() != Some(nonce) {
        "sign_in_failed.another_browser"
    } else if claims.subject.is_empty() {
        "sign_in_failed.token"
    } else {
        return Ok(());
    };
    Err(refused(key))
}

fn member(identity: &IdentityProvider, claims: Claims) -> Result<Member> {
    let Some(role) = identity.role_of(&claims) else {
        let key = if claims.groups_left_out { "sign_in_failed.groups" } else { "sign_in_failed.no_role" };
        return Err(told(Sentence::new(key).with("subject", &claims.subject)));
    };
    let named = claims.name.or(claims.address).unwrap_or_else(|| claims.subject.clone());
    let name: String = named.chars().filter(|c| !c.is_control()).take(MAX_NAME).collect();
    Ok(Member { issuer: claims.issuer, subject: claims.subject, name, role })
}

fn refused(key: &'static str) -> Error {
    told(Sentence::new(key))
}

fn told(sentence: Sentence) -> Error {
    Error::told(Kind::Forbidden, sentence)
}

/// The provider's own words stand beside ours.
fn failed(error: &OAuthError) -> Error {
    let words = error.description.as_deref().or(error.error.as_deref()).unwrap_or(&error.context);
    Error::told(Kind::Configuration, Sentence::new("sign_in_failed").seen(Some(words)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_for_us_now_and_for_this_sign_in() {
        let now = Timestamp::from_second(1_795_000_000).unwrap();
        let good = Claims {
            issuer: "https://id.example".to_owned(),
            audience: vec!["docket".to_owned()],
            expires_at: now.as_second() + 300,
            nonce: Some("n".to_owned()),
            subject: "ada".to_owned(),
            ..Claims::default()
        };
        let code = |claims: &Claims| check(claims, "https://id.example", "docket", "n", now);
        assert!(code(&good).is_ok());
        let both = vec!["docket".to_owned(), "other".to_owned()];
        let party = Some("docket".to_owned());
        assert!(code(&Claims { audience: both.clone(), authorized_party: party, ..good.clone() }).is_ok());
        for wrong in [
            Claims { issuer: "https://id.example/".to_owned(), ..good.clone() },
            Claims { audience: vec!["other".to_owned()], ..good.clone() },
            Claims { audience: both, ..good.clone() },
            Claims { authorized_party: Some("other".to_owned()), ..good.clone() },
            Claims { expires_at: now.as_second() - 61, ..good.clone() },
            Claims { nonce: None, ..good.clone() },
            Claims { nonce: Some("m".to_owned()), ..good.clone() },
            Claims { subject: String::new(), ..good.clone() },
        ] {
            assert!(code(&wrong).is_err(), "{wrong:?}");
        }
    }
}
