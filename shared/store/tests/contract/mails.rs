//! What mails become: records, marks, threads, numbers; and that nothing is left of a purge.

use std::{collections::BTreeSet, sync::Arc};

use futures::future::join_all;
use intake::{
    ports::{
        Change, CursorMove, IssueFilter, IssueTouch, LeaseTarget, Lookup, Rejection, RunChange, Store,
        ThreadKey, Threaded, Why, Write,
    },
    types::{
        PageRequest,
        ids::MailboxId,
        mailbox::{Cursor, MailboxStatus},
        message::{SeenMarker, SeenScope},
        tally::{self, Counts},
    },
};

use crate::{rejected, samples::*, take};

pub(crate) async fn marks_and_threads_name_who_was_first(store: Arc<dyn Store>) {
    let mailbox = create_mailbox(&*store, 1).await;
    let marker = SeenMarker { scope: SeenScope::Mailbox(mailbox.id), identity: "abc".to_owned() };
    let key =
        ThreadKey { project: mailbox.project.clone(), internet_message_id: "m1@example.com".to_owned() };
    let (one, two) = (message(&mailbox, 1), message(&mailbox, 2));
    let seen = |by| Change::Seen { marker: marker.clone(), by };
    let like = |n: u64| Some(n.to_string());
    let thread = |n| Change::Thread { key: key.clone(), issue: issue(n, &one).key, likeness: like(n) };
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
        (vec![(key, Threaded { issue: issue(1, &one).key, likeness: like(1) })], 0, vec![(marker, one.id)])
    );
}

pub(crate) async fn mails_are_tallied_by_the_hour(store: Arc<dyn Store>) {
    let mailbox = create_mailbox(&*store, 1).await;
    let other = MailboxId::from_parts(at(2), 2);
    let step = |mailbox, time: &str, n| {
        let mut step = tally::Step::new(mailbox, time.parse().unwrap());
        step.counts = Counts { mails: n + 1, issues: n, held: 1, ..Counts::default() };
        step.delays[9] = n;
        Change::Tally(Box::new(step))
    };
    let steps = [step(mailbox.id, "2026-11-30T07:59:59Z", 3), step(mailbox.id, "2026-11-30T08:00:00Z", 1)];
    store.commit(&steps).await.unwrap();
    store.commit(&[step(mailbox.id, "2026-11-30T07:00:00Z", 2)]).await.unwrap();
    store.commit(&[step(other, "2026-11-30T23:00:00Z", 5)]).await.unwrap();
    let days = store.tallies("2026-11-30".parse().unwrap()).await.unwrap();
    assert_eq!(days.len(), 2);
    let day = days.iter().find(|day| day.mailbox_id == mailbox.id).unwrap();
    let seven = Counts { mails: 7, issues: 5, held: 2, ..Counts::default() };
    assert_eq!((day.hours[7], day.hours[8].mails, day.hours[9]), (seven, 2, Counts::default()));
    assert_eq!((day.counts().mails, day.delays), (9, [0, 0, 0, 0, 0, 0, 0, 0, 0, 6]));
    assert_eq!(store.tallies("2026-12-01".parse().unwrap()).await.unwrap(), []);
}

pub(crate) async fn a_batch_is_folded_and_counted(store: Arc<dyn Store>) {
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
    let cursor = Cursor {
        uid_validity: 5,
        next_uid: 6,
        import_below: 1,
        counted: None,
        maildrop: None,
        renewed: None,
    };
    batch.push(Change::Cursor(CursorMove {
        mailbox_id: mailbox.id,
        fence: lease.fence,
        epoch: 1,
        cursor,
        oldest_unprocessed_at: None,
    }));
    let shown = RunChange { status: Some(MailboxStatus::Ok), ..RunChange::of(mailbox.id) };
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
    let listed = store.issues(&IssueFilter::Mailbox(mailbox.id), &PageRequest::first(5)).await.unwrap().items;
    assert!(listed[0].comment_count >= 5 && listed[0].body.text.is_empty());
    let filter = IssueFilter::Mailbox(mailbox.id);
    let whole = store.whole_issues(&filter, &PageRequest::first(5)).await.unwrap().items;
    assert_eq!(whole[0].body, store.issue(&whole[0].key).await.unwrap().unwrap().body);
    let there = u64::try_from(listed.len()).unwrap();
    assert_eq!(store.count_issues(&filter, 100).await.unwrap(), there);
    assert_eq!(store.count_issues(&filter, 1).await.unwrap(), 1);
}

pub(crate) async fn numbers_are_unique(store: Arc<dyn Store>) {
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

pub(crate) async fn the_awaited_issue_is_the_first(store: Arc<dyn Store>) {
    let mailbox = create_mailbox(&*store, 1).await;
    let key = ThreadKey { project: mailbox.project.clone(), internet_message_id: "parent@x".to_owned() };
    let awaited = |n| Change::Awaited { key: key.clone(), issue: issue(n, &message(&mailbox, 1)).key };
    store.commit(&[awaited(1), awaited(2)]).await.unwrap();
    store.commit(&[awaited(3)]).await.unwrap();
    let hits = store.lookup(&Lookup { awaited: vec![key.clone()], ..Lookup::default() }).await.unwrap();
    assert_eq!(hits.awaited[0].1.number(), 1);
}

pub(crate) async fn a_purge_leaves_nothing(store: Arc<dyn Store>) {
    let mailbox = create_mailbox(&*store, 1).await;
    for n in 1..6 {
        let one = message(&mailbox, n);
        let marker = SeenMarker { scope: SeenScope::Mailbox(mailbox.id), identity: format!("i{n}") };
        store.commit(&[Change::Seen { marker, by: one.id }, record(&one)]).await.unwrap();
    }
    let ids: Vec<_> = (1..6).map(|n| message(&mailbox, n).id).collect();
    for some in ids.chunks(2) {
        store.purge_messages(mailbox.id, some).await.unwrap();
    }
    // What is gone already is no error.
    store.purge_messages(mailbox.id, &ids).await.unwrap();
    assert!(store.known(&ids).await.unwrap().is_empty());
    let marker = SeenMarker { scope: SeenScope::Mailbox(mailbox.id), identity: "i1".to_owned() };
    assert!(store.lookup(&Lookup { seen: vec![marker], ..Lookup::default() }).await.unwrap().seen.is_empty());
}
