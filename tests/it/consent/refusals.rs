//! Callbacks that do not belong to the sign-in: nothing is made, and no code goes anywhere.

use std::time::Duration;

use intake::{
    Kind, Result,
    flows::{
        authorize::{self, AttemptState, AuthorizationInput},
        callback,
        change::Expect,
        integrations::{self, IntegrationInput},
    },
    types::{attempt::AttemptStatus, given::Given, ids::AttemptId},
};
use playground::{CallbackIssuer, Decision, Options};
use tests::{
    Scene,
    inside::{actor, callback_request},
    scene::{OTHER_ACCOUNT, Opened},
};
use url::Url;

const MINUTE: Duration = Duration::from_secs(60);

async fn opened() -> (Scene, Opened, Url) {
    let scene = Scene::new(Options::default()).await;
    let opened = scene.open(AuthorizationInput::default()).await;
    let back = scene.agree(&opened.start);
    (scene, opened, back)
}

fn refused(result: Result<AttemptId>, code: &str) {
    let error = result.expect_err(code);
    assert_eq!((error.kind, error.code.as_ref()), (Kind::Forbidden, code));
    assert!(!error.action.is_empty(), "{error}");
}

/// With one parameter replaced.
fn with(url: &Url, name: &str, value: &str) -> Url {
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let mut changed = url.clone();
    let replaced = pairs.iter().map(|(key, old)| (key.as_str(), if key == name { value } else { old }));
    changed.query_pairs_mut().clear().extend_pairs(replaced);
    changed
}

async fn nothing_was_made(scene: &Scene) {
    assert!(scene.grants().await.is_empty());
    assert!(scene.inside.grants_with_secrets().await.is_empty());
    assert_eq!(scene.exchanges(), 0, "the code stays here");
}

#[tokio::test]
async fn a_refused_consent_says_so() {
    let scene = Scene::new(Options::default()).await;
    let opened = scene.open(AuthorizationInput::default()).await;
    let back = scene.playground.consent(&opened.start.consent_url, &Decision::Cancel).expect("a page");
    assert_eq!(scene.finish(&back, &opened.start).await, Ok(opened.attempt));
    let told = scene.failure(opened.attempt).await;
    assert_eq!(told.code, "access_denied");
    assert_eq!(told.message, "The sign-in was cancelled or refused.");
    assert_eq!(told.action, "Try again and accept the permissions.");
    nothing_was_made(&scene).await;
}

#[tokio::test]
async fn a_state_is_good_once() {
    let (scene, opened, back) = opened().await;
    assert_eq!(scene.finish(&back, &opened.start).await, Ok(opened.attempt));
    refused(scene.finish(&back, &opened.start).await, "state_unknown");
    assert!(matches!(scene.state(opened.attempt).await, AttemptState::Recorded(AttemptStatus::Done { .. })));
    assert_eq!((scene.exchanges(), scene.grants().await.len()), (1, 1));
}

#[tokio::test]
async fn a_forged_state_is_unknown_and_spoils_nothing() {
    let (scene, opened, back) = opened().await;
    for forged in ["", "x", &"A".repeat(43)] {
        refused(scene.finish(&with(&back, "state", forged), &opened.start).await, "state_unknown");
    }
    nothing_was_made(&scene).await;
    assert_eq!(scene.finish(&back, &opened.start).await, Ok(opened.attempt));
    assert_eq!(scene.grants().await.len(), 1);
}

#[tokio::test]
async fn an_opening_ends_after_ten_minutes_and_an_attempt_after_fifteen() {
    let (scene, opened, back) = opened().await;
    scene.inside.clock.advance(10 * MINUTE);
    refused(scene.finish(&back, &opened.start).await, "state_unknown");
    // The page can be opened again, for as long as the attempt lives.
    let again = authorize::start(scene.app(), &opened.ticket).await.expect("another opening");
    let back = scene.agree(&again);
    scene.inside.clock.advance(5 * MINUTE);
    assert_eq!(scene.state(opened.attempt).await, AttemptState::Expired);
    refused(scene.finish(&back, &again).await, "state_unknown");
    let over = authorize::start(scene.app(), &opened.ticket).await.expect_err("an attempt that is over");
    assert_eq!(over.code, "authorization_ended");
    nothing_was_made(&scene).await;
}

#[tokio::test]
async fn a_callback_without_the_cookie_is_refused_and_may_come_again_with_it() {
    let (scene, opened, back) = opened().await;
    let mut request = callback_request(&back, String::new());
    request.cookie = None;
    refused(callback::finish(scene.app(), request).await, "other_browser");
    nothing_was_made(&scene).await;
    assert_eq!(scene.finish(&back, &opened.start).await, Ok(opened.attempt));
}

#[tokio::test]
async fn a_callback_from_another_browser_is_refused_and_the_state_is_spent() {
    let (scene, opened, back) = opened().await;
    let other = scene.open(AuthorizationInput::default()).await;
    refused(scene.finish(&back, &other.start).await, "other_browser");
    refused(scene.finish(&back, &opened.start).await, "state_unknown");
    nothing_was_made(&scene).await;
}

#[tokio::test]
async fn a_callback_to_another_address_is_refused() {
    let elsewhere = [
        ("/oauth2/callback/google", "http://localhost:8025"),
        ("/oauth2/callback/custom-0000000000000000", "http://localhost:8025"),
        ("", "http://127.0.0.1:8025"),
        ("", "https://localhost:8025"),
    ];
    for (path, origin) in elsewhere {
        let (scene, opened, back) = opened().await;
        let mut moved = Url::parse(origin).expect("an origin");
        moved.set_path(if path.is_empty() { back.path() } else { path });
        moved.set_query(back.query());
        assert_eq!(scene.finish(&moved, &opened.start).await, Ok(opened.attempt));
        assert_eq!(scene.failure(opened.attempt).await.code, "wrong_redirect_url", "{moved}");
        nothing_was_made(&scene).await;
    }
}

#[tokio::test]
async fn a_callback_of_another_issuer_is_refused() {
    let scene = Scene::new(Options::default()).await;
    scene.script().set_callback_issuer(CallbackIssuer::Foreign);
    let opened = scene.open(AuthorizationInput::default()).await;
    let back = scene.agree(&opened.start);
    assert_eq!(scene.finish(&back, &opened.start).await, Ok(opened.attempt));
    let told = scene.failure(opened.attempt).await;
    assert_eq!(told.code, "issuer_mismatch");
    assert!(told.message.contains("another provider"), "{told:?}");
    nothing_was_made(&scene).await;
}

#[tokio::test]
async fn a_callback_without_the_issuer_is_refused_where_the_provider_always_names_it() {
    for announced in [true, false] {
        let scene = Scene::new(Options::default()).await;
        if !announced {
            let input = IntegrationInput { issuer: Given::Null, ..IntegrationInput::default() };
            let patched =
                integrations::patch(scene.app(), &actor(), scene.integration, &Expect::any(), input).await;
            patched.expect("an integration without an issuer");
        }
        scene.script().set_callback_issuer(CallbackIssuer::Absent);
        let opened = scene.open(AuthorizationInput::default()).await;
        let back = scene.agree(&opened.start);
        assert_eq!(scene.finish(&back, &opened.start).await, Ok(opened.attempt));
        if announced {
            let told = scene.failure(opened.attempt).await;
            assert_eq!(told.code, "issuer_missing");
            assert!(!told.action.is_empty(), "{told:?}");
            nothing_was_made(&scene).await;
        } else {
            assert_eq!(scene.grants().await.len(), 1);
        }
    }
}

#[tokio::test]
async fn the_first_opening_that_comes_back_wins() {
    for preview_first in [false, true] {
        let scene = Scene::new(Options::default()).await;
        let preview = scene.open(AuthorizationInput::default()).await;
        let person = authorize::start(scene.app(), &preview.ticket).await.expect("a second opening");
        assert_ne!(preview.start.cookie, person.cookie);
        assert_ne!(preview.start.cookie_tag, person.cookie_tag, "both cookies fit into one browser");
        let (first, second) =
            if preview_first { (&preview.start, &person) } else { (&person, &preview.start) };
        let (back, late) = (scene.agree(first), scene.agree(second));
        assert_eq!(scene.finish(&back, first).await, Ok(preview.attempt));
        // The result page tells how the sign-in ended, whichever opening it was.
        assert_eq!(scene.finish(&late, second).await, Ok(preview.attempt));
        let state = scene.state(preview.attempt).await;
        assert!(matches!(state, AttemptState::Recorded(AttemptStatus::Done { .. })), "{state:?}");
        assert_eq!((scene.exchanges(), scene.grants().await.len()), (1, 1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_openings_that_come_back_at_once_make_one_grant() {
    let scene = Scene::new(Options::default()).await;
    let input = AuthorizationInput { login_hint: Some(OTHER_ACCOUNT.to_owned()), ..Default::default() };
    let one = scene.open(input).await;
    let other = authorize::start(scene.app(), &one.ticket).await.expect("a second opening");
    let (here, there) = (scene.agree(&one.start), scene.agree(&other));
    let (here, there) = tokio::join!(scene.finish(&here, &one.start), scene.finish(&there, &other));
    assert!(here.is_ok() || there.is_ok(), "{here:?} {there:?}");
    let AttemptState::Recorded(AttemptStatus::Done { grant_id }) = scene.state(one.attempt).await else {
        panic!("one of them made a grant")
    };
    scene.advance(11 * MINUTE);
    intake::flows::refresher::run(scene.app(), scene.app().after(MINUTE)).await.expect("a sweep");
    let left: Vec<_> = scene.grants().await.into_iter().map(|grant| grant.id).collect();
    assert_eq!(left, [grant_id]);
    assert_eq!(scene.inside.grants_with_secrets().await, [grant_id]);
}
