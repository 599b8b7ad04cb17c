//! The whole road, as an administrator walks it: integration, consent, mailbox, mails, issues; over the program itself.

use intake::Timestamp;
use serde_json::json;
use tests::{Browser, Maildocket, Person, Servers, maildocket::id, mails::mail};

#[tokio::test]
async fn from_a_password_to_issues() {
    let servers = Servers::get().await;
    let docket = Maildocket::start(servers).await;
    let account = servers.dovecot.account();
    account.deliver(&mail("1", "The lamp flickers", "", "It began yesterday."));
    account.deliver(&mail(
        "2",
        "Re: The lamp flickers",
        "In-Reply-To: <1@customer.example>\r\n",
        "Now it is dark.",
    ));
    account.deliver(&mail("3", "Opening hours", "", "Are you open on Sundays?"));
    let mailbox = docket.api.password_mailbox(servers, &account).await;

    let report = docket.api.poll(&mailbox).await;
    assert_eq!(
        report,
        json!({"fetched": 3, "created": 2, "commented": 1, "skipped": 0, "held": 0, "failed": 0})
    );
    let issues = docket.api.issues().await;
    let summaries: Vec<_> = issues.iter().map(|issue| issue["summary"].as_str().unwrap()).collect();
    assert_eq!(summaries, ["Opening hours", "The lamp flickers"]);
    let comments = docket.api.list("/issues/SUP-1/comments").await;
    assert_eq!(comments[0]["body_text"], "Now it is dark.");
    let noted = Timestamp::now();
    assert_eq!(docket.api.poll(&mailbox).await["fetched"], 0);
    assert_eq!(account.flags(), Vec::<String>::new(), "a mail was touched");
    assert_eq!(docket.api.changed_since(&mailbox, noted).await, (Vec::new(), 0));
    account.deliver(&mail("4", "Re: The lamp", "In-Reply-To: <1@customer.example>\r\n", "And again."));
    docket.api.poll(&mailbox).await;
    assert_eq!(docket.api.changed_since(&mailbox, noted).await, (vec!["SUP-1".to_owned()], 1));
}

#[tokio::test]
async fn a_project_is_renamed_and_goes_while_it_is_empty() {
    let servers = Servers::get().await;
    let docket = Maildocket::start(servers).await;
    docket.api.a_project_comes_and_goes().await;
}

#[tokio::test]
async fn from_consent_to_issues() {
    let servers = Servers::get().await;
    let docket = Maildocket::start(servers).await;
    let account = servers.dovecot.account();
    account.deliver(&mail("1", "The lamp flickers", "", "It began yesterday."));
    let (integration, _) = docket.api.integration(servers).await;
    let mailbox = docket.api.oauth_mailbox(servers, &integration).await;
    let waiting = docket.api.get(&format!("/mailboxes/{mailbox}")).await;
    assert_eq!(waiting["state"]["status"], "needs_consent");

    let mut browser = Browser::new(&servers.identity.ca_pem);
    let person = Person::Agrees(&account.address);
    let (attempt, page) =
        docket.api.consent(&mut browser, &integration, json!({ "mailbox_id": mailbox }), person).await;
    assert_eq!(attempt["status"], "done", "{attempt} {page:?}");
    assert!(page.status.is_success() && page.url.query().is_none(), "{page:?}");

    let grant = docket.api.get(&format!("/grants/{}", attempt["grant_id"].as_str().unwrap())).await;
    assert_eq!(grant["account"], account.address.as_str());
    assert_eq!(grant["status"], "active");
    assert_eq!(docket.api.poll(&mailbox).await["created"], 1);
    let test = docket.api.post(&format!("/mailboxes/{mailbox}/test"), json!({})).await;
    assert_eq!(test["ok"], true, "{test}");
    assert_eq!(id(&docket.api.get(&format!("/mailboxes/{mailbox}")).await), mailbox);
}

#[tokio::test]
async fn mails_that_repeat_precede_or_share_an_id_are_told_apart() {
    let servers = Servers::get().await;
    let docket = Maildocket::start(servers).await;
    let account = servers.dovecot.account();
    let twice = mail("twice", "Sent twice", "", "The same text.");
    let answer = "In-Reply-To: <later@customer.example>\r\n";
    account.deliver(&twice);
    account.deliver(&mail("early", "Re: The parent", answer, "The answer came first."));
    account.deliver(&twice);
    account.deliver(&mail("shared", "One id", "", "One text."));
    account.deliver(&mail("shared", "One id", "", "Another text under the same id."));
    account.deliver(&mail("later", "The parent", "", "The parent came later."));
    let mailbox = docket.api.password_mailbox(servers, &account).await;

    let report = docket.api.poll(&mailbox).await;
    let wanted = json!({"fetched": 6, "created": 3, "commented": 2, "skipped": 1, "held": 0, "failed": 0});
    assert_eq!(report, wanted);
    let skipped = docket.api.list(&format!("/messages?mailbox_id={mailbox}&state=skipped")).await;
    assert_eq!(skipped[0]["reason"], "duplicate");
    let messages = docket.api.list(&format!("/messages?mailbox_id={mailbox}")).await;
    let first = messages.iter().find(|message| message["uid"] == 1).unwrap();
    assert!(skipped[0]["trace"].to_string().contains(first["id"].as_str().unwrap()), "{}", skipped[0]);
    let comments = docket.api.list("/issues/SUP-2/comments").await;
    assert_eq!(comments[0]["body_text"], "The parent came later.");
    let comments = docket.api.list("/issues/SUP-3/comments").await;
    assert_eq!(comments[0]["body_text"], "Another text under the same id.");
}

#[tokio::test]
async fn a_renumbered_mailbox_is_not_imported_again_and_new_mail_is() {
    let servers = Servers::get().await;
    let docket = Maildocket::start(servers).await;
    let account = servers.dovecot.account();
    for number in 0..50 {
        account.deliver(&mail(&number.to_string(), &format!("Mail {number}"), "", "text"));
    }
    let mailbox = docket.api.password_mailbox(servers, &account).await;
    assert_eq!(docket.api.poll(&mailbox).await["created"], 50);
    account.renumber(1_234_567);
    account.deliver(&mail("new", "A new one", "", "text"));
    let report = docket.api.poll(&mailbox).await;
    assert_eq!((&report["created"], &report["fetched"]), (&json!(1), &json!(1)), "{report}");
    let state = docket.api.get(&format!("/mailboxes/{mailbox}")).await["state"].clone();
    assert_eq!((&state["uid_validity"], &state["last_uid"]), (&json!(1_234_567), &json!(51)), "{state}");
    assert_eq!(docket.api.issues().await.len(), 51);
    assert_eq!(docket.api.poll(&mailbox).await["fetched"], 0);
}

#[tokio::test]
async fn a_process_that_is_asked_to_end_goes_on_where_it_was() {
    let servers = Servers::get().await;
    let mut docket = Maildocket::start(servers).await;
    let account = servers.dovecot.account();
    account.deliver(&mail("1", "Before", "", "text"));
    let mailbox = docket.api.password_mailbox(servers, &account).await;
    docket.api.poll(&mailbox).await;
    docket.stop();
    account.deliver(&mail("2", "After", "", "text"));
    docket.start_again().await;
    assert_eq!(docket.api.poll(&mailbox).await["created"], 1);
    assert_eq!(docket.api.issues().await.len(), 2);
}
