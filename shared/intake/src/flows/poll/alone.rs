//! One mail at a time: large ones, and after a crash those that may have caused it.

use bytes::Bytes;

use crate::{
    error::Result,
    ports::{Change, Listed, MailFault, MailSession, StoreError},
    types::{
        issue::BlobKey,
        message::{MessageState, Reason, TraceStep},
    },
};

use super::{
    import::Import,
    large::{MAX_MAIL, PIECE},
    parse,
    prepare::{Content, Prepared},
};

/// A mail that killed the process this often is failed.
const MAX_ATTEMPTS: u32 = 3;

/// The bytes of a mail that are in their blob.
enum Kept {
    /// And here.
    Small(Bytes),
    /// Or only the header will be, where even that is too much.
    Large,
}

impl Import<'_> {
    /// Large mails, those that may have caused a crash, and mails of which the server refused one: each alone shows which.
    pub(super) async fn read_each(
        &mut self,
        session: &mut dyn MailSession,
        mails: impl IntoIterator<Item = Listed>,
    ) -> Result<()> {
        for listed in mails {
            if self.out_of_time() {
                return Ok(());
            }
            if self.unread.is_doubtful(&listed) {
                self.ask_witnesses(session).await?;
                self.unread.note_asked(&listed);
            }
            match session.fetch_piece(&listed.server_id, 0, 1).await {
                Ok(_) => self.read_alone(session, listed).await?,
                Err(error) if error.fault == MailFault::Refused => self.unread.refuse(listed, error),
                Err(error) => return Err(self.unread.broke_at(Some(listed), error)),
            }
        }
        Ok(())
    }

    /// A large mail, one that may have killed the process before this one, or one that did not come before.
    async fn read_alone(&mut self, session: &mut dyn MailSession, listed: Listed) -> Result<()> {
        self.keep_lease().await?;
        let prepared = if self.suspects > 0 || self.unread.is_doubtful(&listed) {
            self.suspects = self.suspects.saturating_sub(1);
            self.read_carefully(session, listed.clone()).await?
        } else {
            self.read_large(session, listed.clone()).await?
        };
        match prepared {
            Some(prepared) => {
                self.unread.came = true;
                self.write(prepared).await
            }
            None => self.settle_unread(session, listed).await,
        }
    }

    /// Its bytes come first, then the note of the attempt, then the parse, and the note is taken back: where the parse
    /// kills the process, a person has the bytes, and neither an outage nor a kill at another moment counts. None: the
    /// server answered without bytes.
    pub(super) async fn read_carefully(
        &mut self,
        session: &mut dyn MailSession,
        listed: Listed,
    ) -> Result<Option<Prepared>> {
        let Some(kept) = self.keep_raw(session, &listed).await? else { return Ok(None) };
        let before = self.app.store.message(self.origin.record(&listed).id).await?;
        let expected = before.as_ref().map(|record| record.state);
        // A failed one that is looked at again killed nothing.
        let attempts =
            before.as_ref().filter(|record| !record.is_final()).map_or(0, |record| record.attempts);
        let failed_readings = before.map_or(0, |record| record.failed_readings);
        if attempts >= MAX_ATTEMPTS {
            return Ok(Some(self.given_up(listed, expected, attempts)));
        }
        self.note_attempt(&listed, expected, attempts + 1).await?;
        let prepared = match kept {
            Kept::Small(raw) => {
                let size = raw.len() as u64;
                let parsed = parse::parse(raw, self.app.parse.clone()).await;
                Ok(Some(self.origin.parsed(listed.clone(), size, parsed)))
            }
            Kept::Large => self.read_large(session, listed.clone()).await,
        };
        self.note_attempt(&listed, Some(MessageState::Stored), attempts).await?;
        Ok(prepared?.map(|mut prepared| {
            prepared.expected = Some(MessageState::Stored);
            prepared.message.attempts = attempts + 1;
            if failed_readings > 0 {
                let why = format!("The server gave it at last, after {failed_readings} failed readings.");
                prepared.message.trace.insert(0, TraceStep::new("read", why));
            }
            prepared
        }))
    }

    async fn note_attempt(
        &mut self,
        listed: &Listed,
        expected: Option<MessageState>,
        attempts: u32,
    ) -> Result<()> {
        let mut record = self.origin.record(listed);
        record.attempts = attempts;
        let note = Change::Message { message: Box::new(record), expected };
        self.app
            .store
            .commit(&[note, Change::Cursor(self.cursor_move())])
            .await
            .map_err(StoreError::unanswerable)
    }

    fn given_up(&self, listed: Listed, expected: Option<MessageState>, attempts: u32) -> Prepared {
        let mut message = self.origin.record(&listed);
        message.state = MessageState::Failed;
        message.reason = Reason::Unprocessable;
        message.attempts = attempts;
        let why =
            format!("Maildocket died {attempts} times while it worked on this mail; its raw bytes are kept.");
        message.trace.push(TraceStep::new("parse", why));
        Prepared { listed, message, expected, content: Content::Final }
    }

    /// Stores the bytes of a mail and does nothing else with them. None: the server answered without any.
    async fn keep_raw(&mut self, session: &mut dyn MailSession, listed: &Listed) -> Result<Option<Kept>> {
        if listed.size > MAX_MAIL {
            return Ok(Some(Kept::Large));
        }
        let key = BlobKey::raw(self.origin.record(listed).id);
        let Some(mut piece) = self.piece(session, listed, 0).await? else { return Ok(None) };
        if piece.len() < PIECE as usize {
            self.app.blobs.put(&key, piece.clone()).await?;
            return Ok(Some(Kept::Small(piece)));
        }
        let mut raw = self.app.blobs.writer(&key).await?;
        let mut offset = 0;
        loop {
            offset += piece.len() as u64;
            if offset > MAX_MAIL {
                return Ok(Some(Kept::Large));
            }
            let last = piece.len() < PIECE as usize;
            raw.write(piece).await?;
            if last {
                break;
            }
            let Some(next) = self.piece(session, listed, offset).await? else { return Ok(None) };
            piece = next;
        }
        raw.finish().await?;
        Ok(Some(Kept::Large))
    }
}
