//! Polling one mailbox: sign in, see whether anything is new, and import it under a lease.
//!
//! An unchanged mailbox costs one connection and no write. Whatever goes wrong ends in the mailbox's state as one
//! sentence; a temporary fault never asks a person to consent again.

mod plan;
mod restart;
mod state;

use std::time::Duration;

use crate::{
    App, Timestamp,
    decide::Rules,
    error::{Cause, Error, Kind, Result},
    explain,
    flows::{
        errands,
        import::{Import, Look, Order, epoch, maildrop},
        mailboxes,
        places::Pace,
        sign_in::open,
        watch,
    },
    limits::{LEASE, LEASE_RETRY, LEAST, LONG, RESCAN_EVERY},
    panics,
    ports::{FolderSession, FolderStatus, Half, Lease, LeaseOutcome, LeaseTarget, MailSession, OpenedFolder},
    types::{
        ahead::is_ahead,
        ids::MailboxId,
        mailbox::{Cursor, Mailbox, Protocol, Run},
    },
};

use state::{note_failure, note_success};

pub use crate::types::report::PollReport;
pub(in crate::flows) use plan::is_late;
pub use plan::{Hint, plan};
pub use restart::end_leases;

/// Why a poll is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    /// Somebody waits for it: also for the lease, and what the time did not suffice for is no fault.
    Person,
    /// The plan: where another poll is under way, there is nothing to do.
    Plan,
}

/// How long a poll may take, and who waits for it.
#[derive(Debug, Clone, Copy)]
pub(in crate::flows) struct Time {
    pub(in crate::flows) end: Timestamp,
    wish: Wish,
}

impl Time {
    pub(in crate::flows) fn of_person(app: &App, time: Duration) -> Self {
        Self { end: app.after(time), wish: Wish::Person }
    }
}

/// Polls because somebody asked: for at most this long, waiting that long for the lease.
pub async fn poll_now(app: &App, id: MailboxId, time: Duration) -> Result<PollReport> {
    panics::caught(async {
        let (mailbox, run) = load(app, id).await?;
        poll(app, mailbox, run, Time::of_person(app, time), Look::New).await?
    })
    .await
}

/// Polls because the plan says so, in a place among those of this process. Paused and deleted mailboxes are left alone,
/// and so are those of which another poll waits or runs here. A hint that has become too old is dropped.
///
/// A poll that failed is noted in its mailbox's state, and done; an error means that not even that could be written.
pub async fn poll_hint(app: &App, hint: &Hint, time: Duration) -> Result<PollReport> {
    panics::caught(poll_planned(app, hint, time)).await
}

async fn poll_planned(app: &App, hint: &Hint, time: Duration) -> Result<PollReport> {
    let time = Time { end: app.after(time), wish: Wish::Plan };
    let Some(_turn) = app.places.enter(hint.mailbox_id) else { return Ok(PollReport::default()) };
    let Some((mailbox, run)) = load_enabled(app, hint.mailbox_id).await? else {
        return Ok(PollReport::default());
    };
    let place = tokio::select! {
        place = app.places.take(&mailbox.server.host, pace(&run)) => place,
        () = app.clock.sleep(time.left(app)) => return Ok(PollReport::default()),
    };
    // With too little time left, nothing is noted: the next plan finds the mailbox overdue.
    if app.stop.requested() || hint.is_stale(app.now()) || time.left(app) < LEAST {
        return Ok(PollReport::default());
    }
    // While it waited, much may have changed.
    let work = async {
        match load_enabled(app, hint.mailbox_id).await? {
            Some((mailbox, run)) => {
                let rescan = hint.rescan || is_rescan_due(&mailbox, &run, app.now());
                poll(app, mailbox, run, time, if rescan { Look::Newest } else { Look::New }).await
            }
            None => Ok(Ok(PollReport::default())),
        }
    };
    Ok(app.places.within(&*app.clock, place, work).await?.unwrap_or_default())
}

/// Whether the newest mails were not compared with the records for an hour.
fn is_rescan_due(mailbox: &Mailbox, run: &Run, now: Timestamp) -> bool {
    let last = run.rescanned_at.unwrap_or(mailbox.created_at);
    last.checked_add(RESCAN_EVERY).is_ok_and(|next| !is_ahead(next, now, RESCAN_EVERY))
}

/// A server that was too slow the last time is taken for a slow one.
fn pace(run: &Run) -> Pace {
    let slow = run.last_error.as_ref().is_some_and(|problem| problem.code == explain::MAIL_SERVER_SLOW);
    if slow { Pace::Slow } else { Pace::Ordinary }
}

impl Time {
    fn left(self, app: &App) -> Duration {
        self.end.duration_since(app.now()).try_into().unwrap_or_default()
    }

    /// Whether an error says no more than that this time was over.
    fn was_too_short(self, app: &App, error: &Error) -> bool {
        error.cause == Some(Cause::ServerSlow) && app.now() >= self.end
    }
}

async fn load_enabled(app: &App, id: MailboxId) -> Result<Option<(Mailbox, Run)>> {
    let found = app.store.mailbox_and_run(id).await?;
    Ok(found.filter(|(mailbox, _)| mailbox.enabled && !mailbox.deleting))
}

pub(in crate::flows) async fn load(app: &App, id: MailboxId) -> Result<(Mailbox, Run)> {
    let found = app.store.mailbox_and_run(id).await?;
    found.filter(|(mailbox, _)| !mailbox.deleting).ok_or_else(|| Error::not_found("mailbox"))
}

/// The same for what needs the server's own dates and numbers of mails.
pub(in crate::flows) async fn load_imap(app: &App, id: MailboxId) -> Result<(Mailbox, Run)> {
    let found = load(app, id).await?;
    if found.0.server.protocol == Protocol::Pop3 {
        return Err(Error::told(Kind::Conflict, "not_with_pop3"));
    }
    Ok(found)
}

/// The inner error is noted in the mailbox's state; the outer one could not be.
pub(in crate::flows) async fn poll(
    app: &App,
    mailbox: Mailbox,
    run: Run,
    time: Time,
    look: Look,
) -> Result<Result<PollReport>> {
    match panics::caught(poll_once(app, &mailbox, &run, time, look)).await {
        Ok((report, rescanned)) => {
            note_success(app, &mailbox, &run, report, rescanned).await?;
            Ok(Ok(report))
        }
        Err(error) if error.kind == Kind::LeaseLost => {
            // The run that took over goes on from the last batch: nothing is lost, and nothing is wrong.
            Ok(Ok(PollReport { busy: true, more: true, ..PollReport::default() }))
        }
        // What a person's patience did not suffice for says nothing against the server.
        Err(error) if time.wish == Wish::Person && time.was_too_short(app, &error) => {
            Ok(Ok(PollReport { more: true, ..PollReport::default() }))
        }
        Err(error) => {
            note_failure(app, &mailbox, &run, &error).await?;
            Ok(Err(error))
        }
    }
}

/// What was imported, and whether the newest mails were compared with the records.
async fn poll_once(
    app: &App,
    mailbox: &Mailbox,
    run: &Run,
    time: Time,
    look: Look,
) -> Result<(PollReport, bool)> {
    let OpenedFolder { mut session, status } = open(app, mailbox, time.end).await?;
    let (nothing_new, look) = glance(run.cursor, status, look);
    let watch = time.wish == Wish::Plan && watch::is_due(run, app.now());
    if nothing_new && look == Look::New && !watch && !run.errands.are_due(app.now()) {
        session.close().await;
        return Ok((PollReport::default(), false));
    }
    let Some(lease) = take_lease(app, mailbox.id, time).await? else {
        session.close().await;
        return Ok((PollReport { busy: true, more: true, ..PollReport::default() }, false));
    };
    // However it ends: what is held here goes back.
    let done = panics::caught(async {
        let imported = import(app, mailbox, (&mut session, status), lease.clone(), time, look);
        let mut report = Box::pin(imported).await?;
        let mut sound = true;
        if watch && !report.more {
            let looked = watch::run(app, mailbox, (&mut *session, status), &lease, time.end).await?;
            report += looked.report;
            sound = looked.sound;
        }
        if sound && (mailbox.after_import.is_some() || run.errands.pending) {
            errands::run(app, mailbox, (&mut *session, status), &lease, time.end).await?;
        }
        Ok(report)
    })
    .await;
    if !matches!(&done, Err(error) if error.kind == Kind::LeaseLost) {
        app.store.release_lease(&lease).await?;
        app.leases.released(mailbox.id);
    }
    let report = done?;
    session.close().await;
    Ok((report, look == Look::Newest && !report.more))
}

/// Whether nothing came since, and what is worth a look all the same.
fn glance(cursor: Option<Cursor>, status: FolderStatus, look: Look) -> (bool, Look) {
    let cursor = cursor.filter(|cursor| cursor.uid_validity == status.uid_validity);
    let Some(listing) = status.listing else {
        let next = |cursor: Cursor| {
            let as_counted =
                cursor.counted.is_none_or(|counted| counted.is_settled(status) && !counted.went_back(status));
            as_counted && status.uid_next.is_some_and(|next| next <= cursor.next_uid)
        };
        return (cursor.is_some_and(next), look);
    };
    let maildrop = cursor.and_then(|cursor| cursor.maildrop);
    let nothing_new = maildrop.is_some_and(|maildrop| maildrop.listing == Some(listing));
    // No mail comes late by its number: only those that were not given are looked at again.
    let unread = maildrop.is_some_and(|maildrop| maildrop.unread > 0);
    (nothing_new, if look == Look::Newest && !unread { Look::New } else { look })
}

/// Everything that is done under the lease.
async fn import(
    app: &App,
    mailbox: &Mailbox,
    (session, mut status): (&mut Box<dyn MailSession>, FolderStatus),
    lease: Lease,
    time: Time,
    look: Look,
) -> Result<PollReport> {
    // Another poll may have moved everything between the first look and the lease.
    let run = app.store.run(mailbox.id).await?.ok_or_else(|| Error::not_found("mailbox"))?;
    let run = epoch::begin(app, run, &lease, status).await?;
    let (run, order) = match session.half() {
        Half::Folder(_) => (run, Order::Uids),
        Half::Maildrop(session) => {
            let (run, roll) = maildrop::begin(app, run, &lease, (session, status)).await?;
            (run, Order::Roll(Box::new(roll)))
        }
    };
    let username = mailboxes::username(app, mailbox).await?;
    let rules = Rules::of(app.mac.reply_key(), mailbox, username.as_deref());
    let began = app.now();
    let mut import = Import::new(app, (mailbox, rules), &run, status, order, lease, time.end)?;
    if run.oldest_unprocessed_at.is_some() {
        import.await_recorded().await?;
    }
    loop {
        // On the heap, as it is large.
        let Err(error) = Box::pin(import_with(&mut import, &mut **session, status, look)).await else {
            return Ok(import.report());
        };
        // Our end of it is no mail's fault. What came until then is there, and the next poll goes on behind it.
        if time.was_too_short(app, &error) {
            if import.brought_something() {
                return Ok(PollReport { more: true, ..import.report() });
            }
            if app.now().duration_since(began).as_secs() < LONG {
                return Err(error);
            }
        }
        if !import.may_go_on().await? {
            return Err(error);
        }
        // Only one mail may be at fault: the others come over another connection.
        let again = open(app, mailbox, time.end).await?;
        if again.status.uid_validity != status.uid_validity {
            return Err(error);
        }
        status = again.status;
        *session = again.session;
    }
}

/// What one session brings.
async fn import_with(
    import: &mut Import<'_>,
    session: &mut dyn MailSession,
    status: FolderStatus,
    look: Look,
) -> Result<()> {
    match session.half() {
        Half::Folder(session) => import_folder(import, session, status, look).await,
        Half::Maildrop(session) => {
            import.run_maildrop(session, status.listing).await?;
            match look {
                _ if import.report().more => Ok(()),
                Look::Newest => import.rescan_maildrop(session).await,
                // A UID is none of its mails.
                Look::New | Look::Mail { .. } => Ok(()),
                Look::Span(_) | Look::Missing => {
                    session.half().folder().map(drop).map_err(|error| explain::mail(&error))
                }
            }
        }
    }
}

async fn import_folder(
    import: &mut Import<'_>,
    session: &mut dyn FolderSession,
    status: FolderStatus,
    look: Look,
) -> Result<()> {
    import.run(session, status).await?;
    if import.report().more {
        return Ok(());
    }
    match look {
        Look::New => import.account(session, status, false).await,
        Look::Newest => {
            import.rescan(session, status).await?;
            if import.report().more { Ok(()) } else { import.account(session, status, true).await }
        }
        Look::Span(span) => import.look_back(session, Some(span)).await,
        Look::Missing => import.look_back(session, None).await,
        Look::Mail { uid, epoch } => import.look_at_one(session, uid, epoch).await,
    }
}

async fn take_lease(app: &App, id: MailboxId, time: Time) -> Result<Option<Lease>> {
    loop {
        match app.store.take_lease(LeaseTarget::Mailbox(id), app.now(), LEASE).await? {
            LeaseOutcome::Taken(lease) => return Ok(Some(app.leases.taken(id, lease))),
            LeaseOutcome::Missing => return Err(Error::not_found("mailbox")),
            LeaseOutcome::Busy { .. } if time.wish == Wish::Plan || app.now() >= time.end => return Ok(None),
            LeaseOutcome::Busy { .. } => app.clock.sleep(LEASE_RETRY).await,
        }
    }
}
