//! The contract of the store port, over the embedded database in peace and under every fault mode.
#![allow(clippy::unwrap_used, missing_docs)]

mod samples;

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use embedded::{Embedded, Fault, Faults, Operation};
use futures::future::join_all;
use intake::{
    ports::{
        Change, CursorMove, IssueFilter, IssueTouch, LeaseOutcome, LeaseTarget, Lookup, MessageFilter,
        Rejection, Remembered, RunChange, Store, StoreError, ThreadKey, Why, Write,
    },
    types::{
        PageRequest, Problem,
        grant::GrantStatus,
        mailbox::{Cursor, MailboxStatus},
        message::{MessageState, SeenMarker, SeenScope},
    },
};
use samples::{at, *};
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
    (embedded, Arc::new(DynamoStore::new(client, "maildocket")))
}

macro_rules! cases {
    ($($name:ident)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            for (mode, faults) in modes() {
                let (_embedded, store) = store(faults).await;
                println!("mode: {mode}");
                case::$name(store).await;
            }
        }
    )*};
}

cases! {
    names_are_unique_under_concurrency
    a_changed_version_is_refused
    what_is_used_cannot_be_deleted
    renaming_frees_the_old_name
    a_mailbox_and_its_run_are_read_together
    one_of_many_gets_the_lease_and_the_fence_rises
    a_lost_lease_cannot_write
    marks_and_threads_name_who_was_first
    a_batch_is_folded_and_counted
    an_opening_is_taken_once_and_in_time
    numbers_are_unique
    lists_come_in_pages
    a_repeated_commit_is_the_same_commit
    the_awaited_issue_is_the_first
    an_idempotency_key_remembers
    due_grants_come_most_urgent_first
    a_purge_leaves_nothing
    too_large_a_commit_is_refused
    tokens_are_found_by_hash_and_end
}

fn rejected(result: Result<(), StoreError>) -> Vec<Rejection> {
    match result {
        Err(StoreError::Rejected(rejections)) => rejections,
        other => panic!("{other:?}"),
    }
}

mod case {
    use super::*;

    pub(super) async fn names_are_unique_under_concurrency(store: Arc<dyn Store>) {
        let creations = (0..50).map(|n| {
            let store = store.clone();
            let name = if n % 2 == 0 { "Google" } else { "ＧＯＯＧＬＥ" };
            let change = Change::Integration(Write::Create(integration(n, name)));
            tokio::spawn(async move { store.commit(&[change]).await })
        });
        let results: Vec<_> = join_all(creations).await.into_iter().map(Result::unwrap).collect();
        assert_eq!(results.iter().filter(|r| r.is_ok()).count(), 1, "{results:?}");
        for result in results.into_iter().filter(Result::is_err) {
            assert_eq!(rejected(result)[0].why, Why::NameTaken);
        }
    }

    pub(super) async fn a_changed_version_is_refused(store: Arc<dyn Store>) {
        let old = integration(1, "A");
        store.commit(&[Change::Integration(Write::Create(old.clone()))]).await.unwrap();
        let mut new = old.clone();
        new.version = old.version.next();
        new.description = "first".to_owned();
        store
            .commit(&[Change::Integration(Write::Replace { new: new.clone(), old: old.clone() })])
            .await
            .unwrap();
        let mut other = new.clone();
        other.description = "second".to_owned();
        let refused = store.commit(&[Change::Integration(Write::Replace { new: other, old })]).await;
        assert_eq!(rejected(refused)[0].why, Why::Stale);
        assert_eq!(store.integration(new.id).await.unwrap(), Some(new));
    }

    pub(super) async fn what_is_used_cannot_be_deleted(store: Arc<dyn Store>) {
        let integration = integration(1, "A");
        let grant = grant(1, &integration);
        let mailbox = oauth_mailbox(1, "M", &integration, Some(&grant));
        let missing = store.commit(&[Change::Mailbox(Write::Create(mailbox.clone()))]).await;
        assert!(rejected(missing).iter().any(|r| matches!(r.why, Why::Missing(_))));
        let setup = [
            Change::Project(Write::Create(project("SUP"))),
            Change::Integration(Write::Create(integration.clone())),
            Change::Grant(Write::Create(grant.clone())),
            Change::Mailbox(Write::Create(mailbox.clone())),
        ];
        store.commit(&setup).await.unwrap();
        let delete_integration = [Change::Integration(Write::Delete { old: integration.clone() })];
        let delete_grant = [Change::Grant(Write::Delete { old: grant.clone() })];
        assert_eq!(rejected(store.commit(&delete_integration).await)[0].why, Why::InUse);
        assert_eq!(rejected(store.commit(&delete_grant).await)[0].why, Why::InUse);
        store.commit(&[Change::Mailbox(Write::Delete { old: mailbox.clone() })]).await.unwrap();
        store.commit(&delete_grant).await.unwrap();
        store.commit(&delete_integration).await.unwrap();
        assert_eq!(store.mailbox_and_run(mailbox.id).await.unwrap(), None);
        assert!(store.schedule().await.unwrap().is_empty());
    }

    pub(super) async fn renaming_frees_the_old_name(store: Arc<dyn Store>) {
        let old = integration(1, "A");
        store.commit(&[Change::Integration(Write::Create(old.clone()))]).await.unwrap();
        let mut new = super::integration(1, "B");
        new.version = old.version.next();
        store.commit(&[Change::Integration(Write::Replace { new: new.clone(), old })]).await.unwrap();
        store.commit(&[Change::Integration(Write::Create(super::integration(2, "a")))]).await.unwrap();
        let taken = store.commit(&[Change::Integration(Write::Create(super::integration(3, "b")))]).await;
        assert_eq!(rejected(taken)[0].why, Why::NameTaken);
    }

    pub(super) async fn a_mailbox_and_its_run_are_read_together(store: Arc<dyn Store>) {
        let mailbox = create_mailbox(&*store, 1).await;
        let (config, run) = store.mailbox_and_run(mailbox.id).await.unwrap().unwrap();
        assert_eq!((config, run.epoch, run.status), (mailbox.clone(), 1, MailboxStatus::New));
        let problem = Problem { code: "x".into(), message: "y".into(), action: "z".into() };
        let change = RunChange {
            mailbox_id: Some(mailbox.id),
            status: Some(MailboxStatus::Failing),
            last_error: Some(Some(problem.clone())),
            consecutive_failures: Some(3),
            not_before: Some(at(9_000)),
            scheduled: Some(false),
            ..RunChange::default()
        };
        store.commit(&[Change::Run(change)]).await.unwrap();
        let run = store.run(mailbox.id).await.unwrap().unwrap();
        assert_eq!((run.last_error, run.consecutive_failures), (Some(problem), 3));
        let rows = store.schedule().await.unwrap();
        assert_eq!((rows.len(), rows[0].not_before, rows[0].enabled), (1, at(9_000), false));
        let cleared =
            RunChange { mailbox_id: Some(mailbox.id), last_error: Some(None), ..RunChange::default() };
        store.commit(&[Change::Run(cleared)]).await.unwrap();
        assert_eq!(store.run(mailbox.id).await.unwrap().unwrap().last_error, None);
    }

    pub(super) async fn one_of_many_gets_the_lease_and_the_fence_rises(store: Arc<dyn Store>) {
        let mailbox = create_mailbox(&*store, 1).await;
        let target = LeaseTarget::Mailbox(mailbox.id);
        let takers = (0..20).map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.take_lease(target, at(0), Duration::from_secs(60)).await })
        });
        let taken: Vec<_> = join_all(takers).await.into_iter().map(Result::unwrap).collect();
        let ours: Vec<_> = taken
            .into_iter()
            .filter_map(|outcome| match outcome {
                Ok(LeaseOutcome::Taken(lease)) => Some(lease),
                _ => None,
            })
            .collect();
        // A lost answer leaves a lease that nobody knows of: never two, possibly none.
        assert!(ours.len() <= 1, "{ours:?}");
        let later = take(&*store, target, at(61)).await;
        assert!(later.after_crash && later.fence >= 2);
        store.release_lease(&later).await.unwrap();
        let next = take(&*store, target, at(62)).await;
        assert!(next.fence > later.fence);
    }

    /// Takes a lease, also where a first answer was lost.
    async fn take(store: &dyn Store, target: LeaseTarget, now: intake::Timestamp) -> intake::ports::Lease {
        for n in 0..20 {
            let now = now.checked_add(Duration::from_secs(120 * n)).unwrap();
            if let Ok(LeaseOutcome::Taken(lease)) =
                store.take_lease(target, now, Duration::from_secs(60)).await
            {
                return lease;
            }
        }
        panic!("no lease in twenty tries");
    }

    pub(super) async fn a_lost_lease_cannot_write(store: Arc<dyn Store>) {
        let mailbox = create_mailbox(&*store, 1).await;
        let target = LeaseTarget::Mailbox(mailbox.id);
        let first = take(&*store, target, at(0)).await;
        let cursor = |fence, next_uid| {
            let cursor = Cursor { uid_validity: 5, next_uid, import_below: 1 };
            Change::Cursor(CursorMove {
                mailbox_id: mailbox.id,
                fence,
                epoch: 1,
                cursor,
                oldest_unprocessed_at: Some(at(1)),
            })
        };
        store.commit(&[cursor(first.fence, 10)]).await.unwrap();
        let second = take(&*store, target, at(100_000)).await;
        assert_eq!(rejected(store.commit(&[cursor(first.fence, 11)]).await)[0].why, Why::FenceLost);
        assert!(!store.renew_lease(&first, at(200_000)).await.unwrap());
        store.release_lease(&first).await.unwrap();
        store.commit(&[cursor(second.fence, 12)]).await.unwrap();
        let run = store.run(mailbox.id).await.unwrap().unwrap();
        assert_eq!(
            (run.cursor.unwrap().next_uid, run.leased, run.oldest_unprocessed_at),
            (12, true, Some(at(1)))
        );
        let epoch = RunChange {
            mailbox_id: Some(mailbox.id),
            fence: Some(second.fence),
            epoch: Some(2),
            ..RunChange::default()
        };
        store.commit(&[Change::Run(epoch)]).await.unwrap();
        let run = store.run(mailbox.id).await.unwrap().unwrap();
        assert_eq!((run.epoch, run.cursor), (2, None));
    }

    pub(super) async fn marks_and_threads_name_who_was_first(store: Arc<dyn Store>) {
        let mailbox = create_mailbox(&*store, 1).await;
        let marker = SeenMarker { scope: SeenScope::Mailbox(mailbox.id), identity: "abc".to_owned() };
        let key =
            ThreadKey { project: mailbox.project.clone(), internet_message_id: "m1@example.com".to_owned() };
        let (one, two) = (message(&mailbox, 1), message(&mailbox, 2));
        let seen = |by| Change::Seen { marker: marker.clone(), by };
        let thread = |n| Change::Thread { key: key.clone(), issue: issue(n, &one).key };
        store.commit(&[record(&one), seen(one.id), thread(1)]).await.unwrap();
        let refused = rejected(store.commit(&[record(&two), seen(two.id), thread(2)]).await);
        assert_eq!(Rejection::of(&refused, 1), Some(&Why::Seen { by: one.id }));
        assert_eq!(Rejection::of(&refused, 2), Some(&Why::Threaded { issue: issue(1, &one).key }));
        assert_eq!(store.message(two.id).await.unwrap(), None);
        let wanted =
            Lookup { threads: vec![key.clone()], awaited: vec![key.clone()], seen: vec![marker.clone()] };
        let hits = store.lookup(&wanted).await.unwrap();
        assert_eq!(
            (hits.threads, hits.awaited.len(), hits.seen),
            (vec![(key, issue(1, &one).key)], 0, vec![(marker, one.id)])
        );
    }

    pub(super) async fn a_batch_is_folded_and_counted(store: Arc<dyn Store>) {
        let mailbox = create_mailbox(&*store, 1).await;
        let lease = take(&*store, LeaseTarget::Mailbox(mailbox.id), at(0)).await;
        let first = message(&mailbox, 1);
        let issue = issue(1, &first);
        let mut batch = vec![record(&first), Change::Issue(Box::new(Write::Create(issue.clone())))];
        for n in 2..6 {
            let answer = message(&mailbox, n);
            batch.push(record(&answer));
            batch.push(Change::Comment(Box::new(comment(&issue, &answer))));
            batch.push(Change::Attachment(attachment(&issue, &answer)));
            batch.push(Change::TouchIssue(IssueTouch {
                key: issue.key.clone(),
                comments: 1,
                attachments: 1,
                at: at(i64::from(n)),
            }));
        }
        let cursor = Cursor { uid_validity: 5, next_uid: 6, import_below: 1 };
        batch.push(Change::Cursor(CursorMove {
            mailbox_id: mailbox.id,
            fence: lease.fence,
            epoch: 1,
            cursor,
            oldest_unprocessed_at: None,
        }));
        let shown = RunChange {
            mailbox_id: Some(mailbox.id),
            status: Some(MailboxStatus::Ok),
            ..RunChange::default()
        };
        batch.push(Change::Run(shown));
        store.commit(&batch).await.unwrap();
        let read = store.issue(&issue.key).await.unwrap().unwrap();
        assert_eq!(
            (read.comment_count, read.attachment_count, read.updated_at, read.body),
            (4, 4, at(5), issue.body.clone())
        );
        let comments = store.comments(&issue.key, &PageRequest::first(50)).await.unwrap();
        assert_eq!(comments.items.len(), 4);
        assert!(comments.items.windows(2).all(|w| w[0].created_at < w[1].created_at));
        let files = store.attachments(&issue.key, &PageRequest::first(50)).await.unwrap().items;
        assert_eq!(files.len(), 4);
        assert_eq!(store.attachment(files[0].id).await.unwrap().as_ref(), Some(&files[0]));
        assert_eq!(store.run(mailbox.id).await.unwrap().unwrap().cursor, Some(cursor));
        let touch = IssueTouch { key: issue.key.clone(), comments: 1, attachments: 0, at: at(9) };
        store.commit(&[Change::TouchIssue(touch)]).await.unwrap();
        let listed =
            store.issues(&IssueFilter::Mailbox(mailbox.id), &PageRequest::first(5)).await.unwrap().items;
        assert!(listed[0].comment_count >= 5 && listed[0].body.text.is_empty());
    }

    pub(super) async fn an_opening_is_taken_once_and_in_time(store: Arc<dyn Store>) {
        let opening = opening("s1", at(600));
        store
            .commit(&[Change::Opening(opening.clone()), Change::Opening(super::opening("s2", at(600)))])
            .await
            .unwrap();
        let takers = (0..20).map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.take_opening("s1", at(1)).await })
        });
        let taken = join_all(takers).await.into_iter().filter_map(|r| r.unwrap().ok().flatten()).count();
        assert!(taken <= 1);
        assert_eq!(store.take_opening("s1", at(1)).await.unwrap(), None);
        assert_eq!(store.take_opening("s2", at(601)).await.unwrap(), None);
        assert_eq!(store.take_opening("unknown", at(1)).await.unwrap(), None);
    }

    pub(super) async fn numbers_are_unique(store: Arc<dyn Store>) {
        store.commit(&[Change::Project(Write::Create(project("SUP")))]).await.unwrap();
        let key = project("SUP").key;
        let blocks = (0..20).map(|_| {
            let (store, key) = (store.clone(), key.clone());
            tokio::spawn(async move { store.take_numbers(&key, 3).await })
        });
        let firsts: Vec<u64> = join_all(blocks).await.into_iter().filter_map(|r| r.unwrap().ok()).collect();
        let all: BTreeSet<u64> = firsts.iter().flat_map(|first| *first..first + 3).collect();
        assert_eq!(all.len(), firsts.len() * 3);
        assert!(firsts.iter().all(|first| *first >= 1));
        assert!(store.take_numbers(&project("NONE").key, 1).await.is_err());
    }

    pub(super) async fn lists_come_in_pages(store: Arc<dyn Store>) {
        for n in 0..7 {
            store
                .commit(&[Change::Integration(Write::Create(integration(n, &format!("I{n}"))))])
                .await
                .unwrap();
        }
        let mut request = PageRequest::first(3);
        let mut names = Vec::new();
        loop {
            let page = store.integrations(&request).await.unwrap();
            names.extend(page.items.iter().map(|i| i.name.to_string()));
            let Some(next) = page.next else { break };
            request.cursor = Some(next);
        }
        assert_eq!(names, ["I6", "I5", "I4", "I3", "I2", "I1", "I0"]);
        let foreign = PageRequest { limit: 3, cursor: request.cursor };
        assert_eq!(store.mailboxes(&foreign).await.unwrap_err().code, "invalid_cursor");
        for n in 0..5 {
            store.commit(&[Change::Audit(audit_entry(n))]).await.unwrap();
        }
        let first = store.audit(&PageRequest::first(3)).await.unwrap();
        let rest = store.audit(&PageRequest { limit: 3, cursor: first.next.clone() }).await.unwrap();
        let actions: Vec<_> = first.items.iter().chain(&rest.items).map(|e| e.action.clone()).collect();
        assert_eq!(actions, ["a4", "a3", "a2", "a1", "a0"]);
    }

    pub(super) async fn a_repeated_commit_is_the_same_commit(store: Arc<dyn Store>) {
        let mailbox = create_mailbox(&*store, 1).await;
        let first = message(&mailbox, 1);
        let batch = [record(&first), Change::Issue(Box::new(Write::Create(issue(1, &first))))];
        store.commit(&batch).await.unwrap();
        store.commit(&batch).await.unwrap();
        // The same record in another company is not the same commit: nothing of the rest is written.
        let second = message(&mailbox, 2);
        let other = [record(&first), record(&second)];
        assert_eq!(rejected(store.commit(&other).await)[0].why, Why::Exists);
        assert_eq!(store.message(second.id).await.unwrap(), None);
        let known = store.known(&[first.id, second.id]).await.unwrap();
        assert_eq!(known, std::slice::from_ref(&first));
        let mut failed = first.clone();
        failed.state = MessageState::Failed;
        let expect = |state| Change::Message { message: Box::new(failed.clone()), expected: Some(state) };
        assert_eq!(rejected(store.commit(&[expect(MessageState::Held)]).await)[0].why, Why::Exists);
        store.commit(&[expect(first.state)]).await.unwrap();
        let filter = MessageFilter { mailbox_id: mailbox.id, state: Some(MessageState::Failed) };
        assert_eq!(store.messages(&filter, &PageRequest::first(9)).await.unwrap().items, [failed]);
    }

    pub(super) async fn the_awaited_issue_is_the_first(store: Arc<dyn Store>) {
        let mailbox = create_mailbox(&*store, 1).await;
        let key = ThreadKey { project: mailbox.project.clone(), internet_message_id: "parent@x".to_owned() };
        let awaited = |n| Change::Awaited { key: key.clone(), issue: issue(n, &message(&mailbox, 1)).key };
        store.commit(&[awaited(1), awaited(2)]).await.unwrap();
        store.commit(&[awaited(3)]).await.unwrap();
        let hits = store.lookup(&Lookup { awaited: vec![key.clone()], ..Lookup::default() }).await.unwrap();
        assert_eq!(hits.awaited[0].1.number(), 1);
    }

    pub(super) async fn an_idempotency_key_remembers(store: Arc<dyn Store>) {
        let what = |object: &str| Remembered { request: "r".to_owned(), object: object.to_owned() };
        let change =
            |object| Change::Remember { key: "k".to_owned(), what: what(object), expires_at: at(100) };
        store.commit(&[change("int_1")]).await.unwrap();
        let refused =
            store.commit(&[change("int_2"), Change::Integration(Write::Create(integration(1, "A")))]).await;
        assert_eq!(rejected(refused)[0].why, Why::Remembered(what("int_1")));
        assert_eq!(store.remembered("k", at(1)).await.unwrap(), Some(what("int_1")));
        assert_eq!(store.remembered("k", at(100)).await.unwrap(), None);
    }

    pub(super) async fn due_grants_come_most_urgent_first(store: Arc<dyn Store>) {
        let integration = integration(1, "A");
        store.commit(&[Change::Integration(Write::Create(integration.clone()))]).await.unwrap();
        for (n, due) in [(1, Some(30)), (2, Some(10)), (3, Some(500)), (4, None)] {
            let mut grant = grant(n, &integration);
            grant.next_refresh_at = due.map(at);
            store.commit(&[Change::Grant(Write::Create(grant))]).await.unwrap();
        }
        let due = store.due_grants(at(100), 10).await.unwrap();
        assert_eq!(due, [grant(2, &integration).id, grant(1, &integration).id]);
        let old = store.grant(due[0]).await.unwrap().unwrap();
        let mut new = old.clone();
        (new.version, new.status, new.next_refresh_at) =
            (old.version.next(), GrantStatus::NeedsConsent, None);
        let lease = take(&*store, LeaseTarget::Grant(new.id), at(0)).await;
        store.commit(&[Change::Grant(Write::Replace { new: new.clone(), old })]).await.unwrap();
        assert!(
            store.renew_lease(&lease, at(100_000)).await.unwrap(),
            "a write of the record keeps its lease"
        );
        assert_eq!(store.due_grants(at(100), 10).await.unwrap().len(), 1);
        assert_eq!(store.grants(Some(integration.id), &PageRequest::first(9)).await.unwrap().items.len(), 4);
    }

    pub(super) async fn a_purge_leaves_nothing(store: Arc<dyn Store>) {
        let mailbox = create_mailbox(&*store, 1).await;
        for n in 1..6 {
            let one = message(&mailbox, n);
            let marker = SeenMarker { scope: SeenScope::Mailbox(mailbox.id), identity: format!("i{n}") };
            store.commit(&[Change::Seen { marker, by: one.id }, record(&one)]).await.unwrap();
        }
        let mut gone = 0;
        loop {
            let some = store.purge_messages(mailbox.id, 2).await.unwrap();
            if some.is_empty() {
                break;
            }
            gone += some.len();
        }
        assert_eq!(gone, 5);
        let marker = SeenMarker { scope: SeenScope::Mailbox(mailbox.id), identity: "i1".to_owned() };
        assert!(
            store.lookup(&Lookup { seen: vec![marker], ..Lookup::default() }).await.unwrap().seen.is_empty()
        );
    }

    pub(super) async fn too_large_a_commit_is_refused(store: Arc<dyn Store>) {
        let mailbox = create_mailbox(&*store, 1).await;
        let many: Vec<Change> = (1..90).map(|n| record(&message(&mailbox, n))).collect();
        let Err(StoreError::Fault(error)) = store.commit(&many).await else { panic!("it was taken") };
        assert_eq!(error.code, "commit_too_large");
    }

    pub(super) async fn tokens_are_found_by_hash_and_end(store: Arc<dyn Store>) {
        let token = token("ci", "hash1");
        store.commit(&[Change::Token(Write::Create(token.clone()))]).await.unwrap();
        let taken = store.commit(&[Change::Token(Write::Create(super::token("CI", "hash2")))]).await;
        assert_eq!(rejected(taken)[0].why, Why::NameTaken);
        store.token_used(token.id, "hash1", at(5)).await.unwrap();
        assert_eq!(store.token("hash1").await.unwrap().unwrap().last_used_at, Some(at(5)));
        assert_eq!(store.token("hash2").await.unwrap(), None);
        store.commit(&[Change::Token(Write::Delete { old: token })]).await.unwrap();
        assert_eq!(store.token("hash1").await.unwrap(), None);
        store.token_used(super::token("ci", "x").id, "hash1", at(6)).await.unwrap();
        assert_eq!(store.token("hash1").await.unwrap(), None);
    }
}

#[tokio::test]
async fn lists_may_lag_and_decisions_do_not() {
    let (_embedded, store) = store(Faults::new().stale_indexes(50)).await;
    let integration = integration(1, "A");
    store.commit(&[Change::Integration(Write::Create(integration.clone()))]).await.unwrap();
    assert!(store.integrations(&PageRequest::first(9)).await.unwrap().items.is_empty());
    assert_eq!(store.integration(integration.id).await.unwrap(), Some(integration));
    let taken = store.commit(&[Change::Integration(Write::Create(samples::integration(2, "a")))]).await;
    assert_eq!(rejected(taken)[0].why, Why::NameTaken);
}
