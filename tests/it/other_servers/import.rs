//! What is imported, and what others do to it meanwhile.

use std::{fs, time::Duration};

use intake::{
    Timestamp,
    flows::poll::{PollReport, poll_now},
    types::{issue::BlobKey, message::Reason},
};
use tests::{Breaker, Call, courier, inside::text, mails::with_attachment, unpacked::Unpacked};

use super::scene::{By, PATIENCE, RESCAN, Scene, letter, servers};

/// A first import, polls of nothing, new mail, what another client does between polls, and a large mail.
async fn all_comes_once(server: &Unpacked, by: By) {
    let scene = Scene::new(server, by).await;
    let name = server.name;
    scene.deliver(0..50);
    assert_eq!(scene.poll().await.created, 50, "{name}");
    let written = scene.inside.embedded.items_written();
    assert_eq!(scene.poll().await, PollReport::default(), "{name}");
    // Courier tells no UIDNEXT where a folder is opened: there, a poll lists what is new, under a lease.
    let leased = if name == "courier" && by == By::Imap { 2 } else { 0 };
    assert_eq!(scene.inside.embedded.items_written(), written + leased, "{name}");
    scene.deliver(50..53);
    assert_eq!(scene.poll().await.created, 3, "{name}");
    let mut hand = scene.hand();
    hand.run("SELECT INBOX");
    hand.run("UID STORE 1:20 +FLAGS.SILENT (\\Seen \\Flagged)");
    hand.run("UID STORE 7,53 +FLAGS.SILENT (\\Deleted)");
    hand.run("EXPUNGE");
    assert_eq!(scene.poll().await.created, 0, "{name}");
    scene.deliver([53]);
    assert_eq!(scene.poll().await.created, 1, "{name}");
    scene.expect_issues(0..54).await;

    let file: Vec<u8> = (0..5_000_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let raw = with_attachment("large", "A large one", &file);
    hand.append("INBOX", &raw, Timestamp::now());
    assert_eq!(scene.poll().await.created, 1, "{name}");
    let messages = scene.messages().await;
    assert_eq!(messages.len(), 55, "{name}");
    let large = messages.iter().find(|message| message.subject == "A large one").unwrap();
    let blob = scene.inside.app.blobs.read(&BlobKey::raw(large.id)).await.unwrap();
    assert!(blob.bytes(2 * raw.len() as u64).await.unwrap() == raw, "{name}: another text");
}

#[tokio::test]
async fn all_comes_once_by_imap() {
    for server in servers().await {
        all_comes_once(server, By::Imap).await;
    }
}

#[tokio::test]
async fn all_comes_once_by_pop3() {
    for server in servers().await {
        all_comes_once(server, By::Pop3).await;
    }
}

/// Another client marks mails while they are imported: Courier then neither counts nor lists some for a moment, refuses
/// some, or gives something else in their place. What did not come until then comes later.
async fn another_client_meanwhile(server: &Unpacked, by: By) {
    const MAILS: usize = 100;
    let scene = Scene::new(server, by).await;
    scene.deliver(0..MAILS);
    let mut hand = scene.hand();
    let busy = tokio::task::spawn_blocking(move || {
        hand.run("SELECT INBOX");
        for flags in ["+FLAGS.SILENT (\\Seen)", "-FLAGS.SILENT (\\Seen)"].repeat(10) {
            hand.run(&format!("UID STORE 1:{MAILS} {flags}"));
        }
    });
    for _ in 0..2 {
        // A mail that is not given at the moment may end a poll.
        drop(scene.try_poll().await);
    }
    busy.await.unwrap();
    scene.inside.clock.advance(RESCAN);
    scene.rescan().await;
    scene.expect_issues(0..MAILS).await;
}

#[tokio::test]
async fn another_client_takes_nothing_away_by_imap() {
    for server in servers().await {
        another_client_meanwhile(server, By::Imap).await;
    }
}

#[tokio::test]
async fn another_client_takes_nothing_away_by_pop3() {
    for server in servers().await {
        another_client_meanwhile(server, By::Pop3).await;
    }
}

#[tokio::test]
async fn a_folder_with_another_name_is_read() {
    for server in servers().await {
        let scene = Scene::with(server, By::Imap, |input| input.folder = text("INBOX.Entwürfe")).await;
        let mut hand = scene.hand();
        hand.run("CREATE INBOX.Entw&APw-rfe");
        hand.append("INBOX.Entw&APw-rfe", &letter(0), Timestamp::now());
        assert_eq!(scene.poll().await.created, 1, "{}", server.name);
        assert!(scene.probe().await.ok(), "{}", server.name);
    }
}

/// Courier gives a short mail of its own in the place of one that another client has deleted meanwhile.
#[tokio::test]
async fn a_mail_that_another_client_deletes_before_it_is_read_is_gone() {
    let scene = Scene::new(courier::server().await, By::Imap).await;
    scene.deliver(0..3);
    let breaker = Breaker::watching();
    let mut hand = scene.hand();
    breaker.meanwhile(Call { name: "mail.fetch", nth: 1 }, move || {
        hand.run("SELECT INBOX");
        hand.run("UID STORE 2 +FLAGS.SILENT (\\Deleted)");
        hand.run("EXPUNGE");
    });
    let polled = poll_now(&breaker.process(&scene.inside.app), scene.mailbox, PATIENCE).await.unwrap();
    assert_eq!((polled.created, polled.skipped), (2, 1), "{polled:?}");
    scene.expect_issues([0, 2]).await;
    assert!(scene.messages().await.iter().any(|message| message.reason == Reason::Gone));
}

/// Where Courier's list of UIDs is lost, it numbers anew.
#[tokio::test]
async fn a_mail_that_is_not_known_comes_after_renumbering_with_whatever_date() {
    for by in [By::Imap, By::Pop3] {
        let scene = Scene::new(courier::server().await, by).await;
        scene.deliver(0..12);
        assert_eq!(scene.poll().await.created, 12, "{by:?}");
        let old = Timestamp::now() - Duration::from_secs(10 * 24 * 3600);
        let mut hand = scene.hand();
        let before = hand.uid_validity("INBOX");
        hand.append("INBOX", &letter(12), old);
        // It is the time in seconds.
        while hand.uid_validity("INBOX") == before {
            for list in ["courierimapuiddb", "courierpop3dsizelist"] {
                let _ = fs::remove_file(scene.maildir().join(list));
            }
        }
        assert_eq!(
            scene.poll().await,
            PollReport { fetched: 1, created: 1, ..PollReport::default() },
            "{by:?}"
        );
        scene.expect_issues(0..13).await;
        assert_eq!(scene.messages().await.len(), 13, "{by:?}");
    }
}
