//! What the core asks of a session.

use async_trait::async_trait;
use bytes::Bytes;
use intake::{
    ports::{Count, Fetched, Half, Listed, MailError, MailSession, MaildropSession, Placed, Undated},
    types::message::ServerId,
};
use tokio::{sync::mpsc, time::timeout};

use super::session::{Pop3Session, Wanted};

#[async_trait]
impl MailSession for Pop3Session {
    fn half(&mut self) -> Half<'_> {
        Half::Maildrop(self)
    }

    async fn list(&mut self, from: u32, to: Option<u32>, limit: usize) -> Result<Vec<Listed>, MailError> {
        self.learn_sizes().await?;
        let within = |number: u32| number >= from && to.is_none_or(|to| number < to);
        let listed =
            |(number, server_id)| Listed { server_id, size: self.listing.size(number), received_at: None };
        Ok(self.listing.mails().filter(|(number, _)| within(*number)).map(listed).take(limit).collect())
    }

    async fn count(&mut self) -> Result<Count, MailError> {
        self.count_mails().await
    }

    async fn at_places(&mut self, from: u32, to: u32) -> Result<Vec<Placed>, MailError> {
        self.placed(from, to).await
    }

    async fn fetch_headers(&mut self, ids: &[ServerId], to: mpsc::Sender<Fetched>) -> Result<(), MailError> {
        self.begin("read headers");
        self.read_all(Wanted::Header, ids, &to).await
    }

    async fn fetch(&mut self, ids: &[ServerId], to: mpsc::Sender<Fetched>) -> Result<(), MailError> {
        self.begin("read mails");
        self.read_all(Wanted::Whole, ids, &to).await
    }

    async fn fetch_piece(
        &mut self,
        id: &ServerId,
        offset: u64,
        length: u32,
    ) -> Result<Option<Bytes>, MailError> {
        self.begin("read a piece of a mail");
        let number = self.number(id)?;
        self.read_piece(number, offset, usize::try_from(length).unwrap_or(usize::MAX)).await
    }

    async fn fetch_header(&mut self, id: &ServerId) -> Result<Option<Bytes>, MailError> {
        self.begin("read a header");
        let number = self.number(id)?;
        self.read_header(number).await
    }

    /// QUIT tells some servers that what was read needs not be shown again: it is said only after a poll that kept all.
    async fn close(mut self: Box<Self>) {
        self.begin("say good-bye");
        let time = self.limits.close;
        let good_bye = async {
            self.make_free().await?;
            self.ask("QUIT\r\n").await
        };
        // A server that does not answer the good-bye is left without one.
        let _ = timeout(time, good_bye).await;
    }
}

#[async_trait]
impl MaildropSession for Pop3Session {
    async fn mails(&mut self) -> Result<Vec<Undated>, MailError> {
        self.learn_sizes().await?;
        self.find_untold().await?;
        let undated = |(number, server_id)| Undated { size: self.listing.size(number), server_id };
        Ok(self.listing.mails().map(undated).collect())
    }
}
