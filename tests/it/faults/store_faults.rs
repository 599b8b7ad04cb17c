//! The same import over a store that is disturbed as AWS would disturb it.

use std::sync::Arc;

use embedded::Faults;
use intake::App;
use store::DynamoStore;
use tests::{Inside, inside::TABLE};

use super::scene::{Scene, let_lease_end};

/// Disturbed calls of a thousand.
const PERMILLE: u64 = 80;
/// More polls than any disturbed import needs.
const MOST_POLLS: u32 = 30;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disturbed_store_loses_and_doubles_nothing() {
    let scene = Scene::with_sixty().await;
    let whole = scene.ledger(&scene.imported().await).await;
    for seed in (1..20).step_by(2) {
        let inside = scene.template.copy().await;
        let faults = Faults::new().random(seed, PERMILLE).stale_indexes(40);
        let app = disturbed(&inside, faults);
        let mut polls = 0;
        while scene.poll(&app).await.is_ok_and(|report| report.more || report.busy)
            || scene
                .run(&inside)
                .await
                .cursor
                .is_none_or(|cursor| cursor.next_uid <= scene.mails.len() as u32)
        {
            let_lease_end(&inside);
            polls += 1;
            assert!(polls < MOST_POLLS, "seed {seed}: the import never ends");
        }
        assert!(scene.ledger(&inside).await == whole, "seed {seed}");
    }
}

fn disturbed(inside: &Inside, faults: Faults) -> App {
    let client = inside.embedded.client_with_faults(Arc::new(faults));
    App {
        store: Arc::new(DynamoStore::new(
            client,
            TABLE,
            Arc::new(machine::SystemEntropy),
            Arc::new(machine::SystemClock),
        )),
        ..inside.restarted()
    }
}
