//! What an error of a provider says, and by its status and its words what it means.

use std::time::Duration;

use intake::{
    explain,
    ports::{OAuthError, OAuthFault},
};
use jiff::Timestamp;
use serde::Deserialize;

use crate::http::Answer;

/// The longest pause that a provider can ask for.
const MAX_PAUSE: Duration = Duration::from_secs(3600);
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
    let fault = match (answer.status, error.as_deref()) {
        (408 | 425 | 429 | 500..=599, _) => temporary(answer),
        (_, Some(word)) => class(word, description.as_deref(), answer),
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

/// What the words mean; an unknown one is about a setting.
fn class(error: &str, description: Option<&str>, answer: &Answer) -> OAuthFault {
    match explain::provider_fault(error, description) {
        Some(OAuthFault::Temporary { .. }) => temporary(answer),
        known => known.unwrap_or(OAuthFault::Configuration),
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
