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
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = Heard::default();
    let (shared, greeting) = (heard.clone(), format!("* OK [CAPABILITY IMAP4rev1 {capabilities}] ready\r\n"));
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            let mut io = BufReader::new(tcp);
            let mut said = io.get_mut().write_all(greeting.as_bytes()).await;
            let mut line = String::new();
            while said.is_ok() && matches!(io.read_line(&mut line).await, Ok(1..)) {
                let (tag, rest) = line.trim_end().split_once(' ').unwrap_or(("", line.trim_end()));
                shared.lock().unwrap().push(rest.to_owned());
                said = io.get_mut().write_all(answer(rest).replace("TAG", tag).as_bytes()).await;
                line.clear();
            }
        }
    });
    (port, heard)
}

async fn open(port: u16, tls: Tls, allow_private: bool) -> Result<OpenedFolder, MailError> {
    const PATIENCE: Duration = Duration::from_millis(500);
    let mut config = SourceConfig::new(AddressPolicy { allow_private }, Vec::new());
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
    MailServers::new(config).unwrap().open(&target, &credentials).await
}

#[tokio::test]
async fn where_tls_is_refused_nothing_more_is_said() {
    for answer in
        ["TAG NO not today\r\n", "TAG BAD unknown command\r\n", "TAG OK go\r\n* OK [CAPABILITY X]\r\n"]
    {
        let (port, heard) = server("STARTTLS AUTH=PLAIN", move |_| answer.to_owned()).await;
        let error = open(port, Tls::Starttls, true).await.err().expect("a fault");
        assert_eq!(error.fault, MailFault::Tls, "{answer}: {error:?}");
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
