//! What is listed, what is known of it and what is settled: how far the cursor goes.

mod awaited;
mod roll;
mod shown;
mod uids;

use awaited::Awaited;
pub(in crate::flows) use roll::{Roll, Standing};
use shown::Shown;
use uids::Uids;

use crate::{
    Timestamp,
    error::Result,
    ports::{FolderStatus, Listed},
    types::{
        mailbox::{Counted, Cursor, MaildropCursor},
        message::ServerId,
    },
};

/// How new mails are told from known ones.
pub(in crate::flows) enum Order {
    /// By their UIDs (IMAP).
    Uids,
    /// By the roll (POP3).
    Roll(Box<Roll>),
}

/// The mails of one mailbox, and the cursor that goes past those that are settled.
pub(super) struct Ledger {
    cursor: Cursor,
    order: Order,
    uids: Uids,
    awaited: Awaited,
    /// What this listing has shown.
    shown: Shown,
}

impl Ledger {
    pub(super) fn new(cursor: Cursor, order: Order) -> Self {
        Self { cursor, order, uids: Uids::default(), awaited: Awaited::default(), shown: Shown::default() }
    }

    pub(super) fn cursor(&self) -> &Cursor {
        &self.cursor
    }

    /// None: mails are known by their UIDs.
    pub(super) fn roll(&self) -> Option<&Roll> {
        match &self.order {
            Order::Uids => None,
            Order::Roll(roll) => Some(roll),
        }
    }

    pub(super) fn roll_mut(&mut self) -> Option<&mut Roll> {
        match &mut self.order {
            Order::Uids => None,
            Order::Roll(roll) => Some(roll),
        }
    }

    /// A listing begins at the cursor. What waits since an earlier one is awaited: this one need not have it.
    pub(super) fn begin(&mut self) {
        let unknown =
            |uid| Listed { server_id: ServerId::Imap { uid }, size: Listed::UNKNOWN_SIZE, received_at: None };
        let is_folder = self.roll().is_none();
        let waiting = self.uids.take_waiting().into_iter();
        let waiting = waiting.filter_map(|(uid, listed)| listed.or_else(|| is_folder.then(|| unknown(uid))));
        waiting.for_each(|listed| self.awaited.note(listed));
        self.uids.begin(self.cursor.next_uid);
    }

    /// It was listed in an earlier poll, and did not come.
    pub(super) fn await_listed(&mut self, mail: Listed) {
        self.awaited.note(mail);
    }

    /// What was awaited and is not there any more, for all that a whole listing shows, of a folder from this UID on.
    pub(super) fn gone(&mut self, from: u32) -> Vec<Listed> {
        let mut awaited = std::mem::take(&mut self.awaited);
        awaited.retain(|id| !self.may_be_there(id, from));
        let gone = awaited.all().cloned().collect();
        self.awaited = awaited;
        gone
    }

    /// `told`: UIDNEXT, as the folder was opened.
    pub(super) fn begin_folder(&mut self, told: Option<u32>) {
        self.shown.begin(&self.cursor, told);
    }

    /// The server lists these UIDs, from the cursor on.
    pub(super) fn list(&mut self, uids: &[u32]) {
        self.uids.list(uids.iter().copied());
        self.shown.note(uids.iter().copied());
    }

    /// Of a maildrop these are not settled.
    pub(super) fn list_unsettled<'m>(&mut self, mails: impl Iterator<Item = &'m ServerId>) {
        let places: Vec<u32> = mails.filter_map(|id| self.place(id)).collect();
        self.uids.list(places);
    }

    /// The listing is complete up to here.
    pub(super) fn reach(&mut self, next: u32) {
        self.uids.reach(next);
    }

    /// What is known of a mail that is to be settled.
    pub(super) fn describe(&mut self, mail: &Listed) {
        if let Some(place) = self.place(&mail.server_id) {
            self.uids.describe(place, mail);
        }
    }

    /// It has a record, or gets one in the transaction that moves the cursor; or it was left out.
    pub(super) fn settle(&mut self, id: &ServerId, standing: Standing) {
        if let Some(place) = self.place(id) {
            self.uids.settle(place);
        }
        self.awaited.settle(id);
        if let Some(roll) = self.roll_mut() {
            roll.settle(id, standing);
        }
    }

    /// It is not there any more. Should it come back, the server counts more than was listed.
    pub(super) fn note_gone(&mut self, mail: &Listed) {
        self.shown.note_gone(mail);
    }

    fn may_be_there(&self, id: &ServerId, from: u32) -> bool {
        match &self.order {
            Order::Uids => id.uid().is_none_or(|uid| uid < from || self.shown.has(uid)),
            Order::Roll(roll) => roll.is_present(id),
        }
    }

    /// Whether the server counts more than it listed.
    pub(super) fn lacks(&self, folder: FolderStatus) -> bool {
        self.shown.lacks(folder)
    }

    /// At the end of a whole listing: what is counted now, and whether mails lie elsewhere than among the new ones.
    pub(super) fn account(&self, folder: FolderStatus, rescan: bool) -> (Counted, bool) {
        self.shown.account(folder, rescan)
    }

    /// The folder as it was opened, without what is gone since.
    pub(super) fn still(&self, folder: FolderStatus) -> FolderStatus {
        self.shown.still(folder)
    }

    /// How many are gone since they were looked for.
    pub(super) fn gone_below(&self) -> u32 {
        self.shown.gone_below()
    }

    /// Notes what was counted. Whether the cursor says something else.
    pub(super) fn note_counted(&mut self, counted: Counted, told: Option<u32>) -> bool {
        self.shown.begin(&Cursor { counted: Some(counted), ..self.cursor }, told);
        self.cursor.counted != Some(counted)
    }

    /// The roll was written.
    pub(super) fn note_roll(&mut self, maildrop: MaildropCursor) {
        self.cursor.maildrop = Some(maildrop);
    }

    /// Whether a mail was listed and is not settled.
    pub(super) fn waits(&self, id: &ServerId) -> bool {
        self.place(id).is_some_and(|place| self.uids.waits(place))
    }

    /// How many wait.
    pub(super) fn waiting(&self) -> usize {
        self.uids.waiting()
    }

    /// When the oldest of those that wait was received.
    pub(super) fn oldest(&self) -> Option<Timestamp> {
        self.uids.oldest().into_iter().chain(self.awaited.oldest(self.cursor.next_uid)).min()
    }

    /// Whether a mail came after the mailbox was connected.
    pub(super) fn is_new(&self, id: &ServerId) -> bool {
        match &self.order {
            Order::Uids => id.uid() >= Some(self.cursor.import_below),
            Order::Roll(roll) => roll.is_new(id),
        }
    }

    /// Whether mails that are new by their unique-ids may be known ones.
    pub(super) fn is_strange(&self) -> bool {
        self.roll().is_some_and(Roll::is_strange)
    }

    /// Whether any of these mails was passed before.
    pub(super) fn looks_back(&self, mails: &[Listed]) -> bool {
        mails.iter().any(|mail| match &self.order {
            Order::Uids => mail.server_id.uid() < Some(self.cursor.next_uid),
            Order::Roll(roll) => roll.is_settled(&mail.server_id),
        })
    }

    /// Where the cursor goes with what is settled.
    pub(super) fn next(&self) -> Result<Cursor> {
        let next_uid = match self.order {
            Order::Uids => {
                let now = self.cursor.next_uid;
                self.uids.advance(now)?.min(self.awaited.lowest(now).unwrap_or(u32::MAX))
            }
            Order::Roll(_) => self.cursor.next_uid,
        };
        Ok(Cursor { next_uid, counted: self.shown.below(next_uid), ..self.cursor })
    }

    /// The same after a whole listing: at a server that does not tell UIDNEXT, later mails came after the first contact.
    pub(super) fn next_of_all(&self) -> Result<Cursor> {
        let next = self.next()?;
        let unbounded = next.import_below == u32::MAX;
        Ok(Cursor { import_below: if unbounded { self.uids.reached() } else { next.import_below }, ..next })
    }

    /// The cursor stands here now.
    pub(super) fn moved(&mut self, cursor: Cursor) {
        self.cursor = cursor;
        self.uids.moved(cursor.next_uid);
    }

    /// The UID, or the place within this poll.
    fn place(&self, id: &ServerId) -> Option<u32> {
        match &self.order {
            Order::Uids => id.uid(),
            Order::Roll(roll) => roll.place(id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(uid: u32) -> Listed {
        Listed { server_id: ServerId::Imap { uid }, size: 1, received_at: None }
    }

    #[test]
    fn the_cursor_waits_for_what_an_earlier_session_listed() {
        let cursor = Cursor {
            uid_validity: 7,
            next_uid: 1,
            import_below: 1,
            counted: None,
            maildrop: None,
            renewed: None,
        };
        let mut ledger = Ledger::new(cursor, Order::Uids);
        ledger.begin();
        ledger.list(&[3, 5]);
        ledger.begin();
        ledger.begin_folder(None);
        ledger.list(&[5, 7]);
        ledger.reach(10);
        for uid in [5, 7] {
            ledger.settle(&mail(uid).server_id, Standing::Done);
        }
        assert_eq!((ledger.next().unwrap().next_uid, ledger.waiting()), (3, 0), "3 is not listed any more");
        let gone: Vec<_> = ledger.gone(1).into_iter().map(|mail| mail.server_id).collect();
        assert_eq!(gone, [mail(3).server_id]);
        assert_eq!(ledger.next().unwrap().next_uid, 3, "it has no record yet");
        ledger.settle(&mail(3).server_id, Standing::Done);
        assert_eq!(ledger.next().unwrap().next_uid, 10);
    }
}
