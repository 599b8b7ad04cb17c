//! Who sends a token or revocation request: `client_secret_basic` or `client_secret_post` (RFC 6749, section 2.3.1).

use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::form::Fields;
use super::provider::Provider;
use super::token_error::TokenError;

/// The client's id, once its secret was found right. Both ways at once are refused.
pub(crate) fn client(
    provider: &Provider,
    headers: &HeaderMap,
    fields: &Fields,
) -> Result<String, TokenError> {
    let basic = headers.get(header::AUTHORIZATION);
    let (id, secret, by_header) = match basic {
        Some(_) if fields.get("client_secret").is_some() => {
            return Err(TokenError::request("The client authenticates in two ways."));
        }
        Some(value) => {
            let (id, secret) = value
                .to_str()
                .ok()
                .and_then(decode_basic)
                .ok_or_else(|| TokenError::client(true, "The Authorization header cannot be read."))?;
            (id, secret, true)
        }
        None => {
            let field = |name: &str| fields.get(name).unwrap_or_default().to_owned();
            (field("client_id"), field("client_secret"), false)
        }
    };
    let right = provider.world.authority().client(&id).map(|client| client.secret == secret);
    match right {
        Some(true) => Ok(id),
        Some(false) => Err(TokenError::client(by_header, "Unauthorized")),
        None => Err(TokenError::client(by_header, "The OAuth client was not found.")),
    }
}

/// Both halves are form-encoded before base64.
fn decode_basic(value: &str) -> Option<(String, String)> {
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    Some((form_decode(id), form_decode(secret)))
}

fn form_decode(text: &str) -> String {
    url::form_urlencoded::parse(format!("v={}", text.replace('&', "%26")).as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}
