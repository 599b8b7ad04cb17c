//! Mailboxes.

use intake::{
    flows::mailboxes,
    ports::{Change, RunChange},
    types::{
        ids::{MailboxId, MessageId},
        issue::BlobKey,
        mailbox::MailboxStatus,
        message::{Message, MessageState, Reason, ServerId},
    },
};
use serde_json::{Value, json};

use crate::{
    integrations::{self, custom, google, grant},
    site::{Reply, Site},
};

pub(crate) fn password(name: &str) -> Value {
    json!({
        "name": name, "protocol": "imap", "host": "IMAP.Example.com.", "port": 993, "tls": "implicit",
        "auth": {"method": "password", "username": "support", "password": "CANARY-password"}, "project": "SUP",
    })
}

async fn site() -> Site {
    let site = Site::new().await;
    site.project("SUP").await;
    site
}

async fn create(site: &Site, body: Value) -> Reply {
    let reply = site.post("/mailboxes", body).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    reply
}

async fn epoch(site: &Site, id: &str) -> u32 {
    site.app.store.run(id.parse().unwrap()).await.unwrap().unwrap().epoch
}

#[tokio::test]
async fn a_password_mailbox_has_its_defaults() {
    let site = site().await;
    let made = create(&site, password("Support")).await;
    let json = made.json();
    assert_eq!(json["host"], "imap.example.com");
    assert_eq!(json["folder"], "INBOX");
    assert_eq!(json["poll_interval_seconds"], 60);
    assert_eq!(json["start"], json!({"mode": "new_only", "since": null}));
    assert_eq!(json["enabled"], true);
    let auth = json!({"method": "password", "username": "support", "grant_id": null, "integration_id": null});
    assert_eq!(json["auth"], auth);
    assert_eq!(json["state"]["status"], "new");
    assert_eq!(json["state"]["last_uid"], Value::Null);
    let read = site.get(&format!("/mailboxes/{}", made.str("/id"))).await;
    assert_eq!(read.is(200), json);
    assert_eq!(site.get("/mailboxes").await.is(200)["items"], json!([json]));
    for reply in [made, read, site.get("/audit").await] {
        assert!(!reply.text.contains("CANARY"), "{}", reply.text);
    }
}

#[tokio::test]
async fn everything_that_is_wrong_is_told_at_once() {
    let site = site().await;
    let post = |body| site.post("/mailboxes", body);
    let required = ["/name", "/protocol", "/host", "/port", "/tls", "/auth", "/project"];
    post(json!({})).await.is_problem(422, "validation_failed", &required);
    let wrong = json!({"name": "", "protocol": "smtp", "host": "a b", "port": 70000, "tls": "ssl", "project": "NONE",
        "auth": {"method": "ntlm"}, "poll_interval_seconds": 5, "start": {"mode": "since"}, "folder": ""});
    post(wrong).await.is_problem(
        422,
        "validation_failed",
        &[
            "/name",
            "/protocol",
            "/host",
            "/port",
            "/tls",
            "/project",
            "/auth/method",
            "/poll_interval_seconds",
            "/start/since",
            "/folder",
        ],
    );
    let with = |pointer: &str, value: Value| {
        let mut body = password("x");
        match pointer.rsplit_once('/').unwrap() {
            ("", field) => body[field] = value,
            (parent, field) => body[&parent[1..]][field] = value,
        }
        body
    };
    for (pointer, value, code, at) in [
        ("/host", json!("10.0.0.1"), "address_not_allowed", "/host"),
        ("/host", json!("localhost"), "address_not_allowed", "/host"),
        ("/host", json!("mail.internal"), "address_not_allowed", "/host"),
        ("/host", json!("[::1]"), "address_not_allowed", "/host"),
        ("/tls", json!("none"), "clear_text_not_allowed", "/tls"),
        ("/protocol", json!("pop"), "validation_failed", "/protocol"),
        ("/port", json!(0), "validation_failed", "/port"),
        ("/port", json!("993"), "validation_failed", "/port"),
        ("/auth/password", json!(""), "validation_failed", "/auth/password"),
        ("/auth/username", Value::Null, "validation_failed", "/auth/username"),
        ("/auth/grant_id", json!("x"), "validation_failed", "/auth/grant_id"),
        ("/auth/passwort", json!("x"), "unknown_field", "/auth/passwort"),
        (
            "/start",
            json!({"mode": "all", "since": "2026-01-01T00:00:00Z"}),
            "validation_failed",
            "/start/since",
        ),
        ("/start", json!({"mode": "since", "since": "yesterday"}), "validation_failed", "/start/since"),
        ("/project", json!("NONE"), "validation_failed", "/project"),
        ("/state", json!({}), "unknown_field", "/state"),
    ] {
        post(with(pointer, value)).await.is_problem(422, code, &[at]);
    }
    let private = post(with("/host", json!("10.0.0.1"))).await;
    assert_eq!(
        private.str("/detail"),
        "An address is not allowed: /host is private: use a public name, or start Maildocket with \
         --allow-private-network if it is in your own network."
    );
    create(&site, password("Support")).await;
    post(password("ｓｕｐｐｏｒｔ")).await.is_problem(409, "name_taken", &["/name"]);
    assert_eq!(site.vault.names().len(), 1);
}

#[tokio::test]
async fn private_servers_need_the_switch_and_forbidden_ones_stay_closed() {
    let site = Site::at("http://localhost:8025", true).await;
    site.project("SUP").await;
    let with = |host: &str, port: u16, tls: &str| {
        let mut body = password(host);
        (body["host"], body["port"], body["tls"]) = (json!(host), json!(port), json!(tls));
        site.post("/mailboxes", body)
    };
    with("127.0.0.1", 1143, "none").await.is(201);
    with("localhost", 1143, "starttls").await.is(201);
    with("imap.example.com", 143, "none").await.is_problem(422, "clear_text_not_allowed", &["/tls"]);
    with("169.254.169.254", 993, "implicit").await.is_problem(422, "address_not_allowed", &["/host"]);
    with("::1", 8025, "implicit").await.is_problem(422, "address_not_allowed", &["/host"]);
}

#[tokio::test]
async fn a_stored_password_goes_to_no_new_address() {
    let site = site().await;
    let id = create(&site, password("Support")).await.str("/id");
    let path = format!("/mailboxes/{id}");
    for change in [json!({"host": "imap2.example.com"}), json!({"port": 994}), json!({"tls": "starttls"})] {
        site.patch(&path, change).await.is_problem(422, "password_required", &["/auth/password"]);
    }
    let moved = json!({"host": "imap2.example.com", "auth": {"password": "new"}});
    let moved = site.patch(&path, moved).await;
    assert_eq!(moved.is(200)["host"], "imap2.example.com");
    assert_eq!(moved.str("/auth/username"), "support");
    assert_eq!(moved.header("etag"), "\"2\"");
    assert_eq!(epoch(&site, &id).await, 2);
    site.patch(&path, json!({"poll_interval_seconds": 300, "enabled": false})).await.is(200);
    assert_eq!(epoch(&site, &id).await, 2, "the same mails");
    let same = site.patch(&path, json!({"enabled": false, "auth": {"username": "support"}})).await;
    assert_eq!((same.status.as_u16(), same.header("etag")), (200, "\"3\""), "nothing changed");
    assert_eq!(site.get(&path).await.str("/state/status"), "paused");
    site.patch(&path, json!({"folder": "Support"})).await.is(200);
    assert_eq!(epoch(&site, &id).await, 3);
    site.patch(&path, json!({"auth": {"username": "other"}})).await.is(200);
    assert_eq!(epoch(&site, &id).await, 4);
    let stale = site.patch(&path, json!({"name": "x"})).header("if-match", "\"1\"").await;
    stale.is_problem(412, "version_mismatch", &[]);
    for (change, pointer) in [
        (json!({"auth": null}), "/auth"),
        (json!({"name": null}), "/name"),
        (json!({"project": "NONE"}), "/project"),
        (json!({"port": 0}), "/port"),
    ] {
        site.patch(&path, change).await.is_problem(422, "validation_failed", &[pointer]);
    }
}

#[tokio::test]
async fn a_grant_gives_its_account_and_only_its_providers_hosts() {
    let site = site().await;
    let integration = integrations::create(&site, google("G")).await.str("/id");
    let grant = grant(&site, &integration, Some("support@example.com")).await.to_string();
    let body = |host: &str| {
        let mut body = password("Support");
        body["host"] = json!(host);
        body["auth"] = json!({"method": "oauth2", "grant_id": grant});
        body
    };
    site.post("/mailboxes", body("imap.evil.example")).await.is_problem(
        422,
        "host_not_of_provider",
        &["/host"],
    );
    let made = create(&site, body("imap.gmail.com")).await;
    let auth = json!({"method": "oauth2", "grant_id": grant, "integration_id": integration,
        "username": "support@example.com"});
    assert_eq!(made.json()["auth"], auth);
    let path = format!("/mailboxes/{}", made.str("/id"));
    site.patch(&path, json!({"host": "imap.evil.example"})).await.is_problem(
        422,
        "host_not_of_provider",
        &["/host"],
    );
    site.delete(&format!("/integrations/{integration}")).await.is_problem(409, "in_use", &[]);
    site.get(&format!("/grants/{grant}")).await.is(200);
    for (auth, pointer) in [
        (json!({"method": "oauth2"}), "/auth"),
        (json!({"method": "oauth2", "grant_id": "grt_01M000000000000000000000ZZ"}), "/auth/grant_id"),
        (
            json!({"method": "oauth2", "integration_id": "int_01M000000000000000000000ZZ"}),
            "/auth/integration_id",
        ),
        (json!({"method": "oauth2", "grant_id": grant, "password": "x"}), "/auth/password"),
    ] {
        let mut body = body("imap.gmail.com");
        body["name"] = json!("Other");
        body["auth"] = auth;
        site.post("/mailboxes", body).await.is_problem(422, "validation_failed", &[pointer]);
    }
}

#[tokio::test]
async fn an_integration_waits_for_consent_and_nobody_knows_the_account_without_openid() {
    let site = site().await;
    let integration = integrations::create(&site, custom("C")).await.str("/id");
    let mut body = password("Support");
    body["auth"] = json!({"method": "oauth2", "integration_id": integration});
    let made = create(&site, body.clone()).await;
    assert_eq!(made.str("/state/status"), "needs_consent");
    assert_eq!(made.json()["auth"]["grant_id"], Value::Null);
    let rows = site.app.store.schedule().await.unwrap();
    assert!(rows.iter().all(|row| !row.enabled), "nobody polls it");

    let nameless = grant(&site, &integration, None).await;
    body["name"] = json!("Other");
    body["auth"] = json!({"method": "oauth2", "grant_id": nameless.to_string()});
    site.post("/mailboxes", body.clone()).await.is_problem(422, "validation_failed", &["/auth/username"]);
    body["auth"]["username"] = json!("shared@example.com");
    assert_eq!(create(&site, body).await.str("/auth/username"), "shared@example.com");
}

#[tokio::test]
async fn going_from_a_password_to_oauth_keeps_the_cursor() {
    let site = site().await;
    let id = create(&site, password("Support")).await.str("/id");
    let integration = integrations::create(&site, custom("C")).await.str("/id");
    let grant = grant(&site, &integration, Some("support@example.com")).await.to_string();
    let path = format!("/mailboxes/{id}");
    let changed = site.patch(&path, json!({"auth": {"method": "oauth2", "grant_id": grant}})).await;
    assert_eq!(changed.is(200)["auth"]["method"], "oauth2");
    assert_eq!(epoch(&site, &id).await, 1);
    assert!(!site.vault.names().iter().any(|name| name.starts_with("mailbox/")), "the password is gone");
    let back = site.patch(&path, json!({"auth": {"method": "password", "username": "support"}})).await;
    back.is_problem(422, "validation_failed", &["/auth/password"]);
}

#[tokio::test]
async fn deleting_purges_mails_and_keeps_nothing_of_the_password() {
    let site = site().await;
    let id = create(&site, password("Support")).await.str("/id");
    let mailbox_id: MailboxId = id.parse().unwrap();
    for uid in 1..=120 {
        let server_id = ServerId::Imap { uid };
        let received_at = site.app.now();
        let message = MessageId::derive(mailbox_id, 1, &server_id, received_at);
        let record = Message {
            id: message,
            mailbox_id,
            epoch: 1,
            server_id,
            state: MessageState::Skipped,
            reason: Reason::AutoReply,
            internet_message_id: Some(format!("{uid}@example.com")),
            subject: "CANARY".to_owned(),
            from: None,
            size: 3,
            issue_key: None,
            comment_id: None,
            attempts: 1,
            failed_readings: 0,
            download: None,
            arrived: true,
            held_for: None,
            after_import: None,
            written: Default::default(),
            received_at,
            trace: Vec::new(),
        };
        site.app.blobs.put(&BlobKey::raw(message), "raw".into()).await.unwrap();
        let change = Change::Message { message: Box::new(record), expected: None };
        site.app.store.commit(&[change]).await.unwrap();
    }
    let listed = site.get(&format!("/messages?mailbox_id={id}&state=skipped&limit=1")).await;
    let message = listed.str("/items/0/id");
    assert_eq!(listed.is(200)["items"][0]["uid"], 120);
    let raw = site.get(&format!("/messages/{message}/raw")).await;
    assert_eq!((raw.status.as_u16(), raw.text.as_str()), (200, "raw"));
    assert_eq!(raw.header("content-type"), "message/rfc822");
    assert_eq!(site.get("/audit?limit=1").await.str("/items/0/action"), "message.raw_read");
    site.get(&format!("/messages?mailbox_id={id}&state=lost")).await.is_problem(
        422,
        "validation_failed",
        &["/state"],
    );
    site.get("/messages").await.is_problem(422, "validation_failed", &["/mailbox_id"]);

    assert_eq!(site.delete(&format!("/mailboxes/{id}")).await.is(202)["status"], "deleting");
    let reply = site.get(&format!("/mailboxes/{id}")).await;
    assert_eq!(reply.str("/state/status"), "deleting");
    site.patch(&format!("/mailboxes/{id}"), json!({"name": "x"})).await.is_problem(409, "being_deleted", &[]);
    assert_eq!(mailboxes::sweep(&site.app, intake::Timestamp::MAX).await.unwrap(), 1);
    site.get(&format!("/mailboxes/{id}")).await.is_problem(404, "not_found", &[]);
    site.get(&format!("/messages/{message}")).await.is_problem(404, "not_found", &[]);
    let blob = site.app.blobs.read(&BlobKey::raw(message.parse().unwrap())).await;
    assert!(blob.is_err());
    assert!(site.vault.names().is_empty());
    create(&site, password("Support")).await;
}

#[tokio::test]
async fn the_status_shows_what_waits() {
    let site = site().await;
    let id = create(&site, password("Support")).await.str("/id");
    let oldest = site.app.now();
    let problem = intake::Error::told(intake::Kind::Configuration, "folder_missing");
    let run = RunChange {
        status: Some(MailboxStatus::NeedsAttention),
        last_poll_at: Some(oldest),
        last_error: Some(Some(problem.problem())),
        ..RunChange::of(id.parse().unwrap())
    };
    site.app.store.commit(&[Change::Run(run)]).await.unwrap();
    let status = site.get("/status").await.is(200);
    assert_eq!(status["mailboxes"][0]["status"], "needs_attention");
    assert_eq!(status["mailboxes"][0]["last_error"]["code"], "folder_missing");
    assert_eq!(status["backlog"], 0);
    assert_eq!(status["warnings"][0]["code"], "mailbox_needs_attention");
    let again = site.patch(&format!("/mailboxes/{id}"), json!({"folder": "Other"})).await;
    assert_eq!(
        again.str("/state/status"),
        "new",
        "what was wrong with the old folder says nothing of this one"
    );
}
