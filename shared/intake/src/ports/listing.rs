//! A folder and its mails, as servers tell of them.

use bytes::Bytes;

use crate::{
    Timestamp,
    types::{
        mailbox::Fingerprint,
        message::{Message, ServerId},
    },
};

/// What the server says of the opened folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FolderStatus {
    /// RFC 3501, where it has 32 bits; some servers send more, and those are told apart. 1 where the protocol has none.
    pub uid_validity: u64,
    /// The UID that the next mail will have. None where the server does not say.
    pub uid_next: Option<u32>,
    /// How many mails it holds.
    pub exists: u32,
    /// POP3: the fingerprint of all its unique-ids, whatever their order. None for IMAP, where UIDs have an order.
    pub listing: Option<Fingerprint>,
}

/// One mail of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Where it lies.
    pub server_id: ServerId,
    /// The size that the server announces, in bytes; where it does not, [`Listed::UNKNOWN_SIZE`] by IMAP and 0 by POP3. Not
    /// to be trusted: what was read counts.
    pub size: u64,
    /// When the server received it. None where it tells no date that can be read: the mail's header dates it
    /// ([`received_at`]).
    pub received_at: Option<Timestamp>,
}

/// Where the mail of a record lies, and what its server said of it.
impl From<&Message> for Listed {
    fn from(record: &Message) -> Self {
        Self { server_id: record.server_id.clone(), size: record.size, received_at: Some(record.received_at) }
    }
}

impl Listed {
    /// Stands for a size that an IMAP server does not tell: such a mail is read in pieces.
    pub const UNKNOWN_SIZE: u64 = 1024 * 1024 + 1;

    /// When it was received, as far as that is known: lists are dated before that matters. 1970 where it is not.
    pub fn received(&self) -> Timestamp {
        self.received_at.unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// Whether the server says that it has more bytes than these. RFC822.SIZE has 32 bits: what is said above that says
    /// nothing, and reading shows the size.
    pub fn is_above(&self, bytes: u64) -> bool {
        self.size > bytes && self.size < u64::from(u32::MAX)
    }
}

/// One mail of a maildrop (POP3), which tells no date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undated {
    /// Where it lies.
    pub server_id: ServerId,
    /// The size that the server announces, in bytes; 0 where it does not. Not to be trusted.
    pub size: u64,
}

/// One mail read, or not; or its header.
#[derive(Debug)]
pub struct Fetched {
    /// Where it lies.
    pub server_id: ServerId,
    /// Its bytes; None where the server answered without any.
    pub raw: Option<Bytes>,
}

/// How a mail is known again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identified {
    /// Where it lies, and what the server says of it.
    pub listed: Listed,
    /// Its `Message-ID`, `From` and `Subject` fields, as a header; empty where it has none of them.
    pub header: Bytes,
}

/// How many mails a folder holds, as its server says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// IMAP: EXISTS, less what was expunged since. POP3: STAT.
    pub exists: u32,
    /// How many the session has heard to be expunged.
    pub expunged: u32,
}

/// A place in a folder's order, and the mail that lies there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// IMAP: sequence number. POP3: message number.
    pub place: u32,
    /// None where the server shows that something lies there, and not what.
    pub mail: Option<Listed>,
}

/// A mail that something is done to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToChange {
    /// Where it lies.
    pub server_id: ServerId,
    /// The same was begun before, and nobody knows how far it came.
    pub again: bool,
}

/// When a mail arrived, by its header, for protocols that do not tell: the date of the topmost `Received` field, which
/// the receiving server wrote; else the `Date` field; None where neither is a date.
pub fn received_at(header: &[u8]) -> Option<Timestamp> {
    mail::received_at(header)
}
