//! Checking an authorization request.

use std::collections::BTreeSet;

use url::Url;

use super::form::Fields;
use super::provider::Provider;
use super::scopes::SCOPES;
use crate::script::CallbackIssuer;

/// A base64url SHA-256 without padding.
const CHALLENGE_LENGTH: usize = 43;

/// A request that may be shown to a person.
pub(crate) struct AuthorizeRequest {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: Url,
    /// As sent: it must be repeated byte for byte at the token endpoint.
    pub(crate) redirect_uri_text: String,
    pub(crate) scopes: BTreeSet<String>,
    pub(crate) state: Option<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) challenge: String,
    pub(crate) login_hint: Option<String>,
}

/// Why a request cannot be shown.
pub(crate) enum Refusal {
    /// The redirect URI cannot be trusted: a page, never a redirect (RFC 6749, section 4.1.2.1).
    Page(String),
    /// The application is told by its callback.
    Callback(Url),
}

impl AuthorizeRequest {
    pub(crate) fn read(provider: &Provider, query: &str) -> Result<Self, Refusal> {
        let fields = Fields::read(query.as_bytes())
            .map_err(|repeated| Refusal::Page(format!("The field {} came twice.", repeated.0)))?;
        let target = Target::read(provider, &fields)?;
        let require = |ok: bool, error: &str, description: &str| {
            if ok { Ok(()) } else { Err(Refusal::Callback(target.failed(provider, error, description))) }
        };
        let code = fields.get("response_type") == Some("code");
        require(code, "unsupported_response_type", "response_type must be code.")?;
        let mode = fields.get("response_mode").is_none_or(|mode| mode == "query");
        require(mode, "invalid_request", "response_mode must be query.")?;
        let challenge = fields.get("code_challenge").unwrap_or_default();
        let s256 = fields.get("code_challenge_method") == Some("S256") && challenge.len() == CHALLENGE_LENGTH;
        require(s256, "invalid_request", "PKCE with S256 is required.")?;
        let scopes: BTreeSet<String> = fields
            .get("scope")
            .unwrap_or_default()
            .split(' ')
            .filter(|s| !s.is_empty())
            .map(str::to_owned)
            .collect();
        let known = !scopes.is_empty() && scopes.iter().all(|scope| SCOPES.contains(&scope.as_str()));
        require(known, "invalid_scope", "A scope is missing or unknown.")?;
        require(fields.get("prompt") != Some("none"), "interaction_required", "Nobody is signed in.")?;
        Ok(Self {
            client_id: target.client_id,
            redirect_uri: target.redirect_uri,
            redirect_uri_text: target.redirect_uri_text,
            scopes,
            state: target.state,
            nonce: fields.get("nonce").map(str::to_owned),
            challenge: challenge.to_owned(),
            login_hint: fields.get("login_hint").map(str::to_owned),
        })
    }

    /// The callback of a person who agreed.
    pub(crate) fn agreed(&self, provider: &Provider, code: &str) -> Url {
        callback(provider, &self.redirect_uri, self.state.as_deref(), &[("code", code)])
    }

    /// The callback of a refusal.
    pub(crate) fn failed(&self, provider: &Provider, error: &str, description: &str) -> Url {
        let error = [("error", error), ("error_description", description)];
        callback(provider, &self.redirect_uri, self.state.as_deref(), &error)
    }
}

/// The part of a request that decides whether its redirect URI can be trusted.
struct Target {
    client_id: String,
    redirect_uri: Url,
    redirect_uri_text: String,
    state: Option<String>,
}

impl Target {
    fn read(provider: &Provider, fields: &Fields) -> Result<Self, Refusal> {
        let page = |text: &str| Refusal::Page(text.to_owned());
        let client_id = fields.get("client_id").ok_or_else(|| page("The field client_id is missing."))?;
        let redirect_uri =
            fields.get("redirect_uri").ok_or_else(|| page("The field redirect_uri is missing."))?;
        let authority = provider.world.authority();
        let client = authority.client(client_id).ok_or_else(|| page("The OAuth client was not found."))?;
        if !client.redirect_uris.contains(redirect_uri) {
            return Err(page("redirect_uri_mismatch: this redirect URI is not registered for the client."));
        }
        Ok(Self {
            client_id: client_id.to_owned(),
            redirect_uri: Url::parse(redirect_uri).map_err(|_| page("The redirect URI is not a URL."))?,
            redirect_uri_text: redirect_uri.to_owned(),
            state: fields.get("state").map(str::to_owned),
        })
    }

    fn failed(&self, provider: &Provider, error: &str, description: &str) -> Url {
        let error = [("error", error), ("error_description", description)];
        callback(provider, &self.redirect_uri, self.state.as_deref(), &error)
    }
}

fn callback(provider: &Provider, redirect_uri: &Url, state: Option<&str>, fields: &[(&str, &str)]) -> Url {
    let issuer = match provider.world.authority().policy.callback_issuer {
        CallbackIssuer::Honest => Some(provider.endpoints.issuer.as_str()),
        CallbackIssuer::Absent => None,
        CallbackIssuer::Foreign => Some("https://provider.invalid"),
    };
    let mut url = redirect_uri.clone();
    let extra = state.map(|state| ("state", state)).into_iter().chain(issuer.map(|issuer| ("iss", issuer)));
    url.query_pairs_mut().extend_pairs(fields.iter().copied().chain(extra));
    url
}
