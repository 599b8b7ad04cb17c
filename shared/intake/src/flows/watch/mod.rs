//! The daily look at what a server holds, by other commands than imports use, against its own count and our records: so
//! that one misreading cannot hide itself.
//!
//! It is made in a poll of the plan, behind the import and under the same lease. What has no record is imported if it can
//! be; what then still differs is told, until a later look finds no difference.

mod compare;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    App, Sentence, Timestamp,
    decide::Rules,
    error::{Error, Kind, Result},
    failed,
    flows::{
        import::{Import, Order, Roll},
        mailboxes,
        reading::{Walk, name},
    },
    limits::{LOOK_PAUSE, LOOK_POLLS, LOOK_TIME, MENDED, RECORDS_AT_ONCE},
    ports::{
        Change, FolderSession, FolderStatus, Half, Lease, Listed, MailSession, MaildropSession, RunChange,
    },
    types::{
        ids::MailboxId,
        mailbox::{Mailbox, Run},
        message::ServerId,
        report::PollReport,
        watch::{Differences, UnderWay, Watch, WatchTrouble},
    },
};

pub(in crate::flows) use compare::Comparison;

const MINUTES_A_DAY: u64 = 24 * 60;

/// Whether a look is to be made or goes on.
pub(in crate::flows) fn is_due(run: &Run, now: Timestamp) -> bool {
    run.watch.as_ref().is_some_and(|watch| watch.is_due(turn(run.mailbox_id, now), now))
}

/// Each mailbox has its minute of the day, by a hash: the last that has come.
fn turn(mailbox: MailboxId, now: Timestamp) -> Timestamp {
    let minute = u64::try_from(now.as_second() / 60).unwrap_or(0);
    let since = minute.wrapping_add(mailbox.spread("watch")) % MINUTES_A_DAY;
    let last = i64::try_from(minute.saturating_sub(since) * 60).unwrap_or(0);
    Timestamp::from_second(last).unwrap_or(now)
}

/// What came of a look.
pub(in crate::flows) struct Looked {
    /// What it imported.
    pub(in crate::flows) report: PollReport,
    /// The session is good for more.
    pub(in crate::flows) sound: bool,
}

/// Looks, as far as the time goes. An error means that the lease was lost or the store cannot be asked; whatever else goes
/// wrong is noted.
pub(in crate::flows) async fn run(
    app: &App,
    mailbox: &Mailbox,
    (session, status): (&mut dyn MailSession, FolderStatus),
    lease: &Lease,
    end: Timestamp,
) -> Result<Looked> {
    let nothing = Looked { report: PollReport::default(), sound: true };
    let Some(run) = app.store.run(mailbox.id).await? else { return Ok(nothing) };
    if !is_due(&run, app.now()) {
        return Ok(nothing);
    }
    let began = Watch::new(run.watch.as_ref().map_or(app.now(), |watch| watch.at), run.epoch);
    let before = run.watch.clone().filter(|watch| watch.epoch == run.epoch).unwrap_or(began);
    let mut part = before.under_way.clone().unwrap_or_default();
    part.polls += 1;
    let mut look = Look::new(app, mailbox, &run, status, lease, end.min(app.after(LOOK_TIME))).await?;
    let looked = match session.half() {
        Half::Folder(session) => look.at_folder(session, &mut part).await,
        Half::Maildrop(session) => look.at_maildrop(session, &mut part).await,
    };
    let report = PollReport { more: false, ..look.import.report() };
    let watch = match &looked {
        Err(error) if error.kind == Kind::LeaseLost => return Err(error.clone()),
        Err(error) => failed_again(app, before, part, error),
        Ok(ended) if *ended || part.polls >= LOOK_POLLS => {
            Watch { at: app.now(), seen: part.seen, found: part.found, ..Watch::new(app.now(), run.epoch) }
        }
        Ok(_) => Watch { under_way: Some(part), trouble: None, ..before },
    };
    tell(mailbox, looked.as_ref().map(|_| ()), &watch);
    let change =
        RunChange { fence: Some(lease.fence), watch: Some(Box::new(watch)), ..RunChange::of(mailbox.id) };
    app.write(&[Change::Run(change)]).await?;
    Ok(Looked { report, sound: looked.is_ok() })
}

/// Where a look found differences, the next poll of the plan looks again.
pub(in crate::flows) async fn look_soon(app: &App, id: MailboxId) -> Result<()> {
    let watch = app.store.run(id).await?.and_then(|run| run.watch);
    let Some(watch) = watch.filter(|watch| watch.found != Differences::default()) else { return Ok(()) };
    let watch = Some(Box::new(Watch { at: Timestamp::UNIX_EPOCH, ..watch }));
    let change = RunChange { watch, ..RunChange::of(id) };
    app.write(&[Change::Run(change)]).await
}

fn failed_again(app: &App, before: Watch, part: UnderWay, error: &Error) -> Watch {
    let failures = before.trouble.as_ref().map_or(0, |trouble| trouble.failures).saturating_add(1);
    let trouble = WatchTrouble { failures, not_before: app.after(LOOK_PAUSE), problem: error.problem() };
    let under_way = (part.below > 0).then_some(part);
    Watch { under_way, trouble: Some(trouble), ..before }
}

fn tell(mailbox: &Mailbox, looked: std::result::Result<(), &Error>, watch: &Watch) {
    let Differences { unrecorded, unlisted } = &watch.found;
    match looked {
        Err(error) => {
            failed!(warn, error, mailbox = %mailbox.id, name = crate::log::name(&mailbox.name), "A mailbox could not be compared with its server.")
        }
        Ok(()) if watch.under_way.is_some() => {
            tracing::debug!(mailbox = %mailbox.id, "The comparison of a mailbox goes on with the next poll.");
        }
        Ok(()) if unrecorded.count + unlisted.count > 0 => {
            let sentence = Sentence::new("mailbox_differs").with("count", unrecorded.count + unlisted.count);
            let error = Error::told(Kind::Configuration, sentence);
            failed!(warn, error, mailbox = %mailbox.id, name = crate::log::name(&mailbox.name), seen = watch.seen, unrecorded = unrecorded.count, unlisted = unlisted.count, "A mailbox and its server differ.");
        }
        Ok(()) => {
            tracing::info!(mailbox = %mailbox.id, seen = watch.seen, "A mailbox was compared with its server.")
        }
    }
}

/// A look under way.
struct Look<'a> {
    app: &'a App,
    mailbox: MailboxId,
    comparison: Comparison<'a>,
    import: Import<'a>,
    /// Mails that it tried to import.
    mended: usize,
    end: Timestamp,
}

impl<'a> Look<'a> {
    async fn new(
        app: &'a App,
        mailbox: &Mailbox,
        run: &Run,
        status: FolderStatus,
        lease: &Lease,
        end: Timestamp,
    ) -> Result<Self> {
        let username = mailboxes::username(app, mailbox).await?;
        let rules = Rules::of(app.mac.reply_key(), mailbox, username.as_deref());
        let rules = (mailbox, Arc::clone(&rules));
        let lease = Lease { after_crash: false, ..lease.clone() };
        let import = Import::new(app, rules, run, status, Order::Uids, lease, end)?;
        Ok(Self {
            app,
            mailbox: mailbox.id,
            comparison: Comparison::new(app, mailbox, run, status),
            import,
            mended: 0,
            end,
        })
    }

    /// Whether it came to the beginning of the folder.
    async fn at_folder(&mut self, session: &mut dyn FolderSession, part: &mut UnderWay) -> Result<bool> {
        let below = Some(part.below).filter(|below| *below > 0);
        let mut walk = Walk::begin(session, below).await.map_err(|e| crate::explain::mail(&e))?;
        loop {
            if self.app.is_over(self.end) {
                return Ok(false);
            }
            self.import.keep_lease().await?;
            let Some(window) = walk.step(session).await.map_err(|e| crate::explain::mail(&e))? else {
                return Ok(true);
            };
            let seen = window.mails.len() as u64;
            let Some(unrecorded) = self.unrecorded(session, window.mails).await? else { return Ok(false) };
            part.below = walk.below();
            part.seen += seen;
            unrecorded.iter().for_each(|mail| part.found.unrecorded.add(name(&mail.server_id)));
            part.found.unlisted.count += window.lacking.count;
            window.lacking.first.iter().for_each(|name| part.found.unlisted.name(name));
        }
    }

    /// Mails without a record that imports do not bring either; None where the time is over. What came after the import is
    /// the next poll's.
    async fn unrecorded(
        &mut self,
        session: &mut dyn FolderSession,
        mut mails: Vec<Listed>,
    ) -> Result<Option<Vec<Listed>>> {
        mails.retain(|mail| mail.server_id.uid() < Some(self.import.cursor().next_uid));
        let missing = self.comparison.sort(session, mails).await?.missing;
        if missing.is_empty() {
            return Ok(Some(missing));
        }
        let ids: Vec<ServerId> = missing.iter().map(|mail| mail.server_id.clone()).collect();
        self.mended += ids.len();
        if self.mended <= MENDED {
            self.import.look_at(session, ids, None).await?;
            if self.import.report().more {
                return Ok(None);
            }
        }
        let missing = self.as_described(session, missing).await?;
        Ok(Some(self.comparison.without_record(session, missing).await?.0))
    }

    /// The same mails with the dates that the import's command tells: records are known by them.
    async fn as_described(&self, session: &mut dyn FolderSession, mails: Vec<Listed>) -> Result<Vec<Listed>> {
        let ids: Vec<ServerId> = mails.iter().map(|mail| mail.server_id.clone()).collect();
        let described = session.describe(&ids).await.map_err(|e| crate::explain::mail(&e))?;
        let described = self.comparison.dated(session, described).await?;
        let mut all: BTreeMap<ServerId, Listed> =
            mails.into_iter().map(|mail| (mail.server_id.clone(), mail)).collect();
        all.extend(described.into_iter().map(|mail| (mail.server_id.clone(), mail)));
        Ok(all.into_values().collect())
    }

    /// STAT and LIST against UIDL, by which imports go, and what the roll says against the records.
    async fn at_maildrop(&mut self, session: &mut dyn MaildropSession, part: &mut UnderWay) -> Result<bool> {
        *part = UnderWay { polls: part.polls, ..UnderWay::default() };
        let explained = |error| crate::explain::mail(&error);
        let count = session.count().await.map_err(explained)?;
        let placed = session.at_places(1, u32::MAX).await.map_err(explained)?;
        let mails = session.mails().await.map_err(explained)?;
        let most = placed.len().max(mails.len()).max(usize::try_from(count.exists).unwrap_or(usize::MAX));
        part.seen = most as u64;
        let unlisted = &mut part.found.unlisted;
        for nameless in placed.iter().filter(|placed| placed.mail.is_none()) {
            unlisted.name(format!("message {}", nameless.place));
        }
        let listed: BTreeSet<&ServerId> =
            placed.iter().filter_map(|placed| Some(&placed.mail.as_ref()?.server_id)).collect();
        let unplaced = mails.iter().filter(|mail| !listed.contains(&mail.server_id));
        unplaced.for_each(|mail| unlisted.name(name(&mail.server_id)));
        unlisted.count = (most - listed.len()) as u64;
        let ids: Vec<ServerId> = mails.into_iter().map(|mail| mail.server_id).collect();
        self.compare_roll(&ids, part).await
    }

    /// Mails that the roll knows as settled have a record.
    async fn compare_roll(&mut self, ids: &[ServerId], part: &mut UnderWay) -> Result<bool> {
        let Some(cursor) = self.import.cursor().maildrop else { return Ok(true) };
        let Some(roll) = Roll::load(self.app, self.mailbox, cursor.roll).await? else {
            return Ok(true);
        };
        for some in ids.chunks(RECORDS_AT_ONCE) {
            if self.app.is_over(self.end) {
                return Ok(false);
            }
            self.import.keep_lease().await?;
            let recorded = some.iter().filter_map(|id| {
                let received_at = Some(roll.recorded_at(id)?);
                Some(Listed { server_id: id.clone(), size: 0, received_at })
            });
            let mut settled: Vec<Listed> = recorded.collect();
            let records = self.comparison.records(&settled).await?.into_iter();
            let records: BTreeSet<ServerId> = records.map(|record| record.server_id).collect();
            settled.retain(|mail| !records.contains(&mail.server_id));
            settled.iter().for_each(|mail| part.found.unrecorded.add(name(&mail.server_id)));
        }
        Ok(true)
    }
}
