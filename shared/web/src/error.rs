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
    /// The body is not JSON: where, unless it is no text.
    MalformedJson(Option<(usize, usize)>),
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
    title: String,
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
    /// Nobody has signed in; the sentence says why.
    pub(crate) fn unauthenticated(key: &'static str) -> Self {
        Self::Core(Error::told(Kind::Unauthenticated, key))
    }

    /// The caller may not; what to do instead.
    pub(crate) fn forbidden(sentence: impl Into<Sentence>) -> Self {
        Self::Core(Error::told(Kind::Forbidden, sentence))
    }

    /// The path leads nowhere.
    pub(crate) fn no_such_path() -> Self {
        Self::Core(Error::not_found("path"))
    }

    /// The body has more bytes than this.
    pub(crate) fn too_large(limit: usize) -> Self {
        Self::Core(Error::told(Kind::TooLarge, Sentence::new("body_too_large").with("limit", limit)))
    }

    /// The answer would have more bytes than can leave here.
    pub(crate) fn answer_too_large() -> Error {
        Error::told(Kind::Invalid, "answer_too_large")
    }

    /// What an answer is made of could not be read to its end.
    pub(crate) fn answer_cut_off() -> Self {
        Self::Core(Error::told(Kind::Retry { after: None }, "blobs_unavailable.cut"))
    }

    /// The status, and the words for people: what pages show.
    pub(crate) fn told(self) -> (StatusCode, intake::types::Problem) {
        let status = self.status();
        (status, outward(self.into_error()).in_language(language::present()).problem())
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Core(error) => status_of(error.kind),
            Self::MalformedJson(_) | Self::BodyLost => StatusCode::BAD_REQUEST,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Misdirected => StatusCode::MISDIRECTED_REQUEST,
            Self::TimedOut | Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// What kind of problem it is, in the reader's language.
    fn title(&self) -> String {
        let of = match self {
            Self::Core(error) => error.kind.word(),
            Self::MalformedJson(_) => "malformed_json",
            Self::BodyLost => "body_incomplete",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::Misdirected => "misdirected_request",
            Self::TimedOut => "timed_out",
            Self::Busy => "busy",
        };
        Sentence::variant("page.title", of).message(language::present())
    }

    fn into_error(self) -> Error {
        let invalid = |key: &'static str| Error::told(Kind::Invalid, key);
        let later = |key: &'static str| Error::told(Kind::Retry { after: None }, key);
        match self {
            Self::Core(error) => error,
            Self::MalformedJson(None) => invalid("malformed_json.utf8"),
            Self::MalformedJson(Some((line, column))) => {
                let sentence = Sentence::new("malformed_json").with("line", line).with("column", column);
                Error::told(Kind::Invalid, sentence)
            }
            Self::BodyLost => invalid("body_incomplete"),
            Self::UnsupportedMediaType => invalid("unsupported_media_type"),
            Self::MethodNotAllowed => invalid("method_not_allowed"),
            Self::Misdirected => invalid("misdirected_request"),
            Self::TimedOut => later("timed_out"),
            Self::Busy => later("busy"),
        }
    }
}

fn status_of(kind: Kind) -> StatusCode {
    match kind {
        Kind::Retry { .. } | Kind::Installation => StatusCode::SERVICE_UNAVAILABLE,
        Kind::NeedsConsent
        | Kind::NeedsAdministrator
        | Kind::Configuration
        | Kind::Conflict
        | Kind::LeaseLost => StatusCode::CONFLICT,
        Kind::Invalid | Kind::Poisoned => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::Stale => StatusCode::PRECONDITION_FAILED,
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
        Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, title) = (self.status(), self.title());
        let error = outward(self.into_error());
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
fn outward(error: Error) -> Error {
    match error.kind {
        Kind::Internal => failed!(error, error, "A request ended in our mistake."),
        Kind::Installation => failed!(error, error, "A request cannot be answered by this installation."),
        Kind::Retry { .. } => failed!(warn, error, "A request cannot be answered right now."),
        _ => {}
    }
    match error.kind {
        Kind::Internal => Error { code: error.code, ..Error::told(Kind::Internal, "internal") },
        _ => error,
    }
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
    let is_told = error.sentence.as_ref().is_some_and(|sentence| sentence.is_for_outsiders());
    let Error { code, message, .. } = outward(error).in_language(language::present());
    let mut told = serde_json::json!({ "status": "unhealthy", "code": code });
    if is_told {
        told["detail"] = message.into();
    }
    let mut response = (StatusCode::SERVICE_UNAVAILABLE, Json(told)).into_response();
    response.extensions_mut().insert(ProblemCode(code.into_owned()));
    response
}

fn problem(status: StatusCode, title: String, error: Error) -> Problem {
    let language = language::present();
    let Error { code, message, action, fields, .. } = error.in_language(language);
    let message = with_fields(message, &fields, language);
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
fn with_fields(message: String, fields: &[FieldError], language: Language) -> String {
    const TOLD: usize = 3;
    let of = |key, name, value: String| Sentence::new(key).with_own(name, value);
    let told = |field: &FieldError| {
        let pointer = match field.pointer.as_str() {
            "" => Sentence::new("page.problem.body").message(language),
            pointer => pointer.to_owned(),
        };
        of("page.problem.field", "pointer", pointer).with_own("detail", &*field.detail).message(language)
    };
    let and = |told, next| of("page.problem.and", "told", told).with_own("next", next).message(language);
    let Some(mut list) = fields.iter().take(TOLD).map(told).reduce(and) else { return message };
    if fields.len() > TOLD {
        list = of("page.problem.more", "told", list).message(language);
    }
    let message = message.trim_end_matches(['.', '。']).to_owned();
    of("page.problem.fields", "message", message).with_own("fields", list).message(language)
}

impl From<FieldError> for ProblemField {
    fn from(field: FieldError) -> Self {
        Self { pointer: field.pointer, detail: field.detail }
    }
}
