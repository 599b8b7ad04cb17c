//! Lines and blocks of a POP3 connection, with limits on what is read and for how long.

use std::{fmt::Display, time::Duration};

use intake::ports::{MailError, MailFault};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::{Instant, timeout, timeout_at},
};

use super::body::Unstuffer;
use crate::{
    connect::Stream,
    error::{explained, mail_error, said},
    pop3::refusal,
};

/// The longest line of an answer, bytes. RFC 2449 section 4 says 512; challenges are longer.
const MAX_LINE: usize = 8 * 1024;
/// Lines that are passed over before an answer: empty ones, and up to the sign-in such as are none of POP3's.
const MAX_PASSED_OVER: usize = 20;
/// Read at once, bytes.
const BLOCK: usize = 16 * 1024;
/// So many bytes of a long answer must come within one time limit.
const PACE: usize = 1024 * 1024;

/// A connection. What was read and not yet used stays in its buffer, which holds at most one block or line.
pub(crate) struct Wire {
    stream: Box<dyn Stream>,
    buffer: Vec<u8>,
    /// Of the buffer, already used.
    used: usize,
    /// Words beside the answers may come: nothing of a mail can be taken for them yet.
    may_chat: bool,
    /// A listing ended in a dot and blanks.
    blank_ends: bool,
    /// How long the next part of an answer may take.
    pub(super) time: Duration,
    /// What is being done, for errors.
    pub(super) doing: String,
}

/// The first line of an answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// `+OK`, with the text behind it.
    Ok(String),
    /// `-ERR`, with the text behind it.
    Err(String),
    /// `+`, with the challenge behind it.
    Challenge(String),
}

impl Wire {
    pub(crate) fn new(stream: Box<dyn Stream>, time: Duration, doing: String) -> Self {
        Self { stream, buffer: Vec::new(), used: 0, may_chat: true, blank_ends: false, time, doing }
    }

    /// An error of what is being done.
    pub(super) fn error(&self, fault: MailFault) -> MailError {
        mail_error(fault, &self.doing)
    }

    /// The same, with what is wrong.
    pub(super) fn error_as(&self, fault: MailFault, why: impl Display) -> MailError {
        mail_error(fault, format!("{}: {why}", self.doing))
    }

    /// The same, with the server's words.
    pub(super) fn said(&self, fault: MailFault, text: &str) -> MailError {
        said(fault, &self.doing, text)
    }

    /// A refusal of a command.
    pub(super) fn refused(&self, text: &str) -> MailError {
        self.said(refusal::meaning(text, false), text)
    }

    pub(super) fn too_large(&self) -> MailError {
        self.error_as(MailFault::TooLarge, "the server sends more than is allowed")
    }

    /// The stream, where nothing was read ahead of it: what came before TLS must not be taken for what comes in TLS.
    pub(crate) fn into_stream(self) -> Result<Box<dyn Stream>, MailError> {
        if self.used < self.buffer.len() {
            return Err(self.error_as(MailFault::Tls, "the server said more before TLS began"));
        }
        Ok(self.stream)
    }

    /// From here on, what comes is what was asked for.
    pub(crate) fn expect_nothing_else(&mut self) {
        self.may_chat = false;
    }

    /// For a mail of this server.
    pub(crate) fn unstuffer(&self) -> Unstuffer {
        Unstuffer::new(self.blank_ends)
    }

    /// Sends these lines.
    pub(crate) async fn send(&mut self, lines: &str) -> Result<(), MailError> {
        let send = async {
            self.stream.write_all(lines.as_bytes()).await?;
            self.stream.flush().await
        };
        match timeout(self.time, send).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(self.broken(&error)),
            Err(_) => Err(self.error(MailFault::TimedOut)),
        }
    }

    async fn fill(&mut self, until: Instant) -> Result<(), MailError> {
        self.buffer.drain(..self.used);
        self.used = 0;
        let kept = self.buffer.len();
        self.buffer.resize(kept + BLOCK, 0);
        let room = self.buffer.get_mut(kept..).unwrap_or_default();
        let read = timeout_at(until, self.stream.read(room)).await;
        let count = match &read {
            Ok(Ok(count)) => *count,
            _ => 0,
        };
        self.buffer.truncate(kept + count);
        match read {
            Ok(Ok(0)) => Err(self.lost()),
            Ok(Err(error)) => Err(self.broken(&error)),
            Ok(Ok(_)) => Ok(()),
            Err(_) => Err(self.error_as(MailFault::TimedOut, "no answer in time")),
        }
    }

    /// The connection is over: at its own end, or before.
    fn broken(&self, error: &std::io::Error) -> MailError {
        match error.kind() {
            std::io::ErrorKind::TimedOut => self.error(MailFault::TimedOut),
            _ => self.lost(),
        }
    }

    fn lost(&self) -> MailError {
        self.error_as(MailFault::Temporary, "the connection was lost")
    }

    fn unused(&self) -> &[u8] {
        self.buffer.get(self.used..).unwrap_or_default()
    }

    /// The next line, without its end.
    async fn line(&mut self, until: Instant) -> Result<Vec<u8>, MailError> {
        let mut looked_at = 0;
        loop {
            let unused = self.unused();
            let end = unused.iter().skip(looked_at).position(|byte| *byte == b'\n');
            if let Some(end) = end.map(|end| looked_at + end) {
                let line = unused.get(..end).unwrap_or_default();
                let line = line.strip_suffix(b"\r").unwrap_or(line).to_vec();
                self.used += end + 1;
                return Ok(line);
            }
            looked_at = unused.len();
            if looked_at > MAX_LINE {
                return Err(self.error_as(MailFault::Protocol, "a line has no end"));
            }
            self.fill(until).await?;
        }
    }

    /// With the words of whatever answers there, which may tell why.
    fn not_pop3(&self, words: &str) -> MailError {
        let error = self.error_as(MailFault::Protocol, "whatever answers there does not speak POP3");
        explained(error, words)
    }

    /// The first line of an answer. What is none of POP3's is an error.
    pub(crate) async fn answer(&mut self) -> Result<Answer, MailError> {
        self.answer_within(self.time).await
    }

    pub(crate) async fn answer_within(&mut self, time: Duration) -> Result<Answer, MailError> {
        let until = Instant::now() + time;
        let mut other: Option<String> = None;
        for _ in 0..MAX_PASSED_OVER {
            let line = match self.line(until).await {
                Err(error) => return Err(other.map_or(error, |words| self.not_pop3(&words))),
                Ok(line) => String::from_utf8_lossy(&line).into_owned(),
            };
            match read(&line) {
                Some(answer) => return Ok(answer),
                None if line.trim().is_empty() => {}
                None if self.may_chat => other = other.or(Some(line)),
                None => return Err(self.not_pop3(&line)),
            }
        }
        Err(self.not_pop3(&other.unwrap_or_default()))
    }

    /// The text of a `+OK`; a `-ERR` is the error that it means.
    pub(crate) async fn ok(&mut self) -> Result<String, MailError> {
        match self.answer().await? {
            Answer::Ok(text) => Ok(text),
            Answer::Err(text) => Err(self.refused(&text)),
            Answer::Challenge(_) => {
                Err(self.error_as(MailFault::Protocol, "an answer that was not asked for"))
            }
        }
    }

    /// Shows the lines of an answer to its end, at most so many, and as long as they are wanted.
    pub(crate) async fn lines(
        &mut self,
        most: usize,
        each: &mut (dyn FnMut(&[u8]) -> bool + Send),
    ) -> Result<(), MailError> {
        let mut count = 0;
        let mut until = Instant::now() + self.time;
        let mut bytes = 0;
        loop {
            let line = self.line(until).await?;
            if line.trim_ascii_end() == b"." {
                self.blank_ends |= line.len() > 1;
                return Ok(());
            }
            count += 1;
            if count > most {
                return Err(self.too_large());
            }
            bytes += line.len();
            if bytes > PACE {
                (bytes, until) = (0, Instant::now() + self.time);
            }
            if !each(line.strip_prefix(b".").unwrap_or(&line)) {
                return Err(self.too_large());
            }
        }
    }

    /// Reads on in a mail until `out` has `length` bytes or the mail has ended.
    pub(crate) async fn unstuffed(
        &mut self,
        unstuffer: &mut Unstuffer,
        out: &mut Vec<u8>,
        length: usize,
    ) -> Result<(), MailError> {
        let mut until = Instant::now() + self.time;
        let mut bytes = 0;
        while out.len() < length && !unstuffer.has_ended() {
            if self.unused().is_empty() {
                self.fill(until).await?;
            }
            let used = unstuffer.push(self.buffer.get(self.used..).unwrap_or_default(), out, length);
            self.used += used;
            bytes += used;
            if bytes > PACE {
                (bytes, until) = (0, Instant::now() + self.time);
            }
        }
        Ok(())
    }
}

/// An answer, with whatever bytes before it that are no text.
fn read(line: &str) -> Option<Answer> {
    let line = line.trim_start_matches(|c: char| !c.is_ascii_graphic());
    let text = |rest: &str| rest.trim().to_owned();
    let status = |word: &str| {
        let (start, rest) = line.split_at_checked(word.len())?;
        let ends = !rest.starts_with(char::is_alphanumeric);
        // Some set a colon where RFC 1939 has a blank.
        (ends && start.eq_ignore_ascii_case(word)).then(|| text(rest.trim_start_matches(':')))
    };
    let challenge = || line.strip_prefix('+').filter(|rest| rest.is_empty() || rest.starts_with(' '));
    status("+OK")
        .map(Answer::Ok)
        .or_else(|| status("-ERR").map(Answer::Err))
        .or_else(|| challenge().map(|rest| Answer::Challenge(text(rest))))
}
