//! Servers that keep to POP3 in their own way: each mail becomes an issue once, and a fault is told as what it is.

use std::sync::{Arc, Mutex};

use intake::{
    flows::{
        mailboxes,
        poll::{PollReport, poll_now},
        probe,
    },
    types::{ids::MailboxId, mailbox::Run},
};
use tests::{
    Inside, Servers,
    inside::{actor, mailbox_by_password},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::{PATIENCE, inside};

/// A server that answers as it is told, and throws away what came along with a command.
#[derive(Clone, Default)]
struct Odd(Arc<Mutex<Manner>>);

#[derive(Clone, Default)]
struct Manner {
    capabilities: String,
    /// The lines of UIDL; None: refused.
    uidl: Option<String>,
    /// To the sign-in, where it is refused.
    refusal: Option<&'static str>,
    has_no_top: bool,
    mails: Vec<String>,
}

impl Odd {
    fn change(&self, change: impl FnOnce(&mut Manner)) {
        change(&mut self.0.lock().unwrap());
    }

    fn answer(&self, line: &str) -> String {
        let Manner { capabilities, uidl, refusal, has_no_top, mails } = self.0.lock().unwrap().clone();
        let number = line.split(' ').nth(1).and_then(|n| n.parse::<usize>().ok()).unwrap_or(0);
        let mail = number.checked_sub(1).and_then(|at| mails.get(at));
        let refused = || "-ERR no\r\n".to_owned();
        match (line.split(' ').next().unwrap_or_default(), refusal) {
            ("CAPA", _) => format!("+OK\r\n{capabilities}.\r\n"),
            ("PASS" | "AUTH", Some(words)) => format!("-ERR {words}\r\n"),
            ("UIDL", _) => uidl.map_or_else(refused, |lines| format!("+OK\r\n{lines}.\r\n")),
            ("LIST", _) if number > 0 => {
                mail.map_or_else(refused, |m| format!("+OK {number} {}\r\n", m.len()))
            }
            ("LIST", _) => {
                let lines: String = (1..).zip(&mails).map(|(n, m)| format!("{n} {}\r\n", m.len())).collect();
                format!("+OK\r\n{lines}.\r\n")
            }
            ("TOP", _) if has_no_top => "-ERR not implemented\r\n".to_owned(),
            ("TOP", _) => mail.map_or_else(refused, |m| {
                format!("+OK\r\n{}\r\n\r\n.\r\n", m.split("\r\n\r\n").next().unwrap_or_default())
            }),
            ("RETR", _) => mail.map_or_else(refused, |m| format!("+OK\r\n{m}.\r\n")),
            _ => "+OK\r\n".to_owned(),
        }
    }

    /// A mailbox that it serves.
    async fn mailbox(&self, inside: &Inside) -> MailboxId {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let odd = self.clone();
        tokio::spawn(async move {
            while let Ok((mut tcp, _)) = listener.accept().await {
                let odd = odd.clone();
                tokio::spawn(async move {
                    let mut said = "+OK\r\n".to_owned();
                    let mut heard = [0; 4096];
                    while tcp.write_all(said.as_bytes()).await.is_ok() {
                        let Ok(count @ 1..) = tcp.read(&mut heard).await else { break };
                        let text = String::from_utf8_lossy(&heard[..count]).into_owned();
                        said = odd.answer(text.lines().next().unwrap_or_default());
                    }
                });
            }
        });
        let input = mailbox_by_password(("pop3", "127.0.0.1", port, "none"), ("ann", "secret"));
        mailboxes::create(&inside.app, &actor(), input, None).await.unwrap().mailbox.id
    }
}

/// Without a Message-ID: nothing but its place on the server tells that it is the same.
fn letter(name: &str) -> String {
    format!(
        "From: ann@example.test\r\nSubject: {name}\r\nDate: Mon, 5 Jan 2026 12:00:00 +0100\r\n\r\nDear all,\r\n"
    )
}

async fn polled(inside: &Inside, mailbox: MailboxId) -> PollReport {
    poll_now(&inside.app, mailbox, PATIENCE).await.unwrap_or_else(|error| panic!("{error:?}"))
}

async fn run(inside: &Inside, mailbox: MailboxId) -> Run {
    inside.app.store.run(mailbox).await.unwrap().unwrap()
}

const CAPABLE: &str = "TOP\r\nUIDL\r\nPIPELINING\r\nUSER\r\n";

#[tokio::test]
async fn each_mail_comes_once_whatever_unique_ids_it_has() {
    let servers = Servers::get().await;
    let given = |lines: &str| Some(lines.to_owned());
    let cases = [
        ("in order", given("1 a\r\n2 b\r\n3 c\r\n"), given("1 a\r\n2 b\r\n3 c\r\n4 d\r\n")),
        ("one has none", given("1 a\r\n2 \r\n3 c\r\n"), given("1 a\r\n2 \r\n3 c\r\n4 \r\n")),
        ("one is left out", given("1 a\r\n3 c\r\n"), given("1 a\r\n3 c\r\n4 d\r\n")),
        ("all the same", given("1 a\r\n2 a\r\n3 a\r\n"), given("1 a\r\n2 a\r\n3 a\r\n4 a\r\n")),
        ("no UIDL", None, None),
    ];
    for (case, first, then) in cases {
        for has_no_top in [false, true] {
            let inside = inside(servers).await;
            let odd = Odd::default();
            odd.change(|manner| {
                // What is lost by PIPELINING costs seconds: once is enough.
                let pipelines = case == "in order" && !has_no_top;
                manner.capabilities =
                    if pipelines { CAPABLE.to_owned() } else { CAPABLE.replace("PIPELINING\r\n", "") };
                manner.uidl = first.clone();
                manner.has_no_top = has_no_top;
                manner.mails = ["a", "b", "c"].map(letter).to_vec();
            });
            let mailbox = odd.mailbox(&inside).await;
            let tested = probe::mailbox(&inside.app, mailbox).await.unwrap();
            assert!(tested.ok(), "{case}: {tested:?}");
            assert_eq!(polled(&inside, mailbox).await.created, 3, "{case}");
            assert_eq!(polled(&inside, mailbox).await, PollReport::default(), "{case}");
            odd.change(|manner| {
                manner.uidl = then.clone();
                manner.mails.push(letter("d"));
            });
            assert_eq!(polled(&inside, mailbox).await.created, 1, "{case}");
            assert_eq!(polled(&inside, mailbox).await, PollReport::default(), "{case}");
        }
    }
}

#[tokio::test]
async fn a_sign_in_that_nobody_judged_is_no_wrong_password() {
    let servers = Servers::get().await;
    let inside = inside(servers).await;
    let odd = Odd::default();
    odd.change(|manner| manner.capabilities = CAPABLE.to_owned());
    let mailbox = odd.mailbox(&inside).await;
    for (words, code) in [
        ("maildrop already locked", "mailbox_in_use"),
        ("[IN-USE] Do you have another POP session running?", "mailbox_in_use"),
        ("message is damaged", "mail_server_busy"),
        ("invalid password", "mail_sign_in_refused"),
    ] {
        odd.change(|manner| manner.refusal = Some(words));
        let error = poll_now(&inside.app, mailbox, PATIENCE).await.unwrap_err();
        assert_eq!(error.code, code, "{words}");
        assert_eq!(run(&inside, mailbox).await.last_error.unwrap().code, code, "{words}");
    }
}
