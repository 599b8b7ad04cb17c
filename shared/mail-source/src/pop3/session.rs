//! A signed-in session on one maildrop.

use intake::{
    ports::{MailError, MailFault},
    types::message::ServerId,
};

use super::{
    body::Unstuffer,
    capabilities::{Capabilities, Pipelining, Top},
    listing::{Listing, MAX_MAILS},
    reading::Reading,
    refusal,
    wire::{Answer, Wire},
};
use crate::config::TimeLimits;

/// The longest header that is kept, bytes.
pub(super) const MAX_HEADER: usize = 256 * 1024;
/// Lines of a listing that tell of no mail.
const MAX_IDLE_LINES: usize = 10_000;
/// The most that is read to come to the end of an answer that nobody wants any more, bytes.
pub(super) const MAX_DRAIN: usize = 32 * 1024 * 1024;

/// One session.
pub(crate) struct Pop3Session {
    pub(super) wire: Wire,
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
    pub(super) reading: Option<Reading>,
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
        wire: Wire,
        capabilities: &Capabilities,
        limits: TimeLimits,
        max_mail_bytes: u64,
        place: String,
    ) -> Self {
        Self {
            wire,
            listing: Listing::default(),
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

    /// Says what is done next.
    pub(super) fn begin(&mut self, what: &str) {
        self.wire.doing = format!("{what} at {}", self.place);
    }

    /// Makes the connection free for a command.
    pub(super) async fn make_free(&mut self) -> Result<(), MailError> {
        if let Some(mut reading) = self.reading.take() {
            self.broken = true;
            self.discard(&mut reading.unstuffer, MAX_DRAIN).await?;
            self.broken = false;
        }
        match self.broken {
            true => Err(self.wire.error_as(MailFault::Temporary, "the session was given up")),
            false => Ok(()),
        }
    }

    /// Sends a command and reads the first line of the answer.
    pub(super) async fn ask(&mut self, command: &str) -> Result<Answer, MailError> {
        self.wire.send(command).await?;
        self.wire.answer().await
    }

    /// Begins to do something by a command of which more is to be read. Until that is read, the session is broken.
    pub(super) async fn run(&mut self, what: &str, command: &str) -> Result<String, MailError> {
        self.begin(what);
        self.make_free().await?;
        self.broken = true;
        self.wire.send(command).await?;
        self.wire.ok().await
    }

    /// Reads to the end of a mail and keeps nothing.
    pub(super) async fn discard(&mut self, unstuffer: &mut Unstuffer, most: usize) -> Result<(), MailError> {
        const SOME: usize = 64 * 1024;
        let mut read = 0;
        while !unstuffer.has_ended() {
            if read > most {
                return Err(self.wire.too_large());
            }
            let mut some = Vec::new();
            self.wire.unstuffed(unstuffer, &mut some, SOME).await?;
            read += some.len();
        }
        Ok(())
    }

    /// UIDL, for the first time.
    pub(super) async fn list_unique_ids(&mut self) -> Result<(), MailError> {
        self.listing = self.unique_ids("list the mails").await?;
        self.wire.expect_nothing_else();
        Ok(())
    }

    /// The answer to UIDL.
    pub(super) async fn unique_ids(&mut self, what: &str) -> Result<Listing, MailError> {
        let mut listing = Listing::default();
        match self.run(what, "UIDL\r\n").await {
            // UIDL is optional (RFC 1939 section 7): mails are known again by what they say.
            Err(error) if error.fault == MailFault::Refused => {
                self.broken = false;
                return Ok(Listing::without_unique_ids());
            }
            told => told?,
        };
        let mut lines = 0;
        let mut note = |line: &[u8]| {
            listing.note_uidl(line);
            lines += 1;
            lines <= listing.len() + MAX_IDLE_LINES
        };
        let read = self.wire.lines(MAX_MAILS, &mut note).await;
        match read {
            Err(error) if error.fault == MailFault::TooLarge && listing.len() >= MAX_MAILS => {
                Err(self.wire.error_as(MailFault::TooMany, format!("more than {MAX_MAILS}")))
            }
            read => {
                self.broken = read.is_err();
                read.map(|()| listing)
            }
        }
    }

    /// Sizes, asked for once.
    pub(super) async fn learn_sizes(&mut self) -> Result<(), MailError> {
        if self.listing.has_sizes() || self.refuses_list {
            return Ok(());
        }
        match self.run("list the sizes of mails", "LIST\r\n").await {
            // UIDL has told of every mail: the sizes are wanted, and not needed.
            Err(error) if refusal::is_lasting(&error) && !self.listing.has_doubts() => {
                (self.refuses_list, self.broken) = (true, false);
                return Ok(());
            }
            listed => listed?,
        };
        let Self { wire, listing, .. } = self;
        wire.lines(2 * MAX_MAILS, &mut |line| {
            listing.note_size(line);
            true
        })
        .await?;
        self.broken = false;
        Ok(())
    }

    pub(super) fn number(&self, id: &ServerId) -> Result<u32, MailError> {
        let gone = || self.wire.error_as(MailFault::Refused, "the mail is gone");
        self.listing.number(id).ok_or_else(gone)
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
