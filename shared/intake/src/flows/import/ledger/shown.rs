//! What a listing has shown, against what the server counts.
//!
//! A UID that a server lists ends as a record, or the cursor stays at or below it. What a server holds and does not list
//! can be told only by EXISTS: where that says more than was listed, all UIDs are listed once more, by another command,
//! and what has no record is imported.

use std::collections::BTreeSet;

use crate::{
    limits::LOOKS,
    ports::{FolderStatus, Listed},
    types::mailbox::{Counted, Cursor},
};

impl Counted {
    /// Whether UIDNEXT went back: the server numbers its mails anew, and says nothing of it (RFC 3501 section 2.3.1.1
    /// forbids that).
    pub(in crate::flows) fn went_back(&self, status: FolderStatus) -> bool {
        self.uid_next.zip(status.uid_next).is_some_and(|(before, now)| now < before)
    }

    /// Whether the folder is as it was, and nothing is to be looked for.
    pub(in crate::flows) fn is_settled(&self, status: FolderStatus) -> bool {
        self.exists == status.exists && (!self.lacks() || self.looks >= LOOKS)
    }

    fn lacks(&self) -> bool {
        self.listed < self.exists
    }

    /// With `came` new mails, of which `late` came after the folder was opened: what is counted now, and whether mails
    /// lie elsewhere than among the new ones.
    fn after(self, status: FolderStatus, came: u32, late: u32, rescan: bool) -> (Self, bool) {
        let exists = status.exists.saturating_add(late);
        let listed = self.listed.saturating_add(came);
        let grew = exists > self.exists.saturating_add(came);
        let again = self.lacks() && (self.looks < LOOKS || rescan);
        // What went away was listed before, as far as anybody knows.
        let lacking = self.exists.saturating_sub(self.listed);
        let listed = if grew { listed } else { listed.min(exists.saturating_sub(lacking.min(exists))) };
        let looks = if grew { 0 } else { self.looks };
        (Self { exists, listed, uid_next: status.uid_next, looks }, grew || again)
    }

    /// After all UIDs were listed.
    pub(in crate::flows::import) fn looked(self, listed: u32) -> Self {
        let looks = self.looks.saturating_add(1).min(LOOKS);
        Self { exists: self.exists.max(listed), listed, looks, ..self }
    }
}

/// The UIDs that this listing has shown above the cursor, on top of what was counted before.
#[derive(Default)]
pub(super) struct Shown {
    before: Option<Counted>,
    told: Option<u32>,
    uids: Vec<u32>,
    /// Counted when the folder was opened, and gone since.
    gone: u32,
    /// Gone since it was looked for.
    gone_below: u32,
}

impl Shown {
    /// `told`: UIDNEXT, as the folder was opened.
    pub(super) fn begin(&mut self, cursor: &Cursor, told: Option<u32>) {
        *self = Self { before: cursor.counted, told, ..Self::default() };
    }

    pub(super) fn note(&mut self, uids: impl Iterator<Item = u32>) {
        let last = self.uids.last().copied().unwrap_or(0);
        let new: BTreeSet<u32> = uids.filter(|uid| *uid > last).collect();
        self.uids.extend(new);
    }

    /// What is counted where the cursor stands here: mails below it are no part of the next listing.
    pub(super) fn below(&self, next_uid: u32) -> Option<Counted> {
        let came = u32::try_from(self.uids.partition_point(|uid| *uid < next_uid)).unwrap_or(u32::MAX);
        self.before.map(|before| Counted {
            exists: before.exists.saturating_add(came),
            listed: before.listed.saturating_add(came),
            uid_next: self.told,
            ..before
        })
    }

    /// Whether this listing has shown a mail.
    pub(super) fn has(&self, uid: u32) -> bool {
        self.uids.binary_search(&uid).is_ok()
    }

    /// It is not there any more. Should it come back, the server counts more than was listed.
    pub(super) fn note_gone(&mut self, listed: &Listed) {
        let Some(uid) = listed.server_id.uid() else { return };
        match self.uids.binary_search(&uid) {
            Ok(at) => {
                self.uids.remove(at);
                self.gone += u32::from(self.told.is_none_or(|next| uid < next));
            }
            Err(_) => self.gone_below += 1,
        }
    }

    /// Whether the server counts more than it listed, so that a mail may lie where none was seen. In the end its count is
    /// wrong.
    pub(super) fn lacks(&self, status: FolderStatus) -> bool {
        let after =
            |before: Counted| before.after(self.still(status), self.came(0), self.late(status), false).0;
        self.before.map(after).is_some_and(|counted| counted.lacks() && counted.looks < LOOKS)
    }

    /// At the end of a whole listing: what is counted now, and whether mails lie elsewhere than among the new ones.
    pub(super) fn account(&self, status: FolderStatus, rescan: bool) -> (Counted, bool) {
        let (late, status) = (self.late(status), self.still(status));
        match self.before {
            Some(before) => before.after(status, self.came(0), late, rescan),
            // Written before mails were counted: what is there now is what later polls compare with.
            None => {
                let exists = status.exists.saturating_add(late);
                (Counted { exists, listed: exists, uid_next: status.uid_next, looks: 0 }, false)
            }
        }
    }

    pub(super) fn gone_below(&self) -> u32 {
        self.gone_below
    }

    /// How many came after the folder was opened.
    fn late(&self, status: FolderStatus) -> u32 {
        status.uid_next.map_or(0, |next| self.came(next))
    }

    /// The folder as it was opened, without what is gone since.
    pub(super) fn still(&self, status: FolderStatus) -> FolderStatus {
        FolderStatus { exists: status.exists.saturating_sub(self.gone), ..status }
    }

    fn came(&self, from: u32) -> u32 {
        let below = self.uids.partition_point(|uid| *uid < from);
        u32::try_from(self.uids.len() - below).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(exists: u32, uid_next: u32) -> FolderStatus {
        FolderStatus { uid_validity: 1, uid_next: Some(uid_next), exists, listing: None }
    }

    fn counted(exists: u32, listed: u32) -> Counted {
        Counted { exists, listed, uid_next: Some(1200), looks: 0 }
    }

    #[test]
    fn mails_that_come_back_below_the_cursor_make_a_look() {
        // Courier: 75 of 1,157 are neither counted nor listed for a moment, and then come back.
        let (at_first, look) = counted(0, 0).after(status(1082, 1201), 1082, 0, false);
        assert!(!look && at_first.is_settled(status(1082, 1201)));
        assert!(!at_first.is_settled(status(1157, 1201)));
        let (then, look) = at_first.after(status(1157, 1201), 0, 0, false);
        assert!(look);
        assert!(then.looked(1157).is_settled(status(1157, 1201)));
    }

    #[test]
    fn mails_that_are_counted_and_not_listed_are_looked_for_until_that_is_in_vain() {
        let (mut now, mut look) = counted(0, 0).after(status(10, 11), 8, 0, false);
        let mut looks = 0;
        while look {
            looks += 1;
            now = now.looked(8);
            assert_eq!(now.is_settled(status(10, 11)), looks >= LOOKS);
            (now, look) = now.after(status(10, 11), 0, 0, false);
            assert!(looks <= LOOKS);
        }
        assert_eq!(looks, LOOKS);
        assert!(now.after(status(10, 11), 0, 0, true).1, "a rescan looks again");
        assert!(!now.looked(10).after(status(10, 11), 0, 0, true).1);
    }

    #[test]
    fn deletions_and_mails_that_come_meanwhile_make_none() {
        let (now, look) = counted(10, 10).after(status(7, 1200), 0, 0, false);
        assert_eq!((now, look), (counted(7, 7), false));
        let (now, look) = counted(10, 10).after(status(10, 1200), 2, 2, false);
        assert_eq!((now, look), (counted(12, 12), false));
        let (_, look) = counted(10, 10).after(status(9, 1202), 2, 0, false);
        assert!(!look);
    }

    #[test]
    fn numbers_that_go_back_are_seen() {
        assert!(counted(10, 10).went_back(status(10, 40)));
        assert!(!counted(10, 10).went_back(status(10, 1200)));
        let untold = FolderStatus { uid_next: None, ..status(10, 1) };
        assert!(!counted(10, 10).went_back(untold));
    }

    #[test]
    fn what_the_cursor_passed_is_not_counted_twice() {
        let cursor = Cursor {
            uid_validity: 1,
            next_uid: 1,
            import_below: 1,
            counted: Some(counted(0, 0)),
            maildrop: None,
            renewed: None,
        };
        let mut shown = Shown::default();
        shown.begin(&cursor, Some(1200));
        shown.note([3, 1, 1, 2].into_iter());
        shown.note([2, 5].into_iter());
        assert_eq!(shown.came(0), 4);
        assert_eq!(shown.below(3), Some(counted(2, 2)));
        assert_eq!(shown.below(9), Some(counted(4, 4)));
    }
}
