//! What a refresh that brought no tokens leaves in the record.

use std::time::Duration;

use crate::{
    App, Sentence,
    error::{Error, Kind, Result},
    failed,
    flows::waiting,
    ports::{Change, StoreError, Write},
    types::{
        back_off::BackOff,
        grant::{Grant, GrantLife, GrantStatus, LONGEST_REFRESH_PAUSE, RefreshStarted},
    },
};

/// The first pause after a temporary failure, and the longest.
const BACK_OFF: BackOff = BackOff { first: Duration::from_secs(30), longest: Duration::from_secs(30 * 60) };

/// What is told of a grant that only a person can mend.
pub(in crate::flows) fn dead(grant: &Grant) -> Error {
    match grant.last_error.clone() {
        Some(problem) => Error::again(Kind::NeedsConsent, "needs_consent", problem),
        None => Error::told(Kind::NeedsConsent, Sentence::new("needs_consent")),
    }
}

pub(super) fn lost_tokens() -> Error {
    Error::told(Kind::NeedsConsent, Sentence::new("tokens_lost"))
}

pub(super) fn refresh_interrupted() -> Error {
    Error::told(Kind::NeedsConsent, Sentence::new("refresh_interrupted"))
}

/// The pause after one more failure.
pub(super) fn back_off(app: &App, failures: u32) -> Duration {
    BACK_OFF.spread(failures, app.random()[0])
}

/// `open`: the refresh whose end is still not known.
pub(super) async fn failing(
    app: &App,
    grant: &Grant,
    open: Option<RefreshStarted>,
    error: Error,
    pause: Duration,
) -> Result<Grant> {
    let next = app.after(pause.min(LONGEST_REFRESH_PAUSE));
    // The grant stays usable while its token lives: only when that ends it is failing for the mailboxes too.
    let new = Grant {
        status: GrantStatus::Failing,
        next_refresh_at: Some(next),
        consecutive_failures: grant.consecutive_failures.saturating_add(1),
        last_error: Some(error.problem()),
        refresh_started: open,
        ..grant.clone()
    };
    failed!(warn, error, grant = %grant.id, failures = new.consecutive_failures, "A refresh failed and will be tried again.");
    replace(app, grant, new).await?;
    Err(error)
}

/// Only a person can mend it: said once, at the grant and at its mailboxes.
pub(super) async fn needs_consent(app: &App, grant: &Grant, life: GrantLife, error: Error) -> Result<Grant> {
    let new = Grant {
        status: GrantStatus::NeedsConsent,
        next_refresh_at: None,
        consecutive_failures: grant.consecutive_failures.saturating_add(1),
        last_error: Some(error.problem()),
        refresh_started: None,
        life,
        ..grant.clone()
    };
    failed!(warn, error, grant = %grant.id, "A grant needs a person's consent.");
    replace(app, grant, new).await?;
    waiting::tell(app, grant.id, &error.problem()).await?;
    Err(Error { kind: Kind::NeedsConsent, ..error })
}

pub(super) async fn replace(app: &App, old: &Grant, mut new: Grant) -> Result<Grant> {
    new.version = old.version.next();
    let change = Change::Grant(Write::Replace { new: new.clone(), old: old.clone() });
    app.store.commit(&[change]).await.map_err(|error| match error {
        // A person was faster, with a deletion or another token endpoint: what they wanted counts.
        StoreError::Rejected(_) => Error::told(Kind::Retry { after: None }, "grant_changed"),
        StoreError::Fault(error) => error,
    })?;
    Ok(new)
}
