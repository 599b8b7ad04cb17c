//! The JSON API under `/api/v1`: one file per resource. Each route carries its OpenAPI entry.

mod after_import;
mod audit;
mod authorizations;
mod comments;
mod config;
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
use utoipa::{
    Modify, OpenApi,
    openapi::{
        ContentBuilder, Ref, RefOr, ResponseBuilder,
        security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme},
    },
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Web, answer, auth,
    auth::Reader,
    error::{ApiError, Problem, unhealthy, unwell},
    extract::MAX_BODY,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Maildocket",
        version = "1",
        description = "Turns mail into issues. Errors are RFC 9457 problem documents with a stable `code`. \
            Lists take `limit` (1 to 200, default 50) and `cursor`; a part has fewer entries where they are large, and \
            only one without `next_cursor` is the last. Single objects carry an `ETag`; PATCH and DELETE \
            honour `If-Match`; POST that creates honours `Idempotency-Key` for 24 hours."
    ),
    servers((url = "/api/v1")),
    components(schemas(Problem)),
    security(("bearer" = []), ("session" = [])),
    modifiers(&Common)
)]
struct Document;

/// What all calls have in common.
struct Common;

impl Modify for Common {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
        let cookie = ApiKeyValue::with_description(
            "__Host-maildocket",
            "The console's session; changes also need Origin and X-CSRF-Token.",
        );
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    }
}

/// Every answer has a description, which OpenAPI wants, and what is not a good one is a problem document.
fn complete_answers(openapi: &mut utoipa::openapi::OpenApi) {
    let problem = || {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        ResponseBuilder::new()
            .description("A problem document (RFC 9457)")
            .content("application/problem+json", content)
            .build()
    };
    for item in openapi.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.post, &mut item.patch, &mut item.put, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            for (status, answer) in &mut operation.responses.responses {
                if let RefOr::T(answer) = answer {
                    answer.description = described(status).to_owned();
                }
            }
            operation.responses.responses.insert("default".to_owned(), RefOr::T(problem()));
        }
    }
}

fn described(status: &str) -> &'static str {
    match status {
        "201" => "It was made, or had been made by the same request before.",
        "202" => "It was begun, and goes on in steps.",
        "204" => "It is done; there is nothing to say.",
        _ => "The answer.",
    }
}

fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::with_openapi(Document::openapi())
        .merge(integrations::routes())
        .merge(presets::routes())
        .merge(authorizations::routes())
        .merge(grants::routes())
        .merge(handlers::routes())
        .merge(mailboxes::routes())
        .merge(probes::routes())
        .merge(imports::routes())
        .merge(projects::routes())
        .merge(issues::routes())
        .merge(comments::routes())
        .merge(texts::routes())
        .merge(messages::routes())
        .merge(status::routes())
        .merge(tokens::routes())
        .merge(sessions::routes())
        .merge(audit::routes())
        .merge(config::routes())
        .routes(routes!(openapi_document))
}

/// The document.
pub(crate) fn openapi() -> utoipa::openapi::OpenApi {
    let (_, mut document) = routes().split_for_parts();
    complete_answers(&mut document);
    document
}

/// The routes, behind the sign-in.
pub(crate) fn router(web: &Web) -> Router<Web> {
    let (router, _) = routes().split_for_parts();
    router
        .fallback(async || ApiError::no_such_path())
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(middleware::from_fn_with_state(web.clone(), auth::require))
}

/// This document.
#[utoipa::path(get, path = "/openapi.json", tag = "about", responses((status = 200, content_type = "application/json")))]
async fn openapi_document(_: Reader) -> Response {
    answer::ok(&openapi())
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
