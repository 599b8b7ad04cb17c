//! Rows about importing, changing over, and what is done after an import.

use std::{collections::BTreeSet, time::Duration};

use reqwest::Method;
use serde_json::{Value, json};
use tests::{
    Browser, Maildocket, Person, Servers,
    dovecot::{Account, PASSWORD},
    mails::mail,
};

/// Signs the mailbox in as this account; the attempt afterwards.
async fn consent(
    docket: &Maildocket,
    servers: &Servers,
    integration: &str,
    mailbox: &str,
    as_whom: &Account,
) -> Value {
    let mut browser = Browser::new(&servers.identity.ca_pem);
    let person = Person::Agrees(&as_whom.address);
    let input = json!({ "mailbox_id": mailbox });
    let (attempt, page) = docket.api.consent(&mut browser, integration, input, person).await;
    assert_eq!(attempt["status"], "done", "{attempt} {page:?}");
    attempt
}

async fn patch(docket: &Maildocket, mailbox: &str, change: Value) -> Value {
    docket.api.call(Method::PATCH, &format!("/mailboxes/{mailbox}"), Some(change)).await
}

async fn status(docket: &Maildocket, mailbox: &str) -> Value {
    docket.api.get(&format!("/mailboxes/{mailbox}")).await["state"]["status"].clone()
}

#[tokio::test]
async fn row_17_an_integration_is_chosen_as_authentication_method_of_a_mailbox() {
    let servers = Servers::get().await;
    let docket = Maildocket::start(servers).await;
    let account = servers.dovecot.account();
    account.deliver(&mail("1", "By consent", "", "text"));
    let (integration, _) = docket.api.integration(servers).await;

    // The integration is named, and the mailbox waits for somebody to consent.
    let waiting = docket.api.oauth_mailbox(servers, &integration).await;
    assert_eq!(status(&docket, &waiting).await, "needs_consent");
    let (refused, problem) =
        docket.api.attempt(Method::POST, &format!("/mailboxes/{waiting}/poll"), Some(json!({}))).await;
    assert!(refused.is_client_error() && problem["code"] == "consent_missing", "{problem}");
    let attempt = consent(&docket, servers, &integration, &waiting, &account).await;
    assert_eq!(docket.api.poll(&waiting).await["created"], 1);
    assert_eq!(status(&docket, &waiting).await, "ok");

    // Or an account that has signed in already is named.
    let mailbox = json!({
        "name": "By a grant", "protocol": "imap", "host": "localhost", "port": servers.dovecot.imaps,
        "tls": "implicit", "auth": { "method": "oauth2", "grant_id": attempt["grant_id"] },
        "start": { "mode": "all" }, "project": tests::maildocket::PROJECT,
    });
    let made = docket.api.post("/mailboxes", mailbox).await;
    assert_eq!(made["auth"]["username"], account.address.as_str());
    assert_eq!(made["auth"]["integration_id"], integration.as_str());
    let report = docket.api.poll(made["id"].as_str().unwrap()).await;
    assert_eq!((&report["created"], &report["skipped"]), (&json!(0), &json!(1)), "the same mail: {report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_20_mails_become_issues_and_comments_exactly_once() {
    const THREADS: usize = 40;
    let servers = Servers::get().await;
    let mut docket = Maildocket::start(servers).await;
    let account = servers.dovecot.account();
    for thread in 0..THREADS {
        account.deliver(&mail(&thread.to_string(), &format!("Question {thread}"), "", "text"));
        let answers = format!("In-Reply-To: <{thread}@customer.example>\r\n");
        let id = format!("{thread}.re");
        account.deliver(&mail(&id, &format!("Re: Question {thread}"), &answers, "The answer."));
    }
    let mailbox = docket.api.password_mailbox(servers, &account).await;
    for kill in 0..4 {
        let poll = {
            let (api, mailbox) = (docket.api.clone(), mailbox.clone());
            tokio::spawn(async move { api.ask(&format!("/mailboxes/{mailbox}/poll")).await })
        };
        tokio::time::sleep(Duration::from_millis(60 + 70 * kill)).await;
        docket.kill();
        poll.abort();
        docket.start_again().await;
    }
    docket.api.poll(&mailbox).await;
    // Also where two polls run at once, and where the server numbers its mails anew.
    account.renumber(2_345_678);
    let poll = format!("/mailboxes/{mailbox}/poll");
    tokio::join!(docket.api.post(&poll, json!({})), docket.api.post(&poll, json!({})));
    docket.api.poll(&mailbox).await;

    let issues = docket.api.issues().await;
    let summaries: BTreeSet<_> = issues.iter().map(|issue| issue["summary"].as_str().unwrap()).collect();
    assert_eq!((issues.len(), summaries.len()), (THREADS, THREADS));
    assert!(issues.iter().all(|issue| issue["comment_count"] == 1), "each has one comment");
    assert_eq!(account.flags(), Vec::<String>::new(), "no mail was touched");
}

#[tokio::test]
async fn row_22_a_password_mailbox_changes_over_to_oauth_in_place() {
    let servers = Servers::get().await;
    let docket = Maildocket::start(servers).await;
    let account = servers.dovecot.account();
    account.deliver(&mail("1", "The lamp flickers", "", "text"));
    account.deliver(&mail("2", "Opening hours", "", "text"));
    let mailbox = docket.api.password_mailbox(servers, &account).await;
    assert_eq!(docket.api.poll(&mailbox).await["created"], 2);
    let messages = format!("/messages?mailbox_id={mailbox}");
    let before = docket.api.list(&messages).await;
    let state = docket.api.get(&format!("/mailboxes/{mailbox}")).await["state"].clone();

    let (integration, _) = docket.api.integration(servers).await;
    let auth = json!({ "method": "oauth2", "integration_id": integration });
    let changed = patch(&docket, &mailbox, json!({ "auth": auth })).await;
    assert_eq!(changed["id"], mailbox.as_str());
    assert_eq!(changed["state"]["status"], "needs_consent");
    // What comes meanwhile waits on the server.
    let answers = "In-Reply-To: <1@customer.example>\r\n";
    account.deliver(&mail("3", "Re: The lamp flickers", answers, "Now it is dark."));
    consent(&docket, servers, &integration, &mailbox, &account).await;

    let report = docket.api.poll(&mailbox).await;
    assert_eq!((&report["fetched"], &report["commented"]), (&json!(1), &json!(1)), "{report}");
    let after = docket.api.get(&format!("/mailboxes/{mailbox}")).await;
    assert_eq!(after["auth"]["username"], account.address.as_str());
    assert_eq!(after["state"]["uid_validity"], state["uid_validity"]);
    assert_eq!(after["state"]["last_uid"], 3);
    let now = docket.api.list(&messages).await;
    assert!(now.len() == 3 && before.iter().all(|message| now.contains(message)), "the history stays");
    assert_eq!(docket.api.issues().await.len(), 2);
    assert_eq!(docket.api.poll(&mailbox).await["fetched"], 0);
}

#[tokio::test]
async fn row_22_a_mailbox_changes_over_at_once_where_its_account_has_signed_in_already() {
    let servers = Servers::get().await;
    let docket = Maildocket::start(servers).await;
    let account = servers.dovecot.account();
    account.deliver(&mail("1", "One", "", "text"));
    let mailbox = docket.api.password_mailbox(servers, &account).await;
    docket.api.poll(&mailbox).await;
    let (integration, _) = docket.api.integration(servers).await;
    let mut browser = Browser::new(&servers.identity.ca_pem);
    let person = Person::Agrees(&account.address);
    let (attempt, _) = docket.api.consent(&mut browser, &integration, json!({}), person).await;
    let auth = json!({ "method": "oauth2", "grant_id": attempt["grant_id"] });
    let changed = patch(&docket, &mailbox, json!({ "auth": auth })).await;
    assert_eq!(changed["auth"]["username"], account.address.as_str());
    account.deliver(&mail("2", "Two", "", "text"));
    let report = docket.api.poll(&mailbox).await;
    assert_eq!((&report["fetched"], &report["created"]), (&json!(1), &json!(1)), "{report}");
}

#[tokio::test]
async fn row_22_another_account_is_another_mailbox_and_chosen_by_an_administrator_only() {
    let servers = Servers::get().await;
    let docket = Maildocket::start(servers).await;
    let (account, other) = (servers.dovecot.account(), servers.dovecot.account());
    account.deliver(&mail("1", "One", "", "text"));
    account.deliver(&mail("2", "Two", "", "text"));
    other.deliver(&mail("3", "Three", "", "text"));
    let mailbox = docket.api.password_mailbox(servers, &account).await;
    assert_eq!(docket.api.poll(&mailbox).await["created"], 2);
    let (integration, _) = docket.api.integration(servers).await;
    let auth = json!({ "method": "oauth2", "integration_id": integration });
    patch(&docket, &mailbox, json!({ "auth": auth })).await;
    let mut browser = Browser::new(&servers.identity.ca_pem);
    let person = Person::Agrees(&other.address);
    let input = json!({ "mailbox_id": mailbox });
    let (refused, page) = docket.api.consent(&mut browser, &integration, input, person).await;
    assert_eq!(refused["error"]["code"], "wrong_account", "{refused}");
    assert!(page.text.contains(&account.address) && page.text.contains(&other.address), "both are named");
    assert_eq!(status(&docket, &mailbox).await, "needs_consent");
    assert_eq!(docket.api.issues().await.len(), 2, "nothing was read");

    let (attempt, _) = docket.api.consent(&mut browser, &integration, json!({}), person).await;
    let auth = json!({ "method": "oauth2", "grant_id": attempt["grant_id"] });
    patch(&docket, &mailbox, json!({ "auth": auth })).await;
    // Its numbers say nothing about those of the first one.
    let report = docket.api.poll(&mailbox).await;
    assert_eq!(report["created"], 1, "{report}");
    let shown = docket.api.get(&format!("/mailboxes/{mailbox}")).await;
    assert_eq!(shown["auth"]["username"], other.address.as_str());
    assert_eq!(shown["state"]["last_uid"], 1);
    assert_eq!(docket.api.issues().await.len(), 3);
}

#[tokio::test]
async fn row_22_a_stored_password_never_goes_to_another_host() {
    let servers = Servers::get().await;
    let docket = Maildocket::start(servers).await;
    let account = servers.dovecot.account();
    let mailbox = docket.api.password_mailbox(servers, &account).await;
    let path = format!("/mailboxes/{mailbox}");
    for change in [json!({ "host": "127.0.0.1" }), json!({ "port": servers.dovecot.imap, "tls": "starttls" })]
    {
        let (status, problem) = docket.api.attempt(Method::PATCH, &path, Some(change.clone())).await;
        assert_eq!((status.as_u16(), &problem["code"]), (422, &json!("password_required")), "{problem}");
        let mut with_password = change;
        with_password["auth"] = json!({ "method": "password", "password": PASSWORD });
        patch(&docket, &mailbox, with_password).await;
    }
    // Going over to OAuth at the same time needs none: no password goes anywhere.
    let (integration, _) = docket.api.integration(servers).await;
    let auth = json!({ "method": "oauth2", "integration_id": integration });
    let changed = patch(
        &docket,
        &mailbox,
        json!({ "host": "localhost", "port": servers.dovecot.imaps, "tls": "implicit", "auth": auth }),
    )
    .await;
    assert_eq!(changed["state"]["status"], "needs_consent");
}
