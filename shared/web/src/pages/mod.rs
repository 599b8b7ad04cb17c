//! Pages for people: the OAuth pages, signing in, and reading issues. They work without script.

mod conversation;
mod issues;
mod layout;
mod oauth;
mod sign_in;
mod words;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use maud::Markup;

use crate::{Web, budget::MAX_FORM, error::ApiError, language};

pub use sign_in::OneTimeLink;

/// What pages may load: our own style sheet and pictures, nothing else.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// The style sheet of all pages.
const STYLE: &str = include_str!("style.css");
/// The picture in a browser's tab.
const ICON: &str = include_str!("icon.svg");

/// The pages.
pub(crate) fn router() -> Router<Web> {
    Router::new()
        .route("/", get(issues::home))
        .route("/projects/{key}", get(issues::project))
        .route("/issues/{key}", get(issues::issue))
        .route("/sign-in", get(sign_in::form).post(sign_in::submit))
        .route("/sign-in/once/{ticket}", get(sign_in::once))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/oauth2/start/{ticket}", get(oauth::start))
        .route("/oauth2/callback/{provider}", get(oauth::callback))
        .route("/oauth2/result/{id}", get(oauth::result))
        .route("/assets/style.css", get(style))
        .route("/assets/icon.svg", get(icon))
        // Whoever sends a form need not have signed in yet.
        .layer(DefaultBodyLimit::max(MAX_FORM))
}

/// There is nothing at this path: a page for browsers, a problem document for programs.
pub(crate) async fn nowhere(headers: HeaderMap) -> Response {
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accepted.contains("text/html") {
        return error_page(ApiError::no_such_path());
    }
    ApiError::no_such_path().into_response()
}

async fn style() -> Response {
    asset("text/css; charset=utf-8", STYLE)
}

async fn icon() -> Response {
    asset("image/svg+xml", ICON)
}

fn asset(content_type: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, content_type), (header::CACHE_CONTROL, "public, max-age=3600")], text)
        .into_response()
}

/// A page, with the policy that pages have.
fn page(markup: Markup) -> Response {
    let mut response = markup.into_response();
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

/// A page with a form: under the policy `no-referrer` browsers send `Origin: null` with every form (Fetch standard,
/// "append a request Origin header"), and then nobody could tell our own pages from another site's.
fn page_with_form(markup: Markup) -> Response {
    let mut response = page(markup);
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}

/// An error as a page: its words for people, its status from the one place of status codes.
fn error_page(error: impl Into<ApiError>) -> Response {
    let (status, problem) = error.into().told();
    let lang = problem.language(language::present()).tag();
    let body = layout::plain(
        "Something is in the way",
        maud::html! {
            div lang=(lang) {
                p { (problem.message) }
                @if !problem.action.is_empty() { p { strong { (problem.action) } } }
            }
            p.faint { "Code: " (problem.code) }
        },
    );
    let mut response = page(body);
    *response.status_mut() = status;
    response
}
