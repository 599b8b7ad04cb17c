//! The JSON API under `/api/v1`: one file per resource. Each route carries its OpenAPI entry, from which
//! `description/openapi.json` is written.

mod after_import;
mod audit;
mod authorizations;
mod calls;
mod comments;
mod config;
pub(crate) mod description;
pub(crate) mod files;
mod grants;
mod handlers;
mod imports;
mod integrations;
mod issues;
mod last_error;
mod mailboxes;
mod messages;
mod presets;
mod probes;
mod projects;
mod sessions;
mod status;
pub(crate) mod texts;
mod tokens;
mod watch;

use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    middleware,
    response::Response,
};
use intake::App;
use serde_json::json;

use crate::{
    Web, answer, auth,
    error::{ApiError, unhealthy, unwell},
    extract::MAX_BODY,
};

/// Does something with each resource in turn, named here once.
macro_rules! each_resource {
    ($what:ident, $start:expr) => {
        each_resource!($what, $start; integrations presets authorizations grants handlers mailboxes probes imports
            projects issues comments texts messages status tokens sessions audit config description)
    };
    ($what:ident, $start:expr; $($resource:ident)+) => {{
        let all = $start;
        $(let all = $crate::api::$resource::$what(all);)+
        all
    }};
}
use each_resource;

/// The routes, behind the sign-in.
pub(crate) fn router(web: &Web) -> Router<Web> {
    each_resource!(routes, Router::new())
        .fallback(async || ApiError::no_such_path())
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(middleware::from_fn_with_state(web.clone(), auth::require))
}

/// Whether the process answers, can read its table, and its disk takes what it writes. Open to everybody; says nothing
/// else.
pub(crate) async fn healthz(State(app): State<App>) -> Response {
    if let Some(trouble) = app.disk.trouble() {
        return unhealthy(unwell(trouble));
    }
    match app.store.check().await {
        Ok(()) => answer::ok(&json!({"status": "ok"})),
        Err(error) => unhealthy(error),
    }
}
