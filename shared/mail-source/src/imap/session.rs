//! A signed-in session on one folder.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use async_imap::{
    Session,
    imap_proto::{MailboxDatum, Response},
};
use async_trait::async_trait;
use bytes::Bytes;
use intake::{
    Timestamp,
    ports::{
        Fetched, FolderStatus, Identified, Listed, MailError, MailFault, MailSession, SessionState, ToChange,
    },
    types::{errand::MailAction, message::ServerId},
};
use tokio::{sync::mpsc, time::timeout};

use super::{
    Connection,
    change::Changing,
    command::{Attributes, Command},
};
use crate::{TimeLimits, error::mail_error};

/// A range of UIDs wider than this is searched before it is listed, so that the answer stays short.
const WIDE: u32 = 1000;
/// The most UIDs that one search may find: the limit of its memory, 800 KB.
const MAX_FOUND: usize = 200_000;
/// The longest header that is read, bytes.
const MAX_HEADER: u32 = 256 * 1024;

/// One session.
pub(crate) struct ImapSession {
    pub(super) session: Session<Connection>,
    /// The folder's name, as the wire has it.
    pub(super) name: String,
    pub(super) status: FolderStatus,
    pub(super) limits: TimeLimits,
    place: String,
    /// An answer was given up in the middle: what comes next cannot be told from the rest of it. Or another folder may
    /// be open.
    pub(super) broken: bool,
    pub(super) changing: Changing,
}

impl ImapSession {
    pub(crate) fn new(
        session: Session<Connection>,
        (name, status): (String, FolderStatus),
        limits: TimeLimits,
        place: String,
    ) -> Self {
        Self { session, name, status, limits, place, broken: false, changing: Changing::default() }
    }

    pub(super) fn context(&self, what: &str) -> String {
        format!("{what} at {}", self.place)
    }

    /// Runs a fetch and shows each answer to `each`; what that makes of it goes on to the receiver. A closed receiver
    /// ends the reading, and with it the session.
    pub(super) async fn fetch_each(
        &mut self,
        what: &str,
        (set, query): (&str, &str),
        to: Option<&mpsc::Sender<Fetched>>,
        each: &mut (dyn FnMut(&Attributes<'_>) -> Option<Fetched> + Send),
    ) -> Result<(), MailError> {
        let context = self.context(what);
        if self.broken {
            return Err(mail_error(MailFault::Temporary, format!("{context}: the session was given up")));
        }
        self.broken = true;
        let line = format!("UID FETCH {set} {query}");
        let mut command = Command::send(&mut self.session, &line, self.limits.idle, &context).await?;
        let mut look =
            |answer: &Response<'_>| Attributes::of(answer).and_then(|attributes| each(&attributes));
        let done = loop {
            match command.next(&mut look).await {
                Ok(Some(made)) => {
                    if let Some(to) = to
                        && to.send(made).await.is_err()
                    {
                        return Ok(());
                    }
                }
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        self.broken = !command.has_ended();
        done
    }

    /// Runs a command to its end and shows each untagged answer.
    pub(super) async fn run_and_see(
        &mut self,
        what: &str,
        line: &str,
        look: &mut (dyn FnMut(&Response<'_>) + Send),
    ) -> Result<(), MailError> {
        let context = self.context(what);
        if self.broken {
            return Err(mail_error(MailFault::Temporary, format!("{context}: the session was given up")));
        }
        self.broken = true;
        let mut command = Command::send(&mut self.session, line, self.limits.idle, &context).await?;
        let mut see = |answer: &Response<'_>| {
            look(answer);
            None::<()>
        };
        let done = command.next(&mut see).await;
        self.broken = !command.has_ended();
        done.map(|_| ())
    }

    /// The UIDs to list: all of a narrow range, or the lowest of a wide one.
    async fn set_to_list(
        &mut self,
        from: u32,
        to: Option<u32>,
        limit: usize,
    ) -> Result<Option<String>, MailError> {
        let end = to.or(self.status.uid_next).map(|end| end.saturating_sub(1));
        if let Some(end) = end
            && end.saturating_sub(from) < WIDE
        {
            // Mails that arrived since the folder was opened lie above `end`; the next listing has them.
            let last = if to.is_some() { end.to_string() } else { "*".to_owned() };
            return Ok((end >= from).then(|| format!("{from}:{last}")));
        }
        let last = to.map_or_else(|| "*".to_owned(), |to| to.saturating_sub(1).to_string());
        let mut found = self.search(&format!("UID {from}:{last}")).await?;
        found.retain(|uid| *uid >= from);
        found.sort_unstable();
        found.truncate(limit);
        Ok((!found.is_empty()).then(|| set_of(&found)))
    }

    pub(super) async fn search(&mut self, what: &str) -> Result<Vec<u32>, MailError> {
        let context = self.context("search");
        let line = format!("UID SEARCH {what}");
        let mut found = Vec::new();
        let mut command = Command::send(&mut self.session, &line, self.limits.idle, &context).await?;
        let mut look = |answer: &Response<'_>| match answer {
            Response::MailboxData(MailboxDatum::Search(uids)) => Some(uids.clone()),
            _ => None,
        };
        while let Some(uids) = command.next(&mut look).await? {
            if found.len() + uids.len() > MAX_FOUND {
                return Err(mail_error(MailFault::TooLarge, context));
            }
            found.extend(uids);
        }
        Ok(found)
    }
}

/// UIDs as a set: `1:5,7`.
pub(super) fn set_of(uids: &[u32]) -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for uid in uids {
        match ranges.last_mut() {
            Some((_, end)) if *end + 1 == *uid => *end = *uid,
            _ => ranges.push((*uid, *uid)),
        }
    }
    let range = |(from, to): &(u32, u32)| if from == to { from.to_string() } else { format!("{from}:{to}") };
    ranges.iter().map(range).collect::<Vec<_>>().join(",")
}

pub(super) fn uid_of(id: &ServerId) -> Result<u32, MailError> {
    id.uid().ok_or_else(|| mail_error(MailFault::Protocol, "read a mail that is not an IMAP one"))
}

#[async_trait]
impl MailSession for ImapSession {
    async fn list(&mut self, from: u32, to: Option<u32>, limit: usize) -> Result<Vec<Listed>, MailError> {
        let Some(set) = self.set_to_list(from, to, limit).await? else { return Ok(Vec::new()) };
        let mut found = BTreeMap::new();
        let mut note = |fetch: &Attributes<'_>| {
            // `n:*` answers with the last mail even when its UID is below n.
            let wanted = fetch.uid().filter(|uid| *uid >= from && to.is_none_or(|to| *uid < to));
            if let (Some(uid), Some(listed)) = (wanted, fetch.listed()) {
                found.insert(uid, listed);
                if found.len() > limit {
                    found.pop_last();
                }
            }
            None
        };
        self.fetch_each("list mails", (&set, "(UID RFC822.SIZE INTERNALDATE)"), None, &mut note).await?;
        Ok(found.into_values().collect())
    }

    async fn fetch(&mut self, ids: &[ServerId], to: mpsc::Sender<Fetched>) -> Result<(), MailError> {
        let mut uids = ids.iter().map(uid_of).collect::<Result<Vec<_>, _>>()?;
        uids.sort_unstable();
        if uids.is_empty() {
            return Ok(());
        }
        let set = set_of(&uids);
        // Each once: what else the server says is not what was waited for.
        let mut wanted: BTreeSet<u32> = uids.into_iter().collect();
        let mut read = |fetch: &Attributes<'_>| {
            let (uid, body) = (fetch.uid()?, fetch.body()?);
            wanted.remove(&uid).then(|| {
                let raw = Some(Bytes::copy_from_slice(body));
                Fetched { server_id: ServerId::Imap { uid }, raw }
            })
        };
        self.fetch_each("read mails", (&set, "(UID BODY.PEEK[])"), Some(&to), &mut read).await
    }

    async fn fetch_piece(
        &mut self,
        id: &ServerId,
        offset: u64,
        length: u32,
    ) -> Result<Option<Bytes>, MailError> {
        let uid = uid_of(id)?;
        let mut piece = None;
        let mut keep = |fetch: &Attributes<'_>| {
            if fetch.uid() == Some(uid) {
                piece = fetch.body().map(Bytes::copy_from_slice).or(piece.take());
            }
            None
        };
        let query = format!("(UID BODY.PEEK[]<{offset}.{length}>)");
        self.fetch_each("read a piece of a mail", (&uid.to_string(), &query), None, &mut keep).await?;
        match piece {
            Some(piece) if piece.len() > length as usize => Err(mail_error(
                MailFault::Protocol,
                self.context("read a piece of a mail: more came than was asked for"),
            )),
            piece => Ok(piece),
        }
    }

    async fn fetch_header(&mut self, id: &ServerId) -> Result<Option<Bytes>, MailError> {
        let uid = uid_of(id)?;
        let mut header = None;
        let mut keep = |fetch: &Attributes<'_>| {
            if fetch.uid() == Some(uid) {
                header = fetch.header().map(Bytes::copy_from_slice).or(header.take());
            }
            None
        };
        let query = format!("(UID BODY.PEEK[HEADER]<0.{MAX_HEADER}>)");
        self.fetch_each("read a header", (&uid.to_string(), &query), None, &mut keep).await?;
        Ok(header)
    }

    async fn find(
        &mut self,
        since: Option<Timestamp>,
        before: Option<Timestamp>,
    ) -> Result<Vec<ServerId>, MailError> {
        self.find_between(since, before).await
    }

    async fn describe(&mut self, ids: &[ServerId]) -> Result<Vec<Listed>, MailError> {
        self.describe_all(ids).await
    }

    async fn identify(&mut self, ids: &[ServerId]) -> Result<Vec<Identified>, MailError> {
        self.identify_all(ids).await
    }

    async fn change(&mut self, mails: &[ToChange], action: &MailAction) -> Result<SessionState, MailError> {
        self.change_all(mails, action).await
    }

    async fn wait(&mut self, _: Duration) -> Result<(), MailError> {
        Ok(())
    }

    async fn close(mut self: Box<Self>) {
        if !self.broken {
            // A server that does not answer the good-bye is left without one.
            let _ = timeout(self.limits.close, self.session.logout()).await;
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn sets_are_compact() {
        assert_eq!(super::set_of(&[1, 2, 3, 7, 9, 10]), "1:3,7,9:10");
    }
}
