//! The mailboxes of a grant that waits for a person's consent: told when it ends, and woken when it is mended.

use crate::{
    App,
    error::Result,
    lists,
    ports::{Change, RunChange},
    types::{
        Problem,
        ids::{GrantId, MailboxId},
        mailbox::{MailboxStatus, Run},
    },
};

/// Each says that it waits for consent, and why.
pub(super) async fn tell(app: &App, grant: GrantId, why: &Problem) -> Result<()> {
    for id in mailboxes_of(app, grant).await? {
        let change = RunChange {
            status: Some(MailboxStatus::NeedsConsent),
            last_error: Some(Some(why.clone())),
            ..RunChange::of(id)
        };
        app.write(&[Change::Run(change)]).await?;
    }
    Ok(())
}

/// After consent the mailboxes of a grant are polled again at once, and none says any more that it waits for consent.
pub(super) async fn wake(app: &App, grant: GrantId) -> Result<()> {
    for id in mailboxes_of(app, grant).await? {
        // One that was deleted meanwhile needs nothing.
        let Some(run) = app.store.run(id).await? else { continue };
        let waited = run.status == MailboxStatus::NeedsConsent;
        let change = RunChange {
            status: waited.then(|| after_consent(&run)),
            last_error: waited.then_some(None),
            consecutive_failures: Some(0),
            not_before: Some(app.now()),
            ..RunChange::of(id)
        };
        app.write(&[Change::Run(change)]).await?;
    }
    Ok(())
}

/// What a mailbox shows between the consent and its next poll: what it would without the wait.
pub(super) fn after_consent(run: &Run) -> MailboxStatus {
    match (run.status, run.last_success_at) {
        (MailboxStatus::NeedsConsent, Some(_)) => MailboxStatus::Ok,
        (MailboxStatus::NeedsConsent, None) => MailboxStatus::New,
        (status, _) => status,
    }
}

async fn mailboxes_of(app: &App, grant: GrantId) -> Result<Vec<MailboxId>> {
    let mailboxes = lists::all(|page| async move { app.store.mailboxes(&page).await }).await?;
    Ok(mailboxes.into_iter().filter(|m| m.grant_id() == Some(grant)).map(|m| m.id).collect())
}
