//! A changed token endpoint: what was stored for the old address never goes to the new one.

use std::time::Duration;

use intake::{
    Kind,
    flows::{
        authorize::AuthorizationInput,
        change::Expect,
        grants,
        integrations::{self, IntegrationInput, ProviderInput},
        refresh::{Reason, refresh_grant},
        refresher,
    },
    types::{given::Given, grant::GrantStatus, mailbox::MailboxStatus, secret::SecretName},
};
use playground::{Options, Rotation};
use secrecy::SecretString;
use tests::{
    Scene,
    faulty::WatchedProvider,
    inside::{CLIENT_ID, CLIENT_SECRET, actor, text},
};
use tokio::sync::oneshot;

const HOUR: Duration = Duration::from_secs(3600);

fn moved(scene: &Scene, secret: Option<&str>) -> IntegrationInput {
    let elsewhere = scene.playground.plain_endpoints();
    IntegrationInput {
        place: ProviderInput {
            issuer: text(&elsewhere.issuer),
            token_endpoint: text(elsewhere.token.as_str()),
            authorization_endpoint: text(elsewhere.authorization.as_str()),
            ..ProviderInput::default()
        },
        client_secret: secret.map_or(Given::Absent, |secret| Given::Value(SecretString::from(secret))),
        ..IntegrationInput::default()
    }
}

async fn move_endpoint(scene: &Scene) {
    let input = moved(scene, Some(CLIENT_SECRET));
    integrations::patch(scene.app(), &actor(), scene.integration, &Expect::any(), input)
        .await
        .expect("a changed integration");
}

#[tokio::test]
async fn the_stored_client_secret_does_not_move_along() {
    let scene = Scene::new(Options::default()).await;
    let refused =
        integrations::patch(scene.app(), &actor(), scene.integration, &Expect::any(), moved(&scene, None))
            .await
            .expect_err("no client secret");
    assert_eq!(refused.code, "client_secret_required");
    scene.consent().await;
}

#[tokio::test]
async fn open_attempts_are_void() {
    let scene = Scene::new(Options::default()).await;
    let opened = scene.open(AuthorizationInput::default()).await;
    let back = scene.agree(&opened.start);
    move_endpoint(&scene).await;
    assert_eq!(scene.finish(&back, &opened.start).await, Ok(opened.attempt));
    assert_eq!(scene.failure(opened.attempt).await.code, "integration_changed");
    assert_eq!(scene.exchanges(), 0);
    assert!(scene.grants().await.is_empty());
}

#[tokio::test]
async fn no_refresh_token_goes_to_the_new_address() {
    let scene = Scene::new(Options { rotation: Rotation::Strict, ..Options::default() }).await;
    let (mailbox, id) = scene.mailbox().await;
    scene.poll(mailbox).await.expect("a poll");
    let version = scene.grant(id).await.secret_version.expect("tokens");
    move_endpoint(&scene).await;
    let told = scene.grant(id).await;
    assert_eq!(told.status, GrantStatus::NeedsConsent);
    assert_eq!(told.last_error.expect("a sentence").code, "token_endpoint_changed");
    for reason in [Reason::OnDemand, Reason::Expiring, Reason::Due, Reason::TokenRefused { version }] {
        let refused = scene.refresh(id, reason.clone()).await.expect_err("no tokens for this address");
        assert_eq!(refused.kind, Kind::NeedsConsent, "{reason:?}");
        assert!(refused.message.contains("token endpoint was changed"), "{refused}");
    }
    scene.advance(HOUR);
    refresher::run(scene.app(), scene.app().after(HOUR)).await.expect("a pass");
    scene.poll(mailbox).await.expect_err("no consent");
    grants::access_token(scene.app(), id).await.map(|_| ()).expect_err("no consent");
    assert_eq!(scene.shown(mailbox).await.status, MailboxStatus::NeedsConsent);
    assert_eq!(scene.refreshes(), 0, "nothing was sent there");
    assert_eq!(scene.grant(id).await.status, GrantStatus::NeedsConsent);
}

#[tokio::test]
async fn a_consent_for_the_new_address_mends_the_grant() {
    let scene = Scene::new(Options::default()).await;
    let (mailbox, id) = scene.mailbox().await;
    move_endpoint(&scene).await;
    let saved =
        integrations::generate_redirect_url(scene.app(), &actor(), scene.integration, &Expect::any()).await;
    let redirect = saved.expect("a redirect URL").integration.redirect_url;
    scene.playground.register_client(CLIENT_ID, CLIENT_SECRET, redirect.as_str());
    assert_eq!(scene.consent_again(id).await, Ok(id));
    scene.poll(mailbox).await.expect("a poll");
    scene.refresh(id, Reason::OnDemand).await.expect("a refresh at the new address");
    assert_eq!(scene.grant(id).await.status, GrantStatus::Active);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refresh_under_way_does_not_bring_the_grant_back() {
    let mut scene = Scene::new(Options { rotation: Rotation::Strict, ..Options::default() }).await;
    let provider = WatchedProvider::new(scene.app().oauth.clone());
    scene.inside.app.oauth = provider.clone();
    let id = scene.consent().await;
    let (asking, asked) = oneshot::channel::<()>();
    let (go, gone) = oneshot::channel::<()>();
    provider.before_next_refresh(async move {
        let _ = asking.send(());
        let _ = gone.await;
    });
    let app = scene.another_process();
    let refreshing = tokio::spawn(async move { refresh_grant(&app, id, Reason::OnDemand).await });
    asked.await.expect("a refresh on its way to the old address");
    move_endpoint(&scene).await;
    let _ = go.send(());
    let late = refreshing.await.expect("no panic").expect_err("a change was faster");
    assert!(late.is_temporary(), "{late:?}");
    assert_eq!(scene.grant(id).await.status, GrantStatus::NeedsConsent);
    // What it brought lies in the vault, and is not taken for good.
    assert!(scene.app().vault.newest(SecretName::Grant(id)).await.expect("a vault").is_some());
    scene.refresh(id, Reason::OnDemand).await.expect_err("no tokens for this address");
    assert_eq!((scene.refreshes(), scene.grant(id).await.status), (1, GrantStatus::NeedsConsent));
}
