//! The server's list against our records: what is missing here, and what is gone there.

use std::{collections::BTreeSet, time::Duration};

use futures::{TryStreamExt, future::ready};

use crate::{
    App, Timestamp,
    error::{Error, Kind, Result},
    flows::change::{Deed, Diff},
    lists,
    ports::{FolderStatus, Listed, MailSession, MessageFilter, OpenedFolder},
    types::{
        audit::Actor,
        ids::{MailboxId, MessageId},
        mailbox::{Mailbox, Protocol, Run},
        message::{Message, Reason, ServerId},
    },
};

use super::{
    Time,
    back::{Look, Span},
    known::{Known, read_said},
    load_imap, maildrop, open, poll,
    prepare::Origin,
    report::PollReport,
    rule::Rule,
    rules::Rules,
    undated,
    walk::Walk,
    watch,
};

/// The missing mails that are named.
const NAMED: usize = 100;
/// Records of one page.
const PAGE: u32 = 200;

/// The server's list against our records.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reconciliation {
    /// Mails that the folder shows, place by place: by another command than imports list with.
    pub on_server: u64,
    /// Mails that it counts (EXISTS) and does not show.
    pub not_listed: u64,
    /// Of those, how many have a record.
    pub recorded: u64,
    /// Of those without, how many the mailbox's start leaves out.
    pub not_imported: u64,
    /// And how many should have one, or get one with the next poll.
    pub missing: u64,
    /// Up to a hundred of these.
    pub missing_mails: Vec<Listed>,
    /// Records whose mails are not in the folder any more.
    pub gone: u64,
    /// False: the time was over before all were compared.
    pub complete: bool,
    /// What was imported, where that was asked for.
    pub imported: Option<PollReport>,
}

/// Compares, and imports what is missing where that is wanted; for at most this long.
pub async fn reconcile(
    app: &App,
    actor: &Actor,
    id: MailboxId,
    import: bool,
    time: Duration,
) -> Result<Reconciliation> {
    let time = Time::of_person(app, time);
    let deadline = time.end;
    let (mailbox, run) = load_imap(app, id).await?;
    if import {
        Deed::new(app, actor, "mailbox.missing_imported", id).commit().await?;
    }
    let OpenedFolder { mut session, status } = open(app, &mailbox, deadline).await?;
    if run.cursor.is_some_and(|cursor| cursor.uid_validity != status.uid_validity) {
        return Err(Error::new(
            Kind::Conflict,
            "renumbered",
            "The server has numbered its mails anew since the last poll.",
        )
        .action("Poll the mailbox, then compare again."));
    }
    let left: Duration = deadline.duration_since(app.now()).try_into().unwrap_or_default();
    let left = if import { left / 2 } else { left };
    let mut found = Reconciliation::default();
    let mut comparison = Comparison::new(app, &mailbox, &run, status);
    let in_time = tokio::select! {
        compared = comparison.compare(&mut *session, &mut found) => compared.map(|()| true)?,
        () = app.clock.sleep(left) => false,
    };
    found.complete = in_time;
    if in_time {
        session.close().await;
    }
    if import {
        found.imported = Some(poll(app, mailbox, run, time, Look::Missing).await??);
        // It may have mended what people are warned of.
        watch::look_soon(app, id).await?;
    }
    Ok(found)
}

/// Imports the mails of a span of time that have no record, also those that the mailbox's start left out; for at most
/// this long, then `more`.
pub async fn backfill(
    app: &App,
    actor: &Actor,
    id: MailboxId,
    span: Span,
    time: Duration,
) -> Result<PollReport> {
    let (mailbox, run) = load_imap(app, id).await?;
    let before = span.before.map(|at| at.to_string()).unwrap_or_default();
    let told = Diff::default().field("since", "", span.since).field("before", "", before);
    Deed::new(app, actor, "mailbox.backfilled", id).tells(told).commit().await?;
    poll(app, mailbox, run, Time::of_person(app, time), Look::Span(span)).await?
}

/// What a comparison needs to know of the mailbox.
pub(super) struct Comparison<'a> {
    app: &'a App,
    origin: Origin,
    rule: Rule,
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
pub(super) struct Sorted {
    /// How many have a record.
    pub(super) recorded: u64,
    /// How many have none, and need none.
    pub(super) left_out: u64,
    /// Those that should have one.
    pub(super) missing: Vec<Listed>,
}

impl<'a> Comparison<'a> {
    pub(super) fn new(app: &'a App, mailbox: &Mailbox, run: &Run, status: FolderStatus) -> Self {
        Self {
            app,
            origin: Origin::of(mailbox, run.epoch, Rules::of(app, mailbox, None)),
            rule: Rule::of(mailbox, run),
            import_below: run.cursor.map_or(u32::MAX, |cursor| cursor.import_below),
            created_at: maildrop::guess(mailbox.created_at),
            listed_below: status.uid_next.unwrap_or(u32::MAX),
            known: None,
        }
    }

    async fn compare(&mut self, session: &mut dyn MailSession, found: &mut Reconciliation) -> Result<()> {
        let mut walk = Walk::begin(session, None).await.map_err(|e| crate::explain::mail(&e))?;
        let mut there = Vec::new();
        while let Some(window) = walk.step(session).await.map_err(|e| crate::explain::mail(&e))? {
            found.on_server += window.mails.len() as u64;
            found.not_listed += window.lacking.count;
            there.extend(window.mails.iter().filter_map(|mail| mail.server_id.uid()));
            let sorted = self.sort(session, window.mails).await?;
            found.recorded += sorted.recorded;
            found.not_imported += sorted.left_out;
            found.missing += sorted.missing.len() as u64;
            let room = NAMED.saturating_sub(found.missing_mails.len());
            found.missing_mails.extend(sorted.missing.into_iter().take(room));
        }
        found.missing_mails.sort_by_key(|mail| mail.server_id.uid());
        there.sort_unstable();
        found.gone = self.count_gone(&there).await?;
        Ok(())
    }

    /// Looks for the records of these mails.
    pub(super) async fn sort(
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
    pub(super) async fn dated(
        &self,
        session: &mut dyn MailSession,
        listed: Vec<Listed>,
    ) -> Result<Vec<Listed>> {
        let dated = undated::date(session, listed, self.created_at, &BTreeSet::new()).await;
        dated.map_err(|(_, error)| crate::explain::mail(&error))
    }

    /// Those of these mails that have no record, under whatever number, and how many have one.
    pub(super) async fn without_record(
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
    pub(super) async fn records(&self, listed: &[Listed]) -> Result<Vec<Message>> {
        let ids: Vec<MessageId> = listed.iter().map(|mail| self.origin.record(mail).id).collect();
        self.app.store.known(&ids).await
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
                none.insert(Known::load(self.app, self.origin.mailbox, but).await?)
            }
        };
        let said = read_said(self.app, session, Protocol::Imap, &doubted).await;
        let said = said.map_err(|e| crate::explain::mail(&e))?;
        mails.retain(|mail| !said.get(&mail.server_id).is_some_and(|said| known.holds(mail, said)));
        Ok(mails)
    }

    /// Records of this epoch whose mails are not listed.
    async fn count_gone(&self, there: &[u32]) -> Result<u64> {
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

/// A span of time as people give it.
pub fn span(since: Timestamp, before: Option<Timestamp>) -> Result<Span> {
    match before {
        Some(before) if before <= since => Err(Error::field("/before", "must be later than since")),
        before => Ok(Span { since, before }),
    }
}
