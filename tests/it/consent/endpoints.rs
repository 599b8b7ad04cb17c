//! A changed token endpoint: what was stored for the old address never goes to the new one.

use std::time::Duration;

use intake::{
    Kind,
    flows::{
        authorize::AuthorizationInput,
        change::Expect,
        grants,
        integrations::{self, IntegrationInput},
        refresh::{Reason, refresh_grant},
        refresher,
    },
    types::{
        given::Given, grant::GrantStatus, integration::Integration, mailbox::MailboxStatus,
        secret::SecretName,
    },
};
use playground::{Answer, Endpoint, Options, Rotation};
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
        issuer: text(&elsewhere.issuer),
        token_endpoint: text(elsewhere.token.as_str()),
        authorization_endpoint: text(elsewhere.authorization.as_str()),
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

async fn patch(scene: &Scene, input: IntegrationInput) -> Integration {
    let patched = integrations::patch(scene.app(), &actor(), scene.integration, &Expect::any(), input).await;
    patched.expect("a changed integration").integration
}

/// Metadata of the playground's issuer with another address for revocation.
fn metadata(scene: &Scene, revocation: &str) -> Answer {
    let endpoints = scene.playground.endpoints();
    let document = serde_json::json!({
        "issuer": endpoints.issuer,
        "authorization_endpoint": endpoints.authorization,
        "token_endpoint": endpoints.token,
        "revocation_endpoint": revocation,
    });
    Answer::new(200).header("content-type", "application/json").body(document.to_string())
}

#[tokio::test]
async fn the_revocation_endpoint_changes_with_the_issuer() {
    let scene = Scene::new(Options::default()).await;
    let (here, there) = (scene.playground.endpoints(), scene.playground.plain_endpoints());
    let saved = integrations::get(scene.app(), scene.integration).await.expect("an integration");
    assert_eq!(saved.endpoints.revocation.as_ref(), Some(&here.revocation));
    let asked = scene.script().counters().discovery_requests;
    let renamed = IntegrationInput { name: text("Another name"), ..IntegrationInput::default() };
    let renamed =
        integrations::patch(scene.app(), &actor(), scene.integration, &Expect::any(), renamed).await;
    assert_eq!(renamed.expect("a new name").integration.endpoints, saved.endpoints);
    assert_eq!(scene.script().counters().discovery_requests, asked, "a new name is no reason to ask");
    // Metadata about another token endpoint is not about this provider.
    let issuer = |issuer: Given<String>| IntegrationInput { issuer, ..IntegrationInput::default() };
    assert_eq!(patch(&scene, issuer(text(&there.issuer))).await.endpoints.revocation, None);
    assert_eq!(patch(&scene, issuer(text(&here.issuer))).await.endpoints, saved.endpoints);
    // Given again, it is asked again; what it does not tell today stays.
    scene.script().answer_next(Endpoint::Discovery, 1, &Answer::html());
    assert_eq!(patch(&scene, issuer(text(&here.issuer))).await.endpoints, saved.endpoints);
    scene.script().answer_next(Endpoint::Discovery, 1, &metadata(&scene, here.token.as_str()));
    let told = patch(&scene, issuer(text(&here.issuer))).await;
    assert_eq!((told.endpoints.revocation.as_ref(), told.iss_in_callback), (Some(&here.token), false));
    assert_eq!(patch(&scene, issuer(Given::Null)).await.endpoints.revocation, None);
    move_endpoint(&scene).await;
    let moved = integrations::get(scene.app(), scene.integration).await.expect("an integration");
    assert_eq!(moved.endpoints.revocation.as_ref(), Some(&there.revocation));
}

#[tokio::test]
async fn a_grant_without_a_revocation_endpoint_can_be_deleted() {
    let scene = Scene::new(Options::default()).await;
    patch(&scene, IntegrationInput { issuer: Given::Null, ..IntegrationInput::default() }).await;
    let id = scene.consent().await;
    grants::delete(scene.app(), &actor(), id, &Expect::any()).await.expect("a deletion");
    assert_eq!(scene.app().store.grant(id).await, Ok(None));
    assert_eq!(scene.script().counters().revocation_requests, 0);
}

#[tokio::test]
async fn no_token_is_revoked_at_a_new_address() {
    let scene = Scene::new(Options::default()).await;
    let id = scene.consent().await;
    let elsewhere = metadata(&scene, scene.playground.plain_endpoints().revocation.as_str());
    patch(&scene, IntegrationInput { issuer: Given::Null, ..IntegrationInput::default() }).await;
    scene.script().answer_next(Endpoint::Discovery, 1, &elsewhere);
    let issuer = text(&scene.playground.endpoints().issuer);
    let patched = patch(&scene, IntegrationInput { issuer, ..IntegrationInput::default() }).await;
    assert_eq!(patched.endpoints.revocation, None, "the token endpoint stayed, and its secrets with it");
    move_endpoint(&scene).await;
    grants::delete(scene.app(), &actor(), id, &Expect::any()).await.expect("a deletion");
    assert_eq!(scene.app().store.grant(id).await, Ok(None));
    assert_eq!(scene.script().counters().revocation_requests, 0, "its tokens are of the old address");
}

#[tokio::test]
async fn a_discovered_revocation_endpoint_is_checked_as_the_token_endpoint_is() {
    let scene = Scene::new(Options::default()).await;
    for (n, refused) in ["https://169.254.169.254/revoke", "http://id.example/revoke"].into_iter().enumerate()
    {
        scene.script().answer_next(Endpoint::Discovery, 1, &metadata(&scene, refused));
        let input = IntegrationInput {
            provider: text("custom"),
            issuer: text(&scene.playground.endpoints().issuer),
            name: text(&format!("Another {n}")),
            client_id: text(CLIENT_ID),
            client_secret: Given::Value(SecretString::from(CLIENT_SECRET)),
            ..IntegrationInput::default()
        };
        let error = integrations::create(scene.app(), &actor(), input, None).await.expect_err(refused);
        assert_eq!((error.kind, error.fields[0].pointer.as_str()), (Kind::Invalid, "/issuer"));
    }
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
    assert!(!scene.inside.versions_of(SecretName::Grant(id)).await.is_empty());
    scene.refresh(id, Reason::OnDemand).await.expect_err("no tokens for this address");
    assert_eq!((scene.refreshes(), scene.grant(id).await.status), (1, GrantStatus::NeedsConsent));
}
