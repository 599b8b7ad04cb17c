//! A fault of the store or the vault at each step of a consent and of a deletion: nothing stays that nobody owns.

use std::{sync::Arc, time::Duration};

use embedded::{Fault, Faults, Operation};
use intake::{
    flows::{
        authorize::{AttemptState, AuthorizationInput},
        callback,
        change::Expect,
        grants,
        refresh::Reason,
        refresher,
    },
    types::{attempt::AttemptStatus, grant::GrantStatus, ids::GrantId},
};
use playground::Options;
use tests::{
    Scene,
    inside::{actor, callback_request},
};

/// Longer than a grant may be half made.
const PENDING: Duration = Duration::from_secs(11 * 60);
/// More calls of one operation than any of these flows makes.
const MANY: u64 = 40;
const OPERATIONS: [Operation; 6] = [
    Operation::PutItem,
    Operation::TransactWriteItems,
    Operation::UpdateItem,
    Operation::DeleteItem,
    Operation::GetItem,
    Operation::Query,
];

/// The fault at the nth call, and what tells whether it struck.
fn fault(operation: Operation, nth: u64, fault: Fault) -> Arc<Faults> {
    Arc::new(Faults::new().fail(operation, nth, fault))
}

/// After the sweep: every grant is whole, and every secret is a grant's.
async fn nothing_is_unowned(scene: &Scene, step: &str) -> Vec<GrantId> {
    scene.advance(PENDING);
    let until = scene.app().after(PENDING);
    assert_eq!(refresher::run(scene.app(), until).await.expect(step).failed, 0, "{step}");
    let grants = scene.grants().await;
    assert!(grants.iter().all(|grant| grant.status == GrantStatus::Active), "{step}: {grants:?}");
    let mut owners: Vec<GrantId> = grants.iter().map(|grant| grant.id).collect();
    owners.sort_unstable();
    assert_eq!(scene.inside.grants_with_secrets().await, owners, "{step}");
    owners
}

async fn consent_with(scene: &Scene, faults: &Arc<Faults>, step: &str) {
    let opened = scene.open(AuthorizationInput::default()).await;
    let back = scene.agree(&opened.start);
    let app = scene.inside.disturbed(faults.clone());
    let finished = callback::finish(&app, callback_request(&back, opened.start.cookie)).await;
    let state = scene.state(opened.attempt).await;
    let whole = nothing_is_unowned(scene, step).await;
    match state {
        AttemptState::Recorded(AttemptStatus::Done { grant_id }) => {
            assert_eq!(whole, [grant_id], "{step}");
            scene.refresh(grant_id, Reason::OnDemand).await.expect(step);
            grants::delete(scene.app(), &actor(), grant_id, &Expect::any()).await.expect(step);
        }
        AttemptState::Recorded(AttemptStatus::Failed { error }) => {
            assert!(whole.is_empty() && !error.message.is_empty(), "{step}");
        }
        other => assert!(finished.is_err() && whole.is_empty(), "{step}: {other:?}"),
    }
    assert!(scene.grants().await.is_empty(), "{step}");
}

#[tokio::test]
async fn a_consent_that_fails_at_any_step_leaves_nothing_unowned() {
    let scene = Scene::new(Options::default()).await;
    let mut struck = 0;
    for operation in OPERATIONS {
        for nth in 1..MANY {
            let faults = fault(operation, nth, Fault::Denied);
            let step = format!("{operation:?} {nth}");
            consent_with(&scene, &faults, &step).await;
            if faults.calls(operation) < nth {
                break;
            }
            struck += 1;
        }
    }
    assert!(struck >= 10, "only {struck} steps were disturbed");
}

#[tokio::test]
async fn a_consent_whose_answers_are_lost_is_whole() {
    let scene = Scene::new(Options::default()).await;
    for nth in 1..=4 {
        let faults = fault(Operation::TransactWriteItems, nth, Fault::AnswerLost);
        consent_with(&scene, &faults, &format!("the answer {nth} is lost")).await;
    }
}

#[tokio::test]
async fn a_deletion_that_fails_at_any_step_is_finished_by_the_sweep() {
    let scene = Scene::new(Options::default()).await;
    let mut struck = 0;
    for operation in OPERATIONS {
        for nth in 1..MANY {
            let id = scene.consent().await;
            let faults = fault(operation, nth, Fault::Denied);
            let step = format!("{operation:?} {nth}");
            let app = scene.inside.disturbed(faults.clone());
            let deleted = grants::delete(&app, &actor(), id, &Expect::any()).await;
            let whole = nothing_is_unowned(&scene, &step).await;
            assert!(whole.is_empty() || deleted.is_err(), "{step}");
            for id in whole {
                grants::delete(scene.app(), &actor(), id, &Expect::any()).await.expect(&step);
            }
            if faults.calls(operation) < nth {
                break;
            }
            struck += 1;
        }
    }
    assert!(struck >= 8, "only {struck} steps were disturbed");
}
