//! Mail servers.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use intake::{
    Timestamp,
    ports::{
        Count, Credentials, Fetched, FolderSession, Follower, Half, Identified, Listed, MailError,
        MailSession, MailSource, MailTarget, MaildropSession, OpenedFolder, Placed, Prospect, Sight,
        ToChange, Undated,
    },
    types::{errand::MailAction, message::ServerId},
};
use tokio::sync::mpsc;

use super::Breaker;

pub(super) struct Breakable {
    inner: Arc<dyn MailSource>,
    breaker: Arc<Breaker>,
}

impl Breakable {
    pub(super) fn new(inner: Arc<dyn MailSource>, breaker: Arc<Breaker>) -> Self {
        Self { inner, breaker }
    }
}

#[async_trait]
impl MailSource for Breakable {
    async fn open(&self, target: &MailTarget, credentials: &Credentials) -> Result<OpenedFolder, MailError> {
        let opened = self.breaker.call("mail.open", self.inner.open(target, credentials)).await?;
        let session = Box::new(Session { inner: opened.session, breaker: self.breaker.clone() });
        Ok(OpenedFolder { session, ..opened })
    }

    async fn probe(
        &self,
        target: &MailTarget,
        credentials: &Credentials,
        after_import: Option<&MailAction>,
        within: Duration,
        follower: Follower,
    ) -> Sight {
        self.inner.probe(target, credentials, after_import, within, follower).await
    }
}

struct Session {
    inner: Box<dyn MailSession>,
    breaker: Arc<Breaker>,
}

#[async_trait]
impl MailSession for Session {
    fn half(&mut self) -> Half<'_> {
        let is_folder = matches!(self.inner.half(), Half::Folder(_));
        if is_folder { Half::Folder(self) } else { Half::Maildrop(self) }
    }

    async fn list(&mut self, from: u32, to: Option<u32>, limit: usize) -> Result<Vec<Listed>, MailError> {
        self.breaker.call("mail.list", self.inner.list(from, to, limit)).await
    }

    /// Reads all mails before it hands on the first: how mails are batched, and with it the number of calls, would
    /// otherwise depend on the speed of the connection.
    async fn fetch(&mut self, ids: &[ServerId], to: mpsc::Sender<Fetched>) -> Result<(), MailError> {
        let carried_out = async {
            let (sender, mut all) = mpsc::channel(ids.len().max(1));
            self.inner.fetch(ids, sender).await?;
            while let Some(mail) = all.recv().await {
                if to.send(mail).await.is_err() {
                    break;
                }
            }
            Ok(())
        };
        self.breaker.call("mail.fetch", carried_out).await
    }

    async fn fetch_headers(&mut self, ids: &[ServerId], to: mpsc::Sender<Fetched>) -> Result<(), MailError> {
        self.breaker.call("mail.fetch_headers", self.inner.fetch_headers(ids, to)).await
    }

    async fn fetch_piece(
        &mut self,
        id: &ServerId,
        offset: u64,
        length: u32,
    ) -> Result<Option<Bytes>, MailError> {
        self.breaker.call("mail.fetch_piece", self.inner.fetch_piece(id, offset, length)).await
    }

    async fn fetch_header(&mut self, id: &ServerId) -> Result<Option<Bytes>, MailError> {
        self.breaker.call("mail.fetch_header", self.inner.fetch_header(id)).await
    }

    async fn count(&mut self) -> Result<Count, MailError> {
        self.breaker.call("mail.count", self.inner.count()).await
    }

    async fn at_places(&mut self, from: u32, to: u32) -> Result<Vec<Placed>, MailError> {
        self.breaker.call("mail.at_places", self.inner.at_places(from, to)).await
    }

    async fn close(self: Box<Self>) {
        let Self { inner, breaker } = *self;
        let carried_out = async {
            inner.close().await;
            Ok::<_, MailError>(())
        };
        // Nobody is told how a good-bye went.
        let _ = breaker.call("mail.close", carried_out).await;
    }
}

#[async_trait]
impl FolderSession for Session {
    async fn find(
        &mut self,
        since: Option<Timestamp>,
        before: Option<Timestamp>,
    ) -> Result<Vec<ServerId>, MailError> {
        self.breaker.call("mail.find", self.inner.half().folder()?.find(since, before)).await
    }

    async fn describe(&mut self, ids: &[ServerId]) -> Result<Vec<Listed>, MailError> {
        self.breaker.call("mail.describe", self.inner.half().folder()?.describe(ids)).await
    }

    async fn identify(&mut self, ids: &[ServerId]) -> Result<Vec<Identified>, MailError> {
        self.breaker.call("mail.identify", self.inner.half().folder()?.identify(ids)).await
    }

    async fn change(&mut self, mails: &[ToChange], action: &MailAction) -> Result<(), MailError> {
        self.breaker.call("mail.change", self.inner.half().folder()?.change(mails, action)).await
    }

    async fn foresee(&mut self, action: &MailAction) -> Result<Prospect, MailError> {
        self.inner.half().folder()?.foresee(action).await
    }
}

#[async_trait]
impl MaildropSession for Session {
    async fn mails(&mut self) -> Result<Vec<Undated>, MailError> {
        let maildrop = self.inner.half().maildrop().expect("a maildrop");
        self.breaker.call("mail.maildrop", maildrop.mails()).await
    }
}
