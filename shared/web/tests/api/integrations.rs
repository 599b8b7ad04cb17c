//! Integrations and redirect URLs.

use intake::{
    ports::{Change, Write},
    types::{
        Version,
        grant::{Grant, GrantStatus},
        ids::GrantId,
    },
};
use serde_json::{Value, json};

use crate::site::{Reply, Site};

pub(crate) fn google(name: &str) -> Value {
    json!({"provider": "google", "name": name, "client_id": "id.apps.googleusercontent.com", "client_secret": "CANARY-secret"})
}

pub(crate) fn custom(name: &str) -> Value {
    json!({
        "provider": "custom", "name": name, "client_id": "id", "client_secret": "CANARY-secret",
        "authorization_endpoint": "https://login.example/auth", "token_endpoint": "https://login.example/token",
    })
}

pub(crate) async fn create(site: &Site, body: Value) -> Reply {
    let reply = site.post("/integrations", body).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    reply
}

/// A grant of this integration, as a consent would have made it.
pub(crate) async fn grant(site: &Site, integration: &str, account: Option<&str>) -> GrantId {
    let now = site.app.now();
    let grant = Grant {
        id: GrantId::from_parts(now, site.app.id_bits()),
        version: Version::FIRST,
        integration_id: integration.parse().unwrap(),
        account: account.map(str::to_owned),
        subject: None,
        scopes_granted: vec!["mail".to_owned()],
        status: GrantStatus::Active,
        secret_version: None,
        access_token_expires_at: Some(now),
        refreshed_at: Some(now),
        next_refresh_at: Some(now),
        consecutive_failures: 0,
        last_error: None,
        refresh_started: None,
        life: Default::default(),
        created_at: now,
        consented_at: now,
    };
    let id = grant.id;
    site.app.store.commit(&[Change::Grant(Write::Create(grant))]).await.unwrap();
    id
}

#[tokio::test]
async fn google_is_filled_in_and_the_secret_never_leaves() {
    let site = Site::new().await;
    let made = create(&site, google("Mail")).await;
    let json = made.json();
    assert_eq!(json["provider"], "google");
    assert_eq!(json["token_endpoint"], "https://oauth2.googleapis.com/token");
    assert_eq!(json["redirect_url"], "http://localhost:8025/oauth2/callback/google");
    assert_eq!(json["redirect_url_stale"], false);
    assert_eq!(json["client_secret_set"], true);
    assert!(json["scopes"].as_array().unwrap().contains(&json!("https://mail.google.com/")));
    assert_eq!(json["warnings"], json!([]));
    let id = made.str("/id");
    assert!(id.starts_with("int_"));
    assert_eq!(made.header("location"), format!("/api/v1/integrations/{id}"));
    assert_eq!(made.header("etag"), "\"1\"");

    let read = site.get(&format!("/integrations/{id}")).await;
    assert_eq!(read.is(200), json);
    let listed = site.get("/integrations").await;
    assert_eq!(listed.is(200), json!({"items": [json], "next_cursor": null}));
    let audit = site.get("/audit").await;
    assert!(audit.text.contains("integration.created") && audit.text.contains("••••"));
    for reply in [made, read, listed, audit] {
        assert!(!reply.text.contains("CANARY"), "{}", reply.text);
    }
}

#[tokio::test]
async fn the_secret_is_revealed_as_typed_and_that_is_noted() {
    let site = Site::new().await;
    let body = json!({"provider": "google", "name": "Mail", "client_id": " id.apps.googleusercontent.com ", "client_secret": " s\u{e9}cret\t"});
    let made = create(&site, body).await;
    assert_eq!(made.json()["client_id"], " id.apps.googleusercontent.com ");
    let codes: Vec<_> =
        made.json()["warnings"].as_array().unwrap().iter().map(|w| w["code"].clone()).collect();
    assert_eq!(codes, ["client_id_has_blanks", "client_secret_has_blanks"]);
    let path = format!("/integrations/{}/client-secret/reveal", made.str("/id"));
    let revealed = site.post(&path, json!({})).await;
    assert_eq!(revealed.is(200), json!({"client_secret": " s\u{e9}cret\t"}));
    assert_eq!(revealed.header("cache-control"), "no-store");
    let audit = site.get("/audit?limit=1").await;
    assert_eq!(audit.str("/items/0/action"), "client_secret.revealed");
    assert_eq!(audit.str("/items/0/actor/name"), "Administrator");
}

#[tokio::test]
async fn everything_that_is_wrong_is_told_at_once() {
    let site = Site::new().await;
    let post = |body| site.post("/integrations", body);
    post(json!({})).await.is_problem(
        422,
        "validation_failed",
        &["/provider", "/name", "/client_id", "/client_secret"],
    );
    post(json!({"provider": "yahoo", "name": " ", "client_id": "", "client_secret": null,
        "client_secret_expires_on": "soon", "scopes": ["a b", ""], "description": "x".repeat(2001),
        "client_authentication": "none", "prompt": "always"}))
    .await
    .is_problem(
        422,
        "validation_failed",
        &[
            "/provider",
            "/name",
            "/client_id",
            "/client_secret",
            "/client_secret_expires_on",
            "/scopes/0",
            "/scopes/1",
            "/description",
            "/client_authentication",
            "/prompt",
        ],
    );
    post(json!({"provider": "custom", "name": "x", "client_id": "x", "client_secret": "x"}))
        .await
        .is_problem(422, "validation_failed", &["/authorization_endpoint", "/token_endpoint"]);
    for provider in ["google", "microsoft"] {
        let body = json!({"provider": provider, "name": "x", "client_id": "x", "client_secret": "x",
            "authorization_endpoint": "https://a.example/", "token_endpoint": "https://a.example/"});
        post(body).await.is_problem(
            422,
            "validation_failed",
            &["/authorization_endpoint", "/token_endpoint"],
        );
    }
    let tenant =
        json!({"provider": "google", "name": "x", "client_id": "x", "client_secret": "x", "tenant": "t"});
    post(tenant).await.is_problem(422, "validation_failed", &["/tenant"]);
    let tenant = json!({"provider": "microsoft", "name": "x", "client_id": "x", "client_secret": "x", "tenant": "a/b"});
    post(tenant).await.is_problem(422, "validation_failed", &["/tenant"]);
    assert_eq!(site.get("/integrations").await.is(200)["items"], json!([]));
    assert!(site.vault.names().is_empty());
}

#[tokio::test]
async fn endpoints_must_be_https_and_public() {
    let site = Site::new().await;
    let shared = Site::at("http://localhost:8025", true).await;
    let with = |token: &str| {
        let mut body = custom("x");
        body["token_endpoint"] = json!(token);
        body
    };
    for token in [
        "http://login.example/token",
        "ftp://login.example/",
        "login.example",
        "https://u:p@login.example/",
        "https://login.example/#x",
        "http://10.0.0.1/token",
    ] {
        let reply = site.post("/integrations", with(token)).await;
        reply.is_problem(422, "validation_failed", &["/token_endpoint"]);
    }
    for token in [
        "https://10.0.0.1/token",
        "https://127.0.0.1/token",
        "https://0x7f.1/",
        "https://localhost/token",
        "https://[::1]/",
        "https://intranet/token",
        "https://sso.internal/token",
        "https://169.254.169.254/",
    ] {
        let reply = site.post("/integrations", with(token)).await;
        reply.is_problem(422, "address_not_allowed", &["/token_endpoint"]);
    }
    for token in [
        "https://169.254.169.254/",
        "https://[fe80::1]/",
        "http://localhost:8025/token",
        "http://127.0.0.1:8025/",
    ] {
        let reply = shared.post("/integrations", with(token)).await;
        reply.is_problem(422, "address_not_allowed", &["/token_endpoint"]);
    }
    shared.post("/integrations", with("http://login.example/token")).await.is_problem(
        422,
        "validation_failed",
        &["/token_endpoint"],
    );
    create(&shared, with("http://127.0.0.1:9000/token")).await;
}

#[tokio::test]
async fn redirect_urls_work_before_saving() {
    let site = Site::new().await;
    let redirect = |body| site.post("/redirect-urls", body);
    assert_eq!(
        redirect(json!({"provider": "microsoft"})).await.str("/redirect_url"),
        "http://localhost:8025/oauth2/callback/microsoft"
    );
    let body = json!({"provider": "custom", "authorization_endpoint": "https://login.example/auth",
        "token_endpoint": "https://login.example/token"});
    let before = redirect(body).await.str("/redirect_url");
    assert_eq!(before, create(&site, custom("x")).await.str("/redirect_url"));
    redirect(json!({"provider": "custom"})).await.is_problem(
        422,
        "validation_failed",
        &["/authorization_endpoint", "/token_endpoint"],
    );
    redirect(json!({})).await.is_problem(422, "validation_failed", &["/provider"]);
    redirect(json!({"provider": "google", "name": "x"})).await.is_problem(422, "unknown_field", &["/name"]);
    let found = redirect(json!({"provider": "custom", "issuer": "https://issuer.example"})).await;
    assert!(found.str("/redirect_url").contains("/custom-"));
    redirect(json!({"provider": "custom", "issuer": "https://other.example"})).await.is_problem(
        422,
        "discovery_failed",
        &["/issuer"],
    );

    let site = Site::at("https://docket.internal", false).await;
    let reply =
        site.post("/redirect-urls", json!({"provider": "google"})).header("host", "docket.internal").await;
    assert_eq!(reply.str("/warnings/0/code"), "redirect_url_is_private");
}

#[tokio::test]
async fn names_are_unique_without_case_and_width() {
    let site = Site::new().await;
    create(&site, google("Support")).await;
    site.post("/integrations", google("ＳＵＰＰＯＲＴ")).await.is_problem(409, "name_taken", &["/name"]);
    assert_eq!(site.vault.names().len(), 1, "the refused one leaves no secret");
    let other = create(&site, google("Other")).await.str("/id");
    let renamed = site.patch(&format!("/integrations/{other}"), json!({"name": "support "})).await;
    renamed.is_problem(409, "name_taken", &["/name"]);
    site.patch(&format!("/integrations/{other}"), json!({"name": "OTHER"})).await.is(200);
}

#[tokio::test]
async fn of_fifty_creations_of_one_name_one_wins() {
    let site = Site::new().await;
    let all = (0..50).map(|_| async { site.post("/integrations", google("Support")).await.status.as_u16() });
    let mut statuses = futures::future::join_all(all).await;
    statuses.sort_unstable();
    assert_eq!(statuses[0], 201);
    assert!(statuses[1..].iter().all(|status| *status == 409), "{statuses:?}");
    assert_eq!(site.vault.names().len(), 1);
}

#[tokio::test]
async fn changes_honour_what_the_caller_saw() {
    let site = Site::new().await;
    let id = create(&site, google("Mail")).await.str("/id");
    let path = format!("/integrations/{id}");
    let changed = site.patch(&path, json!({"description": "x"})).header("if-match", "\"1\"").await;
    changed.is(200);
    assert_eq!(changed.header("etag"), "\"2\"");
    let same = site.patch(&path, json!({"description": "x"})).await;
    assert_eq!((same.status.as_u16(), same.header("etag")), (200, "\"2\""), "nothing changed");
    for stale in ["\"1\"", "\"x\"", "W/\"2\""] {
        let patch = site.patch(&path, json!({"description": "y"})).header("if-match", stale).await;
        patch.is_problem(412, "version_mismatch", &[]);
        site.delete(&path).header("if-match", stale).await.is_problem(412, "version_mismatch", &[]);
    }
    let cleared =
        site.patch(&path, json!({"description": null, "scopes": null})).header("if-match", "\"7\", \"2\"");
    assert_eq!(cleared.await.is(200)["description"], "");
    site.patch(&path, json!({"provider": "custom"})).await.is_problem(422, "unknown_field", &["/provider"]);
    site.patch(&path, json!({"name": null})).await.is_problem(422, "validation_failed", &["/name"]);
    site.delete(&path).header("if-match", "*").await.is(204);
    site.get(&path).await.is_problem(404, "not_found", &[]);
    assert!(site.vault.names().is_empty());
}

#[tokio::test]
async fn a_new_token_endpoint_needs_the_secret_and_all_consents() {
    let site = Site::new().await;
    let made = create(&site, custom("x")).await;
    let (id, before) = (made.str("/id"), made.str("/redirect_url"));
    let grant = grant(&site, &id, Some("a@example.com")).await;
    let path = format!("/integrations/{id}");
    let moved = json!({"token_endpoint": "https://login.example/v2/token"});
    site.patch(&path, moved.clone()).await.is_problem(422, "client_secret_required", &["/client_secret"]);
    assert_eq!(site.app.store.grant(grant).await.unwrap().unwrap().status, GrantStatus::Active);

    let mut moved = moved;
    moved["client_secret"] = json!("another");
    let changed = site.patch(&path, moved).await;
    assert_eq!(changed.is(200)["redirect_url_stale"], true);
    assert_eq!(changed.str("/redirect_url"), before);
    let voided = site.app.store.grant(grant).await.unwrap().unwrap();
    assert_eq!(voided.status, GrantStatus::NeedsConsent);
    assert_eq!(voided.next_refresh_at, None);
    assert_eq!(voided.last_error.unwrap().code, "token_endpoint_changed");
    let warnings = site.get("/status").await.is(200)["warnings"].to_string();
    assert!(
        warnings.contains("redirect_url_stale") && warnings.contains("grant_needs_consent"),
        "{warnings}"
    );

    let generated = site.post(&format!("{path}/redirect-url"), json!({})).await;
    assert_eq!(generated.is(200)["redirect_url_stale"], false);
    assert_ne!(generated.str("/redirect_url"), before);
    assert_eq!(generated.header("etag"), "\"3\"");
    let again = site.post(&format!("{path}/redirect-url"), json!({})).await;
    assert_eq!(again.header("etag"), "\"3\"", "nothing changed");
    let secret = site.post(&format!("{path}/client-secret/reveal"), json!({})).await;
    assert_eq!(secret.str("/client_secret"), "another");
}

#[tokio::test]
async fn a_microsoft_tenant_moves_the_token_endpoint() {
    let site = Site::new().await;
    let body = json!({"provider": "microsoft", "name": "x", "client_id": "x", "client_secret": "x"});
    let made = create(&site, body).await;
    assert_eq!(made.str("/tenant"), "common");
    assert!(made.str("/token_endpoint").contains("/common/"));
    let path = format!("/integrations/{}", made.str("/id"));
    let moved = site.patch(&path, json!({"tenant": "contoso.example"})).await;
    moved.is_problem(422, "client_secret_required", &["/client_secret"]);
    let moved = site.patch(&path, json!({"tenant": "contoso.example", "client_secret": "x"})).await;
    assert!(moved.str("/token_endpoint").contains("/contoso.example/"));
    assert_eq!(moved.json()["redirect_url_stale"], false);
}

#[tokio::test]
async fn the_same_request_makes_one_integration() {
    let site = Site::new().await;
    let post = |body| site.post("/integrations", body).header("idempotency-key", "once");
    let first = post(google("Mail")).await;
    first.is(201);
    assert_eq!(post(google("Mail")).await.is(201)["id"], first.json()["id"]);
    post(google("Other")).await.is_problem(422, "idempotency_key_reused", &[]);
    site.post("/integrations", google("y")).header("idempotency-key", " ").await.is_problem(
        422,
        "idempotency_key_invalid",
        &[],
    );
    assert_eq!(site.get("/integrations").await.is(200)["items"].as_array().unwrap().len(), 1);
    site.clock.advance(std::time::Duration::from_secs(25 * 60 * 60));
    post(google("Other")).await.is(201);
}

#[tokio::test]
async fn accounts_without_a_mailbox_go_with_their_integration() {
    let site = Site::new().await;
    let id = create(&site, custom("x")).await.str("/id");
    let grant = grant(&site, &id, Some("a@example.com")).await;
    site.delete(&format!("/integrations/{id}")).await.is(204);
    site.get(&format!("/grants/{grant}")).await.is_problem(404, "not_found", &[]);
    assert!(site.vault.names().is_empty());
}

#[tokio::test]
async fn lists_are_paged() {
    let site = Site::new().await;
    for n in 0..5 {
        create(&site, google(&format!("n{n}"))).await;
    }
    let names = |reply: &Reply| -> Vec<String> {
        reply.json()["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|i| i["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let first = site.get("/integrations?limit=2").await;
    assert_eq!(names(&first), ["n4", "n3"]);
    let second = site.get(&format!("/integrations?limit=3&cursor={}", first.str("/next_cursor"))).await;
    assert_eq!(names(&second), ["n2", "n1", "n0"]);
    for (query, pointer) in [
        ("limit=0", "/limit"),
        ("limit=201", "/limit"),
        ("limit=x", "/limit"),
        ("cursor=", "/cursor"),
        ("offset=2", "/offset"),
        ("limit=1&limit=2", "/limit"),
    ] {
        let reply = site.get(&format!("/integrations?{query}")).await;
        reply.is_problem(422, "validation_failed", &[pointer]);
    }
    site.get("/integrations?cursor=nonsense").await.is_problem(422, "invalid_cursor", &["/cursor"]);
}
