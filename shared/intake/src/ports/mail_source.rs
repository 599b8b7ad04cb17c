use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use secrecy::SecretString;
use tokio::sync::mpsc;

use super::{
    Count, Fetched, FolderStatus, Follower, Identified, Listed, MailError, MailFault, Placed, Prospect,
    Sight, ToChange, Undated,
};
use crate::{
    Timestamp,
    types::{errand::MailAction, mailbox::MailServer, message::ServerId},
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

impl Credentials {
    /// Whose mailbox is opened.
    pub fn username(&self) -> &str {
        let (Self::Bearer { username, .. } | Self::Password { username, .. }) = self;
        username
    }
}

/// A signed-in session and the folder that it opened.
pub struct OpenedFolder {
    /// The session.
    pub session: Box<dyn MailSession>,
    /// The folder.
    pub status: FolderStatus,
}

/// Mail servers.
#[async_trait]
pub trait MailSource: Send + Sync {
    /// Connects, signs in and opens the folder without changing anything (EXAMINE), in as few round trips as the
    /// server allows. Bounded in time as a whole.
    async fn open(&self, target: &MailTarget, credentials: &Credentials) -> Result<OpenedFolder, MailError>;
    /// Tries the whole way, down to the header of one mail, and tells what it saw at each stage, and where it ended.
    /// Each stage has a time limit of its own, and all of them together this one. Looks at what follows an import, where
    /// something does. Changes nothing. The follower is told how far it is.
    async fn probe(
        &self,
        target: &MailTarget,
        credentials: &Credentials,
        after_import: Option<&MailAction>,
        within: Duration,
        follower: Follower,
    ) -> Sight;
}

/// A signed-in session on one folder or maildrop: what both protocols can. It changes nothing on the server.
#[async_trait]
pub trait MailSession: Send {
    /// What its protocol can beside.
    fn half(&mut self) -> Half<'_>;
    /// Lists the mails whose UID is at least `from` and below `to` (where given), ascending, at most `limit` of them.
    /// POP3: the same by the session's own message numbers, which no other session has, and without a date: headers tell
    /// it.
    async fn list(&mut self, from: u32, to: Option<u32>, limit: usize) -> Result<Vec<Listed>, MailError>;
    /// Reads the headers of mails, in as few round trips as the server allows, and sends each as it arrives. A closed
    /// receiver ends the reading; a mail whose header the server refuses comes without bytes.
    async fn fetch_headers(&mut self, ids: &[ServerId], to: mpsc::Sender<Fetched>) -> Result<(), MailError>;
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
    /// How many mails there are, asked anew.
    async fn count(&mut self) -> Result<Count, MailError>;
    /// The mails at these places, by a command that no import lists with: IMAP `FETCH` of sequence numbers, POP3 `LIST`
    /// (without sizes and dates). Ascending.
    async fn at_places(&mut self, from: u32, to: u32) -> Result<Vec<Placed>, MailError>;
    /// Says good-bye, without waiting long.
    async fn close(self: Box<Self>);
}

/// What a folder (IMAP) can beside. Nothing but [`FolderSession::change`] changes anything on the server.
#[async_trait]
pub trait FolderSession: MailSession {
    /// The mails received between these times, ascending; a server that knows only days gives those of the days around
    /// them too.
    async fn find(
        &mut self,
        since: Option<Timestamp>,
        before: Option<Timestamp>,
    ) -> Result<Vec<ServerId>, MailError>;
    /// Size and time of these mails, which were found before, ascending. One of which the server says nothing is there,
    /// without both: its reading tells whether it is gone. One batch.
    async fn describe(&mut self, ids: &[ServerId]) -> Result<Vec<Listed>, MailError>;
    /// How these mails are known again; those that are gone are left out. One batch.
    async fn identify(&mut self, ids: &[ServerId]) -> Result<Vec<Identified>, MailError>;
    /// Does the same to all of these mails, and to no other: one batch. Opens the folder for changes where that was not
    /// done before. What was done already is done again without harm, a mail that is gone is no fault.
    ///
    /// [`MailFault::NotOffered`] where the server has no means for it; after [`MailFault::Refused`] it may have been done
    /// to some.
    async fn change(&mut self, mails: &[ToChange], action: &MailAction) -> Result<(), MailError>;
    /// What would come of this action, as far as that can be seen without doing it. The folder is open for changes
    /// afterwards.
    async fn foresee(&mut self, action: &MailAction) -> Result<Prospect, MailError>;
}

/// What a maildrop (POP3) can beside.
#[async_trait]
pub trait MaildropSession: MailSession {
    /// All its mails, in the server's order, as they were when it was opened.
    async fn mails(&mut self) -> Result<Vec<Undated>, MailError>;
}

/// A session, by its protocol.
pub enum Half<'s> {
    /// IMAP.
    Folder(&'s mut dyn FolderSession),
    /// POP3.
    Maildrop(&'s mut dyn MaildropSession),
}

impl<'s> Half<'s> {
    /// As a folder; [`MailFault::NotOffered`] where it is a maildrop.
    pub fn folder(self) -> Result<&'s mut dyn FolderSession, MailError> {
        match self {
            Self::Folder(session) => Ok(session),
            Self::Maildrop(_) => Err(MailError {
                fault: MailFault::NotOffered,
                context: "what IMAP alone can: not offered here".to_owned(),
                server_text: None,
            }),
        }
    }

    /// As a maildrop; None where it is a folder.
    pub fn maildrop(self) -> Option<&'s mut dyn MaildropSession> {
        match self {
            Self::Folder(_) => None,
            Self::Maildrop(session) => Some(session),
        }
    }
}
