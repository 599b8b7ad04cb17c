//! Deleting a mailbox: at once for people, in steps for its mails. Issues stay.

use std::time::Duration;

use futures::{StreamExt, TryStreamExt, stream};

use crate::{
    App, Error, Result,
    flows::change::{Deed, Diff, Expect},
    ports::{Change, LeaseOutcome, LeaseTarget, MessageFilter, RunChange, StoreError, Write},
    types::{
        Page, PageRequest,
        audit::Actor,
        ids::{MailboxId, MessageId},
        issue::BlobKey,
        mailbox::{Mailbox, MailboxStatus},
        secret::SecretName,
    },
};

/// How many messages are deleted in one step.
const STEP: u32 = 50;
/// How many steps the request itself does, so that a small mailbox is gone when it is answered.
const STEPS_AT_ONCE: u32 = 2;
/// How many steps one sweep does for each mailbox.
const STEPS_IN_SWEEP: u32 = 200;
/// Longer than all steps of a sweep.
const LEASE: Duration = Duration::from_secs(5 * 60);
/// How many blobs are deleted at once.
const AT_ONCE: usize = 8;

/// Deletes a mailbox: from now on it is not polled, a running poll loses its right to write, and its messages and raw
/// mails are deleted in steps. A second call does the next steps.
pub async fn delete(app: &App, actor: &Actor, id: MailboxId, expect: &Expect) -> Result<()> {
    let found = app.store.mailbox_and_run(id).await?;
    let (old, run) = found.ok_or_else(|| Error::not_found("mailbox"))?;
    expect.check(old.version)?;
    if !old.deleting {
        let new = Mailbox {
            version: old.version.next(),
            deleting: true,
            enabled: false,
            updated_at: app.now(),
            ..old.clone()
        };
        // Another epoch: a poll under way cannot move the cursor of the old one any more.
        let run = RunChange {
            mailbox_id: Some(id),
            status: Some(MailboxStatus::Deleting),
            epoch: Some(run.epoch + 1),
            scheduled: Some(false),
            ..RunChange::default()
        };
        Deed::new(app, actor, "mailbox.deleted", id)
            .tells(Diff::default().field("name", &old.name, ""))
            .change(Change::Mailbox(Write::Replace { new, old }))
            .change(Change::Run(run))
            .commit()
            .await?;
    }
    // What is not done now, the sweep does.
    if let Err(error) = purge(app, id, STEPS_AT_ONCE).await {
        tracing::warn!(mailbox_id = %id, code = %error.code, "a deleted mailbox is purged later");
    }
    Ok(())
}

/// Goes on with the mailboxes that are being deleted; returns how many are gone now. For a schedule.
pub async fn sweep(app: &App) -> Result<u32> {
    let mut page = PageRequest::first(200);
    let mut gone = 0;
    loop {
        let Page { items, next } = app.store.mailboxes(&page).await?;
        for mailbox in items.into_iter().filter(|mailbox| mailbox.deleting) {
            match purge(app, mailbox.id, STEPS_IN_SWEEP).await {
                Ok(true) => gone += 1,
                Ok(false) => {}
                Err(error) => tracing::warn!(
                    mailbox_id = %mailbox.id,
                    code = %error.code,
                    "a deleted mailbox is purged later"
                ),
            }
        }
        match next {
            Some(next) => page.cursor = Some(next),
            None => return Ok(gone),
        }
    }
}

/// Whether the mailbox is gone now.
async fn purge(app: &App, id: MailboxId, steps: u32) -> Result<bool> {
    let lease = match app.store.take_lease(LeaseTarget::Mailbox(id), app.now(), LEASE).await? {
        LeaseOutcome::Taken(lease) => lease,
        LeaseOutcome::Missing => return Ok(true),
        LeaseOutcome::Busy { .. } => return Ok(false),
    };
    let outcome = purge_leased(app, id, steps).await;
    if !matches!(outcome, Ok(true)) {
        app.store.release_lease(&lease).await?;
    }
    outcome
}

async fn purge_leased(app: &App, id: MailboxId, steps: u32) -> Result<bool> {
    for _ in 0..steps {
        // Raw mails first: a crash in between leaves records, by which the next step finds them again.
        let filter = MessageFilter { mailbox_id: id, state: None };
        let listed = app.store.messages(&filter, &PageRequest::first(STEP)).await?;
        let listed: Vec<_> = listed.items.iter().map(|message| message.id).collect();
        delete_raw(app, &listed).await?;
        let deleted = app.store.purge_messages(id, STEP).await?;
        let unlisted: Vec<_> = deleted.iter().filter(|id| !listed.contains(id)).copied().collect();
        delete_raw(app, &unlisted).await?;
        if deleted.is_empty() {
            return finish(app, id).await.map(|()| true);
        }
    }
    Ok(false)
}

async fn delete_raw(app: &App, ids: &[MessageId]) -> Result<()> {
    stream::iter(ids.to_vec())
        .map(|id| async move { app.blobs.delete_prefix(BlobKey::raw(id).as_str()).await })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await
}

/// The secret first: a crash in between leaves a record that is deleted again.
async fn finish(app: &App, id: MailboxId) -> Result<()> {
    app.credentials.forget(SecretName::Mailbox(id));
    app.vault.delete(SecretName::Mailbox(id)).await?;
    app.blobs.delete_prefix(&BlobKey::rolls(id)).await?;
    let Some(old) = app.store.mailbox(id).await? else { return Ok(()) };
    match app.store.commit(&[Change::Mailbox(Write::Delete { old })]).await {
        Ok(()) => Ok(()),
        Err(StoreError::Fault(error)) => Err(error),
        Err(StoreError::Rejected(_)) => Err(Error::retry("changed_meanwhile", "The mailbox was changed.")),
    }
}
