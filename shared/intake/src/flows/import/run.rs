//! Importing what is new, under the mailbox's lease: list, read, store, decide, write, and only then move the cursor.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    App, Timestamp,
    decide::{Key, Known, Origin, Rates, Rules, StartRule},
    error::{Error, Result},
    flows::{
        reading::dates::{date, guess},
        record::Numbers,
    },
    limits::{LARGE, LISTING, MAX_READINGS, NEWEST, SUSPECTS},
    ports::{FolderStatus, Half, Lease, Listed, MailError, MailFault, MailSession},
    types::{
        ids::MessageId,
        mailbox::{Cursor, Mailbox, Run},
        message::{Message, MessageState, Reason, ServerId},
        report::PollReport,
    },
};

use super::{
    ledger::{Ledger, Order, Standing},
    stand_in::StandIns,
    unread::{Unread, is_back_in_maildrop},
    vanished::Awaited,
};

/// One import under a lease.
pub(in crate::flows) struct Import<'a> {
    pub(super) app: &'a App,
    pub(super) origin: Origin,
    pub(super) lease: Lease,
    /// When the mailbox was created here, in whole seconds.
    pub(super) created_at: Timestamp,
    pub(super) rule: StartRule,
    pub(super) deadline: Timestamp,
    /// Still to go one at a time.
    pub(super) suspects: usize,
    /// What is listed and what is settled: how far the cursor goes.
    pub(super) ledger: Ledger,
    /// Mails that the server does not give.
    pub(super) unread: Unread,
    /// Mails without a date, whose header cannot be read either.
    pub(super) undatable: BTreeSet<ServerId>,
    /// What records say, read where mails were numbered anew.
    pub(super) known: Option<Arc<Known>>,
    /// Mails that were known by their headers.
    pub(super) recognised: BTreeMap<Key, ServerId>,
    /// Mails at whose headers a session broke off.
    pub(super) unidentified: BTreeSet<ServerId>,
    pub(super) stand_ins: StandIns,
    /// Listed before the present listing, and not settled.
    pub(super) awaited: Awaited,
    /// Large mails that came in part before: read when all others are there.
    pub(super) under_way: Vec<Listed>,
    /// More of a large mail came.
    pub(super) progressed: bool,
    pub(super) numbers: Numbers,
    /// Read where the first mail comes to which limits apply.
    pub(super) rates: Option<Rates>,
    pub(super) report: PollReport,
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
        Ok(Self {
            app,
            origin: Origin::of(mailbox, run.epoch, rules),
            suspects: if lease.after_crash { SUSPECTS } else { 0 },
            lease,
            created_at: guess(mailbox.created_at),
            rule: StartRule::of(mailbox, run),
            deadline,
            ledger: Ledger::new(cursor, order),
            unread: Unread::new(run.oldest_unprocessed_at.is_some(), folder.exists),
            undatable: BTreeSet::new(),
            known: None,
            recognised: BTreeMap::new(),
            unidentified: BTreeSet::new(),
            stand_ins: StandIns::default(),
            awaited: Awaited::default(),
            under_way: Vec::new(),
            progressed: false,
            numbers: Numbers::default(),
            rates: None,
            report: PollReport::default(),
        })
    }

    /// What was imported so far.
    pub(in crate::flows) fn report(&self) -> PollReport {
        self.report
    }

    /// Whether it brought anything, be it a part of a large mail.
    pub(in crate::flows) fn brought_something(&self) -> bool {
        self.report.fetched > 0 || self.progressed
    }

    /// How far it has come.
    pub(in crate::flows) fn cursor(&self) -> &Cursor {
        self.ledger.cursor()
    }

    /// Imports until everything is there or the time is over.
    pub(in crate::flows) async fn run(
        &mut self,
        session: &mut dyn MailSession,
        folder: FolderStatus,
    ) -> Result<()> {
        if let Some(maildrop) = session.half().maildrop() {
            return self.run_maildrop(maildrop, folder.listing).await;
        }
        self.begin_listing();
        self.ledger.begin_folder(folder.uid_next);
        let first = self.ledger.cursor().next_uid;
        let mut from = first;
        loop {
            let listed = session.list(from, None, LISTING).await.map_err(|e| crate::explain::mail(&e))?;
            let uids: Vec<u32> = listed.iter().filter_map(|l| l.server_id.uid()).collect();
            self.ledger.list(&uids);
            from = uids.iter().max().map_or(from, |uid| uid.saturating_add(1));
            let lacks = self.ledger.lacks(folder);
            // A server may cut a listing short: what lacks is asked for, as long as something comes.
            let complete = listed.is_empty() || (listed.len() < LISTING && !lacks);
            // Up to UIDNEXT nothing more lies, if all that the server counts was listed.
            if complete && !lacks {
                from = from.max(folder.uid_next.unwrap_or(0));
            }
            self.ledger.reach(from);
            self.work(session, listed).await?;
            if self.report.more {
                return Ok(());
            }
            self.move_cursor(complete).await?;
            if complete {
                self.settle_vanished(first).await?;
                self.settle_unread_mails(session).await?;
                return self.wait_for_none();
            }
        }
    }

    pub(super) fn begin_listing(&mut self) {
        self.ledger.await_waiting().for_each(|listed| self.awaited.note(listed));
        self.ledger.begin();
        self.under_way.clear();
        self.unread.begin();
    }

    /// Compares the newest mails with the records and imports what was missed, also by a first import, or unreadable.
    pub(in crate::flows) async fn rescan(
        &mut self,
        session: &mut dyn MailSession,
        folder: FolderStatus,
    ) -> Result<()> {
        if self.ledger.roll().is_some() {
            return self.rescan_maildrop(session).await;
        }
        let listed = self.newest(session, folder).await.map_err(|e| crate::explain::mail(&e))?;
        let listed = self.date_by_header(session, listed).await?;
        let mut listed = self.without_known(listed).await?;
        // Those that were known by their headers have no record under these numbers; EXISTS tells of any other.
        listed.retain(|mail| !self.is_renumbered(&mail.server_id));
        self.work_on(session, listed).await?;
        if self.report.more {
            return Ok(());
        }
        self.settle_unread_mails(session).await?;
        self.read_what_came_back(session).await?;
        self.look_again(session).await
    }

    /// The newest mails below the cursor: by their UIDs, and where those are sparse, by their places.
    async fn newest(
        &self,
        session: &mut dyn MailSession,
        folder: FolderStatus,
    ) -> std::result::Result<Vec<Listed>, MailError> {
        let (below, listed) = (self.ledger.cursor().next_uid, self.newest_uids(session).await?);
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

    /// The mails with the newest UIDs below the cursor.
    pub(super) async fn newest_uids(
        &self,
        session: &mut dyn MailSession,
    ) -> std::result::Result<Vec<Listed>, MailError> {
        let below = self.ledger.cursor().next_uid;
        let from = below.saturating_sub(NEWEST).max(1);
        if from >= below {
            return Ok(Vec::new());
        }
        session.list(from, Some(below), NEWEST as usize).await
    }

    pub(super) async fn work(&mut self, session: &mut dyn MailSession, listed: Vec<Listed>) -> Result<()> {
        let listed = self.date_by_header(session, listed).await?;
        let listed = self.without_known(listed).await?;
        self.work_on(session, listed).await
    }

    /// The same of mails that are dated and have no final record.
    async fn work_on(&mut self, session: &mut dyn MailSession, mut listed: Vec<Listed>) -> Result<()> {
        listed.iter().for_each(|mail| self.ledger.describe(mail));
        listed.retain(|l| !self.unread.must_wait(l));
        if self.unread.is_barren()
            && let Some(newest) = listed.last()
        {
            self.ask(session, &newest.server_id).await?;
        }
        let wanted = self.apply_rule(session, listed).await?;
        let wanted = self.without_recognised(session, wanted).await?;
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
            Box::pin(self.read_small(session, std::mem::take(&mut small))).await?;
            if self.out_of_time() {
                return Ok(());
            }
            Box::pin(self.read_each(session, [mail])).await?;
        }
        Box::pin(self.read_small(session, small)).await
    }

    /// Takes out what has a final record already: after a crash, where a mail was unread, and on a rescan. For POP3
    /// always: the roll may be older than the records.
    async fn without_known(&mut self, mut listed: Vec<Listed>) -> Result<Vec<Listed>> {
        let looking_back = self.ledger.looks_back(&listed);
        let always = self.ledger.roll().is_some();
        let may_be_known = self.lease.after_crash || self.unread.may_have_records() || looking_back || always;
        if listed.is_empty() || !may_be_known {
            return Ok(listed);
        }
        let ids: Vec<MessageId> = listed.iter().map(|l| self.origin.record(l).id).collect();
        let known = self.app.store.known(&ids).await?;
        let known: BTreeMap<&ServerId, &Message> = known.iter().map(|m| (&m.server_id, m)).collect();
        listed.retain(|l| {
            let Some(record) = known.get(&l.server_id) else { return true };
            if record.is_final() && !is_back_in_maildrop(record) {
                self.ledger.settle(&l.server_id, Standing::of(record));
            } else if record.failed_readings + 1 >= MAX_READINGS {
                self.stand_ins.note_waited(record);
            }
            self.unread.note_record(l, record, looking_back)
        });
        Ok(listed)
    }

    /// Whether this mail was listed and is not settled.
    pub(super) fn waits(&self, listed: &Listed) -> bool {
        self.ledger.waits(&listed.server_id)
    }

    /// Whether any was.
    pub(super) fn any_waits(&self) -> bool {
        self.ledger.waiting() > 0
    }

    /// Settles the mails that the rule for a first import or a renumbered mailbox leaves out; gives back the others.
    async fn apply_rule(
        &mut self,
        session: &mut dyn MailSession,
        listed: Vec<Listed>,
    ) -> Result<Vec<Listed>> {
        let (wanted, left_out): (Vec<_>, Vec<_>) = listed
            .into_iter()
            .partition(|l| self.ledger.is_new(&l.server_id) || self.rule.wants(l.received()));
        let Some((reason, why)) = self.rule.record() else {
            for mail in &left_out {
                self.ledger.settle(&mail.server_id, Standing::LeftOut);
            }
            return Ok(wanted);
        };
        let (recorded, left_out) = left_out.into_iter().partition(|l| self.unread.is_doubtful(l));
        let recorded: Vec<Listed> = recorded;
        recorded.iter().for_each(|mail| self.ledger.settle(&mail.server_id, Standing::Done));
        let left_out = self.without_recognised(session, left_out).await?;
        let finished = |mail| self.origin.finished(mail, MessageState::Skipped, reason, why);
        let records = left_out.into_iter().map(finished).collect();
        self.write_finished(records).await?;
        Ok(wanted)
    }

    /// The server gave no bytes: gone, or there and unreadable. Either way the cursor moves on.
    pub(super) async fn settle_unread(
        &mut self,
        session: &mut dyn MailSession,
        listed: Listed,
    ) -> Result<()> {
        let listed_again = match session.half() {
            Half::Folder(session) => {
                let uid = listed.server_id.uid().unwrap_or_default();
                session.list(uid, uid.checked_add(1), 1).await.map(|again| !again.is_empty())
            }
            Half::Maildrop(session) => {
                let mails = session.mails().await;
                mails.map(|mails| mails.iter().any(|mail| mail.server_id == listed.server_id))
            }
        };
        let prepared = if !listed_again.map_err(|e| crate::explain::mail(&e))? {
            self.ledger.note_gone(&listed);
            self.vanished(listed)
        } else {
            let why = "The server lists this mail but gives no bytes for it.";
            self.origin.finished(listed, MessageState::Failed, Reason::UnreadableOnServer, why)
        };
        self.write(prepared).await
    }

    pub(super) fn out_of_time(&mut self) -> bool {
        let over = self.app.stop.requested() || self.app.now() >= self.deadline;
        self.report.more |= over && self.any_waits();
        over
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
                Err(self.unread.broke_at(None, error))
            }
        }
    }
}
