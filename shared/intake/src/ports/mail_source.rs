use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use secrecy::SecretString;
use tokio::sync::mpsc;

use super::{
    Count, Fetched, FolderStatus, Identified, Listed, MailError, MailFault, Placed, Prospect, Sight,
    ToChange, Undated,
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

/// A signed-in session and the folder that it opened.
pub struct OpenedFolder {
    /// The session.
    pub session: Box<dyn MailSession>,
    /// The folder.
    pub status: FolderStatus,
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
