//! Servers that number their mails anew: what is known comes no second time and makes no record, what is not known comes.

use std::time::Duration;

use bytes::Bytes;
use intake::{
    Timestamp,
    flows::{
        change::Expect,
        mailboxes::{self, MailboxInput, StartInput},
        messages::redrive,
        poll::PollReport,
        status,
        survey::{Span, backfill, reconcile},
    },
    types::{
        given::Given,
        message::{MessageState, Reason},
    },
};
use playground::Oddity;
use tests::{
    Inside,
    inside::{actor, text},
};

use super::{
    ledger::Ledger,
    mails,
    scene::{PATIENCE, Scene, USER},
};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// So many days ago.
fn ago(days: u32) -> Timestamp {
    Timestamp::now() - DAY * days
}

/// Mails that no record is of, although their date or Message-ID may look like it.
fn unknown() -> [Bytes; 4] {
    let nameless = b"From: b@example.test\r\nSubject: Nameless\r\n\r\nOld, and without a Message-ID.\r\n";
    [
        mails::letter("old", "Old", "It came shortly before, with an old date."),
        Bytes::from_static(nameless),
        mails::letter("letter-1", "Letter 1", "Another text under a Message-ID that is known."),
        // As long as the known one, too.
        mails::letter("letter-2", "Letter 2", "Dear you,"),
    ]
}

async fn warnings(inside: &Inside) -> Vec<String> {
    let told = status::status(&inside.app).await.unwrap().warnings;
    told.into_iter().map(|notice| notice.code).filter(|code| code.starts_with("mails_")).collect()
}

async fn change(scene: &Scene, inside: &Inside, input: MailboxInput) {
    mailboxes::patch(&inside.app, &actor(), scene.mailbox, &Expect::any(), input).await.unwrap();
}

fn protocol(scene: &Scene, name: &str) -> MailboxInput {
    let address =
        if name == "imap" { scene.playground.imap_address() } else { scene.playground.pop3_address() };
    MailboxInput {
        protocol: text(name),
        port: Given::Value(address.port().into()),
        ..MailboxInput::default()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mails_that_are_not_known_come_however_old_they_are() {
    for name in ["imap", "pop3"] {
        let mut scene = Scene::with_letters(12).await;
        change(&scene, &scene.template, protocol(&scene, name)).await;
        let inside = scene.imported().await;
        let before = scene.ledger(&inside).await;
        unknown().into_iter().for_each(|raw| scene.deliver_at(raw, ago(10)));
        scene.playground.script().renumber(USER);
        let commands = || scene.playground.script().counters().all_commands();
        let first = commands();
        let polled = scene.poll(&inside.app).await.unwrap();
        assert_eq!((polled.created + polled.commented, polled.fetched), (4, 4), "{name}: {polled:?}");
        // Signing in, opening, two listings, one look at headers, one reading.
        assert!(name == "pop3" || commands() - first < 12, "{}", commands() - first);
        let after = scene.ledger(&inside).await;
        assert_eq!(after.messages.len(), before.messages.len() + 4, "{name}");
        assert_eq!(scene.poll(&inside.app).await.unwrap(), PollReport::default(), "{name}");
        if name == "imap" {
            let found = reconcile(&inside.app, &actor(), scene.mailbox, false, PATIENCE).await.unwrap();
            assert_eq!((found.on_server, found.recorded, found.missing), (16, 16, 0), "{found:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn known_mails_leave_nothing_new_however_often_they_are_numbered() {
    let scene = Scene::with_sixty().await;
    let inside = scene.imported().await;
    let before = scene.ledger(&inside).await;
    for round in 0..3 {
        scene.playground.script().renumber(USER);
        assert_eq!(scene.poll(&inside.app).await.unwrap(), PollReport::default(), "{round}");
        // Also not for mails without a Message-ID, which are read to be known.
        assert_eq!(scene.ledger(&inside).await, before, "{round}");
        assert_eq!(warnings(&inside).await.contains(&"mails_renumbered".to_owned()), round > 0);
    }
    let found = reconcile(&inside.app, &actor(), scene.mailbox, false, PATIENCE).await.unwrap();
    assert_eq!((found.recorded, found.missing), (mails::COUNT as u64, 0), "{found:?}");
    assert_eq!(scene.rescan(&inside.app).await.unwrap(), PollReport::default());
    inside.clock.advance(DAY + DAY);
    assert_eq!(warnings(&inside).await, Vec::<String>::new());
}

/// What a mailbox's start leaves out stays left out, without a record, and can still be had.
#[tokio::test]
async fn the_start_of_a_mailbox_counts_after_renumbering_too() {
    let mut scene = Scene::with_letters(2).await;
    let start = StartInput { mode: text("new_only"), ..StartInput::default() };
    let start = MailboxInput { start: Given::Value(start), ..MailboxInput::default() };
    change(&scene, &scene.template, start).await;
    scene.deliver_at(mails::letter("before", "Before", "Older than the mailbox."), ago(1));
    let inside = scene.imported().await;
    let before = scene.ledger(&inside).await.messages.len();
    scene.playground.script().renumber(USER);
    assert_eq!(scene.poll(&inside.app).await.unwrap(), PollReport::default());
    let found = reconcile(&inside.app, &actor(), scene.mailbox, false, PATIENCE).await.unwrap();
    assert_eq!((found.recorded, found.not_imported, found.missing), (before as u64, 1, 0), "{found:?}");
    let span = Span { since: ago(2), before: None };
    let filled = backfill(&inside.app, &actor(), scene.mailbox, span, PATIENCE).await.unwrap();
    assert_eq!((filled.created, filled.fetched), (1, 1), "{filled:?}");
}

/// A person chose to read others: what is old there is left out visibly, and is had by a redrive or a backfill.
#[tokio::test]
async fn mails_that_were_left_out_unread_are_had_when_a_person_asks() {
    let mut scene = Scene::with_letters(2).await;
    let inside = scene.imported().await;
    for name in ["pop3", "imap"] {
        change(&scene, &inside, protocol(&scene, name)).await;
    }
    for n in 0..2 {
        scene.deliver_at(mails::letter(&format!("old-{n}"), &format!("Old {n}"), "Left out."), ago(10));
    }
    let polled = scene.poll(&inside.app).await.unwrap();
    assert_eq!((polled.created, polled.skipped), (0, 2), "{polled:?}");
    let ledger = scene.ledger(&inside).await;
    let left_out = |ledger: &Ledger| -> Vec<_> {
        let left_out = ledger.messages.values().filter(|mail| mail.reason == Reason::Renumbered);
        left_out.map(|mail| mail.id).collect()
    };
    assert_eq!((ledger.messages.len(), left_out(&ledger).len()), (4, 2));
    let found = reconcile(&inside.app, &actor(), scene.mailbox, true, PATIENCE).await.unwrap();
    assert_eq!((found.recorded, found.not_imported, found.missing), (2, 2, 0), "{found:?}");
    let told = redrive(&inside.app, &actor(), left_out(&ledger)[0], None).await.unwrap();
    assert_eq!((told.state, told.reason), (MessageState::Applied, Reason::Created));
    let span = Span { since: ago(20), before: None };
    let filled = backfill(&inside.app, &actor(), scene.mailbox, span, PATIENCE).await.unwrap();
    assert_eq!((filled.created, filled.fetched), (1, 1), "{filled:?}");
    let ledger = scene.ledger(&inside).await;
    assert_eq!((ledger.issues.len(), left_out(&ledger).len()), (4, 0));
}

#[tokio::test]
async fn numbers_that_go_back_in_silence_are_seen_and_told() {
    let mut scene = Scene::with_letters(6).await;
    let inside = scene.imported().await;
    for uid in 1..=3 {
        scene.playground.script().remove(USER, uid);
    }
    scene.mails.drain(..3);
    scene.deliver_at(mails::letter("old", "Old", "With an old date."), ago(10));
    scene.playground.script().renumber_in_silence(USER);
    let polled = scene.poll(&inside.app).await.unwrap();
    assert_eq!((polled.created, polled.fetched), (1, 1), "{polled:?}");
    assert_eq!(warnings(&inside).await, ["mails_numbered_back"]);
    assert_eq!(scene.poll(&inside.app).await.unwrap(), PollReport::default());
}

/// A server without UIDNEXT: what comes after the first listing is new, whatever its date says.
#[tokio::test]
async fn a_new_mail_with_an_old_date_is_new_without_uidnext() {
    let mut scene = Scene::empty().await;
    let start = StartInput { mode: text("new_only"), ..StartInput::default() };
    let start = MailboxInput { start: Given::Value(start), ..MailboxInput::default() };
    change(&scene, &scene.template, start).await;
    scene.playground.script().be_odd(Some(Oddity::NoUidNext));
    let inside = scene.imported().await;
    scene.deliver_at(mails::letter("old", "Old", "With an old date."), ago(10));
    assert_eq!(scene.poll(&inside.app).await.unwrap().created, 1);
}
