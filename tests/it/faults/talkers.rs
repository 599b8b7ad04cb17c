//! Mail servers that talk without end and never say what was asked for: polls end in their time, and other mailboxes are
//! polled meanwhile.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use async_trait::async_trait;
use intake::{
    App, Timestamp,
    flows::{
        mailboxes::{self, MailboxInput},
        poll::{self, Hint, PollReport},
        survey::{self, Span},
    },
    ports::Clock,
    types::{ids::MailboxId, mailbox::MailboxStatus},
};
use tests::{
    Breaker, Call, Inside,
    inside::{HandClock, actor, mailbox_by_password, text},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};

use super::scene::Scene;

/// Longer than anything here takes, however loaded the machine is.
const LONG: Duration = Duration::from_secs(50);

/// A server at an address of its own.
struct Talker {
    host: String,
    port: u16,
    /// Connections that are open.
    open: watch::Receiver<usize>,
}

impl Talker {
    /// Takes every sign-in; opens no folder, and says so much every now and then.
    async fn new(n: usize) -> Self {
        // The first address is the playground's.
        let host = format!("127.0.0.{}", n + 2);
        let listener = TcpListener::bind((host.as_str(), 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (count, open) = watch::channel(0);
        let count = Arc::new(count);
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let count = count.clone();
                tokio::spawn(async move {
                    count.send_modify(|open| *open += 1);
                    let _ = talk(tcp).await;
                    count.send_modify(|open| *open -= 1);
                });
            }
        });
        Self { host, port, open }
    }

    async fn mailbox(&self, inside: &Inside, name: &str) -> MailboxId {
        let input = MailboxInput {
            name: text(name),
            ..mailbox_by_password(("imap", &self.host, self.port, "none"), (name, "secret"))
        };
        mailboxes::create(&inside.app, &actor(), input, None).await.unwrap().mailbox.id
    }

    async fn is_left(&mut self) {
        let left = tokio::time::timeout(LONG, self.open.wait_for(|open| *open == 0)).await;
        assert!(left.is_ok(), "a connection stays");
    }
}

async fn talk(tcp: TcpStream) -> std::io::Result<()> {
    let mut io = BufReader::new(tcp);
    io.get_mut().write_all(b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] ready\r\n").await?;
    let mut line = String::new();
    while io.read_line(&mut line).await? > 0 {
        let tag = line.split(' ').next().unwrap_or_default().to_owned();
        if line.contains("EXAMINE") {
            loop {
                line.clear();
                tokio::select! {
                    read = io.read_line(&mut line) => if read? == 0 { return Ok(()) },
                    () = tokio::time::sleep(Duration::from_millis(100)) => {
                        io.get_mut().write_all(b"* OK still here\r\n").await?;
                    }
                }
            }
        }
        io.get_mut().write_all(format!("{tag} OK\r\n").as_bytes()).await?;
        line.clear();
    }
    Ok(())
}

/// Waits fifty times as fast.
struct Hasty(Arc<HandClock>);

#[async_trait]
impl Clock for Hasty {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    async fn sleep(&self, delay: Duration) {
        tokio::time::sleep(delay / 50).await;
    }
}

fn hint(app: &App, mailbox_id: MailboxId) -> Hint {
    Hint { mailbox_id, planned_at: app.now(), rescan: false }
}

#[tokio::test]
async fn what_a_person_asks_for_is_answered_in_its_time() {
    const TIME: Duration = Duration::from_secs(1);
    let scene = Scene::empty().await;
    let inside = &scene.template;
    let mut talker = Talker::new(0).await;
    let id = talker.mailbox(inside, "Talker").await;
    let began = Instant::now();
    let polled = poll::poll_now(&inside.app, id, TIME).await.unwrap();
    assert_eq!(polled, PollReport { more: true, ..PollReport::default() });
    talker.is_left().await;
    let run = inside.app.store.run(id).await.unwrap().unwrap();
    assert_eq!(
        (run.status, run.consecutive_failures),
        (MailboxStatus::New, 0),
        "a second of patience is no fault"
    );
    let refused = survey::preview(&inside.app, id, None, TIME).await.unwrap_err();
    assert_eq!(refused.code, "mail_server_slow");
    let refused = survey::reconcile(&inside.app, &actor(), id, false, TIME).await.unwrap_err();
    assert_eq!(refused.code, "mail_server_slow");
    let span = Span { since: Timestamp::UNIX_EPOCH, before: None };
    assert!(survey::backfill(&inside.app, &actor(), id, span, TIME).await.unwrap().more);
    talker.is_left().await;
    // Four times a second, and one for each good-bye.
    assert!(began.elapsed() < LONG / 2, "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_scheduled_poll_ends_and_its_server_is_known_as_slow() {
    const TIME: Duration = Duration::from_secs(20);
    let scene = Scene::empty().await;
    let inside = &scene.template;
    let mut talker = Talker::new(0).await;
    let id = talker.mailbox(inside, "Talker").await;
    // The last second of a poll that began with time enough.
    let breaker = Breaker::watching();
    let clock = inside.clock.clone();
    let at = Call { name: "vault.get", nth: 1 };
    breaker.meanwhile(at, move || clock.advance(TIME - Duration::from_secs(1)));
    poll::poll_hint(&breaker.process(&inside.app), &hint(&inside.app, id), TIME).await.unwrap();
    talker.is_left().await;
    let run = inside.app.store.run(id).await.unwrap().unwrap();
    assert_eq!(run.last_error.unwrap().code, "mail_server_slow");
    assert_eq!(run.status, MailboxStatus::Failing);
}

/// What has no time for a healthy server says nothing about this one.
#[tokio::test]
async fn a_hint_whose_place_comes_late_notes_nothing() {
    let scene = Scene::empty().await;
    let inside = &scene.template;
    let talker = Talker::new(0).await;
    let id = talker.mailbox(inside, "Talker").await;
    let written = inside.embedded.items_written();
    let breaker = Breaker::watching();
    let app = breaker.process(&inside.app);
    let polled = poll::poll_hint(&app, &hint(&app, id), Duration::from_secs(14)).await.unwrap();
    assert_eq!(polled, PollReport::default());
    assert!(breaker.calls().iter().all(|call| call.name != "mail.open"));
    assert_eq!(inside.embedded.items_written(), written);
    let run = inside.app.store.run(id).await.unwrap().unwrap();
    assert_eq!((run.status, run.last_error), (MailboxStatus::New, None));
}

#[tokio::test]
async fn a_mailbox_is_polled_while_thirty_two_servers_talk() {
    let scene = Scene::with_letters(2).await;
    let inside = &scene.template;
    let app = App { clock: Arc::new(Hasty(inside.clock.clone())), ..inside.app.clone() };
    let mut polls = JoinSet::new();
    let mut talkers = Vec::new();
    let ended = Arc::new(AtomicUsize::new(0));
    for n in 0..8 {
        let talker = Talker::new(n).await;
        for m in 0..4 {
            let id = talker.mailbox(inside, &format!("Talker {n} {m}")).await;
            let (app, ended) = (app.clone(), ended.clone());
            polls.spawn(async move {
                let _ = poll::poll_hint(&app, &hint(&app, id), LONG * 50).await;
                ended.fetch_add(1, Ordering::Relaxed);
            });
        }
        talkers.push(talker);
    }
    // All of them are connected: the slow do not wait for each other.
    for talker in &mut talkers {
        let all = tokio::time::timeout(LONG, talker.open.wait_for(|open| *open == 4)).await;
        assert!(all.is_ok(), "the polls of {} wait", talker.host);
    }
    let ours = hint(&app, scene.mailbox);
    let polled = tokio::time::timeout(LONG, poll::poll_hint(&app, &ours, LONG * 50))
        .await
        .expect("it has its place")
        .unwrap();
    assert_eq!(polled.created, 2);
    assert_eq!(ended.load(Ordering::Relaxed), 0, "a talker ended: this shows nothing");
    polls.abort_all();
}

/// One more of the same host waits; a second poll of the same mailbox does not even do that.
#[tokio::test]
async fn a_host_has_four_places_and_a_mailbox_one() {
    let scene = Scene::with_letters(1).await;
    let inside = &scene.template;
    let app = App { clock: Arc::new(Hasty(inside.clock.clone())), ..inside.app.clone() };
    let mut talker = Talker::new(0).await;
    let mut polls = JoinSet::new();
    let mut first = None;
    for n in 0..4 {
        let id = talker.mailbox(inside, &format!("Talker {n}")).await;
        first = Some(id);
        let app = app.clone();
        polls.spawn(async move { poll::poll_hint(&app, &hint(&app, id), LONG * 50).await });
    }
    assert!(tokio::time::timeout(LONG, talker.open.wait_for(|open| *open == 4)).await.is_ok());
    let again = hint(&app, first.unwrap());
    let again =
        tokio::time::timeout(LONG, poll::poll_hint(&app, &again, LONG * 50)).await.expect("it is under way");
    assert_eq!(again.unwrap(), PollReport::default());
    // A fifth one waits for its place, for as long as it has.
    let fifth = talker.mailbox(inside, "Fifth").await;
    let polled = poll::poll_hint(&app, &hint(&app, fifth), Duration::from_secs(50)).await.unwrap();
    assert_eq!((polled, *talker.open.borrow()), (PollReport::default(), 4));
    assert_eq!(inside.app.store.run(fifth).await.unwrap().unwrap().status, MailboxStatus::New);
    // An older hint is none.
    let old = Hint { planned_at: app.now() - Duration::from_secs(601), ..hint(&app, scene.mailbox) };
    assert_eq!(poll::poll_hint(&app, &old, LONG).await.unwrap(), PollReport::default());
    polls.abort_all();
}
