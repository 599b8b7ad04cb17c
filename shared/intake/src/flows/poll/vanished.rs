//! Mails that were listed, by an earlier session of this poll or in an earlier poll, and are not listed any more before
//! they came. They get a record that says so.

use std::collections::BTreeMap;

use crate::{
    error::Result,
    ports::{Listed, MessageFilter},
    types::{
        PageRequest,
        message::{MessageState, Reason, ServerId},
    },
};

use super::{
    import::{Import, Order},
    prepare::Prepared,
};

/// The most records of earlier polls that one poll looks at.
const AT_ONCE: u32 = 200;

/// Mails that have been listed and did not come.
pub(super) type Awaited = BTreeMap<ServerId, Listed>;

impl Import<'_> {
    /// Those that have a record since an earlier poll.
    pub(super) async fn await_recorded(&mut self) -> Result<()> {
        let filter = MessageFilter { mailbox_id: self.origin.mailbox, state: Some(MessageState::Stored) };
        let page = self.app.store.messages(&filter, &PageRequest::first(AT_ONCE)).await?;
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
        let unknown =
            |uid| Listed { server_id: ServerId::Imap { uid }, size: Listed::UNKNOWN_SIZE, received_at: None };
        let is_folder = matches!(self.order, Order::Uids);
        let waiting = self.ledger.take_waiting().into_iter();
        let waiting = waiting.filter_map(|(uid, listed)| listed.or_else(|| is_folder.then(|| unknown(uid))));
        self.awaited.extend(waiting.map(|listed| (listed.server_id.clone(), listed)));
    }

    /// After a whole listing, of a folder from this UID on.
    pub(super) async fn settle_vanished(&mut self, from: u32) -> Result<()> {
        for (id, listed) in std::mem::take(&mut self.awaited) {
            let is_there = match &self.order {
                Order::Uids => id.uid().is_none_or(|uid| uid < from || self.shown.has(uid)),
                Order::Roll(roll) => roll.is_present(&id),
            };
            if !is_there {
                self.write(self.vanished(listed)).await?;
            }
        }
        Ok(())
    }

    pub(super) fn vanished(&self, listed: Listed) -> Prepared {
        let why = "It was listed, and gone before it could be read.";
        self.origin.finished(listed, MessageState::Skipped, Reason::Gone, why)
    }
}
