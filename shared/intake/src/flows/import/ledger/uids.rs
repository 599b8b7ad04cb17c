//! The ledger of a listing: which mails the server told of, and which of them are settled. It alone says how far the
//! cursor goes, and never past a mail that was listed and is not settled.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    Timestamp,
    catalogue::Sentence,
    error::{Error, Kind, Result},
    ports::Listed,
};

/// Mails by UID (IMAP), or by their place within this poll (POP3).
#[derive(Debug, Default)]
pub(super) struct Uids {
    /// What the server listed from the cursor on, before anything was made of it.
    listed: BTreeSet<u32>,
    /// What has a record, or what the rule for a first import left out.
    settled: BTreeSet<u32>,
    /// Listed and not settled; with what is known of it, once it is dated.
    open: BTreeMap<u32, Option<Listed>>,
    /// How far the listing came: the cursor goes there when nothing is open.
    reached: u32,
}

impl Uids {
    /// A listing begins at the cursor.
    pub(super) fn begin(&mut self, cursor: u32) {
        *self = Self { reached: cursor, ..Self::default() };
    }

    /// The server lists these, from the cursor on.
    pub(super) fn list(&mut self, places: impl IntoIterator<Item = u32>) {
        for place in places {
            self.listed.insert(place);
            self.open.entry(place).or_default();
        }
    }

    /// The listing is complete up to here.
    pub(super) fn reach(&mut self, next: u32) {
        self.reached = next;
    }

    /// How far the listing came.
    pub(super) fn reached(&self) -> u32 {
        self.reached
    }

    /// It is to be settled; what is known of it.
    pub(super) fn describe(&mut self, place: u32, mail: &Listed) {
        self.open.insert(place, Some(mail.clone()));
    }

    /// It has a record, or gets one in the transaction that moves the cursor; or it was left out.
    pub(super) fn settle(&mut self, place: u32) {
        self.open.remove(&place);
        self.settled.insert(place);
    }

    pub(super) fn waits(&self, place: u32) -> bool {
        self.open.contains_key(&place)
    }

    /// Those that wait, with what is known of them; none of them waits any more.
    pub(super) fn take_waiting(&mut self) -> BTreeMap<u32, Option<Listed>> {
        std::mem::take(&mut self.open)
    }

    /// How many wait.
    pub(super) fn waiting(&self) -> usize {
        self.open.len()
    }

    /// When the oldest of those that wait was received.
    pub(super) fn oldest(&self) -> Option<Timestamp> {
        self.open.values().flatten().map(Listed::received).min()
    }

    /// Where the cursor goes from here: the one place at which that is decided. The open mails decide, and what was listed
    /// and what was settled, which are kept apart from them, have to agree.
    pub(super) fn advance(&self, cursor: u32) -> Result<u32> {
        let next = self.open.keys().next().copied().unwrap_or(self.reached).max(cursor);
        match self.listed.range(cursor..next).find(|uid| !self.settled.contains(uid)) {
            None => Ok(next),
            Some(uid) => {
                let sentence = Sentence::new("mail_unaccounted").with("uid", uid);
                Err(Error::told(Kind::Internal, sentence))
            }
        }
    }

    /// The cursor moved: what lies below it needs no proof any more.
    pub(super) fn moved(&mut self, cursor: u32) {
        self.listed = self.listed.split_off(&cursor);
        self.settled = self.settled.split_off(&cursor);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(uids: impl IntoIterator<Item = u32>) -> Uids {
        let mut ledger = Uids::default();
        ledger.begin(1);
        ledger.list(uids);
        ledger.reach(10);
        ledger
    }

    #[test]
    fn the_cursor_stays_at_the_lowest_that_is_not_settled() {
        let mut ledger = listing([3, 5, 7]);
        assert_eq!(ledger.advance(1).unwrap(), 3);
        ledger.settle(5);
        ledger.settle(3);
        assert_eq!(ledger.advance(1).unwrap(), 7);
        ledger.moved(7);
        ledger.settle(7);
        assert_eq!(ledger.advance(7).unwrap(), 10);
        assert_eq!(ledger.advance(12).unwrap(), 12, "it never goes back");
        ledger.begin(10);
        assert_eq!(ledger.advance(10).unwrap(), 10, "a listing that has not come anywhere moves nothing");
    }

    #[test]
    fn a_mail_that_fell_out_is_an_error_with_a_sentence() {
        let mut ledger = listing([3, 5]);
        ledger.settle(3);
        // As a mistake in what comes after the listing would do it.
        ledger.open.remove(&5);
        let error = ledger.advance(1).unwrap_err();
        assert_eq!((error.kind, &*error.code), (Kind::Internal, "mail_unaccounted"));
        assert!(error.message.contains('5') && !error.action.is_empty(), "{error:?}");
    }
}
