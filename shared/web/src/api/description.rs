//! The description of the API: an OpenAPI 3.1 document.
//!
//! It is written once from what stands beside the code and in `description/calls.json`, by the test that compares
//! (`tests/api/description`), and given out as it is: no function carries the code that describes.

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use intake::types::handler::{HeaderCondition, KindWord, Pattern, SenderVerdict, SizeCondition};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        ContentBuilder, Ref, RefOr, ResponseBuilder,
        security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme},
    },
};
use utoipa_axum::router::OpenApiRouter;

use super::{calls::calls, each_resource};
use crate::{
    auth::Reader,
    error::{Problem, status},
};

calls!(openapi_document);

/// The document, as everybody gets it.
pub(crate) const TEXT: &str = include_str!("../../description/openapi.json");

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
    // Those of conditions stand here: what holds itself is not followed.
    components(schemas(Problem, HeaderCondition, KindWord, Pattern, SenderVerdict, SizeCondition)),
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
            "The console's session: `__Host-maildocket` under https, `maildocket-` and the instance's identifier on \
            http://localhost. Every method but GET and HEAD also needs an Origin equal to the base URL, and X-CSRF-Token.",
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
                    answer.description = meaning_of(status).to_owned();
                }
            }
            operation.responses.responses.insert("default".to_owned(), RefOr::T(problem()));
        }
    }
}

fn meaning_of(status: &str) -> &'static str {
    match status {
        "201" => "It was made, or had been made by the same request before.",
        "202" => "It was begun, and goes on in steps.",
        "204" => "It is done; there is nothing to say.",
        _ => "The answer.",
    }
}

/// The document, as the code describes it.
pub(crate) fn of_code() -> utoipa::openapi::OpenApi {
    let mut document =
        each_resource!(described, OpenApiRouter::with_openapi(Document::openapi())).into_openapi();
    complete_answers(&mut document);
    document
}

/// This document.
#[utoipa::path(get, path = "/openapi.json", tag = "about",
    responses((status = 200, content_type = "application/json", body = Object)))]
async fn openapi_document(_: Reader) -> Response {
    let json = HeaderValue::from_static("application/json");
    (status::OK, [(header::CONTENT_TYPE, json)], TEXT).into_response()
}
