//! A later look at mails that the server did not give.

use std::cmp::Reverse;

use crate::{
    error::Result,
    limits::IN_VAIN,
    ports::{Listed, MailFault, MailSession},
    types::message::Message,
};

use super::{Books, Reader, unread::Reading};

impl Reader {
    /// Imports those that can be read now, those first that were looked at least, until a few have not come.
    pub(in crate::flows::import) async fn look_again(
        &mut self,
        books: &mut Books<'_>,
        session: &mut dyn MailSession,
    ) -> Result<()> {
        let mut failed = self.unread.take_failed();
        failed.sort_by_key(|(listed, record)| (record.failed_readings, Reverse(listed.server_id.uid())));
        self.read_again(books, session, failed, IN_VAIN).await
    }

    /// Imports those that were gone before they could be read, and are there again.
    pub(in crate::flows::import) async fn read_what_came_back(
        &mut self,
        books: &mut Books<'_>,
        session: &mut dyn MailSession,
    ) -> Result<()> {
        let back = self.unread.take_returned();
        self.read_again(books, session, back, usize::MAX).await
    }

    async fn read_again(
        &mut self,
        books: &mut Books<'_>,
        session: &mut dyn MailSession,
        mails: Vec<(Listed, Message)>,
        mut patience: usize,
    ) -> Result<()> {
        for (listed, record) in mails {
            if patience == 0 || books.out_of_time() {
                return Ok(());
            }
            books.keep_lease().await?;
            match Box::pin(self.read_carefully(books, session, listed)).await {
                Ok(Reading::Done(prepared)) => books.write(*prepared).await?,
                Ok(Reading::Nothing) => {
                    still_unread(books, record).await?;
                    patience -= 1;
                }
                Ok(Reading::Later) => {
                    // It takes longer than a poll, and the next look begins anew: others first.
                    still_unread(books, record).await?;
                    return Ok(());
                }
                Err(error) => {
                    // Nothing waits for it: the mailbox is as well as before.
                    let (_, broken) = self.unread.take_broken().ok_or(error)?;
                    still_unread(books, record).await?;
                    if broken.fault != MailFault::Refused {
                        return Ok(());
                    }
                    patience -= 1;
                }
            }
        }
        Ok(())
    }
}

/// Failed as before, and counted, so that the next look is at others first.
async fn still_unread(books: &mut Books<'_>, mut record: Message) -> Result<()> {
    record.failed_readings = record.failed_readings.saturating_add(1);
    let expected = books.app.store.message(record.id).await?.map(|now| now.state);
    books.note(record, expected).await
}
