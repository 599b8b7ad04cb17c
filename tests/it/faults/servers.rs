//! Mail servers that lose, hide, withhold and renumber mails.

use std::time::Duration;

use intake::{
    Timestamp,
    flows::poll::PollReport,
    types::message::{MessageState, Reason},
};
use playground::{Act, MailFault, Spoilt, Step};
use tests::{Breaker, Call, Moment};

use super::{
    mails,
    scene::{Scene, USER, let_lease_end},
};

const CREATED: (MessageState, Reason) = (MessageState::Applied, Reason::Created);

#[tokio::test]
async fn a_mail_without_bytes_fails_and_the_cursor_moves_on() {
    let scene = Scene::with_letters(5).await;
    scene.playground.script().spoil(USER, 3, Spoilt::NoData);
    let inside = scene.imported().await;
    let ledger = scene.ledger(&inside).await;
    assert_eq!(ledger.fate(3), (MessageState::Failed, Reason::UnreadableOnServer));
    assert_eq!((ledger.messages.len(), ledger.issues.len()), (5, 4));
    assert_eq!(scene.run(&inside).await.cursor.unwrap().next_uid, 6);
}

#[tokio::test]
async fn a_large_mail_without_bytes_fails_and_the_cursor_moves_on() {
    let mut scene = Scene::with_letters(2).await;
    scene.deliver(mails::letter("big", "Big", &"Four bytes or more.\r\n".repeat(100_000)));
    scene.deliver(mails::letter("last", "Last", "The last one."));
    scene.playground.script().spoil(USER, 3, Spoilt::NoData);
    let inside = scene.imported().await;
    let ledger = scene.ledger(&inside).await;
    assert_eq!(ledger.fate(3), (MessageState::Failed, Reason::UnreadableOnServer));
    assert_eq!((ledger.messages.len(), ledger.issues.len()), (4, 3));
    assert_eq!(scene.run(&inside).await.cursor.unwrap().next_uid, 5);
}

#[tokio::test]
async fn a_mail_that_goes_between_listing_and_reading_is_skipped() {
    let scene = Scene::with_letters(5).await;
    let inside = scene.template.copy().await;
    let breaker = Breaker::watching();
    let script = scene.playground.script();
    breaker.meanwhile(Call { name: "mail.fetch", nth: 1 }, move || assert!(script.remove(USER, 3)));
    scene.poll(&breaker.process(&inside.app)).await.unwrap();
    let ledger = scene.ledger(&inside).await;
    assert_eq!(ledger.fate(3), (MessageState::Skipped, Reason::Gone));
    assert_eq!((ledger.messages.len(), ledger.issues.len()), (5, 4));
    assert_eq!(scene.run(&inside).await.cursor.unwrap().next_uid, 6);
}

#[tokio::test]
async fn a_size_that_is_not_true_loses_nothing() {
    let mut scene = Scene::with_letters(3).await;
    scene.deliver(mails::letter("big", "Big", &"Four bytes or more.\r\n".repeat(100_000)));
    scene.playground.script().spoil(USER, 2, Spoilt::WrongSize(3 * 1024 * 1024));
    scene.playground.script().spoil(USER, 4, Spoilt::WrongSize(100));
    let inside = scene.imported().await;
    let ledger = scene.ledger(&inside).await;
    assert!((1..=4).all(|uid| ledger.fate(uid) == CREATED), "{ledger:#?}");
}

#[tokio::test]
async fn a_connection_that_breaks_while_it_brings_mails_loses_nothing() {
    let scene = Scene::with_letters(20).await;
    let whole = scene.ledger(&scene.imported().await).await;
    for bytes in (1..4_000).step_by(333) {
        let inside = scene.template.copy().await;
        // The first one is that of the listing.
        scene.playground.script().mail_fault(MailFault::cut_fetch_after(1_000_000));
        scene.playground.script().mail_fault(MailFault::cut_fetch_after(bytes));
        scene.poll(&inside.app).await.unwrap();
        assert!(scene.playground.script().is_used_up());
        assert!(scene.ledger(&inside).await == whole, "after {bytes} bytes");
    }
}

/// The first command of these is that of the listing, the second that of the reading.
#[tokio::test]
async fn a_refused_command_loses_nothing() {
    let scene = Scene::with_letters(20).await;
    let whole = scene.ledger(&scene.imported().await).await;
    let step = || Step::Command("UID FETCH".to_owned());
    let faults = [
        MailFault::gmail_over_quota(step()),
        MailFault::exchange_busy(step()),
        MailFault::exchange_throttles(step(), Duration::from_secs(5)),
        MailFault::exchange_session_expired(step()),
        MailFault::says(step(), "NO FETCH Server error while fetching messages"),
        MailFault::says(step(), "BAD Command Argument Error. 11"),
    ];
    for fault in faults {
        for honest_before in [0, 1] {
            let inside = scene.template.copy().await;
            for _ in 0..honest_before {
                scene.playground.script().mail_fault(MailFault::new(step(), Act::Delay(Duration::ZERO)));
            }
            scene.playground.script().mail_fault(fault.clone());
            let _ = scene.poll(&inside.app).await;
            assert!(scene.playground.script().is_used_up());
            scene.poll(&inside.app).await.unwrap();
            assert!(scene.ledger(&inside).await == whole, "{fault:?}, {honest_before}");
        }
    }
}

/// Listings of wide ranges begin with a search.
#[tokio::test]
async fn a_refused_search_loses_nothing() {
    let scene = Scene::with_letters(3).await;
    let script = scene.playground.script();
    script.skip_uids(USER, 3000);
    scene.playground.deliver(USER, mails::letter("far", "Far", "A high UID.")).unwrap();
    let inside = scene.template.copy().await;
    script.mail_fault(MailFault::exchange_busy(Step::Command("UID SEARCH".to_owned())));
    assert!(scene.poll(&inside.app).await.unwrap_err().is_temporary());
    assert!(script.is_used_up() && scene.run(&inside).await.cursor.is_none());
    assert_eq!(scene.poll(&inside.app).await.unwrap().created, 4);
}

#[tokio::test]
async fn a_mail_that_the_server_refuses_fails_alone() {
    let mut scene = Scene::with_letters(5).await;
    scene.deliver(mails::letter("big", "Big", &"Four bytes or more.\r\n".repeat(100_000)));
    scene.deliver(mails::letter("last", "Last", "The last one."));
    for uid in [1, 3, 6] {
        let text = "NO FETCH Server error while fetching messages".to_owned();
        scene.playground.script().spoil(USER, uid, Spoilt::Refused(text));
    }
    let inside = scene.imported().await;
    let ledger = scene.ledger(&inside).await;
    for uid in 1..=7 {
        let failed = [1, 3, 6].contains(&uid);
        let fate = if failed { (MessageState::Failed, Reason::UnreadableOnServer) } else { CREATED };
        assert_eq!(ledger.fate(uid), fate, "{uid}");
    }
    assert_eq!(scene.run(&inside).await.cursor.unwrap().next_uid, 8);
}

#[tokio::test]
async fn a_renumbered_mailbox_doubles_nothing() {
    let mut scene = Scene::with_sixty().await;
    let inside = scene.imported().await;
    let before = scene.ledger(&inside).await;
    scene.playground.script().renumber(USER);
    scene.deliver(mails::letter("new", "New", "After the renumbering."));
    scene.poll(&inside.app).await.unwrap();
    let after = scene.ledger(&inside).await;
    assert_eq!(after.issues.len(), before.issues.len() + 1);
    assert!(before.issues.iter().all(|(id, issue)| after.issues.get(id) == Some(issue)));
    assert_eq!(after.messages.len(), mails::COUNT + 1, "what is known makes no record");
    let created = after.messages.iter().filter(|((epoch, _), m)| *epoch == 2 && m.reason == Reason::Created);
    assert_eq!(created.map(|((_, uid), _)| *uid).collect::<Vec<_>>(), [mails::COUNT as u32 + 1]);
}

/// Nothing of it was imported yet, so that "since the last poll" means nothing: the mailbox's own start counts.
#[tokio::test]
async fn a_mailbox_that_is_renumbered_during_its_first_import_loses_nothing() {
    let mut scene = Scene::empty().await;
    let old = Timestamp::now().as_second() - 30 * 24 * 3600;
    for n in 0..30 {
        let raw = mails::letter(&format!("old-{n}"), &format!("Old {n}"), "A month old.");
        scene.deliver_at(raw, Timestamp::from_second(old + n).unwrap());
    }
    let inside = scene.template.copy().await;
    let breaker = Breaker::at(Call { name: "store.commit", nth: 1 }, Moment::After);
    let _ = scene.poll(&breaker.process(&inside.app)).await;
    let_lease_end(&inside);
    scene.playground.script().renumber(USER);
    scene.poll(&inside.app).await.unwrap();
    let ledger = scene.ledger(&inside).await;
    assert_eq!(ledger.issues.len(), 30);
    assert_eq!(ledger.count(MessageState::Skipped, Reason::Renumbered), 0);
}

#[tokio::test]
async fn a_lower_uid_that_appears_late_is_found() {
    let mut scene = Scene::with_letters(5).await;
    let inside = scene.imported().await;
    for n in 6..=9 {
        scene.deliver(mails::letter(&format!("letter-{n}"), &format!("Letter {n}"), "Dear all,"));
    }
    scene.playground.script().spoil(USER, 7, Spoilt::Hidden);
    scene.poll(&inside.app).await.unwrap();
    assert_eq!(scene.run(&inside).await.cursor.unwrap().next_uid, 10);
    scene.playground.script().mend(USER, 7);
    assert_eq!(scene.poll(&inside.app).await.unwrap().created, 1, "the count of mails grew");
    assert_eq!(scene.rescan(&inside.app).await.unwrap(), PollReport::default());
    let ledger = scene.ledger(&inside).await;
    assert_eq!((ledger.messages.len(), ledger.issues.len(), ledger.fate(7)), (9, 9, CREATED));
    let written = inside.embedded.items_written();
    assert_eq!(scene.rescan(&inside.app).await.unwrap(), PollReport::default());
    // The lease was taken and given back, and the time noted for people and for the next rescan, and for the plan.
    assert_eq!(inside.embedded.items_written(), written + 4);
}

#[tokio::test]
async fn a_lower_uid_that_appears_after_the_first_import_is_found() {
    let scene = Scene::with_letters(5).await;
    scene.playground.script().spoil(USER, 2, Spoilt::Hidden);
    let inside = scene.imported().await;
    scene.playground.script().mend(USER, 2);
    assert_eq!(scene.rescan(&inside.app).await.unwrap().created, 1);
    let ledger = scene.ledger(&inside).await;
    assert_eq!((ledger.messages.len(), ledger.issues.len(), ledger.fate(2)), (5, 5, CREATED));
}
