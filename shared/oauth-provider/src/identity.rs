//! ID tokens whose signature counts: those by which people sign in to the console.

use intake::{
    ports::{OAuthError, OAuthFault},
    types::identity::Claims,
};
use jsonwebtoken::{
    Algorithm, DecodingKey, Validation, decode, decode_header,
    jwk::{Jwk, PublicKeyUse},
};
use serde_json::Value;

use crate::failure::fault;

/// Signatures by a key of which only the provider has the secret half: never `none`, and never a shared secret, which could
/// be the public key itself.
const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// The claims of a token that one of the provider's keys has signed (RFC 7517, RFC 7515). Issuer, audience, time and nonce
/// are looked at by whoever began the sign-in.
pub(crate) fn claims(token: &str, keys: &Value, context: &str) -> Result<Claims, OAuthError> {
    verified(token, keys).map(|claims| of(&claims)).ok_or_else(|| OAuthError {
        error: Some("invalid_id_token".to_owned()),
        ..fault(OAuthFault::Configuration, context)
    })
}

fn verified(token: &str, keys: &Value) -> Option<Value> {
    let header = decode_header(token).ok().filter(|header| ALGORITHMS.contains(&header.alg))?;
    let mut how = Validation::new(header.alg);
    how.validate_exp = false;
    how.validate_aud = false;
    how.required_spec_claims.clear();
    // A key of a kind that we do not know is in nobody's way.
    let keys = keys
        .get("keys")?
        .as_array()?
        .iter()
        .filter_map(|key| serde_json::from_value::<Jwk>(key.clone()).ok());
    let fits = |key: &Jwk| {
        (header.kid.is_none() || key.common.key_id == header.kid)
            && !matches!(key.common.public_key_use, Some(PublicKeyUse::Encryption))
    };
    let usable = keys.filter(fits).filter_map(|key| DecodingKey::from_jwk(&key).ok());
    let claims = usable.into_iter().find_map(|key| decode::<Value>(token, &key, &how).ok())?.claims;
    claims.is_object().then_some(claims)
}

fn of(claims: &Value) -> Claims {
    let text =
        |name: &str| claims.get(name).and_then(Value::as_str).filter(|s| !s.is_empty()).map(str::to_owned);
    let list = |name: &str| match claims.get(name) {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    // Entra names where the groups can be asked for in the place of more than it writes.
    let elsewhere = claims.get("_claim_names").and_then(|names| names.get("groups")).is_some();
    Claims {
        issuer: text("iss").unwrap_or_default(),
        audience: list("aud"),
        authorized_party: text("azp"),
        expires_at: claims.get("exp").and_then(Value::as_f64).map_or(0, |exp| exp as i64),
        nonce: text("nonce"),
        subject: text("sub").unwrap_or_default(),
        name: text("name").or_else(|| text("preferred_username")),
        address: text("email"),
        address_is_verified: claims.get("email_verified").and_then(Value::as_bool).unwrap_or_default(),
        groups: [list("groups"), list("roles")].concat(),
        groups_left_out: elsewhere || claims.get("hasgroups").is_some(),
    }
}
