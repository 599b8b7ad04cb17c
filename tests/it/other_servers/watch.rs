//! The daily look, and a comparison by hand.

use std::time::Duration;

use intake::flows::{
    mailboxes,
    poll::{Hint, poll_hint, poll_now},
    status::status,
    survey::reconcile,
};
use tests::{
    Inside, Servers,
    inside::{actor, password_mailbox},
    mails::mail,
};

use super::scene::{By, Scene, servers};

const DAY: Duration = Duration::from_secs(25 * 60 * 60);
const TIME: Duration = Duration::from_secs(60);

/// Looks at a mailbox of so many mails a day later, and finds nothing that is wrong.
async fn all_is_well(inside: &Inside, mailbox: intake::types::ids::MailboxId, mails: u64, name: &str) {
    inside.clock.advance(DAY);
    let hint = Hint { mailbox_id: mailbox, planned_at: inside.app.now(), rescan: false };
    poll_hint(&inside.app, &hint, TIME).await.unwrap();
    let watch = inside.app.store.run(mailbox).await.unwrap().unwrap().watch.unwrap();
    assert_eq!((watch.seen, &watch.trouble), (mails, &None), "{name}");
    assert_eq!(watch.found, Default::default(), "{name}");
    let warnings = status(&inside.app).await.unwrap().warnings;
    assert!(warnings.iter().all(|warning| warning.code == "private_network_allowed"), "{name} {warnings:?}");
}

#[tokio::test]
async fn a_look_finds_nothing_wrong_at_courier_and_cyrus() {
    for server in servers().await {
        for by in [By::Imap, By::Pop3] {
            let scene = Scene::new(server, by).await;
            scene.deliver(0..30);
            assert_eq!(scene.poll().await.created, 30, "{}", server.name);
            let mut hand = scene.hand();
            hand.run("SELECT INBOX");
            hand.run("UID STORE 7 +FLAGS.SILENT (\\Deleted)");
            hand.run("EXPUNGE");
            scene.poll().await;
            all_is_well(&scene.inside, scene.mailbox, 29, &format!("{} {by:?}", server.name)).await;
            if by == By::Imap {
                let app = &scene.inside.app;
                let found = reconcile(app, &actor(), scene.mailbox, false, TIME).await.unwrap();
                let numbers = (found.on_server, found.not_listed, found.recorded, found.missing, found.gone);
                assert_eq!(numbers, (29, 0, 29, 0, 1), "{} {found:?}", server.name);
            }
        }
    }
}

#[tokio::test]
async fn a_look_finds_nothing_wrong_at_dovecot() {
    let servers = Servers::get().await;
    let account = servers.dovecot.account();
    for number in 0..30 {
        account.deliver(&mail(&number.to_string(), "Hello", "", "text"));
    }
    let inside = Inside::new(&servers.identity.ca_pem).await;
    let input = password_mailbox(&account, servers.dovecot.imaps);
    let mailbox = mailboxes::create(&inside.app, &actor(), input, None).await.unwrap().mailbox.id;
    assert_eq!(poll_now(&inside.app, mailbox, TIME).await.unwrap().created, 30);
    account.remove(7);
    all_is_well(&inside, mailbox, 29, "dovecot").await;
}
