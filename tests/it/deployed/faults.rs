//! What goes wrong on the way between functions and AWS: each mail still becomes one issue, exactly once.

use std::time::Duration;

use futures::future::join_all;
use serde_json::json;
use tests::{
    deployed::{Fault, How},
    mails::mail,
    process::within,
};

use super::scene::{Desk, shared};

/// Mails of each row.
const MAILS: usize = 3;
/// A lease that nobody gives back ends after 90 s; then the queue must bring a hint, and the poller may fail once more.
const LONGEST: Duration = Duration::from_secs(240);
/// The plan asks each minute; hints of ours do not wait for it.
const PAUSE: Duration = Duration::from_secs(4);

/// Which calls about a mailbox are disturbed how, and how many at most. The SDK tries each three times.
const ROWS: [(&str, How, u32); 12] = [
    ("TransactWriteItems", How::Refused("ThrottlingException"), 2),
    ("TransactWriteItems", How::Refused("ThrottlingException"), 12),
    ("TransactWriteItems", How::Refused("TransactionCanceledException"), 5),
    ("TransactWriteItems", How::AnswerLost, 1),
    ("TransactWriteItems", How::AnswerLost, 7),
    ("UpdateItem", How::Refused("ProvisionedThroughputExceededException"), 7),
    ("UpdateItem", How::AnswerLost, 1),
    ("BatchGetItem", How::Refused("ThrottlingException"), 7),
    ("GetSecretValue", How::Refused("ThrottlingException"), 7),
    ("GetSecretValue", How::AnswerLost, 4),
    ("PUT", How::AnswerLost, 2),
    ("PUT", How::Refused("SlowDown"), 5),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn throttling_conflicts_and_lost_answers_cost_no_mail_and_double_none() {
    let stack = shared().await;
    let desks = join_all(PROJECTS.map(|project| Desk::new(stack, project))).await;
    join_all(desks.iter().zip(ROWS).map(|(desk, row)| disturbed(desk, row))).await;
}

const PROJECTS: [&str; ROWS.len()] = ["FA", "FB", "FC", "FD", "FE", "FF", "FG", "FH", "FI", "FJ", "FK", "FL"];

async fn disturbed(desk: &Desk<'_>, (operation, how, times): (&'static str, How, u32)) {
    let project = desk.project;
    for n in 0..MAILS {
        desk.account.deliver(&mail(&format!("{project}-{n}"), &format!("Mail {n}"), "", "text"));
    }
    let mailbox = desk.password_mailbox().await;
    let front = &desk.stack.cloud.front;
    // The bucket is told of the mail alone.
    let about = if operation == "PUT" { format!("{project}-0@customer") } else { mailbox.clone() };
    front.disturb(Fault { operation, about: about.clone(), times, how });
    exactly_once(desk, &mailbox, MAILS, &format!("{operation} {how:?} {times}")).await;
    assert!(front.left(&about) < times, "{operation} {how:?}: it did not happen");
    front.calm(&about);
}

/// Hints until all mails are decided on; then each is one issue.
pub(super) async fn exactly_once(desk: &Desk<'_>, mailbox: &str, mails: usize, what: &str) {
    within(LONGEST, PAUSE, &format!("{mails} mails in spite of {what}"), async || {
        desk.stack.hint(mailbox).await;
        let records = desk.records(mailbox).await;
        (records.iter().filter(|record| record["state"] == "applied").count() >= mails).then_some(())
    })
    .await;
    let wanted: Vec<_> = (0..mails).map(|n| format!("Mail {n}")).collect();
    assert_eq!(desk.summaries().await, wanted, "{what}");
    let records = desk.records(mailbox).await;
    assert_eq!(records.len(), mails, "{what}: {records:#?}");
    assert!(records.iter().all(|record| record["reason"] == "created"), "{what}: {records:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_the_queue_brings_many_times_is_one_poll_s_work() {
    let desk = Desk::new(shared().await, "TWICE").await;
    for n in 0..MAILS {
        desk.account.deliver(&mail(&format!("twice-{n}"), &format!("Mail {n}"), "", "text"));
    }
    let mailbox = desk.password_mailbox().await;
    // The same message, word for word, in more calls of the poller than one.
    let hint = json!({ "mailbox_ids": [mailbox], "planned_at": intake::Timestamp::now(), "rescan": false });
    let hint = hint.to_string();
    join_all((0..35).map(|_| desk.stack.put(&hint))).await;
    exactly_once(&desk, &mailbox, MAILS, "35 hints").await;
}
