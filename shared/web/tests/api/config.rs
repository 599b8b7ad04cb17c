//! Configuration as a document.

use std::time::Duration;

use intake::{
    ports::{Change, CursorMove, LeaseOutcome, LeaseTarget},
    types::{ids::MailboxId, mailbox::Cursor},
};
use serde_json::{Value, json};

use crate::{
    integrations::{custom, google, grant},
    site::{Reply, Site},
};

const CANARY: &str = "CANARY-password";

fn mailbox(name: &str, auth: Value) -> Value {
    json!({
        "name": name, "protocol": "imap", "host": "imap.gmail.com", "port": 993, "tls": "implicit",
        "auth": auth, "project": "SUP",
    })
}

fn password() -> Value {
    json!({"method": "password", "username": "support", "password": CANARY})
}

/// A site with something of everything.
async fn furnished() -> Site {
    let site = Site::new().await;
    site.project("SUP").await;
    let google = site.post("/integrations", google("Google Workspace")).await.str("/id");
    site.post("/integrations", custom("Own")).await.is(201);
    let waiting = json!({"method": "oauth2", "integration_id": google, "username": "sales@example.com"});
    site.post("/mailboxes", mailbox("Sales", waiting)).await.is(201);
    let grant = grant(&site, &google, Some("support@example.com")).await.to_string();
    let signed_in = json!({"method": "oauth2", "grant_id": grant});
    let mut support = mailbox("Support", signed_in);
    support["start"] = json!({"mode": "since", "since": "2026-11-01T00:00:00Z"});
    support["enabled"] = json!(false);
    site.post("/mailboxes", support).await.is(201);
    let mut plain = mailbox("Plain", password());
    plain["host"] = json!("mail.example.com");
    plain["folder"] = json!("Archive");
    site.post("/mailboxes", plain).await.is(201);
    site
}

async fn export(site: &Site) -> Value {
    site.get("/config").await.is(200)
}

async fn apply(site: &Site, query: &str, document: &Value) -> Reply {
    site.post(&format!("/config/apply{query}"), document.clone()).await
}

/// The same with secrets, as the command line fills them in.
fn with_secrets(mut document: Value) -> Value {
    for entry in document["integrations"].as_object_mut().unwrap().values_mut() {
        entry["client_secret"] = json!({"value": "CANARY-secret"});
    }
    for entry in document["mailboxes"].as_object_mut().unwrap().values_mut() {
        if entry["auth"]["method"] == "password" {
            entry["auth"]["password"] = json!({"value": CANARY});
        }
    }
    document
}

async fn audited(site: &Site) -> usize {
    site.get("/audit?limit=200").await.is(200)["items"].as_array().unwrap().len()
}

#[tokio::test]
async fn an_export_names_what_it_refers_to_and_holds_no_secret_id_or_state() {
    let site = furnished().await;
    let document = export(&site).await;
    assert_eq!(document["format"], 1);
    assert_eq!(document["projects"], json!({"SUP": {"name": "SUP"}}));
    let google = &document["integrations"]["Google Workspace"];
    assert_eq!(google["client_secret"], "stored");
    assert!(google["token_endpoint"].is_null(), "it is computed: {google}");
    assert!(document["integrations"]["Own"]["token_endpoint"].is_string());
    let sales =
        json!({"method": "oauth2", "integration": "Google Workspace", "username": "sales@example.com"});
    assert_eq!(document["mailboxes"]["Sales"]["auth"], sales);
    let plain = json!({"method": "password", "username": "support", "password": "stored"});
    assert_eq!(document["mailboxes"]["Plain"]["auth"], plain);
    let text = document.to_string();
    for absent in ["CANARY", "int_", "grt_", "mbx_", "_at\"", "state", "redirect_url", "null"] {
        assert!(!text.contains(absent), "{absent}: {text}");
    }
}

#[tokio::test]
async fn applying_an_export_changes_nothing_here_and_makes_the_same_elsewhere() {
    let site = furnished().await;
    let (document, entries) = (export(&site).await, audited(&site).await);
    for query in ["", "?dry_run=true", "?prune=true"] {
        let told = apply(&site, query, &document).await.is(200);
        assert_eq!(told, json!({"changed": false, "applied": false, "changes": [], "risks": []}));
    }
    assert_eq!(audited(&site).await, entries);
    assert_eq!(export(&site).await, document);

    let other = Site::new().await;
    let filled = with_secrets(document.clone());
    let dry = apply(&other, "?dry_run=true", &filled).await.is(200);
    assert_eq!((&dry["changed"], &dry["applied"]), (&json!(true), &json!(false)));
    assert_eq!(export(&other).await["projects"], json!({}), "a dry run wrote something");
    assert!(other.vault.names().is_empty(), "a dry run kept a secret");
    let done = apply(&other, "", &filled).await;
    assert_eq!(done.is(200)["changes"], dry["changes"]);
    assert!(!done.text.contains("CANARY"), "{}", done.text);
    assert_eq!(export(&other).await, document);
    assert_eq!(apply(&other, "", &filled).await.is(200)["changed"], false, "the secrets are the same");
    let reveal = other.get("/integrations").await.str("/items/0/id");
    let reveal = other.post(&format!("/integrations/{reveal}/client-secret/reveal"), json!({})).await;
    assert_eq!(reveal.is(200)["client_secret"], "CANARY-secret");
}

#[tokio::test]
async fn what_differs_is_told_field_by_field_and_goes_through_the_flows() {
    let site = furnished().await;
    let changed = json!({
        "format": 1,
        "projects": {"OPS": {"name": "Operations"}, "SUP": {"name": "Customer support"}},
        "integrations": {"GOOGLE workspace": {"description": "Ours", "client_secret": {"value": "CANARY-new"}}},
        "mailboxes": {"Support": {"poll_interval_seconds": 300, "project": "OPS", "enabled": false}},
    });
    let told = apply(&site, "", &changed).await;
    assert!(!told.text.contains("CANARY"), "{}", told.text);
    let field = |field, before, after| json!({"field": field, "before": before, "after": after});
    let told = told.is(200);
    assert_eq!(told["changes"][0]["fields"], json!([field("name", "", "Operations")]));
    let renamed = json!([field("name", "SUP", "Customer support")]);
    assert_eq!((&told["changes"][1]["action"], &told["changes"][1]["fields"]), (&json!("change"), &renamed));
    let integration = json!([field("description", "", "Ours"), field("client_secret", "••••", "••••")]);
    assert_eq!(
        (&told["changes"][2]["action"], &told["changes"][2]["fields"]),
        (&json!("change"), &integration)
    );
    let mailbox = json!([field("poll_interval_seconds", "60", "300"), field("project", "SUP", "OPS")]);
    assert_eq!(told["changes"][3]["fields"], mailbox);
    let audit = site.get("/audit?limit=4").await.is(200);
    let actions: Vec<_> = audit["items"].as_array().unwrap().iter().map(|e| e["action"].clone()).collect();
    assert_eq!(
        json!(actions),
        json!(["mailbox.changed", "integration.changed", "project.changed", "project.created"])
    );
    assert!(
        export(&site).await["integrations"]["GOOGLE workspace"].is_object(),
        "the spelling is the file's"
    );
    assert_eq!(apply(&site, "", &changed).await.is(200)["changed"], false);
}

#[tokio::test]
async fn everything_that_is_wrong_is_told_at_once_with_its_place() {
    let site = furnished().await;
    let before = export(&site).await;
    let wrong = json!({
        "format": 2,
        "colours": {},
        "projects": {"ops": {"name": "x"}, "SUP": {"name": ""}, "NEW": {"colour": "red", "name": 7}},
        "integrations": {
            "Google Workspace": {"provider": "custom", "colour": "red", "name": "x"},
            "Own": {"token_endpoint": "https://elsewhere.example/token"},
            "New": {"provider": "custom", "client_id": "x", "client_secret": "CANARY"},
            "Second": {"provider": "custom", "client_id": 7, "client_secret": {"env": "X"}},
            "second": {},
        },
        "mailboxes": {
            "Sales": {"auth": {"integration": "Nowhere"}, "port": 0},
            "Plain": {"host": "other.example.com"},
            "a/b": {"auth": {"method": "oauth2", "integration": "Own", "grant_id": "grt_x"}},
            "Third": 3,
        },
    });
    let told = apply(&site, "?force=true", &wrong).await;
    assert!(!told.text.contains("CANARY"), "{}", told.text);
    told.is_problem(
        422,
        "client_secret_required",
        &[
            "/format",
            "/colours",
            "/projects/ops",
            "/projects/SUP/name",
            "/projects/NEW/colour",
            "/projects/NEW/name",
            "/integrations/Google Workspace/colour",
            "/integrations/Google Workspace/name",
            "/integrations/Google Workspace/provider",
            "/integrations/Own/client_secret",
            "/integrations/New/client_secret",
            "/integrations/New/authorization_endpoint",
            "/integrations/New/token_endpoint",
            "/integrations/Second/client_secret",
            "/integrations/Second/client_id",
            "/integrations/Second/authorization_endpoint",
            "/integrations/Second/token_endpoint",
            "/integrations/second",
            "/mailboxes/Sales/auth/integration",
            "/mailboxes/Sales/port",
            "/mailboxes/Plain/auth/password",
            "/mailboxes/a~1b/auth/grant_id",
            "/mailboxes/a~1b/protocol",
            "/mailboxes/a~1b/host",
            "/mailboxes/a~1b/port",
            "/mailboxes/a~1b/tls",
            "/mailboxes/a~1b/project",
            "/mailboxes/Third",
        ],
    );
    assert_eq!(export(&site).await, before);
    site.post("/config/apply?loud=true", before.clone()).await.is_problem(
        422,
        "validation_failed",
        &["/loud"],
    );
    site.post("/config/apply", json!({})).await.is_problem(422, "validation_failed", &["/format"]);
}

/// As if it had been polled.
async fn polled(site: &Site, name: &str) {
    let all = site.get("/mailboxes").await.is(200);
    let is_it = |mailbox: &&Value| mailbox["name"] == name;
    let id = all["items"].as_array().unwrap().iter().find(is_it).unwrap()["id"].as_str().unwrap().to_owned();
    let mailbox_id: MailboxId = id.parse().unwrap();
    let store = &site.app.store;
    let taken =
        store.take_lease(LeaseTarget::Mailbox(mailbox_id), site.app.now(), Duration::from_secs(60)).await;
    let LeaseOutcome::Taken(lease) = taken.unwrap() else { panic!("no lease") };
    let cursor = Cursor {
        uid_validity: 1,
        next_uid: 5,
        import_below: 1,
        counted: None,
        maildrop: None,
        renewed: None,
    };
    let step = CursorMove { mailbox_id, fence: lease.fence, epoch: 1, cursor, oldest_unprocessed_at: None };
    store.commit(&[Change::Cursor(step)]).await.unwrap();
    store.release_lease(&lease).await.unwrap();
}

#[tokio::test]
async fn what_breaks_a_running_mailbox_needs_force() {
    let site = furnished().await;
    polled(&site, "Plain").await;
    let document = json!({
        "format": 1,
        "integrations": {"Google Workspace": {"client_id": "another"}},
        "mailboxes": {
            "Plain": {
                "host": "new.example.com", "folder": "INBOX",
                "auth": {"username": "sales", "password": {"value": CANARY}},
            },
            "Sales": {"folder": "Sent"},
        },
    });
    let dry = apply(&site, "?dry_run=true", &document).await.is(200);
    let risks: Vec<_> =
        dry["risks"].as_array().unwrap().iter().map(|r| r["pointer"].as_str().unwrap()).collect();
    let plain = "/mailboxes/Plain";
    assert_eq!(
        risks,
        ["/integrations/Google Workspace", plain, plain, plain],
        "Sales was never polled: {dry}"
    );
    let refused = apply(&site, "", &document).await;
    refused.is_problem(409, "would_break", &["/integrations/Google Workspace", plain, plain, plain]);
    let done = apply(&site, "?force=true", &document).await.is(200);
    assert_eq!(done["applied"], true);
    assert_eq!(export(&site).await["mailboxes"]["Plain"]["host"], "new.example.com");
}

#[tokio::test]
async fn what_is_not_listed_goes_only_when_it_is_pruned() {
    let site = furnished().await;
    polled(&site, "Plain").await;
    let mut document = export(&site).await;
    document["mailboxes"].as_object_mut().unwrap().retain(|name, _| name == "Sales");
    document["integrations"] = json!({});
    document["projects"] = json!({});
    assert_eq!(apply(&site, "", &document).await.is(200)["changed"], false);
    let used = apply(&site, "?prune=true", &document).await;
    used.is_problem(422, "validation_failed", &["/integrations/Google Workspace"]);
    document["integrations"] = json!({"Google Workspace": {}});
    let refused = apply(&site, "?prune=true", &document).await;
    refused.is_problem(409, "would_break", &["/mailboxes/Plain"]);
    let done = apply(&site, "?prune=true&force=true", &document).await.is(200);
    let gone: Vec<_> = done["changes"].as_array().unwrap().iter().map(|c| &c["name"]).collect();
    assert_eq!(json!(gone), json!(["Plain", "Support", "Own"]), "{done}");
    let left = export(&site).await;
    assert_eq!(left["mailboxes"].as_object().unwrap().keys().collect::<Vec<_>>(), ["Sales"]);
    assert_eq!(left["integrations"].as_object().unwrap().keys().collect::<Vec<_>>(), ["Google Workspace"]);
    assert!(left["projects"]["SUP"].is_object(), "projects stay");
}

#[tokio::test]
async fn an_account_that_has_signed_in_is_found_by_its_address() {
    let site = furnished().await;
    let document = json!({
        "format": 1,
        "mailboxes": {"Second": {
            "protocol": "imap", "host": "imap.gmail.com", "port": 993, "tls": "implicit", "project": "SUP",
            "folder": "Spam",
            "auth": {"method": "oauth2", "integration": "google workspace", "username": "SUPPORT@example.com"},
        }},
    });
    apply(&site, "", &document).await.is(200);
    let all = site.get("/mailboxes").await.is(200);
    let second = all["items"].as_array().unwrap().iter().find(|mailbox| mailbox["name"] == "Second").unwrap();
    assert!(second["auth"]["grant_id"].is_string(), "{second}");
    assert_eq!(apply(&site, "", &document).await.is(200)["changed"], false);
}

#[tokio::test]
async fn a_mailbox_is_changed_over_to_another_way_of_signing_in() {
    let site = furnished().await;
    polled(&site, "Plain").await;
    let auth = json!({"method": "oauth2", "integration": "Own", "username": "support@example.com"});
    let document = json!({"format": 1, "mailboxes": {"Plain": {"auth": auth}}});
    let refused = apply(&site, "", &document).await;
    refused.is_problem(409, "would_break", &["/mailboxes/Plain", "/mailboxes/Plain"]);
    let done = apply(&site, "?force=true", &document).await.is(200);
    assert_eq!(done["changes"][0]["fields"][0]["after"], "Own", "{done}");
    assert_eq!(export(&site).await["mailboxes"]["Plain"]["auth"], auth);

    let back = json!({"format": 1, "mailboxes": {"Plain": {"auth": {
        "method": "password", "username": "support", "password": "stored", "integration": "Own",
    }}}});
    let refused = apply(&site, "?force=true", &back).await;
    let wrong = ["/mailboxes/Plain/auth/integration"];
    refused.is_problem(422, "validation_failed", &wrong);
}
