//! What becomes of mails that the server lists and does not give: asked for once more, counted, and given up at last.

use std::collections::BTreeSet;

use crate::{
    decide::{Content, Prepared},
    error::Result,
    limits::{AWAITED_AT_ONCE, MAX_READINGS},
    ports::{Change, Listed, MailError, MailFault, MailSession, MessageFilter},
    types::{
        PageRequest,
        message::{Message, MessageState, Reason, ServerId, TraceStep},
    },
};

use super::{run::Import, unread::is_back_in_maildrop};

impl Import<'_> {
    /// Awaits the mails that have a record since an earlier poll and did not come in it.
    pub(in crate::flows) async fn await_recorded(&mut self) -> Result<()> {
        let filter = MessageFilter { mailbox_id: self.origin.mailbox, state: Some(MessageState::Stored) };
        let page = self.app.store.messages(&filter, &PageRequest::first(AWAITED_AT_ONCE)).await?;
        let here = page.items.into_iter().filter(|record| record.epoch == self.origin.epoch);
        for record in here.filter(|record| record.reason == Reason::UnreadableOnServer) {
            let received_at = Some(record.received_at);
            let listed = Listed { server_id: record.server_id, size: record.size, received_at };
            self.awaited.note(listed);
        }
        Ok(())
    }

    /// After a whole listing, of a folder from this UID on: what was awaited and is not listed is gone.
    pub(super) async fn settle_vanished(&mut self, from: u32) -> Result<()> {
        let gone = self.awaited.take_gone(&self.ledger, from);
        let records = gone.map(|listed| self.vanished(listed)).collect();
        self.write_finished(records).await
    }

    pub(super) fn vanished(&self, listed: Listed) -> Prepared {
        let why = "It was listed, and gone before it could be read.";
        self.origin.finished(listed, MessageState::Skipped, Reason::Gone, why)
    }

    /// After a failed session: whether another one can read on. Marks the mail at which it broke off.
    pub(in crate::flows) async fn may_go_on(&mut self) -> Result<bool> {
        let Some((listed, error)) = self.unread.take_broken() else { return Ok(false) };
        self.unread.note_reason(error.clone());
        if let Some(listed) = listed {
            self.mark(listed, error).await?;
        }
        Ok(self.unread.begin_session() && !self.out_of_time())
    }

    /// What was refused is failed at once where other new mails came, as no connection was lost over it; else it is
    /// counted, as is what did not come before anything else did.
    pub(super) async fn settle_unread_mails(&mut self, session: &mut dyn MailSession) -> Result<()> {
        let under_way = std::mem::take(&mut self.under_way);
        Box::pin(self.read_each(session, under_way)).await?;
        let read = self.report.created + self.report.commented + self.report.skipped > 0;
        if self.unread.needs_proof(read) {
            self.ask_witnesses(session).await?;
        }
        let mut once_more = None;
        for (listed, error) in self.unread.take_refused() {
            if !self.waits(&listed) {
                continue;
            }
            if self.unread.fails_at_once(&listed, read) {
                if !self.out_of_time() && self.unread.deserves_another_session(&listed) {
                    once_more = Some(error);
                } else {
                    self.fail_refused(listed, error).await?;
                }
            } else {
                self.mark(listed, error).await?;
            }
        }
        for (listed, error) in self.unread.take_proven() {
            if self.waits(&listed) {
                self.mark(listed, error).await?;
            }
        }
        once_more.map_or(Ok(()), |error| Err(self.unread.broke_at(None, error)))
    }

    /// Mails that hold the cursor back make the poll a failed one, so that the mailbox's back-off spaces their readings.
    pub(super) fn wait_for_none(&self) -> Result<()> {
        match self.unread.reason().filter(|_| self.any_waits() && !self.report.more) {
            Some(error) => Err(crate::explain::mail(error)),
            None => Ok(()),
        }
    }

    async fn fail_refused(&mut self, listed: Listed, error: MailError) -> Result<()> {
        let said = error.server_text.unwrap_or_default();
        let why = format!("The server lists this mail but refuses to give it: {said}");
        let prepared = self.origin.finished(listed, MessageState::Failed, Reason::UnreadableOnServer, &why);
        self.write(prepared).await
    }

    /// Asks for mails that came before, so that a mail that does not come can be told from a server that gives none.
    pub(super) async fn ask_witnesses(&mut self, session: &mut dyn MailSession) -> Result<()> {
        if !self.unread.wants_witnesses() {
            return Ok(());
        }
        if !self.unread.knows_witnesses() {
            self.find_witnesses(session).await?;
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

    async fn find_witnesses(&mut self, session: &mut dyn MailSession) -> Result<()> {
        if let Some(roll) = self.ledger.roll() {
            self.unread.set_witnesses(roll.witnesses().to_vec());
            return Ok(());
        }
        let listed = self.newest_uids(session).await.map_err(|e| crate::explain::mail(&e))?;
        if listed.is_empty() {
            return Ok(());
        }
        let ids: Vec<_> = listed.iter().map(|l| self.origin.record(l).id).collect();
        let known = self.app.store.known(&ids).await?;
        let unreadable: BTreeSet<_> =
            known.iter().filter(|m| m.reason == Reason::UnreadableOnServer).map(|m| m.id).collect();
        let readable = listed.iter().zip(ids).filter(|(_, id)| !unreadable.contains(id));
        self.unread.set_witnesses(readable.map(|(listed, _)| listed.server_id.clone()).collect());
        Ok(())
    }

    /// Notes durably that a mail did not come; the last time, that it is failed.
    pub(super) async fn mark(&mut self, listed: Listed, error: MailError) -> Result<()> {
        self.keep_lease().await?;
        let new = Message { attempts: 0, ..self.origin.record(&listed) };
        let before = self.app.store.message(new.id).await?;
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
            let prepared = given_up(listed, message, expected, &error);
            return self.write(prepared).await;
        }
        let note = Change::Message { message: Box::new(message), expected };
        self.commit(vec![note]).await?;
        self.unread.note_reason(error);
        Ok(())
    }
}

fn given_up(
    listed: Listed,
    mut message: Message,
    expected: Option<MessageState>,
    error: &MailError,
) -> Prepared {
    message.state = MessageState::Failed;
    message.download = None;
    let said = error.server_text.as_ref().unwrap_or(&error.context);
    let why = format!(
        "The server lists this mail, but reading it failed in {} polls, while it gave other mails: {said}",
        message.failed_readings
    );
    message.trace.push(TraceStep::new("read", why));
    Prepared { listed, message, expected, content: Content::Final }
}
