//! Importing what is new, under the mailbox's lease: list, read, store, decide, write, and only then move the cursor.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    App, Timestamp,
    decide::{Key, Origin, Rules, StartRule},
    error::{Error, Result},
    flows::reading::{
        dates::{date, guess},
        records,
    },
    limits::{AWAITED_AT_ONCE, LISTING, NEWEST},
    ports::{FolderStatus, Lease, Listed, MailError, MailFault, MailSession, MessageFilter},
    types::{
        PageRequest,
        mailbox::{Cursor, Mailbox, Run},
        message::{Message, MessageState, Reason, ServerId},
        report::PollReport,
    },
};

use super::{
    books::Books,
    ledger::{Ledger, Order, Standing},
    reader::{Reader, is_back_in_maildrop, newest_uids},
};

/// One import under a lease: what is listed is dated, and what is wanted and not known is read.
pub(in crate::flows) struct Import<'a> {
    pub(super) books: Books<'a>,
    pub(super) reader: Reader,
    /// When the mailbox was created here, in whole seconds.
    pub(super) created_at: Timestamp,
    pub(super) rule: StartRule,
    /// Mails without a date, whose header cannot be read either.
    undatable: BTreeSet<ServerId>,
    pub(super) recognised: Recognised,
}

/// What an import knows of mails that have other numbers than before.
#[derive(Default)]
pub(super) struct Recognised {
    /// Mails that were known by their headers.
    pub(super) seen: BTreeMap<Key, ServerId>,
    /// Mails at whose headers a session broke off.
    pub(super) unidentified: BTreeSet<ServerId>,
}

impl<'a> Import<'a> {
    pub(in crate::flows) fn new(
        app: &'a App,
        (mailbox, rules): (&Mailbox, Arc<Rules>),
        run: &Run,
        folder: FolderStatus,
        order: Order,
        lease: Lease,
        deadline: Timestamp,
    ) -> Result<Self> {
        let cursor = run.cursor.ok_or_else(|| Error::internal("an import without a cursor"))?;
        let reader = Reader::new(lease.after_crash, run.oldest_unprocessed_at.is_some(), folder.exists);
        let origin = Origin::of(mailbox, run.epoch, rules);
        Ok(Self {
            books: Books::new(app, origin, lease, Ledger::new(cursor, order), deadline),
            reader,
            created_at: guess(mailbox.created_at),
            rule: StartRule::of(mailbox, run),
            undatable: BTreeSet::new(),
            recognised: Recognised::default(),
        })
    }

    /// What was imported so far.
    pub(in crate::flows) fn report(&self) -> PollReport {
        self.books.report
    }

    /// Whether it brought anything, be it a part of a large mail.
    pub(in crate::flows) fn brought_something(&self) -> bool {
        self.books.report.fetched > 0 || self.reader.has_progressed()
    }

    /// Renews the lease where it ends soon.
    pub(in crate::flows) async fn keep_lease(&mut self) -> Result<()> {
        self.books.keep_lease().await
    }

    /// After a failed session: whether another one can read on.
    pub(in crate::flows) async fn may_go_on(&mut self) -> Result<bool> {
        self.reader.may_go_on(&mut self.books).await
    }

    /// How far it has come.
    pub(in crate::flows) fn cursor(&self) -> &Cursor {
        self.books.ledger.cursor()
    }

    /// Imports from a folder until everything is there or the time is over.
    pub(in crate::flows) async fn run(
        &mut self,
        session: &mut dyn MailSession,
        folder: FolderStatus,
    ) -> Result<()> {
        self.begin_listing();
        self.books.ledger.begin_folder(folder.uid_next);
        let first = self.books.ledger.cursor().next_uid;
        let mut from = first;
        loop {
            let listed = session.list(from, None, LISTING).await.map_err(|e| crate::explain::mail(&e))?;
            let uids: Vec<u32> = listed.iter().filter_map(|l| l.server_id.uid()).collect();
            self.books.ledger.list(&uids);
            from = uids.iter().max().map_or(from, |uid| uid.saturating_add(1));
            let lacks = self.books.ledger.lacks(folder);
            // A server may cut a listing short: what lacks is asked for, as long as something comes.
            let complete = listed.is_empty() || (listed.len() < LISTING && !lacks);
            // Up to UIDNEXT nothing more lies, if all that the server counts was listed.
            if complete && !lacks {
                from = from.max(folder.uid_next.unwrap_or(0));
            }
            self.books.ledger.reach(from);
            self.work(session, listed).await?;
            if self.books.report.more {
                return Ok(());
            }
            self.books.move_cursor(complete).await?;
            if complete {
                self.settle_vanished(first).await?;
                self.reader.finish(&mut self.books, session).await?;
                return self.reader.wait_for_none(&self.books);
            }
        }
    }

    pub(super) fn begin_listing(&mut self) {
        self.books.ledger.begin();
        self.reader.begin();
    }

    /// Compares the newest mails with the records and imports what was missed, also by a first import, or unreadable.
    pub(in crate::flows) async fn rescan(
        &mut self,
        session: &mut dyn MailSession,
        folder: FolderStatus,
    ) -> Result<()> {
        let listed = self.newest(session, folder).await.map_err(|e| crate::explain::mail(&e))?;
        let listed = self.date_by_header(session, listed).await?;
        let mut listed = self.without_known(listed).await?;
        // Those that were known by their headers have no record under these numbers; EXISTS tells of any other.
        listed.retain(|mail| !self.books.is_renumbered(&mail.server_id));
        self.work_on(session, listed).await?;
        if self.books.report.more {
            return Ok(());
        }
        self.reader.finish(&mut self.books, session).await?;
        self.reader.read_what_came_back(&mut self.books, session).await?;
        self.reader.look_again(&mut self.books, session).await
    }

    /// The newest mails below the cursor: by their UIDs, and where those are sparse, by their places.
    async fn newest(
        &self,
        session: &mut dyn MailSession,
        folder: FolderStatus,
    ) -> std::result::Result<Vec<Listed>, MailError> {
        let below = self.books.ledger.cursor().next_uid;
        let listed = newest_uids(session, below).await?;
        let shown = u32::try_from(listed.len()).unwrap_or(NEWEST);
        if below <= NEWEST + 1 || shown >= NEWEST.min(folder.exists) {
            return Ok(listed);
        }
        let exists = session.count().await?.exists;
        let placed = match session.at_places(exists.saturating_sub(NEWEST - 1).max(1), exists.max(1)).await {
            // The daily look tells of a server that shows no places.
            Err(error) if error.fault == MailFault::Refused => Vec::new(),
            placed => placed?,
        };
        let mut newest: BTreeMap<Option<u32>, Listed> = placed
            .into_iter()
            .filter_map(|placed| placed.mail)
            .map(|mail| (mail.server_id.uid(), mail))
            .collect();
        newest.extend(listed.into_iter().map(|mail| (mail.server_id.uid(), mail)));
        Ok(newest.into_values().filter(|mail| mail.server_id.uid() < Some(below)).collect())
    }

    /// Awaits the mails that have a record since an earlier poll and did not come in it.
    pub(in crate::flows) async fn await_recorded(&mut self) -> Result<()> {
        let filter =
            MessageFilter { mailbox_id: self.books.origin.mailbox, state: Some(MessageState::Stored) };
        let page = self.books.app.store.messages(&filter, &PageRequest::first(AWAITED_AT_ONCE)).await?;
        let here = page.items.into_iter().filter(|record| record.epoch == self.books.origin.epoch);
        for record in here.filter(|record| record.reason == Reason::UnreadableOnServer) {
            self.books.ledger.await_listed(Listed::from(&record));
        }
        Ok(())
    }

    /// After a whole listing, of a folder from this UID on: what was awaited and is not listed is gone.
    pub(super) async fn settle_vanished(&mut self, from: u32) -> Result<()> {
        let gone = self.books.ledger.gone(from).into_iter();
        let records = gone.map(|listed| self.books.vanished(listed)).collect();
        self.books.write_finished(records).await
    }

    pub(super) async fn work(&mut self, session: &mut dyn MailSession, listed: Vec<Listed>) -> Result<()> {
        let listed = self.date_by_header(session, listed).await?;
        let listed = self.without_known(listed).await?;
        self.work_on(session, listed).await
    }

    /// The same of mails that are dated and have no final record.
    async fn work_on(&mut self, session: &mut dyn MailSession, listed: Vec<Listed>) -> Result<()> {
        listed.iter().for_each(|mail| self.books.ledger.describe(mail));
        let listed = self.reader.in_turn(session, listed).await?;
        let wanted = self.apply_rule(session, listed).await?;
        let wanted = self.without_recognised(session, wanted).await?;
        self.reader.read(&mut self.books, session, wanted).await
    }

    /// Takes out what has a final record already: after a crash, where a mail was unread, and on a rescan. For POP3
    /// always: the roll may be older than the records.
    async fn without_known(&mut self, mut listed: Vec<Listed>) -> Result<Vec<Listed>> {
        let looking_back = self.books.ledger.looks_back(&listed);
        let always = self.books.ledger.roll().is_some();
        let may_be_known =
            self.books.lease.after_crash || self.reader.may_have_records() || looking_back || always;
        if listed.is_empty() || !may_be_known {
            return Ok(listed);
        }
        let known = records(self.books.app, &self.books.origin, &listed, self.created_at).await?;
        let known: BTreeMap<&ServerId, &Message> = known.iter().map(|m| (&m.server_id, m)).collect();
        for (mail, record) in listed.iter_mut().filter_map(|l| known.get(&l.server_id).map(|r| (l, r))) {
            // The record's own, which may be a guess: its identifier follows from it.
            mail.received_at = Some(record.received_at);
        }
        listed.retain(|l| {
            let Some(record) = known.get(&l.server_id) else { return true };
            if record.is_final() && !is_back_in_maildrop(record) {
                self.books.ledger.settle(&l.server_id, Standing::of(record));
            }
            self.reader.note_record(l, record, looking_back)
        });
        Ok(listed)
    }

    /// Settles the mails that the rule for a first import or a renumbered mailbox leaves out; gives back the others.
    async fn apply_rule(
        &mut self,
        session: &mut dyn MailSession,
        listed: Vec<Listed>,
    ) -> Result<Vec<Listed>> {
        let (wanted, left_out): (Vec<_>, Vec<_>) = listed
            .into_iter()
            .partition(|l| self.books.ledger.is_new(&l.server_id) || self.rule.wants(l.received()));
        let Some((reason, why)) = self.rule.record() else {
            for mail in &left_out {
                self.books.ledger.settle(&mail.server_id, Standing::LeftOut);
            }
            return Ok(wanted);
        };
        let (recorded, left_out) = left_out.into_iter().partition(|l| self.reader.is_doubtful(l));
        let recorded: Vec<Listed> = recorded;
        recorded.iter().for_each(|mail| self.books.ledger.settle(&mail.server_id, Standing::Done));
        let left_out = self.without_recognised(session, left_out).await?;
        let finished = |mail| self.books.origin.finished(mail, MessageState::Skipped, reason, why);
        let records = left_out.into_iter().map(finished).collect();
        self.books.write_finished(records).await?;
        Ok(wanted)
    }

    /// The same mails, each with a date. One whose header breaks the session counts, in the next one, as received when
    /// the mailbox was created here: it is wanted, so that its reading shows what is wrong with it.
    pub(super) async fn date_by_header(
        &mut self,
        session: &mut dyn MailSession,
        listed: Vec<Listed>,
    ) -> Result<Vec<Listed>> {
        match date(session, listed, self.created_at, &self.undatable).await {
            Ok(listed) => Ok(listed),
            Err((at, error)) => {
                self.undatable.extend(at);
                Err(self.reader.broke_off(error))
            }
        }
    }
}
