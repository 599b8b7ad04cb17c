//! What a server gives in the place of a mail that is gone is no mail, and a mail that only looks like it is one.

use bytes::Bytes;
use intake::types::message::{MessageState, Reason};
use playground::Spoilt;
use tests::{Breaker, Call};

use super::{
    mails,
    scene::{Scene, USER},
};

const GONE: (MessageState, Reason) = (MessageState::Skipped, Reason::Gone);
const WAITS: (MessageState, Reason) = (MessageState::Stored, Reason::UnreadableOnServer);
const CREATED: (MessageState, Reason) = (MessageState::Applied, Reason::Created);

/// The beginning of a session of the poll.
fn session(nth: u32) -> Call {
    Call { name: "mail.open", nth }
}

#[tokio::test]
async fn a_mail_in_whose_place_something_else_comes_is_gone_where_it_is_not_listed_any_more() {
    let mut scene = Scene::with_letters(4).await;
    scene.deliver(mails::letter("large", "Large", &"Sixteen bytes.\r\n".repeat(100_000)));
    let inside = scene.template.copy().await;
    let breaker = Breaker::watching();
    let script = scene.playground.script();
    for uid in [2, 3, 5] {
        script.spoil(USER, uid, Spoilt::StandIn);
    }
    let another = script.clone();
    breaker.meanwhile(session(2), move || {
        assert!([2, 3].into_iter().all(|uid| another.remove(USER, uid)));
    });
    // Another client had renamed its file: it is there.
    breaker.meanwhile(session(3), move || script.mend(USER, 5));
    let polled = scene.poll(&breaker.process(&inside.app)).await.unwrap();
    assert_eq!((polled.created, polled.skipped, polled.more), (3, 2, false), "{polled:?}");
    let ledger = scene.ledger(&inside).await;
    assert_eq!([2, 3, 5].map(|uid| ledger.fate(uid)), [GONE, GONE, CREATED]);
    assert_eq!(scene.run(&inside).await.cursor.unwrap().next_uid, 6);
}

/// No words make a person's mail nothing.
#[tokio::test]
async fn a_mail_that_looks_like_a_stand_in_is_a_mail_with_the_third_poll() {
    let mut scene = Scene::with_letters(2).await;
    let words = b"From: System Administrator <root@localhost>\r\nSubject: message unavailable\r\n\r\n\
        This message is no longer available on the server.\r\n";
    scene.deliver(Bytes::from_static(words));
    scene.deliver(Bytes::from_static(b"Subject: Bare\r\n\r\nOf a size that is told wrongly.\r\n"));
    scene.playground.script().spoil(USER, 4, Spoilt::WrongSize(4321));
    let inside = scene.template.copy().await;
    for _ in 1..=2 {
        let error = scene.poll(&inside.app).await.unwrap_err();
        assert_eq!(&*error.code, "mail_server_busy", "{error:?}");
        let ledger = scene.ledger(&inside).await;
        assert_eq!([1, 2, 3, 4].map(|uid| ledger.fate(uid)), [CREATED, CREATED, WAITS, WAITS]);
    }
    assert_eq!(scene.poll(&inside.app).await.unwrap().created, 2);
    let ledger = scene.ledger(&inside).await;
    assert_eq!([3, 4].map(|uid| ledger.fate(uid)), [CREATED, CREATED]);
}

/// Another client is still at it when it is asked for again.
#[tokio::test]
async fn a_stand_in_that_comes_again_is_not_taken_for_the_mail() {
    let scene = Scene::with_letters(3).await;
    scene.playground.script().spoil(USER, 2, Spoilt::StandIn);
    let inside = scene.template.copy().await;
    scene.poll(&inside.app).await.unwrap_err();
    assert_eq!(scene.ledger(&inside).await.fate(2), WAITS);
    scene.playground.script().mend(USER, 2);
    assert_eq!(scene.poll(&inside.app).await.unwrap().created, 1);
    let ledger = scene.ledger(&inside).await;
    assert_eq!((ledger.fate(2), ledger.issues.len(), ledger.messages.len()), (CREATED, 3, 3));
}
