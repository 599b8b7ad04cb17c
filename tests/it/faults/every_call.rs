//! An import of sixty mails that stops before and after each of its calls, every number once.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Instant,
};

use intake::types::message::{MessageState, Reason};
use tests::{Breaker, Call, Moment};
use tokio::runtime;

use super::{
    ledger::Ledger,
    mails,
    scene::{Scene, let_lease_end},
};

/// Cases side by side.
const THREADS: usize = 4;

/// Names that must be among the calls: what the sweep is about.
const EXPECTED: [&str; 14] = [
    "vault.get",
    "mail.open",
    "mail.list",
    "mail.fetch",
    "mail.fetch_piece",
    "mail.close",
    "blobs.put",
    "blobs.write",
    "blobs.finish",
    "store.take_lease",
    "store.lookup",
    "store.take_numbers",
    "store.commit",
    "store.release_lease",
];

/// Each thread has a runtime with one thread, so that batches are cut in the same way in every case.
#[test]
fn an_import_survives_an_end_at_every_call() {
    let outside = runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let scene = outside.block_on(Scene::with_sixty());
    let begun = Instant::now();
    let (calls, whole) = alone().block_on(undisturbed(&scene));
    let cases: Vec<(Call, Moment)> =
        calls.iter().flat_map(|call| [Moment::Before, Moment::After].map(|moment| (*call, moment))).collect();
    for name in EXPECTED {
        assert!(calls.iter().any(|call| call.name == name), "{name} is not called");
    }
    let next = AtomicUsize::new(0);
    let work = || {
        let runtime = alone();
        while let Some((call, moment)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            runtime.block_on(stopped(&scene, &whole, *call, *moment));
        }
    };
    std::thread::scope(|threads| {
        for _ in 0..THREADS {
            threads.spawn(work);
        }
    });
    println!("{} calls, {} cases in {:?}", calls.len(), cases.len(), begun.elapsed());
}

fn alone() -> runtime::Runtime {
    runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// The calls of an import that nothing disturbs, and what it leaves.
async fn undisturbed(scene: &Scene) -> (Vec<Call>, Ledger) {
    let inside = scene.template.copy().await;
    let breaker = Breaker::watching();
    let report = scene.poll(&breaker.process(&inside.app)).await.unwrap();
    assert!(!report.more, "{report:?}");
    let ledger = Ledger::of(&inside, scene.mailbox).await;
    ledger.check_raw(&inside.app, &scene.mails).await;
    assert_eq!(ledger.messages.len(), mails::COUNT);
    assert_eq!(ledger.count(MessageState::Skipped, Reason::Duplicate), 3);
    assert_eq!(ledger.count(MessageState::Failed, Reason::Unprocessable), 0);
    (breaker.calls(), ledger)
}

/// One case: a process that ends at this call, and one after it that finishes the work.
async fn stopped(scene: &Scene, whole: &Ledger, call: Call, moment: Moment) {
    let inside = scene.template.copy().await;
    let breaker = Breaker::at(call, moment);
    // How the first process ends is its own affair.
    let _ = scene.poll(&breaker.process(&inside.app)).await;
    assert!(breaker.is_over(), "{call} did not come");
    let_lease_end(&inside);
    let app = inside.restarted();
    let report = scene.poll(&app).await.unwrap();
    assert!(!report.more && !report.busy, "{moment:?} {call}: {report:?}");
    let ledger = Ledger::of(&inside, scene.mailbox).await;
    assert!(ledger == *whole, "{moment:?} {call}: {ledger:#?}\nis not\n{whole:#?}");
    ledger.check_raw(&app, &scene.mails).await;
    assert_eq!(scene.run(&inside).await.cursor.unwrap().next_uid, mails::COUNT as u32 + 1);
    let written = inside.embedded.items_written();
    scene.poll(&app).await.unwrap();
    assert_eq!(inside.embedded.items_written(), written, "{moment:?} {call}: a further poll writes");
}
