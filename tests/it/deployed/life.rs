//! A stack's life: a function that is killed, messages that nobody understands, an update, and what a deletion leaves.

use aws_sdk_sqs::types::QueueAttributeName;
use intake::{
    Timestamp,
    ports::{Change, RunChange, Store},
};
use reqwest::Method;
use serde_json::json;
use store::DynamoStore;
use tests::{
    deployed::{Fault, How, Stack, scheduled},
    mails::mail,
};

use super::{
    faults::exactly_once,
    scene::{Desk, soon, text},
};

/// The poller's time, in seconds, where it is to be killed: it keeps 15 of them for its last batch, begins no poll with less
/// than 15, and waits for 30 for an answer of AWS.
const BRIEF: u32 = 35;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_a_killed_function_over_an_update_to_what_a_deletion_leaves() {
    let mut stack = Stack::deploy("maildocket-life", &[("Schedules", "DISABLED")]).await;
    a_plan_that_the_queue_does_not_take(&stack).await;
    a_function_killed_at_its_deadline(&stack).await;
    what_nobody_understands(&stack).await;
    let kept = an_update_loses_nothing(&mut stack).await;
    a_deletion_keeps_what_people_would_miss(stack, &kept).await;
}

async fn a_plan_that_the_queue_does_not_take(stack: &Stack) {
    let desk = Desk::new(stack, "PLAN").await;
    desk.account.deliver(&mail("plan-0", "Mail 0", "", "text"));
    let mailbox = desk.password_mailbox().await;
    due(stack, &mailbox).await;
    let front = &stack.cloud.front;
    let about = stack.outputs["QueueUrl"].clone();
    let refused = Fault {
        operation: "SendMessageBatch",
        about: about.clone(),
        times: 3,
        how: How::Refused("RequestThrottled"),
    };
    front.disturb(refused);
    let answer = stack.invoke("PollerFunction", &scheduled()).await;
    assert_eq!(answer["errorType"], "queue_unavailable", "{answer}");
    assert_eq!(front.left(&about), 0);
    let answer = stack.invoke("PollerFunction", &scheduled()).await;
    assert_eq!(answer, json!({ "hints": 1 }));
    let records = desk.decided(&mailbox, 1).await;
    assert_eq!(records[0]["reason"], "created");
}

/// As if the mailbox had waited for its turn.
async fn due(stack: &Stack, mailbox: &str) {
    let change =
        RunChange { not_before: Some(Timestamp::UNIX_EPOCH), ..RunChange::of(mailbox.parse().unwrap()) };
    let store = DynamoStore::new(
        stack.cloud.tables(),
        &stack.outputs["TableName"],
        std::sync::Arc::new(machine::SystemEntropy),
        std::sync::Arc::new(machine::SystemClock),
    );
    store.commit(&[Change::Run(change)]).await.unwrap();
}

async fn a_function_killed_at_its_deadline(stack: &Stack) {
    let desk = Desk::new(stack, "KILL").await;
    for n in 0..2 {
        desk.account.deliver(&mail(&format!("kill-{n}"), &format!("Mail {n}"), "", "text"));
    }
    let mailbox = desk.password_mailbox().await;
    stack.set_timeout("PollerFunction", BRIEF).await;
    let front = &stack.cloud.front;
    let held = |operation, times| {
        front.disturb(Fault { operation, about: mailbox.clone(), times, how: How::AnswerHeld });
    };
    // Carried out, but the function does not live to know it; nor can it give its lease back.
    held("TransactWriteItems", 1);
    stack.hint(&mailbox).await;
    soon("a commit", async || (front.left(&mailbox) == 0).then_some(())).await;
    held("TransactWriteItems", 100);
    held("UpdateItem", 100);
    soon("the end of the poller", async || {
        let killed = format!("Lambda {}: Task timed out", stack.resources["PollerFunction"]);
        stack.cloud.ministack.log().contains(&killed).then_some(())
    })
    .await;
    front.calm(&mailbox);
    stack.set_timeout("PollerFunction", 300).await;
    exactly_once(&desk, &mailbox, 2, "a killed poller").await;
}

async fn what_nobody_understands(stack: &Stack) {
    let queues = stack.cloud.queues();
    // Five tries of half an hour each are more than a test waits for.
    let briefly = queues.set_queue_attributes().queue_url(&stack.outputs["QueueUrl"]);
    briefly.attributes(QueueAttributeName::VisibilityTimeout, "2").send().await.unwrap();
    stack.put("not a hint").await;
    let dead = &stack.outputs["DeadLetterQueueUrl"];
    let found = soon("a dead letter", async || {
        let taken = queues.receive_message().queue_url(dead).send().await.unwrap();
        taken.messages.unwrap_or_default().into_iter().next()
    })
    .await;
    assert_eq!(found.body.as_deref(), Some("not a hint"));
}

/// What the stack had before it was deleted.
struct Kept {
    mailbox: String,
    raw: Vec<u8>,
    token: String,
}

async fn an_update_loses_nothing(stack: &mut Stack) -> Kept {
    let before = (stack.outputs.clone(), stack.resources.clone());
    let (mailbox, raw) = {
        let desk = Desk::new(stack, "LIFE").await;
        let raw = mail("life-0", "Mail 0", "", "text");
        desk.account.deliver(&raw);
        let mailbox = desk.password_mailbox().await;
        exactly_once(&desk, &mailbox, 1, "nothing").await;
        desk.account.deliver(&mail("life-1", "Mail 1", "", "text"));
        (mailbox, raw)
    };
    stack.with_new_code();
    stack.update(&[("Schedules", "ENABLED"), ("LogRetentionDays", "7")]).await;
    assert_eq!((&stack.outputs, &stack.resources), (&before.0, &before.1), "everything is what it was");
    let issues = async |stack: &Stack| stack.api.list("/issues?project=LIFE").await;
    assert!(!issues(stack).await.is_empty());
    // The schedule plans now; nobody else does.
    soon("the mail that came at the update", async || (issues(stack).await.len() == 2).then_some(())).await;
    let token = stack.secret("admin-token");
    let token = stack.cloud.secrets().get_secret_value().secret_id(token).send().await.unwrap();
    Kept { mailbox, raw, token: token.secret_string.unwrap() }
}

async fn a_deletion_keeps_what_people_would_miss(stack: Stack, kept: &Kept) {
    let records = stack.api.list(&format!("/messages?mailbox_id={}", kept.mailbox)).await;
    stack.delete().await;
    let (cloud, table) = (stack.cloud, &stack.outputs["TableName"]);
    let functions = stack.resources["PollerFunction"].clone();
    let (status, _) =
        cloud.signed.attempt("lambda", Method::GET, &format!("/2015-03-31/functions/{functions}"), "").await;
    assert_eq!(status.as_u16(), 404, "the functions are gone");
    let described = cloud.tables().describe_table().table_name(table).send().await.unwrap().table.unwrap();
    assert_eq!(described.deletion_protection_enabled, Some(true));
    for (name, value) in [("admin-token", Some(&kept.token)), ("key", None)] {
        let secret = cloud.secrets().get_secret_value().secret_id(stack.secret(name)).send().await.unwrap();
        assert!(value.is_none_or(|value| secret.secret_string.as_ref() == Some(value)), "{name}");
    }
    let password = cloud.secrets().list_secrets().send().await.unwrap().secret_list.unwrap_or_default();
    let passwords = stack.secret(&format!("mailbox/{}", kept.mailbox));
    assert!(password.iter().any(|secret| secret.name.as_deref().is_some_and(|n| n.starts_with(&passwords))));
    let bucket = format!("/{}", stack.outputs["BucketName"]);
    let listed = cloud.signed.ask("s3", Method::GET, &format!("{bucket}?list-type=2"), "").await;
    let keys: Vec<_> = listed.split("<Key>").skip(1).filter_map(|rest| rest.split("</Key>").next()).collect();
    assert!(keys.iter().any(|key| key.starts_with("raw/")), "{listed}");
    let mut found = false;
    for key in keys {
        let object = cloud.signed.ask("s3", Method::GET, &format!("{bucket}/{key}"), "").await;
        found |= object.as_bytes() == kept.raw;
    }
    assert!(found, "the raw mail is there, byte by byte");

    // And it can be used: another stack goes on with what was kept.
    let kept_data = [
        ("UseTable", table.as_str()),
        ("UseBucket", &stack.outputs["BucketName"]),
        ("UseSecretPrefix", "maildocket/maildocket-life"),
        ("Schedules", "DISABLED"),
    ];
    let again = Stack::deploy("maildocket-again", &kept_data).await;
    assert_eq!(&again.outputs["TableName"], table);
    assert_eq!(again.api.list("/issues?project=LIFE").await.len(), 2);
    let records_now = again.api.list(&format!("/messages?mailbox_id={}", kept.mailbox)).await;
    assert_eq!(records_now, records);
    assert!(text(&records_now[0], "id").starts_with("msg_"));
    // Its password is opened, and its server lets it in.
    let tested = again.api.post(&format!("/mailboxes/{}/test", kept.mailbox), json!({})).await;
    assert_eq!(tested["ok"], true, "{tested:#}");
}
