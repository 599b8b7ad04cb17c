//! The refresher: grants that are due, most urgent first, and the sweep of what a crash left half done.

use futures::{StreamExt, stream::FuturesUnordered};

use crate::{
    App, Timestamp,
    error::{Kind, Result},
    failed,
    flows::{grants, integrations, refresh},
    panics,
    types::{grant::GrantStatus, ids::GrantId},
};

/// Grants of one pass; what is left is due in the next.
const AT_MOST: u32 = 1000;
/// Grants worked on side by side.
const SIDE_BY_SIDE: usize = 8;
/// A grant that is `pending` for longer was left by a crash.
const PENDING_MINUTES: i64 = 10;

/// What one pass did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Grants that were refreshed, or found fresh.
    pub refreshed: u64,
    /// Grants whose refresh failed; noted there.
    pub failed: u64,
    /// Grants whose creation or deletion was finished.
    pub swept: u64,
    /// Grants that were due, and left for the next pass.
    pub left: u64,
}

enum Outcome {
    Refreshed,
    Failed,
    Swept,
    Left,
}

/// Refreshes what is due, until the deadline. One bad grant never stops the rest.
pub async fn run(app: &App, deadline: Timestamp) -> Result<Counts> {
    let due = app.store.due_grants(app.now(), AT_MOST).await?;
    let mut counts = Counts::default();
    let mut running = FuturesUnordered::new();
    for id in due {
        if running.len() == SIDE_BY_SIDE {
            counts.note(running.next().await);
        }
        running.push(in_time(app, id, deadline));
    }
    while let Some(outcome) = running.next().await {
        counts.note(Some(outcome));
    }
    // Last: tokens do not wait for words.
    if let Err(error) = integrations::warn_of_ends(app).await {
        failed!(warn, error, "The ends of client secrets could not be looked at; the next pass goes on.");
    }
    Ok(counts)
}

async fn in_time(app: &App, id: GrantId, deadline: Timestamp) -> Outcome {
    if app.is_over(deadline) {
        return Outcome::Left;
    }
    panics::caught(one(app, id)).await.unwrap_or_else(|error| {
        // What a provider says to a refresh was logged where it was noted at the grant.
        if matches!(error.kind, Kind::Installation | Kind::Internal) {
            failed!(error, error, grant = %id, "A grant could not be worked on; the next pass tries again.");
        }
        Outcome::Failed
    })
}

impl Counts {
    fn note(&mut self, outcome: Option<Outcome>) {
        match outcome {
            Some(Outcome::Refreshed) => self.refreshed += 1,
            Some(Outcome::Failed) => self.failed += 1,
            Some(Outcome::Swept) => self.swept += 1,
            Some(Outcome::Left) => self.left += 1,
            None => {}
        }
    }
}

async fn one(app: &App, id: GrantId) -> Result<Outcome> {
    let Some(grant) = app.store.grant(id).await? else { return Ok(Outcome::Swept) };
    match grant.status {
        GrantStatus::Revoked => {
            grants::end(app, grant).await?;
            Ok(Outcome::Swept)
        }
        GrantStatus::Pending
            if (0..PENDING_MINUTES * 60)
                .contains(&(app.now().as_second() - grant.created_at.as_second())) =>
        {
            Ok(Outcome::Left)
        }
        GrantStatus::Pending => {
            grants::finish_deletion(app, grant).await?;
            Ok(Outcome::Swept)
        }
        // The index may lag: another refresher may have been here since.
        _ if !grant.is_due(app.now()) => Ok(Outcome::Left),
        _ => {
            refresh::refresh_grant(app, id, refresh::Reason::Due).await?;
            Ok(Outcome::Refreshed)
        }
    }
}
