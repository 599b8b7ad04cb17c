//! Large mails: read in pieces, and split while they stream by, so that memory stays small.

use crate::{
    decide::Prepared,
    error::Result,
    flows::reading::{Copy, parse},
    limits::MAX_MAIL,
    ports::{Listed, MailSession},
    types::{
        issue::BlobKey,
        message::{MessageState, Reason, TraceStep},
    },
};

use super::{Books, Reader, download::Downloaded, unread::Reading};

impl Reader {
    /// Reads a mail of any size, and understands it while it streams by.
    pub(super) async fn read_large(
        &mut self,
        books: &mut Books<'_>,
        session: &mut dyn MailSession,
        listed: Listed,
    ) -> Result<Reading> {
        if listed.is_above(MAX_MAIL) {
            return self.hold(books, session, listed).await;
        }
        let message = books.origin.record(&listed).id;
        let came = self.unread.download_of(&listed.server_id).bytes;
        let copy = Copy::begin(books.app, message, came, true).await?;
        match self.download(books, session, &listed, copy, None).await? {
            Downloaded::Whole(copy) => {
                let (size, parsed) = copy.finish(books.app.parse.clone()).await?;
                let prepared = books.origin.parsed(listed, size, parsed);
                Ok(self.unread.after_download(prepared))
            }
            Downloaded::TooLarge => self.hold(books, session, listed).await,
            Downloaded::Over(reading) => Ok(reading),
        }
    }

    /// A mail that is too large: only its header is kept, and a person decides.
    pub(super) async fn hold(
        &mut self,
        books: &mut Books<'_>,
        session: &mut dyn MailSession,
        listed: Listed,
    ) -> Result<Reading> {
        let header = session.fetch_header(&listed.server_id).await;
        let header = header.map_err(|error| self.unread.broke_at(Some(listed.clone()), error))?;
        let Some(header) = header else { return Ok(Reading::Nothing) };
        books.app.blobs.put(&BlobKey::raw(books.origin.record(&listed).id), header.clone()).await?;
        let size = listed.size;
        let mail = parse::parse(header, books.app.parse.clone()).await;
        let Prepared { listed, message, .. } = books.origin.parsed(listed, size, mail);
        let step = TraceStep::told("limit", "trace.read.too_large");
        let held = Prepared::ended(listed, message, (MessageState::Held, Reason::TooLarge), step);
        Ok(self.unread.after_download(held))
    }
}
