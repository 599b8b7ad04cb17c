//! What an error of a provider means: by its `error` first, by AADSTS number only where that changes what to do.

use std::time::Duration;

use intake::ports::{OAuthError, OAuthFault};
use jiff::Timestamp;
use serde::Deserialize;

use crate::http::Answer;

/// The longest pause that a provider can ask for.
const MAX_PAUSE: Duration = Duration::from_secs(3600);
/// AADSTS numbers after which only the provider's administrator helps.
const ADMINISTRATOR: [u32; 16] = [
    50053, 50057, 50097, 50105, 50131, 53000, 53001, 53003, 530_003, 530_032, 530_035, 90094, 90095, 50058,
    65005, 700_211,
];
/// AADSTS numbers that are about the registration, whatever `error` says.
const REGISTRATION: [u32; 14] = [
    50011, 50020, 50034, 50194, 700_016, 7_000_215, 7_000_222, 7_000_218, 700_025, 700_084, 70011, 90002,
    90038, 650_057,
];
/// AADSTS numbers of short failures.
const SHORT: [u32; 10] = [50033, 50087, 90006, 90012, 90024, 90033, 90055, 90090, 70012, 80005];

/// An error without words of the provider.
pub(crate) fn fault(fault: OAuthFault, context: &str) -> OAuthError {
    OAuthError { fault, context: context.to_owned(), error: None, description: None }
}

/// RFC 6749 section 5.2, as far as providers keep to it.
#[derive(Deserialize, Default)]
pub(crate) struct ErrorBody {
    #[serde(default)]
    error: serde_json::Value,
    #[serde(default)]
    error_description: serde_json::Value,
    #[serde(default)]
    error_subtype: serde_json::Value,
}

/// The error that an answer carries, also one with status 200.
pub(crate) fn of_answer(answer: &Answer, context: &str) -> OAuthError {
    let body = body(answer);
    let error = text(&body.error, 100);
    let description = text(&body.error_description, 300).or_else(|| text(&body.error_subtype, 300));
    let number = description.as_deref().and_then(aadsts);
    let fault = match (answer.status, error.as_deref()) {
        (408 | 425 | 429 | 500..=599, _) => temporary(answer),
        (_, Some(word)) => class(word, number, answer),
        _ => OAuthFault::NotAnEndpoint,
    };
    OAuthError { fault, context: context.to_owned(), error, description }
}

fn body(answer: &Answer) -> ErrorBody {
    if let Ok(body) = serde_json::from_slice(&answer.body) {
        return body;
    }
    // Some providers answer as a form.
    let field = |name: &str| {
        let found = url::form_urlencoded::parse(&answer.body).find(|(key, _)| key == name);
        found.map_or(serde_json::Value::Null, |(_, value)| serde_json::Value::String(value.into_owned()))
    };
    ErrorBody {
        error: field("error"),
        error_description: field("error_description"),
        error_subtype: field("error_subtype"),
    }
}

/// Printable and short; an object's `message` or `code` where a provider nests it.
fn text(value: &serde_json::Value, longest: usize) -> Option<String> {
    let text = value.as_str().or_else(|| value.get("status").or_else(|| value.get("message"))?.as_str())?;
    let text: String = text.chars().filter(|c| !c.is_control()).take(longest).collect();
    (!text.is_empty()).then_some(text)
}

/// `AADSTS700082: The refresh token has expired …` → 700082.
fn aadsts(description: &str) -> Option<u32> {
    let digits: String =
        description.split("AADSTS").nth(1)?.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

fn class(error: &str, number: Option<u32>, answer: &Answer) -> OAuthFault {
    if let Some(number) = number {
        if ADMINISTRATOR.contains(&number) {
            return OAuthFault::Administrator;
        }
        if SHORT.contains(&number) {
            return temporary(answer);
        }
        if [7_000_215, 7_000_222, 7_000_218, 700_016].contains(&number) {
            return OAuthFault::ClientRefused;
        }
        if REGISTRATION.contains(&number) {
            return OAuthFault::Configuration;
        }
    }
    match error {
        "invalid_grant"
        | "interaction_required"
        | "login_required"
        | "consent_required"
        | "access_denied" => OAuthFault::GrantRefused,
        "invalid_client" | "deleted_client" | "disabled_client" => OAuthFault::ClientRefused,
        "admin_policy_enforced" => OAuthFault::Administrator,
        "server_error" | "temporarily_unavailable" | "rate_limit_exceeded" | "Access Denied" => {
            temporary(answer)
        }
        // Zoho's word for it.
        "invalid_code" => OAuthFault::GrantRefused,
        _ => OAuthFault::Configuration,
    }
}

/// With the pause that the provider asks for, in seconds or as a date.
fn temporary(answer: &Answer) -> OAuthFault {
    let pause = answer.retry_after.as_deref().and_then(|text| {
        let seconds = text.trim().parse::<u64>().ok().map(Duration::from_secs);
        seconds.or_else(|| {
            let at = jiff::fmt::rfc2822::parse(text.trim()).ok()?.timestamp();
            Duration::try_from(at.duration_since(Timestamp::now())).ok()
        })
    });
    OAuthFault::Temporary { after: pause.map(|pause| pause.min(MAX_PAUSE)) }
}
