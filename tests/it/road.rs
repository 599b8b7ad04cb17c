//! The whole road, as an administrator walks it: integration, consent, mailbox, mails, issues; over the program itself.

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
    assert_eq!(docket.api.poll(&mailbox).await["fetched"], 0);
    assert_eq!(account.flags(), Vec::<String>::new(), "a mail was touched");
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
