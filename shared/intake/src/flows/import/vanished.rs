//! Mails that were listed, by an earlier session of this poll or in an earlier poll, and are not listed any more before
//! they came. They get a record that says so.

use crate::{
    decide::Prepared,
    error::Result,
    limits::AWAITED_AT_ONCE,
    ports::{Listed, MessageFilter},
    types::{
        PageRequest,
        message::{MessageState, Reason},
    },
};

use super::run::Import;

impl Import<'_> {
    /// Those that have a record since an earlier poll.
    pub(in crate::flows) async fn await_recorded(&mut self) -> Result<()> {
        let filter = MessageFilter { mailbox_id: self.origin.mailbox, state: Some(MessageState::Stored) };
        let page = self.app.store.messages(&filter, &PageRequest::first(AWAITED_AT_ONCE)).await?;
        let here = page.items.into_iter().filter(|record| record.epoch == self.origin.epoch);
        for record in here.filter(|record| record.reason == Reason::UnreadableOnServer) {
            let received_at = Some(record.received_at);
            let listed = Listed { server_id: record.server_id, size: record.size, received_at };
            self.awaited.insert(listed.server_id.clone(), listed);
        }
        Ok(())
    }

    /// Those that wait as another session begins.
    pub(super) fn await_listed(&mut self) {
        let waiting = self.ledger.take_waiting();
        self.awaited.extend(waiting.map(|listed| (listed.server_id.clone(), listed)));
    }

    /// After a whole listing, of a folder from this UID on.
    pub(super) async fn settle_vanished(&mut self, from: u32) -> Result<()> {
        let mut awaited = std::mem::take(&mut self.awaited);
        awaited.retain(|id, _| !self.ledger.may_be_there(id, from));
        let records = awaited.into_values().map(|listed| self.vanished(listed)).collect();
        self.write_finished(records).await
    }

    pub(super) fn vanished(&self, listed: Listed) -> Prepared {
        let why = "It was listed, and gone before it could be read.";
        self.origin.finished(listed, MessageState::Skipped, Reason::Gone, why)
    }
}
