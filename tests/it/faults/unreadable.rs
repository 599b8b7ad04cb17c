//! Mails that a server lists and cannot give, in whatever way it fails: they stop no other mail.

use std::time::Duration;

use intake::{
    flows::poll::{PollReport, poll_now},
    types::{
        mailbox::MailboxStatus,
        message::{Message, MessageState, Reason},
    },
};
use playground::{Act, MailFault, Spoilt, Step};
use tests::Inside;

use super::{
    mails,
    scene::{Scene, USER},
};

const CREATED: (MessageState, Reason) = (MessageState::Applied, Reason::Created);
const WAITS: (MessageState, Reason) = (MessageState::Stored, Reason::UnreadableOnServer);
const FAILED: (MessageState, Reason) = (MessageState::Failed, Reason::UnreadableOnServer);
/// More than a literal may have.
const HUGE: u64 = 1 << 40;
/// More than a mail that is read at once may have, bytes.
const LARGE: usize = 2 * 1024 * 1024;

fn refused() -> Spoilt {
    Spoilt::Refused("NO FETCH Server error while fetching messages".to_owned())
}

fn breaking() -> [Spoilt; 4] {
    let broken = "NO [SERVERBUG] Internal error occurred.".to_owned();
    [Spoilt::Drops, Spoilt::Garbled, Spoilt::Huge(HUGE), Spoilt::Refused(broken)]
}

impl Scene {
    fn letter(&mut self, n: usize) {
        self.deliver(mails::letter(&format!("letter-{n}"), &format!("Letter {n}"), "Dear all,"));
    }

    async fn message(&self, inside: &Inside, uid: u32) -> Message {
        let id = self.ledger(inside).await.messages[&(1, uid)].id;
        inside.app.store.message(id).await.unwrap().unwrap()
    }

    async fn next_uid(&self, inside: &Inside) -> u32 {
        self.run(inside).await.cursor.unwrap().next_uid
    }

    /// Polls three times; the others come at once, this one fails at last.
    async fn given_up(&mut self, inside: &Inside, uid: u32, case: &str) {
        let count = self.mails.len();
        for poll in 1..=2 {
            self.poll(&inside.app).await.unwrap_err();
            let ledger = self.ledger(inside).await;
            assert_eq!(ledger.fate(uid), WAITS, "{case}, poll {poll}");
            assert_eq!(ledger.issues.len(), count - 1, "{case}, poll {poll}");
            assert_eq!(self.message(inside, uid).await.failed_readings, poll, "{case}");
            assert_eq!(self.next_uid(inside).await, uid, "{case}");
        }
        self.letter(count + 1);
        self.poll(&inside.app).await.unwrap();
        let ledger = self.ledger(inside).await;
        assert_eq!(ledger.fate(uid), FAILED, "{case}");
        assert_eq!((ledger.messages.len(), ledger.issues.len()), (count + 1, count), "{case}");
        let message = self.message(inside, uid).await;
        let told = &message.trace.last().unwrap().detail;
        assert!(told.contains("reading it failed in 3 polls"), "{case}: {told}");
        self.has_recovered(inside).await;
    }

    async fn has_recovered(&self, inside: &Inside) {
        let run = self.run(inside).await;
        assert_eq!(run.cursor.unwrap().next_uid, self.mails.len() as u32 + 1);
        assert_eq!((run.status, run.last_error, run.oldest_unprocessed_at), (MailboxStatus::Ok, None, None));
        let written = inside.embedded.items_written();
        self.poll(&inside.app).await.unwrap();
        assert_eq!(inside.embedded.items_written(), written, "a further poll writes");
    }
}

#[tokio::test]
async fn a_mail_at_which_each_reading_breaks_off_fails_alone() {
    for how in breaking() {
        for uid in [1, 3, 5] {
            let mut scene = Scene::with_letters(5).await;
            scene.playground.script().spoil(USER, uid, how.clone());
            let inside = scene.template.copy().await;
            scene.given_up(&inside, uid, &format!("{how:?} at {uid}")).await;
        }
    }
}

#[tokio::test]
async fn a_large_mail_at_which_each_reading_breaks_off_fails_alone() {
    for how in breaking() {
        let mut scene = Scene::with_letters(2).await;
        scene.deliver(mails::letter("big", "Big", &"Four bytes or more.\r\n".repeat(LARGE / 20)));
        scene.letter(4);
        scene.playground.script().spoil(USER, 3, how.clone());
        let inside = scene.template.copy().await;
        scene.given_up(&inside, 3, &format!("{how:?}")).await;
    }
}

/// The one new mail of a mailbox whose others came long ago.
#[tokio::test]
async fn a_lone_new_mail_that_is_unreadable_fails_after_three_polls() {
    for how in [refused(), Spoilt::Drops, Spoilt::Garbled] {
        let mut scene = Scene::with_letters(3).await;
        let inside = scene.imported().await;
        scene.letter(4);
        scene.playground.script().spoil(USER, 4, how.clone());
        scene.given_up(&inside, 4, &format!("{how:?}")).await;
    }
}

/// There is no other mail to compare it with: a refusal is about it, a lost connection may be about anything.
#[tokio::test]
async fn the_only_mail_of_a_mailbox_fails_where_the_server_speaks_of_it() {
    for how in [refused(), Spoilt::Garbled] {
        let scene = Scene::with_letters(1).await;
        scene.playground.script().spoil(USER, 1, how.clone());
        let inside = scene.template.copy().await;
        scene.poll(&inside.app).await.unwrap_err();
        scene.poll(&inside.app).await.unwrap_err();
        scene.poll(&inside.app).await.unwrap();
        assert_eq!(scene.ledger(&inside).await.fate(1), FAILED, "{how:?}");
        scene.has_recovered(&inside).await;
    }
    let scene = Scene::with_letters(1).await;
    scene.playground.script().spoil(USER, 1, Spoilt::Drops);
    let inside = scene.template.copy().await;
    for _ in 0..6 {
        scene.poll(&inside.app).await.unwrap_err();
    }
    scene.playground.script().calm();
    assert_eq!(scene.poll(&inside.app).await.unwrap().created, 1);
    scene.has_recovered(&inside).await;
}

/// Neither new mails nor old ones come.
#[tokio::test]
async fn a_server_that_gives_no_mail_makes_none_fail() {
    for how in [Spoilt::Drops, Spoilt::Garbled, refused()] {
        for old in [0, 3] {
            let mut scene = Scene::with_letters(old).await;
            let inside = scene.imported().await;
            for n in old + 1..=old + 4 {
                scene.letter(n);
            }
            for uid in 1..=scene.mails.len() as u32 {
                scene.playground.script().spoil(USER, uid, how.clone());
            }
            for _ in 0..7 {
                scene.poll(&inside.app).await.unwrap_err();
            }
            assert_eq!(scene.ledger(&inside).await.issues.len(), old);
            scene.playground.script().calm();
            scene.poll(&inside.app).await.unwrap();
            let ledger = scene.ledger(&inside).await;
            assert_eq!(ledger.issues.len(), old + 4, "{how:?} {old}");
            scene.has_recovered(&inside).await;
        }
    }
}

/// Two failed readings, and then the server is gone in other ways: that is not the third.
#[tokio::test]
async fn an_outage_is_no_failed_reading() {
    let mut scene = Scene::with_letters(3).await;
    let inside = scene.imported().await;
    let script = scene.playground.script();
    scene.letter(4);
    script.spoil(USER, 4, Spoilt::Drops);
    for _ in 0..2 {
        scene.poll(&inside.app).await.unwrap_err();
    }
    let fetch = || Step::Command("UID FETCH".to_owned());
    // What drops behind an introduction is tried once more without it.
    let outages = [
        (MailFault::drops(Step::Greeting), 1),
        (MailFault::drops(Step::SignIn), 1),
        (MailFault::drops(Step::Command("EXAMINE".to_owned())), 2),
        (MailFault::drops(fetch()), 1),
        (MailFault::exchange_busy(fetch()), 1),
        (MailFault::exchange_throttles(fetch(), Duration::from_secs(5)), 1),
    ];
    for (fault, times) in outages {
        (0..times).for_each(|_| script.mail_fault(fault.clone()));
        scene.poll(&inside.app).await.unwrap_err();
        assert!(script.is_used_up());
        assert_eq!(scene.message(&inside, 4).await.failed_readings, 2, "{fault:?}");
    }
    script.calm();
    scene.poll(&inside.app).await.unwrap();
    assert_eq!(scene.ledger(&inside).await.fate(4), CREATED);
    scene.has_recovered(&inside).await;
}

/// A mail that needs more time than a person has patience: however often they ask, it does not count against it.
#[tokio::test]
async fn short_polls_never_make_a_slow_mail_fail() {
    const PATIENCE: Duration = Duration::from_secs(2);
    let mut scene = Scene::with_letters(3).await;
    let inside = scene.imported().await;
    let script = scene.playground.script();
    scene.letter(4);
    for _ in 0..4 {
        // The listing comes, the mail does not.
        script.mail_fault(MailFault::cut_fetch_after(1_000_000_000));
        script.mail_fault(MailFault::new(Step::Command("UID FETCH".to_owned()), Act::Hang));
        let report = poll_now(&inside.app, scene.mailbox, PATIENCE).await.unwrap();
        assert_eq!(report, PollReport { more: true, ..PollReport::default() });
        assert!(script.is_used_up());
        assert_eq!(scene.ledger(&inside).await.messages.len(), 3, "it is marked");
    }
    scene.poll(&inside.app).await.unwrap();
    assert_eq!(scene.ledger(&inside).await.fate(4), CREATED);
    assert_eq!(scene.message(&inside, 4).await.failed_readings, 0);
    scene.has_recovered(&inside).await;
}

/// More of them than a poll has sessions, and before all others.
#[tokio::test]
async fn many_unreadable_mails_stop_no_other() {
    let mut scene = Scene::with_letters(12).await;
    for uid in 1..=9 {
        scene.playground.script().spoil(USER, uid, Spoilt::Drops);
    }
    let inside = scene.template.copy().await;
    let mut polls = 0;
    while scene.ledger(&inside).await.issues.len() < 3 {
        scene.poll(&inside.app).await.unwrap_err();
        polls += 1;
        assert!(polls <= 8, "the others never come");
    }
    println!("the others came with poll {polls}");
    scene.letter(13);
    while scene.poll(&inside.app).await.is_err() {
        polls += 1;
        assert!(polls <= 24, "they never fail");
    }
    println!("all had failed with poll {}", polls + 1);
    let ledger = scene.ledger(&inside).await;
    assert_eq!(ledger.count(FAILED.0, FAILED.1), 9);
    assert_eq!(ledger.issues.len(), 4);
    scene.has_recovered(&inside).await;
}

#[tokio::test]
async fn a_mail_that_was_unreadable_is_imported_when_it_can_be_read() {
    for how in [Spoilt::Drops, refused(), Spoilt::NoData] {
        let mut scene = Scene::with_letters(5).await;
        scene.playground.script().spoil(USER, 3, how.clone());
        let inside = scene.template.copy().await;
        for _ in 0..3 {
            let _ = scene.poll(&inside.app).await;
        }
        let failed = scene.ledger(&inside).await;
        assert_eq!((failed.fate(3), failed.issues.len()), (FAILED, 4), "{how:?}");
        scene.rescan(&inside.app).await.unwrap();
        assert!(scene.ledger(&inside).await == failed, "{how:?}");
        scene.has_recovered(&inside).await;

        scene.playground.script().mend(USER, 3);
        assert_eq!(scene.poll(&inside.app).await.unwrap(), PollReport::default());
        assert_eq!(scene.rescan(&inside.app).await.unwrap().created, 1, "{how:?}");
        let ledger = scene.ledger(&inside).await;
        assert_eq!((ledger.fate(3), ledger.issues.len(), ledger.messages.len()), (CREATED, 5, 5), "{how:?}");
        let written = inside.embedded.items_written();
        assert_eq!(scene.rescan(&inside.app).await.unwrap(), PollReport::default());
        assert_eq!(inside.embedded.items_written(), written + 4, "the lease, and when it was done");
        scene.letter(6);
        assert_eq!(scene.poll(&inside.app).await.unwrap().created, 1);
    }
}

/// It is below the cursor: nothing waits for it, and nobody needs to be told before it has failed.
#[tokio::test]
async fn a_late_mail_that_is_unreadable_fails_after_three_rescans() {
    for how in breaking() {
        let scene = Scene::with_letters(5).await;
        let script = scene.playground.script();
        script.spoil(USER, 2, Spoilt::Hidden);
        let inside = scene.imported().await;
        script.spoil(USER, 2, how.clone());
        for _ in 1..=2 {
            scene.rescan(&inside.app).await.unwrap();
            assert_eq!(scene.ledger(&inside).await.fate(2), WAITS, "{how:?}");
        }
        scene.rescan(&inside.app).await.unwrap();
        assert_eq!(scene.ledger(&inside).await.fate(2), FAILED, "{how:?}");
        // The broken session kept the poll from comparing counts: the next one does.
        scene.poll(&inside.app).await.unwrap();
        scene.has_recovered(&inside).await;
        script.mend(USER, 2);
        assert_eq!(scene.rescan(&inside.app).await.unwrap().created, 1, "{how:?}");
    }
}

/// A rescan looks at a few, and not always at the same ones.
#[tokio::test]
async fn every_unreadable_mail_has_its_turn() {
    let scene = Scene::with_letters(8).await;
    for uid in 1..=7 {
        scene.playground.script().spoil(USER, uid, refused());
    }
    let inside = scene.imported().await;
    assert_eq!(scene.ledger(&inside).await.count(FAILED.0, FAILED.1), 7);
    for uid in 2..=7 {
        scene.playground.script().spoil(USER, uid, Spoilt::Drops);
    }
    scene.playground.script().mend(USER, 1);
    let mut rescans = 0;
    while scene.ledger(&inside).await.fate(1) != CREATED {
        scene.rescan(&inside.app).await.unwrap();
        rescans += 1;
        assert!(rescans <= 7, "it is never looked at");
    }
    assert_eq!(scene.ledger(&inside).await.issues.len(), 2);
    scene.has_recovered(&inside).await;
}
