//! Servers that lie by dice, over several polls: whatever they say, no mail that was listed is passed over, none is
//! doubled, and once they are honest each mail that they hold is there exactly once.
//!
//! `MAILDOCKET_TEST_CASES` says how many cases there are.

mod imap;
mod pop3;
mod world;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use intake::{
    Timestamp,
    flows::{
        mailboxes,
        poll::{Hint, poll_hint, poll_now},
    },
    ports::{IssueFilter, MessageFilter},
    types::{
        PageRequest,
        ids::MailboxId,
        message::{Message, ServerId},
        project::ProjectKey,
    },
};
use playground::{Options, Playground};
use proptest::{
    collection::vec,
    prelude::*,
    sample::subsequence,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use tests::{
    Inside,
    inside::{PROJECT, actor, mailbox_by_password},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    runtime::Handle,
    task::block_in_place,
};

use super::scene::{PATIENCE, let_lease_end};
use world::{Event, Lie, World};

/// Cases where the environment does not say.
const CASES: u32 = 8;
/// Honest polls, each with a look at the newest mails, after which everything has to be there: more than a day of them,
/// because a mail that shows itself in a renumbered folder while another goes is found by the daily look.
const HONEST: usize = 26;
/// Between two looks at the newest mails.
const AN_HOUR: Duration = Duration::from_secs(61 * 60);

/// What happens before a poll, how the server lies in it, and the dice.
#[derive(Debug, Clone)]
struct Step {
    events: Vec<Event>,
    lies: Vec<Lie>,
    seed: u64,
}

fn step() -> impl Strategy<Value = Step> {
    let gap = prop_oneof![8 => Just(0u32), 2 => 1..5u32, 1 => Just(1500u32)];
    let event = prop_oneof![
        6 => gap.prop_map(Event::Comes),
        1 => any::<usize>().prop_map(Event::Goes),
        2 => any::<usize>().prop_map(Event::Hides),
        1 => Just(Event::AllAppear),
        1 => Just(Event::Renumbered),
    ];
    let lies = prop_oneof![
        1 => Just(Vec::new()),
        4 => subsequence(Lie::ALL.to_vec(), 1..=3),
        2 => subsequence(Lie::ALL.to_vec(), 1..=10),
    ];
    (vec(event, 0..6), lies, any::<u64>()).prop_map(|(events, lies, seed)| Step { events, lies, seed })
}

fn subject(name: u32) -> String {
    format!("Question {name} of a kind")
}

fn mail(name: u32) -> Bytes {
    let at = Timestamp::now().strftime("%a, %d %b %Y 00:00:00 +0000");
    let raw = format!(
        "From: Ada <ada@example.test>\r\nTo: support@example.test\r\nDate: {at}\r\n\
         Message-ID: <liar-{name}@example.test>\r\nSubject: Question {name} of a kind\r\n\r\nHow much is {name}?\r\n"
    );
    Bytes::from(raw)
}

/// An INTERNALDATE of today, in quotes.
fn received() -> String {
    Timestamp::now().strftime("\"%d-%b-%Y 00:00:00 +0000\"").to_string()
}

struct Liar {
    world: Arc<Mutex<World>>,
    template: Inside,
    mailbox: MailboxId,
}

impl Liar {
    async fn new(protocol: &str) -> Self {
        let playground = Playground::start(Options::default()).await.unwrap();
        let template = Inside::new(playground.ca_pem()).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = ("127.0.0.1", listener.local_addr().unwrap().port());
        let input = mailbox_by_password((protocol, server.0, server.1, "none"), ("ann", "secret"));
        let mailbox = mailboxes::create(&template.app, &actor(), input, None).await.unwrap().mailbox.id;
        let world = Arc::new(Mutex::new(World::new()));
        let (shared, is_imap) = (world.clone(), protocol == "imap");
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                tokio::spawn(serve(tcp, shared.clone(), is_imap));
            }
        });
        Self { world, template, mailbox }
    }

    fn with<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        look(&mut self.world.lock().unwrap())
    }

    async fn runs(&self, steps: Vec<Step>) {
        self.with(|world| *world = World::new());
        let inside = self.template.copy().await;
        for Step { events, lies, seed } in steps {
            self.with(|world| {
                events.into_iter().for_each(|event| world.happens(event));
                world.lie(&lies, seed);
            });
            let polled = poll_now(&inside.app, self.mailbox, PATIENCE).await;
            if let Err(error) = &polled {
                assert!(!["internal", "mail_unaccounted"].contains(&&*error.code), "{error:?}");
            }
            self.account(&inside, polled.is_ok()).await;
            self.nothing_is_doubled(&inside).await;
            let_lease_end(&inside);
        }
        self.ends_well(&inside).await;
    }

    /// What was listed in this poll and lies below the cursor has a record, or is known from before a renumbering.
    async fn account(&self, inside: &Inside, polled: bool) {
        let run = inside.app.store.run(self.mailbox).await.unwrap().unwrap();
        let Some(cursor) = run.cursor else { return };
        let records = self.records(inside).await;
        let recorded: BTreeSet<&ServerId> = records
            .iter()
            .filter(|record| record.epoch == run.epoch)
            .map(|record| &record.server_id)
            .collect();
        let made = self.made(inside).await;
        let is_known = |name: u32| made.contains_key(&subject(name));
        for (validity, uid) in &self.with(|world| world.listed.clone()) {
            let passed = u64::from(*validity) == cursor.uid_validity && *uid < cursor.next_uid;
            let name = self.with(|world| world.name_of(*uid));
            let record = recorded.contains(&ServerId::Imap { uid: *uid })
                || (run.epoch > 1 && name.is_some_and(is_known));
            assert!(!passed || record, "UID {uid} was listed and passed over: {cursor:?}");
        }
        if polled && cursor.maildrop.is_some_and(|maildrop| maildrop.listing.is_some()) {
            for id in self.with(|world| world.ids.clone()) {
                let hash = intake::app::sha256_hex(&id);
                let name = id.split('-').next_back().and_then(|name| name.parse().ok());
                assert!(
                    recorded.contains(&ServerId::Pop3 { hash }) || name.is_some_and(is_known),
                    "{id} was listed, and is settled without record"
                );
            }
        }
    }

    async fn records(&self, inside: &Inside) -> Vec<Message> {
        let filter = MessageFilter { mailbox_id: self.mailbox, state: None };
        let (mut page, mut ids) = (PageRequest::first(200), Vec::new());
        loop {
            let listed = inside.app.store.messages(&filter, &page).await.unwrap();
            ids.extend(listed.items.iter().map(|row| row.id));
            let Some(next) = listed.next else { break };
            page.cursor = Some(next);
        }
        inside.app.store.known(&ids).await.unwrap()
    }

    /// How many issues each mail made.
    async fn made(&self, inside: &Inside) -> BTreeMap<String, usize> {
        let project = IssueFilter::Project(ProjectKey::new(PROJECT).unwrap(), None);
        let (mut page, mut made) = (PageRequest::first(200), BTreeMap::new());
        loop {
            let listed = inside.app.store.issues(&project, &page).await.unwrap();
            listed.items.into_iter().for_each(|issue| *made.entry(issue.summary).or_default() += 1);
            let Some(next) = listed.next else { return made };
            page.cursor = Some(next);
        }
    }

    async fn nothing_is_doubled(&self, inside: &Inside) {
        let made = self.made(inside).await;
        assert!(made.values().all(|count| *count == 1), "doubled: {made:?}");
    }

    /// The server is honest at last.
    async fn ends_well(&self, inside: &Inside) {
        self.with(World::is_honest_from_now_on);
        let mut missing = Vec::new();
        for _ in 0..HONEST {
            let polled = poll_now(&inside.app, self.mailbox, PATIENCE).await;
            assert!(polled.as_ref().err().is_none_or(|error| error.code != "internal"), "{polled:?}");
            inside.clock.advance(AN_HOUR);
            let hint = Hint { mailbox_id: self.mailbox, planned_at: inside.app.now(), rescan: true };
            poll_hint(&inside.app, &hint, PATIENCE).await.unwrap();
            missing = self.missing(inside).await;
            if missing.is_empty() {
                return self.nothing_is_doubled(inside).await;
            }
        }
        let run = inside.app.store.run(self.mailbox).await.unwrap().unwrap();
        let records = self.records(inside).await;
        let records: Vec<_> =
            records.iter().map(|m| (m.epoch, &m.server_id, m.state, m.reason, &m.subject)).collect();
        panic!("never came: {missing:?}\n{run:?}\n{records:#?}");
    }

    /// The mails that the server holds and that made no issue, or have no record though they were never renumbered.
    async fn missing(&self, inside: &Inside) -> Vec<String> {
        let made = self.made(inside).await;
        let run = inside.app.store.run(self.mailbox).await.unwrap().unwrap();
        let records = self.records(inside).await;
        let is_imap = run.cursor.is_some_and(|cursor| cursor.maildrop.is_none());
        let has_record = |uid: u32| {
            let here = |m: &&Message| m.epoch == run.epoch && m.server_id == ServerId::Imap { uid };
            !is_imap || records.iter().any(|message| here(&message))
        };
        let held = self.with(|world| world.seen());
        let lacks = |held: &&world::Held| {
            !made.contains_key(&subject(held.name)) || (run.epoch == 1 && !has_record(held.uid))
        };
        held.iter().filter(lacks).map(|held| format!("{held:?}")).collect()
    }
}

async fn serve(tcp: TcpStream, world: Arc<Mutex<World>>, is_imap: bool) {
    let mut io = BufReader::new(tcp);
    let greeting = if is_imap { imap::GREETING } else { pop3::GREETING };
    world.lock().unwrap().connects();
    let mut session = Vec::new();
    let mut said = io.get_mut().write_all(greeting.as_bytes()).await;
    let mut line = String::new();
    while said.is_ok() && matches!(io.read_line(&mut line).await, Ok(1..)) {
        let command = line.trim_end().to_owned();
        line.clear();
        let (answer, cut) = {
            let mut world = world.lock().unwrap();
            let answer = if is_imap {
                imap::answer(&mut world, &command)
            } else {
                pop3::answer(&mut world, &mut session, &command)
            };
            (answer, world.burns_down().then(|| world.dice.roll(200)))
        };
        let Some(answer) = answer else { break };
        let end = cut.unwrap_or(answer.len()).min(answer.len());
        said = io.get_mut().write_all(&answer.as_bytes()[..end]).await;
        if cut.is_some() {
            break;
        }
    }
}

fn lie_by_dice(liar: &Liar) {
    let told = std::env::var("MAILDOCKET_TEST_CASES").ok().and_then(|cases| cases.parse().ok());
    let config = Config {
        cases: told.unwrap_or(CASES),
        failure_persistence: None,
        max_shrink_iters: 400,
        ..Config::default()
    };
    let dice = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let runtime = Handle::current();
    let mut runner = TestRunner::new_with_rng(config, dice);
    let ran = runner.run(&vec(step(), 1..6), |steps| {
        runtime.block_on(liar.runs(steps));
        Ok(())
    });
    if let Err(error) = ran {
        panic!("{error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_imap_servers_say_nothing_is_lost_or_doubled() {
    let liar = Liar::new("imap").await;
    block_in_place(|| lie_by_dice(&liar));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_pop3_servers_say_nothing_is_lost_or_doubled() {
    let liar = Liar::new("pop3").await;
    block_in_place(|| lie_by_dice(&liar));
}
