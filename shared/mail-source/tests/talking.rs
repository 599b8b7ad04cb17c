//! IMAP servers that talk without end: each command, session and answer ends all the same.
#![allow(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use intake::{
    ports::{Credentials, MailError, MailFault, MailSource, MailTarget, OpenedFolder},
    types::{
        host::{AddressPolicy, MailHost},
        mailbox::{MailServer, Protocol, Tls},
        message::ServerId,
    },
};
use mail_source::{MailServers, SourceConfig, TimeLimits};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::{mpsc, oneshot},
};

/// The time in which a server must say what was asked for.
const PATIENCE: Duration = Duration::from_millis(500);
/// No test takes longer, however loaded the machine is.
const LONG: Duration = Duration::from_secs(20);
/// More than any answer may have.
const ENDLESS: usize = 256 * 1024 * 1024;

/// What a server does with a command.
enum Talk {
    Says(String),
    /// Begins so, and goes on with the same again and again, after this pause.
    GoesOn(String, String, Duration),
}

struct Server {
    port: u16,
    sent: Arc<AtomicUsize>,
    gone: oneshot::Receiver<()>,
}

impl Server {
    /// Greets in clear text and takes one connection; an answer's `TAG` stands for the command's.
    async fn new(protocol: Protocol, talk: impl Fn(&str) -> Talk + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let sent = Arc::new(AtomicUsize::new(0));
        let (over, gone) = oneshot::channel();
        let counted = sent.clone();
        tokio::spawn(async move {
            let (mut tcp, _) = listener.accept().await.unwrap();
            let _ = serve(&mut tcp, protocol, talk, &counted).await;
            drop(over);
        });
        Self { port, sent, gone }
    }

    async fn open(
        &self,
        protocol: Protocol,
        limits: TimeLimits,
        life: Duration,
    ) -> Result<OpenedFolder, MailError> {
        let mut config = SourceConfig::new(machine::gate(AddressPolicy { allow_private: true }), Vec::new());
        config.limits = limits;
        let host = MailHost::new("127.0.0.1").unwrap();
        let server = MailServer { protocol, host, port: self.port, tls: Tls::None };
        let target = MailTarget { server, folder: "INBOX".to_owned(), max_mail_bytes: 1024 * 1024, life };
        let credentials = Credentials::Password { username: "ann".to_owned(), password: "secret".into() };
        MailServers::new(config).open(&target, &credentials).await
    }

    /// The connection was closed by the client.
    async fn left(self) {
        let gone = tokio::time::timeout(LONG, self.gone).await;
        assert!(gone.is_ok(), "the connection stays");
    }
}

async fn serve(
    tcp: &mut TcpStream,
    protocol: Protocol,
    talk: impl Fn(&str) -> Talk,
    sent: &AtomicUsize,
) -> std::io::Result<()> {
    let greeting = match protocol {
        Protocol::Imap => "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] ready\r\n",
        Protocol::Pop3 => "+OK ready\r\n",
    };
    let mut io = BufReader::new(tcp);
    io.get_mut().write_all(greeting.as_bytes()).await?;
    let mut line = String::new();
    while io.read_line(&mut line).await? > 0 {
        let (tag, rest) = match protocol {
            Protocol::Imap => line.trim_end().split_once(' ').unwrap_or(("", "")),
            Protocol::Pop3 => ("", line.trim_end()),
        };
        match talk(rest) {
            Talk::Says(text) => io.get_mut().write_all(text.replace("TAG", tag).as_bytes()).await?,
            Talk::GoesOn(begin, again, pause) => {
                io.get_mut().write_all(begin.replace("TAG", tag).as_bytes()).await?;
                let mut rest = [0; 64];
                loop {
                    tokio::select! {
                        read = io.read(&mut rest) => if read? == 0 { return Ok(()) },
                        () = tokio::time::sleep(pause) => {
                            io.get_mut().write_all(again.as_bytes()).await?;
                            sent.fetch_add(again.len(), Ordering::Relaxed);
                        }
                    }
                }
            }
        }
        line.clear();
    }
    Ok(())
}

fn limits() -> TimeLimits {
    TimeLimits { handshake: PATIENCE, idle: PATIENCE, close: PATIENCE, ..TimeLimits::default() }
}

/// Opens its folder honestly; `other` says what comes after that.
fn honest_until(other: impl Fn(&str) -> Option<Talk>) -> impl Fn(&str) -> Talk {
    move |command| {
        let says = |text: &str| Talk::Says(text.to_owned());
        other(command).unwrap_or_else(|| match command.split(' ').next() {
            Some("EXAMINE") => {
                says("* 9 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 10] x\r\nTAG OK\r\n")
            }
            _ => says("TAG OK\r\n"),
        })
    }
}

fn chat(begin: &str) -> Talk {
    Talk::GoesOn(begin.to_owned(), "* OK still here\r\n".to_owned(), Duration::from_millis(50))
}

async fn fetch(opened: OpenedFolder, uids: std::ops::RangeInclusive<u32>) -> (MailError, Duration) {
    let OpenedFolder { mut session, .. } = opened;
    let ids: Vec<ServerId> = uids.map(|uid| ServerId::Imap { uid }).collect();
    let (to, mut mails) = mpsc::channel(1);
    let began = Instant::now();
    let all = async { while mails.recv().await.is_some() {} };
    let read = tokio::time::timeout(LONG, async { tokio::join!(session.fetch(&ids, to), all).0 }).await;
    let error = read.expect("the reading ends").expect_err("a fault");
    let took = began.elapsed();
    session.close().await;
    (error, took)
}

#[tokio::test]
async fn a_command_ends_however_the_server_talks() {
    for at in ["AUTHENTICATE", "EXAMINE"] {
        let server =
            Server::new(Protocol::Imap, honest_until(move |line| line.starts_with(at).then(|| chat(""))))
                .await;
        let limits = TimeLimits { sign_in: PATIENCE, ..limits() };
        let opened = tokio::time::timeout(LONG, server.open(Protocol::Imap, limits, LONG)).await;
        let error = opened.expect("it ends").err().expect("a fault");
        assert_eq!(error.fault, MailFault::TimedOut, "{at}: {error:?}");
        server.left().await;
    }
    for at in ["UID FETCH", "UID SEARCH"] {
        let server =
            Server::new(Protocol::Imap, honest_until(move |line| line.starts_with(at).then(|| chat(""))))
                .await;
        let OpenedFolder { mut session, .. } =
            server.open(Protocol::Imap, limits(), LONG).await.unwrap_or_else(|e| panic!("{e:?}"));
        let ended = tokio::time::timeout(LONG, async {
            if at == "UID FETCH" {
                session.list(1, None, 10).await.err()
            } else {
                session.half().folder().unwrap().find(None, None).await.err()
            }
        });
        let error = ended.await.expect("it ends").expect("a fault");
        assert_eq!(error.fault, MailFault::TimedOut, "{at}: {error:?}");
        // Nothing more can be said to it, and no good-bye is waited for.
        session.close().await;
        server.left().await;
    }
}

#[tokio::test]
async fn the_good_bye_ends_too() {
    let server =
        Server::new(Protocol::Imap, honest_until(|line| line.starts_with("LOGOUT").then(|| chat("")))).await;
    let opened = server.open(Protocol::Imap, limits(), LONG).await.unwrap_or_else(|e| panic!("{e:?}"));
    tokio::time::timeout(LONG, opened.session.close()).await.expect("it ends");
    server.left().await;
}

/// Always a word in time: the session has an end all the same.
#[tokio::test]
async fn a_session_does_not_outlast_its_life() {
    let uid = AtomicUsize::new(0);
    let server = Server::new(
        Protocol::Imap,
        honest_until(move |line| {
            let next = uid.fetch_add(1, Ordering::Relaxed);
            let mail = format!("* {next} FETCH (UID {next} FLAGS ())\r\n");
            line.starts_with("UID FETCH")
                .then(|| Talk::GoesOn(String::new(), mail, Duration::from_millis(20)))
        }),
    )
    .await;
    let patient = TimeLimits { idle: LONG, ..limits() };
    let opened = server
        .open(Protocol::Imap, patient, Duration::from_secs(1))
        .await
        .unwrap_or_else(|e| panic!("{e:?}"));
    let (error, took) = fetch(opened, 1..=9).await;
    assert_eq!(error.fault, MailFault::TimedOut, "{error:?}");
    assert!(took < LONG / 2, "{took:?}");
    server.left().await;
}

/// An answer has at most one literal's bytes and a line's: what comes beyond is not even read.
#[tokio::test]
async fn an_answer_without_end_is_not_kept() {
    let literal = format!("{{100000}}\r\n{} BODY[] ", "x".repeat(100_000));
    let line = "y".repeat(100_000);
    for (begin, endless) in [("* 1 FETCH (UID 1 BODY[] ", literal), ("* 1 FETCH (UID 1 BODY[] \"", line)] {
        let again = endless.clone();
        let talk = move |line: &str| {
            let goes_on = || Talk::GoesOn(begin.to_owned(), again.clone(), Duration::ZERO);
            line.starts_with("UID FETCH").then(goes_on)
        };
        let server = Server::new(Protocol::Imap, honest_until(talk)).await;
        let patient = TimeLimits { idle: LONG, ..limits() };
        let opened = server.open(Protocol::Imap, patient, LONG).await.unwrap_or_else(|e| panic!("{e:?}"));
        let sent = server.sent.clone();
        let (error, _) = fetch(opened, 1..=9).await;
        assert_eq!(error.fault, MailFault::TooLarge, "{error:?}");
        // What the system keeps of a connection comes on top.
        let sent = sent.load(Ordering::Relaxed);
        assert!(sent < 16 * 1024 * 1024, "{sent} bytes were taken");
    }
}

#[tokio::test]
async fn answers_without_end_are_not_kept() {
    let found =
        format!("* SEARCH {}\r\n", (1..10_000).map(|uid| uid.to_string()).collect::<Vec<_>>().join(" "));
    let talk = move |line: &str| {
        let goes_on = || Talk::GoesOn(String::new(), found.clone(), Duration::ZERO);
        line.starts_with("UID SEARCH").then(goes_on)
    };
    let server = Server::new(Protocol::Imap, honest_until(talk)).await;
    let patient = TimeLimits { idle: LONG, ..limits() };
    let OpenedFolder { mut session, .. } =
        server.open(Protocol::Imap, patient, LONG).await.unwrap_or_else(|e| panic!("{e:?}"));
    let error = session.half().folder().unwrap().find(None, None).await.expect_err("a fault");
    assert_eq!(error.fault, MailFault::TooLarge, "{error:?}");
    assert!(server.sent.load(Ordering::Relaxed) < ENDLESS);
    // A listing: the lowest that were asked for, whatever else is told.
    let listed = "* 1 FETCH (UID {} RFC822.SIZE 5 INTERNALDATE \"01-Nov-2026 09:00:00 +0000\")\r\n";
    let mails: String = (1..=5_000).rev().map(|uid| listed.replace("{}", &uid.to_string())).collect();
    let talk =
        move |line: &str| line.starts_with("UID FETCH").then(|| Talk::Says(format!("{mails}TAG OK\r\n")));
    let server = Server::new(Protocol::Imap, honest_until(talk)).await;
    let OpenedFolder { mut session, .. } =
        server.open(Protocol::Imap, limits(), LONG).await.unwrap_or_else(|e| panic!("{e:?}"));
    let listed = session.list(1, None, 3).await.unwrap();
    assert_eq!(listed.iter().filter_map(|mail| mail.server_id.uid()).collect::<Vec<_>>(), [1, 2, 3]);
}

#[tokio::test]
async fn pop3_ends_too() {
    // In each step a line now and then, and never the end.
    for (at, line) in [("CAPA", "X\r\n"), ("UIDL", "1 a\r\n")] {
        let talk = move |command: &str| match command.split(' ').next() {
            Some(name) if name == at => {
                Talk::GoesOn("+OK\r\n".to_owned(), line.to_owned(), Duration::from_millis(50))
            }
            Some("CAPA") => Talk::Says("+OK\r\nUSER\r\nUIDL\r\n.\r\n".to_owned()),
            _ => Talk::Says("+OK\r\n".to_owned()),
        };
        let server = Server::new(Protocol::Pop3, talk).await;
        let opened = tokio::time::timeout(LONG, server.open(Protocol::Pop3, limits(), LONG)).await;
        let error = opened.expect("it ends").err().expect("a fault");
        assert_eq!(error.fault, MailFault::TimedOut, "{at}: {error:?}");
        server.left().await;
    }
    // A mail without end, quickly: more than a mail may have.
    let talk = |command: &str| match command.split(' ').next() {
        Some("RETR") => Talk::GoesOn("+OK\r\n".to_owned(), "z".repeat(100_000), Duration::ZERO),
        Some("CAPA") => Talk::Says("+OK\r\nUSER\r\nUIDL\r\n.\r\n".to_owned()),
        Some("UIDL" | "LIST") => Talk::Says("+OK\r\n1 7\r\n.\r\n".to_owned()),
        _ => Talk::Says("+OK\r\n".to_owned()),
    };
    let server = Server::new(Protocol::Pop3, talk).await;
    let OpenedFolder { mut session, .. } =
        server.open(Protocol::Pop3, limits(), LONG).await.unwrap_or_else(|e| panic!("{e:?}"));
    let ids = [session.list(1, None, 1).await.unwrap().remove(0).server_id];
    let (to, mut mails) = mpsc::channel(1);
    let (read, _) = tokio::join!(session.fetch(&ids, to), mails.recv());
    assert_eq!(read.expect_err("a fault").fault, MailFault::TooLarge);
    assert!(server.sent.load(Ordering::Relaxed) < 16 * 1024 * 1024);
}
