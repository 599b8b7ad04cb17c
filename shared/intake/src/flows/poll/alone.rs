//! One mail at a time: large ones, and after a crash those that may have caused it.

use bytes::Bytes;

use crate::{
    error::Result,
    ports::{Change, Listed, MailSession},
    types::message::{Message, MessageState, Reason, TraceStep},
};

use super::{
    batch,
    import::{Import, LARGE},
    large, parse,
    prepare::{self, Content, Prepared},
};

/// A mail on which the process died this often is failed.
const MAX_DEATHS: u32 = 3;
/// A mail of ordinary size is asked for with this many bytes; one that has more announced a wrong size.
const ORDINARY: u32 = 2 * LARGE as u32;

/// A mail as far as it was read before its parse.
enum Read {
    /// All of it; stored before it is parsed.
    Whole(Bytes),
    /// It is read in pieces, while it is parsed.
    InPieces,
}

impl Import<'_> {
    /// A large mail, or one that may have killed a process before this one.
    pub(super) async fn read_alone(&mut self, session: &mut dyn MailSession, listed: Listed) -> Result<()> {
        self.keep_lease().await?;
        let Some(read) = read(session, &listed).await? else {
            return self.settle_unread(session, listed).await;
        };
        if let Read::Whole(raw) = &read {
            prepare::store(self.app, &self.origin.record(&listed), raw.clone()).await?;
        }
        if self.suspects > 0 {
            self.suspects -= 1;
            return self.read_suspect(session, listed, read).await;
        }
        match self.understand(session, listed.clone(), read).await? {
            Some(prepared) => self.write(vec![prepared]).await,
            None => self.settle_unread(session, listed).await,
        }
    }

    /// Counts a death before the parse and takes it back after it: what dies in between is the mail's own doing, and
    /// whoever is killed at another moment is not blamed on a mail.
    async fn read_suspect(
        &mut self,
        session: &mut dyn MailSession,
        listed: Listed,
        read: Read,
    ) -> Result<()> {
        let mut record = self.origin.record(&listed);
        let before = self.app.store.message(record.id).await?;
        let deaths = before.as_ref().map_or(0, |message| message.attempts);
        if deaths >= MAX_DEATHS {
            // Raw bytes that are read in pieces are stored while they are parsed, which is not tried again.
            if matches!(read, Read::InPieces) {
                large::keep(self.app, &record, session, &listed).await?;
            }
            record.attempts = deaths;
            return self.fail(listed, record, before.map(|message| message.state)).await;
        }
        self.note_deaths(&mut record, before.map(|message| message.state), deaths + 1).await?;
        let prepared = self.understand(session, listed.clone(), read).await?;
        self.note_deaths(&mut record, Some(MessageState::Stored), deaths).await?;
        let Some(mut prepared) = prepared else { return self.settle_unread(session, listed).await };
        prepared.expected = Some(MessageState::Stored);
        prepared.message.attempts = deaths + 1;
        self.write(vec![prepared]).await
    }

    async fn note_deaths(
        &self,
        record: &mut Message,
        expected: Option<MessageState>,
        deaths: u32,
    ) -> Result<()> {
        record.attempts = deaths;
        let note = Change::Message { message: Box::new(record.clone()), expected };
        self.app.store.commit(&[note, Change::Cursor(self.cursor_move())]).await.map_err(batch::fault)
    }

    async fn fail(
        &mut self,
        listed: Listed,
        mut record: Message,
        expected: Option<MessageState>,
    ) -> Result<()> {
        record.state = MessageState::Failed;
        record.reason = Reason::Unprocessable;
        let why = format!("Maildocket died {MAX_DEATHS} times while it parsed this mail.");
        record.trace.push(TraceStep::new("parse", why));
        self.write(vec![Prepared { listed, message: record, expected, content: Content::Final }]).await
    }

    async fn understand(
        &self,
        session: &mut dyn MailSession,
        listed: Listed,
        read: Read,
    ) -> Result<Option<Prepared>> {
        match read {
            Read::Whole(raw) => {
                let size = raw.len() as u64;
                let parsed = parse::parse(raw, self.app.parse.clone()).await;
                Ok(Some(self.origin.parsed(listed, size, parsed)))
            }
            Read::InPieces => large::read(self.app, &self.origin, session, listed).await,
        }
    }

    /// The server gave no bytes: gone, or there and unreadable. Either way the cursor moves on.
    pub(super) async fn settle_unread(
        &mut self,
        session: &mut dyn MailSession,
        listed: Listed,
    ) -> Result<()> {
        let uid = listed.server_id.uid().unwrap_or(0);
        let again = session.list(uid, uid.checked_add(1), 1).await.map_err(|e| crate::explain::mail(&e))?;
        let prepared = if again.is_empty() {
            self.origin.finished(
                listed,
                MessageState::Skipped,
                Reason::Gone,
                "It was listed, and gone before it could be read.",
            )
        } else {
            let why = "The server lists this mail but gives no bytes for it.";
            self.origin.finished(listed, MessageState::Failed, Reason::UnreadableOnServer, why)
        };
        self.write(vec![prepared]).await
    }
}

/// None: the server gave no bytes.
async fn read(session: &mut dyn MailSession, listed: &Listed) -> Result<Option<Read>> {
    if listed.size > LARGE {
        return Ok(Some(Read::InPieces));
    }
    let raw = session.fetch_piece(&listed.server_id, 0, ORDINARY).await;
    let raw = raw.map_err(|error| crate::explain::mail(&error))?;
    Ok(raw.map(|raw| if raw.len() >= ORDINARY as usize { Read::InPieces } else { Read::Whole(raw) }))
}
