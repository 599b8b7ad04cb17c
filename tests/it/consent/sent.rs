//! Links that are sent to a mailbox's owner: they live long, and are used up by a consent alone.

use std::time::Duration;

use intake::{
    flows::{
        authorize::{self, ATTEMPT_LIFE, AttemptState, AuthorizationInput, LONGEST_LIFE},
        change::Expect,
        integrations::{self, IntegrationInput},
    },
    types::{attempt::AttemptStatus, given::Given},
};
use playground::{Decision, Options};
use tests::{
    Scene,
    inside::actor,
    scene::{ACCOUNT, OTHER_ACCOUNT, Opened},
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const MINUTE: Duration = Duration::from_secs(60);

async fn sent() -> (Scene, Opened) {
    let scene = Scene::new(Options::default()).await;
    let input = AuthorizationInput { valid_for: Some(LONGEST_LIFE), ..AuthorizationInput::default() };
    let opened = scene.open(input).await;
    (scene, opened)
}

fn is_done(state: &AttemptState) -> bool {
    matches!(state, AttemptState::Recorded(AttemptStatus::Done { .. }))
}

#[tokio::test]
async fn a_link_that_was_sent_is_good_until_a_consent_succeeds() {
    let (scene, opened) = sent().await;
    let open = async || authorize::start(scene.app(), &opened.ticket).await;
    // A scanner opens it, and somebody who then leaves the page alone for too long.
    scene.advance(3 * DAY);
    open().await.expect("an opening of a scanner");
    let slow = open().await.expect("an opening");
    let back = scene.agree(&slow);
    scene.advance(10 * MINUTE);
    assert_eq!(scene.finish(&back, &slow).await.expect_err("too late").code, "state_unknown");
    // Who cancels has not used it up, and neither has whoever is not told by it.
    let cancelled = open().await.expect("an opening");
    let back = scene.playground.consent(&cancelled.consent_url, &Decision::Cancel).expect("a page");
    assert_eq!(scene.finish(&back, &cancelled).await, Ok(opened.attempt));
    assert_eq!(scene.failure(opened.attempt).await.code, "access_denied");
    // Each opening is bound to its own browser, as with any link.
    let (own, other) = (open().await.expect("an opening"), open().await.expect("an opening"));
    let back = scene.agree(&own);
    assert_eq!(scene.finish(&back, &other).await.expect_err("another browser").code, "other_browser");
    let own = open().await.expect("an opening");
    let back = scene.agree(&own);
    assert_eq!(scene.finish(&back, &own).await, Ok(opened.attempt));
    assert!(is_done(&scene.state(opened.attempt).await));
    assert_eq!(open().await.expect_err("it was used").code, "authorization_ended");
    // What was opened before that changes nothing.
    let back = scene.playground.consent(&other.consent_url, &Decision::Cancel).expect("a page");
    let _ = scene.finish(&back, &other).await;
    assert!(is_done(&scene.state(opened.attempt).await));
    assert_eq!(scene.grants().await.len(), 1);
}

#[tokio::test]
async fn another_account_than_the_one_that_is_mended_does_not_use_it_up() {
    let scene = Scene::new(Options::default()).await;
    let grant = scene.consent().await;
    let input =
        AuthorizationInput { grant_id: Some(grant), valid_for: Some(LONGEST_LIFE), ..Default::default() };
    let opened = scene.open(input).await;
    let other = Decision::Continue(OTHER_ACCOUNT.to_owned());
    let back = scene.playground.consent(&opened.start.consent_url, &other).expect("a page");
    assert_eq!(scene.finish(&back, &opened.start).await, Ok(opened.attempt));
    assert_eq!(scene.failure(opened.attempt).await.code, "wrong_account");
    let again = authorize::start(scene.app(), &opened.ticket).await.expect("another opening");
    let own = Decision::Continue(ACCOUNT.to_owned());
    let back = scene.playground.consent(&again.consent_url, &own).expect("a page");
    assert_eq!(scene.finish(&back, &again).await, Ok(opened.attempt));
    assert!(is_done(&scene.state(opened.attempt).await));
}

#[tokio::test]
async fn it_ends_with_its_time_and_with_its_integration() {
    let (scene, opened) = sent().await;
    let back = scene.playground.consent(&opened.start.consent_url, &Decision::Cancel).expect("a page");
    scene.finish(&back, &opened.start).await.expect("an attempt");
    scene.advance(7 * DAY);
    assert_eq!(scene.state(opened.attempt).await, AttemptState::Expired);
    let over = authorize::start(scene.app(), &opened.ticket).await.expect_err("a link that is over");
    assert_eq!(over.code, "authorization_ended");

    let (scene, opened) = sent().await;
    let renamed = IntegrationInput { description: Given::Value("Other".to_owned()), ..Default::default() };
    integrations::patch(scene.app(), &actor(), scene.integration, &Expect::any(), renamed).await.unwrap();
    // That is told before anybody signs in for nothing.
    let changed = authorize::start(scene.app(), &opened.ticket).await.expect_err("another integration");
    assert_eq!(changed.code, "integration_changed");
}

#[tokio::test]
async fn a_link_to_open_now_is_used_up_by_whatever_ends_it() {
    let scene = Scene::new(Options::default()).await;
    let input = AuthorizationInput { valid_for: Some(ATTEMPT_LIFE), ..AuthorizationInput::default() };
    let opened = scene.open(input).await;
    let back = scene.playground.consent(&opened.start.consent_url, &Decision::Cancel).expect("a page");
    scene.finish(&back, &opened.start).await.expect("an attempt");
    let over = authorize::start(scene.app(), &opened.ticket).await.expect_err("it failed");
    assert_eq!(over.code, "authorization_ended");
}
