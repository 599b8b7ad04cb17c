//! What handlers take from a request: bodies, identifiers, parameters, conditions.

use std::str::FromStr;

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Request},
    http::{HeaderMap, HeaderValue, Method, Uri, header, request::Parts},
};
use intake::{
    App, Error, Kind,
    flows::change::{Expect, Once},
    types::{Version, audit::Actor},
};
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use utoipa::IntoParams;

pub(crate) use crate::params::{Paging, Params};
use crate::{
    error::{ApiError, ApiResult},
    pointer,
};

/// The most bytes of a JSON body.
pub(crate) const MAX_BODY: usize = 1024 * 1024;

/// A secret in a body.
#[derive(Debug)]
pub(crate) struct Secret(pub(crate) SecretString);

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(text.into()))
    }
}

/// A list of words in a body.
pub(crate) type Words = Vec<String>;

/// A request's body: every field may be missing, null or given; which of them must be given is checked by the flows, so
/// that everything that is wrong is told at once. `#[schema(required)]` says so in the document.
macro_rules! request {
    ($(#[$outer:meta])* struct $name:ident { $($(#[$inner:meta])* $field:ident: $kind:ident,)* }) => {
        $(#[$outer])*
        #[derive(Debug, Default, serde::Deserialize, utoipa::ToSchema)]
        #[serde(deny_unknown_fields, expecting = "an object")]
        pub(crate) struct $name {
            $($(#[$inner])* #[serde(default)] $field: intake::types::given::Given<$kind>,)*
        }
    };
}
pub(crate) use request;

/// A JSON body, read strictly: no unknown fields. An empty body counts as `{}`.
pub(crate) struct Body<T> {
    /// What it says.
    pub(crate) value: T,
    call: String,
    key: Option<String>,
    text: String,
}

impl<T> Body<T> {
    /// The Idempotency-Key that came along, bound to caller, call and body.
    pub(crate) fn once(&self, app: &App, actor: &Actor) -> ApiResult<Option<Once>> {
        let once = |key: &String| Once::new(app, actor, &self.call, key, &self.text);
        Ok(self.key.as_ref().map(once).transpose()?)
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> ApiResult<Self> {
        let call = call(request.method(), request.uri());
        let key = idempotency_key(request.headers())?;
        let text = read_json(request, state).await?;
        let value = parse(if text.is_empty() { "{}" } else { &text })?;
        Ok(Self { value, call, key, text })
    }
}

/// The text of a JSON body, or nothing.
pub(crate) async fn read_json<S: Send + Sync>(request: Request, state: &S) -> ApiResult<String> {
    let is_json = request.headers().get(header::CONTENT_TYPE).is_some_and(is_json);
    let bytes = read(request, state).await?;
    if !bytes.is_empty() && !is_json {
        return Err(ApiError::UnsupportedMediaType);
    }
    String::from_utf8(bytes.into()).map_err(|_| ApiError::MalformedJson("it is not UTF-8".to_owned()))
}

/// The body of a call that has no fields: none, or `{}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct NoFields {}

async fn read<S: Send + Sync>(request: Request, state: &S) -> ApiResult<Bytes> {
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse().ok());
    if announced.is_some_and(|bytes: usize| bytes > MAX_BODY) {
        return Err(ApiError::too_large(MAX_BODY));
    }
    Bytes::from_request(request, state).await.map_err(|rejection| {
        use axum::extract::rejection::{BytesRejection, FailedToBufferBody};
        match rejection {
            BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => {
                ApiError::too_large(MAX_BODY)
            }
            _ => ApiError::BodyLost,
        }
    })
}

fn is_json(value: &HeaderValue) -> bool {
    let text = value.to_str().unwrap_or_default();
    let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

fn call(method: &Method, uri: &Uri) -> String {
    format!("{method} {}", uri.path())
}

fn idempotency_key(headers: &HeaderMap) -> ApiResult<Option<String>> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    // What is not ASCII becomes an empty key, which is refused.
    Ok(Some(value.to_str().unwrap_or_default().to_owned()))
}

fn parse<T: DeserializeOwned>(text: &str) -> ApiResult<T> {
    if !text.trim_start().starts_with('{') {
        serde_json::from_str::<serde::de::IgnoredAny>(text).map_err(|error| malformed(&error))?;
        return Err(Error::field("", "must be a JSON object").into());
    }
    strictly(text)
}

/// Reads JSON of any shape, without unknown fields.
pub(crate) fn strictly<T: DeserializeOwned>(text: &str) -> ApiResult<T> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let at = pointer::of_path(error.path());
        let error = error.into_inner();
        if error.is_data() { not_as_wanted(&at, &error.to_string()).into() } else { malformed(&error) }
    })?;
    deserializer.end().map_err(|error| malformed(&error))?;
    Ok(value)
}

/// A part of a body that was read as JSON already, as strictly.
pub(crate) fn part<T: DeserializeOwned>(value: serde_json::Value) -> intake::Result<T> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let at = pointer::of_path(error.path());
        not_as_wanted(&at, &error.into_inner().to_string())
    })
}

fn malformed(error: &serde_json::Error) -> ApiError {
    ApiError::MalformedJson(format!(
        "it breaks off or is wrong at line {}, column {}",
        error.line(),
        error.column()
    ))
}

/// serde's words, without the position and without the list of all fields.
fn not_as_wanted(at: &str, message: &str) -> Error {
    let message = message.split(" at line ").next().unwrap_or(message);
    let quoted = |start: &str| {
        let name = message.strip_prefix(start)?.strip_prefix('`')?.split('`').next()?;
        Some(name.to_owned())
    };
    if let Some(name) = quoted("unknown field ") {
        let name = pointer::of([name]);
        let at = if at.ends_with(&name) { at.to_owned() } else { format!("{at}{name}") };
        return unknown_field(&at);
    }
    if quoted("duplicate field ").is_some() {
        return Error::field(at, "is given twice");
    }
    // `invalid type: string "…", expected u32`: the value itself may be a secret.
    let expected = message.rsplit_once("expected ").map_or("another value", |(_, wanted)| wanted);
    Error::field(at, format!("must be {}", plain(expected)))
}

fn unknown_field(at: &str) -> Error {
    let fields = Error::field(at, "is not a field of this call").fields;
    Error {
        fields,
        ..Error::new(Kind::Invalid, "unknown_field", "The body has a field that this call does not know.")
    }
}

fn plain(expected: &str) -> &str {
    match expected {
        "i64" | "u64" | "u32" | "u16" | "i32" => "a whole number",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        other => other,
    }
}

/// The identifier or key in a path. What has not even its form is not there.
pub(crate) struct Id<T>(pub(crate) T);

impl<T: FromStr, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        let Path(text) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|_| ApiError::from(Error::not_found("object")))?;
        text.parse().map(Self).map_err(|_| Error::not_found("object").into())
    }
}

/// What the caller saw: `If-Match`.
pub(crate) struct IfMatch(pub(crate) Expect);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> ApiResult<Self> {
        let values: Vec<_> = parts.headers.get_all(header::IF_MATCH).iter().collect();
        if values.is_empty() {
            return Ok(Self(Expect::any()));
        }
        let tags = values.iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(',')).map(str::trim);
        let mut versions = Vec::new();
        for tag in tags {
            if tag == "*" {
                return Ok(Self(Expect::any()));
            }
            let number = tag.strip_prefix('"').and_then(|t| t.strip_suffix('"')).and_then(|t| t.parse().ok());
            versions.extend(number.map(Version));
        }
        Ok(Self(Expect::one_of(versions)))
    }
}

/// For the document: a request that may come twice.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code, reason = "read from the headers by `Body`")]
pub(crate) struct IdempotencyKey {
    /// The same key with the same body makes nothing twice, for 24 hours; with another body: 422.
    #[param(rename = "Idempotency-Key")]
    idempotency_key: Option<String>,
}

/// For the document: what the caller saw.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code, reason = "read from the headers by `IfMatch`")]
pub(crate) struct IfMatchHeader {
    /// The `ETag` that the caller read; when it changed since: 412.
    #[param(rename = "If-Match")]
    if_match: Option<String>,
}

#[cfg(test)]
mod tests {
    use intake::types::given::Given;

    use super::*;

    request! {
        /// A part.
        struct Inner {
            /// A word.
            #[schema(value_type = String)]
            word: String,
        }
    }

    request! {
        /// A whole.
        struct Outer {
            /// A number.
            #[schema(value_type = i64)]
            number: i64,
            /// Words.
            #[schema(value_type = Vec<String>)]
            words: Words,
            /// A part.
            #[schema(value_type = Inner)]
            inner: Inner,
        }
    }

    fn problem(text: &str) -> (String, String, String) {
        match parse::<Outer>(text) {
            Err(ApiError::Core(error)) => {
                let field = error.fields.first().cloned().unwrap();
                (error.code.into_owned(), field.pointer, field.detail)
            }
            Err(ApiError::MalformedJson(_)) => ("malformed".into(), String::new(), String::new()),
            other => panic!("{:?}", other.map(|_| ())),
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place_and_without_its_value() {
        let cases = [
            ("", "malformed", "", ""),
            ("{", "malformed", "", ""),
            ("{} {}", "malformed", "", ""),
            ("[]", "validation_failed", "", "must be a JSON object"),
            (r#"{"nmber": 1}"#, "unknown_field", "/nmber", "is not a field of this call"),
            (r#"{"inner": {"a/b": 1}}"#, "unknown_field", "/inner/a~1b", "is not a field of this call"),
            (r#"{"number": "CANARY"}"#, "validation_failed", "/number", "must be a whole number"),
            (r#"{"number": 1.5}"#, "validation_failed", "/number", "must be a whole number"),
            (r#"{"words": ["a", 1]}"#, "validation_failed", "/words/1", "must be a string"),
            (r#"{"inner": {"word": []}}"#, "validation_failed", "/inner/word", "must be a string"),
            (r#"{"inner": "CANARY"}"#, "validation_failed", "/inner", "must be an object"),
        ];
        for (text, code, pointer, detail) in cases {
            assert_eq!(problem(text), (code.into(), pointer.into(), detail.into()), "{text}");
        }
        assert_eq!(problem(r#"{"number": 1, "number": 2}"#).2, "is given twice");
    }

    #[test]
    fn absent_null_and_given_are_told_apart() {
        let outer: Outer = parse(r#"{"number": null, "inner": {"word": "x"}}"#).unwrap_or_default();
        assert_eq!(outer.number, Given::Null);
        assert_eq!(outer.words, Given::Absent);
        assert_eq!(outer.inner.value().unwrap().word, Given::Value("x".to_owned()));
    }
}
