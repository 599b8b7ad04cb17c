//! What a crash, or an answer that was lost, leaves behind.

use std::{sync::Arc, time::Duration};

use intake::{
    Kind,
    flows::{refresh::Reason, refresher},
    types::grant::{Grant, GrantStatus},
};
use playground::{Answer, Endpoint, Options, Rotation};
use secrecy::ExposeSecret;
use tests::{
    Scene,
    faulty::{FaultyVault, PutFault},
};

/// Longer than the lease of a refresher that died.
const LEASE: Duration = Duration::from_secs(121);
const INTERRUPTED: &str = "refresh_interrupted";

async fn scene(rotation: Rotation) -> (Scene, Arc<FaultyVault>) {
    let mut scene = Scene::new(Options { rotation, ..Options::default() }).await;
    let vault = FaultyVault::new(scene.app().vault.clone());
    scene.inside.app.vault = vault.clone();
    (scene, vault)
}

/// A refresher that dies at the write of the secret.
async fn crash(scene: &Scene, vault: &FaultyVault, fault: PutFault) -> Grant {
    let id = scene.consent().await;
    vault.fail_next_put(fault);
    let ended = scene.refresh(id, Reason::OnDemand).await.expect_err("a crash");
    assert_eq!(ended.kind, Kind::Internal);
    let grant = scene.grant(id).await;
    // It panics, which a process that dies could not note.
    assert_eq!(grant.status, GrantStatus::Failing);
    assert!(grant.refresh_started.is_some(), "it is known that a refresh began");
    scene.advance(LEASE);
    grant
}

#[tokio::test]
async fn a_write_that_fails_once_is_repeated() {
    let (scene, vault) = scene(Rotation::Strict).await;
    let id = scene.consent().await;
    vault.fail_next_put(PutFault::Refused);
    let grant = scene.refresh(id, Reason::OnDemand).await.expect("the second write");
    assert_eq!((grant.status, scene.refreshes()), (GrantStatus::Active, 1));
    scene.refresh(id, Reason::OnDemand).await.expect("the rotated token was kept");
}

#[tokio::test]
async fn a_crash_before_the_secret_costs_the_consent_where_tokens_rotate() {
    let (scene, vault) = scene(Rotation::Strict).await;
    let id = crash(&scene, &vault, PutFault::CrashBefore).await.id;
    let refused = scene.refresh(id, Reason::OnDemand).await.expect_err("a spent refresh token");
    assert_eq!((refused.kind, refused.code.as_ref()), (Kind::NeedsConsent, INTERRUPTED));
    let grant = scene.grant(id).await;
    assert_eq!((grant.status, grant.refresh_started), (GrantStatus::NeedsConsent, None));
    let told = grant.last_error.expect("a sentence");
    assert_eq!(told.code, INTERRUPTED);
    assert!(!told.action.is_empty());
    assert_eq!(scene.consent_again(id).await, Ok(id));
    assert_eq!(scene.grant(id).await.status, GrantStatus::Active);
}

#[tokio::test]
async fn a_crash_before_the_secret_costs_nothing_where_tokens_stay() {
    let (scene, vault) = scene(Rotation::Off).await;
    let id = crash(&scene, &vault, PutFault::CrashBefore).await.id;
    let grant = scene.refresh(id, Reason::OnDemand).await.expect("the same refresh token");
    assert_eq!((grant.status, grant.refresh_started), (GrantStatus::Active, None));
    assert_eq!(scene.refreshes(), 2);
}

#[tokio::test]
async fn a_crash_after_the_secret_is_mended_without_the_provider() {
    let (scene, vault) = scene(Rotation::Strict).await;
    let before = crash(&scene, &vault, PutFault::CrashAfter).await;
    // As if the token that the record names had come to its time.
    scene.advance(Duration::from_secs(2700));
    let pass = refresher::run(scene.app(), scene.app().after(LEASE)).await.expect("a pass");
    assert_eq!((pass.refreshed, scene.refreshes()), (1, 1));
    let grant = scene.grant(before.id).await;
    assert_eq!((grant.status, grant.refresh_started), (GrantStatus::Active, None));
    assert_ne!(grant.secret_version, before.secret_version);
    scene.refresh(before.id, Reason::OnDemand).await.expect("the rotated token was kept");
}

#[tokio::test]
async fn a_temporary_fault_does_not_forget_an_interrupted_refresh() {
    let (scene, vault) = scene(Rotation::Strict).await;
    let id = crash(&scene, &vault, PutFault::CrashBefore).await.id;
    scene.script().answer_next(Endpoint::Token, 1, &Answer::busy(1));
    scene.refresh(id, Reason::OnDemand).await.expect_err("a busy provider");
    let refused = scene.refresh(id, Reason::OnDemand).await.expect_err("a spent refresh token");
    assert_eq!(refused.code, INTERRUPTED);
}

#[tokio::test]
async fn an_answer_that_was_lost_interrupts_a_refresh_too() {
    let (scene, _) = scene(Rotation::Strict).await;
    let id = scene.consent().await;
    scene.script().answer_next(Endpoint::Token, 1, &Answer::dropped().after_effect());
    let lost = scene.refresh(id, Reason::OnDemand).await.expect_err("a lost answer");
    assert!(lost.is_temporary(), "{lost}");
    let grant = scene.grant(id).await;
    assert_eq!(grant.status, GrantStatus::Failing);
    let refused = scene.refresh(id, Reason::OnDemand).await.expect_err("a spent refresh token");
    assert_eq!(refused.code, INTERRUPTED);
}

#[tokio::test]
async fn a_busy_provider_interrupts_nothing() {
    let (scene, _) = scene(Rotation::Strict).await;
    let id = scene.consent().await;
    let kept = scene.tokens(id).await;
    scene.script().answer_next(Endpoint::Token, 1, &Answer::busy(1));
    scene.refresh(id, Reason::OnDemand).await.expect_err("a busy provider");
    assert_eq!(scene.grant(id).await.refresh_started, None);
    assert_eq!(scene.tokens(id).await.refresh_token.expose_secret(), kept.refresh_token.expose_secret());
    scene.script().revoke_grants(tests::scene::ACCOUNT);
    let refused = scene.refresh(id, Reason::OnDemand).await.expect_err("a revoked grant");
    assert_eq!(refused.code, "grant_refused");
}
