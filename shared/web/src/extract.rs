//! What handlers take from a request: bodies, identifiers, parameters, conditions.

use std::{borrow::Cow, str::FromStr};

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Request},
    http::{HeaderMap, HeaderValue, Method, Uri, header, request::Parts},
};
use intake::{
    App, Error,
    flows::change::{Expect, Once},
    json::{self, Unread},
    types::{Version, audit::Actor, request::Request as Fields},
};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _},
};
use utoipa::{
    IntoParams, PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

use crate::error::{ApiError, ApiResult};
pub(crate) use crate::params::{Paging, Params};

/// The most bytes of a JSON body.
pub(crate) const MAX_BODY: usize = 1024 * 1024;

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
    String::from_utf8(bytes.into()).map_err(|_| ApiError::MalformedJson(None))
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
        return Err(Error::field("", "field.object").into());
    }
    strictly(text)
}

/// Reads JSON of any shape, without unknown fields.
pub(crate) fn strictly<T: DeserializeOwned>(text: &str) -> ApiResult<T> {
    json::strictly(text).map_err(|unread| match unread {
        Unread::Malformed(error) => malformed(&error),
        Unread::Unwanted(error) => error.into(),
    })
}

fn malformed(error: &serde_json::Error) -> ApiError {
    ApiError::MalformedJson(Some((error.line(), error.column())))
}

/// The body of a change: the fields of what makes the object, none of which must be given, without those that make it
/// only.
#[derive(Debug, Default)]
pub(crate) struct Patch<T>(pub(crate) T);

impl<'de, T: Fields + Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = T::deserialize(deserializer)?;
        fields.once_given().map_or(Ok(Self(fields)), |name| Err(D::Error::unknown_field(name, &[])))
    }
}

impl<T: Fields + PartialSchema> PartialSchema for Patch<T> {
    fn schema() -> RefOr<Schema> {
        let mut schema = T::schema();
        if let RefOr::T(Schema::Object(object)) = &mut schema {
            object.required.clear();
            T::ONCE.iter().for_each(|name| drop(object.properties.remove(*name)));
        }
        schema
    }
}

impl<T: Fields + ToSchema> ToSchema for Patch<T> {
    fn name() -> Cow<'static, str> {
        format!("{}Patch", T::name().trim_start_matches("New")).into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        T::schemas(schemas);
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
    use intake::{request, types::given::Given};

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
            words: Vec<String>,
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
