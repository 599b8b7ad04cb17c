//! What the functions decide by the installation's key: it is the same in each of them, and none decides without it.

use intake::Timestamp;
use serde_json::{Value, json};
use tests::{aws::PREFIX, lambda::Function, mails::mail};

use super::{Cloud, scheduled};

/// Lets the poller make its plan and poll what it names.
async fn polled(cloud: &Cloud, poller: &Function, mailbox: &str) {
    cloud.due(mailbox).await;
    poller.invoke(scheduled()).await.unwrap();
    let records = cloud.aws.take_messages().await;
    assert_eq!(records.len(), 1, "{}", poller.log());
    let answer = poller.invoke(json!({ "Records": records })).await.unwrap();
    assert_eq!(answer, json!({ "batchItemFailures": [] }), "{}", poller.log());
}

async fn fate(cloud: &Cloud, mailbox: &str, subject: &str) -> (String, String, Value) {
    let records = cloud.api.list(&format!("/messages?mailbox_id={mailbox}")).await;
    let record = records.iter().find(|record| record["subject"] == subject);
    let record = record.unwrap_or_else(|| panic!("no {subject} in {records:#?}"));
    let word = |name: &str| record[name].as_str().unwrap().to_owned();
    (word("state"), word("reason"), record["issue_key"].clone())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_poller_knows_answers_and_what_we_sent_ourselves() {
    let cloud = Cloud::start().await;
    let account = cloud.servers.dovecot.account();
    account.deliver(&mail("1", "The lamp flickers", "", "It began yesterday."));
    let (mailbox, _) = cloud.connected(&account.address).await;
    let poller = Function::start("poller", &cloud.environment).await;
    polled(&cloud, &poller, &mailbox).await;
    let issues = cloud.api.issues().await;
    let issue = cloud.api.get(&format!("/issues/{}", issues[0]["key"].as_str().unwrap())).await;
    let given =
        |name: &str| issue[name].as_str().unwrap_or_else(|| panic!("no {name} in {issue}")).to_owned();

    // By the address alone, then by the Message-ID alone; and one that says that we sent it.
    let to = format!("Delivered-To: {}\r\n", given("reply_address"));
    account.deliver(&mail("2", "An answer by its address", &to, "The first."));
    let parent = format!("In-Reply-To: <{}>\r\n", given("reply_message_id"));
    account.deliver(&mail("3", "An answer by its parent", &parent, "The second."));
    let ours = mail("4", "Sent by us", "", "The third.");
    let ours = String::from_utf8(ours).unwrap().replace("4@customer.example", &given("reply_message_id"));
    account.deliver(ours.as_bytes());
    polled(&cloud, &poller, &mailbox).await;

    let commented = ("applied".to_owned(), "commented".to_owned(), issue["key"].clone());
    assert_eq!(fate(&cloud, &mailbox, "An answer by its address").await, commented);
    assert_eq!(fate(&cloud, &mailbox, "An answer by its parent").await, commented);
    let (state, reason, _) = fate(&cloud, &mailbox, "Sent by us").await;
    assert_eq!((state.as_str(), reason.as_str()), ("held", "loop"));
    assert_eq!(cloud.api.issues().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_key_nothing_is_decided_and_the_call_fails_in_a_sentence() {
    let cloud = Cloud::start().await;
    let account = cloud.servers.dovecot.account();
    account.deliver(&mail("1", "The lamp flickers", "", "It began yesterday."));
    let (mailbox, _) = cloud.connected(&account.address).await;
    cloud.due(&mailbox).await;
    let secrets = cloud.aws.secrets_manager();
    let key = format!("{PREFIX}/key");
    let delete = secrets.delete_secret().secret_id(&key).force_delete_without_recovery(true);
    delete.send().await.unwrap();

    let poller = Function::start("poller", &cloud.environment).await;
    let refresher = Function::start("refresher", &cloud.environment).await;
    let hint =
        json!({ "mailbox_ids": [mailbox], "planned_at": Timestamp::now(), "rescan": false }).to_string();
    let hints = json!({ "Records": [{ "messageId": "one", "body": hint, "eventSource": "aws:sqs" }] });
    for (function, event) in [(&poller, scheduled()), (&poller, hints), (&refresher, scheduled())] {
        let error = function.invoke(event).await.unwrap_err();
        assert_eq!(error["errorType"], "installation_secret_missing", "{error}");
        let log = function.log();
        let line = log.lines().find(|line| line.contains("installation_secret_missing")).unwrap();
        let line: Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["level"], "ERROR", "{line}");
        assert!(line["detail"].as_str().unwrap().contains(&key), "{line}");
        assert!(line["action"].as_str().unwrap().contains("MAILDOCKET_SECRET_PREFIX"), "{line}");
    }
    assert!(cloud.aws.take_messages().await.is_empty());
    assert!(cloud.api.issues().await.is_empty());

    // A failure is not kept: the same processes go on once the secret is there.
    secrets.create_secret().name(&key).secret_string("another-key-of-the-tests").send().await.unwrap();
    assert_eq!(poller.invoke(scheduled()).await.unwrap(), json!({ "hints": 1 }));
    refresher.invoke(scheduled()).await.unwrap();
}
