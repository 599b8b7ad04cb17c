//! The OpenAPI document.

use axum::http::Method;
use serde_json::Value;

use crate::site::Site;

/// The calls of the contract, and some more.
const CALLS: &[(&str, &str)] = &[
    ("post", "/redirect-urls"),
    ("get", "/integrations"),
    ("post", "/integrations"),
    ("get", "/integrations/{id}"),
    ("patch", "/integrations/{id}"),
    ("delete", "/integrations/{id}"),
    ("post", "/integrations/{id}/redirect-url"),
    ("post", "/integrations/{id}/client-secret/reveal"),
    ("post", "/integrations/{id}/test"),
    ("post", "/integrations/{id}/authorizations"),
    ("get", "/authorizations/{id}"),
    ("get", "/grants"),
    ("get", "/grants/{id}"),
    ("delete", "/grants/{id}"),
    ("post", "/grants/{id}/refresh"),
    ("post", "/grants/{id}/test"),
    ("get", "/mailboxes"),
    ("post", "/mailboxes"),
    ("get", "/mailboxes/{id}"),
    ("patch", "/mailboxes/{id}"),
    ("delete", "/mailboxes/{id}"),
    ("post", "/mailboxes/{id}/test"),
    ("post", "/mailboxes/{id}/poll"),
    ("post", "/mailboxes/{id}/preview"),
    ("post", "/mailboxes/{id}/reconcile"),
    ("post", "/mailboxes/{id}/backfill"),
    ("get", "/mailboxes/{id}/handlers"),
    ("put", "/mailboxes/{id}/handlers"),
    ("post", "/mailboxes/{id}/handlers/dry-run"),
    ("post", "/mailboxes/{id}/handlers/compare"),
    ("get", "/projects"),
    ("post", "/projects"),
    ("get", "/projects/{key}"),
    ("patch", "/projects/{key}"),
    ("delete", "/projects/{key}"),
    ("get", "/issues"),
    ("post", "/issues"),
    ("get", "/issues/{key}"),
    ("patch", "/issues/{key}"),
    ("get", "/issues/{key}/comments"),
    ("post", "/issues/{key}/comments"),
    ("get", "/issues/{key}/attachments"),
    ("get", "/attachments/{id}"),
    ("get", "/messages"),
    ("get", "/messages/{id}"),
    ("get", "/messages/{id}/raw"),
    ("post", "/messages/{id}/redrive"),
    ("post", "/messages/{id}/release"),
    ("post", "/messages/redrive"),
    ("get", "/audit"),
    ("get", "/status"),
    ("get", "/tokens"),
    ("post", "/tokens"),
    ("delete", "/tokens/{id}"),
    ("get", "/presets"),
    ("get", "/prerequisites"),
    ("post", "/prerequisites"),
    ("post", "/client-credentials"),
    ("get", "/sessions"),
    ("delete", "/sessions/{id}"),
    ("get", "/config"),
    ("post", "/config/apply"),
    ("get", "/openapi.json"),
];

#[tokio::test]
async fn every_call_of_the_contract_is_in_the_document_and_answered() {
    let site = Site::new().await;
    let document = site.get("/openapi.json").await.is(200);
    assert_eq!(document["servers"][0]["url"], "/api/v1");
    for (method, path) in CALLS {
        let operation = &document["paths"][path][method];
        assert!(operation.is_object(), "{method} {path} is not in the document");
        assert!(operation["description"].as_str().is_some() || operation["summary"].as_str().is_some());
        let method: Method = method.to_uppercase().parse().unwrap();
        let concrete = path.replace("{id}", "x").replace("{key}", "x");
        let reply = site.call(method.clone(), &concrete).nobody().await;
        reply.is_problem(401, "unauthenticated", &[]);
        let reply = site.call(method, &concrete).await;
        assert_ne!(reply.status.as_u16(), 405, "{path}");
    }
}

#[tokio::test]
async fn calls_without_fields_refuse_fields() {
    let site = Site::new().await;
    for path in [
        "/integrations/int_01M000000000000000000000ZZ/test",
        "/integrations/int_01M000000000000000000000ZZ/redirect-url",
        "/integrations/int_01M000000000000000000000ZZ/client-secret/reveal",
        "/grants/grt_01M000000000000000000000ZZ/test",
        "/grants/grt_01M000000000000000000000ZZ/refresh",
        "/mailboxes/mbx_01M000000000000000000000ZZ/test",
        "/mailboxes/mbx_01M000000000000000000000ZZ/poll",
        "/messages/msg_01M000000000000000000000ZZ/release",
    ] {
        let wrong = site.post(path, serde_json::json!({"force": true})).await;
        wrong.is_problem(422, "unknown_field", &["/force"]);
        site.call(Method::POST, path).await.is_problem(404, "not_found", &[]);
    }
}

#[tokio::test]
async fn the_document_is_whole() {
    let document = crate::description::given();
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(references.len() > 20);
    for reference in references {
        let found = document.pointer(reference.strip_prefix('#').unwrap());
        assert!(found.is_some(), "{reference} leads nowhere");
    }
    for (path, item) in document["paths"].as_object().unwrap() {
        for operation in item.as_object().unwrap().values() {
            for (status, answer) in operation["responses"].as_object().unwrap() {
                let description = answer["description"].as_str().unwrap_or_default();
                assert!(!description.is_empty(), "OpenAPI 3.1 wants one: {path} {status}");
            }
        }
    }
    let ids: Vec<_> = document["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|item| item.as_object().unwrap().values())
        .filter_map(|operation| operation["operationId"].as_str())
        .collect();
    let unique: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!(ids.len(), unique.len(), "{ids:?}");
}

fn collect(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match value {
                    Value::String(text) if key == "$ref" => references.push(text.clone()),
                    value => collect(value, references),
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|value| collect(value, references)),
        _ => {}
    }
}
