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

#[cfg(test)]
mod tests {
    use aws_lc_rs::{
        rand::SystemRandom,
        signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
    };
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use serde_json::json;

    use super::*;

    fn pair() -> EcdsaKeyPair {
        EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap()
    }

    fn key(pair: &EcdsaKeyPair, id: &str) -> Value {
        let point = pair.public_key().as_ref();
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        json!({ "kty": "EC", "crv": "P-256", "kid": id, "x": text(&point[1..33]), "y": text(&point[33..]) })
    }

    fn token(pair: &EcdsaKeyPair, header: &Value, claims: &Value) -> String {
        let text = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", text(header), text(claims));
        let signature = pair.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    #[test]
    fn only_what_a_key_of_the_provider_signed_is_read() {
        let (own, other) = (pair(), pair());
        let odd = json!({ "kty": "odd", "kid": "k" });
        let keys = json!({ "keys": [odd, key(&other, "old"), key(&own, "k")] });
        let header = json!({ "alg": "ES256", "kid": "k" });
        let said = json!({ "iss": "i", "aud": "a", "sub": "ada", "exp": 1, "groups": ["it"], "roles": "r",
            "email": "ada@example.com", "email_verified": "true", "_claim_names": { "groups": "src1" } });
        let good = token(&own, &header, &said);
        let claims = claims(&good, &keys, "x").unwrap();
        assert_eq!(
            (claims.subject.as_str(), claims.groups.as_slice()),
            ("ada", &["it".to_owned(), "r".to_owned()][..])
        );
        // A text that says true is not the provider's word that it looked.
        assert!(!claims.address_is_verified && claims.groups_left_out);
        let bare = token(&own, &json!({ "alg": "ES256" }), &said);
        assert!(super::claims(&bare, &keys, "x").is_ok(), "a token need not name its key");
        let parts: Vec<_> = good.split('.').collect();
        let changed = URL_SAFE_NO_PAD.encode(json!({ "sub": "eve" }).to_string());
        let none = URL_SAFE_NO_PAD.encode(json!({ "alg": "none" }).to_string());
        for wrong in [
            token(&other, &header, &said),
            token(&own, &json!({ "alg": "ES256", "kid": "old" }), &said),
            token(&own, &json!({ "alg": "HS256", "kid": "k" }), &said),
            token(&own, &json!({ "alg": "RS256", "kid": "k" }), &said),
            format!("{}.{changed}.{}", parts[0], parts[2]),
            format!("{none}.{}.", parts[1]),
            format!("{}.{}.", parts[0], parts[1]),
            String::new(),
        ] {
            assert!(super::claims(&wrong, &keys, "x").is_err(), "{wrong}");
        }
        assert!(super::claims(&good, &json!({}), "x").is_err());
    }
}
