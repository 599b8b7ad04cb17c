//! How a poll ended, in its mailbox's state.

use std::time::Duration;

use crate::{
    App,
    error::{Cause, Error, Kind, Result},
    failed,
    limits::{BACK_OFF, NOTE_EVERY},
    ports::{Change, RunChange},
    types::{
        ahead::{LONGEST_PAUSE, is_ahead},
        mailbox::{Mailbox, MailboxStatus, Run},
        report::PollReport,
        watch::Watch,
    },
};

/// Whether each poll in such a rhythm is noted, the uneventful ones too.
pub(super) fn is_each_noted(interval: Duration) -> bool {
    interval >= NOTE_EVERY
}

/// `rescanned`: the newest mails were compared with the records.
pub(super) async fn note_success(
    app: &App,
    mailbox: &Mailbox,
    run: &Run,
    report: PollReport,
    rescanned: bool,
) -> Result<()> {
    let now = app.now();
    let status = if report.more { MailboxStatus::Importing } else { MailboxStatus::Ok };
    let rare = is_each_noted(Duration::from_secs(mailbox.poll_interval_seconds.into()));
    let next = run.last_poll_at.and_then(|at| at.checked_add(NOTE_EVERY).ok());
    let noted = !rare && next.is_some_and(|next| is_ahead(next, now, NOTE_EVERY));
    let unchanged = run.status == status && run.last_error.is_none() && report.fetched == 0 && !rescanned;
    if report.busy || (unchanged && noted) {
        return Ok(());
    }
    let change = RunChange {
        status: Some(status),
        last_poll_at: Some(now),
        last_success_at: (!report.more).then_some(now),
        rescanned_at: rescanned.then_some(now),
        last_error: run.last_error.is_some().then_some(None),
        throttled_until: run.throttled_until.is_some().then_some(None),
        consecutive_failures: (run.consecutive_failures > 0).then_some(0),
        // From now on there is something to look at each day.
        watch: run.watch.is_none().then(|| Box::new(Watch::new(now, run.epoch))),
        ..RunChange::of(run.mailbox_id)
    };
    app.write(&[Change::Run(change)]).await
}

pub(super) async fn note_failure(app: &App, mailbox: &Mailbox, run: &Run, error: &Error) -> Result<()> {
    let failures = run.consecutive_failures.saturating_add(1);
    let back_off = BACK_OFF.after(run.consecutive_failures);
    let (status, pause) = match error.kind {
        Kind::Retry { after } => (MailboxStatus::Failing, after.unwrap_or(back_off)),
        Kind::NeedsConsent => (MailboxStatus::NeedsConsent, back_off),
        _ => (MailboxStatus::NeedsAttention, back_off),
    };
    let pause = pause.min(LONGEST_PAUSE);
    let told = run.last_error.as_ref().is_some_and(|known| known.code == error.code);
    match error.kind {
        // A person was told, and nothing changes before that person acts.
        Kind::NeedsConsent if told => {
            tracing::debug!(mailbox = %run.mailbox_id, code = %error.code, failures, "The poll failed again.");
        }
        _ => {
            failed!(warn, error, mailbox = %run.mailbox_id, name = crate::log::name(&mailbox.name), failures, "The poll failed.");
        }
    }
    let throttled = (error.cause == Some(Cause::ServerThrottles)).then(|| app.after(pause));
    let change = RunChange {
        status: Some(status),
        last_poll_at: Some(app.now()),
        last_error: Some(Some(error.problem())),
        throttled_until: (throttled.is_some() || run.throttled_until.is_some()).then_some(throttled),
        consecutive_failures: Some(failures),
        not_before: Some(app.after(pause)),
        ..RunChange::of(run.mailbox_id)
    };
    app.write(&[Change::Run(change)]).await
}
