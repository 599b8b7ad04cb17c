//! The one place of status codes: problem documents (RFC 9457), and the statuses of good answers.

use axum::{
    Json,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use intake::{DiskTrouble, Error, FieldError, Kind, Language, Sentence, failed};
use serde::Serialize;
use utoipa::ToSchema;

use crate::language;

/// The statuses of good answers.
pub(crate) mod status {
    use axum::http::StatusCode;

    pub(crate) const OK: StatusCode = StatusCode::OK;
    pub(crate) const CREATED: StatusCode = StatusCode::CREATED;
    pub(crate) const ACCEPTED: StatusCode = StatusCode::ACCEPTED;
    pub(crate) const NO_CONTENT: StatusCode = StatusCode::NO_CONTENT;

    /// What axum says of a body with more bytes than are read.
    pub(crate) const TOO_LARGE: StatusCode = StatusCode::PAYLOAD_TOO_LARGE;
}

/// Why a request is not answered as wanted.
#[derive(Debug)]
pub(crate) enum ApiError {
    /// The core says so.
    Core(Error),
    /// The body is not JSON.
    MalformedJson(String),
    /// The body is not said to be JSON.
    UnsupportedMediaType,
    /// The path is there, the method is not.
    MethodNotAllowed,
    /// For another host (RFC 9110 section 7.4).
    Misdirected,
    /// The answer took too long; what was begun goes on.
    TimedOut,
    /// The body did not arrive whole.
    BodyLost,
    /// As many requests are worked on as there is memory for.
    Busy,
}

/// The result of a handler.
pub(crate) type ApiResult<T = Response> = Result<T, ApiError>;

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        Self::Core(error)
    }
}

/// A problem document (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// A URN made of the code.
    #[serde(rename = "type")]
    kind: String,
    /// What kind of problem it is.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What happened, and what to do about it.
    detail: String,
    /// Stable, `snake_case`: what programs compare.
    code: String,
    /// What to do; empty where nothing can be done but wait.
    action: String,
    /// Which fields are wrong.
    errors: Vec<ProblemField>,
}

/// What is wrong with one field.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProblemField {
    /// A JSON pointer (RFC 6901) into the body, or `/name` of a query parameter.
    pointer: String,
    /// What is wrong and what would be right.
    detail: String,
}

/// The code of a problem, for the request's line in the log.
#[derive(Debug, Clone)]
pub(crate) struct ProblemCode(pub(crate) String);

impl ApiError {
    /// Nobody has signed in.
    pub(crate) fn unauthenticated(message: &str) -> Self {
        let error = Error::new(Kind::Unauthenticated, "unauthenticated", message);
        Self::Core(error.action("Send an API token as Authorization: Bearer, or sign in."))
    }

    /// The caller may not; what to do instead.
    pub(crate) fn forbidden(code: &'static str, message: &str, action: &str) -> Self {
        Self::Core(Error::new(Kind::Forbidden, code, message).action(action))
    }

    /// The path leads nowhere.
    pub(crate) fn no_such_path() -> Self {
        Self::Core(Error::not_found("page or call"))
    }

    /// The body has more bytes than this.
    pub(crate) fn too_large(limit: usize) -> Self {
        let message = format!("The body has more than {limit} bytes.");
        Self::Core(Error::new(Kind::TooLarge, "body_too_large", message))
    }

    /// The answer would have more bytes than can leave here.
    pub(crate) fn answer_too_large() -> Error {
        let error =
            Error::new(Kind::Invalid, "answer_too_large", "The answer would be too large to be sent.");
        error.action("Ask for less at a time, with a smaller limit.")
    }

    /// What an answer is made of could not be read to its end.
    pub(crate) fn answer_cut_off() -> Self {
        let error = Error::retry("blobs_unavailable", "The file store did not give the whole of a file.");
        Self::Core(error.action("Try again in a few seconds."))
    }

    /// The status, and the words for people: what pages show.
    pub(crate) fn told(self) -> (StatusCode, intake::types::Problem) {
        let (status, _) = self.status();
        (status, outward(self.into_error()).in_language(language::present()).problem())
    }

    /// The status and title.
    fn status(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Core(error) => status_of(error.kind),
            Self::MalformedJson(_) => (StatusCode::BAD_REQUEST, "The body is not JSON"),
            Self::BodyLost => (StatusCode::BAD_REQUEST, "The body is incomplete"),
            Self::UnsupportedMediaType => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "The body has another media type")
            }
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "This method is not offered here"),
            Self::Misdirected => (StatusCode::MISDIRECTED_REQUEST, "Not for this host"),
            Self::TimedOut => (StatusCode::SERVICE_UNAVAILABLE, "It took too long"),
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, "Too much at a time"),
        }
    }

    fn into_error(self) -> Error {
        let invalid = |code, message: String| Error::new(Kind::Invalid, code, message);
        match self {
            Self::Core(error) => error,
            Self::MalformedJson(detail) => {
                invalid("malformed_json", format!("The body is not JSON: {detail}."))
            }
            Self::BodyLost => invalid("body_incomplete", "The body did not arrive whole.".to_owned()),
            Self::UnsupportedMediaType => {
                invalid("unsupported_media_type", "The body must be JSON.".to_owned())
                    .action("Send Content-Type: application/json.")
            }
            Self::MethodNotAllowed => {
                invalid("method_not_allowed", "This path does not offer this method.".to_owned())
            }
            Self::Misdirected => invalid(
                "misdirected_request",
                "The Host header names neither the base URL nor the listen address.".to_owned(),
            )
            .action("Use the base URL, or set MAILDOCKET_BASE_URL to the address that you use."),
            Self::TimedOut => {
                Error::retry("timed_out", "The answer took too long.").action("Look again in a minute.")
            }
            Self::Busy => Error::retry("busy", "As many requests are worked on as there is room for.")
                .action("Try again in a few seconds."),
        }
    }
}

fn status_of(kind: Kind) -> (StatusCode, &'static str) {
    match kind {
        Kind::Retry { .. } => (StatusCode::SERVICE_UNAVAILABLE, "Not possible right now"),
        Kind::NeedsConsent => (StatusCode::CONFLICT, "A person has to consent again"),
        Kind::NeedsAdministrator => (StatusCode::CONFLICT, "The provider's administrator has to act"),
        Kind::Configuration => (StatusCode::CONFLICT, "A setting is wrong"),
        Kind::Installation => (StatusCode::SERVICE_UNAVAILABLE, "The installation is not set up rightly"),
        Kind::Invalid => (StatusCode::UNPROCESSABLE_ENTITY, "The request is not right"),
        Kind::Poisoned => (StatusCode::UNPROCESSABLE_ENTITY, "This mail cannot be processed"),
        Kind::NotFound => (StatusCode::NOT_FOUND, "Not found"),
        Kind::Conflict => (StatusCode::CONFLICT, "It contradicts what is there"),
        Kind::LeaseLost => (StatusCode::CONFLICT, "Another run is at it"),
        Kind::Stale => (StatusCode::PRECONDITION_FAILED, "It was changed meanwhile"),
        Kind::Forbidden => (StatusCode::FORBIDDEN, "Not allowed"),
        Kind::Unauthenticated => (StatusCode::UNAUTHORIZED, "Not signed in"),
        Kind::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "Too large"),
        Kind::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "Our mistake"),
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, title) = self.status();
        let error = self.into_error();
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        match error.kind {
            Kind::Unauthenticated => {
                headers.insert(
                    header::WWW_AUTHENTICATE,
                    HeaderValue::from_static("Bearer realm=\"maildocket\""),
                );
            }
            Kind::Retry { after } => {
                let seconds = after.map_or(5, |after| after.as_secs().max(1));
                headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            }
            _ => {}
        }
        let code = ProblemCode(error.code.to_string());
        let told = error.sentence.as_ref().map_or(Language::English, |_| language::present());
        let problem = problem(status, title, error);
        let mut response = (status, headers, Json(problem)).into_response();
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        let language = HeaderValue::from_static(told.tag());
        response.headers_mut().insert(header::CONTENT_LANGUAGE, language);
        response.headers_mut().append(header::VARY, HeaderValue::from_static("accept-language"));
        response.extensions_mut().insert(code);
        response
    }
}

/// What nobody outside can mend is told to the log. Our own mistakes are told there only.
fn outward(mut error: Error) -> Error {
    match error.kind {
        Kind::Internal => failed!(error, error, "A request ended in our mistake."),
        Kind::Installation => failed!(error, error, "A request cannot be answered by this installation."),
        Kind::Retry { .. } => failed!(warn, error, "A request cannot be answered right now."),
        _ => {}
    }
    if error.kind == Kind::Internal {
        error.message = "Maildocket made a mistake. The log says more.".to_owned();
    }
    error
}

/// The process cannot work; the data folder is nothing that everybody should know.
pub(crate) fn unwell(trouble: DiskTrouble) -> Error {
    let key = match trouble {
        DiskTrouble::Full => "disk_full.outside",
        DiskTrouble::Failing => "disk_failing.outside",
        DiskTrouble::Damaged => "database_damaged.outside",
    };
    Error::told(Kind::Retry { after: None }, Sentence::new(key))
}

/// What `/healthz` says where the installation cannot do its work: open to everybody, so only which, and the sentence
/// where the catalogue has one for outsiders.
pub(crate) fn unhealthy(error: Error) -> Response {
    let Error { code, message, sentence, .. } = outward(error).in_language(language::present());
    let mut told = serde_json::json!({ "status": "unhealthy", "code": code });
    if sentence.is_some() {
        told["detail"] = message.into();
    }
    let mut response = (StatusCode::SERVICE_UNAVAILABLE, Json(told)).into_response();
    response.extensions_mut().insert(ProblemCode(code.into_owned()));
    response
}

fn problem(status: StatusCode, title: &'static str, error: Error) -> Problem {
    let Error { code, message, action, fields, .. } = outward(error).in_language(language::present());
    let message = with_fields(message, &fields);
    let detail = if action.is_empty() { message } else { format!("{message} {action}") };
    Problem {
        kind: format!("urn:maildocket:problem:{}", code.replace('_', "-")),
        title,
        status: status.as_u16(),
        detail,
        code: code.into_owned(),
        action,
        errors: fields.into_iter().map(ProblemField::from).collect(),
    }
}

/// The sentence, with what is wrong with the first fields: `errors` has all of them.
fn with_fields(message: String, fields: &[FieldError]) -> String {
    const TOLD: usize = 3;
    let told = |field: &FieldError| match field.pointer.as_str() {
        "" => format!("the body {}", field.detail),
        pointer => format!("{pointer} {}", field.detail),
    };
    let told: Vec<_> = fields.iter().take(TOLD).map(told).collect();
    match (told.is_empty(), fields.len() > TOLD) {
        (true, _) => message,
        (false, more) => {
            let end = if more { "; and more" } else { "" };
            format!("{}: {}{end}.", message.trim_end_matches('.'), told.join("; "))
        }
    }
}

impl From<FieldError> for ProblemField {
    fn from(field: FieldError) -> Self {
        Self { pointer: field.pointer, detail: field.detail }
    }
}
