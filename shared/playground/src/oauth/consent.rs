//! Deciding in place of a person, for `demo --yes` and for tests.

use std::sync::Arc;

use thiserror::Error;
use url::Url;

use super::authority::{CodeTerms, IssuedTokens};
use super::provider::Provider;
use super::request::{AuthorizeRequest, Refusal};
use crate::world::World;

/// What a person presses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// "Continue as" this account.
    Continue(String),
    /// "Cancel".
    Cancel,
}

/// Why there is nothing to press.
#[derive(Debug, Error)]
pub enum ConsentError {
    /// The URL is not the authorization endpoint of this provider.
    #[error("the address is not this provider's authorization endpoint")]
    NotOurs,
    /// The provider shows an error page and no buttons.
    #[error("the provider shows an error page: {0}")]
    ErrorPage(String),
}

/// Plays the consent page and returns the callback's URL. A malformed request is answered by an error callback.
pub(crate) fn consent(
    provider: &Provider,
    url: &Url,
    decision: Option<&Decision>,
) -> Result<Url, ConsentError> {
    let endpoint = &provider.endpoints.authorization;
    if url.origin() != endpoint.origin() || url.path() != endpoint.path() {
        return Err(ConsentError::NotOurs);
    }
    let request = match AuthorizeRequest::read(provider, url.query().unwrap_or_default()) {
        Ok(request) => request,
        Err(Refusal::Page(text)) => return Err(ConsentError::ErrorPage(text)),
        Err(Refusal::Callback(url)) => return Ok(url),
    };
    let chosen = match decision {
        Some(decision) => decision.clone(),
        None => Decision::Continue(first_choice(provider, &request).to_owned()),
    };
    decide(provider, &request, &chosen).ok_or_else(|| ConsentError::ErrorPage("Unknown account.".to_owned()))
}

/// The callback of a decision; None for an account that does not exist.
pub(crate) fn decide(provider: &Provider, request: &AuthorizeRequest, decision: &Decision) -> Option<Url> {
    let Decision::Continue(address) = decision else {
        return Some(request.failed(provider, "access_denied", "The person cancelled the sign-in."));
    };
    let account = provider.world.account(address)?;
    let terms = CodeTerms {
        client_id: request.client_id.clone(),
        redirect_uri: request.redirect_uri_text.clone(),
        challenge: request.challenge.clone(),
        nonce: request.nonce.clone(),
        scopes: request.scopes.clone(),
        account: account.address.clone(),
    };
    let code = provider.world.authority().give_code(terms, provider.world.clock.seconds());
    Some(match code {
        Some(code) => request.agreed(provider, &code),
        None => request.failed(provider, "temporarily_unavailable", "Too many sign-ins are open."),
    })
}

/// The account of the login hint, else the first one.
pub(crate) fn first_choice<'a>(provider: &'a Provider, request: &AuthorizeRequest) -> &'a str {
    let hinted = request.login_hint.as_deref().and_then(|hint| provider.world.account(hint));
    hinted.or(provider.world.accounts.first()).map_or("", |account| account.address.as_str())
}

/// Tokens of a new grant without any page.
pub(crate) fn issue_directly(world: &Arc<World>, client_id: &str, address: &str) -> Option<IssuedTokens> {
    let account = world.account(address)?;
    let now = world.clock.seconds();
    world.authority().grant_directly(client_id, &account.address, now)
}
