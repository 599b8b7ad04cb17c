//! A mailbox belongs to the account that it is read with: another one changes nothing, and both are named.

use intake::{
    flows::{
        audit,
        authorize::{self, AuthorizationInput},
        change::Expect,
        integrations::{self, IntegrationInput},
        mailboxes::{self, AuthInput, MailboxInput},
        refresh::Reason,
    },
    types::{
        PageRequest, Problem,
        audit::AuditFilter,
        given::Given,
        ids::{GrantId, MailboxId},
        mailbox::MailboxStatus,
    },
};
use playground::{IdTokenTrick, Options};
use secrecy::SecretString;
use tests::{
    Scene,
    inside::{CLIENT_ID, CLIENT_SECRET, actor, text},
    scene::{ACCOUNT, OTHER_ACCOUNT},
};

fn of(mailbox: MailboxId, account: Option<&str>) -> AuthorizationInput {
    AuthorizationInput {
        mailbox_id: Some(mailbox),
        login_hint: account.map(str::to_owned),
        ..AuthorizationInput::default()
    }
}

async fn consent(scene: &Scene, input: AuthorizationInput) -> Result<GrantId, Problem> {
    scene.inside.consent(&scene.playground, scene.integration, input).await
}

fn names_both(told: &Problem) {
    assert_eq!(told.code, "wrong_account");
    for name in [ACCOUNT, OTHER_ACCOUNT] {
        assert!(told.message.contains(name), "{told:?}");
    }
    assert!(told.action.contains(ACCOUNT), "{told:?}");
}

/// What the newest entry with this action says of the account.
async fn audited(scene: &Scene, action: &str) -> (String, String) {
    let filter = AuditFilter { action: Some(action.to_owned()), ..AuditFilter::default() };
    let page = audit::list(scene.app(), &filter, &PageRequest::first(1)).await.expect("the trail");
    let changes = &page.items.first().expect("an entry").changes;
    let account = changes.iter().find(|change| change.field == "account").expect("whose account");
    (account.before.clone(), account.after.clone())
}

#[tokio::test]
async fn another_account_does_not_take_a_healthy_mailbox_over() {
    let scene = Scene::new(Options::default()).await;
    let (mailbox, id) = scene.mailbox().await;
    scene.playground.deliver(ACCOUNT, "Subject: ours\r\n\r\nOne.\r\n");
    scene.playground.deliver(OTHER_ACCOUNT, "Subject: theirs\r\n\r\nTwo.\r\n");
    assert_eq!(scene.poll(mailbox).await.expect("a poll").created, 1);
    let before = (scene.shown(mailbox).await, scene.grants().await);
    for _ in 0..3 {
        let told = consent(&scene, of(mailbox, Some(OTHER_ACCOUNT))).await.expect_err("another account");
        names_both(&told);
    }
    assert_eq!((scene.shown(mailbox).await, scene.grants().await), before, "nothing was changed");
    assert_eq!(scene.inside.grants_with_secrets().await, [id], "and nothing was kept");
    assert_eq!(audited(&scene, "authorization.failed").await, (ACCOUNT.to_owned(), OTHER_ACCOUNT.to_owned()));
    let report = scene.poll(mailbox).await.expect("a poll");
    assert_eq!((report.created, report.fetched), (0, 0), "no mail of theirs");
    scene.refresh(id, Reason::OnDemand).await.expect("its tokens are as they were");
}

#[tokio::test]
async fn nor_does_one_whose_grant_is_there_already() {
    let scene = Scene::new(Options::default()).await;
    let (mailbox, _) = scene.mailbox().await;
    let input = AuthorizationInput { login_hint: Some(OTHER_ACCOUNT.to_owned()), ..Default::default() };
    let other = scene.consent_for(input).await;
    let before = scene.shown(mailbox).await;
    for grant_id in [None, Some(other)] {
        let input = AuthorizationInput { grant_id, ..of(mailbox, Some(OTHER_ACCOUNT)) };
        names_both(&consent(&scene, input).await.expect_err("another account"));
        assert_eq!(scene.shown(mailbox).await, before);
    }
    // An administrator chooses it for the mailbox.
    let auth = AuthInput { grant_id: text(&other.to_string()), ..AuthInput::default() };
    let input = MailboxInput { auth: Given::Value(auth), ..MailboxInput::default() };
    mailboxes::patch(scene.app(), &actor(), mailbox, &Expect::any(), input).await.expect("a choice");
    assert_eq!(consent(&scene, of(mailbox, Some(OTHER_ACCOUNT))).await, Ok(other), "it is theirs now");
}

#[tokio::test]
async fn nobody_in_particular_does_not_take_it_over() {
    let scene = Scene::new(Options::default()).await;
    let (mailbox, _) = scene.mailbox().await;
    let before = scene.shown(mailbox).await;
    scene.script().set_id_token(IdTokenTrick::Missing);
    let told = consent(&scene, of(mailbox, Some(OTHER_ACCOUNT))).await.expect_err("somebody signed in");
    assert_eq!(told.code, "account_unknown");
    assert!(told.message.contains(ACCOUNT), "{told:?}");
    // The same address, and another account.
    scene.script().set_id_token(IdTokenTrick::OtherSubject);
    let told = consent(&scene, of(mailbox, Some(ACCOUNT))).await.expect_err("another account");
    assert_eq!(told.code, "wrong_account");
    assert_eq!(scene.shown(mailbox).await, before);
}

#[tokio::test]
async fn a_mailbox_that_waits_again_is_still_its_accounts() {
    let scene = Scene::new(Options::default()).await;
    let (mailbox, _) = scene.mailbox().await;
    scene.playground.deliver(ACCOUNT, "Subject: ours\r\n\r\nOne.\r\n");
    scene.poll(mailbox).await.expect("a poll");
    let epoch = scene.shown(mailbox).await.run.epoch;
    let endpoints = scene.playground.endpoints();
    let second = IntegrationInput {
        provider: text("custom"),
        issuer: text(endpoints.issuer.as_str()),
        authorization_endpoint: text(endpoints.authorization.as_str()),
        token_endpoint: text(endpoints.token.as_str()),
        name: text("Second"),
        client_id: text(CLIENT_ID),
        client_secret: Given::Value(SecretString::from(CLIENT_SECRET)),
        scopes: Given::Value(
            ["openid", "email", "offline_access", playground::MAIL_SCOPE].map(str::to_owned).to_vec(),
        ),
        ..IntegrationInput::default()
    };
    let second = integrations::create(scene.app(), &actor(), second, None).await.expect("an integration");
    let second = second.integration.id;
    let auth = AuthInput { integration_id: text(&second.to_string()), ..AuthInput::default() };
    let input = MailboxInput { auth: Given::Value(auth), ..MailboxInput::default() };
    mailboxes::patch(scene.app(), &actor(), mailbox, &Expect::any(), input).await.expect("a change");
    let before = scene.shown(mailbox).await;
    assert_eq!(before.status, MailboxStatus::NeedsConsent);
    let input = of(mailbox, Some(OTHER_ACCOUNT));
    let told = scene.inside.consent(&scene.playground, second, input).await.expect_err("another account");
    names_both(&told);
    assert_eq!(scene.shown(mailbox).await, before);
    assert_eq!(scene.grants().await.len(), 1);
    // It is asked for by name, so nobody has to choose.
    scene.inside.consent(&scene.playground, second, of(mailbox, None)).await.expect("its own account");
    let run = scene.shown(mailbox).await.run;
    assert_eq!(run.epoch, epoch, "the same mailbox goes on");
    assert_eq!(scene.poll(mailbox).await.expect("a poll").created, 0);
}

#[tokio::test]
async fn whose_consent_is_needed_is_suggested_to_the_provider() {
    let scene = Scene::new(Options::default()).await;
    let (mailbox, grant) = scene.mailbox().await;
    let hint = async |input: AuthorizationInput| {
        authorize::begin(scene.app(), &actor(), scene.integration, input, None)
            .await
            .unwrap()
            .attempt
            .login_hint
    };
    assert_eq!(hint(AuthorizationInput::default()).await, None);
    assert_eq!(hint(of(mailbox, None)).await.as_deref(), Some(ACCOUNT));
    assert_eq!(hint(of(mailbox, Some("typed@example.test"))).await.as_deref(), Some("typed@example.test"));
    let again = AuthorizationInput { grant_id: Some(grant), ..AuthorizationInput::default() };
    assert_eq!(hint(again).await.as_deref(), Some(ACCOUNT));
    let fresh = scene.inside.mailbox_named("Second", &scene.playground, scene.integration).await;
    assert_eq!(hint(of(fresh, None)).await, None);
}

#[tokio::test]
async fn a_mailbox_that_is_named_by_hand_is_opened_by_whoever_may() {
    let scene = Scene::new(Options::default()).await;
    let (mailbox, _) = scene.mailbox().await;
    let auth = AuthInput { username: text(ACCOUNT), ..AuthInput::default() };
    let input = MailboxInput { auth: Given::Value(auth), ..MailboxInput::default() };
    mailboxes::patch(scene.app(), &actor(), mailbox, &Expect::any(), input).await.expect("a user name");
    let epoch = scene.shown(mailbox).await.run.epoch;
    consent(&scene, of(mailbox, Some(OTHER_ACCOUNT))).await.expect("a delegate");
    let shown = scene.shown(mailbox).await;
    assert_eq!((shown.username.as_deref(), shown.run.epoch), (Some(ACCOUNT), epoch));
}
