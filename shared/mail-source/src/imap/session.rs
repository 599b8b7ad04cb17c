//! A signed-in session on one folder.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

use async_imap::imap_proto::Response;
use intake::{
    ports::{Fetched, FolderStatus, MailError, MailFault},
    types::message::ServerId,
};
use tokio::sync::mpsc;

use super::{
    attributes::Attributes,
    greeting::Capabilities,
    sets::{MAX_FOUND, beyond},
    tolerant::Asked,
    wire::Wire,
};
use crate::error::mail_error;

/// What is asked of mails.
#[derive(Debug, Clone, Copy)]
pub(super) struct Query<'a> {
    pub(super) set: &'a str,
    pub(super) items: &'a str,
    /// For a piece, which is cut out where the server sends more.
    pub(super) asked: Option<Asked>,
}

/// What a session knows beyond its folder once it changes mails.
#[derive(Default)]
pub(crate) struct Changing {
    /// The folder is open for changes.
    pub(super) selected: bool,
    /// What the server can do after the sign-in; more than before it.
    pub(super) capabilities: Option<Capabilities>,
    /// Folders that are known to be there: as they were asked for, and as they are called, both as the wire names them.
    pub(super) there: BTreeMap<String, String>,
    /// What comes before the names of the account's own folders; None before it was asked for.
    pub(super) prefix: Option<Option<String>>,
}

/// One session.
pub(crate) struct ImapSession {
    pub(super) wire: Wire,
    /// The folder's name, as the wire has it.
    pub(super) name: String,
    pub(super) status: FolderStatus,
    /// For the good-bye.
    pub(super) close: Duration,
    /// The server does not know pieces (RFC 3501 section 6.4.5): it refused one, and gave the whole.
    pub(super) refuses_pieces: bool,
    pub(super) changing: Changing,
}

impl ImapSession {
    pub(crate) fn new(wire: Wire, name: String, status: FolderStatus, close: Duration) -> Self {
        Self { wire, name, status, close, refuses_pieces: false, changing: Changing::default() }
    }

    /// Runs a fetch and shows each answer to `each`; what that makes of it goes on to the receiver. A closed receiver
    /// ends the reading, and with it the session.
    pub(super) async fn fetch_each(
        &mut self,
        what: &str,
        query: Query<'_>,
        to: Option<&mpsc::Sender<Fetched>>,
        each: &mut (dyn FnMut(&Attributes<'_>) -> Option<Fetched> + Send),
    ) -> Result<(), MailError> {
        let mut left = Some(query.set.to_owned());
        while let Some(set) = left {
            let line = format!("UID FETCH {set} {}", query.items);
            let mut command = self.wire.send(what, (&line, query.asked)).await?;
            let mut uids = HashMap::new();
            let mut look = |answer: &Response<'_>| shown(answer, &mut uids, each);
            while let Some(made) = command.next(&mut look).await? {
                if let Some(to) = to
                    && to.send(made).await.is_err()
                {
                    return Ok(());
                }
            }
            left = beyond(&set, command.told().limit, command.context())?;
        }
        Ok(())
    }

    /// Runs a command that changes the mails of a set.
    pub(super) async fn run_on(
        &mut self,
        what: &str,
        verb: &str,
        (set, rest): (&str, &str),
    ) -> Result<(), MailError> {
        let mut left = Some(set.to_owned());
        while let Some(set) = left {
            self.wire.run(what, format!("{verb} {set} {rest}").trim_end()).await?;
            left = beyond(&set, self.wire.told().limit, &self.wire.context(what))?;
        }
        Ok(())
    }
}

/// Shows a fetched mail to `each`, with the UID that an answer before may have told.
fn shown(
    answer: &Response<'_>,
    uids: &mut HashMap<u32, u32>,
    each: &mut (dyn FnMut(&Attributes<'_>) -> Option<Fetched> + Send),
) -> Option<Fetched> {
    match answer {
        Response::Fetch(sequence, values) => {
            let mut fetch = Attributes::new(*sequence, values);
            match fetch.uid {
                Some(uid) if uids.len() < MAX_FOUND => {
                    uids.insert(*sequence, uid);
                }
                Some(_) => {}
                None => fetch.uid = uids.get(sequence).copied(),
            }
            each(&fetch)
        }
        // The places of others change with it.
        Response::Expunge(_) => {
            uids.clear();
            None
        }
        _ => None,
    }
}

/// UIDs, each once.
pub(super) fn uids_of<'a>(ids: impl IntoIterator<Item = &'a ServerId>) -> Result<BTreeSet<u32>, MailError> {
    ids.into_iter().map(uid_of).collect()
}

pub(super) fn uid_of(id: &ServerId) -> Result<u32, MailError> {
    id.uid().ok_or_else(|| mail_error(MailFault::Protocol, "read a mail that is not an IMAP one"))
}
