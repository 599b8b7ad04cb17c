//! After a crash of the one process: its leases end at once instead of by time.

use crate::{
    App,
    error::Result,
    ports::{LeaseOutcome, LeaseTarget},
};

/// Ends the leases of polls that died with the process before this one, so that their mailboxes go on at once; the next
/// run still knows of the crash.
///
/// Only for an installation in which no other process can be polling: the local one, which holds its data folder's lock.
/// To be called before the first poll.
pub async fn end_leases(app: &App) -> Result<()> {
    for row in app.store.schedule().await? {
        let Some(run) = app.store.run(row.mailbox_id).await? else { continue };
        let Some(end) = run.lease_expires_at.filter(|end| run.leased && *end > app.now()) else { continue };
        let target = LeaseTarget::Mailbox(row.mailbox_id);
        if let LeaseOutcome::Taken(lease) =
            app.store.take_lease(target, end, std::time::Duration::ZERO).await?
        {
            app.store.renew_lease(&lease, app.now()).await?;
        }
    }
    Ok(())
}
