//! ID tokens that do not fit the sign-in (OpenID Connect Core section 3.1.3.7).

use intake::flows::authorize::AuthorizationInput;
use playground::{IdTokenTrick, Options};
use tests::{Scene, scene::ACCOUNT};

#[tokio::test]
async fn an_id_token_that_does_not_fit_makes_no_grant() {
    let tricks = [
        (IdTokenTrick::WrongNonce, "its nonce is another"),
        (IdTokenTrick::WrongAudience, "it is for another client"),
        (IdTokenTrick::WrongIssuer, "its issuer is another"),
        (IdTokenTrick::Expired, "it has expired"),
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
