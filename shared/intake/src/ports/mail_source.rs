use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use secrecy::SecretString;
use tokio::sync::mpsc;

use super::{Prospect, Sight};
use crate::{
    Timestamp,
    types::{
        errand::MailAction,
        mailbox::{Fingerprint, MailServer},
        message::ServerId,
    },
};

/// Where to sign in and what to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailTarget {
    /// The server.
    pub server: MailServer,
    /// The folder; IMAP only.
    pub folder: String,
    /// The most that one mail may have, in bytes.
    pub max_mail_bytes: u64,
    /// After so much time the connection is over, whatever is being said: each call then fails with
    /// [`MailFault::TimedOut`].
    pub life: Duration,
}

/// Who signs in.
#[derive(Clone)]
pub enum Credentials {
    /// XOAUTH2 or OAUTHBEARER (RFC 7628), whichever the server offers.
    Bearer {
        /// The mailbox to open.
        username: String,
        /// The access token.
        token: SecretString,
    },
    /// PLAIN (RFC 4616), LOGIN, or POP3's USER and PASS.
    Password {
        /// The login name.
        username: String,
        /// The password.
        password: SecretString,
    },
}

/// What went wrong with a mail server, as far as callers act on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailFault {
    /// The name does not resolve.
    NotResolved,
    /// It resolves only to addresses that may not be connected to.
    AddressRefused,
    /// No TCP connection.
    Unreachable,
    /// The certificate is not valid for this host, or not trusted.
    Certificate,
    /// TLS failed otherwise, or STARTTLS is not offered.
    Tls,
    /// The server speaks TLS only in a form that is not safe any more (RFC 8996).
    TlsOutdated,
    /// Whatever answers is not the protocol expected, or broke it.
    Protocol,
    /// The server understood the command and refuses it, in words that name no other fault. The session goes on.
    Refused,
    /// The sign-in was refused. For a bearer token: refresh once, then a person.
    AuthenticationRefused {
        /// The server's JSON challenge (RFC 7628 section 3.2.2), where it sent one; at most 1 KiB.
        challenge: Option<String>,
    },
    /// The sign-in was refused for a reason that no other token or password mends: access switched off, a person wanted.
    SignInBlocked,
    /// The server shuts out the address that we come from, whoever signs in: no other token mends it, and asking more
    /// often makes it longer.
    AddressBlocked,
    /// No sign-in method in common.
    NoMechanism,
    /// Signed in, but the mailbox cannot be opened by this account.
    NotPermitted,
    /// The folder does not exist.
    NoFolder,
    /// The server asks to be left alone.
    Throttled {
        /// For how long, where it says so.
        after: Option<Duration>,
    },
    /// The server has a temporary problem, or the connection was lost.
    Temporary,
    /// Took longer than its limit.
    TimedOut,
    /// A mail or answer is larger than its limit.
    TooLarge,
    /// The folder holds more mails than can be told apart within the limits.
    TooMany,
    /// The server does not offer what this needs.
    NotOffered,
}

/// A fault with the server's own words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{context}")]
pub struct MailError {
    /// What callers act on.
    pub fault: MailFault,
    /// What was being done, such as `sign in to imap.example.com:993`. Holds no secret and no mail text.
    pub context: String,
    /// The server's status text, printable, at most 300 characters; never shown without escaping.
    pub server_text: Option<String>,
}

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

/// A signed-in session and the folder that it opened.
pub struct OpenedFolder {
    /// The session.
    pub session: Box<dyn MailSession>,
    /// The folder.
    pub status: FolderStatus,
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

/// Whether a session goes on after mails were changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionState {
    /// It takes more.
    Open,
    /// That was its end, as with POP3, where the good-bye is what deletes. Only [`MailSession::close`] may follow.
    Over,
}

/// Mail servers.
#[async_trait]
pub trait MailSource: Send + Sync {
    /// Connects, signs in and opens the folder without changing anything (EXAMINE), in as few round trips as the
    /// server allows. Bounded in time as a whole.
    async fn open(&self, target: &MailTarget, credentials: &Credentials) -> Result<OpenedFolder, MailError>;
    /// Tries the whole way, down to the header of one mail, and tells what it saw at each stage, and where it ended.
    /// Each stage has a time limit of its own, and all of them together this one. Looks at what follows an import, where
    /// something does. Changes nothing.
    async fn probe(
        &self,
        target: &MailTarget,
        credentials: &Credentials,
        after_import: Option<&MailAction>,
        within: Duration,
    ) -> Sight;
}

/// A signed-in session on one folder. Nothing but [`MailSession::change`] changes anything on the server.
#[async_trait]
pub trait MailSession: Send {
    /// Lists the mails whose UID is at least `from` and below `to` (where given), ascending, at most `limit` of them.
    /// POP3: the same by the session's own message numbers, which no other session has, and without a date: headers tell
    /// it.
    async fn list(&mut self, from: u32, to: Option<u32>, limit: usize) -> Result<Vec<Listed>, MailError>;
    /// All mails of a maildrop (POP3), in the server's order, as they were when it was opened. Empty for IMAP.
    async fn maildrop(&mut self) -> Result<Vec<Undated>, MailError> {
        Ok(Vec::new())
    }
    /// Reads the headers of mails, in as few round trips as the server allows, and sends each as it arrives. A closed
    /// receiver ends the reading; a mail whose header the server refuses comes without bytes.
    async fn fetch_headers(&mut self, ids: &[ServerId], to: mpsc::Sender<Fetched>) -> Result<(), MailError> {
        for id in ids {
            let raw = match self.fetch_header(id).await {
                Err(error) if error.fault == MailFault::Refused => None,
                other => other?,
            };
            if to.send(Fetched { server_id: id.clone(), raw }).await.is_err() {
                break;
            }
        }
        Ok(())
    }
    /// Reads whole mails in one command and sends each as it arrives; a closed receiver ends the reading.
    /// Mails that are gone are left out.
    async fn fetch(&mut self, ids: &[ServerId], to: mpsc::Sender<Fetched>) -> Result<(), MailError>;
    /// Reads a piece of one mail: at most `length` bytes from `offset`; fewer only at its end. None where the server
    /// answered without any. Cheap in rising order: POP3 has no pieces, and serves them from one reading under way.
    async fn fetch_piece(
        &mut self,
        id: &ServerId,
        offset: u64,
        length: u32,
    ) -> Result<Option<Bytes>, MailError>;
    /// Reads the header of one mail, at most 256 KiB of it.
    async fn fetch_header(&mut self, id: &ServerId) -> Result<Option<Bytes>, MailError>;
    /// The mails received between these times, ascending; a server that knows only days gives those of the days around
    /// them too.
    async fn find(
        &mut self,
        since: Option<Timestamp>,
        before: Option<Timestamp>,
    ) -> Result<Vec<ServerId>, MailError> {
        let _ = (since, before);
        Err(not_offered("search by date"))
    }
    /// Size and time of these mails, which were found before, ascending. One of which the server says nothing is there,
    /// without both: its reading tells whether it is gone. One batch.
    async fn describe(&mut self, ids: &[ServerId]) -> Result<Vec<Listed>, MailError> {
        let _ = ids;
        Err(not_offered("list mails by their place"))
    }
    /// How many mails there are, asked anew.
    async fn count(&mut self) -> Result<Count, MailError> {
        Err(not_offered("count mails"))
    }
    /// The mails at these places, by a command that no import lists with: IMAP `FETCH` of sequence numbers, POP3 `LIST`
    /// (without sizes and dates). Ascending.
    async fn at_places(&mut self, from: u32, to: u32) -> Result<Vec<Placed>, MailError> {
        let _ = (from, to);
        Err(not_offered("list mails by their places"))
    }
    /// How these mails are known again; those that are gone are left out. One batch.
    async fn identify(&mut self, ids: &[ServerId]) -> Result<Vec<Identified>, MailError> {
        let _ = ids;
        Err(not_offered("identify mails"))
    }
    /// Does the same to all of these mails, and to no other: one batch. Opens the folder for changes where that was not
    /// done before. What was done already is done again without harm, a mail that is gone is no fault.
    ///
    /// [`MailFault::NotOffered`] where the server or the protocol has no means for it; after [`MailFault::Refused`] it
    /// may have been done to some.
    async fn change(&mut self, mails: &[ToChange], action: &MailAction) -> Result<SessionState, MailError> {
        let _ = (mails, action);
        Err(not_offered("change mails"))
    }
    /// What would come of this action, as far as that can be seen without doing it. The folder is open for changes
    /// afterwards.
    async fn foresee(&mut self, action: &MailAction) -> Result<Prospect, MailError> {
        let _ = action;
        Err(not_offered("change mails"))
    }
    /// Says good-bye, without waiting long.
    async fn close(self: Box<Self>);
}

/// A session that has no means for this.
fn not_offered(what: &str) -> MailError {
    MailError {
        fault: MailFault::NotOffered,
        context: format!("{what}: not offered here"),
        server_text: None,
    }
}

/// When a mail arrived, by its header, for protocols that do not tell: the date of the topmost `Received` field, which
/// the receiving server wrote; else the `Date` field; None where neither is a date.
pub fn received_at(header: &[u8]) -> Option<Timestamp> {
    mail::received_at(header)
}
