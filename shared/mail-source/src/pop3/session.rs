//! A signed-in session on one maildrop.

use async_trait::async_trait;
use bytes::Bytes;
use intake::{
    ports::{
        Count, Fetched, Half, Listed, MailError, MailFault, MailSession, MaildropSession, Placed, Undated,
    },
    types::message::ServerId,
};
use tokio::{sync::mpsc, time::timeout};

use super::{
    Connection,
    body::Unstuffer,
    capabilities::Capabilities,
    listing::{Listing, MAX_MAILS},
    many::{Pipelining, Top},
    reading::Reading,
    refusal, too_large,
    wire::Answer,
};
use crate::{
    TimeLimits,
    error::{mail_error, said},
};

/// The longest header that is kept, bytes.
pub(super) const MAX_HEADER: usize = 256 * 1024;
/// The most that is read to come to the end of an answer that nobody wants any more, bytes.
pub(super) const MAX_DRAIN: usize = 32 * 1024 * 1024;

/// One session.
pub(crate) struct Pop3Session {
    pub(super) wire: Connection,
    pub(super) listing: Listing,
    pub(super) pipelining: Pipelining,
    pub(super) top: Top,
    /// LIST is refused.
    pub(super) refuses_list: bool,
    /// The answer to a question about the place in the conversation is still to come.
    pub(super) to_pass_over: bool,
    pub(super) limits: TimeLimits,
    pub(super) max_mail: usize,
    place: String,
    /// A mail that is read in pieces.
    reading: Option<Reading>,
    /// An answer was given up in the middle: what comes next cannot be told from the rest of it.
    pub(super) broken: bool,
}

/// What is asked for of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    Whole,
    Header,
}

impl Pop3Session {
    pub(crate) fn new(
        mut wire: Connection,
        listing: Listing,
        capabilities: &Capabilities,
        limits: TimeLimits,
        max_mail_bytes: u64,
        place: String,
    ) -> Self {
        wire.expect_nothing_else();
        Self {
            wire,
            listing,
            pipelining: Pipelining::of(capabilities),
            top: Top::of(capabilities),
            refuses_list: false,
            to_pass_over: false,
            limits,
            max_mail: usize::try_from(max_mail_bytes).unwrap_or(usize::MAX),
            place,
            reading: None,
            broken: false,
        }
    }

    pub(super) fn context(&self, what: &str) -> String {
        format!("{what} at {}", self.place)
    }

    /// Makes the connection free for a command.
    pub(super) async fn make_free(&mut self, context: &str) -> Result<(), MailError> {
        if let Some(mut reading) = self.reading.take() {
            self.broken = true;
            self.discard(&mut reading.unstuffer, MAX_DRAIN, context).await?;
            self.broken = false;
        }
        if self.broken {
            return Err(mail_error(MailFault::Temporary, format!("{context}: the session was given up")));
        }
        Ok(())
    }

    pub(super) async fn send(&mut self, lines: &str, context: &str) -> Result<(), MailError> {
        self.wire.send(lines.as_bytes(), self.limits.idle, context).await
    }

    /// Reads to the end of a mail and keeps nothing.
    pub(super) async fn discard(
        &mut self,
        unstuffer: &mut Unstuffer,
        most: usize,
        context: &str,
    ) -> Result<(), MailError> {
        const SOME: usize = 64 * 1024;
        let mut read = 0;
        while !unstuffer.has_ended() {
            if read > most {
                return Err(too_large(context));
            }
            let mut some = Vec::new();
            self.wire.unstuffed(unstuffer, &mut some, SOME, self.limits.idle, context).await?;
            read += some.len();
        }
        Ok(())
    }

    fn number(&self, id: &ServerId, context: &str) -> Result<u32, MailError> {
        self.listing
            .number(id)
            .ok_or_else(|| mail_error(MailFault::Refused, format!("{context}: the mail is gone")))
    }

    /// Begins to read a mail in pieces.
    async fn begin(&mut self, number: u32, context: &str) -> Result<Reading, MailError> {
        self.make_free(context).await?;
        self.broken = true;
        self.send(&format!("RETR {number}\r\n"), context).await?;
        let answer = self.wire.answer(self.limits.idle, context).await?;
        self.broken = false;
        match answer {
            Answer::Ok(_) => Ok(Reading::new(number, self.wire.unstuffer())),
            Answer::Err(text) => Err(said(refusal::meaning(&text, false), context, &text)),
            Answer::Challenge(_) => Err(mail_error(MailFault::Protocol, context)),
        }
    }

    /// Sizes, asked for once.
    pub(super) async fn learn_sizes(&mut self) -> Result<(), MailError> {
        if self.listing.has_sizes() || self.refuses_list {
            return Ok(());
        }
        let context = self.context("list the sizes of mails");
        self.make_free(&context).await?;
        self.broken = true;
        self.send("LIST\r\n", &context).await?;
        match self.wire.ok(self.limits.idle, &context).await {
            // UIDL has told of every mail: the sizes are wanted, and not needed.
            Err(error) if refusal::is_lasting(&error) && !self.listing.has_doubts() => {
                (self.refuses_list, self.broken) = (true, false);
                return Ok(());
            }
            listed => listed?,
        };
        let Self { wire, listing, limits, .. } = self;
        wire.lines(2 * MAX_MAILS, limits.idle, &context, &mut |line| {
            listing.note_size(line);
            true
        })
        .await?;
        self.broken = false;
        Ok(())
    }
}

/// Where the header ends, its empty line included.
pub(super) fn header_end(raw: &[u8]) -> usize {
    let mut start = 0;
    for line in raw.split_inclusive(|byte| *byte == b'\n') {
        start += line.len();
        if line == b"\r\n" || line == b"\n" {
            break;
        }
    }
    start
}

#[async_trait]
impl MailSession for Pop3Session {
    fn half(&mut self) -> Half<'_> {
        Half::Maildrop(self)
    }

    async fn list(&mut self, from: u32, to: Option<u32>, limit: usize) -> Result<Vec<Listed>, MailError> {
        self.learn_sizes().await?;
        let within = |number: u32| number >= from && to.is_none_or(|to| number < to);
        let listed =
            |(number, server_id)| Listed { server_id, size: self.listing.size(number), received_at: None };
        Ok(self.listing.mails().filter(|(number, _)| within(*number)).map(listed).take(limit).collect())
    }

    async fn count(&mut self) -> Result<Count, MailError> {
        self.count_mails().await
    }

    async fn at_places(&mut self, from: u32, to: u32) -> Result<Vec<Placed>, MailError> {
        self.placed(from, to).await
    }

    async fn fetch_headers(&mut self, ids: &[ServerId], to: mpsc::Sender<Fetched>) -> Result<(), MailError> {
        let context = self.context("read headers");
        self.read_all(Wanted::Header, ids, &to, &context).await
    }

    async fn fetch(&mut self, ids: &[ServerId], to: mpsc::Sender<Fetched>) -> Result<(), MailError> {
        let context = self.context("read mails");
        self.read_all(Wanted::Whole, ids, &to, &context).await
    }

    async fn fetch_piece(
        &mut self,
        id: &ServerId,
        offset: u64,
        length: u32,
    ) -> Result<Option<Bytes>, MailError> {
        let context = self.context("read a piece of a mail");
        let number = self.number(id, &context)?;
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let mut reading = match self.reading.take() {
            Some(reading) if reading.can_serve(number, offset) => reading,
            other => {
                self.reading = other;
                let mut begun = self.begin(number, &context).await?;
                self.skip(&mut begun, offset, &context).await?;
                begun
            }
        };
        let mut piece = reading.begin(offset, length);
        self.broken = true;
        self.wire.unstuffed(&mut reading.unstuffer, &mut piece, length, self.limits.idle, &context).await?;
        self.broken = false;
        reading.give(offset, &piece);
        self.reading = Some(reading);
        Ok((offset > 0 || !piece.is_empty()).then(|| piece.into()))
    }

    async fn fetch_header(&mut self, id: &ServerId) -> Result<Option<Bytes>, MailError> {
        let context = self.context("read a header");
        let number = self.number(id, &context)?;
        self.make_free(&context).await?;
        if self.top != Top::No {
            self.broken = true;
            self.send(&format!("TOP {number} 0\r\n"), &context).await?;
            let answer = self.wire.answer(self.limits.idle, &context).await?;
            let works = self.top == Top::Works || matches!(answer, Answer::Ok(_));
            let refused = matches!(&answer, Answer::Err(text) if refusal::is_of_the_command(text));
            if works || !refused {
                let read = self.read_answer(answer, Wanted::Header, &context).await?;
                self.broken = false;
                self.top = if read.is_ok() { Top::Works } else { self.top };
                return read;
            }
            self.broken = false;
        }
        self.begin_of_mail(number, &context).await
    }

    /// QUIT tells some servers that what was read needs not be shown again: it is said only after a poll that kept all.
    async fn close(mut self: Box<Self>) {
        let context = self.context("say good-bye");
        let time = self.limits.close;
        let good_bye = async {
            self.make_free(&context).await?;
            self.send("QUIT\r\n", &context).await?;
            self.wire.answer(time, &context).await
        };
        // A server that does not answer the good-bye is left without one.
        let _ = timeout(time, good_bye).await;
    }
}

#[async_trait]
impl MaildropSession for Pop3Session {
    async fn mails(&mut self) -> Result<Vec<Undated>, MailError> {
        self.learn_sizes().await?;
        self.find_untold().await?;
        let undated = |(number, server_id)| Undated { size: self.listing.size(number), server_id };
        Ok(self.listing.mails().map(undated).collect())
    }
}

impl Pop3Session {
    /// The header as a mail begins with it; the rest of the mail is read only if something else is asked for.
    async fn begin_of_mail(&mut self, number: u32, context: &str) -> Result<Option<Bytes>, MailError> {
        const SOME: usize = 16 * 1024;
        let mut reading = self.begin(number, context).await?;
        let mut raw = Vec::new();
        self.broken = true;
        while raw.len() < MAX_HEADER && header_end(&raw) == raw.len() && !reading.unstuffer.has_ended() {
            let length = raw.len() + SOME;
            self.wire.unstuffed(&mut reading.unstuffer, &mut raw, length, self.limits.idle, context).await?;
        }
        self.broken = false;
        self.top = Top::No;
        reading.give(0, &raw);
        self.reading = Some(reading);
        raw.truncate(header_end(&raw).min(MAX_HEADER));
        Ok((!raw.is_empty()).then(|| raw.into()))
    }

    /// Reads on to this offset.
    async fn skip(&mut self, reading: &mut Reading, offset: u64, context: &str) -> Result<(), MailError> {
        const SOME: u64 = 64 * 1024;
        let mut at = 0;
        while at < offset && !reading.unstuffer.has_ended() {
            let mut some = Vec::new();
            let length = usize::try_from((offset - at).min(SOME)).unwrap_or_default();
            self.broken = true;
            self.wire.unstuffed(&mut reading.unstuffer, &mut some, length, self.limits.idle, context).await?;
            self.broken = false;
            at += some.len() as u64;
            reading.give(at - some.len() as u64, &some);
        }
        Ok(())
    }
}
