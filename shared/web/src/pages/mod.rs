//! Pages for people: the OAuth pages, signing in, and the console. They work without script.

mod accounts;
mod audit;
mod components;
mod consent;
mod frame;
mod help;
mod html;
mod integrations;
mod issues;
mod mailboxes;
mod mails;
mod oauth;
mod oidc;
mod overview;
mod providers;
mod reference;
mod settings;
mod setup;
mod sign_in;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use frame::page::PageResult;

use crate::{
    Web,
    budget::{MAX_FORM, MAX_SIGN_IN},
    error::ApiError,
};

/// The style sheet of all pages.
const STYLE: &str = include_str!("style.css");
/// The script of all pages: what it does is a help, and no page needs it.
const SCRIPT: &str = include_str!("console.js");
/// The picture in a browser's tab.
const ICON: &str = include_str!("icon.svg");

/// The pages.
pub(crate) fn router() -> Router<Web> {
    Router::new()
        .route("/", get(overview::page))
        .route("/components", get(components::page))
        .merge(mailboxes::routes())
        // Whoever sends these forms need not have signed in yet.
        .route("/sign-in", get(sign_in::form).post(sign_in::submit).layer(DefaultBodyLimit::max(MAX_SIGN_IN)))
        .route("/sign-in/oidc", get(oidc::begin))
        .route("/sign-in/oidc/callback", get(oidc::callback))
        .route(
            "/sign-in/once/{ticket}",
            get(sign_in::link).post(sign_in::once).layer(DefaultBodyLimit::max(MAX_SIGN_IN)),
        )
        .route("/sign-out", post(sign_in::sign_out).layer(DefaultBodyLimit::max(MAX_SIGN_IN)))
        .route("/oauth2/start/{ticket}", get(oauth::start))
        .route("/oauth2/callback/{provider}", get(oauth::callback))
        .route("/oauth2/result/{id}", get(oauth::result))
        .route("/audit", get(audit::page))
        .merge(settings::routes())
        .route("/help", get(help::index))
        .route("/help/{guide}", get(help::page))
        .route("/assets/style.css", get(style))
        .route("/assets/console.js", get(script))
        .route("/assets/icon.svg", get(icon))
        .merge(issues::routes())
        .merge(html::routes())
        .merge(mails::routes())
        .merge(integrations::routes())
        .merge(accounts::routes())
        .merge(setup::routes())
        .merge(reference::routes())
        .layer(DefaultBodyLimit::max(MAX_FORM))
}

/// There is nothing at this path: a page for browsers, a problem document for programs.
pub(crate) async fn nowhere(headers: HeaderMap) -> PageResult {
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accepted.contains("text/html") {
        return Err(ApiError::no_such_path().into());
    }
    Ok(ApiError::no_such_path().into_response())
}

async fn style() -> Response {
    asset("text/css; charset=utf-8", STYLE)
}

async fn script() -> Response {
    asset("text/javascript; charset=utf-8", SCRIPT)
}

async fn icon() -> Response {
    asset("image/svg+xml", ICON)
}

fn asset(content_type: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, content_type), (header::CACHE_CONTROL, "public, max-age=3600")], text)
        .into_response()
}

#[cfg(test)]
mod tests;
