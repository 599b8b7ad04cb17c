//! Mails whose download outlasts a poll: the next one goes on where it stopped, or they are failed with their reason.

use std::time::Duration;

use intake::{
    flows::{change::Expect, mailboxes},
    ports::MessageFilter,
    types::{
        PageRequest,
        issue::BlobKey,
        mailbox::Protocol,
        message::{Message, MessageState, Reason},
    },
};
use playground::MailFault;
use tests::{Breaker, Call, Inside, inside::actor};

use super::{
    mails,
    scene::{PATIENCE, Scene},
};

const MIB: u64 = 1024 * 1024;

impl Scene {
    /// A mail of about six MiB.
    fn deliver_large(&mut self) {
        self.deliver(mails::letter("big", "Big", &"It goes on and on.\r\n".repeat(300_000)));
    }

    /// A poll whose time is over at the n-th piece that it asks for.
    async fn cut_short(
        &self,
        inside: &Inside,
        piece: u32,
    ) -> intake::Result<intake::flows::poll::PollReport> {
        let breaker = Breaker::watching();
        let clock = inside.clock.clone();
        let at = Call { name: "mail.fetch_piece", nth: piece };
        breaker.meanwhile(at, move || clock.advance(PATIENCE + Duration::from_secs(5)));
        self.poll(&breaker.process(&inside.app)).await
    }

    async fn messages(&self, inside: &Inside) -> Vec<Message> {
        let filter = MessageFilter { mailbox_id: self.mailbox, state: None };
        inside.app.store.messages(&filter, &PageRequest::first(200)).await.unwrap().items
    }

    async fn large(&self, inside: &Inside) -> Message {
        let all = self.messages(inside).await;
        all.into_iter().find(|message| message.size > MIB).unwrap()
    }
}

#[tokio::test]
async fn a_download_goes_on_where_it_stopped_and_lets_others_pass() {
    let mut scene = Scene::empty().await;
    scene.deliver_large();
    let inside = scene.template.copy().await;
    // One byte, the first piece, the second: then the time is over.
    let report = scene.cut_short(&inside, 3).await.unwrap();
    assert!(report.more && report.fetched == 0, "{report:?}");
    let large = scene.large(&inside).await;
    assert_eq!((large.state, large.download.unwrap().bytes), (MessageState::Stored, 2 * MIB));
    // What came meanwhile is imported before the rest of it.
    scene.deliver(mails::letter("small", "Small", "Meanwhile."));
    let report = scene.cut_short(&inside, 3).await.unwrap();
    assert!(report.more && report.created == 1, "{report:?}");
    assert_eq!(scene.large(&inside).await.download.unwrap().bytes, 4 * MIB);
    let breaker = Breaker::watching();
    let report = scene.poll(&breaker.process(&inside.app)).await.unwrap();
    assert!(!report.more && report.created == 1, "{report:?}");
    // One byte, and the two pieces that were missing: nothing was read twice.
    let pieces = breaker.calls().iter().filter(|call| call.name == "mail.fetch_piece").count();
    assert_eq!(pieces, 3);
    let large = scene.large(&inside).await;
    assert_eq!((large.state, large.download), (MessageState::Applied, None));
    let ledger = scene.ledger(&inside).await;
    assert_eq!((ledger.messages.len(), ledger.issues.len()), (2, 2));
}

#[tokio::test]
async fn a_connection_that_breaks_costs_no_piece_that_came() {
    let mut scene = Scene::empty().await;
    scene.deliver_large();
    let inside = scene.template.copy().await;
    // The listing, one byte, and some of the third piece.
    let honest = || MailFault::cut_fetch_after(1_000_000_000);
    for fault in [honest(), honest(), honest(), honest(), MailFault::cut_fetch_after(500_000)] {
        scene.playground.script().mail_fault(fault);
    }
    let breaker = Breaker::watching();
    let report = scene.poll(&breaker.process(&inside.app)).await.unwrap();
    assert!(scene.playground.script().is_used_up() && report.created == 1, "{report:?}");
    let pieces = breaker.calls().iter().filter(|call| call.name == "mail.fetch_piece").count();
    // Seven, the one that broke off, and one byte at each beginning.
    assert!(pieces <= 6 + 1 + 2, "{pieces}");
    assert_eq!(scene.ledger(&inside).await.issues.len(), 1);
}

/// POP3 gives a mail from its beginning only: where no poll comes further, it is failed.
#[tokio::test]
async fn a_download_that_comes_no_further_fails_with_its_reason() {
    let mut scene = Scene::with_special_by_pop3().await;
    assert_eq!(
        scene.template.app.store.mailbox(scene.mailbox).await.unwrap().unwrap().server.protocol,
        Protocol::Pop3
    );
    scene.deliver_large();
    let inside = scene.template.copy().await;
    let mut polls = 1;
    while scene.cut_short(&inside, 3).await.unwrap().failed == 0 {
        polls += 1;
        assert!(polls <= 8, "it goes on for ever: {:?}", scene.messages(&inside).await);
    }
    assert!(polls >= 4, "three long polls in a row brought nothing more, after one that did: {polls}");
    let large = scene.messages(&inside).await.into_iter().find(|m| m.state == MessageState::Failed).unwrap();
    assert_eq!(large.reason, Reason::UnreadableOnServer);
    assert!(large.trace[0].detail.contains("takes too long"), "{:?}", large.trace);
    let report = scene.poll(&inside.app).await.unwrap();
    assert!(report.fetched == 0 && !report.more, "it blocks the mailbox: {report:?}");
}

/// By POP3 too a faster poll brings the rest.
#[tokio::test]
async fn a_download_by_pop3_ends_where_the_time_suffices_at_last() {
    let mut scene = Scene::with_special_by_pop3().await;
    let others = scene.mails.len() as u64;
    scene.deliver_large();
    let inside = scene.template.copy().await;
    assert!(scene.cut_short(&inside, 4).await.unwrap().more);
    let report = scene.poll(&inside.app).await.unwrap();
    assert!(report.fetched >= 1 && !report.more, "{report:?}");
    let all = scene.messages(&inside).await;
    assert_eq!(all.len() as u64, others + 1);
    // The special mails have a large one of their own.
    let large = all.iter().max_by_key(|message| message.size).unwrap();
    let raw = inside.app.blobs.read(&BlobKey::raw(large.id)).await.unwrap().bytes(64 * MIB).await.unwrap();
    assert!(raw == *scene.mails.last().unwrap(), "the raw mail is another");
}

#[tokio::test]
async fn a_deleted_mailbox_leaves_nothing_of_a_download() {
    let mut scene = Scene::empty().await;
    scene.deliver_large();
    let inside = scene.template.copy().await;
    scene.cut_short(&inside, 3).await.unwrap();
    let raw = BlobKey::raw(scene.large(&inside).await.id);
    assert_eq!(inside.app.blobs.read(&raw).await.unwrap().size, 2 * MIB);
    mailboxes::delete(&inside.app, &actor(), scene.mailbox, &Expect::any()).await.unwrap();
    assert!(inside.app.blobs.read(&raw).await.is_err());
}
