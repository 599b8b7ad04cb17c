//! Which account consents: a grant is mended in place, and only by its own account.

use std::time::Duration;

use intake::{
    Kind,
    flows::{authorize::AuthorizationInput, change::Expect, grants, refresh::Reason, refresher},
    types::{grant::GrantStatus, integration::Provider, mailbox::MailboxStatus, secret::SecretName},
};
use playground::{Answer, Endpoint, Options, RefreshTokens};
use secrecy::ExposeSecret;
use tests::{
    Scene,
    faulty::WatchedProvider,
    inside::actor,
    scene::{ACCOUNT, OTHER_ACCOUNT},
};

fn hinted(account: &str) -> AuthorizationInput {
    AuthorizationInput { login_hint: Some(account.to_owned()), ..AuthorizationInput::default() }
}

#[tokio::test]
async fn without_a_refresh_token_the_sentence_says_what_helps() {
    let options = Options { refresh_tokens: RefreshTokens::Never, ..Options::default() };
    let scene = Scene::new(options).await;
    let told = scene
        .inside
        .consent(&scene.playground, scene.integration, AuthorizationInput::default())
        .await
        .expect_err("no refresh token");
    assert_eq!(told.code, "no_refresh_token");
    assert!(told.message.contains("for an hour only"), "{told:?}");
    assert!(told.action.contains("offline_access"), "{told:?}");
    assert!(scene.grants().await.is_empty());
    assert!(scene.inside.grants_with_secrets().await.is_empty());
}

#[tokio::test]
async fn another_account_does_not_mend_a_grant_and_both_are_named() {
    let scene = Scene::new(Options::default()).await;
    let id = scene.consent().await;
    let before = scene.grant(id).await;
    let input = AuthorizationInput { grant_id: Some(id), ..hinted(OTHER_ACCOUNT) };
    let told = scene.inside.consent(&scene.playground, scene.integration, input).await;
    let told = told.expect_err("another account");
    assert_eq!(told.code, "wrong_account");
    assert_eq!(
        told.message,
        format!("You signed in as {OTHER_ACCOUNT}, but this is the grant of {ACCOUNT}.")
    );
    assert_eq!(scene.grant(id).await, before, "the grant is as it was");
    scene.refresh(id, Reason::OnDemand).await.expect("and so are its tokens");
    assert_eq!(scene.grants().await.len(), 1);
}

#[tokio::test]
async fn the_same_account_mends_its_grant_in_place_and_the_mailbox_goes_on() {
    for named in [true, false] {
        let scene = Scene::new(Options::default()).await;
        let (mailbox, id) = scene.mailbox().await;
        scene.playground.deliver(ACCOUNT, "Subject: before\r\n\r\nOne.\r\n");
        assert_eq!(scene.poll(mailbox).await.expect("a poll").created, 1);
        scene.script().revoke_grants(ACCOUNT);
        scene.refresh(id, Reason::OnDemand).await.expect_err("a revoked grant");
        assert_eq!(scene.shown(mailbox).await.status, MailboxStatus::NeedsConsent);
        scene.playground.deliver(ACCOUNT, "Subject: meanwhile\r\n\r\nTwo.\r\n");
        // Asked for this grant, or for any account and it happened to be this one.
        let input = AuthorizationInput { grant_id: named.then_some(id), ..hinted(ACCOUNT) };
        assert_eq!(scene.consent_for(input).await, id);
        let grant = scene.grant(id).await;
        assert_eq!((grant.status, grant.last_error), (GrantStatus::Active, None));
        assert_eq!(scene.grants().await.len(), 1);
        let run = scene.shown(mailbox).await.run;
        assert_eq!((run.last_error, run.consecutive_failures), (None, 0));
        let report = scene.poll(mailbox).await.expect("a poll with the new tokens");
        assert_eq!((report.created, report.skipped), (1, 0), "what came meanwhile, and nothing twice");
        assert_eq!(scene.shown(mailbox).await.status, MailboxStatus::Ok);
    }
}

#[tokio::test]
async fn every_mailbox_of_a_mended_grant_is_polled_at_once() {
    let scene = Scene::new(Options::default()).await;
    let (read, id) = scene.mailbox().await;
    let unread = scene.inside.mailbox_named("Second", &scene.playground, scene.integration).await;
    let input = AuthorizationInput { mailbox_id: Some(unread), ..hinted(ACCOUNT) };
    assert_eq!(scene.consent_for(input).await, id);
    scene.poll(read).await.expect("a poll");
    scene.script().revoke_grants(ACCOUNT);
    scene.refresh(id, Reason::OnDemand).await.expect_err("a revoked grant");
    for mailbox in [read, unread] {
        for _ in 0..3 {
            scene.poll(mailbox).await.expect_err("no consent");
        }
        assert_eq!(scene.shown(mailbox).await.status, MailboxStatus::NeedsConsent);
    }
    // Nobody names a mailbox.
    assert_eq!(scene.consent_again(id).await, Ok(id));
    for (mailbox, status) in [(read, MailboxStatus::Ok), (unread, MailboxStatus::New)] {
        let shown = scene.shown(mailbox).await;
        assert_eq!((shown.status, shown.run.last_error), (status, None));
        let schedule = scene.app().store.schedule().await.expect("a schedule");
        let row = schedule.iter().find(|row| row.mailbox_id == mailbox).expect("its row");
        assert!(row.enabled && row.not_before <= scene.app().now(), "{row:?}");
        scene.poll(mailbox).await.expect("a poll");
    }
}

#[tokio::test]
async fn another_account_makes_a_grant_of_its_own() {
    let scene = Scene::new(Options::default()).await;
    let first = scene.consent_for(hinted(ACCOUNT)).await;
    let second = scene.consent_for(hinted(OTHER_ACCOUNT)).await;
    assert_ne!(first, second);
    assert_eq!(scene.grant(second).await.account.as_deref(), Some(OTHER_ACCOUNT));
}

#[tokio::test]
async fn a_deleted_grant_is_revoked_at_the_provider_and_leaves_nothing() {
    let mut scene = Scene::new(Options::default()).await;
    let provider = WatchedProvider::new(scene.app().oauth.clone());
    scene.inside.app.oauth = provider.clone();
    let (_, used) = scene.mailbox().await;
    let in_use = grants::delete(scene.app(), &actor(), used, &Expect::any()).await;
    assert_eq!(in_use.expect_err("a mailbox needs it").code, "grant_in_use");
    let id = scene.consent_for(hinted(OTHER_ACCOUNT)).await;
    let integration = scene.app().store.integration(scene.integration).await.expect("a store");
    assert_eq!(integration.expect("an integration").provider, Provider::Custom);
    let tokens = scene.tokens(id).await;
    grants::delete(scene.app(), &actor(), id, &Expect::any()).await.expect("a deletion");
    assert_eq!(provider.revoked(), [tokens.refresh_token.expose_secret()]);
    assert_eq!(scene.script().counters().revocation_requests, 1);
    assert_eq!(scene.app().store.grant(id).await, Ok(None));
    assert!(scene.inside.versions_of(SecretName::Grant(id)).await.is_empty());
    let gone = scene.refresh(id, Reason::OnDemand).await.expect_err("a deleted grant");
    assert_eq!(gone.kind, Kind::NotFound);
}

#[tokio::test]
async fn a_provider_that_does_not_revoke_does_not_keep_a_grant() {
    let scene = Scene::new(Options::default()).await;
    let answers =
        [Answer::dropped(), Answer::html(), Answer::busy(7), Answer::oauth_error("invalid_client", "x")];
    for answer in &answers {
        let id = scene.consent().await;
        scene.script().answer_next(Endpoint::Revocation, 1, answer);
        grants::delete(scene.app(), &actor(), id, &Expect::any()).await.expect("a deletion");
        assert_eq!(scene.app().store.grant(id).await, Ok(None));
        scene.script().calm();
    }
    assert_eq!(scene.script().counters().revocation_requests, answers.len() as u64);
    assert!(scene.inside.grants_with_secrets().await.is_empty());
}

#[tokio::test]
async fn a_deletion_that_was_interrupted_is_finished_with_its_revocation() {
    let mut scene = Scene::new(Options::default()).await;
    let provider = WatchedProvider::new(scene.app().oauth.clone());
    scene.inside.app.oauth = provider.clone();
    let id = scene.consent().await;
    let tokens = scene.tokens(id).await;
    provider.crash_at_next_revocation();
    let (app, actor) = (scene.app().clone(), actor());
    let died = tokio::spawn(async move { grants::delete(&app, &actor, id, &Expect::any()).await }).await;
    assert!(died.is_err(), "the process died");
    assert_eq!(scene.grant(id).await.status, GrantStatus::Revoked);
    let pass =
        refresher::run(scene.app(), scene.app().after(Duration::from_secs(60))).await.expect("a sweep");
    assert_eq!(pass.swept, 1);
    assert_eq!(provider.revoked(), [tokens.refresh_token.expose_secret()]);
    assert!(scene.grants().await.is_empty());
    assert!(scene.inside.grants_with_secrets().await.is_empty());
}
