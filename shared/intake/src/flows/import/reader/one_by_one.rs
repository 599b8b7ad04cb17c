//! One mail at a time: large ones, and after a crash those that may have caused it.

use bytes::Bytes;

use crate::{
    Sentence,
    decide::Prepared,
    error::Result,
    flows::reading::{Copy, parse, reparse},
    limits::{MAX_ATTEMPTS, MAX_MAIL, PIECE},
    ports::{Listed, MailFault, MailSession},
    types::{
        issue::BlobKey,
        message::{Message, MessageState, Reason, TraceStep},
    },
};

use super::{
    Books, Reader,
    download::{Downloaded, read_piece},
    unread::Reading,
};

/// The bytes of a mail.
enum Kept {
    /// In their blob, and here.
    Small(Bytes),
    /// In their blob, so many of them.
    Large(u64),
    /// Too many: only the header will be kept.
    TooLarge,
}

impl Reader {
    /// Large mails, those that may have caused a crash, and mails of which the server refused one: each alone shows which.
    pub(super) async fn read_each(
        &mut self,
        books: &mut Books<'_>,
        session: &mut dyn MailSession,
        mails: impl IntoIterator<Item = Listed>,
    ) -> Result<()> {
        for listed in mails {
            if books.out_of_time() {
                return Ok(());
            }
            if self.unread.is_doubtful(&listed) {
                self.ask_witnesses(books, session).await?;
                self.unread.note_asked(&listed);
            }
            match session.fetch_piece(&listed.server_id, 0, 1).await {
                Ok(_) => self.read_alone(books, session, listed).await?,
                Err(error) if error.fault == MailFault::Refused => self.unread.refuse(listed, error),
                Err(error) => return Err(self.unread.broke_at(Some(listed), error)),
            }
        }
        Ok(())
    }

    /// A large mail, one that may have killed the process before this one, or one that did not come before.
    async fn read_alone(
        &mut self,
        books: &mut Books<'_>,
        session: &mut dyn MailSession,
        listed: Listed,
    ) -> Result<()> {
        books.keep_lease().await?;
        let reading = if self.suspects > 0 || self.unread.is_doubtful(&listed) {
            self.suspects = self.suspects.saturating_sub(1);
            self.read_carefully(books, session, listed.clone()).await?
        } else {
            self.read_large(books, session, listed.clone()).await?
        };
        match reading {
            Reading::Done(prepared) => {
                self.unread.note_given(true);
                if self.is_set_aside(&prepared) {
                    return self.look_anew(books).await;
                }
                books.write(*prepared).await
            }
            Reading::Nothing => self.settle_unread(books, session, listed).await,
            Reading::Later => Ok(()),
        }
    }

    /// Its bytes come first, then the note of the attempt, then the parse, and the note is taken back: where the parse
    /// kills the process, a person has the bytes, and neither an outage nor a kill at another moment counts.
    pub(super) async fn read_carefully(
        &mut self,
        books: &mut Books<'_>,
        session: &mut dyn MailSession,
        listed: Listed,
    ) -> Result<Reading> {
        let kept = match self.keep_raw(books, session, &listed).await? {
            Ok(kept) => kept,
            Err(reading) => return Ok(reading),
        };
        let before = books.app.store.message(books.origin.record(&listed).id).await?;
        let expected = before.as_ref().map(|record| record.state);
        // A failed one that is looked at again killed nothing.
        let attempts =
            before.as_ref().filter(|record| !record.is_final()).map_or(0, |record| record.attempts);
        let failed_readings = before.map_or(0, |record| record.failed_readings);
        if attempts >= MAX_ATTEMPTS {
            let why = Sentence::new("trace.parse.died").with("attempts", attempts);
            let record = Message { attempts, ..books.origin.record(&listed) };
            let end = (MessageState::Failed, Reason::Unprocessable);
            let ended = Prepared::ended(listed, record, end, TraceStep::told("parse", why));
            return Ok(Reading::Done(Box::new(Prepared { expected, ..ended })));
        }
        let record = Message { failed_readings, ..books.origin.record(&listed) };
        books.note(Message { attempts: attempts + 1, ..record.clone() }, expected).await?;
        let read = self.understand(books, session, &listed, kept).await;
        books.note(Message { attempts, ..record }, Some(MessageState::Stored)).await?;
        let Reading::Done(mut prepared) = read? else { return Ok(Reading::Nothing) };
        prepared.expected = Some(MessageState::Stored);
        prepared.message.attempts = attempts + 1;
        if failed_readings > 0 {
            let why = Sentence::new("trace.read.at_last").with("readings", failed_readings);
            prepared.message.trace.insert(0, TraceStep::told("read", why));
        }
        Ok(Reading::Done(prepared))
    }

    /// Parses what is in its blob.
    async fn understand(
        &mut self,
        books: &mut Books<'_>,
        session: &mut dyn MailSession,
        listed: &Listed,
        kept: Kept,
    ) -> Result<Reading> {
        let options = books.app.parse.clone();
        let (size, parsed) = match kept {
            Kept::Small(raw) => (raw.len() as u64, parse::parse(raw, options).await),
            Kept::Large(size) => (size, reparse(books.app, books.origin.record(listed).id, options).await?),
            Kept::TooLarge => return self.hold(books, session, listed.clone()).await,
        };
        Ok(Reading::Done(Box::new(books.origin.parsed(listed.clone(), size, parsed))))
    }

    /// Stores the bytes of a mail and does nothing else with them. The inner error: they do not come now.
    async fn keep_raw(
        &mut self,
        books: &mut Books<'_>,
        session: &mut dyn MailSession,
        listed: &Listed,
    ) -> Result<std::result::Result<Kept, Reading>> {
        if listed.is_above(MAX_MAIL) {
            return Ok(Ok(Kept::TooLarge));
        }
        let id = books.origin.record(listed).id;
        let came = self.unread.download_of(&listed.server_id).bytes;
        let mut first = None;
        if came == 0 {
            let piece = read_piece(books, session, listed, 0).await?;
            let piece = piece.map_err(|error| self.unread.broke_at(Some(listed.clone()), error))?;
            let Some(piece) = piece else { return Ok(Err(Reading::Nothing)) };
            if piece.len() < PIECE as usize {
                books.app.blobs.put(&BlobKey::raw(id), piece.clone()).await?;
                return Ok(Ok(Kept::Small(piece)));
            }
            first = Some(piece);
        }
        let copy = Copy::begin(books.app, id, came, false).await?;
        Ok(match self.download(books, session, listed, copy, first).await? {
            Downloaded::Whole(copy) => Ok(Kept::Large(copy.keep().await?)),
            Downloaded::TooLarge => Ok(Kept::TooLarge),
            Downloaded::Over(reading) => Err(reading),
        })
    }
}
