#![doc = include_str!("../README.md")]

mod answer;
mod api;
mod auth;
mod budget;
mod client;
mod command_line;
mod error;
mod extract;
mod filename;
mod guard;
mod language;
mod pages;
mod params;
mod serve;
mod state;
mod wire;

use std::sync::Arc;

pub use axum::{Router, body::Body, http::Method, response::Response};
use axum::{middleware, routing::get};
use intake::App;

pub use command_line::{Call, call};
pub use serve::serve;
pub use state::{ClientAddress, OneTimeLink, RequestId, WebSettings};
pub(crate) use state::{HEALTH, Web};
pub use wire::within_function;

/// All routes.
pub fn router(app: App, settings: WebSettings) -> Router {
    let web = Web { app, settings: Arc::new(settings), refusals: Arc::default(), budget: Default::default() };
    Router::new()
        .route(HEALTH, get(api::healthz))
        .nest("/api/v1", api::router(&web))
        .merge(pages::router())
        .fallback(pages::nowhere)
        .method_not_allowed_fallback(async || error::ApiError::MethodNotAllowed)
        .layer(middleware::from_fn_with_state(web.clone(), guard::guard))
        .with_state(web)
}

/// The answer to a request for this path, where there are no routes because of an error.
pub fn refusal(path: &str, error: intake::Error) -> Response {
    if path == HEALTH {
        return error::unhealthy(error);
    }
    axum::response::IntoResponse::into_response(error::ApiError::from(error))
}

/// The OpenAPI document of the JSON API, as `GET /api/v1/openapi.json` gives it.
pub const DESCRIPTION: &str = api::description::TEXT;

/// What of it stands beside the code, for the test that writes it.
pub fn described() -> utoipa::openapi::OpenApi {
    api::description::of_code()
}
