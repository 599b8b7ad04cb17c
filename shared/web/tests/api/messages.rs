//! Mails that are let through or worked on again, one or many.

use bytes::Bytes;
use intake::{
    ports::Change,
    types::{
        ids::{MailboxId, MessageId},
        issue::BlobKey,
        message::{Message, MessageState, Reason, ServerId},
    },
};
use serde_json::{Value, json};

use crate::{mailboxes::password, site::Site};

/// A mail.
pub(crate) const MAIL: &str = "From: Ada <ada@example.com>\nTo: support@example.com\nSubject: Printer\n\
    Message-ID: <1@example.com>\nDate: Mon, 5 Jan 2026 12:00:00 +0100\n\nIt burns.\n";

/// The record of a mail as it was read, with its bytes.
pub(crate) async fn kept(
    site: &Site,
    mailbox: &str,
    uid: u32,
    state: MessageState,
    reason: Reason,
    raw: &str,
) -> MessageId {
    let mailbox_id: MailboxId = mailbox.parse().unwrap();
    let (server_id, received_at) = (ServerId::Imap { uid }, site.app.now());
    let id = MessageId::derive(mailbox_id, 1, &server_id, received_at);
    let record = Message {
        id,
        mailbox_id,
        epoch: 1,
        server_id,
        state,
        reason,
        internet_message_id: None,
        subject: "Printer".to_owned(),
        from: None,
        size: raw.len() as u64,
        issue_key: None,
        comment_id: None,
        attempts: 1,
        failed_readings: 0,
        download: None,
        after_import: None,
        written: Default::default(),
        received_at,
        arrived: true,
        held_for: None,
        trace: Vec::new(),
    };
    site.app.blobs.put(&BlobKey::raw(id), Bytes::copy_from_slice(raw.as_bytes())).await.unwrap();
    let change = Change::Message { message: Box::new(record), expected: None };
    site.app.store.commit(&[change]).await.unwrap();
    id
}

/// A mail with this Message-ID and subject.
pub(crate) fn mail(id: &str, subject: &str) -> String {
    MAIL.replace("<1@", &format!("<{id}@")).replace("Printer", subject)
}

async fn site() -> (Site, String) {
    let site = Site::new().await;
    site.project("SUP").await;
    let mailbox = site.post("/mailboxes", password("Support")).await.str("/id");
    (site, mailbox)
}

#[tokio::test]
async fn a_held_mail_is_let_through_once() {
    let (site, mailbox) = site().await;
    let id = kept(&site, &mailbox, 1, MessageState::Held, Reason::Flood, MAIL).await;
    let path = format!("/messages/{id}");
    let done = site.post(&format!("{path}/release"), json!({})).await.is(200);
    assert_eq!((&done["state"], &done["issue_key"]), (&json!("applied"), &json!("SUP-1")), "{done}");
    assert_eq!((&done["reason"], &done["attempts"]), (&json!("created"), &json!(2)), "{done}");
    assert!(done["trace"].to_string().contains("released"), "{done}");
    site.post(&format!("{path}/release"), json!({})).await.is_problem(409, "not_held", &[]);
    let unknown = "/messages/msg_01M000000000000000000000ZZ/release";
    site.post(unknown, json!({})).await.is_problem(404, "not_found", &[]);
    let released = site.get("/audit?action=message.released").await.is(200);
    assert_eq!(released["items"].as_array().unwrap().len(), 1, "only what was done: {released}");
}

#[tokio::test]
async fn a_held_mail_is_dismissed_once_and_can_be_worked_on_again() {
    let (site, mailbox) = site().await;
    let id = kept(&site, &mailbox, 1, MessageState::Held, Reason::Flood, MAIL).await;
    let path = format!("/messages/{id}");
    let done = site.post(&format!("{path}/dismiss"), json!({})).await.is(200);
    assert_eq!((&done["state"], &done["reason"]), (&json!("skipped"), &json!("dismissed")), "{done}");
    assert!(done["issue_key"].is_null() && done["trace"].to_string().contains("dismissed it"), "{done}");
    for again in ["dismiss", "release"] {
        site.post(&format!("{path}/{again}"), json!({})).await.is_problem(409, "not_held", &[]);
    }
    let unknown = "/messages/msg_01M000000000000000000000ZZ/dismiss";
    site.post(unknown, json!({})).await.is_problem(404, "not_found", &[]);
    let trail = site.get("/audit?action=message.dismissed").await.is(200);
    assert_eq!(trail["items"].as_array().unwrap().len(), 1, "only what was done: {trail}");
    assert_eq!(trail["items"][0]["subject"], json!(id.to_string()), "{trail}");
    assert_eq!(site.get("/issues?project=SUP").await.is(200)["items"], json!([]));
    let raw = site.get(&format!("{path}/raw")).await;
    assert!(raw.status == 200 && raw.text == MAIL, "the mail is kept");
    let anew = site.post(&format!("{path}/redrive"), json!({})).await.is(200);
    assert_eq!((&anew["state"], &anew["issue_key"]), (&json!("applied"), &json!("SUP-1")), "{anew}");

    // Of this one there is the header alone: it can leave the queue, and is no more than that afterwards.
    let large = kept(&site, &mailbox, 2, MessageState::Held, Reason::TooLarge, MAIL).await;
    let path = format!("/messages/{large}");
    site.post(&format!("{path}/dismiss"), json!({})).await.is(200);
    site.post(&format!("{path}/redrive"), json!({})).await.is_problem(409, "raw_incomplete", &[]);
}

#[tokio::test]
async fn a_mail_is_worked_on_again_if_it_is_there() {
    let (site, mailbox) = site().await;
    let id = kept(&site, &mailbox, 1, MessageState::Failed, Reason::Unprocessable, MAIL).await;
    let path = format!("/messages/{id}/redrive");
    let wrong = [
        (json!({"charset": "klingon"}), "validation_failed", "/charset"),
        (json!({"charset": 7}), "validation_failed", "/charset"),
        (json!({"force": true}), "unknown_field", "/force"),
    ];
    for (body, code, pointer) in wrong {
        site.post(&path, body).await.is_problem(422, code, &[pointer]);
    }
    assert_eq!(site.get("/audit?action=message.redriven").await.is(200)["items"], json!([]));
    let done = site.post(&path, json!({"charset": "koi8-r"})).await.is(200);
    assert_eq!((&done["state"], &done["issue_key"]), (&json!("applied"), &json!("SUP-1")), "{done}");
    let again = site.post(&path, json!({})).await.is(200);
    assert_eq!((&again["issue_key"], &again["reason"]), (&json!("SUP-1"), &json!("created")), "{again}");
    assert_eq!(site.get("/issues?project=SUP").await.is(200)["items"].as_array().unwrap().len(), 1);

    let reasons =
        [Reason::TooLarge, Reason::UnreadableOnServer, Reason::BeforeStart, Reason::Renumbered, Reason::Gone];
    for (uid, reason) in (2..).zip(reasons) {
        let id = kept(&site, &mailbox, uid, MessageState::Skipped, reason, "").await;
        let refused = site.post(&format!("/messages/{id}/redrive"), json!({})).await;
        refused.is_problem(409, "raw_incomplete", &[]);
        assert!(refused.str("/detail").len() > 60, "it says what to do: {}", refused.text);
        let body = json!({"message_id": id.to_string()});
        let dry = site.post(&format!("/mailboxes/{mailbox}/handlers/dry-run"), body).await;
        dry.is_problem(409, "raw_incomplete", &[]);
    }
}

#[tokio::test]
async fn many_are_worked_on_again_part_by_part() {
    let (site, mailbox) = site().await;
    for uid in 1..=25 {
        let raw = mail(&uid.to_string(), &format!("Mail {uid}"));
        kept(&site, &mailbox, uid, MessageState::Failed, Reason::Unprocessable, &raw).await;
    }
    kept(&site, &mailbox, 26, MessageState::Failed, Reason::UnreadableOnServer, "").await;
    kept(&site, &mailbox, 27, MessageState::Held, Reason::Loop, &mail("27", "Held")).await;
    let wrong = [
        (json!({}), "validation_failed", "/mailbox_id"),
        (json!({"mailbox_id": "x"}), "validation_failed", "/mailbox_id"),
        (json!({"mailbox_id": "mbx_01M000000000000000000000ZZ"}), "validation_failed", "/mailbox_id"),
        (json!({"mailbox_id": mailbox, "state": "lost"}), "validation_failed", "/state"),
        (json!({"mailbox_id": mailbox, "reason": "bad"}), "validation_failed", "/reason"),
        (json!({"mailbox_id": mailbox, "since": "x"}), "unknown_field", "/since"),
    ];
    for (body, code, pointer) in wrong {
        site.post("/messages/redrive", body).await.is_problem(422, code, &[pointer]);
    }
    let cursor = site.post("/messages/redrive", json!({"mailbox_id": mailbox, "cursor": "x"})).await;
    cursor.is_problem(422, "invalid_cursor", &["/cursor"]);
    let audited = site.get("/audit?action=messages.redriven").await.is(200);
    assert_eq!(audited["items"], json!([]), "nothing was done");

    // A clock that stands still never ends the time; one that has stopped asks to end ends each page.
    site.app.stop.request();
    let ask = |cursor: Value| {
        let body = json!({"mailbox_id": mailbox, "state": "failed", "cursor": cursor});
        site.post("/messages/redrive", body)
    };
    let (mut cursor, mut sum, mut parts) = (Value::Null, [0, 0, 0], 0);
    loop {
        let done = ask(cursor).await.is(200);
        for (n, name) in ["redriven", "changed", "refused"].iter().enumerate() {
            sum[n] += done[*name].as_u64().unwrap();
        }
        parts += 1;
        assert_eq!(done["more"], json!(!done["next_cursor"].is_null()), "{done}");
        cursor = done["next_cursor"].clone();
        if cursor.is_null() {
            break;
        }
    }
    assert_eq!((sum, parts > 1), ([25, 25, 1], true));
    assert_eq!(
        site.get("/issues?project=SUP&limit=200").await.is(200)["items"].as_array().unwrap().len(),
        25
    );
    let held = site.get(&format!("/messages?mailbox_id={mailbox}&state=held")).await.is(200);
    assert_eq!(held["items"].as_array().unwrap().len(), 1, "the others were not asked for");
    let audited = site.get("/audit?action=messages.redriven").await.is(200);
    assert_eq!(audited["items"].as_array().unwrap().len(), 1, "noted once");
}

#[tokio::test]
async fn an_issue_tells_where_answers_go() {
    let (site, mailbox) = site().await;
    let box_path = format!("/mailboxes/{mailbox}");
    let id = kept(&site, &mailbox, 1, MessageState::Held, Reason::Flood, MAIL).await;
    site.post(&format!("/messages/{id}/release"), json!({})).await.is(200);
    let issue = site.get("/issues/SUP-1").await.is(200);
    assert_eq!((&issue["reply_address"], &issue["reply_message_id"]), (&Value::Null, &Value::Null));
    site.patch(&box_path, json!({"auth": {"username": "support@example.com"}})).await.is(200);
    let read = site.get("/issues/SUP-1").await;
    let (address, first) = (read.str("/reply_address"), read.str("/reply_message_id"));
    assert!(address.starts_with("support+sup-1-") && address.ends_with("@example.com"), "{address}");
    assert!(first.starts_with("sup-1-") && first.ends_with("@example.com"), "{first}");
    site.clock.advance(std::time::Duration::from_secs(1));
    let again = site.get("/issues/SUP-1").await;
    assert_ne!(again.str("/reply_message_id"), first, "each mail has its own");
    assert_eq!(again.str("/reply_address"), address);
    let by_hand = site.post("/issues", json!({"project": "SUP", "summary": "x"})).await.is(201);
    assert_eq!((&by_hand["reply_address"], &by_hand["reply_message_id"]), (&Value::Null, &Value::Null));
}
