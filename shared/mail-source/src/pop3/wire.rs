//! Lines and blocks of a POP3 connection, with limits on what is read and for how long.

use std::time::Duration;

use intake::ports::{MailError, MailFault};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::{Instant, timeout_at},
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
pub(crate) struct Wire<S> {
    stream: S,
    buffer: Vec<u8>,
    /// Of the buffer, already used.
    used: usize,
    /// Words beside the answers may come: nothing of a mail can be taken for them yet.
    may_chat: bool,
    /// A listing ended in a dot and blanks.
    blank_ends: bool,
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

impl<S: Stream> Wire<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self { stream, buffer: Vec::new(), used: 0, may_chat: true, blank_ends: false }
    }

    /// The stream, where nothing was read ahead of it: what came before TLS must not be taken for what comes in TLS.
    pub(crate) fn into_stream(self, context: &str) -> Result<S, MailError> {
        if self.used < self.buffer.len() {
            let context = format!("{context}: the server said more before TLS began");
            return Err(mail_error(MailFault::Tls, context));
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

    /// Sends these bytes.
    pub(crate) async fn send(
        &mut self,
        bytes: &[u8],
        time: Duration,
        context: &str,
    ) -> Result<(), MailError> {
        let send = async {
            self.stream.write_all(bytes).await?;
            self.stream.flush().await
        };
        match timeout_at(Instant::now() + time, send).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(broken(&error, context)),
            Err(_) => Err(mail_error(MailFault::TimedOut, context)),
        }
    }

    async fn fill(&mut self, until: Instant, context: &str) -> Result<(), MailError> {
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
            Ok(Ok(0)) => Err(lost(context)),
            Ok(Err(error)) => Err(broken(&error, context)),
            Ok(Ok(_)) => Ok(()),
            Err(_) => Err(mail_error(MailFault::TimedOut, format!("{context}: no answer in time"))),
        }
    }

    fn unused(&self) -> &[u8] {
        self.buffer.get(self.used..).unwrap_or_default()
    }

    /// The next line, without its end.
    async fn line(&mut self, until: Instant, context: &str) -> Result<Vec<u8>, MailError> {
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
                return Err(mail_error(MailFault::Protocol, format!("{context}: a line has no end")));
            }
            self.fill(until, context).await?;
        }
    }

    /// The first line of an answer. What is none of POP3's is an error.
    pub(crate) async fn answer(&mut self, time: Duration, context: &str) -> Result<Answer, MailError> {
        let until = Instant::now() + time;
        let mut other: Option<String> = None;
        for _ in 0..MAX_PASSED_OVER {
            let line = match self.line(until, context).await {
                Err(error) => return Err(other.map_or(error, |words| not_pop3(context, &words))),
                Ok(line) => String::from_utf8_lossy(&line).into_owned(),
            };
            match read(&line) {
                Some(answer) => return Ok(answer),
                None if line.trim().is_empty() => {}
                None if self.may_chat => other = other.or(Some(line)),
                None => return Err(not_pop3(context, &line)),
            }
        }
        Err(not_pop3(context, &other.unwrap_or_default()))
    }

    /// The text of a `+OK`; a `-ERR` is the error that it means.
    pub(crate) async fn ok(&mut self, time: Duration, context: &str) -> Result<String, MailError> {
        match self.answer(time, context).await? {
            Answer::Ok(text) => Ok(text),
            Answer::Err(text) => Err(said(refusal::meaning(&text, false), context, &text)),
            Answer::Challenge(_) => {
                Err(mail_error(MailFault::Protocol, format!("{context}: an answer that was not asked for")))
            }
        }
    }

    /// Shows the lines of an answer to its end, at most so many, and as long as they are wanted.
    pub(crate) async fn lines(
        &mut self,
        most: usize,
        time: Duration,
        context: &str,
        each: &mut (dyn FnMut(&[u8]) -> bool + Send),
    ) -> Result<(), MailError> {
        let mut count = 0;
        let mut until = Instant::now() + time;
        let mut bytes = 0;
        loop {
            let line = self.line(until, context).await?;
            if line.trim_ascii_end() == b"." {
                self.blank_ends |= line.len() > 1;
                return Ok(());
            }
            count += 1;
            if count > most {
                return Err(too_large(context));
            }
            bytes += line.len();
            if bytes > PACE {
                (bytes, until) = (0, Instant::now() + time);
            }
            if !each(line.strip_prefix(b".").unwrap_or(&line)) {
                return Err(too_large(context));
            }
        }
    }

    /// Reads on in a mail until `out` has `length` bytes or the mail has ended.
    pub(crate) async fn unstuffed(
        &mut self,
        unstuffer: &mut Unstuffer,
        out: &mut Vec<u8>,
        length: usize,
        time: Duration,
        context: &str,
    ) -> Result<(), MailError> {
        let mut until = Instant::now() + time;
        let mut bytes = 0;
        while out.len() < length && !unstuffer.has_ended() {
            if self.unused().is_empty() {
                self.fill(until, context).await?;
            }
            let used = unstuffer.push(self.buffer.get(self.used..).unwrap_or_default(), out, length);
            self.used += used;
            bytes += used;
            if bytes > PACE {
                (bytes, until) = (0, Instant::now() + time);
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

/// With the words of whatever answers there, which may tell why.
fn not_pop3(context: &str, words: &str) -> MailError {
    let context = format!("{context}: whatever answers there does not speak POP3");
    explained(mail_error(MailFault::Protocol, context), words)
}

/// The connection is over: at its own end, or before.
fn broken(error: &std::io::Error, context: &str) -> MailError {
    match error.kind() {
        std::io::ErrorKind::TimedOut => mail_error(MailFault::TimedOut, context),
        _ => lost(context),
    }
}

fn lost(context: &str) -> MailError {
    mail_error(MailFault::Temporary, format!("{context}: the connection was lost"))
}

pub(crate) fn too_large(context: &str) -> MailError {
    mail_error(MailFault::TooLarge, format!("{context}: the server sends more than is allowed"))
}
