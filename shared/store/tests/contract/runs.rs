//! Runs, schedules, leases and fences; grants that are due.

use std::{sync::Arc, time::Duration};

use futures::future::join_all;
use intake::{
    ports::{Change, CursorMove, LeaseOutcome, LeaseTarget, RunChange, Store, Why, Write},
    types::{
        PageRequest, Problem,
        grant::GrantStatus,
        mailbox::{Cursor, MailboxStatus},
        watch::Watch,
    },
};

use crate::{rejected, samples::*, take};

pub(crate) async fn a_mailbox_and_its_run_are_read_together(store: Arc<dyn Store>) {
    let mailbox = create_mailbox(&*store, 1).await;
    let (config, run) = store.mailbox_and_run(mailbox.id).await.unwrap().unwrap();
    assert_eq!((config, run.epoch, run.status), (mailbox.clone(), 1, MailboxStatus::New));
    let problem = Problem { code: "x".into(), message: "y".into(), action: "z".into(), ..Problem::default() };
    let change = RunChange {
        status: Some(MailboxStatus::Failing),
        last_error: Some(Some(problem.clone())),
        consecutive_failures: Some(3),
        throttled_until: Some(Some(at(8_000))),
        not_before: Some(at(9_000)),
        scheduled: Some(false),
        ..RunChange::of(mailbox.id)
    };
    store.commit(&[Change::Run(change)]).await.unwrap();
    let run = store.run(mailbox.id).await.unwrap().unwrap();
    assert_eq!((run.last_error, run.consecutive_failures), (Some(problem), 3));
    assert_eq!(run.throttled_until, Some(at(8_000)));
    let rows = store.schedule().await.unwrap();
    assert_eq!((rows.len(), rows[0].not_before, rows[0].enabled), (1, at(9_000), false));
    assert_eq!(rows[0].last_poll_at, Some(mailbox.created_at), "it waits from its creation on");
    let polled = RunChange {
        last_poll_at: Some(at(9_100)),
        rescanned_at: Some(at(9_200)),
        watch: Some(Box::new(Watch::new(at(9_300), 1))),
        ..RunChange::of(mailbox.id)
    };
    store.commit(&[Change::Run(polled)]).await.unwrap();
    let run = store.run(mailbox.id).await.unwrap().unwrap();
    assert_eq!((run.last_poll_at, run.rescanned_at), (Some(at(9_100)), Some(at(9_200))));
    assert_eq!(run.watch, Some(Watch::new(at(9_300), 1)));
    let rows = store.schedule().await.unwrap();
    assert_eq!((rows[0].last_poll_at, rows[0].not_before), (Some(at(9_100)), at(9_000)));
    let cleared =
        RunChange { last_error: Some(None), throttled_until: Some(None), ..RunChange::of(mailbox.id) };
    store.commit(&[Change::Run(cleared)]).await.unwrap();
    let run = store.run(mailbox.id).await.unwrap().unwrap();
    assert_eq!((run.last_error, run.throttled_until), (None, None));
}

pub(crate) async fn one_of_many_gets_the_lease_and_the_fence_rises(store: Arc<dyn Store>) {
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
    // Taken while the clock was a year ahead.
    store.release_lease(&next).await.unwrap();
    let ahead = take(&*store, target, at(365 * 24 * 3600)).await;
    assert!(take(&*store, target, at(63)).await.fence > ahead.fence);
}

pub(crate) async fn a_lost_lease_cannot_write(store: Arc<dyn Store>) {
    let mailbox = create_mailbox(&*store, 1).await;
    let target = LeaseTarget::Mailbox(mailbox.id);
    let first = take(&*store, target, at(0)).await;
    let cursor = |fence, next_uid| {
        let cursor = Cursor {
            uid_validity: 5,
            next_uid,
            import_below: 1,
            counted: None,
            maildrop: None,
            renewed: None,
        };
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
    let epoch = RunChange { fence: Some(second.fence), epoch: Some(2), ..RunChange::of(mailbox.id) };
    store.commit(&[Change::Run(epoch)]).await.unwrap();
    let run = store.run(mailbox.id).await.unwrap().unwrap();
    assert_eq!((run.epoch, run.cursor), (2, None));
}

pub(crate) async fn due_grants_come_most_urgent_first(store: Arc<dyn Store>) {
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
    (new.version, new.status, new.next_refresh_at) = (old.version.next(), GrantStatus::NeedsConsent, None);
    let lease = take(&*store, LeaseTarget::Grant(new.id), at(0)).await;
    store.commit(&[Change::Grant(Write::Replace { new: new.clone(), old })]).await.unwrap();
    assert!(store.renew_lease(&lease, at(100_000)).await.unwrap(), "a write of the record keeps its lease");
    assert_eq!(store.due_grants(at(100), 10).await.unwrap().len(), 1);
    // A clock that was a year ahead: no refresh is planned so far ahead.
    let mut ahead = grant(5, &integration);
    ahead.next_refresh_at = Some(at(365 * 24 * 3600));
    store.commit(&[Change::Grant(Write::Create(ahead.clone()))]).await.unwrap();
    assert_eq!(store.due_grants(at(100), 10).await.unwrap()[1..], [ahead.id]);
    assert_eq!(store.grants(Some(integration.id), &PageRequest::first(9)).await.unwrap().items.len(), 5);
}
