//! The whole road, in one installation.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::json;
use tests::{
    Browser, Person,
    mails::{mail, with_attachment},
};

use super::scene::{Desk, shared, soon, text};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_sign_in_is_by_the_token_in_secrets_manager() {
    let stack = shared().await;
    let base = &stack.outputs["BaseUrl"];
    assert_eq!(base, &stack.api.base);
    let token = stack.cloud.secrets().get_secret_value().secret_id(&stack.outputs["AdminTokenSecretArn"]);
    let token = token.send().await.unwrap().secret_string.unwrap();
    let mut browser = Browser::new(&stack.cloud.servers.identity.ca_pem);
    let page = browser.walk(base, Person::Cancels, None).await;
    assert!(page.text.contains("name=\"token\""), "{page:?}");
    let form = format!("{base}/sign-in");
    let page = browser.send(&form, &[("token", "not the token of the administrator")]).await;
    assert!(page.text.contains("This token is unknown"), "{page:?}");
    let page = browser.send(&form, &[("token", &token)]).await;
    assert!(page.status.is_success() && !page.text.contains("name=\"token\""), "{page:?}");
    assert!(page.text.contains("Sign out"), "{page:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_consent_over_schedule_plan_and_queue_to_issues() {
    let desk = Desk::new(shared().await, "ROAD").await;
    for n in 0..19 {
        desk.account.deliver(&mail(&format!("road-{n}"), &format!("Road {n:02}"), "", "It began yesterday."));
    }
    let large: Vec<u8> = (0..7_000_000_u32).map(|n| n.to_le_bytes()[n as usize % 3]).collect();
    desk.account.deliver(&with_attachment("road-large", "Road with a file", &large));
    let answer = "In-Reply-To: <road-0@customer.example>\r\n";
    desk.account.deliver(&mail("road-answer", "Re: Road 00", answer, "Now it is dark."));

    let api = &desk.stack.api;
    let (integration, _) = api.integration(desk.servers).await;
    let auth = json!({ "method": "oauth2", "integration_id": integration });
    let mailbox = desk.mailbox(desk.servers.dovecot.imaps, auth).await;
    let mut browser = Browser::new(&desk.servers.identity.ca_pem);
    let person = Person::Agrees(&desk.account.address);
    let (attempt, page) =
        api.consent(&mut browser, &integration, json!({ "mailbox_id": mailbox }), person).await;
    assert_eq!(attempt["status"], "done", "{attempt} {page:?}");

    // Nobody asks: the schedule plans, the queue calls the poller.
    let records = desk.decided(&mailbox, 21).await;
    assert_eq!(records.len(), 21);
    let mut wanted: Vec<_> = (0..19).map(|n| format!("Road {n:02}")).collect();
    wanted.push("Road with a file".to_owned());
    assert_eq!(desk.summaries().await, wanted);
    let issues = desk.issues().await;
    let key = |summary: &str| {
        let issue = issues.iter().find(|issue| issue["summary"] == summary);
        text(issue.unwrap(), "key").to_owned()
    };
    let comments = api.list(&format!("/issues/{}/comments", key("Road 00"))).await;
    assert_eq!(comments.len(), 1);
    assert_eq!(comments[0]["body_text"], "Now it is dark.");

    // Lambda answers with 6 MB at most: a link to the bucket, followed here as a browser does.
    let files = api.list(&format!("/issues/{}/attachments", key("Road with a file"))).await;
    let link = api.location(&format!("/attachments/{}", text(&files[0], "id"))).await;
    assert!(link.starts_with("https://") && link.contains("X-Amz-Signature="), "{link}");
    let fetched = api.fetch(&link).await;
    assert_eq!(digest(&SHA256, &fetched).as_ref(), digest(&SHA256, &large).as_ref());
    assert_eq!(desk.account.flags(), Vec::<String>::new(), "a mail was touched");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scheduled_refresh_is_a_new_version_in_secrets_manager() {
    let desk = Desk::new(shared().await, "FRESH").await;
    let api = &desk.stack.api;
    let (integration, client) = api.integration_named(desk.servers, "Refreshed by the schedule").await;
    // Due after 26 to 30 s, and no poll that would be earlier: no mailbox uses it.
    desk.servers.authority.configure(&client, 40, true).await;
    let mut browser = Browser::new(&desk.servers.identity.ca_pem);
    let person = Person::Agrees(&desk.account.address);
    let (attempt, page) = api.consent(&mut browser, &integration, json!({}), person).await;
    assert_eq!(attempt["status"], "done", "{attempt} {page:?}");
    let grant = text(&attempt, "grant_id").to_owned();
    let stages = async || {
        let secret = desk.stack.secret(&format!("grant/{grant}"));
        let told = desk.stack.cloud.secrets().describe_secret().secret_id(secret).send().await.unwrap();
        let by_stage = told.version_ids_to_stages.unwrap_or_default().into_iter();
        by_stage
            .flat_map(|(version, stages)| stages.into_iter().map(move |stage| (stage, version.clone())))
            .collect::<BTreeMap<_, _>>()
    };
    let first = stages().await["AWSCURRENT"].clone();
    let after = soon("a scheduled refresh", async || {
        let stages = stages().await;
        (stages["AWSCURRENT"] != first).then_some(stages)
    })
    .await;
    assert_eq!(after["AWSPREVIOUS"], first, "{after:?}");
    let shown = api.get(&format!("/grants/{grant}")).await;
    assert_eq!((&shown["status"], &shown["last_error"]), (&json!("active"), &json!(null)), "{shown}");
    assert!(shown["refreshed_at"].as_str() > shown["consented_at"].as_str(), "{shown}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_to_a_reply_token_is_a_comment_whoever_writes_it() {
    let desk = Desk::new(shared().await, "REPLY").await;
    desk.account.deliver(&mail("token-1", "The lamp flickers", "", "It began yesterday."));
    let mailbox = desk.password_mailbox().await;
    desk.stack.hint(&mailbox).await;
    let records = desk.decided(&mailbox, 1).await;
    let issue = desk.stack.api.get(&format!("/issues/{}", text(&records[0], "issue_key"))).await;
    let to = format!("Delivered-To: {}\r\n", text(&issue, "reply_address"));
    desk.account.deliver(&mail("token-2", "Another subject", &to, "By its address."));
    let by_id = format!("In-Reply-To: <{}>\r\n", text(&issue, "reply_message_id"));
    desk.account.deliver(&mail("token-3", "Another subject", &by_id, "By its Message-ID."));
    let ours = mail("token-4", "Ours", "", "We have sent this.");
    let ours = String::from_utf8(ours).unwrap();
    let ours = ours.replace("token-4@customer.example", text(&issue, "reply_message_id"));
    desk.account.deliver(ours.as_bytes());
    desk.stack.hint(&mailbox).await;
    let fates: Vec<_> = desk
        .decided(&mailbox, 4)
        .await
        .iter()
        .map(|record| [record["state"].clone(), record["reason"].clone(), record["issue_key"].clone()])
        .collect();
    let commented = [json!("applied"), json!("commented"), issue["key"].clone()];
    assert_eq!(fates[1..3], [commented.clone(), commented], "{fates:?}");
    assert_eq!(fates[3][..2], [json!("held"), json!("loop")], "{fates:?}");
}
