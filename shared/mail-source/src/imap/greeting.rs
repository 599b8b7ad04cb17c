//! What is said before the sign-in: the greeting, CAPABILITY, STARTTLS. Read byte by byte, so that nothing is read ahead
//! of TLS: whatever an attacker put behind the answer to STARTTLS in clear text ends up in the handshake, which fails.

use std::{collections::BTreeSet, io::ErrorKind, time::Duration};

use async_imap::imap_proto::Capability;
use intake::ports::{MailError, MailFault};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

use crate::{
    connect::Stream,
    error::{explained, mail_error, refusal, said},
};

/// The longest line before the sign-in, bytes.
const MAX_LINE: usize = 8 * 1024;
/// Untagged lines before the answer to a command.
const MAX_LINES: usize = 20;

/// What a server can do, in upper case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Capabilities(BTreeSet<String>);

impl Capabilities {
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }

    /// The ways to sign in that it names.
    pub(crate) fn sign_ins(&self) -> Vec<String> {
        let login = (!self.has("LOGINDISABLED")).then(|| "LOGIN".to_owned());
        self.0.iter().filter_map(|word| word.strip_prefix("AUTH=").map(str::to_owned)).chain(login).collect()
    }

    /// From an answer that was parsed.
    pub(crate) fn of(list: &[Capability<'_>]) -> Self {
        let name = |capability: &Capability<'_>| match capability {
            Capability::Imap4rev1 => "IMAP4REV1".to_owned(),
            Capability::Auth(name) => format!("AUTH={}", name.to_ascii_uppercase()),
            Capability::Atom(name) => name.to_ascii_uppercase(),
        };
        Self(list.iter().map(name).collect())
    }

    /// From `CAPABILITY IMAP4rev1 …`, in a line of its own or in brackets.
    fn in_line(line: &str) -> Option<Self> {
        let upper = line.to_ascii_uppercase();
        let list = upper.split_once("CAPABILITY ")?.1;
        let list = list.split(']').next().unwrap_or_default();
        Some(Self(list.split_whitespace().map(str::to_owned).collect()))
    }
}

/// Who does not greet says nothing at all.
pub(crate) fn silence(error: MailError) -> MailError {
    match error.fault {
        MailFault::TimedOut => MailError { fault: MailFault::Silent, ..error },
        _ => error,
    }
}

/// The talk before the sign-in.
pub(crate) struct Talk<'a> {
    pub(crate) stream: &'a mut dyn Stream,
    /// How long a line may take.
    pub(crate) time: Duration,
    pub(crate) context: &'a str,
}

impl Talk<'_> {
    /// The greeting; with the capabilities, where it tells them.
    pub(crate) async fn greeting(&mut self) -> Result<Option<Capabilities>, MailError> {
        let (line, upper) = self.first_words().await.map_err(silence)?;
        if let Some(text) = upper.strip_prefix("* BYE") {
            let fault = match refusal(text, false) {
                MailFault::Refused => MailFault::Temporary,
                other => other,
            };
            return Err(said(fault, self.context, line.get(5..).unwrap_or_default()));
        }
        Ok(Capabilities::in_line(&line))
    }

    /// The capabilities: those that are known, or asked for.
    pub(crate) async fn capabilities(
        &mut self,
        known: Option<Capabilities>,
    ) -> Result<Capabilities, MailError> {
        if let Some(known) = known {
            return Ok(known);
        }
        let mut told = None;
        let asked = self.command("CAPABILITY", |line| told = Capabilities::in_line(line).or(told.take()));
        match asked.await {
            // A server that tells nothing is asked for what every server knows.
            Err(error) if error.fault == MailFault::Refused => Ok(Capabilities::default()),
            asked => asked.map(|()| told.unwrap_or_default()),
        }
    }

    /// Asks for TLS. A refusal ends it: nothing goes on in clear text.
    pub(crate) async fn start_tls(&mut self) -> Result<(), MailError> {
        let context = format!("{}: STARTTLS", self.context);
        let mut talk = Talk { stream: &mut *self.stream, time: self.time, context: &context };
        talk.command("STARTTLS", |_| ()).await.map_err(|error| match error.fault {
            MailFault::Protocol | MailFault::Refused | MailFault::AuthenticationRefused { .. } => {
                MailError { fault: MailFault::Tls, ..error }
            }
            _ => error,
        })
    }

    fn error(&self, fault: MailFault, why: &str) -> MailError {
        mail_error(fault, format!("{}: {why}", self.context))
    }

    fn not_imap(&self) -> MailError {
        self.error(MailFault::Protocol, "whatever answers there does not speak IMAP")
    }

    fn closed(&self) -> MailError {
        self.error(MailFault::Temporary, "the server closed the connection")
    }

    async fn line(&mut self) -> Result<String, MailError> {
        let read = async {
            let mut line = Vec::new();
            while line.len() < MAX_LINE {
                let byte = self.stream.read_u8().await?;
                if byte == b'\n' {
                    // However many blanks a server sets between words.
                    let line = String::from_utf8_lossy(&line);
                    return Ok(line.split_whitespace().collect::<Vec<_>>().join(" "));
                }
                line.push(byte);
            }
            Err(ErrorKind::InvalidData.into())
        };
        timeout(self.time, read)
            .await
            .map_err(|_| self.error(MailFault::TimedOut, "the server said nothing"))?
            .map_err(|error: std::io::Error| match error.kind() {
                ErrorKind::InvalidData => self.not_imap(),
                ErrorKind::TimedOut => mail_error(MailFault::TimedOut, self.context),
                _ => self.closed(),
            })
    }

    /// The greeting, and the same in upper case; untagged lines before it that are none are passed over.
    async fn first_words(&mut self) -> Result<(String, String), MailError> {
        let mut other: Option<String> = None;
        for _ in 0..MAX_LINES {
            let line = match self.line().await {
                Err(error) => return Err(self.unexpected(error, other.as_deref())),
                // Whatever bytes before it that are no text.
                Ok(line) => line.trim_start_matches(|c: char| !c.is_ascii_graphic()).to_owned(),
            };
            let upper = line.to_ascii_uppercase();
            match upper.split_once(' ') {
                Some(("*", rest)) if ["OK", "PREAUTH", "BYE"].iter().any(|word| rest.starts_with(word)) => {
                    return Ok((line, upper));
                }
                _ if line.is_empty() || line == "*" => {}
                _ => other = other.or(Some(line)),
            }
        }
        Err(self.unexpected(self.not_imap(), other.as_deref()))
    }

    /// An error with what was said instead of what was waited for, which may tell why. Who says something, and nothing of
    /// IMAP, does not speak it.
    fn unexpected(&self, error: MailError, words: Option<&str>) -> MailError {
        let Some(words) = words else { return error };
        match words.strip_prefix("* ") {
            Some(line) => match line.split_once(' ') {
                Some((state, words)) if is_state(state) => explained(error, words),
                _ => explained(error, line),
            },
            None => explained(self.not_imap(), words),
        }
    }

    async fn command(&mut self, command: &str, mut untagged: impl FnMut(&str)) -> Result<(), MailError> {
        let sent = self.stream.write_all(format!("m1 {command}\r\n").as_bytes()).await;
        sent.and(self.stream.flush().await).map_err(|_| self.closed())?;
        let mut aside = None;
        for _ in 0..MAX_LINES {
            let line = match self.line().await {
                Err(error) => return Err(self.unexpected(error, aside.as_deref())),
                Ok(line) => line,
            };
            match line.strip_prefix("m1 ") {
                Some(answer) if answer.to_ascii_uppercase().starts_with("OK") => return Ok(()),
                Some(answer) => return Err(said(refusal(answer, false), self.context, answer)),
                None => untagged(&line),
            }
            if line.strip_prefix("* ").and_then(|line| line.split(' ').next()).is_some_and(is_state) {
                aside = Some(line);
            }
        }
        Err(self.unexpected(self.not_imap(), aside.as_deref()))
    }
}

/// Says that something is wrong (RFC 3501 section 7.1).
fn is_state(word: &str) -> bool {
    ["NO", "BAD", "BYE"].iter().any(|state| word.eq_ignore_ascii_case(state))
}
