//! Mails that kill, processes that die, stores that are out, and two at once.

use std::{sync::mpsc, time::Duration};

use intake::{
    flows::poll::{PollReport, poll_now},
    types::message::{MessageState, Reason},
};
use tests::{Breaker, Call, Inside, Moment};

use super::{
    mails,
    scene::{Scene, let_lease_end},
};

/// How long a lease holds.
const LEASE: Duration = Duration::from_secs(90);
const FAILED: (MessageState, Reason) = (MessageState::Failed, Reason::Unprocessable);
/// After a crash, the first commit notes that the first mail is about to be parsed.
const NOTED: (Call, Moment) = (Call { name: "store.commit", nth: 1 }, Moment::After);

#[tokio::test]
async fn a_mail_that_panics_the_parser_fails_alone() {
    let mut scene = Scene::with_sixty().await;
    scene.deliver(mails::letter("poison-small", "Small", "Poison."));
    scene.deliver(mails::letter("poison-large", "Large", &"Poison and more of it.\r\n".repeat(100_000)));
    scene.deliver(mails::letter("after", "After", "The rest."));
    let mut inside = scene.template.copy().await;
    inside.app.parse.poison = Some("poison");
    scene.poll(&inside.app).await.unwrap();
    let ledger = scene.ledger(&inside).await;
    assert_eq!(ledger.messages.len(), mails::COUNT + 3);
    assert_eq!((ledger.fate(61), ledger.fate(62)), (FAILED, FAILED));
    assert_eq!(ledger.count(FAILED.0, FAILED.1), 2);
    assert_eq!(ledger.fate(63), (MessageState::Applied, Reason::Created));
}

#[tokio::test]
async fn a_mail_that_kills_the_process_fails_after_ten_attempts() {
    for size in [1, 100_000] {
        let mut scene = Scene::empty().await;
        scene.deliver(mails::letter("deadly", "Deadly", &"Read me and die.\r\n".repeat(size)));
        scene.deliver(mails::letter("after", "After", "The rest."));
        let inside = scene.template.copy().await;
        // The first process dies while it imports as usual, the others where they have noted their attempt.
        let first = (Call { name: "mail.list", nth: 1 }, Moment::After);
        for (call, moment) in std::iter::once(first).chain([NOTED; 10]) {
            let breaker = Breaker::at(call, moment);
            scene.poll(&breaker.process(&inside.app)).await.unwrap_err();
            assert!(breaker.has_failed());
            let_lease_end(&inside);
        }
        scene.poll(&inside.restarted()).await.unwrap();
        let ledger = scene.ledger(&inside).await;
        assert_eq!(ledger.fate(1), FAILED);
        assert_eq!(ledger.fate(2), (MessageState::Applied, Reason::Created));
        assert_eq!(ledger.messages.len(), 2);
    }
}

#[tokio::test]
async fn a_mail_that_killed_nine_times_is_imported_when_it_can_be() {
    let scene = Scene::with_letters(3).await;
    let inside = scene.template.copy().await;
    let first = (Call { name: "mail.list", nth: 1 }, Moment::After);
    for (call, moment) in std::iter::once(first).chain([NOTED; 9]) {
        scene.poll(&Breaker::at(call, moment).process(&inside.app)).await.unwrap_err();
        let_lease_end(&inside);
    }
    scene.poll(&inside.restarted()).await.unwrap();
    let ledger = scene.ledger(&inside).await;
    assert_eq!(ledger.count(MessageState::Applied, Reason::Created), 3);
}

/// One process dies; the next one is cut off again and again, but it lives and knows that no mail did it.
#[tokio::test]
async fn an_outage_never_makes_a_mail_fail() {
    let scene = Scene::with_letters(3).await;
    let whole = scene.ledger(&scene.imported().await).await;
    for name in ["store.commit", "store.lookup", "store.take_numbers", "blobs.flush", "mail.list"] {
        let inside = scene.template.copy().await;
        let dead = Breaker::at(Call { name: "mail.list", nth: 1 }, Moment::After);
        scene.poll(&dead.process(&inside.app)).await.unwrap_err();
        let breaker = Breaker::watching();
        let app = breaker.process(&inside.app);
        for _ in 0..6 {
            let_lease_end(&inside);
            breaker.mend(Some((Call { name, nth: 1 }, Moment::Before)));
            let error = scene.poll(&app).await.unwrap_err();
            assert!(error.is_temporary(), "{error}");
        }
        let_lease_end(&inside);
        breaker.mend(None);
        scene.poll(&app).await.unwrap();
        assert!(scene.ledger(&inside).await == whole, "{name}");
    }
}

/// Another process polls just before this call, for as long as there is something to do, and does not wait.
fn polls_at(
    breaker: &Breaker,
    call: Call,
    scene: &Scene,
    inside: &Inside,
) -> mpsc::Receiver<intake::Result<PollReport>> {
    polls_after(breaker, call, scene, inside, || {})
}

/// The same, after something else has happened.
fn polls_after(
    breaker: &Breaker,
    call: Call,
    scene: &Scene,
    inside: &Inside,
    happens: impl FnOnce() + Send + 'static,
) -> mpsc::Receiver<intake::Result<PollReport>> {
    let (app, mailbox) = (inside.restarted(), scene.mailbox);
    let (told, report) = mpsc::channel();
    breaker.meanwhile(call, move || {
        happens();
        let poll = async move { poll_now(&app, mailbox, Duration::ZERO).await };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        told.send(std::thread::spawn(move || runtime.block_on(poll)).join().unwrap()).unwrap();
    });
    report
}

/// A second poll comes when the first has been reading for longer than a lease holds.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_download_keeps_its_lease() {
    let mut scene = Scene::empty().await;
    scene.deliver(mails::letter("big", "Big", &"Four bytes or more.\r\n".repeat(250_000)));
    let inside = scene.template.copy().await;
    let breaker = Breaker::watching();
    for nth in 2..=4 {
        let clock = inside.clock.clone();
        breaker.meanwhile(Call { name: "mail.fetch_piece", nth }, move || clock.advance(LEASE * 2 / 3));
    }
    let second = polls_at(&breaker, Call { name: "mail.fetch_piece", nth: 5 }, &scene, &inside);
    let first = poll_now(&breaker.process(&inside.app), scene.mailbox, 10 * LEASE).await.unwrap();
    assert_eq!((first.created, first.busy), (1, false));
    assert!(second.try_recv().unwrap().unwrap().busy);
    assert_eq!(scene.ledger(&inside).await.issues.len(), 1);
}

/// A process that only seemed dead goes on writing when another one has the lease: it stops at its first write.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poller_that_lost_its_lease_doubles_nothing() {
    let scene = Scene::with_sixty().await;
    let whole = scene.ledger(&scene.imported().await).await;
    for nth in 1..=4 {
        let inside = scene.template.copy().await;
        let breaker = Breaker::watching();
        // Each batch begins so: the other one polls between it and its commit.
        let lookup = Call { name: "store.lookup", nth };
        let clock = inside.clock.clone();
        let other = polls_after(&breaker, lookup, &scene, &inside, move || clock.advance(2 * LEASE));
        let slow = poll_now(&breaker.process(&inside.app), scene.mailbox, 10 * LEASE).await.unwrap();
        assert!(slow.busy && !other.try_recv().unwrap().unwrap().busy, "{slow:?}");
        scene.poll(&inside.app).await.unwrap();
        assert!(scene.ledger(&inside).await == whole, "{nth}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_pollers_at_once_double_nothing() {
    let scene = Scene::with_sixty().await;
    let whole = scene.ledger(&scene.imported().await).await;
    let inside = scene.template.copy().await;
    let (one, two) = (inside.restarted(), inside.restarted());
    let (one, two) = tokio::join!(scene.poll(&one), scene.poll(&two));
    let (one, two) = (one.unwrap(), two.unwrap());
    assert!(one.busy || two.busy || one.fetched + two.fetched == mails::COUNT as u64, "{one:?} {two:?}");
    assert!(scene.ledger(&inside).await == whole);
}
