#![doc = include_str!("../README.md")]

mod answer;
mod api;
mod auth;
mod budget;
mod client;
mod error;
mod extract;
mod guard;
mod language;
mod pages;
mod params;
pub mod pointer;
mod serve;
mod wire;

use std::{net::SocketAddr, sync::Arc};

pub use axum::{Router, body::Body, response::Response};
use axum::{extract::FromRef, middleware, routing::get};
use intake::{App, flows::audit::Refusals};

pub use api::config;
pub use pages::OneTimeLink;
pub use serve::serve;
pub use wire::within_function;

/// What the HTTP side of a process is told at its start.
#[derive(Debug, Clone, Default)]
pub struct WebSettings {
    /// The addresses listened on: accepted in the Host header besides the base URL's.
    pub listen: Vec<SocketAddr>,
    /// `X-Forwarded-Host` and `X-Forwarded-For` count, because only a proxy of ours can reach us.
    pub trusted_proxy: bool,
    /// A link that signs in once, for the demo: see [`OneTimeLink`].
    pub one_time_link: Option<OneTimeLink>,
}

/// Where it is told whether the installation can do its work.
pub(crate) const HEALTH: &str = "/healthz";

/// How a request is called, where the process is told it with the request (AWS Lambda): an extension of the request.
/// Everything that is logged for the request carries it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RequestId {
    /// By API Gateway, whose access log says it too.
    pub gateway: Option<String>,
    /// By Lambda.
    pub lambda: Option<String>,
}

/// The address of the client, where the process is told it with the request (AWS Lambda): an extension of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub std::net::IpAddr);

/// What handlers know.
#[derive(Clone)]
pub(crate) struct Web {
    pub(crate) app: App,
    pub(crate) settings: Arc<WebSettings>,
    pub(crate) refusals: Arc<Refusals>,
    pub(crate) budget: budget::Budget,
}

impl FromRef<Web> for App {
    fn from_ref(web: &Web) -> Self {
        web.app.clone()
    }
}

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
pub fn openapi() -> utoipa::openapi::OpenApi {
    api::openapi()
}
