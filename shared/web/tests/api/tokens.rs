//! API tokens.

use intake::flows::{sessions, tokens};
use secrecy::ExposeSecret;
use serde_json::json;

use crate::site::Site;

#[tokio::test]
async fn tokens_are_shown_once_and_end() {
    let site = Site::new().await;
    let body = json!({"name": "ci", "role": "reader", "expires_at": "2026-12-31T00:00:00Z"});
    let made = site.post("/tokens", body.clone()).header("idempotency-key", "k").await;
    made.is(201);
    let (id, token) = (made.str("/id"), made.str("/token"));
    assert!(token.starts_with("mdk_") && token.len() > 40);
    site.get("/projects").token(&token).await.is(200);
    assert_eq!(site.post("/tokens", body).header("idempotency-key", "k").await.is(201)["token"], json!(null));
    let read = site.get(&format!("/tokens/{id}")).await;
    assert!(!read.text.contains(&token));
    assert_ne!(read.is(200)["last_used_at"], json!(null));
    assert!(!site.get("/tokens").await.text.contains(&token));

    site.post("/tokens", json!({"name": "CI", "role": "reader"})).await.is_problem(
        409,
        "name_taken",
        &["/name"],
    );
    let wrong = json!({"role": "root", "expires_at": "2020-01-01T00:00:00Z"});
    site.post("/tokens", wrong).await.is_problem(
        422,
        "validation_failed",
        &["/name", "/role", "/expires_at"],
    );

    site.delete(&format!("/tokens/{id}")).await.is(204);
    site.get("/projects").token(&token).await.is_problem(401, "unauthenticated", &[]);
    site.delete(&format!("/tokens/{id}")).await.is_problem(404, "not_found", &[]);
}

#[tokio::test]
async fn expired_tokens_and_sessions_of_revoked_ones_are_refused() {
    let site = Site::new().await;
    let body = json!({"name": "short", "role": "reader", "expires_at": "2026-12-01T00:00:00Z"});
    let token = site.post("/tokens", body).await.str("/token");
    site.clock.advance(std::time::Duration::from_secs(60 * 24 * 60 * 60));
    site.get("/projects").token(&token).await.is_problem(401, "unauthenticated", &[]);

    let made = site.post("/tokens", json!({"name": "person", "role": "agent"})).await;
    let cookie = sessions::sign_in(&site.app, &made.str("/token")).await.unwrap().unwrap();
    let get = || site.get("/projects").nobody().header("cookie", &format!("maildocket-abcd1234={cookie}"));
    get().await.is(200);
    site.delete(&format!("/tokens/{}", made.str("/id"))).await.is(204);
    get().await.is_problem(401, "unauthenticated", &[]);
}

#[tokio::test]
async fn somebody_can_always_administer() {
    let site = Site::new().await;
    let id = site.get("/tokens").await.str("/items/0/id");
    site.delete(&format!("/tokens/{id}")).await.is_problem(409, "last_administrator_token", &[]);
    assert!(tokens::ensure_admin_token(&site.app, None).await.unwrap().is_none());
    let short = tokens::ensure_admin_token(&site.app, Some(&"short".into())).await.unwrap_err();
    assert_eq!(short.code, "admin_token_too_short");
    let given = "0123456789abcdef0123456789abcdef".into();
    for _ in 0..2 {
        assert!(tokens::ensure_admin_token(&site.app, Some(&given)).await.unwrap().is_none());
    }
    site.get("/tokens").token(given.expose_secret()).await.is(200);
    site.get("/tokens").await.is_problem(401, "unauthenticated", &[]);
}
