//! What is done to mails on their server after the import: the choice.

use intake::types::errand::MailAction;
use serde_json::{Value, json};

use crate::site::Site;

pub(crate) fn mailbox(after_import: Value) -> Value {
    json!({
        "name": "Support", "protocol": "imap", "host": "imap.example.com", "port": 993, "tls": "implicit",
        "auth": {"method": "password", "username": "support", "password": "CANARY-password"}, "project": "SUP",
        "after_import": after_import,
    })
}

pub(crate) async fn site() -> Site {
    let site = Site::new().await;
    site.project("SUP").await;
    site
}

#[tokio::test]
async fn the_choice_is_kept_shown_and_audited() {
    let site = site().await;
    let made = site.post("/mailboxes", mailbox(json!({"action": "move", "folder": "Erledigt/日本語"}))).await;
    let chosen = made.is(201)["after_import"].clone();
    assert_eq!(chosen, json!({"action": "move", "folder": "Erledigt/日本語"}));
    assert_eq!(made.json()["state"]["after_import"], json!({"pending": false, "last_error": null}));
    let path = format!("/mailboxes/{}", made.str("/id"));
    let patched = site.patch(&path, json!({"name": "Renamed"})).await;
    assert_eq!(patched.is(200)["after_import"], chosen, "an absent choice stays");
    for (change, action) in [
        (json!({"action": "mark_seen"}), "mark_seen"),
        (json!({"action": "delete"}), "delete"),
        (json!({"action": "none"}), "none"),
        (json!({"action": "delete"}), "delete"),
        (Value::Null, "none"),
    ] {
        let reply = site.patch(&path, json!({ "after_import": change })).await;
        assert_eq!(reply.is(200)["after_import"], json!({"action": action, "folder": null}));
    }
    let audit = site.get("/audit").await.is(200);
    let told = &audit["items"][0]["changes"][0];
    assert_eq!(told, &json!({"field": "after_import", "before": "delete", "after": "none"}));
    let stored = site.app.store.mailbox(made.str("/id").parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(stored.after_import, None::<MailAction>);
}

#[tokio::test]
async fn without_a_choice_the_server_is_left_alone() {
    let site = site().await;
    let made = site.post("/mailboxes", mailbox(Value::Null)).await;
    assert_eq!(made.is(201)["after_import"], json!({"action": "none", "folder": null}));
}

#[tokio::test]
async fn a_choice_that_makes_no_sense_is_refused() {
    let site = site().await;
    for (choice, pointer) in [
        (json!({}), "/after_import/action"),
        (json!({"action": "archive"}), "/after_import/action"),
        (json!({"action": null}), "/after_import/action"),
        (json!({"action": "move"}), "/after_import/folder"),
        (json!({"action": "move", "folder": ""}), "/after_import/folder"),
        (json!({"action": "move", "folder": "inbox"}), "/after_import/folder"),
        (json!({"action": "delete", "folder": "Done"}), "/after_import/folder"),
    ] {
        let reply = site.post("/mailboxes", mailbox(choice)).await;
        reply.is_problem(422, "validation_failed", &[pointer]);
    }
    let unknown = site.post("/mailboxes", mailbox(json!({"action": "none", "when": "now"}))).await;
    unknown.is_problem(422, "unknown_field", &["/after_import/when"]);
    // The folder that is polled may change later too.
    let made = site.post("/mailboxes", mailbox(json!({"action": "move", "folder": "Done"}))).await;
    let path = format!("/mailboxes/{}", made.str("/id"));
    site.patch(&path, json!({"folder": "Done"})).await.is_problem(
        422,
        "validation_failed",
        &["/after_import/folder"],
    );
}

#[tokio::test]
async fn pop3_leaves_mails_on_the_server() {
    let site = site().await;
    let pop3 = |choice: Value| {
        let mut body = mailbox(choice);
        (body["protocol"], body["port"]) = (json!("pop3"), json!(995));
        body
    };
    let choices = [
        json!({"action": "mark_seen"}),
        json!({"action": "move", "folder": "Done"}),
        json!({"action": "delete"}),
    ];
    for refused in choices {
        let reply = site.post("/mailboxes", pop3(refused)).await;
        assert_eq!(reply.status, 422);
        let errors = reply.json()["errors"].as_array().cloned().unwrap_or_default();
        assert!(errors.iter().any(|error| error["pointer"] == "/after_import/action"), "{}", reply.text);
    }
    site.post("/mailboxes", pop3(json!({"action": "none"}))).await.is(201);
}
