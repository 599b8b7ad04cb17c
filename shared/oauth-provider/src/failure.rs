//! What an error of a provider says, and by its status and its words what it means.

use std::time::Duration;

use intake::{
    explain,
    ports::{OAuthError, OAuthFault},
};
use serde_json::Value;

use crate::answer::Answer;

/// The longest pause that a provider can ask for.
const MAX_PAUSE: Duration = Duration::from_secs(3600);

/// An error without words of the provider.
pub(crate) fn fault(fault: OAuthFault, context: &str) -> OAuthError {
    let context = context.into();
    OAuthError { fault, context, error: None, description: None, host: None, tried: Vec::new() }
}

/// The error that an answer carries, also one with status 200.
pub(crate) fn of_answer(answer: &Answer, context: &str) -> OAuthError {
    let body = answer.object();
    let error = error_word(&body).map(|word| explain::kept_words(&word, 100));
    let description = description(&body).map(|words| explain::kept_words(&words, 300));
    let fault = match (answer.status, error.as_deref()) {
        (408 | 425 | 429 | 500..=599, _) => temporary(answer),
        (_, Some(word)) => class(word, description.as_deref(), answer),
        // It has something to say, and no word for it.
        (200..=299 | 400 | 401 | 403, None) if description.is_some() => {
            class("", description.as_deref(), answer)
        }
        _ => OAuthFault::NotAnEndpoint,
    };
    let host = answer.host.as_deref().map(Box::from);
    OAuthError { fault, context: context.into(), error, description, host, tried: Vec::new() }
}

/// The same error without these secrets, should the provider have written them into its words.
pub(crate) fn without(error: OAuthError, secrets: &[&str]) -> OAuthError {
    let clean = |text: String| {
        let secrets = secrets.iter().filter(|secret| secret.len() >= 6);
        secrets.fold(text, |text, secret| text.replace(secret, "…"))
    };
    OAuthError { error: error.error.map(clean), description: error.description.map(clean), ..error }
}

/// Whether it was the client that was refused, or how it signed in, before anything else was looked at (RFC 6749 section
/// 5.2): by its word, by its status, or by words about the client's credentials. A number of Microsoft says which of them.
pub(crate) fn is_about_the_sign_in(error: &OAuthError, status: u16) -> bool {
    let description = error.description.as_deref().unwrap_or_default().to_ascii_lowercase();
    let named =
        ["client_id", "client id", "client authentication", "client credentials", "authorization header"];
    match error.fault {
        _ if description.contains("aadsts") => false,
        OAuthFault::ClientRefused => true,
        OAuthFault::Configuration => status == 401 || named.iter().any(|words| description.contains(words)),
        OAuthFault::NotAnEndpoint => status == 401,
        _ => false,
    }
}

/// Whether a request without a scope was refused because of that: nothing was spent by it.
pub(crate) fn wants_a_scope(error: &OAuthError) -> bool {
    let description = error.description.as_deref().unwrap_or_default().to_ascii_lowercase();
    match error.error.as_deref() {
        _ if error.fault != OAuthFault::Configuration => false,
        Some(word) if word.contains("scope") => true,
        _ => description.contains("scope") || description.contains("aadsts900144"),
    }
}

/// `error` (RFC 6749 section 5.2), as far as providers keep to it: a word, an object, a list of objects, or another name.
fn error_word(body: &Value) -> Option<String> {
    let said = |name: &&str| body.get(name).filter(|value| !value.is_null());
    let told = ["error", "errors", "error_code", "errorCode", "code"].iter().find_map(said)?;
    let told = told.get(0).unwrap_or(told);
    first_text(told, &["", "status", "code", "error", "errorId", "type", "message"])
}

fn description(body: &Value) -> Option<String> {
    const NAMES: [&str; 11] = [
        "error_description",
        "errorDescription",
        "error_message",
        "errorMessage",
        "message",
        "error_msg",
        "errmsg",
        "msg",
        "detail",
        "title",
        "error_subtype",
    ];
    let nested = || {
        let told = body.get("error").or_else(|| body.get("errors")?.get(0))?;
        first_text(told, &["message", "description", "error_description", "localizedMessage"])
    };
    first_text(body, &NAMES).or_else(nested)
}

/// The first of these fields that is a text and not empty, or a list of such; the empty name is the value itself.
fn first_text(value: &Value, names: &[&str]) -> Option<String> {
    let of = |name: &&str| if name.is_empty() { Some(value) } else { value.get(name) };
    let texts =
        names.iter().filter_map(of).map(|value| value.get(0).unwrap_or(value)).filter_map(Value::as_str);
    texts.map(str::trim).find(|text| !text.is_empty()).map(str::to_owned)
}

/// What the words mean; an unknown one is about a setting.
fn class(error: &str, description: Option<&str>, answer: &Answer) -> OAuthFault {
    match explain::provider_fault(error, description) {
        Some(OAuthFault::Temporary { .. }) => temporary(answer),
        known => known.unwrap_or(OAuthFault::Configuration),
    }
}

/// With the pause that the provider asks for, in seconds or as a date. A date is compared with the answer's own, so that
/// it is right whatever our clock says.
fn temporary(answer: &Answer) -> OAuthFault {
    let pause = answer.retry_after.as_deref().and_then(|text| {
        let seconds = text.trim().parse::<u64>().ok().map(Duration::from_secs);
        seconds.or_else(|| {
            let at = jiff::fmt::rfc2822::parse(text.trim()).ok()?.timestamp();
            Duration::try_from(at.duration_since(answer.date?)).ok()
        })
    });
    OAuthFault::Temporary { after: pause.map(|pause| pause.min(MAX_PAUSE)) }
}
