//! The schedule of the one process: what EventBridge and SQS do in the cloud, over the same flows.

use std::time::Duration;

use intake::{App, Error, Kind, failed, flows};
use tokio::{
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval_at},
};
use tokio_util::sync::CancellationToken;

/// One scheduled poll may take this long; what is left follows in the next.
const POLL_TIME: Duration = Duration::from_secs(10 * 60);
/// One pass of the refresher may take this long.
const REFRESH_TIME: Duration = Duration::from_secs(4 * 60);
/// One sweep of deleted mailboxes may take this long.
const SWEEP_TIME: Duration = Duration::from_secs(30 * 60);
/// How long the end waits for what is under way.
const GRACE: Duration = Duration::from_secs(10);

/// What is done regularly, and how often.
pub(crate) struct Rhythm {
    /// How long the first plan waits.
    pub(crate) rest: Duration,
    pub(crate) plan: Duration,
    pub(crate) refresh: Duration,
    pub(crate) sweep: Duration,
}

impl Default for Rhythm {
    fn default() -> Self {
        Self {
            rest: Duration::ZERO,
            plan: Duration::from_secs(60),
            refresh: Duration::from_secs(5 * 60),
            sweep: Duration::from_secs(60 * 60),
        }
    }
}

/// Polls, refreshes and sweeps until the token is cancelled; then waits for what is under way.
pub(crate) async fn run(
    app: App,
    sweep: impl Fn() + Send + 'static,
    rhythm: Rhythm,
    stop: CancellationToken,
) {
    let mut work = JoinSet::new();
    let mut plan = ticks_after(rhythm.rest, rhythm.plan);
    let mut refresh = ticks(rhythm.refresh);
    let mut sweeps = ticks(rhythm.sweep);
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = plan.tick() => begin_polls(&app, &mut work).await,
            _ = refresh.tick() => {
                let app = app.clone();
                work.spawn(async move { refresh_due(&app).await });
            }
            _ = sweeps.tick() => {
                sweep();
                let app = app.clone();
                work.spawn(async move { purge(&app).await });
            }
            Some(done) = work.join_next() => {
                if done.is_err() {
                    let panicked = Error::told(Kind::Internal, "task_panicked");
                    failed!(error, panicked, "A background task ended unexpectedly; the next one goes on.");
                }
            }
        }
    }
    // Polls stop at their next batch. Whatever takes longer leaves its lease to run out: nothing is lost by that.
    app.stop.request();
    let rest = async { while work.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(GRACE, rest).await;
}

fn ticks(every: Duration) -> tokio::time::Interval {
    ticks_after(Duration::ZERO, every)
}

fn ticks_after(rest: Duration, every: Duration) -> tokio::time::Interval {
    let mut ticks = interval_at(Instant::now() + rest, every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    ticks
}

/// Begins the polls of this minute. Each waits for its place; of a mailbox there is one at a time.
async fn begin_polls(app: &App, work: &mut JoinSet<()>) {
    let hints = match flows::poll::plan(app).await {
        Ok(hints) => hints,
        Err(error) => return failed!(error, error, "The plan could not be made."),
    };
    for hint in hints.into_values().flatten() {
        let app = app.clone();
        work.spawn(async move { poll(&app, &hint).await });
    }
}

async fn poll(app: &App, hint: &flows::poll::Hint) {
    match flows::poll::poll_hint(app, hint, POLL_TIME).await {
        Ok(report) if report.fetched > 0 => {
            tracing::info!(mailbox = %hint.mailbox_id, fetched = report.fetched, created = report.created, commented = report.commented, skipped = report.skipped, failed = report.failed, "Mail was imported.");
        }
        // A poll that failed is noted in its mailbox's state, and logged there.
        Ok(_) => {}
        Err(error) => {
            failed!(error, error, mailbox = %hint.mailbox_id, "A poll could not be recorded; the next one goes on.")
        }
    }
}

/// Goes on with the deletion of mailboxes that a stop or a crash has interrupted.
async fn purge(app: &App) {
    if let Err(error) = flows::mailboxes::sweep(app, app.after(SWEEP_TIME)).await {
        failed!(error, error, "Deleted mailboxes could not be purged; the next sweep goes on.");
    }
}

async fn refresh_due(app: &App) {
    match flows::refresher::run(app, app.after(REFRESH_TIME)).await {
        Ok(counts) if counts.refreshed + counts.failed > 0 => {
            tracing::info!(refreshed = counts.refreshed, failed = counts.failed, "Grants were refreshed.");
        }
        Ok(_) => {}
        Err(error) => failed!(error, error, "The refresher could not run."),
    }
}
