//! An installation that lacks something itself: nobody's request can be answered, and whoever watches is told.

use std::sync::Arc;

use axum::{
    body::{Body, to_bytes},
    http::Request,
};
use embedded::Embedded;
use intake::{Error, Kind};
use serde_json::{Value, json};
use store::DynamoStore;
use tower::ServiceExt;
use web::{WebSettings, router};

use crate::site::Site;

async fn asked(site: &Site, path: &str) -> (u16, Value) {
    let database = Embedded::in_memory().unwrap();
    let app = intake::App {
        store: Arc::new(DynamoStore::new(
            database.client(),
            "another",
            site.app.entropy.clone(),
            site.clock.clone(),
        )),
        ..site.app.clone()
    };
    let request = Request::get(path).header("host", "localhost:8025");
    let request =
        request.header("authorization", format!("Bearer {}", site.admin)).body(Body::empty()).unwrap();
    answer(router(app, WebSettings::default()).oneshot(request).await.unwrap()).await
}

async fn answer(response: web::Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let bytes = to_bytes(response.into_body(), 1024 * 1024).await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap())
}

#[tokio::test]
async fn a_missing_table_is_503_and_unhealthy() {
    let site = Site::new().await;
    let (status, problem) = asked(&site, "/api/v1/projects").await;
    assert_eq!((status, &problem["code"]), (503, &json!("table_missing")), "{problem}");
    assert!(!problem["action"].as_str().unwrap().is_empty(), "{problem}");
    let (status, health) = asked(&site, "/healthz").await;
    assert_eq!((status, health), (503, json!({ "status": "unhealthy", "code": "table_missing" })));
}

#[tokio::test]
async fn what_an_integration_lacks_is_no_fault_of_the_installation() {
    let of = |kind| web::refusal("/api/v1/projects", Error::told(kind, "folder_missing"));
    assert_eq!(answer(of(Kind::Configuration)).await.0, 409);
    assert_eq!(answer(of(Kind::Installation)).await.0, 503);
    let (status, health) = answer(web::refusal("/healthz", Error::internal("a panic"))).await;
    assert_eq!((status, health), (503, json!({ "status": "unhealthy", "code": "internal" })));
}
