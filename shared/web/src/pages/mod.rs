//! Pages for people: the OAuth pages, signing in, and reading issues. They work without script.

mod issues;
mod layout;
mod oauth;
mod sign_in;

use axum::{
    Router,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use maud::Markup;

use crate::{Web, error::ApiError};

pub use sign_in::OneTimeLink;

/// What pages may load: our own style sheet and pictures, nothing else.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// The style sheet of all pages.
const STYLE: &str = include_str!("style.css");

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
}

async fn style() -> Response {
    let headers =
        [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "public, max-age=3600")];
    (headers, STYLE).into_response()
}

/// A page, with the policy that pages have.
fn page(markup: Markup) -> Response {
    let mut response = markup.into_response();
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

/// An error as a page: its words for people, its status from the one place of status codes.
fn error_page(error: intake::Error) -> Response {
    let problem = error.problem();
    let body = layout::plain(
        "Something is in the way",
        maud::html! {
            p { (problem.message) }
            @if !problem.action.is_empty() { p { strong { (problem.action) } } }
            p.faint { "Code: " (problem.code) }
        },
    );
    let status = ApiError::from(error).into_response().status();
    let mut response = page(body);
    *response.status_mut() = status;
    response
}
