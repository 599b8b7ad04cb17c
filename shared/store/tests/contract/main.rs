//! The contract of the store port, over the embedded database in peace and under every fault mode.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test ends where something is not as it must be")]

mod again;
mod commits;
mod configured;
mod errands;
mod lists;
mod mails;
mod runs;
mod samples;

use std::{sync::Arc, time::Duration};

use embedded::{Embedded, Fault, Faults, Operation};
use intake::{
    Timestamp,
    ports::{Change, Lease, LeaseOutcome, LeaseTarget, Rejection, Store, StoreError, Write},
    types::PageRequest,
};
use store::{DynamoStore, ensure_table};

/// Every case runs in each of these.
fn modes() -> Vec<(&'static str, Faults)> {
    let conflicts =
        (0..60).fold(Faults::new(), |f, n| f.fail(Operation::TransactWriteItems, 1 + 3 * n, Fault::Conflict));
    let lost = (0..60)
        .fold(Faults::new(), |f, n| f.fail(Operation::TransactWriteItems, 2 + 3 * n, Fault::AnswerLost));
    vec![
        ("peace", Faults::new()),
        ("conflicts", conflicts),
        ("lost answers", lost),
        ("anything", Faults::new().random(7, 150)),
        ("anything else", Faults::new().random(99, 150)),
    ]
}

async fn store(faults: Faults) -> (Embedded, Arc<dyn Store>) {
    let embedded = Embedded::in_memory().unwrap();
    ensure_table(&embedded.client(), "maildocket").await.unwrap();
    let client = embedded.client_with_faults(Arc::new(faults));
    (
        embedded,
        Arc::new(DynamoStore::new(
            client,
            "maildocket",
            Arc::new(machine::SystemEntropy),
            Arc::new(machine::SystemClock),
        )),
    )
}

macro_rules! cases {
    ($($theme:ident: $($name:ident)*;)*) => {$($(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            for (mode, faults) in modes() {
                let (_embedded, store) = store(faults).await;
                println!("mode: {mode}");
                $theme::$name(store).await;
            }
        }
    )*)*};
}

cases! {
    configured:
        names_are_unique_under_concurrency
        a_changed_version_is_refused
        what_is_used_cannot_be_deleted
        a_project_goes_when_nothing_is_tied_to_it
        renaming_frees_the_old_name
        tokens_are_found_by_hash_and_end
        an_attempt_that_failed_may_be_done_and_stays_so;
    runs:
        a_mailbox_and_its_run_are_read_together
        one_of_many_gets_the_lease_and_the_fence_rises
        a_lost_lease_cannot_write
        due_grants_come_most_urgent_first;
    mails:
        marks_and_threads_name_who_was_first
        mails_are_tallied_by_the_hour
        a_batch_is_folded_and_counted
        numbers_are_unique
        the_awaited_issue_is_the_first
        a_purge_leaves_nothing;
    again:
        a_comment_is_replaced_where_it_is
        files_come_and_go_and_are_counted_once
        an_issue_is_replaced_and_counted_in_one_commit;
    commits:
        a_repeated_commit_is_the_same_commit
        too_large_a_commit_is_refused
        an_idempotency_key_remembers
        an_opening_is_taken_once_and_in_time;
    errands:
        errands_are_noted_begun_and_taken_back
        without_its_lease_an_errand_is_left_alone
        why_errands_wait_is_told_until_it_is_mended
        a_purge_takes_errands_along;
    lists:
        lists_come_in_pages
        what_was_written_last_is_told
        the_audit_is_found_by_what_it_tells
        an_audit_entry_stays_as_it_is
        sessions_are_listed_used_and_ended;
}

fn rejected(result: Result<(), StoreError>) -> Vec<Rejection> {
    match result {
        Err(StoreError::Rejected(rejections)) => rejections,
        other => panic!("{other:?}"),
    }
}

/// Takes a lease, also where a first answer was lost.
async fn take(store: &dyn Store, target: LeaseTarget, now: Timestamp) -> Lease {
    for n in 0..20 {
        let now = now.checked_add(Duration::from_secs(120 * n)).unwrap();
        if let Ok(LeaseOutcome::Taken(lease)) = store.take_lease(target, now, Duration::from_secs(60)).await {
            return lease;
        }
    }
    panic!("no lease in twenty tries");
}

/// A mailbox that was written in format 1, as a map of attributes, before there were handlers, sender policies and
/// limits.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mailbox_of_an_older_version_has_the_defaults() {
    use aws_sdk_dynamodb::types::AttributeValue::{M, N, S};
    for (mode, faults) in modes() {
        println!("mode: {mode}");
        let (embedded, store) = store(faults).await;
        let mailbox = samples::create_mailbox(&*store, 1).await;
        let mut data = serde_json::to_value(&mailbox).unwrap();
        for newer in ["handlers", "sender_policy", "rate_limits", "after_import"] {
            data.as_object_mut().unwrap().remove(newer);
        }
        let update = embedded.client().update_item().table_name("maildocket");
        let update = update.key("pk", S(format!("MAILBOX#{}", mailbox.id))).key("sk", S("CONFIG".to_owned()));
        let update =
            update.expression_attribute_names("#data", "data").update_expression("SET #data = :data, v = :v");
        let M(data) = map_of(&data) else { panic!("{data}") };
        let update = update
            .expression_attribute_values(":data", M(data))
            .expression_attribute_values(":v", N("1".to_owned()));
        update.send().await.unwrap();
        assert_eq!(store.mailbox(mailbox.id).await.unwrap(), Some(mailbox.clone()));
        let run = embedded.client().update_item().table_name("maildocket");
        let run = run.key("pk", S(format!("MAILBOX#{}", mailbox.id))).key("sk", S("CONFIG#RUN".to_owned()));
        let run = run
            .expression_attribute_names("#status", "status")
            .update_expression("SET #status = :status, v = :v");
        let run = run
            .expression_attribute_values(":status", S("ok".to_owned()))
            .expression_attribute_values(":v", N("1".to_owned()));
        run.send().await.unwrap();
        let (read, run) = store.mailbox_and_run(mailbox.id).await.unwrap().unwrap();
        assert_eq!((&read, run.status), (&mailbox, intake::types::mailbox::MailboxStatus::Ok));
        assert_eq!(
            store.mailboxes(&PageRequest::first(9)).await.unwrap().items,
            std::slice::from_ref(&mailbox)
        );
        // The next change writes the present format.
        let mut changed = mailbox.clone();
        changed.version = mailbox.version.next();
        store
            .commit(&[Change::Mailbox(Write::Replace { new: changed.clone(), old: mailbox })])
            .await
            .unwrap();
        assert_eq!(store.mailbox(changed.id).await.unwrap(), Some(changed));
    }
}

/// JSON as format 1 wrote it.
fn map_of(value: &serde_json::Value) -> aws_sdk_dynamodb::types::AttributeValue {
    use aws_sdk_dynamodb::types::AttributeValue::{Bool, L, M, N, Null, S};
    match value {
        serde_json::Value::Null => Null(true),
        serde_json::Value::Bool(bool) => Bool(*bool),
        serde_json::Value::Number(number) => N(number.to_string()),
        serde_json::Value::String(text) => S(text.clone()),
        serde_json::Value::Array(list) => L(list.iter().map(map_of).collect()),
        serde_json::Value::Object(fields) => {
            M(fields.iter().map(|(name, value)| (name.clone(), map_of(value))).collect())
        }
    }
}
