//! Polls whose token is refused: one look, one refresh, then one sentence.

use std::time::Duration;

use intake::types::{grant::GrantStatus, mailbox::MailboxStatus};
use playground::{MailFault, Options, Step};
use tests::{Scene, scene::ACCOUNT};

async fn scene_with_a_mail() -> (Scene, intake::types::ids::MailboxId) {
    let scene = Scene::new(Options::default()).await;
    let (mailbox, _) = scene.mailbox().await;
    scene.playground.deliver(ACCOUNT, "Subject: hello\r\n\r\nHello.\r\n");
    (scene, mailbox)
}

#[tokio::test]
async fn a_token_that_ended_is_refreshed_once_and_the_poll_goes_on() {
    let (scene, mailbox) = scene_with_a_mail().await;
    scene.script().expire_access_tokens(ACCOUNT);
    let report = scene.poll(mailbox).await.expect("a poll with a new token");
    assert_eq!((report.created, scene.refreshes()), (1, 1));
    let counted = scene.script().counters();
    assert_eq!((counted.sign_ins_refused, counted.sign_ins_accepted), (1, 1));
    assert_eq!(scene.shown(mailbox).await.status, MailboxStatus::Ok);
}

#[tokio::test]
async fn a_token_that_another_poll_refreshed_is_taken_from_there() {
    let (scene, mailbox) = scene_with_a_mail().await;
    let late = scene.another_process();
    scene.poll(mailbox).await.expect("a poll that keeps the token in memory");
    scene.script().expire_access_tokens(ACCOUNT);
    let (here, there) = tokio::join!(
        scene.poll(mailbox),
        intake::flows::poll::poll_now(&late, mailbox, Duration::from_secs(60))
    );
    here.expect("a poll");
    there.expect("a poll");
    assert_eq!(scene.refreshes(), 1);
}

#[tokio::test]
async fn a_token_refused_twice_ends_in_one_sentence() {
    let (scene, mailbox) = scene_with_a_mail().await;
    for (fault, code, status, sentence) in [
        (
            MailFault::gmail_refuses_token(),
            "mail_token_refused",
            MailboxStatus::NeedsConsent,
            "refuses the token of this account",
        ),
        (
            MailFault::exchange_refuses_token(),
            "mail_sign_in_refused",
            MailboxStatus::NeedsAttention,
            "refuses the sign-in",
        ),
        (
            MailFault::yahoo_refuses_token(),
            "mail_token_refused",
            MailboxStatus::NeedsConsent,
            "The mail server refuses the token",
        ),
    ] {
        scene.script().reset_counters();
        for _ in 0..10 {
            scene.script().mail_fault(fault.clone());
        }
        let refused = scene.poll(mailbox).await.expect_err("a refused token");
        assert_eq!(refused.code, code);
        assert!(refused.message.contains(sentence), "{refused}");
        let counted = scene.script().counters();
        assert_eq!((counted.sign_ins_refused, scene.refreshes()), (2, 1));
        let shown = scene.shown(mailbox).await;
        assert_eq!(shown.status, status);
        assert_eq!(shown.run.last_error.expect("a sentence").code, code);
        scene.script().calm();
    }
    let grant = scene.shown(mailbox).await.mailbox.grant_id().expect("a grant");
    assert_eq!(
        scene.grant(grant).await.status,
        GrantStatus::Active,
        "the mail server's word is no end of a grant"
    );
    assert_eq!(scene.poll(mailbox).await.expect("a calm server").created, 1);
    assert_eq!(scene.shown(mailbox).await.status, MailboxStatus::Ok);
}

#[tokio::test]
async fn a_session_whose_token_ended_is_followed_by_another() {
    let (scene, mailbox) = scene_with_a_mail().await;
    let step = Step::Command("UID FETCH".to_owned());
    scene.script().mail_fault(MailFault::exchange_session_expired(step));
    let cut = scene.poll(mailbox).await;
    let cut = cut.expect_err("a session that ended");
    assert!(cut.is_temporary(), "{cut:?}");
    assert_eq!(scene.shown(mailbox).await.status, MailboxStatus::Failing);
    assert_eq!(scene.poll(mailbox).await.expect("another session").created, 1);
    assert_eq!(scene.shown(mailbox).await.status, MailboxStatus::Ok);
}
