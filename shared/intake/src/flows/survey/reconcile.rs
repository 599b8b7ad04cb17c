//! The server's list against our records: what is missing here, and what is gone there.

use std::time::Duration;

use crate::{
    App, Timestamp,
    error::{Error, Kind, Result},
    flows::{
        change::{Deed, Diff},
        import::{Look, Span},
        poll::{Time, load_imap, poll},
        reading::Walk,
        sign_in::open,
        watch::{self, Comparison},
    },
    ports::{Listed, MailSession, OpenedFolder},
    types::{audit::Actor, ids::MailboxId, report::PollReport},
};

/// The missing mails that are named.
const NAMED: usize = 100;

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
        return Err(Error::told(Kind::Conflict, "renumbered"));
    }
    let left: Duration = deadline.duration_since(app.now()).try_into().unwrap_or_default();
    let left = if import { left / 2 } else { left };
    let mut found = Reconciliation::default();
    let comparison = Comparison::new(app, &mailbox, &run, status);
    let in_time = tokio::select! {
        compared = compare(comparison, &mut *session, &mut found) => compared.map(|()| true)?,
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

/// Walks through the folder, and notes what it finds.
async fn compare(
    mut comparison: Comparison<'_>,
    session: &mut dyn MailSession,
    found: &mut Reconciliation,
) -> Result<()> {
    let mut walk = Walk::begin(session, None).await.map_err(|e| crate::explain::mail(&e))?;
    let mut there = Vec::new();
    while let Some(window) = walk.step(session).await.map_err(|e| crate::explain::mail(&e))? {
        found.on_server += window.mails.len() as u64;
        found.not_listed += window.lacking.count;
        there.extend(window.mails.iter().filter_map(|mail| mail.server_id.uid()));
        let sorted = comparison.sort(session, window.mails).await?;
        found.recorded += sorted.recorded;
        found.not_imported += sorted.left_out;
        found.missing += sorted.missing.len() as u64;
        let room = NAMED.saturating_sub(found.missing_mails.len());
        found.missing_mails.extend(sorted.missing.into_iter().take(room));
    }
    found.missing_mails.sort_by_key(|mail| mail.server_id.uid());
    there.sort_unstable();
    found.gone = comparison.count_gone(&there).await?;
    Ok(())
}

/// A span of time as people give it.
pub fn span(since: Timestamp, before: Option<Timestamp>) -> Result<Span> {
    match before {
        Some(before) if before <= since => Err(Error::field("/before", "field.later_than_since")),
        before => Ok(Span { since, before }),
    }
}
