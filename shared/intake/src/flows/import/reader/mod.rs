//! What brings the bytes of mails, and hands what they are to the books. It knows which mails did not come, and when one
//! is given up.

mod download;
mod large;
mod look_again;
mod one_by_one;
mod pipeline;
mod stand_in;
mod unread;
mod unread_mails;

use crate::{
    error::{Error, Result},
    limits::{LARGE, MAX_READINGS, SUSPECTS},
    ports::{Listed, MailError, MailSession},
    types::message::Message,
};

use self::{stand_in::StandIns, unread::Unread};
use super::books::Books;

pub(super) use self::{unread::is_back_in_maildrop, unread_mails::newest_uids};

/// The reading of one import.
pub(super) struct Reader {
    /// Still to go one at a time.
    suspects: usize,
    /// Mails that the server does not give.
    unread: Unread,
    stand_ins: StandIns,
    /// Large mails that came in part before: read when all others are there.
    under_way: Vec<Listed>,
    /// More of a large mail came.
    progressed: bool,
}

impl Reader {
    /// `recorded`: records of unfinished mails may lie above the cursor; `exists`: how many mails there are.
    pub(super) fn new(after_crash: bool, recorded: bool, exists: u32) -> Self {
        Self {
            suspects: if after_crash { SUSPECTS } else { 0 },
            unread: Unread::new(recorded, exists),
            stand_ins: StandIns::default(),
            under_way: Vec::new(),
            progressed: false,
        }
    }

    /// A listing begins anew.
    pub(super) fn begin(&mut self) {
        self.under_way.clear();
        self.unread.begin();
    }

    /// Whether more of a large mail came.
    pub(super) fn has_progressed(&self) -> bool {
        self.progressed
    }

    /// Records of unfinished or unread mails may lie above the cursor.
    pub(super) fn may_have_records(&self) -> bool {
        self.unread.may_have_records()
    }

    /// Whether its reading broke off before.
    pub(super) fn is_doubtful(&self, listed: &Listed) -> bool {
        self.unread.is_doubtful(listed)
    }

    /// The session broke off at no mail that is known. Gives the error back in our words.
    pub(super) fn broke_off(&mut self, error: MailError) -> Error {
        self.unread.broke_at(None, error)
    }

    /// Of a mail that has a record. Whether it is still to be read.
    pub(super) fn note_record(&mut self, listed: &Listed, record: &Message, looking_back: bool) -> bool {
        let is_settled = record.is_final() && !is_back_in_maildrop(record);
        if !is_settled && record.failed_readings + 1 >= MAX_READINGS {
            self.stand_ins.note_waited(record);
        }
        self.unread.note_record(listed, record, looking_back)
    }

    /// Those of these mails that may be asked for now.
    pub(super) async fn in_turn(
        &mut self,
        session: &mut dyn MailSession,
        mut listed: Vec<Listed>,
    ) -> Result<Vec<Listed>> {
        listed.retain(|mail| !self.unread.must_wait(mail));
        if self.unread.is_barren()
            && let Some(newest) = listed.last()
        {
            self.ask(session, &newest.server_id).await?;
        }
        Ok(listed)
    }

    /// Reads and writes these mails: ordinary ones together, others each alone.
    pub(super) async fn read(
        &mut self,
        books: &mut Books<'_>,
        session: &mut dyn MailSession,
        wanted: Vec<Listed>,
    ) -> Result<()> {
        let mut small: Vec<Listed> = Vec::new();
        let (under_way, wanted): (Vec<_>, Vec<_>) =
            wanted.into_iter().partition(|mail| self.unread.lets_others_pass(mail));
        self.under_way.extend(under_way);
        for mail in wanted {
            let alone = self.suspects > 0 || self.unread.is_doubtful(&mail);
            if mail.size <= LARGE && !alone {
                small.push(mail);
                continue;
            }
            Box::pin(self.read_small(books, session, std::mem::take(&mut small))).await?;
            if books.out_of_time() {
                return Ok(());
            }
            Box::pin(self.read_each(books, session, [mail])).await?;
        }
        Box::pin(self.read_small(books, session, small)).await
    }

    /// After a whole listing: reads the mails that let others pass, and settles those that did not come.
    pub(super) async fn finish(
        &mut self,
        books: &mut Books<'_>,
        session: &mut dyn MailSession,
    ) -> Result<()> {
        let under_way = std::mem::take(&mut self.under_way);
        Box::pin(self.read_each(books, session, under_way)).await?;
        self.settle_unread_mails(books, session).await
    }
}
