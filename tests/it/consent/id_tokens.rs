//! ID tokens that do not fit the sign-in (OpenID Connect Core section 3.1.3.7).

use intake::{
    flows::{
        authorize::AuthorizationInput,
        change::Expect,
        integrations::{self, IntegrationInput},
        refresh::Reason,
    },
    types::given::Given,
};
use playground::{IdTokenTrick, Options};
use tests::{
    Scene,
    inside::actor,
    scene::{ACCOUNT, OTHER_ACCOUNT},
};

#[tokio::test]
async fn an_id_token_that_does_not_fit_makes_no_grant() {
    let tricks = [
        (IdTokenTrick::WrongNonce, "its nonce is another"),
        (IdTokenTrick::WrongAudience, "it is for another client"),
        (IdTokenTrick::WrongIssuer, "its issuer is another"),
        (IdTokenTrick::Expired, "it has expired"),
        (IdTokenTrick::NoSubject, "does not say whose it is"),
        (IdTokenTrick::NoIssuer, "does not say who issued it"),
        (IdTokenTrick::Garbage, "cannot be read"),
        (IdTokenTrick::TooLarge, "larger than 16 KiB"),
    ];
    let scene = Scene::new(Options::default()).await;
    for (trick, words) in tricks {
        scene.script().set_id_token(trick);
        let told = scene
            .inside
            .consent(&scene.playground, scene.integration, AuthorizationInput::default())
            .await
            .expect_err(words);
        assert_eq!(told.code, "id_token_invalid", "{trick:?}");
        assert!(told.message.contains(words), "{told:?}");
        assert!(told.action.starts_with("Begin it again"), "{told:?}");
        assert!(scene.grants().await.is_empty(), "{trick:?}");
        assert!(scene.inside.grants_with_secrets().await.is_empty(), "{trick:?}");
    }
}

#[tokio::test]
async fn without_an_id_token_the_account_is_not_known_and_the_mailbox_says_what_helps() {
    for trick in [IdTokenTrick::Missing, IdTokenTrick::NoAddress] {
        let scene = Scene::new(Options::default()).await;
        scene.script().set_id_token(trick);
        let (mailbox, id) = scene.mailbox().await;
        assert_eq!(scene.grant(id).await.account, None);
        let told = scene.poll(mailbox).await.expect_err("nobody knows whose mailbox to open");
        assert_eq!(told.code, "username_missing");
        assert_eq!(told.action, "Enter the mailbox's address as user name.");
    }
}

#[tokio::test]
async fn a_consent_again_that_does_not_tell_the_account_is_refused() {
    let scene = Scene::new(Options::default()).await;
    let id = scene.consent().await;
    let before = scene.grant(id).await;
    scene.script().set_id_token(IdTokenTrick::Missing);
    let told = scene.consent_again(id).await.expect_err("somebody signed in");
    assert_eq!(told.code, "account_unknown");
    assert!(told.message.contains(ACCOUNT), "{told:?}");
    assert_eq!(scene.grant(id).await, before, "the grant is as it was");
}

#[tokio::test]
async fn an_account_is_known_by_its_subject_where_no_address_is_told() {
    let scene = Scene::new(Options::default()).await;
    let id = scene.consent().await;
    scene.script().set_id_token(IdTokenTrick::NoAddress);
    assert_eq!(scene.consent_again(id).await, Ok(id));
    assert_eq!(scene.grant(id).await.account.as_deref(), Some(ACCOUNT), "it is still known");
}

/// Neither with an unreadable token nor with the same address under another subject or issuer.
#[tokio::test]
async fn a_grant_is_mended_by_its_issuer_and_subject_only() {
    let scene = Scene::new(Options::default()).await;
    // An integration without an issuer does not say whose ID tokens it takes.
    let input = IntegrationInput { issuer: Given::Null, ..IntegrationInput::default() };
    integrations::patch(scene.app(), &actor(), scene.integration, &Expect::any(), input).await.unwrap();
    let id = scene.consent().await;
    let before = scene.grant(id).await;
    for (trick, code) in [
        (IdTokenTrick::OtherSubject, "wrong_account"),
        (IdTokenTrick::WrongIssuer, "wrong_account"),
        (IdTokenTrick::Missing, "account_unknown"),
        (IdTokenTrick::NoSubject, "id_token_invalid"),
        (IdTokenTrick::NoIssuer, "id_token_invalid"),
        (IdTokenTrick::Garbage, "id_token_invalid"),
        (IdTokenTrick::TooLarge, "id_token_invalid"),
    ] {
        scene.script().set_id_token(trick);
        let told = scene.consent_again(id).await.expect_err("somebody else, or nobody in particular");
        assert_eq!(told.code, code, "{trick:?}");
        assert!(!told.message.is_empty() && !told.action.is_empty(), "{told:?}");
        assert_eq!(scene.grant(id).await, before, "{trick:?}");
    }
    scene.refresh(id, Reason::OnDemand).await.expect("its tokens are as they were");
}

#[tokio::test]
async fn a_grant_of_an_older_maildocket_learns_its_subject_from_its_own_account() {
    let scene = Scene::new(Options::default()).await;
    let id = scene.due_grants(1).await[0];
    assert_eq!(
        (scene.grant(id).await.subject, scene.grant(id).await.account.as_deref()),
        (None, Some(ACCOUNT))
    );
    for (trick, account, code) in [
        (IdTokenTrick::Honest, OTHER_ACCOUNT, "wrong_account"),
        (IdTokenTrick::NoAddress, OTHER_ACCOUNT, "account_unknown"),
        (IdTokenTrick::Missing, OTHER_ACCOUNT, "account_unknown"),
    ] {
        scene.script().set_id_token(trick);
        let input = AuthorizationInput {
            grant_id: Some(id),
            login_hint: Some(account.to_owned()),
            ..Default::default()
        };
        let told = scene.inside.consent(&scene.playground, scene.integration, input).await;
        assert_eq!(told.expect_err("somebody else").code, code, "{trick:?}");
        assert_eq!(scene.grant(id).await.subject, None);
    }
    scene.script().set_id_token(IdTokenTrick::Honest);
    assert_eq!(scene.consent_again(id).await, Ok(id));
    assert!(scene.grant(id).await.subject.is_some());
}

#[tokio::test]
async fn a_refresh_does_not_ask_who_it_was() {
    let scene = Scene::new(Options::default()).await;
    let id = scene.consent().await;
    scene.script().set_id_token(IdTokenTrick::Garbage);
    scene.refresh(id, Reason::OnDemand).await.expect("a refresh");
}
