//! What providers answer on bad days: only a refused grant asks a person to consent again.

use std::{sync::Arc, time::Duration};

use intake::{
    Kind,
    flows::{
        integrations::{self, IntegrationInput},
        refresh::Reason,
        refresher,
    },
    types::{
        grant::GrantStatus, host::AddressPolicy, integration::ClientAuthentication, mailbox::MailboxStatus,
    },
};
use intake::{flows::change::Expect, types::given::Given};
use oauth_provider::{HttpProvider, ProviderConfig};
use playground::{Answer, Endpoint, Options, Rotation};
use secrecy::{ExposeSecret, SecretString};
use tests::{
    Scene,
    faulty::FaultyVault,
    inside::{CLIENT_ID, actor},
    scene::ACCOUNT,
};

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn a_revoked_grant_asks_for_consent_once_and_says_so() {
    let scene = Scene::new(Options::default()).await;
    let (mailbox, id) = scene.mailbox().await;
    scene.script().revoke_grants(ACCOUNT);
    scene.advance(HOUR);
    let refused = scene.poll(mailbox).await.expect_err("a revoked grant");
    assert_eq!((refused.kind, refused.code.as_ref()), (Kind::NeedsConsent, "grant_refused"));
    let grant = scene.grant(id).await;
    assert_eq!((grant.status, grant.next_refresh_at), (GrantStatus::NeedsConsent, None));
    let told = grant.last_error.expect("a sentence");
    assert_eq!(told.message, "The permission for this account is no longer valid.");
    assert_eq!(told.action, "Sign in again to reconnect it.");
    let shown = scene.shown(mailbox).await;
    assert_eq!((shown.status, shown.run.last_error), (MailboxStatus::NeedsConsent, Some(told)));
    // Nobody asks the provider again before a person did something.
    scene.advance(24 * HOUR);
    scene.poll(mailbox).await.expect_err("still revoked");
    refresher::run(scene.app(), scene.app().after(HOUR)).await.expect("a pass");
    assert_eq!(scene.refreshes(), 1);
}

/// The provider's answer, and how long the next try waits for it: from, to (seconds).
fn temporary_faults() -> Vec<(&'static str, Answer, u64, u64)> {
    vec![
        ("503 with Retry-After", Answer::busy(120), 120, 120),
        ("429 with Retry-After", Answer::new(429).header("retry-after", "90"), 90, 90),
        ("429", Answer::new(429), 15, 30),
        ("500", Answer::new(500).body("oops"), 15, 30),
        ("a dropped connection", Answer::dropped(), 15, 30),
        ("silence", Answer::never(), 15, 30),
        ("a page", Answer::html(), 3600, 3600),
        ("3 MB", Answer::oversized(), 3600, 3600),
    ]
}

#[tokio::test]
async fn a_temporary_fault_backs_off_and_never_asks_for_consent() {
    let mut scene = Scene::new(Options::default()).await;
    let mut limits = ProviderConfig::new(
        machine::gate(AddressPolicy { allow_private: true }),
        Some(scene.playground.ca_pem().as_bytes().to_vec()),
    );
    limits.total_time = Duration::from_millis(700);
    scene.inside.app.oauth = Arc::new(HttpProvider::new(limits).expect("a client"));
    let (mailbox, id) = scene.mailbox().await;
    for (fault, answer, from, to) in temporary_faults() {
        let (good, asked) = (scene.tokens(id).await, scene.refreshes());
        scene.script().answer_next(Endpoint::Token, 1, &answer);
        scene.refresh(id, Reason::OnDemand).await.expect_err(fault);
        let grant = scene.grant(id).await;
        assert_eq!((grant.status, grant.consecutive_failures), (GrantStatus::Failing, 1), "{fault}");
        assert!(grant.last_error.is_some(), "{fault}");
        let pause = grant.next_refresh_at.expect("another try").duration_since(scene.app().now()).as_secs();
        let (from, to) = (i64::try_from(from).expect("small") - 2, i64::try_from(to).expect("small"));
        assert!((from..=to).contains(&pause), "{fault}: the next try is in {pause} s");
        // The token lives, so the mailbox does not notice.
        scene.poll(mailbox).await.expect(fault);
        assert_eq!(scene.shown(mailbox).await.status, MailboxStatus::Ok, "{fault}");
        assert_eq!(scene.refreshes(), asked + 1, "{fault}: asked once, and not again too early");
        scene.advance(Duration::from_secs(u64::try_from(to).expect("positive")));
        let pass = refresher::run(scene.app(), scene.app().after(HOUR)).await.expect("a pass");
        assert_eq!((pass.refreshed, pass.failed), (1, 0), "{fault}");
        let grant = scene.grant(id).await;
        assert_eq!((grant.status, grant.consecutive_failures), (GrantStatus::Active, 0), "{fault}");
        assert_eq!((grant.last_error, grant.refresh_started), (None, None), "{fault}");
        let now = scene.tokens(id).await;
        assert_eq!(now.refresh_token.expose_secret(), good.refresh_token.expose_secret(), "{fault}");
    }
    assert!(scene.script().is_used_up());
}

#[tokio::test]
async fn the_pause_doubles_up_to_half_an_hour() {
    let scene = Scene::new(Options::default()).await;
    let id = scene.consent().await;
    scene.script().answer_next(Endpoint::Token, 12, &Answer::new(503));
    for failure in 0..12 {
        scene.refresh(id, Reason::OnDemand).await.expect_err("a busy provider");
        let grant = scene.grant(id).await;
        let pause = grant.next_refresh_at.expect("another try").duration_since(scene.app().now()).as_secs();
        let longest = (30 << failure).min(1800);
        assert!((longest / 2 - 2..=longest).contains(&pause), "failure {failure}: {pause} s");
        assert_eq!(grant.status, GrantStatus::Failing);
    }
}

#[tokio::test]
async fn a_mailbox_whose_token_ended_waits_for_the_provider() {
    let scene = Scene::new(Options::default()).await;
    let (mailbox, _) = scene.mailbox().await;
    scene.advance(HOUR);
    scene.script().answer_next(Endpoint::Token, 1, &Answer::busy(300));
    let failed = scene.poll(mailbox).await.expect_err("no token");
    assert_eq!(failed.kind, Kind::Retry { after: Some(Duration::from_secs(300)) });
    assert_eq!(scene.shown(mailbox).await.status, MailboxStatus::Failing);
    scene.advance(Duration::from_secs(300));
    scene.poll(mailbox).await.expect("a token");
    assert_eq!(scene.shown(mailbox).await.status, MailboxStatus::Ok);
}

#[tokio::test]
async fn a_client_secret_that_ended_needs_a_new_one_and_no_consent() {
    let scene = Scene::new(Options { rotation: Rotation::Strict, ..Options::default() }).await;
    let (mailbox, id) = scene.mailbox().await;
    let integration = integrations::get(scene.app(), scene.integration).await.expect("an integration");
    let redirect = integration.redirect_url.as_str();
    scene.playground.register_client(CLIENT_ID, "the-next-client-secret", redirect);
    let kept = scene.tokens(id).await;
    scene.advance(HOUR);
    let refused = scene.poll(mailbox).await.expect_err("an expired client secret");
    assert_eq!((refused.kind, refused.code.as_ref()), (Kind::Configuration, "client_refused"));
    let shown = scene.shown(mailbox).await;
    assert_eq!(shown.status, MailboxStatus::NeedsAttention);
    assert!(shown.run.last_error.expect("a sentence").message.contains("client secret"));
    assert_eq!(scene.grant(id).await.status, GrantStatus::Failing);
    assert_eq!(scene.tokens(id).await.refresh_token.expose_secret(), kept.refresh_token.expose_secret());
    let input = IntegrationInput {
        client_secret: Given::Value(SecretString::from("the-next-client-secret")),
        ..IntegrationInput::default()
    };
    integrations::patch(scene.app(), &actor(), scene.integration, &Expect::any(), input)
        .await
        .expect("a changed integration");
    scene.poll(mailbox).await.expect("the old refresh token with the new client secret");
    assert_eq!(scene.grant(id).await.status, GrantStatus::Active);
    assert_eq!(scene.shown(mailbox).await.status, MailboxStatus::Ok);
}

#[tokio::test]
async fn the_way_in_which_a_client_is_accepted_is_kept() {
    let scene = Scene::new(Options::default()).await;
    let id = scene.consent().await;
    let read = async || integrations::get(scene.app(), scene.integration).await.expect("an integration");
    let known = read().await;
    assert!(!known.endpoints.authentication.is_empty(), "the issuer's metadata say it");
    // Without an issuer nobody says it.
    let input = IntegrationInput { issuer: Given::Null, ..IntegrationInput::default() };
    integrations::patch(scene.app(), &actor(), scene.integration, &Expect::any(), input)
        .await
        .expect("a changed integration");
    let before = read().await;
    assert_eq!(before.client_authentication, ClientAuthentication::ClientSecretPost);
    assert!(before.endpoints.authentication.is_empty(), "{before:?}");
    scene.script().answer_next(Endpoint::Token, 1, &Answer::oauth_error("invalid_client", "x"));
    scene.refresh(id, Reason::OnDemand).await.expect("accepted in the other way");
    let after = read().await;
    assert_eq!(after.client_authentication, ClientAuthentication::ClientSecretBasic);
    assert_eq!((after.version, after.updated_at), (before.version, before.updated_at), "no person did it");
    scene.refresh(id, Reason::OnDemand).await.expect("the way that was learned");
}

#[tokio::test]
async fn no_token_is_spent_while_the_vault_cannot_be_written() {
    let mut scene = Scene::new(Options { rotation: Rotation::Strict, ..Options::default() }).await;
    let vault = FaultyVault::new(scene.app().vault.clone());
    scene.inside.app.vault = vault.clone();
    let id = scene.consent().await;
    vault.set_read_only(true);
    scene.advance(HOUR);
    let failed = scene.refresh(id, Reason::Expiring).await.expect_err("a vault that cannot be written");
    assert!(failed.is_temporary(), "{failed}");
    let pass = refresher::run(scene.app(), scene.app().after(HOUR)).await.expect("a pass");
    assert_eq!((pass.failed, scene.refreshes()), (1, 0));
    let grant = scene.grant(id).await;
    assert_eq!((grant.status, grant.refresh_started), (GrantStatus::Active, None));
    vault.set_read_only(false);
    let pass = refresher::run(scene.app(), scene.app().after(HOUR)).await.expect("a pass");
    assert_eq!((pass.refreshed, scene.refreshes()), (1, 1));
}
