//! Odd mail servers, the whole road each: first import, nothing new, a new mail, connection test, reconciliation, and the
//! look of the next day.

use std::{
    collections::{BTreeMap, BTreeSet},
    panic::AssertUnwindSafe,
    time::Duration,
};

use bytes::Bytes;
use clap::ValueEnum;
use futures::FutureExt;
use intake::{
    flows::{
        mailboxes,
        poll::{Hint, PollReport, poll_hint, poll_now},
        probe,
        status::status,
        survey::reconcile,
    },
    ports::MessageFilter,
    types::{
        PageRequest,
        ids::MailboxId,
        issue::BlobKey,
        message::{MessageState, Reason},
        watch::Differences,
    },
};
use playground::{Account, Oddity, Options, Playground, Pop3Oddity};
use tests::{
    Breaker, Call, Inside, Moment,
    inside::{actor, mailbox_by_password},
};

use super::{
    mails,
    scene::{PATIENCE, USER, let_lease_end},
};

/// Letters beside the special mails and a large one.
const LETTERS: usize = 5;
const PASSWORD: &str = "secret";
/// More than any server needs to give all that it has.
const POLLS: usize = 20;
/// A new mail has its place among all that are there.
const NEW: &str = "new";
/// A new look at the mailbox is due.
const DAY: Duration = Duration::from_secs(25 * 60 * 60);

/// One row of the table of odd servers.
#[derive(Debug, Clone, Copy)]
enum Row {
    Imap(Oddity),
    Pop3(Pop3Oddity),
}

impl Row {
    /// It is as odd in one session as in another: each poll brings all that is there, without an error.
    fn is_steady(self) -> bool {
        !matches!(
            self,
            Self::Imap(Oddity::UnavailableAtTimes | Oddity::ByeAtTimes)
                | Self::Pop3(
                    Pop3Oddity::UniqueIdsAtTimes
                        | Pop3Oddity::MailsAtTimes
                        | Pop3Oddity::LockedAtTimes
                        | Pop3Oddity::CutInUidl
                        | Pop3Oddity::CutInMails
                )
        )
    }

    /// What it shows by one command it shows by any other.
    fn is_compared(self) -> bool {
        !matches!(
            self,
            Self::Pop3(Pop3Oddity::ShortList | Pop3Oddity::LastUniqueIdLeftOut | Pop3Oddity::ShowsMailsOnce)
        )
    }

    /// Mails come in the order of their arrival: an answer behind what it answers.
    fn keeps_order(self) -> bool {
        !matches!(self, Self::Imap(Oddity::FallingOrder) | Self::Pop3(Pop3Oddity::FallingOrder))
    }

    /// How many records so many mails have, two of which are the same.
    fn records(self, mails: usize) -> std::ops::RangeInclusive<usize> {
        match self {
            // RFC 1939 section 7: one unique-id for identical copies is allowed.
            Self::Pop3(Pop3Oddity::SharedUniqueIds) => mails - 1..=mails - 1,
            // Known by what they say first, then by their unique-ids: copies of themselves.
            Self::Pop3(Pop3Oddity::UniqueIdsAtTimes | Pop3Oddity::LastUniqueIdLeftOut) => mails..=2 * mails,
            _ => mails..=mails,
        }
    }
}

/// What became of mails, by their bytes; that copies of them are known is left out.
type Fates = BTreeMap<Bytes, Vec<(MessageState, Reason)>>;

struct Odd {
    playground: Playground,
    template: Inside,
    mailbox: MailboxId,
    mails: Vec<Bytes>,
}

impl Odd {
    async fn new(protocol: &str) -> Self {
        let accounts = vec![Account::new(USER, "Support").with_password(PASSWORD)];
        let playground = Playground::start(Options { accounts, ..Options::default() }).await.unwrap();
        let template = Inside::new(playground.ca_pem()).await;
        let server = if protocol == "pop3" { playground.pop3_address() } else { playground.imap_address() };
        let input = mailbox_by_password(
            (protocol, &server.ip().to_string(), server.port(), "implicit"),
            (USER, PASSWORD),
        );
        let mailbox = mailboxes::create(&template.app, &actor(), input, None).await.unwrap().mailbox.id;
        let mut odd = Self { playground, template, mailbox, mails: Vec::new() };
        for n in 1..=LETTERS {
            odd.deliver(mails::letter(&format!("letter-{n}"), &format!("Letter {n}"), "Dear all,"));
        }
        let short = mails::few_special().into_iter().filter(|raw| raw.len() < 100_000);
        short.for_each(|raw| odd.deliver(raw));
        let line = "Fifteen bytes. ".repeat(60);
        odd.deliver(mails::letter("large", "Large", &format!("{line}\r\n").repeat(1_200)));
        odd
    }

    fn deliver(&mut self, raw: Bytes) {
        self.playground.deliver(USER, raw.clone()).unwrap();
        self.mails.push(raw);
    }

    fn is(&self, row: Row) {
        match row {
            Row::Imap(oddity) => self.playground.script().be_odd(Some(oddity)),
            Row::Pop3(oddity) => self.playground.script().be_odd_by_pop3(Some(oddity)),
        }
    }

    async fn poll(&self, inside: &Inside) -> PollReport {
        let polled = Box::pin(poll_now(&inside.app, self.mailbox, PATIENCE)).await;
        polled.unwrap_or_else(|error| panic!("{error:?}"))
    }

    /// Polls until nothing more comes, once, or twice where it may be hidden at times. Of a steady server, the first poll
    /// brings all.
    async fn poll_all(&self, inside: &Inside, row: Row) -> PollReport {
        let (mut sum, mut quiet) = (PollReport::default(), 0);
        for polls in 1..=POLLS {
            match Box::pin(poll_now(&inside.app, self.mailbox, PATIENCE)).await {
                Ok(report) if report == PollReport::default() => quiet += 1,
                Ok(report) => {
                    sum += report;
                    quiet = 0;
                }
                Err(error) => {
                    assert!(!row.is_steady(), "{row:?}: {error:?}");
                }
            }
            if quiet == if row.is_steady() { 1 } else { 2 } {
                assert!(polls <= 2 || !row.is_steady(), "{row:?}: {polls} polls");
                return sum;
            }
        }
        panic!("{row:?} does not come to rest: {sum:?}");
    }

    /// What became of the mails, and how many records they have. Each is there byte for byte.
    async fn fates(&self, inside: &Inside) -> (Fates, usize) {
        let filter = MessageFilter { mailbox_id: self.mailbox, state: None };
        let messages = inside.app.store.messages(&filter, &PageRequest::first(200)).await.unwrap().items;
        let mut fates = Fates::new();
        for message in &messages {
            let raw = inside.folder.path().join("blobs").join(BlobKey::raw(message.id).as_str());
            let raw = std::fs::read(raw).unwrap_or_else(|_| panic!("{message:?}"));
            let fate = fates.entry(raw.into()).or_default();
            if message.reason != Reason::Duplicate {
                assert!(fate.is_empty(), "{:?} came twice", message.subject);
                fate.push((message.state, message.reason));
            }
        }
        assert!(fates.keys().eq(self.mails.iter().collect::<BTreeSet<_>>()), "not the same mails");
        (fates, messages.len())
    }
}

impl Odd {
    /// As it was before a row.
    fn restore(&mut self, mails: usize) {
        for _ in self.mails.drain(mails..) {
            let (last, _) = self.playground.script().mailbox(USER).pop().unwrap();
            self.playground.script().remove(USER, last);
        }
    }
}

/// The whole road.
async fn walk(odd: &mut Odd, row: Row, honest: &Fates) {
    println!("{row:?}");
    let inside = odd.template.copy().await;
    odd.is(row);
    let first = odd.poll_all(&inside, row).await;
    let (fates, records) = odd.fates(&inside).await;
    assert!(fates == *honest || !row.keeps_order(), "{row:?}: other fates");
    assert!(row.records(odd.mails.len()).contains(&records), "{row:?}: {records} records");
    assert_eq!((first.failed, first.held), (0, 0), "{row:?} {first:?}");

    odd.deliver(mails::letter(NEW, "New", "And one more."));
    assert_eq!(odd.poll_all(&inside, row).await.created, 1, "{row:?}");
    let (mut fates, records) = odd.fates(&inside).await;
    let new = odd.mails.last().unwrap();
    assert_eq!(fates.remove(new), Some([(MessageState::Applied, Reason::Created)].into()), "{row:?}");
    assert!(fates == *honest || !row.keeps_order(), "{row:?}: other fates");
    assert!(row.records(odd.mails.len()).contains(&records), "{row:?}: {records} records");

    let mut tested = probe::mailbox(&inside.app, odd.mailbox).await.unwrap();
    if !row.is_steady() && !tested.ok() {
        tested = probe::mailbox(&inside.app, odd.mailbox).await.unwrap();
    }
    assert!(tested.ok(), "{row:?}: {:?}", tested.steps);
    if let Row::Imap(Oddity::NewValidity) = row {
        let found = reconcile(&inside.app, &actor(), odd.mailbox, false, PATIENCE).await;
        assert_eq!(found.unwrap_err().code, "renumbered");
        let told = status(&inside.app).await.unwrap().warnings;
        assert!(told.iter().any(|notice| notice.code == "mails_renumbered"), "{told:?}");
    } else if let Row::Imap(_) = row {
        let mut found = reconcile(&inside.app, &actor(), odd.mailbox, false, PATIENCE).await;
        if !row.is_steady() && found.is_err() {
            found = reconcile(&inside.app, &actor(), odd.mailbox, false, PATIENCE).await;
        }
        let found = found.unwrap_or_else(|error| panic!("{row:?}: {error:?}"));
        assert!(found.complete, "{row:?}");
        assert_eq!((found.on_server, found.missing, found.gone), (odd.mails.len() as u64, 0, 0), "{row:?}");
    }
    if row.is_steady() && row.is_compared() {
        inside.clock.advance(DAY);
        let hint = Hint { mailbox_id: odd.mailbox, planned_at: inside.app.now(), rescan: false };
        Box::pin(poll_hint(&inside.app, &hint, PATIENCE)).await.unwrap();
        let watch = inside.app.store.run(odd.mailbox).await.unwrap().unwrap().watch.unwrap();
        assert_eq!((watch.seen, watch.trouble), (records as u64, None), "{row:?}");
        assert_eq!(watch.found, Differences::default(), "{row:?}");
    }
}

async fn walk_all(protocol: &str, rows: impl Iterator<Item = Row>) {
    let mut odd = Odd::new(protocol).await;
    let honest = odd.template.copy().await;
    odd.poll(&honest).await;
    let (honest, _) = odd.fates(&honest).await;
    let mails = odd.mails.len();
    let mut failed = Vec::new();
    for row in rows {
        // On the heap: the stack of a test's thread is small.
        let walked = AssertUnwindSafe(Box::pin(walk(&mut odd, row, &honest))).catch_unwind().await;
        if walked.is_err() {
            failed.push(row);
        }
        odd.restore(mails);
    }
    assert!(failed.is_empty(), "{failed:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn odd_imap_servers_lose_nothing_and_double_nothing() {
    walk_all("imap", Oddity::value_variants().iter().copied().map(Row::Imap)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn odd_pop3_servers_lose_nothing_and_double_nothing() {
    walk_all("pop3", Pop3Oddity::value_variants().iter().copied().map(Row::Pop3)).await;
}

/// The suspects of a crash are read one by one, by another way.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn absurd_sizes_hold_no_mail_after_a_crash() {
    let rows = [
        ("imap", Row::Imap(Oddity::HugeSizes), "mail.list"),
        ("pop3", Row::Pop3(Pop3Oddity::HugeSizes), "mail.maildrop"),
    ];
    for (protocol, row, name) in rows {
        let odd = Odd::new(protocol).await;
        odd.is(row);
        let inside = odd.template.copy().await;
        let dead = Breaker::at(Call { name, nth: 1 }, Moment::After);
        poll_now(&dead.process(&inside.app), odd.mailbox, PATIENCE).await.unwrap_err();
        let_lease_end(&inside);
        let polled = odd.poll_all(&inside, row).await;
        assert_eq!((polled.failed, polled.held), (0, 0), "{row:?}: {polled:?}");
        odd.fates(&inside).await;
    }
}
