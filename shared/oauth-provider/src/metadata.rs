//! The metadata of a provider (OpenID Connect Discovery, RFC 8414).

use intake::{
    ports::{Discovered, OAuthError, OAuthFault},
    types::integration::{ClientAuthentication, Endpoints},
};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::{answer::Answer, failure::fault};

#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: Url,
    token_endpoint: Url,
    #[serde(default)]
    revocation_endpoint: Value,
    #[serde(default)]
    authorization_response_iss_parameter_supported: Value,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Value,
    #[serde(default)]
    jwks_uri: Value,
    #[serde(default)]
    scopes_supported: Value,
}

/// Those of the ways that we know. What is written otherwise than as a list says nothing.
fn authentication(told: &Value) -> Vec<ClientAuthentication> {
    const KNOWN: [ClientAuthentication; 2] =
        [ClientAuthentication::ClientSecretPost, ClientAuthentication::ClientSecretBasic];
    let way = |word: &str| KNOWN.into_iter().find(|way| word == way.as_str());
    words(told).filter_map(way).collect()
}

fn words(told: &Value) -> impl Iterator<Item = &str> {
    told.as_array().map(Vec::as_slice).unwrap_or_default().iter().filter_map(Value::as_str)
}

/// Some write it as a text.
fn is_true(value: &Value) -> bool {
    value.as_bool().or_else(|| value.as_str()?.parse().ok()).unwrap_or(false)
}

/// The metadata, whose issuer must be the one that was asked for.
pub(crate) fn metadata(issuer: &Url, answer: &Answer, context: &str) -> Result<Discovered, OAuthError> {
    let metadata: Metadata =
        serde_json::from_value(answer.object()).map_err(|_| fault(OAuthFault::NotAnEndpoint, context))?;
    check_issuer(issuer, &metadata.issuer).map_err(|why| OAuthError {
        description: Some(why.to_owned()),
        ..fault(OAuthFault::Configuration, context)
    })?;
    Ok(Discovered {
        issuer: metadata.issuer,
        endpoints: Endpoints {
            authorization: metadata.authorization_endpoint,
            token: metadata.token_endpoint,
            revocation: metadata.revocation_endpoint.as_str().and_then(|url| url.parse().ok()),
            authentication: authentication(&metadata.token_endpoint_auth_methods_supported),
        },
        keys: metadata.jwks_uri.as_str().and_then(|url| url.parse().ok()),
        scopes: words(&metadata.scopes_supported).map(str::to_owned).collect(),
        iss_in_callback: is_true(&metadata.authorization_response_iss_parameter_supported),
    })
}

/// Equal to the letter (RFC 8414 section 3.3), but that a host without a path may be written with a slash behind it, which
/// is the same URL (RFC 3986 section 6.2.3).
fn check_issuer(asked: &Url, told: &str) -> Result<(), &'static str> {
    let asked_text = asked.as_str();
    let bare = asked_text.strip_suffix('/').filter(|_| asked.path() == "/");
    if told == asked_text || Some(told) == bare {
        return Ok(());
    }
    if told.trim_end_matches('/') == asked_text.trim_end_matches('/') {
        return Err("its metadata writes it differently: with, or without, a slash at its end");
    }
    Err("its metadata names another issuer")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_issuer_is_the_one_that_was_asked_for() {
        let check = |asked: &str, told| check_issuer(&asked.parse().unwrap(), told).is_ok();
        for (asked, told) in [
            ("https://id.example", "https://id.example"),
            ("https://id.example/", "https://id.example"),
            ("https://id.example", "https://id.example/"),
            ("https://id.example/realms/a", "https://id.example/realms/a"),
            ("https://id.example/realms/a/", "https://id.example/realms/a/"),
        ] {
            assert!(check(asked, told), "{asked} {told}");
        }
        for (asked, told) in [
            ("https://id.example", "https://id.example.evil.example"),
            ("https://id.example", "http://id.example"),
            ("https://id.example", "https://id.example:8443"),
            ("https://id.example", "https://id.example//"),
            ("https://id.example/realms/a", "https://id.example/realms/a/"),
            ("https://id.example/realms/a", "https://id.example/realms/b"),
            ("https://id.example/realms/a", "https://id.example/realms/A"),
            ("https://id.example/realms/a", "https://id.example"),
        ] {
            assert!(!check(asked, told), "{asked} {told}");
        }
    }
}
