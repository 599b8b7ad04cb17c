//! Importing what is new, under the mailbox's lease: list, read, store, decide, write, and only then move the cursor.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    App, Timestamp,
    error::{Error, Result},
    ports::{FolderStatus, Lease, Listed, MailError, MailFault, MailSession},
    types::{
        ids::MessageId,
        mailbox::{Cursor, Mailbox, Run},
        message::{Message, MessageState, Reason, ServerId},
    },
};

use super::{
    account::Shown,
    known::{self, Known},
    ledger::Ledger,
    maildrop,
    numbers::Numbers,
    pipeline::IN_FLIGHT,
    prepare::{Origin, Prepared},
    rates::Rates,
    report::PollReport,
    roll::{Roll, Standing},
    rule::Rule,
    rules::Rules,
    stand_in::StandIns,
    unread::{MAX_READINGS, NEWEST, Unread},
    vanished::Awaited,
};

/// Mails of one listing.
pub(super) const LISTING: usize = 500;
/// Mails above this announced size are read in pieces, bytes.
pub(super) const LARGE: u64 = 1024 * 1024;
/// The most mails of one transaction.
pub(super) const BATCH_MAILS: usize = 13;
/// The store takes 80 actions; one is the cursor.
const BATCH_ACTIONS: usize = 78;
/// The store takes 2 MB.
const BATCH_BYTES: usize = 1_500_000;
/// The mails of a batch have so many bytes together, or one has more.
const BATCH_RAW: u64 = 8 * 1024 * 1024;

/// Mails that can have been in work when a run died: after a crash so many go one at a time, the others as usual.
const SUSPECTS: usize = IN_FLIGHT + 1;

/// How new mails are told from known ones.
pub(super) enum Order {
    /// By their UIDs (IMAP).
    Uids,
    /// By the roll (POP3).
    Roll(Box<Roll>),
}

/// One import under a lease.
pub(super) struct Import<'a> {
    pub(super) app: &'a App,
    pub(super) origin: Origin,
    pub(super) lease: Lease,
    pub(super) cursor: Cursor,
    pub(super) order: Order,
    /// When the mailbox was created here, in whole seconds.
    pub(super) created_at: Timestamp,
    pub(super) rule: Rule,
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
    pub(super) recognised: BTreeMap<known::Key, ServerId>,
    /// Mails at whose headers a session broke off.
    pub(super) unidentified: BTreeSet<ServerId>,
    pub(super) stand_ins: StandIns,
    /// Listed before the present listing.
    pub(super) awaited: Awaited,
    /// What this listing has shown.
    pub(super) shown: Shown,
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
    pub(super) fn new(
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
            cursor,
            order,
            created_at: maildrop::guess(mailbox.created_at),
            rule: Rule::of(mailbox, run),
            deadline,
            ledger: Ledger::default(),
            unread: Unread::new(run.oldest_unprocessed_at.is_some(), folder.exists),
            undatable: BTreeSet::new(),
            known: None,
            recognised: BTreeMap::new(),
            unidentified: BTreeSet::new(),
            stand_ins: StandIns::default(),
            awaited: Awaited::new(),
            shown: Shown::default(),
            under_way: Vec::new(),
            progressed: false,
            numbers: Numbers::default(),
            rates: None,
            report: PollReport::default(),
        })
    }

    /// Imports until everything is there or the time is over.
    pub(super) async fn run(&mut self, session: &mut dyn MailSession, folder: FolderStatus) -> Result<()> {
        if let Some(listing) = folder.listing {
            return self.run_maildrop(session, listing).await;
        }
        self.begin_listing();
        self.shown.begin(&self.cursor, folder.uid_next);
        let first = self.cursor.next_uid;
        let mut from = first;
        loop {
            let listed = session.list(from, None, LISTING).await.map_err(|e| crate::explain::mail(&e))?;
            let uids: Vec<u32> = listed.iter().filter_map(|l| l.server_id.uid()).collect();
            self.ledger.list(uids.iter().copied());
            from = uids.iter().max().map_or(from, |uid| uid.saturating_add(1));
            self.shown.note(uids.into_iter());
            let lacks = self.shown.lacks(folder);
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
        self.await_listed();
        self.ledger.begin(self.cursor.next_uid);
        self.under_way.clear();
        self.unread.begin();
    }

    /// Compares the newest mails with the records and imports what was missed, also by a first import, or unreadable.
    pub(super) async fn rescan(&mut self, session: &mut dyn MailSession, folder: FolderStatus) -> Result<()> {
        if let Order::Roll(_) = self.order {
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
        let below = self.cursor.next_uid;
        let from = below.saturating_sub(NEWEST).max(1);
        if from >= below {
            return Ok(Vec::new());
        }
        let listed = session.list(from, Some(below), NEWEST as usize).await?;
        let shown = u32::try_from(listed.len()).unwrap_or(NEWEST);
        if from == 1 || shown >= NEWEST.min(folder.exists) {
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

    pub(super) async fn work(&mut self, session: &mut dyn MailSession, listed: Vec<Listed>) -> Result<()> {
        let listed = self.date_by_header(session, listed).await?;
        let listed = self.without_known(listed).await?;
        self.work_on(session, listed).await
    }

    /// The same of mails that are dated and have no final record.
    async fn work_on(&mut self, session: &mut dyn MailSession, mut listed: Vec<Listed>) -> Result<()> {
        for mail in &listed {
            if let Some(place) = self.place(&mail.server_id) {
                self.ledger.describe(place, mail);
            }
        }
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

    /// The UID, or the place within this poll: by it the ledger knows mails.
    pub(super) fn place(&self, id: &ServerId) -> Option<u32> {
        match &self.order {
            Order::Uids => id.uid(),
            Order::Roll(roll) => roll.place(id),
        }
    }

    /// Takes out what has a final record already: after a crash, where a mail was unread, and on a rescan. For POP3
    /// always: the roll may be older than the records.
    async fn without_known(&mut self, mut listed: Vec<Listed>) -> Result<Vec<Listed>> {
        let (looking_back, always) = match &self.order {
            Order::Uids => (listed.iter().any(|l| l.server_id.uid() < Some(self.cursor.next_uid)), false),
            Order::Roll(roll) => (listed.iter().any(|l| roll.is_settled(&l.server_id)), true),
        };
        let may_be_known = self.lease.after_crash || self.unread.recorded || looking_back || always;
        if listed.is_empty() || !may_be_known {
            return Ok(listed);
        }
        let ids: Vec<MessageId> = listed.iter().map(|l| self.origin.record(l).id).collect();
        let known = self.app.store.known(&ids).await?;
        let known: BTreeMap<&ServerId, &Message> = known.iter().map(|m| (&m.server_id, m)).collect();
        listed.retain(|l| {
            let Some(record) = known.get(&l.server_id) else { return true };
            if record.is_final() {
                self.settled(&l.server_id, Standing::of(record));
            } else if record.failed_readings + 1 >= MAX_READINGS {
                self.stand_ins.note_waited(record);
            }
            self.unread.note_record(l, record, looking_back)
        });
        Ok(listed)
    }

    /// Whether this mail was listed and is not settled.
    pub(super) fn waits(&self, listed: &Listed) -> bool {
        self.place(&listed.server_id).is_some_and(|place| self.ledger.waits(place))
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
        let (wanted, left_out): (Vec<_>, Vec<_>) =
            listed.into_iter().partition(|l| self.is_new(&l.server_id) || self.rule.wants(l.received()));
        let Some((reason, why)) = self.rule.record() else {
            for mail in &left_out {
                self.settled(&mail.server_id, Standing::LeftOut);
            }
            return Ok(wanted);
        };
        let (recorded, left_out) = left_out.into_iter().partition(|l| self.unread.is_doubtful(l));
        let recorded: Vec<Listed> = recorded;
        recorded.iter().for_each(|mail| self.settled(&mail.server_id, Standing::Done));
        let left_out = self.without_recognised(session, left_out).await?;
        for chunk in left_out.chunks(BATCH_ACTIONS / 2) {
            let records = chunk
                .iter()
                .map(|l| self.origin.finished(l.clone(), MessageState::Skipped, reason, why))
                .collect();
            self.write_durable(records).await?;
        }
        Ok(wanted)
    }

    /// The server gave no bytes: gone, or there and unreadable. Either way the cursor moves on.
    pub(super) async fn settle_unread(
        &mut self,
        session: &mut dyn MailSession,
        listed: Listed,
    ) -> Result<()> {
        let listed_again = match listed.server_id.uid() {
            Some(uid) => session.list(uid, uid.checked_add(1), 1).await.map(|again| !again.is_empty()),
            None => {
                let mails = session.maildrop().await;
                mails.map(|mails| mails.iter().any(|mail| mail.server_id == listed.server_id))
            }
        };
        let prepared = if !listed_again.map_err(|e| crate::explain::mail(&e))? {
            self.shown.note_gone(&listed);
            self.vanished(listed)
        } else {
            let why = "The server lists this mail but gives no bytes for it.";
            self.origin.finished(listed, MessageState::Failed, Reason::UnreadableOnServer, why)
        };
        self.write(prepared).await
    }

    /// Whether a mail came after the mailbox was connected.
    pub(super) fn is_new(&self, id: &ServerId) -> bool {
        match &self.order {
            Order::Uids => id.uid() >= Some(self.cursor.import_below),
            Order::Roll(roll) => roll.is_new(id),
        }
    }

    pub(super) fn settled(&mut self, id: &ServerId, standing: Standing) {
        if let Some(place) = self.place(id) {
            self.ledger.settle(place);
        }
        if let Order::Roll(roll) = &mut self.order {
            roll.settle(id, standing);
        }
    }

    pub(super) fn out_of_time(&mut self) -> bool {
        let over = self.app.stop.requested() || self.app.now() >= self.deadline;
        self.report.more |= over && self.any_waits();
        over
    }
}

/// Whether one mail more is too much for a transaction.
pub(super) fn is_full(batch: &[Prepared], next: &Prepared) -> bool {
    let actions: usize = batch.iter().map(Prepared::actions).sum();
    let bytes: usize = batch.iter().map(Prepared::weight).sum();
    let raw: u64 = batch.iter().map(|prepared| prepared.message.size).sum();
    batch.len() == BATCH_MAILS
        || actions + next.actions() > BATCH_ACTIONS
        || bytes + next.weight() > BATCH_BYTES
        || (!batch.is_empty() && raw.saturating_add(next.message.size) > BATCH_RAW)
}
