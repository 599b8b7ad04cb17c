//! Passwords at IMAP servers that refuse TLS, or take passwords in one way only.
#![allow(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use intake::{
    ports::{Credentials, MailError, MailFault, MailSource, MailTarget, OpenedFolder},
    types::{
        host::{AddressPolicy, MailHost},
        mailbox::{MailServer, Protocol, Tls},
    },
};
use mail_source::{MailServers, SourceConfig, TimeLimits};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
};

type Heard = Arc<Mutex<Vec<String>>>;

/// Greets with these capabilities; answers each line, `TAG` standing for its first word.
async fn server(capabilities: &str, answer: impl Fn(&str) -> String + Send + Sync + 'static) -> (u16, Heard) {
    greeting(&format!("* OK [CAPABILITY IMAP4rev1 {capabilities}] ready\r\n"), answer).await
}

/// Greets in these words; an answer that ends in `END` ends the connection.
async fn greeting(greeting: &str, answer: impl Fn(&str) -> String + Send + Sync + 'static) -> (u16, Heard) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = Heard::default();
    let (shared, greeting) = (heard.clone(), greeting.to_owned());
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            let mut io = BufReader::new(tcp);
            let mut ended = greeting.ends_with("END");
            let mut said = io.get_mut().write_all(greeting.trim_end_matches("END").as_bytes()).await;
            let mut line = String::new();
            while !ended && said.is_ok() && matches!(io.read_line(&mut line).await, Ok(1..)) {
                let (tag, rest) = line.trim_end().split_once(' ').unwrap_or(("", line.trim_end()));
                shared.lock().unwrap().push(rest.to_owned());
                let answer = answer(rest).replace("TAG", tag);
                ended = answer.ends_with("END");
                said = io.get_mut().write_all(answer.trim_end_matches("END").as_bytes()).await;
                line.clear();
            }
        }
    });
    (port, heard)
}

async fn open(port: u16, tls: Tls, allow_private: bool) -> Result<OpenedFolder, MailError> {
    const PATIENCE: Duration = Duration::from_millis(500);
    let mut config = SourceConfig::new(machine::gate(AddressPolicy { allow_private }), Vec::new());
    config.limits = TimeLimits { handshake: PATIENCE, sign_in: PATIENCE, idle: PATIENCE, ..config.limits };
    let host = MailHost::new("127.0.0.1").unwrap();
    let server = MailServer { protocol: Protocol::Imap, host, port, tls };
    let target = MailTarget {
        server,
        folder: "INBOX".to_owned(),
        max_mail_bytes: 1024 * 1024,
        life: Duration::from_secs(60),
    };
    let credentials = Credentials::Password { username: "ann".to_owned(), password: "secret".into() };
    MailServers::new(config).open(&target, &credentials).await
}

#[tokio::test]
async fn where_tls_is_refused_nothing_more_is_said() {
    for answer in
        ["TAG NO not today\r\n", "TAG BAD unknown command\r\n", "TAG OK go\r\n* OK [CAPABILITY X]\r\n"]
    {
        let (port, heard) = server("STARTTLS AUTH=PLAIN", move |_| answer.to_owned()).await;
        let error = open(port, Tls::Starttls, true).await.err().expect("a fault");
        assert!(matches!(error.fault, MailFault::Tls | MailFault::NotTls), "{answer}: {error:?}");
        assert_eq!(heard.lock().unwrap()[0], "STARTTLS");
        let told = heard.lock().unwrap().iter().any(|line| line.contains("LOGIN") || line.contains("AUTH"));
        assert!(!told, "{answer}");
    }
}

#[tokio::test]
async fn clear_text_needs_the_private_network_switch() {
    let (port, heard) = server("AUTH=PLAIN", |_| "* 0 EXISTS\r\nTAG OK\r\n".to_owned()).await;
    assert_eq!(open(port, Tls::None, false).await.err().expect("a fault").fault, MailFault::AddressRefused);
    assert_eq!(heard.lock().unwrap().len(), 0);
    assert!(open(port, Tls::None, true).await.is_ok());
}

#[tokio::test]
async fn passwords_go_the_way_that_the_server_takes() {
    for (capabilities, wanted) in [
        ("SASL-IR AUTH=PLAIN LOGINDISABLED", &["AUTHENTICATE PLAIN AGFubgBzZWNyZXQ="][..]),
        ("AUTH=PLAIN AUTH=LOGIN", &["AUTHENTICATE PLAIN", "AGFubgBzZWNyZXQ="]),
        ("SASL-IR AUTH=LOGIN", &["LOGIN \"ann\" \"secret\""]),
        ("SASL-IR LOGINDISABLED AUTH=LOGIN", &["AUTHENTICATE LOGIN", "YW5u", "c2VjcmV0"]),
        ("", &["LOGIN \"ann\" \"secret\""]),
    ] {
        // The tag of a sign-in stays that of its first line.
        let (port, heard) = server(capabilities, |line| {
            match line {
                "AUTHENTICATE LOGIN" | "AUTHENTICATE PLAIN" | "YW5u" => "+ \r\n",
                line if line.len() > 8 && !line.contains(' ') || line == "c2VjcmV0" => "A0001 OK\r\n",
                _ => "* 0 EXISTS\r\nTAG OK\r\n",
            }
            .to_owned()
        })
        .await;
        let opened = open(port, Tls::None, true).await;
        assert!(opened.is_ok(), "{capabilities}: {:?}", opened.err());
        assert_eq!(heard.lock().unwrap()[..wanted.len()], *wanted, "{capabilities}");
    }
}

#[tokio::test]
async fn a_server_that_takes_no_passwords_is_sent_none() {
    for capabilities in ["LOGINDISABLED", "LOGINDISABLED AUTH=XOAUTH2"] {
        let (port, heard) = server(capabilities, |_| "TAG OK\r\n".to_owned()).await;
        let error = open(port, Tls::None, true).await.err().expect("a fault");
        assert_eq!(error.fault, MailFault::NoMechanism, "{capabilities}");
        assert_eq!(heard.lock().unwrap().len(), 0, "{capabilities}");
    }
}

const OPENED: &str = "* 0 EXISTS\r\nTAG OK\r\n";

#[tokio::test]
async fn another_way_in_is_tried_where_nothing_was_judged() {
    let along = "AUTHENTICATE PLAIN AGFubgBzZWNyZXQ=";
    let login = "LOGIN \"ann\" \"secret\"";
    for (capabilities, refused, answer, wanted) in [
        // An initial response is announced, and not known.
        ("SASL-IR AUTH=PLAIN LOGINDISABLED", along, "TAG BAD x\r\n", &[along, "AUTHENTICATE PLAIN"][..]),
        // LOGIN is there only as a mechanism.
        (
            "AUTH=PLAIN AUTH=LOGIN LOGINDISABLED",
            "AUTHENTICATE PLAIN",
            "TAG NO Mechanism not supported\r\n",
            &["AUTHENTICATE PLAIN", "AUTHENTICATE LOGIN"],
        ),
        // The session ends at the first way.
        ("SASL-IR AUTH=PLAIN", along, "* BYE Protocol error\r\nEND", &[along, login]),
        ("SASL-IR AUTH=PLAIN", along, "END", &[along, login]),
        ("AUTH=LOGIN", login, "END", &[login, "AUTHENTICATE LOGIN"]),
    ] {
        let (port, heard) = server(capabilities, move |line| {
            match line {
                line if line == refused => answer,
                "AUTHENTICATE LOGIN" | "AUTHENTICATE PLAIN" | "YW5u" => "* OK Go on\r\n+ \r\n",
                "c2VjcmV0" | "AGFubgBzZWNyZXQ=" => "A0002 OK\r\nA0001 OK\r\n",
                _ => OPENED,
            }
            .to_owned()
        })
        .await;
        let opened = open(port, Tls::None, true).await;
        assert!(opened.is_ok(), "{capabilities} {answer:?}: {:?}", opened.err());
        let heard = heard.lock().unwrap();
        let commands: Vec<_> = heard.iter().filter(|line| line.contains(' ')).take(wanted.len()).collect();
        assert_eq!(commands, wanted, "{capabilities} {answer:?}");
    }
}

#[tokio::test]
async fn what_was_judged_is_not_sent_again() {
    for answer in [
        "TAG NO [AUTHENTICATIONFAILED] no\r\n",
        "TAG BAD Login incorrect\r\n",
        "* BYE Wrong password\r\nEND",
        "* BYE [ALERT] Your IP address is blocked\r\nEND",
    ] {
        let (port, heard) = server("SASL-IR AUTH=PLAIN AUTH=LOGIN", move |_| answer.to_owned()).await;
        assert!(open(port, Tls::None, true).await.is_err());
        assert_eq!(heard.lock().unwrap().len(), 1, "{answer:?}");
    }
}

#[tokio::test]
async fn who_must_say_who_he_is_before_says_so_first() {
    let refusals = ["TAG NO Unsafe Login\r\nEND", "TAG NO [NONEXISTENT] Not for unknown clients\r\n"];
    for refusal in refusals {
        let introduced = Arc::new(Mutex::new(false));
        let (port, heard) = server("", move |line| match line {
            line if line.starts_with("ID ") => {
                *introduced.lock().unwrap() = true;
                "* ID NIL\r\nTAG OK\r\n".to_owned()
            }
            line if line.starts_with("EXAMINE") && !*introduced.lock().unwrap() => refusal.to_owned(),
            _ => OPENED.to_owned(),
        })
        .await;
        let opened = open(port, Tls::None, true).await;
        assert!(opened.is_ok(), "{refusal:?} {:?}: {:?}", heard.lock().unwrap(), opened.err());
    }
    let (port, _) = server("", |line| {
        (if line.starts_with("EXAMINE") { "TAG NO Unsafe Login\r\nEND" } else { OPENED }).to_owned()
    })
    .await;
    let error = open(port, Tls::None, true).await.err().expect("a fault");
    assert_eq!((error.fault, error.server_text.as_deref()), (MailFault::Refused, Some("Unsafe Login")));
}

#[tokio::test]
async fn a_folder_that_does_not_say_how_much_it_holds_is_counted() {
    let (port, _) = server("", |line| {
        (if line == "SEARCH ALL" { "* SEARCH 1 2\r\n* SEARCH 3\r\nTAG OK\r\n" } else { "TAG OK\r\n" })
            .to_owned()
    })
    .await;
    let OpenedFolder { mut session, status } =
        open(port, Tls::None, true).await.unwrap_or_else(|e| panic!("{e:?}"));
    assert_eq!((status.exists, session.count().await.unwrap().exists), (3, 3));
}

#[tokio::test]
async fn what_is_said_instead_of_a_greeting_is_kept() {
    for (words, fault, text) in [
        (
            "* BAD [ALERT] Your IP address is blocked\r\nEND",
            MailFault::AddressBlocked,
            Some("[ALERT] Your IP address is blocked"),
        ),
        ("* NO Shutting down\r\nEND", MailFault::Temporary, Some("Shutting down")),
        ("* BYE Not today\r\nEND", MailFault::Temporary, Some("Not today")),
        ("220 mx.example.com ESMTP\r\n", MailFault::Protocol, Some("220 mx.example.com ESMTP")),
        (
            "554 Your IP address is blocked\r\nEND",
            MailFault::AddressBlocked,
            Some("554 Your IP address is blocked"),
        ),
        ("END", MailFault::Temporary, None),
    ] {
        let (port, _) = greeting(words, |_| OPENED.to_owned()).await;
        let error = open(port, Tls::None, true).await.err().expect("a fault");
        assert_eq!((error.fault, error.server_text.as_deref()), (fault, text), "{words:?}");
    }
    let (port, _) = greeting("* OK ready\r\n", |_| "* BYE Too busy\r\nEND".to_owned()).await;
    let error = open(port, Tls::None, true).await.err().expect("a fault");
    assert_eq!(error.server_text.as_deref(), Some("Too busy"));
    for words in ["\u{feff}* OK ready\r\n", "220 Welcome\r\n\r\n* OK ready\r\n"] {
        let (port, _) = greeting(words, |_| OPENED.to_owned()).await;
        assert!(open(port, Tls::None, true).await.is_ok(), "{words:?}");
    }
}
