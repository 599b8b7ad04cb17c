//! A server that answers lines as a function says, and a client for it.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use intake::{
    ports::{Credentials, MailError, MailSession, MailSource, MailTarget, OpenedFolder},
    types::{
        host::{AddressPolicy, MailHost},
        mailbox::{MailServer, Protocol, Tls},
        message::ServerId,
    },
};
use mail_source::{MailServers, SourceConfig, TimeLimits};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
};

/// What a server that takes several commands at once can do.
pub(crate) const CAPABLE: &str = "+OK\r\nTOP\r\nUIDL\r\nPIPELINING\r\nUSER\r\nSASL PLAIN XOAUTH2\r\n.\r\n";
/// The time in which a server must say something.
pub(crate) const PATIENCE: Duration = Duration::from_millis(500);

/// A server on loopback.
pub(crate) struct Fake {
    pub(crate) port: u16,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    /// Greets, and answers each line; None ends the connection.
    pub(crate) async fn new(
        greeting: &str,
        answer: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard: Arc<Mutex<Vec<String>>> = Arc::default();
        let (shared, greeting) = (heard.clone(), greeting.to_owned());
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let mut io = BufReader::new(tcp);
                let mut said = io.get_mut().write_all(greeting.as_bytes()).await;
                let mut line = String::new();
                while said.is_ok() && matches!(io.read_line(&mut line).await, Ok(1..)) {
                    let command = line.trim_end().to_owned();
                    shared.lock().unwrap().push(command.clone());
                    line.clear();
                    let Some(answer) = answer(&command) else { break };
                    said = io.get_mut().write_all(answer.as_bytes()).await;
                }
            }
        });
        Self { port, heard }
    }

    /// An honest one that lists these mails, by number from one.
    pub(crate) async fn with_mails(capabilities: &'static str, mails: Vec<String>) -> Self {
        Self::new("+OK\r\n", move |line| Some(honest(capabilities, &mails, line))).await
    }

    /// The lines that it heard so far.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    pub(crate) async fn open(&self, tls: Tls, credentials: &Credentials) -> Result<OpenedFolder, MailError> {
        open(self.port, tls, true, credentials).await
    }

    /// Opened in clear text, by password.
    pub(crate) async fn opened(&self) -> OpenedFolder {
        self.open(Tls::None, &password()).await.unwrap_or_else(|error| panic!("{error:?}"))
    }
}

/// What an honest server says.
fn honest(capabilities: &str, mails: &[String], line: &str) -> String {
    let (name, argument) = line.split_once(' ').unwrap_or((line, ""));
    let number: usize = argument.split(' ').next().and_then(|n| n.parse().ok()).unwrap_or(0);
    let mail = number.checked_sub(1).and_then(|at| mails.get(at));
    let several = |line: &dyn Fn(usize, &String) -> String| -> String {
        let lines: String = (1..).zip(mails).map(|(n, mail)| line(n, mail)).collect();
        format!("+OK\r\n{lines}.\r\n")
    };
    match (name, mail) {
        ("CAPA", _) => capabilities.to_owned(),
        ("UIDL", _) => several(&|n, _| format!("{n} id-{n}\r\n")),
        ("LIST", _) => several(&|n, mail| format!("{n} {}\r\n", mail.len())),
        ("TOP", _) if !capabilities.contains("TOP") => "-ERR unknown command\r\n".to_owned(),
        ("TOP", Some(mail)) => format!("+OK\r\n{}\r\n\r\n.\r\n", mail.split("\r\n\r\n").next().unwrap()),
        ("RETR", Some(mail)) => format!("+OK\r\n{}.\r\n", mail.replace("\r\n.", "\r\n..")),
        ("TOP" | "RETR", None) => "-ERR no such message\r\n".to_owned(),
        _ => "+OK\r\n".to_owned(),
    }
}

pub(crate) async fn open(
    port: u16,
    tls: Tls,
    allow_private: bool,
    credentials: &Credentials,
) -> Result<OpenedFolder, MailError> {
    let mut config = SourceConfig::new(machine::gate(AddressPolicy { allow_private }), Vec::new());
    config.limits = TimeLimits { handshake: PATIENCE, sign_in: PATIENCE, idle: PATIENCE, ..config.limits };
    let host = MailHost::new("127.0.0.1").unwrap();
    let server = MailServer { protocol: Protocol::Pop3, host, port, tls };
    let target = MailTarget {
        server,
        folder: String::new(),
        max_mail_bytes: 1024 * 1024,
        life: Duration::from_secs(60),
    };
    MailServers::new(config).open(&target, credentials).await
}

pub(crate) fn password() -> Credentials {
    Credentials::Password { username: "ann".to_owned(), password: "secret".into() }
}

pub(crate) fn bearer() -> Credentials {
    Credentials::Bearer { username: "ann@example.com".to_owned(), token: "abc".into() }
}

/// All mails of the maildrop, as a poll lists them.
pub(crate) async fn ids(session: &mut dyn MailSession) -> Vec<ServerId> {
    session.half().maildrop().unwrap().mails().await.unwrap().into_iter().map(|mail| mail.server_id).collect()
}
