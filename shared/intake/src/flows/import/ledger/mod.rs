//! What is listed, what is known of it and what is settled: how far the cursor goes.

mod roll;
mod shown;
mod uids;

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
    /// What this listing has shown.
    shown: Shown,
}

impl Ledger {
    pub(super) fn new(cursor: Cursor, order: Order) -> Self {
        Self { cursor, order, uids: Uids::default(), shown: Shown::default() }
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

    /// A listing begins at the cursor.
    pub(super) fn begin(&mut self) {
        self.uids.begin(self.cursor.next_uid);
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
        if let Some(roll) = self.roll_mut() {
            roll.settle(id, standing);
        }
    }

    /// It is not there any more. Should it come back, the server counts more than was listed.
    pub(super) fn note_gone(&mut self, mail: &Listed) {
        self.shown.note_gone(mail);
    }

    /// Whether the server has this mail still, for all that a whole listing shows, of a folder from this UID on.
    pub(super) fn may_be_there(&self, id: &ServerId, from: u32) -> bool {
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

    /// Those that wait, as far as they can be named, before another listing begins.
    pub(super) fn await_waiting(&mut self) -> impl Iterator<Item = Listed> {
        let unknown =
            |uid| Listed { server_id: ServerId::Imap { uid }, size: Listed::UNKNOWN_SIZE, received_at: None };
        let is_folder = matches!(self.order, Order::Uids);
        let waiting = self.uids.await_waiting().into_iter();
        waiting.filter_map(move |(uid, listed)| listed.or_else(|| is_folder.then(|| unknown(uid))))
    }

    /// How many wait.
    pub(super) fn waiting(&self) -> usize {
        self.uids.waiting()
    }

    /// When the oldest of those that wait was received.
    pub(super) fn oldest(&self) -> Option<Timestamp> {
        self.uids.oldest()
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
            Order::Uids => self.uids.advance(self.cursor.next_uid)?,
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
