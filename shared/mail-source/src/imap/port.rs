//! What the core asks of a session.

use async_trait::async_trait;
use bytes::Bytes;
use intake::{
    Timestamp,
    ports::{
        Count, Fetched, FolderSession, Half, Identified, Listed, MailError, MailFault, MailSession, Placed,
        Prospect, ToChange,
    },
    types::{errand::MailAction, message::ServerId},
};
use tokio::sync::mpsc;

use super::{
    find::ToList,
    gather::Said,
    read::Part,
    session::{ImapSession, uid_of, uids_of},
};
use crate::error::mail_error;

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
            Some(ToList::Found(uids)) => self.describe_found(uids).await?,
            Some(ToList::Range(set)) => match self.listed(&set).await? {
                Said { mails, refused: None } => mails,
                // Of one mail, perhaps: of which, the server does not tell.
                Said { .. } => {
                    let mut uids = self.search(&format!("UID {set}")).await?;
                    uids.retain(|uid| is_wanted(*uid));
                    uids.sort_unstable();
                    uids.dedup();
                    self.describe_found(uids).await?
                }
            },
        };
        let wanted = found.into_iter().filter(|(uid, _)| is_wanted(*uid));
        Ok(wanted.map(|(_, listed)| listed).take(limit).collect())
    }

    async fn fetch(&mut self, ids: &[ServerId], to: mpsc::Sender<Fetched>) -> Result<(), MailError> {
        // Each once: what else the server says is not what was waited for.
        let mut wanted = uids_of(ids)?;
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
                self.wire.context("read a piece of a mail: more came than was asked for"),
            )),
            piece => Ok(piece),
        }
    }

    async fn fetch_header(&mut self, id: &ServerId) -> Result<Option<Bytes>, MailError> {
        self.read_header(uid_of(id)?).await
    }

    async fn fetch_headers(&mut self, ids: &[ServerId], to: mpsc::Sender<Fetched>) -> Result<(), MailError> {
        self.fetch_all_headers(uids_of(ids)?, &to).await
    }

    async fn count(&mut self) -> Result<Count, MailError> {
        // It lets the server tell what came and went (RFC 3501 section 6.1.2).
        self.wire.run("count mails", "NOOP").await?;
        Ok(self.wire.told().holds)
    }

    async fn at_places(&mut self, from: u32, to: u32) -> Result<Vec<Placed>, MailError> {
        self.placed(from, to).await
    }

    async fn close(mut self: Box<Self>) {
        self.wire.log_out(self.close).await;
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
        let uids = uids_of(ids)?.into_iter().collect();
        Ok(self.describe_each(uids).await?.into_values().collect())
    }

    async fn identify(&mut self, ids: &[ServerId]) -> Result<Vec<Identified>, MailError> {
        self.identify_all(&uids_of(ids)?).await
    }

    async fn change(&mut self, mails: &[ToChange], action: &MailAction) -> Result<(), MailError> {
        self.change_all(mails, action).await
    }

    async fn foresee(&mut self, action: &MailAction) -> Result<Prospect, MailError> {
        self.foresee_change(action).await
    }
}
