//! ID tokens (`OpenID` Connect Core, section 2), signed with the client's secret.

use serde_json::json;

use super::authority::IssuedTokens;
use super::provider::Provider;
use crate::script::IdTokenTrick;
use crate::secrets::{base64url, hs256};

/// Seconds that an ID token is valid.
const LIFE: i64 = 3600;

/// None without the scope `openid`, or where the script says so.
pub(crate) fn make(provider: &Provider, client_id: &str, issued: &IssuedTokens) -> Option<String> {
    let world = &provider.world;
    if !issued.scopes.contains("openid") {
        return None;
    }
    let account = world.account(&issued.account)?;
    let (trick, secret) = {
        let authority = world.authority();
        (authority.policy.id_token, authority.client(client_id)?.secret.clone())
    };
    let now = world.clock.seconds();
    let mut claims = json!({
        "iss": provider.endpoints.issuer,
        "aud": client_id,
        "sub": account.subject(),
        "iat": now,
        "exp": now + LIFE,
    });
    if issued.scopes.contains("email") && trick != IdTokenTrick::NoAddress {
        claims["email"] = json!(account.address);
        claims["email_verified"] = json!(true);
    }
    if issued.scopes.contains("profile") {
        claims["name"] = json!(account.name);
    }
    if let Some(nonce) = &issued.nonce {
        claims["nonce"] = json!(nonce);
    }
    match trick {
        IdTokenTrick::Missing => return None,
        IdTokenTrick::WrongNonce => claims["nonce"] = json!("a-nonce-of-somebody-else"),
        IdTokenTrick::WrongAudience => claims["aud"] = json!("another-client"),
        IdTokenTrick::WrongIssuer => claims["iss"] = json!("https://provider.invalid"),
        IdTokenTrick::Expired => {
            claims["iat"] = json!(now - 2 * LIFE);
            claims["exp"] = json!(now - LIFE);
        }
        IdTokenTrick::NoSubject => drop(claims.as_object_mut()?.remove("sub")),
        IdTokenTrick::NoIssuer => drop(claims.as_object_mut()?.remove("iss")),
        IdTokenTrick::OtherSubject => claims["sub"] = json!("the-subject-of-somebody-else"),
        IdTokenTrick::Garbage => return Some("this is no token".to_owned()),
        IdTokenTrick::TooLarge => claims["padding"] = json!("x".repeat(20_000)),
        _ => {}
    }
    Some(sign(&claims, trick, &secret))
}

fn sign(claims: &serde_json::Value, trick: IdTokenTrick, secret: &str) -> String {
    let unsigned = trick == IdTokenTrick::Unsigned;
    let header = json!({"typ": "JWT", "alg": if unsigned { "none" } else { "HS256" }});
    let text =
        format!("{}.{}", base64url(header.to_string().as_bytes()), base64url(claims.to_string().as_bytes()));
    let signature = match trick {
        IdTokenTrick::Unsigned => String::new(),
        IdTokenTrick::WrongSignature => hs256("a secret of somebody else", &text),
        _ => hs256(secret, &text),
    };
    format!("{text}.{signature}")
}
