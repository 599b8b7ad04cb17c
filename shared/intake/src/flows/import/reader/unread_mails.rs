//! What becomes of mails that the server lists and does not give: asked for once more, counted, and given up at last.

use std::collections::BTreeSet;

use crate::{
    Sentence,
    catalogue::TOLD,
    decide::Prepared,
    error::Result,
    limits::{MAX_READINGS, NEWEST},
    ports::{Half, Listed, MailError, MailFault, MailSession},
    types::message::{Message, MessageState, Reason, ServerId, TraceStep},
};

use super::{Books, Reader, stand_in::StandIns, unread::is_back_in_maildrop};

impl Reader {
    /// The server gave no bytes: gone, or there and unreadable. Either way the cursor moves on.
    pub(super) async fn settle_unread(
        &mut self,
        books: &mut Books<'_>,
        session: &mut dyn MailSession,
        listed: Listed,
    ) -> Result<()> {
        let listed_again = match session.half() {
            Half::Folder(session) => {
                let uid = listed.server_id.uid().unwrap_or_default();
                session.list(uid, uid.checked_add(1), 1).await.map(|again| !again.is_empty())
            }
            Half::Maildrop(session) => {
                let mails = session.mails().await;
                mails.map(|mails| mails.iter().any(|mail| mail.server_id == listed.server_id))
            }
        };
        let prepared = if !listed_again.map_err(|e| crate::explain::mail(&e))? {
            books.ledger.note_gone(&listed);
            books.vanished(listed)
        } else {
            let why = "trace.read.no_bytes";
            books.origin.finished(listed, MessageState::Failed, Reason::UnreadableOnServer, why)
        };
        books.write(prepared).await
    }

    /// Whether another session shows first what this is.
    pub(super) fn is_set_aside(&mut self, prepared: &Prepared) -> bool {
        self.stand_ins.set_aside(prepared, self.unread.is_doubtful(&prepared.listed))
    }

    /// Ends the session where mails were set aside.
    pub(super) async fn look_anew(&mut self, books: &mut Books<'_>) -> Result<()> {
        for listed in self.stand_ins.take_again() {
            self.unread.note_asked(&listed);
            self.mark(books, listed, StandIns::fault()).await?;
        }
        if self.stand_ins.take_came() {
            return Err(self.unread.broke_at(None, StandIns::fault()));
        }
        Ok(())
    }

    /// After a failed session: whether another one can read on. Marks the mail at which it broke off.
    pub(in crate::flows::import) async fn may_go_on(&mut self, books: &mut Books<'_>) -> Result<bool> {
        let Some((listed, error)) = self.unread.take_broken() else { return Ok(false) };
        self.unread.note_reason(error.clone());
        if let Some(listed) = listed {
            self.mark(books, listed, error).await?;
        }
        Ok(self.unread.begin_session() && !books.out_of_time())
    }

    /// What was refused is failed at once where other new mails came, as no connection was lost over it; else it is
    /// counted, as is what did not come before anything else did.
    pub(super) async fn settle_unread_mails(
        &mut self,
        books: &mut Books<'_>,
        session: &mut dyn MailSession,
    ) -> Result<()> {
        let read = books.report.created + books.report.commented + books.report.skipped > 0;
        if self.unread.needs_proof(read) {
            self.ask_witnesses(books, session).await?;
        }
        let mut once_more = None;
        for (listed, error) in self.unread.take_refused() {
            if !books.waits(&listed) {
                continue;
            }
            if self.unread.fails_at_once(&listed, read) {
                if !books.out_of_time() && self.unread.deserves_another_session(&listed) {
                    once_more = Some(error);
                } else {
                    fail_refused(books, listed, error).await?;
                }
            } else {
                self.mark(books, listed, error).await?;
            }
        }
        for (listed, error) in self.unread.take_proven() {
            if books.waits(&listed) {
                self.mark(books, listed, error).await?;
            }
        }
        once_more.map_or(Ok(()), |error| Err(self.unread.broke_at(None, error)))
    }

    /// Mails that hold the cursor back make the poll a failed one, so that the mailbox's back-off spaces their readings.
    pub(in crate::flows::import) fn wait_for_none(&self, books: &Books<'_>) -> Result<()> {
        match self.unread.reason().filter(|_| books.any_waits() && !books.report.more) {
            Some(error) => Err(crate::explain::mail(error)),
            None => Ok(()),
        }
    }

    /// Asks for mails that came before, so that a mail that does not come can be told from a server that gives none.
    pub(super) async fn ask_witnesses(
        &mut self,
        books: &mut Books<'_>,
        session: &mut dyn MailSession,
    ) -> Result<()> {
        if !self.unread.wants_witnesses() {
            return Ok(());
        }
        if !self.unread.knows_witnesses() {
            self.find_witnesses(books, session).await?;
        }
        for id in self.unread.begin_witnesses() {
            self.ask(session, &id).await?;
            if self.unread.has_given() {
                self.unread.note_witness();
                break;
            }
        }
        Ok(())
    }

    /// Asks for one byte of a mail, to see whether the server gives any.
    pub(super) async fn ask(&mut self, session: &mut dyn MailSession, id: &ServerId) -> Result<()> {
        match session.fetch_piece(id, 0, 1).await {
            Ok(piece) => self.unread.note_given(piece.is_some()),
            Err(error) if error.fault == MailFault::Refused => {}
            Err(error) => return Err(self.unread.broke_at(None, error)),
        }
        Ok(())
    }

    async fn find_witnesses(&mut self, books: &mut Books<'_>, session: &mut dyn MailSession) -> Result<()> {
        if let Some(roll) = books.ledger.roll() {
            self.unread.set_witnesses(roll.witnesses().to_vec());
            return Ok(());
        }
        let listed = newest_uids(session, books.ledger.cursor().next_uid)
            .await
            .map_err(|e| crate::explain::mail(&e))?;
        if listed.is_empty() {
            return Ok(());
        }
        let ids: Vec<_> = listed.iter().map(|l| books.origin.record(l).id).collect();
        let known = books.app.store.known(&ids).await?;
        let unreadable: BTreeSet<_> =
            known.iter().filter(|m| m.reason == Reason::UnreadableOnServer).map(|m| m.id).collect();
        let readable = listed.iter().zip(ids).filter(|(_, id)| !unreadable.contains(id));
        self.unread.set_witnesses(readable.map(|(listed, _)| listed.server_id.clone()).collect());
        Ok(())
    }

    /// Notes durably that a mail did not come; the last time, that it is failed.
    pub(super) async fn mark(
        &mut self,
        books: &mut Books<'_>,
        listed: Listed,
        error: MailError,
    ) -> Result<()> {
        books.keep_lease().await?;
        let new = Message { attempts: 0, ..books.origin.record(&listed) };
        let before = books.app.store.message(new.id).await?;
        let expected = before.as_ref().map(|record| record.state);
        let mut message = before.unwrap_or(new);
        if is_back_in_maildrop(&message) {
            message.state = MessageState::Stored;
        } else if message.is_final() {
            return Ok(());
        }
        message.reason = Reason::UnreadableOnServer;
        message.failed_readings += u32::from(self.unread.count(&listed, &error));
        if message.failed_readings >= MAX_READINGS {
            let why = Sentence::new("trace.read.failed")
                .with("polls", message.failed_readings)
                .with(TOLD, error.server_text.as_ref().unwrap_or(&error.context));
            let message = Message { download: None, ..message };
            let end = (MessageState::Failed, Reason::UnreadableOnServer);
            let ended = Prepared::ended(listed, message, end, TraceStep::told("read", why));
            return books.write(Prepared { expected, ..ended }).await;
        }
        books.note(message, expected).await?;
        self.unread.note_reason(error);
        Ok(())
    }
}

/// The mails with the newest UIDs below this one.
pub(in crate::flows::import) async fn newest_uids(
    session: &mut dyn MailSession,
    below: u32,
) -> std::result::Result<Vec<Listed>, MailError> {
    let from = below.saturating_sub(NEWEST).max(1);
    if from >= below {
        return Ok(Vec::new());
    }
    session.list(from, Some(below), NEWEST as usize).await
}

async fn fail_refused(books: &mut Books<'_>, listed: Listed, error: MailError) -> Result<()> {
    let why = Sentence::new("trace.read.refused").with(TOLD, error.server_text.unwrap_or_default());
    let prepared = books.origin.finished(listed, MessageState::Failed, Reason::UnreadableOnServer, why);
    books.write(prepared).await
}
