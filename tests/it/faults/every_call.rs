//! An import, and a rescan, that stops before and after each of its calls, every number once.

use std::{
    future::Future,
    sync::atomic::{AtomicUsize, Ordering},
    time::Instant,
};

use intake::{
    App, Result,
    flows::poll::PollReport,
    types::message::{MessageState, Reason},
};
use playground::Spoilt;
use tests::{Breaker, Call, Inside, Moment};
use tokio::runtime;

use super::{
    ledger::Ledger,
    mails,
    scene::{Scene, USER, let_lease_end},
};

/// Cases side by side.
const THREADS: usize = 4;
/// How mails are batched depends on how fast they are parsed, so the last calls of a kind may not come on a busy machine:
/// so often each is tried.
const TRIES: usize = 4;
/// One case in so many may not come at all, where it is not the first call of its kind.
const RARE: usize = 20;
/// Names that must be among the calls of an import that follows no crash.
const EXPECTED: [&str; 15] = [
    "vault.get",
    "mail.open",
    "mail.list",
    "mail.fetch",
    "mail.fetch_piece",
    "mail.close",
    "blobs.stage",
    "blobs.flush",
    "blobs.write",
    "blobs.finish",
    "store.take_lease",
    "store.lookup",
    "store.take_numbers",
    "store.commit",
    "store.release_lease",
];
/// And of one that does.
const EXPECTED_AFTER_CRASH: [&str; 4] = ["store.known", "store.message", "blobs.put", "mail.fetch_piece"];

/// And of one by POP3.
const EXPECTED_BY_POP3: [&str; 7] = [
    "mail.maildrop",
    "mail.fetch_headers",
    "mail.fetch",
    "blobs.put",
    "blobs.delete_prefix",
    "store.known",
    "store.commit",
];

/// And of a rescan.
const EXPECTED_OF_RESCAN: [&str; 6] =
    ["mail.list", "mail.fetch", "mail.fetch_piece", "store.known", "store.message", "store.commit"];

/// What is interrupted.
#[derive(Clone, Copy)]
enum Work {
    Import,
    Rescan,
}

impl Work {
    async fn done_by(self, app: &App, scene: &Scene) -> Result<PollReport> {
        match self {
            Self::Import => scene.poll(app).await,
            Self::Rescan => scene.rescan(app).await,
        }
    }
}

/// What it does when nothing disturbs it.
struct Whole {
    work: Work,
    calls: Vec<Call>,
    ledger: Ledger,
}

/// The process dies, and another one finishes the work.
#[test]
fn an_import_survives_an_end_at_every_call() {
    let outside = outside();
    let scene = outside.block_on(Scene::with_sixty());
    let whole = undisturbed(Work::Import, &scene, &scene.template, &EXPECTED);
    let ledger = &whole.ledger;
    assert_eq!(ledger.messages.len(), mails::COUNT);
    assert_eq!(ledger.count(MessageState::Skipped, Reason::Duplicate), 3);
    assert_eq!(ledger.count(MessageState::Skipped, Reason::AutoReply), 2);
    assert_eq!(ledger.count(MessageState::Failed, Reason::Unprocessable), 0);
    sweep(&whole, async |call, moment| stopped(&scene, &scene.template, &whole, call, moment).await);
}

/// So does the one that follows a crash and goes one mail at a time, and a third finishes the work.
#[test]
fn an_import_after_a_crash_survives_an_end_at_every_call() {
    let outside = outside();
    let scene = outside.block_on(Scene::with_special());
    let template = alone().block_on(async {
        let crashed = scene.template.copy().await;
        let breaker = Breaker::at(Call { name: "store.take_lease", nth: 1 }, Moment::After);
        scene.poll(&breaker.process(&crashed.app)).await.unwrap_err();
        let_lease_end(&crashed);
        crashed
    });
    let whole = undisturbed(Work::Import, &scene, &template, &EXPECTED_AFTER_CRASH);
    sweep(&whole, async |call, moment| stopped(&scene, &template, &whole, call, moment).await);
}

/// One call fails, and the process lives on: it notes the failure, gives its lease back, and polls again.
#[test]
fn an_import_survives_a_hiccup_at_every_call() {
    let outside = outside();
    let scene = outside.block_on(Scene::with_special());
    let whole = undisturbed(Work::Import, &scene, &scene.template, &EXPECTED);
    sweep(&whole, async |call, moment| hiccup(&scene, &scene.template, &whole, call, moment).await);
}

/// By POP3 the roll is written beside the records: wherever it ends, the records count.
#[test]
fn an_import_by_pop3_survives_an_end_and_a_hiccup_at_every_call() {
    let outside = outside();
    let scene = outside.block_on(Scene::with_special_by_pop3());
    let whole = undisturbed(Work::Import, &scene, &scene.template, &EXPECTED_BY_POP3);
    assert_eq!(whole.ledger.messages.len(), scene.mails.len());
    sweep(&whole, async |call, moment| stopped(&scene, &scene.template, &whole, call, moment).await);
    sweep(&whole, async |call, moment| hiccup(&scene, &scene.template, &whole, call, moment).await);
}

/// Of ten mails, some were late, unreadable or noted by a process that died; now all can be read.
#[test]
fn a_rescan_survives_an_end_and_a_hiccup_at_every_call() {
    let outside = outside();
    let (scene, template) = outside.block_on(async {
        let mut scene = Scene::with_letters(8).await;
        scene.deliver(mails::letter("big", "Big", "It is said to be large, and read in pieces."));
        scene.deliver(mails::letter("last", "Last", "The last one."));
        let script = scene.playground.script();
        for uid in [2, 4, 9] {
            script.spoil(USER, uid, Spoilt::Hidden);
        }
        for uid in [3, 6] {
            script.spoil(USER, uid, Spoilt::Refused("NO Server error".to_owned()));
        }
        let inside = scene.imported().await;
        // The reading of a late mail broke off in an earlier rescan.
        script.spoil(USER, 2, Spoilt::Drops);
        scene.rescan(&inside.app).await.unwrap();
        script.calm();
        script.spoil(USER, 9, Spoilt::WrongSize(3 * 1024 * 1024));
        (scene, inside)
    });
    let whole = undisturbed(Work::Rescan, &scene, &template, &EXPECTED_OF_RESCAN);
    assert_eq!(whole.ledger.count(MessageState::Applied, Reason::Created), 10);
    sweep(&whole, async |call, moment| stopped(&scene, &template, &whole, call, moment).await);
    sweep(&whole, async |call, moment| hiccup(&scene, &template, &whole, call, moment).await);
}

/// The mail server and the provider are elsewhere.
fn outside() -> runtime::Runtime {
    runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// One thread for all of a process, so that batches are cut in the same way in every case.
fn alone() -> runtime::Runtime {
    runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// Every call, before and after it. A case says whether its call came.
fn sweep<F: Future<Output = bool>>(whole: &Whole, case: impl Fn(Call, Moment) -> F + Sync) {
    let begun = Instant::now();
    let moments = |call: &Call| [Moment::Before, Moment::After].map(|moment| (*call, moment));
    let cases: Vec<_> = whole.calls.iter().flat_map(moments).collect();
    let (next, missed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = || {
        let runtime = alone();
        while let Some((call, moment)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            if !(0..TRIES).any(|_| runtime.block_on(case(*call, *moment))) {
                println!("{call} did not come");
                assert!(call.nth > 1, "{call} did not come");
                missed.fetch_add(1, Ordering::Relaxed);
            }
        }
    };
    std::thread::scope(|threads| {
        for _ in 0..THREADS {
            threads.spawn(work);
        }
    });
    println!("{} calls, {} cases in {:?}", whole.calls.len(), cases.len(), begun.elapsed());
    let missed = missed.into_inner();
    assert!(missed * RARE <= cases.len(), "{missed} of {} calls did not come", cases.len());
}

/// As many runs side by side as there are cases later: a busy machine makes other batches, and what counts are the calls
/// that each of them makes.
fn undisturbed(work: Work, scene: &Scene, template: &Inside, expected: &[&str]) -> Whole {
    let run = || alone().block_on(watched(work, scene, template));
    let mut runs: Vec<Whole> = std::thread::scope(|threads| {
        let runs: Vec<_> = (0..THREADS).map(|_| threads.spawn(run)).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    let mut whole = runs.pop().unwrap();
    for other in runs {
        assert!(other.ledger == whole.ledger, "two runs became different things");
        whole.calls.retain(|call| other.calls.contains(call));
    }
    for name in expected {
        assert!(whole.calls.iter().any(|call| call.name == *name), "{name} is not called");
    }
    whole
}

async fn watched(work: Work, scene: &Scene, template: &Inside) -> Whole {
    let inside = template.copy().await;
    let breaker = Breaker::watching();
    let report = work.done_by(&breaker.process(&inside.app), scene).await.unwrap();
    assert!(!report.more, "{report:?}");
    Whole { work, calls: breaker.calls(), ledger: scene.ledger(&inside).await }
}

/// One case: a process that ends at this call, and one after it that finishes the work.
async fn stopped(scene: &Scene, template: &Inside, whole: &Whole, call: Call, moment: Moment) -> bool {
    let inside = template.copy().await;
    let breaker = Breaker::at(call, moment);
    // How the first process ends is its own affair.
    let _ = whole.work.done_by(&breaker.process(&inside.app), scene).await;
    if !breaker.has_failed() {
        return false;
    }
    breaker.lose_unflushed(&inside.app).await;
    let_lease_end(&inside);
    finished(scene, whole, &inside, &inside.restarted(), &format!("{moment:?} {call}")).await;
    true
}

/// One case: a call that fails once.
async fn hiccup(scene: &Scene, template: &Inside, whole: &Whole, call: Call, moment: Moment) -> bool {
    let inside = template.copy().await;
    let breaker = Breaker::hiccup(call, moment);
    let app = breaker.process(&inside.app);
    let _ = whole.work.done_by(&app, scene).await;
    if !breaker.has_failed() {
        return false;
    }
    let case = format!("{moment:?} {call}");
    if call.name.ends_with("_lease") {
        let_lease_end(&inside);
    } else {
        assert!(!scene.run(&inside).await.leased, "{case}: the lease was not given back");
    }
    finished(scene, whole, &inside, &app, &case).await;
    true
}

/// One more poll, and all is as if nothing had happened.
async fn finished(scene: &Scene, whole: &Whole, inside: &Inside, app: &App, case: &str) {
    let report = whole.work.done_by(app, scene).await.unwrap();
    assert!(!report.more && !report.busy, "{case}: {report:?}");
    let (ledger, whole) = (scene.ledger(inside).await, &whole.ledger);
    assert!(ledger == *whole, "{case}: {ledger:#?}\nis not\n{whole:#?}");
    let run = scene.run(inside).await;
    let cursor = run.cursor.unwrap();
    match cursor.maildrop {
        None => assert_eq!(cursor.next_uid, scene.mails.len() as u32 + 1, "{case}"),
        Some(maildrop) => assert!(maildrop.listing.is_some(), "{case}: {run:?}"),
    }
    assert!(run.last_error.is_none() && run.oldest_unprocessed_at.is_none(), "{case}: {run:?}");
    let written = inside.embedded.items_written();
    scene.poll(app).await.unwrap();
    assert_eq!(inside.embedded.items_written(), written, "{case}: a further poll writes");
}
