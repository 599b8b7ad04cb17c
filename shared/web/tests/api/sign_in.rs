//! Who gets in, from where, and what every answer carries.

use axum::http::Method;
use intake::flows::sessions;
use serde_json::json;

use crate::site::Site;

#[tokio::test]
async fn only_the_health_check_is_open() {
    let site = Site::new().await;
    assert_eq!(site.get("/healthz").nobody().await.is(200), json!({"status": "ok"}));
    site.get("/healthz").nobody().header("host", "elsewhere.example").await.is(200);
    let reply = site.get("/projects").nobody().await;
    reply.is_problem(401, "unauthenticated", &[]);
    assert!(reply.header("www-authenticate").starts_with("Bearer"));
    for path in ["/nothing", "/openapi.json", "/status"] {
        site.get(path).nobody().await.is_problem(401, "unauthenticated", &[]);
    }
    for value in ["Bearer wrong", "Bearer ", "Basic YTpi", "x"] {
        let reply = site.get("/projects").header("authorization", value).await;
        reply.is_problem(401, "unauthenticated", &[]);
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_are_told() {
    let site = Site::new().await;
    site.get("/nothing").await.is_problem(404, "not_found", &[]);
    let reply = site.call(Method::PUT, "/projects").await;
    reply.is_problem(405, "method_not_allowed", &[]);
    assert!(reply.header("allow").contains("POST"), "{:?}", reply.headers);
    for path in
        ["/integrations/nonsense", "/projects/lower", "/issues/SUP", "/mailboxes/int_01J", "/tokens/x"]
    {
        site.get(path).await.is_problem(404, "not_found", &[]);
    }
    let unknown = "01M000000000000000000000ZZ";
    for path in [
        format!("/integrations/int_{unknown}"),
        format!("/mailboxes/mbx_{unknown}"),
        format!("/messages/msg_{unknown}"),
        format!("/messages/msg_{unknown}/raw"),
        format!("/attachments/atc_{unknown}"),
        format!("/tokens/tok_{unknown}"),
        "/issues/SUP-1".to_owned(),
        "/issues/SUP-1/comments".to_owned(),
        "/issues/SUP-1/attachments".to_owned(),
        "/projects/SUP".to_owned(),
    ] {
        site.get(&path).await.is_problem(404, "not_found", &[]);
    }
}

#[tokio::test]
async fn another_host_is_misdirected() {
    let site = Site::new().await;
    for host in
        ["elsewhere.example", "localhost", "localhost:80", "127.0.0.1:8026", "localhost:8025.evil.example"]
    {
        site.get("/projects").header("host", host).await.is_problem(421, "misdirected_request", &[]);
    }
    site.get("/projects").header("host", "").await.is_problem(421, "misdirected_request", &[]);
    site.get("/projects").header("host", "127.0.0.1:8025").await.is(200);
    let forwarded =
        site.get("/projects").header("host", "evil.example").header("x-forwarded-host", "localhost:8025");
    forwarded.await.is_problem(421, "misdirected_request", &[]);

    let site = Site::at("https://docket.example.com", false).await;
    for host in ["docket.example.com", "DOCKET.example.com", "docket.example.com:443"] {
        site.get("/projects").header("host", host).await.is(200);
    }
    site.get("/projects").header("host", "docket.example.com:80").await.is_problem(
        421,
        "misdirected_request",
        &[],
    );
}

#[tokio::test]
async fn roles_are_kept_apart() {
    let site = Site::new().await;
    site.project("SUP").await;
    let (reader, agent) = (site.token("reader").await, site.token("agent").await);
    for path in ["/projects", "/issues?project=SUP", "/openapi.json"] {
        site.get(path).token(&reader).await.is(200);
    }
    for path in ["/integrations", "/mailboxes", "/tokens", "/audit", "/status", "/messages?mailbox_id=x"] {
        site.get(path).token(&reader).await.is_problem(403, "role_missing", &[]);
        site.get(path).token(&agent).await.is_problem(403, "role_missing", &[]);
    }
    let issue = json!({"project": "SUP", "summary": "Printer"});
    site.post("/issues", issue.clone()).token(&reader).await.is_problem(403, "role_missing", &[]);
    site.post("/issues", issue).token(&agent).await.is(201);
    site.post("/projects", json!({"key": "X", "name": "X"})).token(&agent).await.is_problem(
        403,
        "role_missing",
        &[],
    );
}

#[tokio::test]
async fn a_session_needs_its_own_site_for_changes() {
    let site = Site::new().await;
    let cookie = sessions::sign_in(&site.app, &site.admin, &Default::default()).await.unwrap().unwrap();
    let csrf = sessions::csrf_token(&site.app, &cookie);
    let header = format!("other=1; maildocket-abcd1234={cookie}");
    let get = || site.get("/projects").nobody().header("cookie", &header);
    get().await.is(200);
    get().header("cookie", "maildocket-abcd1234=wrong").await.is_problem(401, "unauthenticated", &[]);
    get().header("authorization", "Bearer wrong").await.is_problem(401, "unauthenticated", &[]);

    let post =
        || site.post("/projects", json!({"key": "SUP", "name": "x"})).nobody().header("cookie", &header);
    post().await.is_problem(403, "origin_not_allowed", &[]);
    let foreign = post().header("origin", "https://evil.example").header("x-csrf-token", &csrf);
    foreign.await.is_problem(403, "origin_not_allowed", &[]);
    let own = || post().header("origin", "http://localhost:8025");
    own().await.is_problem(403, "csrf_token_wrong", &[]);
    own().header("x-csrf-token", "wrong").await.is_problem(403, "csrf_token_wrong", &[]);
    own().header("x-csrf-token", &csrf).await.is(201);

    site.clock.advance(sessions::LIFETIME);
    get().await.is_problem(401, "unauthenticated", &[]);
}

#[tokio::test]
async fn every_answer_carries_its_headers() {
    let site = Site::at("https://docket.example.com", false).await;
    let replies = [
        site.get("/projects").header("host", "docket.example.com").await,
        site.get("/projects").header("host", "docket.example.com").nobody().await,
        site.get("/nothing").await,
        site.get("/healthz").await,
    ];
    for reply in replies {
        assert_eq!(reply.header("cache-control"), "no-store");
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        assert_eq!(reply.header("referrer-policy"), "no-referrer");
        assert!(reply.header("content-security-policy").contains("default-src 'none'"));
        assert!(reply.header("strict-transport-security").contains("max-age"));
        assert_eq!(reply.header("access-control-allow-origin"), "");
    }
}

#[tokio::test]
async fn bodies_are_read_strictly() {
    let site = Site::new().await;
    let post = |content_type: &str, body: &str| {
        site.call(Method::POST, "/projects").raw(content_type, body.to_owned())
    };
    post("application/json", "{").await.is_problem(400, "malformed_json", &[]);
    post("text/plain", "{}").await.is_problem(415, "unsupported_media_type", &[]);
    post("application/json", "[]").await.is_problem(422, "validation_failed", &[""]);
    post("application/json", r#"{"key": 1}"#).await.is_problem(422, "validation_failed", &["/key"]);
    post("application/json", r#"{"key": "SUP", "nmae": "x"}"#).await.is_problem(
        422,
        "unknown_field",
        &["/nmae"],
    );
    post("application/json", "").await.is_problem(422, "validation_failed", &["/key", "/name"]);
    let large = format!(r#"{{"name": "{}"}}"#, "x".repeat(1024 * 1024));
    post("application/json", &large).await.is_problem(413, "body_too_large", &[]);
    site.call(Method::POST, "/projects").raw("application/json", vec![b'"', 0xff, b'"']).await.is_problem(
        400,
        "malformed_json",
        &[],
    );
}
