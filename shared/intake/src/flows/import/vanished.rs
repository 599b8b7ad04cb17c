//! Mails that were listed, by an earlier session of this poll or in an earlier poll, and are not listed any more before
//! they came. They get a record that says so.

use std::collections::BTreeMap;

use crate::{ports::Listed, types::message::ServerId};

use super::ledger::Ledger;

/// Mails that have been listed and did not come.
#[derive(Debug, Default)]
pub(super) struct Awaited(BTreeMap<ServerId, Listed>);

impl Awaited {
    /// A listing that broke off early may know less of a mail than an earlier one: its date tells which record is its own.
    pub(super) fn note(&mut self, listed: Listed) {
        if listed.received_at.is_some() || !self.0.contains_key(&listed.server_id) {
            self.0.insert(listed.server_id.clone(), listed);
        }
    }

    /// Those that a whole listing, of a folder from this UID on, does not have.
    pub(super) fn take_gone(&mut self, ledger: &Ledger, from: u32) -> impl Iterator<Item = Listed> + use<> {
        let mut awaited = std::mem::take(&mut self.0);
        awaited.retain(|id, _| !ledger.may_be_there(id, from));
        awaited.into_values()
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
