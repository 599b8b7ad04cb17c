//! Odd IMAP servers, the whole road each: first import, nothing new, a new mail, connection test, reconciliation.

use std::collections::BTreeMap;

use bytes::Bytes;
use intake::{
    flows::{
        mailboxes,
        poll::{PollReport, poll_now, reconcile},
        probe,
    },
    types::{ids::MailboxId, message::MessageState},
};
use playground::{Account, Oddity, Options, Playground};
use tests::{
    Breaker, Call, Inside, Moment,
    inside::{actor, mailbox_by_password},
};

use super::{
    ledger::Ledger,
    mails,
    scene::{PATIENCE, USER, let_lease_end},
};

/// Letters beside the special mails and a large one.
const LETTERS: usize = 5;
const PASSWORD: &str = "secret";

struct Odd {
    playground: Playground,
    template: Inside,
    mailbox: MailboxId,
    mails: Vec<Bytes>,
}

impl Odd {
    async fn new() -> Self {
        let accounts = vec![Account::new(USER, "Support").with_password(PASSWORD)];
        let playground = Playground::start(Options { accounts, ..Options::default() }).await.unwrap();
        let template = Inside::new(playground.ca_pem()).await;
        let server = playground.imap_address();
        let input = mailbox_by_password(
            ("imap", &server.ip().to_string(), server.port(), "implicit"),
            (USER, PASSWORD),
        );
        let mailbox = mailboxes::create(&template.app, &actor(), input, None).await.unwrap().mailbox.id;
        let mut odd = Self { playground, template, mailbox, mails: Vec::new() };
        for n in 1..=LETTERS {
            odd.deliver(mails::letter(&format!("letter-{n}"), &format!("Letter {n}"), "Dear all,"));
        }
        mails::few_special().into_iter().for_each(|raw| odd.deliver(raw));
        odd.deliver(mails::letter("large", "Large", &"Sixteen bytes.\r\n".repeat(150_000)));
        odd
    }

    fn deliver(&mut self, raw: Bytes) {
        self.playground.deliver(USER, raw.clone()).unwrap();
        self.mails.push(raw);
    }

    async fn poll(&self, inside: &Inside) -> PollReport {
        poll_now(&inside.app, self.mailbox, PATIENCE).await.unwrap_or_else(|error| panic!("{error:?}"))
    }

    /// What became of the mails, by UID.
    async fn fates(&self, inside: &Inside) -> BTreeMap<u32, (MessageState, intake::types::message::Reason)> {
        let ledger = Ledger::of(inside, self.mailbox).await;
        ledger.check_raw(inside, &self.mails);
        let uids = 1..=u32::try_from(self.mails.len()).unwrap();
        assert_eq!(ledger.messages.len(), self.mails.len());
        uids.map(|uid| (uid, ledger.fate(uid))).collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn odd_servers_lose_nothing_and_double_nothing() {
    let mut odd = Odd::new().await;
    for oddity in Oddity::ALL {
        println!("{oddity:?}");
        let honest = odd.template.copy().await;
        odd.playground.script().be_odd(None);
        odd.poll(&honest).await;
        let inside = odd.template.copy().await;
        odd.playground.script().be_odd(Some(oddity));
        let first = odd.poll(&inside).await;
        assert_eq!(
            (first.fetched, first.failed, first.held),
            (odd.mails.len() as u64, 0, 0),
            "{oddity:?} {first:?}"
        );
        assert_eq!(odd.fates(&inside).await, odd.fates(&honest).await, "{oddity:?}");
        assert_eq!(odd.poll(&inside).await, PollReport::default(), "{oddity:?}: nothing is new");

        odd.deliver(mails::letter(&format!("new-{oddity:?}"), "New", "And one more."));
        assert_eq!(odd.poll(&inside).await.created, 1, "{oddity:?}");
        odd.fates(&inside).await;
        let tested = probe::mailbox(&inside.app, odd.mailbox).await.unwrap();
        assert!(tested.ok(), "{oddity:?}: {:?}", tested.steps);
        let found = reconcile(&inside.app, &actor(), odd.mailbox, false, PATIENCE).await.unwrap();
        assert!(found.complete, "{oddity:?}");
        assert_eq!(
            (found.on_server, found.missing, found.gone),
            (odd.mails.len() as u64, 0, 0),
            "{oddity:?}"
        );
    }
}

/// The suspects of a crash are read one by one, by another way.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn absurd_sizes_hold_no_mail_after_a_crash() {
    let odd = Odd::new().await;
    odd.playground.script().be_odd(Some(Oddity::HugeSizes));
    let inside = odd.template.copy().await;
    let dead = Breaker::at(Call { name: "mail.list", nth: 1 }, Moment::After);
    poll_now(&dead.process(&inside.app), odd.mailbox, PATIENCE).await.unwrap_err();
    let_lease_end(&inside);
    let polled = odd.poll(&inside).await;
    assert_eq!((polled.fetched, polled.held), (odd.mails.len() as u64, 0), "{polled:?}");
    odd.fates(&inside).await;
}
