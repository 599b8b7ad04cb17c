//! Authorizations, grants, connection tests and polls, as far as they need no network.

use intake::types::ids::GrantId;
use serde_json::{Value, json};

use crate::{
    integrations::{self, custom, grant},
    site::Site,
};

async fn site() -> (Site, String) {
    let site = Site::new().await;
    site.project("SUP").await;
    let id = integrations::create(&site, custom("C")).await.str("/id");
    (site, id)
}

/// A mailbox that signs in with this.
async fn mailbox(site: &Site, auth: Value) -> String {
    let body = json!({"name": "Support", "protocol": "imap", "host": "imap.example.com", "port": 993,
        "tls": "implicit", "auth": auth, "project": "SUP"});
    let reply = site.post("/mailboxes", body).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    reply.str("/id")
}

#[tokio::test]
async fn an_authorization_begins_and_expires() {
    let (site, id) = site().await;
    let path = format!("/integrations/{id}/authorizations");
    let begun = site.post(&path, json!({"login_hint": "support@example.com"})).await;
    begun.is(201);
    assert!(begun.str("/start_url").starts_with("http://localhost:8025/oauth2/start/"));
    let attempt = format!("/authorizations/{}", begun.str("/id"));
    assert_eq!(site.get(&attempt).await.str("/status"), "pending");
    site.clock.advance(std::time::Duration::from_secs(60 * 60));
    assert_eq!(site.get(&attempt).await.str("/status"), "expired");

    for (body, pointer) in [
        (json!({"grant_id": "grt_01M000000000000000000000ZZ"}), "/grant_id"),
        (json!({"grant_id": "x"}), "/grant_id"),
        (json!({"mailbox_id": "mbx_01M000000000000000000000ZZ"}), "/mailbox_id"),
        (json!({"login_hint": "a\nb"}), "/login_hint"),
        (json!({"valid_for_seconds": 59}), "/valid_for_seconds"),
        (json!({"valid_for_seconds": 604_801}), "/valid_for_seconds"),
        (json!({"valid_for_seconds": "1d"}), "/valid_for_seconds"),
    ] {
        site.post(&path, body).await.is_problem(422, "validation_failed", &[pointer]);
    }
    site.post(&path, json!({"state": "x"})).await.is_problem(422, "unknown_field", &["/state"]);
    // For as long as is wished; a link that lives longer than a sitting is one for sending.
    let week = 7 * 24 * 60 * 60;
    let begun = site.post(&path, json!({"valid_for_seconds": week})).await;
    let ends: intake::Timestamp = begun.str("/expires_at").parse().unwrap();
    assert_eq!(ends.as_second(), site.app.now().as_second() + week);
    let nowhere = "/integrations/int_01M000000000000000000000ZZ/authorizations";
    site.post(nowhere, json!({})).await.is_problem(404, "not_found", &[]);
}

#[tokio::test]
async fn a_stale_redirect_url_stops_authorizations() {
    let (site, id) = site().await;
    let change = json!({"authorization_endpoint": "https://login.example/v2/auth"});
    site.patch(&format!("/integrations/{id}"), change).await.is(200);
    let path = format!("/integrations/{id}/authorizations");
    site.post(&path, json!({})).await.is_problem(409, "redirect_url_stale", &[]);
    let test = site.post(&format!("/integrations/{id}/test"), json!({})).await.is(200);
    assert_eq!(test["ok"], false);
    assert_eq!(test["steps"][1]["code"], "redirect_url_stale");
}

#[tokio::test]
async fn the_same_request_begins_one_authorization() {
    let (site, id) = site().await;
    let path = format!("/integrations/{id}/authorizations");
    let post = || site.post(&path, json!({})).header("idempotency-key", "k");
    let (first, second) = (post().await.is(201), post().await.is(201));
    assert_eq!(first, second);
}

#[tokio::test]
async fn grants_are_listed_and_deleted_unless_they_are_used() {
    let (site, id) = site().await;
    let ours = grant(&site, &id, Some("support@example.com")).await.to_string();
    let other = integrations::create(&site, custom("Other")).await.str("/id");
    grant(&site, &other, None).await;
    let all = site.get("/grants").await.is(200);
    assert_eq!(all["items"].as_array().unwrap().len(), 2);
    let listed = site.get(&format!("/grants?integration_id={id}")).await.is(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    assert_eq!(listed["items"][0]["account"], "support@example.com");
    site.get("/grants?integration_id=x").await.is_problem(422, "validation_failed", &["/integration_id"]);
    let path = format!("/grants/{ours}");
    let read = site.get(&path).await;
    assert_eq!(read.is(200), listed["items"][0]);

    let mailbox = mailbox(&site, json!({"method": "oauth2", "grant_id": ours})).await;
    site.delete(&path).await.is_problem(409, "grant_in_use", &[]);
    site.delete(&format!("/mailboxes/{mailbox}")).await.is(202);
    site.delete(&path).header("if-match", "\"1\"").await.is_problem(412, "version_mismatch", &[]);
    site.delete(&path).header("if-match", read.header("etag")).await.is(204);
    site.get(&path).await.is_problem(404, "not_found", &[]);
    site.delete(&path).await.is_problem(404, "not_found", &[]);
}

#[tokio::test]
async fn polls_and_tests_say_what_is_wrong() {
    let (site, id) = site().await;
    let waiting = mailbox(&site, json!({"method": "oauth2", "integration_id": id})).await;
    let poll = site.post(&format!("/mailboxes/{waiting}/poll"), json!({})).await;
    poll.is_problem(409, "consent_missing", &[]);
    let test = site.post(&format!("/mailboxes/{waiting}/test"), json!({})).await.is(200);
    let consent = &test["steps"][1];
    assert_eq!(
        (&test["ok"], &consent["name"], &consent["status"]),
        (&json!(false), &json!("consent"), &json!("failed"))
    );

    let password = json!({"auth": {"method": "password", "username": "u", "password": "p"}});
    site.patch(&format!("/mailboxes/{waiting}"), password).await.is(200);
    let poll = site.post(&format!("/mailboxes/{waiting}/poll"), json!({})).await;
    assert_eq!(poll.status, 503, "{}", poll.text);
    assert_ne!(poll.header("retry-after"), "");
    let state = site.get(&format!("/mailboxes/{waiting}")).await.is(200)["state"].clone();
    assert_eq!(state["status"], "failing");
    assert_eq!(state["last_error"]["code"], poll.json()["code"]);
    let test = site.post(&format!("/integrations/{id}/test"), json!({})).await.is(200);
    assert_eq!(test["ok"], false);

    let nobody: GrantId = "grt_01M000000000000000000000ZZ".parse().unwrap();
    for path in [
        format!("/grants/{nobody}/test"),
        format!("/grants/{nobody}/refresh"),
        "/mailboxes/mbx_01M000000000000000000000ZZ/test".to_owned(),
        "/mailboxes/mbx_01M000000000000000000000ZZ/poll".to_owned(),
        "/integrations/int_01M000000000000000000000ZZ/test".to_owned(),
    ] {
        site.post(&path, json!({})).await.is_problem(404, "not_found", &[]);
    }
}
