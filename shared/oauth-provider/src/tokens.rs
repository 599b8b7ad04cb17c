//! Token answers, as providers write them.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use intake::{
    ports::{IdToken, OAuthError, OAuthFault, TokenAnswer, UnreadableIdToken},
    types::integration::{ClientAuthentication, Provider},
};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;

use crate::{answer::Answer, failure};

/// What a missing or absurd lifetime counts as.
const DEFAULT_LIFE: Duration = Duration::from_secs(3600);
/// The longest ID token that is looked at, bytes.
const MAX_ID_TOKEN: usize = 16 * 1024;

#[derive(Deserialize)]
struct Tokens {
    access_token: SecretString,
    #[serde(default)]
    refresh_token: Option<SecretString>,
    #[serde(default)]
    expires_in: Value,
    /// Google's word.
    #[serde(default)]
    refresh_token_expires_in: Value,
    /// The word of some servers that others run themselves; 0 means no end.
    #[serde(default)]
    refresh_expires_in: Value,
    #[serde(default)]
    scope: Value,
    #[serde(default)]
    id_token: Value,
}

/// The tokens of an answer, or the error that it carries. RFC 6749 section 5.1 wants status 200 and JSON; another 2xx and a
/// form mean the same.
pub(crate) fn tokens(
    provider: Provider,
    authentication: ClientAuthentication,
    answer: &Answer,
    context: &str,
) -> Result<TokenAnswer, OAuthError> {
    use secrecy::ExposeSecret;
    let usable = |token: &SecretString| !token.expose_secret().is_empty();
    let read = || serde_json::from_value::<Tokens>(answer.object()).ok();
    let tokens = answer.is_success().then(read).flatten();
    let Some(tokens) = tokens.filter(|tokens| usable(&tokens.access_token)) else {
        return Err(on_a_bad_day(provider, failure::of_answer(answer, context)));
    };
    Ok(TokenAnswer {
        expires_in: life(&tokens.expires_in),
        refresh_expires_in: told_life(&tokens.refresh_token_expires_in)
            .or_else(|| told_life(&tokens.refresh_expires_in)),
        scopes: scopes(&tokens.scope),
        authentication,
        id_token: id_token(&tokens.id_token),
        signed: tokens.id_token.as_str().filter(|token| token.len() <= MAX_ID_TOKEN).map(SecretString::from),
        refresh_token: tokens.refresh_token.filter(usable),
        access_token: tokens.access_token,
    })
}

/// A known provider that answers nonsense has a bad day; a typed endpoint that does is a wrong one.
pub(crate) fn on_a_bad_day(provider: Provider, error: OAuthError) -> OAuthError {
    if error.fault == OAuthFault::NotAnEndpoint && provider != Provider::Custom {
        return OAuthError { fault: OAuthFault::Temporary { after: None }, ..error };
    }
    error
}

/// Seconds, as a number or as text.
fn life(value: &Value) -> Duration {
    told_life(value).unwrap_or(DEFAULT_LIFE)
}

fn told_life(value: &Value) -> Option<Duration> {
    let seconds = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
    seconds.filter(|s| *s >= 1.0 && *s < 1e9).map(Duration::from_secs_f64)
}

/// Blanks or commas between them, or a list.
fn scopes(value: &Value) -> Option<Vec<String>> {
    let split =
        |text: &str| text.split([' ', ',']).filter(|s| !s.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    match value {
        Value::String(text) => Some(split(text)),
        Value::Array(list) => Some(list.iter().filter_map(Value::as_str).map(str::to_owned).collect()),
        _ => None,
    }
}

/// The claims, without a look at the signature: the token came from the token endpoint itself (OpenID Connect Core
/// section 3.1.3.7, item 6).
///
/// What is there and cannot be read is not the same as nothing: it would be known who consented, and is not.
fn id_token(sent: &Value) -> Option<Result<IdToken, UnreadableIdToken>> {
    match sent {
        Value::Null => None,
        Value::String(token) if token.is_empty() => None,
        Value::String(token) if token.len() > MAX_ID_TOKEN => Some(Err(UnreadableIdToken::TooLarge)),
        Value::String(token) => Some(claims(token).ok_or(UnreadableIdToken::NoClaims)),
        _ => Some(Err(UnreadableIdToken::NoClaims)),
    }
}

fn claims(token: &str) -> Option<IdToken> {
    let payload = token.split('.').nth(1)?;
    let claims: Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?).ok()?;
    if !claims.is_object() {
        return None;
    }
    let text =
        |name: &str| claims.get(name).and_then(Value::as_str).filter(|s| !s.is_empty()).map(str::to_owned);
    let audience = match claims.get("aud") {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    Some(IdToken {
        issuer: text("iss").unwrap_or_default(),
        audience,
        expires_at: claims.get("exp").and_then(Value::as_f64).map_or(0, |exp| exp as i64),
        nonce: text("nonce"),
        subject: text("sub").unwrap_or_default(),
        account: ["email", "preferred_username", "upn"].iter().find_map(|name| text(name)),
    })
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::select};

    use super::*;
    use crate::metadata::metadata;

    /// What providers write, in any order, and noise between.
    fn any_answer() -> impl Strategy<Value = Answer> {
        let token =
            URL_SAFE_NO_PAD.encode(r#"{"iss":"https://id.example","aud":["a",1],"exp":1e300,"sub":7}"#);
        let words = [
            "{",
            "}",
            "[",
            "]",
            ":",
            ",",
            "null",
            "1e999",
            "-1",
            "\"\"",
            "\"\\ud800\"",
            "\u{feff}",
            "&",
            "=",
            "%",
            "\"access_token\":\"x\"",
            "\"expires_in\":\"1e8\"",
            "\"error\":[{\"code\":7}]",
            "\"scope\":[\"a\",2]",
            "\"errors\":{}",
            "error=invalid_grant",
            "access_token=x",
            "\"error_description\":\"\\u0000 AADSTS70008:\"",
            "\"issuer\":\"https://id.example\"",
            "\"token_endpoint\":\"http:///\"",
            "\"authorization_endpoint\":\"x\"",
        ];
        let words = words.map(str::to_owned).into_iter().chain([format!("\"id_token\":\"h.{token}=.s\"")]);
        let piece = prop_oneof![
            6 => select(words.collect::<Vec<_>>()).prop_map(String::into_bytes),
            1 => vec(any::<u8>(), 0..20),
        ];
        let pause = prop::option::of(select(vec![
            "7",
            "-1",
            "99999999999999999999",
            "Fri, 31 Dec 9999 23:59:59 GMT",
            "x",
        ]));
        (100..600u16, pause, vec(piece, 0..20), any::<bool>()).prop_map(|(status, pause, pieces, whole)| {
            let body = if whole {
                [b"{".to_vec(), pieces.join(&b','), b"}".to_vec()].concat()
            } else {
                pieces.concat()
            };
            Answer {
                host: None,
                status,
                retry_after: pause.map(str::to_owned),
                date: Some(jiff::Timestamp::UNIX_EPOCH),
                body,
            }
        })
    }

    proptest! {
        #[test]
        fn any_answer_is_one_thing_or_another(answer in any_answer()) {
            let issuer: url::Url = "https://id.example".parse().unwrap();
            for provider in [Provider::Custom, Provider::Microsoft, Provider::Google] {
                match tokens(provider, ClientAuthentication::ClientSecretPost, &answer, "x") {
                    Ok(told) => {
                        prop_assert!((200..300).contains(&answer.status));
                        prop_assert!(told.expires_in >= Duration::from_secs(1));
                    }
                    Err(error) => {
                        let said = error.description.into_iter().chain(error.error);
                        said.for_each(|words| assert!(words.chars().count() <= 301, "{words}"));
                    }
                }
            }
            let _ = metadata(&issuer, &answer, "x");
        }
    }
}
