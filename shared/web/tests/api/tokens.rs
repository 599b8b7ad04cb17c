//! API tokens.

use std::time::Duration;

use intake::{
    flows::{
        sessions::{self, Visit},
        tokens,
    },
    types::audit::{Origin, Via},
};
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
    let cookie =
        sessions::sign_in(&site.app, &made.str("/token"), &Default::default()).await.unwrap().unwrap();
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

#[tokio::test]
async fn sessions_are_listed_and_ended_one_by_one() {
    let site = Site::new().await;
    let person = site.post("/tokens", json!({"name": "person", "role": "administrator"})).await;
    let visit = Visit {
        from: Origin::at(Via::Page, "192.0.2.77".parse().ok()),
        browser: Some("Firefox, Linux".to_owned()),
    };
    let sign_in =
        async || sessions::sign_in(&site.app, &person.str("/token"), &visit).await.unwrap().unwrap();
    let (first, second) = (sign_in().await, sign_in().await);
    let get = |path: &str, cookie: &str| {
        site.get(path).nobody().header("cookie", &format!("maildocket-abcd1234={cookie}"))
    };
    site.clock.advance(std::time::Duration::from_secs(20 * 60));
    let listed = get("/sessions", &second).await.is(200);
    let [own, other] = listed["items"].as_array().unwrap().as_slice() else { panic!("{listed}") };
    assert_eq!((&own["current"], &other["current"]), (&json!(true), &json!(false)));
    assert_eq!((&own["token_name"], &own["role"]), (&json!("person"), &json!("administrator")));
    assert_eq!((&own["network"], &own["browser"]), (&json!("192.0.2.0/24"), &json!("Firefox, Linux")));
    assert_ne!(own["last_used_at"], own["created_at"]);
    assert_eq!(other["last_used_at"], other["created_at"]);
    assert!(!listed.to_string().contains(&first) && !listed.to_string().contains(&second));

    let path = format!("/sessions/{}", other["id"].as_str().unwrap());
    site.delete(&path).await.is(204);
    get("/projects", &first).await.is_problem(401, "unauthenticated", &[]);
    get("/projects", &second).await.is(200);
    site.delete(&path).await.is_problem(404, "not_found", &[]);
    site.delete("/sessions/ses_x").await.is_problem(404, "not_found", &[]);
    let audit = site.get("/audit?action=session").await.is(200);
    assert_eq!(audit["items"][0]["action"], "session.revoked");
    assert_eq!(audit["items"][1]["from"]["address"], "192.0.2.77", "{audit}");

    sessions::sign_out(&site.app, &second, &visit.from).await.unwrap();
    get("/projects", &second).await.is_problem(401, "unauthenticated", &[]);
    let ended = site.get("/audit?limit=1").await.is(200);
    assert_eq!(ended["items"][0]["action"], "session.ended");
    assert_eq!(ended["items"][0]["from"]["via"], "console_session");
    sign_in().await;
    site.delete(&format!("/tokens/{}", person.str("/id"))).await.is(204);
    assert_eq!(site.get("/sessions").await.is(200)["items"], json!([]), "revoking the token ends them all");
}

#[tokio::test]
async fn sessions_end_when_nobody_uses_them_and_at_the_latest_after_a_week() {
    const HOUR: Duration = Duration::from_secs(60 * 60);
    let site = Site::new().await;
    let sign_in =
        async || sessions::sign_in(&site.app, &site.admin, &Default::default()).await.unwrap().unwrap();
    let get = |cookie: &str| {
        site.get("/sessions").nobody().header("cookie", &format!("maildocket-abcd1234={cookie}"))
    };
    let (used, idle) = (sign_in().await, sign_in().await);
    for _ in 0..16 {
        site.clock.advance(10 * HOUR);
        get(&used).await.is(200);
    }
    get(&idle).await.is_problem(401, "unauthenticated", &[]);
    let listed = get(&used).await.is(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{listed}");
    site.clock.advance(9 * HOUR);
    get(&used).await.is_problem(401, "unauthenticated", &[]);

    // A use counts from the quarter of an hour on in which it was noted.
    let again = sign_in().await;
    site.clock.advance(Duration::from_secs(14 * 60));
    get(&again).await.is(200);
    site.clock.advance(12 * HOUR - Duration::from_secs(13 * 60));
    get(&again).await.is_problem(401, "unauthenticated", &[]);
    let listed = site.get("/sessions").await.is(200);
    assert_eq!(listed["items"], json!([]), "what has ended is not told of");
}
