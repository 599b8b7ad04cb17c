//! A signed-in session on one folder.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use async_imap::{Session, imap_proto::Response};
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
    sets::{MAX_FOUND, beyond, set_of},
    tolerant::Asked,
};
use crate::{TimeLimits, error::mail_error};

/// The longest header that is read, bytes.
const MAX_HEADER: u32 = 256 * 1024;

/// What is asked of mails.
#[derive(Debug, Clone, Copy)]
pub(super) struct Query<'a> {
    set: &'a str,
    items: &'a str,
    asked: Option<Asked>,
}

impl<'a> Query<'a> {
    pub(super) fn new(set: &'a str, items: &'a str) -> Self {
        Self { set, items, asked: None }
    }
}

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
        query: Query<'_>,
        to: Option<&mpsc::Sender<Fetched>>,
        each: &mut (dyn FnMut(&Attributes<'_>) -> Option<Fetched> + Send),
    ) -> Result<(), MailError> {
        let context = self.context(what);
        if self.broken {
            return Err(mail_error(MailFault::Temporary, format!("{context}: the session was given up")));
        }
        let mut left = Some(query.set.to_owned());
        while let Some(set) = left {
            self.broken = true;
            let line = format!("UID FETCH {set} {}", query.items);
            let asked = (line.as_str(), query.asked);
            let mut command = Command::ask(&mut self.session, asked, self.limits.idle, &context).await?;
            let mut uids = HashMap::new();
            let mut look = |answer: &Response<'_>| shown(answer, &mut uids, each);
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
            let limit = command.told().limit;
            self.broken = !command.has_ended();
            done?;
            left = beyond(&set, limit, &context)?;
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
        let context = self.context(what);
        let mut left = Some(set.to_owned());
        while let Some(set) = left {
            self.run_and_see(what, format!("{verb} {set} {rest}").trim_end(), &mut |_| ()).await?;
            left = beyond(&set, self.session.get_ref().told().limit, &context)?;
        }
        Ok(())
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

pub(super) fn uid_of(id: &ServerId) -> Result<u32, MailError> {
    id.uid().ok_or_else(|| mail_error(MailFault::Protocol, "read a mail that is not an IMAP one"))
}

#[async_trait]
impl MailSession for ImapSession {
    async fn list(&mut self, from: u32, to: Option<u32>, limit: usize) -> Result<Vec<Listed>, MailError> {
        let Some(set) = self.set_to_list(from, to, limit).await? else { return Ok(Vec::new()) };
        let found = self.listed(&set).await?;
        // `n:*` answers with the last mail even when its UID is below n.
        let wanted = found.into_iter().filter(|(uid, _)| *uid >= from && to.is_none_or(|to| *uid < to));
        Ok(wanted.map(|(_, listed)| listed).take(limit).collect())
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
        // A body that came before its UID, and its place.
        let mut early: Option<(u32, Bytes)> = None;
        let mut read = |fetch: &Attributes<'_>| {
            let body = fetch.body().map(Bytes::copy_from_slice);
            let Some(uid) = fetch.uid else {
                early = body.map(|body| (fetch.sequence, body)).or(early.take());
                return None;
            };
            let before = early.take_if(|(place, _)| *place == fetch.sequence).map(|(_, body)| body);
            let raw = Some(body.or(before)?);
            wanted.remove(&uid).then_some(Fetched { server_id: ServerId::Imap { uid }, raw })
        };
        let query = Query::new(&set, "(UID BODY.PEEK[])");
        self.fetch_each("read mails", query, Some(&to), &mut read).await
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
            // One mail was asked for: its bytes are known without its UID.
            if fetch.uid.is_none_or(|of| of == uid) {
                piece = fetch.body().map(Bytes::copy_from_slice).or(piece.take());
            }
            None
        };
        let (set, items) = (uid.to_string(), format!("(UID BODY.PEEK[]<{offset}.{length}>)"));
        let asked = Some(Asked { offset, length: length.into() });
        let query = Query { asked, ..Query::new(&set, &items) };
        self.fetch_each("read a piece of a mail", query, None, &mut keep).await?;
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
            if fetch.uid.is_none_or(|of| of == uid) {
                header = fetch.header().map(Bytes::copy_from_slice).or(header.take());
            }
            None
        };
        let (set, items) = (uid.to_string(), format!("(UID BODY.PEEK[HEADER]<0.{MAX_HEADER}>)"));
        self.fetch_each("read a header", Query::new(&set, &items), None, &mut keep).await?;
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
