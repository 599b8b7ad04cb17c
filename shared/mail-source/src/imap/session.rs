//! A signed-in session on one folder.

use std::collections::{BTreeSet, HashMap};

use async_imap::{Session, imap_proto::Response};
use async_trait::async_trait;
use bytes::Bytes;
use intake::{
    Timestamp,
    ports::{
        Count, Fetched, FolderSession, FolderStatus, Half, Identified, Listed, MailError, MailFault,
        MailSession, Placed, Prospect, ToChange,
    },
    types::{errand::MailAction, message::ServerId},
};
use tokio::{sync::mpsc, time::timeout};

use super::{
    Connection,
    change::Changing,
    command::{Attributes, Command},
    find::ToList,
    gather::Said,
    read::{MAX_HEADER, Part},
    sets::{MAX_FOUND, beyond},
    tolerant::Asked,
};
use crate::{TimeLimits, error::mail_error};

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

    /// The same for a piece, which is cut out where the server sends more.
    pub(super) fn of_piece(self, asked: Option<Asked>) -> Self {
        Self { asked, ..self }
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
    /// The server does not know pieces (RFC 3501 section 6.4.5): it refused one, and gave the whole.
    pub(super) refuses_pieces: bool,
    pub(super) changing: Changing,
}

impl ImapSession {
    pub(crate) fn new(
        session: Session<Connection>,
        (name, status): (String, FolderStatus),
        limits: TimeLimits,
        place: String,
    ) -> Self {
        Self {
            session,
            name,
            status,
            limits,
            place,
            broken: false,
            refuses_pieces: false,
            changing: Changing::default(),
        }
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
    fn half(&mut self) -> Half<'_> {
        Half::Folder(self)
    }

    async fn list(&mut self, from: u32, to: Option<u32>, limit: usize) -> Result<Vec<Listed>, MailError> {
        // `n:*` answers with the last mail even when its UID is below n.
        let is_wanted = |uid: u32| uid >= from && to.is_none_or(|to| uid < to);
        let found = match self.what_to_list(from, to, limit).await? {
            None => return Ok(Vec::new()),
            Some(ToList::Found(uids)) => self.describe_each(uids).await?,
            Some(ToList::Range(set)) => match self.listed(&set).await? {
                Said { mails, refused: None } => mails,
                // Of one mail, perhaps: of which, the server does not tell.
                Said { .. } => {
                    let mut uids = self.search(&format!("UID {set}")).await?;
                    uids.retain(|uid| is_wanted(*uid));
                    uids.sort_unstable();
                    uids.dedup();
                    self.describe_each(uids).await?
                }
            },
        };
        let wanted = found.into_iter().filter(|(uid, _)| is_wanted(*uid));
        Ok(wanted.map(|(_, listed)| listed).take(limit).collect())
    }

    async fn fetch(&mut self, ids: &[ServerId], to: mpsc::Sender<Fetched>) -> Result<(), MailError> {
        // Each once: what else the server says is not what was waited for.
        let mut wanted = ids.iter().map(uid_of).collect::<Result<BTreeSet<_>, _>>()?;
        // Again for what an answer left out, as long as some of it comes.
        let mut before = usize::MAX;
        while !wanted.is_empty() && wanted.len() < before && !to.is_closed() {
            before = wanted.len();
            self.fetch_some(&mut wanted, &to).await?;
        }
        Ok(())
    }

    async fn fetch_piece(
        &mut self,
        id: &ServerId,
        offset: u64,
        length: u32,
    ) -> Result<Option<Bytes>, MailError> {
        let part = Part { section: "", offset, length };
        match self.fetch_part("read a piece of a mail", uid_of(id)?, &part).await? {
            Some(piece) if piece.len() > length as usize => Err(mail_error(
                MailFault::Protocol,
                self.context("read a piece of a mail: more came than was asked for"),
            )),
            piece => Ok(piece),
        }
    }

    async fn fetch_header(&mut self, id: &ServerId) -> Result<Option<Bytes>, MailError> {
        let part = Part { section: "HEADER", offset: 0, length: MAX_HEADER };
        self.fetch_part("read a header", uid_of(id)?, &part).await
    }

    async fn fetch_headers(&mut self, ids: &[ServerId], to: mpsc::Sender<Fetched>) -> Result<(), MailError> {
        let uids = ids.iter().map(uid_of).collect::<Result<_, _>>()?;
        self.fetch_all_headers(uids, &to).await
    }

    async fn count(&mut self) -> Result<Count, MailError> {
        self.count_mails().await
    }

    async fn at_places(&mut self, from: u32, to: u32) -> Result<Vec<Placed>, MailError> {
        self.placed(from, to).await
    }

    async fn close(mut self: Box<Self>) {
        if !self.broken {
            // A server that does not answer the good-bye is left without one.
            let _ = timeout(self.limits.close, self.session.logout()).await;
        }
    }
}

#[async_trait]
impl FolderSession for ImapSession {
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

    async fn change(&mut self, mails: &[ToChange], action: &MailAction) -> Result<(), MailError> {
        self.change_all(mails, action).await
    }

    async fn foresee(&mut self, action: &MailAction) -> Result<Prospect, MailError> {
        self.foresee_change(action).await
    }
}
