//! The account of a folder: whether every mail that the server holds was listed.

use crate::{
    error::Result,
    ports::{FolderSession, FolderStatus, MailFault},
    types::mailbox::Counted,
};

use super::run::Import;

impl Import<'_> {
    /// At the end of a complete listing: compares it with what the server says that it holds, looks for the rest where
    /// that is more, and notes both.
    pub(in crate::flows) async fn account(
        &mut self,
        session: &mut dyn FolderSession,
        status: FolderStatus,
        rescan: bool,
    ) -> Result<()> {
        if self.books.any_waits() {
            return Ok(());
        }
        let (mut counted, look) = self.books.ledger.account(status, rescan);
        let status = self.books.ledger.still(status);
        if look {
            // What lacks is noted first: a look may break off anywhere.
            self.note_counted(counted, status.uid_next).await?;
            let found = match session.find(None, None).await {
                // It cannot be asked: the warning stays, and the poll is as good as it can be.
                Err(error) if matches!(error.fault, MailFault::Refused | MailFault::NotOffered) => Vec::new(),
                // A mail may have broken the session before: the next poll looks.
                Err(error) if error.fault == MailFault::Temporary => return Ok(()),
                found => found.map_err(|e| crate::explain::mail(&e))?,
            };
            let above = Some(self.books.ledger.cursor().next_uid);
            let is_low = status.uid_next.is_some() && status.uid_next <= above;
            if is_low && found.iter().any(|id| id.uid() >= above) {
                // What it tells as UIDNEXT is wrong; the session knows that by now.
                let status = FolderStatus { uid_next: None, ..status };
                self.run(session, status).await?;
                if self.books.report.more {
                    return Ok(());
                }
                return Box::pin(self.account(session, status, rescan)).await;
            }
            let below =
                found.iter().filter(|id| id.uid() < Some(self.books.ledger.cursor().next_uid)).count();
            let mut below = u32::try_from(below).unwrap_or(u32::MAX);
            if below > counted.listed || (counted.looks == 0 && below > 0) {
                self.look_at(session, found, None).await?;
                if self.books.report.more {
                    return Ok(());
                }
                below = below.saturating_sub(self.books.ledger.gone_below());
            }
            counted = counted.looked(below.max(counted.listed.min(counted.exists)));
        }
        self.note_counted(counted, status.uid_next).await
    }

    async fn note_counted(&mut self, counted: Counted, told: Option<u32>) -> Result<()> {
        if self.books.ledger.note_counted(counted, told) {
            self.books.commit(Vec::new()).await?;
        }
        Ok(())
    }
}
