//! Mails that were listed, by an earlier session of this poll or in an earlier poll, and are not settled since. Where they
//! are not listed any more they get a record that says so, before the cursor passes them: later listings begin behind it,
//! and would never miss them.

use std::collections::BTreeMap;

use crate::{Timestamp, ports::Listed, types::message::ServerId};

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

    /// It is settled.
    pub(super) fn settle(&mut self, id: &ServerId) {
        self.0.remove(id);
    }

    /// Awaits no others than these any more.
    pub(super) fn retain(&mut self, is_awaited: impl Fn(&ServerId) -> bool) {
        self.0.retain(|id, _| is_awaited(id));
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Listed> {
        self.0.values()
    }

    /// The lowest UID from the cursor on.
    pub(super) fn lowest(&self, cursor: u32) -> Option<u32> {
        self.from(cursor).next()?.server_id.uid()
    }

    /// When the oldest from the cursor on was received.
    pub(super) fn oldest(&self, cursor: u32) -> Option<Timestamp> {
        self.from(cursor).map(Listed::received).min()
    }

    fn from(&self, cursor: u32) -> impl Iterator<Item = &Listed> {
        let mails = self.0.range(ServerId::Imap { uid: cursor }..).map(|(_, listed)| listed);
        mails.take_while(|listed| listed.server_id.uid().is_some())
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
