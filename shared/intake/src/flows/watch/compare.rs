//! Mails of a listing against our records.

use std::collections::BTreeSet;

use futures::{TryStreamExt, future::ready};

use crate::{
    App, Timestamp,
    decide::{Known, Origin, Rules, StartRule},
    error::Result,
    flows::{
        import::{load, read_said},
        reading::{dates, records},
    },
    lists,
    ports::{FolderStatus, Listed, MailSession, MessageFilter},
    types::{
        mailbox::{Mailbox, Run},
        message::{Message, Reason, ServerId},
    },
};

/// Records of one page.
const PAGE: u32 = 200;

/// What a comparison needs to know of the mailbox.
pub(in crate::flows) struct Comparison<'a> {
    app: &'a App,
    origin: Origin,
    rule: StartRule,
    /// Mails at and above this UID are new, whatever their date says.
    import_below: u32,
    /// The date of mails that tell none.
    created_at: Timestamp,
    /// Records at and above this UID are newer than the listing.
    listed_below: u32,
    /// The mails of older numberings, once they are asked for.
    known: Option<Known>,
}

/// Mails of a listing, by what is known of them.
#[derive(Debug, Default)]
pub(in crate::flows) struct Sorted {
    /// How many have a record.
    pub(in crate::flows) recorded: u64,
    /// How many have none, and need none.
    pub(in crate::flows) left_out: u64,
    /// Those that should have one.
    pub(in crate::flows) missing: Vec<Listed>,
}

impl<'a> Comparison<'a> {
    pub(in crate::flows) fn new(app: &'a App, mailbox: &Mailbox, run: &Run, status: FolderStatus) -> Self {
        Self {
            app,
            origin: Origin::of(mailbox, run.epoch, Rules::of(app.mac.reply_key(), mailbox, None)),
            rule: StartRule::of(mailbox, run),
            import_below: run.cursor.map_or(u32::MAX, |cursor| cursor.import_below),
            created_at: dates::guess(mailbox.created_at),
            listed_below: status.uid_next.unwrap_or(u32::MAX),
            known: None,
        }
    }

    /// Looks for the records of these mails.
    pub(in crate::flows) async fn sort(
        &mut self,
        session: &mut dyn MailSession,
        listed: Vec<Listed>,
    ) -> Result<Sorted> {
        let dated = self.dated(session, listed).await?;
        let (without, recorded) = self.without_record(session, dated).await?;
        let mut sorted = Sorted { recorded, ..Sorted::default() };
        for mail in without {
            if self.is_new(&mail) || self.rule.wants(mail.received()) {
                sorted.missing.push(mail);
            } else {
                sorted.left_out += 1;
            }
        }
        Ok(sorted)
    }

    /// The same mails, each with the date by which its record is known.
    pub(in crate::flows) async fn dated(
        &self,
        session: &mut dyn MailSession,
        listed: Vec<Listed>,
    ) -> Result<Vec<Listed>> {
        let dated = dates::date(session, listed, self.created_at, &BTreeSet::new()).await;
        dated.map_err(|(_, error)| crate::explain::mail(&error))
    }

    /// Those of these mails that have no record, under whatever number, and how many have one.
    pub(in crate::flows) async fn without_record(
        &mut self,
        session: &mut dyn MailSession,
        mut listed: Vec<Listed>,
    ) -> Result<(Vec<Listed>, u64)> {
        let before = listed.len();
        let recorded = self.recorded(&listed).await?;
        listed.retain(|mail| !recorded.contains(&mail.server_id));
        let without = self.without_recognised(session, listed).await?;
        let recorded = (before - without.len()) as u64;
        Ok((without, recorded))
    }

    fn is_new(&self, mail: &Listed) -> bool {
        mail.server_id.uid() >= Some(self.import_below)
    }

    /// Those with a record under these numbers. One that was left out unread has none that counts, and one that is said to
    /// be gone is not, if it is here.
    async fn recorded(&self, listed: &[Listed]) -> Result<BTreeSet<ServerId>> {
        let records = self.records(listed).await?.into_iter();
        let read = records.filter(|record| !matches!(record.reason, Reason::Renumbered | Reason::Gone));
        Ok(read.map(|record| record.server_id).collect())
    }

    /// The records of these mails under these numbers.
    pub(in crate::flows) async fn records(&self, listed: &[Listed]) -> Result<Vec<Message>> {
        records(self.app, &self.origin, listed, self.created_at).await
    }

    /// Leaves out mails that have a record under another number.
    async fn without_recognised(
        &mut self,
        session: &mut dyn MailSession,
        mut mails: Vec<Listed>,
    ) -> Result<Vec<Listed>> {
        let doubted = mails.iter().filter(|mail| self.origin.epoch > 1 && !self.is_new(mail));
        let doubted: Vec<ServerId> = doubted.map(|mail| mail.server_id.clone()).collect();
        if doubted.is_empty() {
            return Ok(mails);
        }
        let known = match &mut self.known {
            Some(known) => known,
            none => {
                let but = Some(self.origin.epoch);
                none.insert(load(self.app, self.origin.mailbox, but).await?)
            }
        };
        let said = read_said(self.app, session, &doubted).await;
        let said = said.map_err(|e| crate::explain::mail(&e))?;
        mails.retain(|mail| !said.get(&mail.server_id).is_some_and(|said| known.holds(mail, said)));
        Ok(mails)
    }

    /// Records of this epoch whose mails are not listed.
    pub(in crate::flows) async fn count_gone(&self, there: &[u32]) -> Result<u64> {
        let filter = MessageFilter { mailbox_id: self.origin.mailbox, state: None };
        let (store, filter) = (&self.app.store, &filter);
        let records = lists::entries(PAGE, |page| async move { store.messages(filter, &page).await });
        let is_there = |uid: Option<u32>| uid.is_some_and(|uid| there.binary_search(&uid).is_ok());
        let is_gone = |message: &Message| {
            let uid = message.server_id.uid();
            message.epoch == self.origin.epoch && uid < Some(self.listed_below) && !is_there(uid)
        };
        records.try_fold(0, |gone, message| ready(Ok(gone + u64::from(is_gone(&message))))).await
    }
}
