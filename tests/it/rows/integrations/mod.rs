//! Rows about integrations, providers and redirect URLs.

mod ahead;
mod providers;
mod redirect;
mod secrets;

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Maildocket, Servers};

/// An integration of this name at a provider that nobody has to ask.
fn google(name: &str) -> Value {
    json!({"provider": "google", "name": name, "client_id": "id.apps.example", "client_secret": "CANARY-secret"})
}

/// The same at typed endpoints.
fn custom(name: &str) -> Value {
    json!({
        "provider": "custom", "name": name, "client_id": "id", "client_secret": "CANARY-secret",
        "authorization_endpoint": "https://login.example.com/auth",
        "token_endpoint": "https://login.example.com/token",
    })
}

async fn docket() -> Maildocket {
    Maildocket::start(Servers::get().await).await
}

/// A `POST` that is refused: its code, and the fields that are wrong.
async fn refused(docket: &Maildocket, path: &str, body: Value) -> (String, Vec<String>) {
    let (status, problem) = docket.api.attempt(Method::POST, path, Some(body)).await;
    assert!(status.is_client_error(), "{path}: {status} {problem}");
    let pointers = problem["errors"].as_array().unwrap().iter();
    let mut pointers: Vec<_> = pointers.map(|e| e["pointer"].as_str().unwrap().to_owned()).collect();
    pointers.sort();
    (problem["code"].as_str().unwrap().to_owned(), pointers)
}

/// The codes of an object's warnings.
fn warnings(object: &Value) -> Vec<&str> {
    object["warnings"].as_array().unwrap().iter().map(|w| w["code"].as_str().unwrap()).collect()
}
