//! What is done to mails on their server after the import, against the real server.

use std::{fs, time::SystemTime};

use serde_json::{Value, json};
use tests::{Maildocket, Servers, dovecot::Account, mails::mail};

/// A mailbox of this account with this choice; it imports everything.
async fn mailbox(docket: &Maildocket, servers: &Servers, account: &Account, choice: Value) -> String {
    let mailbox = docket.api.password_mailbox(servers, account).await;
    choose(docket, &mailbox, choice).await;
    mailbox
}

async fn choose(docket: &Maildocket, mailbox: &str, choice: Value) {
    let changed = docket
        .api
        .call(
            reqwest::Method::PATCH,
            &format!("/mailboxes/{mailbox}"),
            Some(json!({ "after_import": choice })),
        )
        .await;
    assert_eq!(changed["after_import"]["action"], choice["action"], "{changed}");
}

fn deliver(account: &Account, count: usize) {
    for number in 0..count {
        account.deliver(&mail(&number.to_string(), &format!("Mail {number}"), "", "text"));
    }
}

/// How the action on each mail stands, by UID.
async fn outcomes(docket: &Maildocket, mailbox: &str) -> Vec<(String, String)> {
    let mut messages = docket.api.list(&format!("/messages?mailbox_id={mailbox}")).await;
    messages.sort_by_key(|message| message["uid"].as_u64());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    messages
        .iter()
        .map(|message| &message["after_import"])
        .map(|after| (text(&after["status"]), text(&after["detail"])))
        .collect()
}

fn all_done(outcomes: &[(String, String)]) -> bool {
    outcomes.iter().all(|(status, detail)| status == "done" && detail.is_empty())
}

#[tokio::test]
async fn imported_mails_are_marked_seen() {
    let servers = Servers::get().await;
    let docket = Maildocket::start(servers).await;
    let account = servers.dovecot.account();
    deliver(&account, 3);
    let mailbox = mailbox(&docket, servers, &account, json!({ "action": "mark_seen" })).await;
    assert_eq!(docket.api.poll(&mailbox).await["created"], 3);
    assert_eq!(account.flags(), ["S", "S", "S"]);
    let outcomes = outcomes(&docket, &mailbox).await;
    assert!(outcomes.len() == 3 && all_done(&outcomes), "{outcomes:?}");
    let state = docket.api.get(&format!("/mailboxes/{mailbox}")).await["state"].clone();
    assert_eq!(state["after_import"], json!({ "pending": false, "last_error": null }), "{state}");
    assert_eq!(docket.api.poll(&mailbox).await["fetched"], 0);
}

#[tokio::test]
async fn imported_mails_move_to_a_folder_with_a_name_in_any_script() {
    let servers = Servers::get().await;
    let docket = Maildocket::start(servers).await;
    let account = servers.dovecot.account();
    deliver(&account, 80);
    let to = json!({ "action": "move", "folder": "Erledigt/日本語 & mehr" });
    let mailbox = mailbox(&docket, servers, &account, to).await;
    assert_eq!(docket.api.poll(&mailbox).await["created"], 80);
    assert_eq!(account.mails_in("INBOX").len(), 0);
    assert_eq!(account.mails_in("Erledigt.&ZeVnLIqe- &- mehr").len(), 80);
    assert!(all_done(&outcomes(&docket, &mailbox).await));
    // New mail goes the same way, also now that the folder is there.
    account.deliver(&mail("late", "Late", "", "text"));
    assert_eq!(docket.api.poll(&mailbox).await["created"], 1);
    assert_eq!(account.mails_in("Erledigt.&ZeVnLIqe- &- mehr").len(), 81);
}

#[tokio::test]
async fn imported_mails_are_deleted_and_no_others() {
    let servers = Servers::get().await;
    let docket = Maildocket::start(servers).await;
    let account = servers.dovecot.account();
    // Somebody else has marked this one, and it is older than the mailbox's start: a plain EXPUNGE would delete it.
    account.deliver_at(&mail("old", "Old", "", "text"), SystemTime::UNIX_EPOCH);
    let old = account.mails_in("INBOX").remove(0);
    let marked = old.parent().unwrap().parent().unwrap().join("cur");
    fs::rename(&old, marked.join(format!("{}:2,T", old.file_name().unwrap().to_str().unwrap()))).unwrap();
    let mailbox = mailbox(&docket, servers, &account, json!({ "action": "delete" })).await;
    let start = json!({ "start": { "mode": "since", "since": "2026-01-01T00:00:00Z" } });
    docket.api.call(reqwest::Method::PATCH, &format!("/mailboxes/{mailbox}"), Some(start)).await;
    deliver(&account, 40);
    assert_eq!(docket.api.poll(&mailbox).await["created"], 40);
    assert_eq!(account.flags(), ["T"], "the mail of somebody else");
    assert_eq!(account.mails_in("INBOX").len(), 1);
    assert!(all_done(&outcomes(&docket, &mailbox).await));
    let raw = docket.api.list(&format!("/messages?mailbox_id={mailbox}")).await;
    let raw = docket.api.bytes(&format!("/messages/{}/raw", raw[0]["id"].as_str().unwrap())).await;
    assert!(raw.starts_with(b"From: Ann Example"));
}

/// A held mail waits on its server, too; once a person has dismissed it, it is like any other that was left out.
#[tokio::test]
async fn a_dismissed_mail_is_done_with_as_one_that_was_left_out() {
    let servers = Servers::get().await;
    let docket = Maildocket::start(servers).await;
    let account = servers.dovecot.account();
    account.deliver(&mail("1", "Held", "", "text"));
    let mailbox = mailbox(&docket, servers, &account, json!({ "action": "mark_seen" })).await;
    let handlers = json!([{ "name": "Held", "when": { "subject": "Held" }, "then": [{ "hold": {} }] }]);
    docket.api.call(reqwest::Method::PUT, &format!("/mailboxes/{mailbox}/handlers"), Some(handlers)).await;
    assert_eq!(docket.api.poll(&mailbox).await["held"], 1);
    assert_eq!(account.flags(), Vec::<String>::new());
    let held = docket.api.list(&format!("/messages?mailbox_id={mailbox}")).await;
    let path = format!("/messages/{}", held[0]["id"].as_str().unwrap());
    let dismissed = docket.api.post(&format!("{path}/dismiss"), json!({})).await;
    assert_eq!((&dismissed["state"], &dismissed["reason"]), (&json!("skipped"), &json!("dismissed")));
    docket.api.poll(&mailbox).await;
    assert_eq!(account.flags(), ["S"]);
    assert!(all_done(&outcomes(&docket, &mailbox).await));
    assert!(docket.api.bytes(&format!("{path}/raw")).await.starts_with(b"From: Ann Example"));
}
