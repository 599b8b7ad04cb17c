//! The daily look at what a server holds, by other commands than imports use.

use std::time::Duration;

use intake::{
    Language,
    flows::{status::status, survey::reconcile},
    ports::MessageFilter,
    types::{
        PageRequest,
        mailbox::MailboxStatus,
        message::{MessageState, Reason},
    },
};
use playground::{MailFault, Spoilt, Step};
use tests::{Inside, inside::actor};

use super::{
    mails,
    scene::{PATIENCE, Scene, USER},
};

const DAY: Duration = Duration::from_secs(25 * 60 * 60);
/// Longer than the pause after a look that failed.
const PAUSE: Duration = Duration::from_secs(61 * 60);

/// What people are warned of, with the mails that are named.
async fn warnings(inside: &Inside) -> Vec<(String, String)> {
    let status = status(&inside.app).await.unwrap();
    let told = status.warnings.into_iter().filter(|notice| notice.code != "private_network_allowed");
    told.map(|notice| {
        assert!(notice.message(Language::Japanese).contains('。'), "{notice:?}");
        (notice.code.clone(), notice.message(Language::English))
    })
    .collect()
}

/// The warning of this code, and nothing else.
async fn only(inside: &Inside, code: &str, named: &[&str]) {
    let warnings = warnings(inside).await;
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert_eq!(warnings[0].0, code, "{warnings:?}");
    named.iter().for_each(|name| assert!(warnings[0].1.contains(name), "{warnings:?}"));
}

async fn a_day_later(scene: &Scene, inside: &Inside) {
    inside.clock.advance(DAY);
    scene.scheduled(&inside.app).await.unwrap();
}

/// What the import's commands do not show, another does; and it comes as soon as it can be read.
#[tokio::test]
async fn mails_that_the_import_is_not_shown_are_named_until_they_come() {
    let scene = Scene::with_letters(5).await;
    for uid in [2, 4] {
        scene.playground.script().spoil(USER, uid, Spoilt::OnlyByPlace);
    }
    let inside = scene.imported().await;
    only(&inside, "mails_not_listed", &["2 mails"]).await;
    a_day_later(&scene, &inside).await;
    only(&inside, "mails_without_record", &["2 mails", "UID 2, UID 4"]).await;
    let found = reconcile(&inside.app, &actor(), scene.mailbox, false, PATIENCE).await.unwrap();
    assert_eq!((found.on_server, found.not_listed, found.missing), (5, 0, 2), "{found:?}");
    let seen: Vec<_> = found.missing_mails.iter().filter_map(|mail| mail.server_id.uid()).collect();
    assert_eq!(seen, [2, 4]);

    scene.playground.script().mend(USER, 2);
    a_day_later(&scene, &inside).await;
    only(&inside, "mails_without_record", &["1 mails", "UID 4"]).await;
    scene.playground.script().mend(USER, 4);
    // By hand it comes at once, and the next poll sees that nothing differs any more.
    let found = reconcile(&inside.app, &actor(), scene.mailbox, true, PATIENCE).await.unwrap();
    assert_eq!((found.missing, found.imported.map(|report| report.created)), (1, Some(1)));
    scene.scheduled(&inside.app).await.unwrap();
    assert_eq!(warnings(&inside).await, []);
    let ledger = scene.ledger(&inside).await;
    assert_eq!(ledger.messages.len(), 5);
    assert!((1..=5).all(|uid| ledger.fate(uid).1 == Reason::Created));
}

/// Where the look itself is lied to, the server's own count tells it.
#[tokio::test]
async fn mails_that_are_counted_and_not_shown_by_place_are_named() {
    for by_pop3 in [false, true] {
        let scene = Scene::with_letters(5).await;
        let scene = if by_pop3 { scene.by_pop3().await } else { scene };
        scene.playground.script().spoil(USER, 3, Spoilt::OnlyByUid);
        let inside = scene.imported().await;
        assert_eq!(scene.ledger(&inside).await.messages.len(), 5);
        assert_eq!(warnings(&inside).await, []);
        a_day_later(&scene, &inside).await;
        only(&inside, "mails_not_listed", &["1 mails", if by_pop3 { "pop3:" } else { "UID 3" }]).await;
        scene.playground.script().mend(USER, 3);
        a_day_later(&scene, &inside).await;
        assert_eq!(warnings(&inside).await, []);
    }
}

#[tokio::test]
async fn mails_that_only_list_tells_of_are_no_difference() {
    let scene = Scene::with_letters(5).await.by_pop3().await;
    scene.playground.script().spoil(USER, 5, Spoilt::OnlyByPlace);
    let inside = scene.imported().await;
    // Without a unique-id, it is known by what it says.
    assert_eq!(applied(&scene, &inside).await, 5);
    a_day_later(&scene, &inside).await;
    assert_eq!(warnings(&inside).await, []);
    scene.playground.script().mend(USER, 5);
    a_day_later(&scene, &inside).await;
    assert_eq!(warnings(&inside).await, []);
    assert_eq!(applied(&scene, &inside).await, 5);
}

async fn applied(scene: &Scene, inside: &Inside) -> usize {
    let filter = MessageFilter { mailbox_id: scene.mailbox, state: Some(MessageState::Applied) };
    inside.app.store.messages(&filter, &PageRequest::first(50)).await.unwrap().items.len()
}

/// Once a day, and an idle poll in between is what it was.
#[tokio::test]
async fn a_look_is_made_once_a_day_and_costs_other_polls_nothing() {
    let mut scene = Scene::with_letters(3).await;
    let inside = scene.imported().await;
    a_day_later(&scene, &inside).await;
    let watch = scene.run(&inside).await.watch.unwrap();
    assert_eq!((watch.seen, watch.under_way), (3, None));
    scene.playground.script().reset_counters();
    let written = inside.embedded.items_written();
    scene.scheduled(&inside.app).await.unwrap();
    let counters = scene.playground.script().counters();
    assert_eq!(counters.all_commands(), 4, "AUTHENTICATE, ID, EXAMINE, LOGOUT: {:?}", counters.commands);
    assert_eq!(inside.embedded.items_written(), written);
    // What comes in the same poll is no difference.
    scene.deliver(mails::letter("late", "Late", "Dear all,"));
    a_day_later(&scene, &inside).await;
    assert_eq!(scene.run(&inside).await.watch.unwrap().seen, 4);
    assert_eq!(warnings(&inside).await, []);
}

/// A look that fails is none that fails the poll; people hear of it when it stays so.
#[tokio::test]
async fn a_look_that_cannot_be_made_is_told_and_no_poll_fails_by_it() {
    let scene = Scene::with_letters(3).await;
    let inside = scene.imported().await;
    for failures in 1..=3u32 {
        inside.clock.advance(if failures == 1 { DAY } else { PAUSE });
        scene.playground.script().mail_fault(MailFault::exchange_busy(Step::Command("FETCH".to_owned())));
        scene.scheduled(&inside.app).await.unwrap();
        let run = scene.run(&inside).await;
        assert_eq!((run.status, run.last_error), (MailboxStatus::Ok, None));
        assert_eq!(run.watch.unwrap().trouble.map(|trouble| trouble.failures), Some(failures));
        assert_eq!(warnings(&inside).await.len(), usize::from(failures == 3));
        // Not again before its pause is over.
        scene.playground.script().reset_counters();
        scene.scheduled(&inside.app).await.unwrap();
        assert_eq!(scene.playground.script().counters().command("FETCH"), 0);
    }
    only(&inside, "mailbox_not_compared", &["Server Unavailable"]).await;
    inside.clock.advance(PAUSE);
    scene.scheduled(&inside.app).await.unwrap();
    assert_eq!(warnings(&inside).await, []);
}
