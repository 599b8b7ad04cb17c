//! Mails that were listed, by an earlier session of this poll or in an earlier poll, and are not listed any more before
//! they came. They get a record that says so.

use std::collections::BTreeMap;

use crate::{
    decide::Prepared,
    error::Result,
    limits::AWAITED_AT_ONCE,
    ports::{Listed, MessageFilter},
    types::{
        PageRequest,
        message::{MessageState, Reason, ServerId},
    },
};

use super::run::Import;

/// Mails that have been listed and did not come.
#[derive(Debug, Default)]
pub(super) struct Awaited(BTreeMap<ServerId, Listed>);

impl Awaited {
    /// A listing that broke off early may know less of a mail than an earlier one: its date tells which record is its own.
    fn note(&mut self, listed: Listed) {
        if listed.received_at.is_some() || !self.0.contains_key(&listed.server_id) {
            self.0.insert(listed.server_id.clone(), listed);
        }
    }
}

impl Import<'_> {
    /// Those that have a record since an earlier poll.
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

    /// Those that wait as another session begins.
    pub(super) fn await_listed(&mut self) {
        self.ledger.take_waiting().for_each(|listed| self.awaited.note(listed));
    }

    /// After a whole listing, of a folder from this UID on.
    pub(super) async fn settle_vanished(&mut self, from: u32) -> Result<()> {
        let Awaited(mut awaited) = std::mem::take(&mut self.awaited);
        awaited.retain(|id, _| !self.ledger.may_be_there(id, from));
        let records = awaited.into_values().map(|listed| self.vanished(listed)).collect();
        self.write_finished(records).await
    }

    pub(super) fn vanished(&self, listed: Listed) -> Prepared {
        let why = "It was listed, and gone before it could be read.";
        self.origin.finished(listed, MessageState::Skipped, Reason::Gone, why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Timestamp;

    #[test]
    fn a_listing_that_knows_less_takes_no_date_away() {
        let mail = |received_at| Listed { server_id: ServerId::Imap { uid: 7 }, size: 1, received_at };
        let (unknown, dated) = (mail(None), mail(Some(Timestamp::UNIX_EPOCH)));
        for order in [[&unknown, &dated], [&dated, &unknown]] {
            let mut awaited = Awaited::default();
            order.into_iter().cloned().for_each(|listed| awaited.note(listed));
            assert_eq!(awaited.0.values().collect::<Vec<_>>(), [&dated]);
        }
    }
}
