//! Deleting a mailbox: at once for people, in steps for its mails. Issues stay, with the texts and files that they name;
//! of each mail goes all else: its record, its raw bytes, its files and texts that became part of nothing.

use std::{collections::BTreeSet, time::Duration};

use futures::{StreamExt, TryStreamExt, stream};

use crate::{
    App, Error, Kind, Result, Timestamp, failed,
    flows::change::{Deed, Diff, Expect},
    limits::MAX_ATTACHMENTS,
    lists,
    ports::{Change, LeaseOutcome, LeaseTarget, MessageFilter, RunChange, StoreError, Write},
    types::{
        PageRequest,
        audit::Actor,
        ids::{AttachmentId, MailboxId, MessageId},
        issue::{BlobKey, Text},
        mailbox::{Mailbox, MailboxStatus},
        message::{Message, MessageState},
        secret::SecretName,
    },
};

/// How many messages are deleted in one step.
const STEP: u32 = 50;
/// How many steps the request itself does, so that a small mailbox is gone when it is answered.
const STEPS_AT_ONCE: u32 = 2;
/// For so long one sweep works on a mailbox; then it is the next one's turn.
const TIME_IN_SWEEP: Duration = Duration::from_secs(4 * 60);
/// Longer than that, by more than a step.
const LEASE: Duration = Duration::from_secs(5 * 60);
/// The mails whose blobs are deleted at once.
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
            status: Some(MailboxStatus::Deleting),
            epoch: Some(run.epoch + 1),
            scheduled: Some(false),
            ..RunChange::of(id)
        };
        Deed::new(app, actor, "mailbox.deleted", id)
            .tells(Diff::default().field("name", &old.name, ""))
            .change(Change::Mailbox(Write::Replace { new, old }))
            .change(Change::Run(run))
            .commit()
            .await?;
    }
    // What is not done now, the sweep does.
    let enough = Enough { steps: STEPS_AT_ONCE, end: Timestamp::MAX };
    if let Err(error) = purge(app, id, &enough).await {
        failed!(warn, error, mailbox = %id, "A deleted mailbox is purged later.");
    }
    Ok(())
}

/// Goes on with the mailboxes that are being deleted, until the end of its time; returns how many are gone now. For a
/// schedule.
pub async fn sweep(app: &App, end: Timestamp) -> Result<u32> {
    let mut gone = 0;
    let mailboxes = lists::all(|page| async move { app.store.mailboxes(&page).await }).await?;
    for mailbox in mailboxes.into_iter().filter(|mailbox| mailbox.deleting) {
        let enough = Enough { steps: u32::MAX, end: end.min(app.after(TIME_IN_SWEEP)) };
        match purge(app, mailbox.id, &enough).await {
            Ok(true) => gone += 1,
            Ok(false) => {}
            Err(error) => {
                failed!(warn, error, mailbox = %mailbox.id, "A deleted mailbox is purged later.");
            }
        }
    }
    Ok(gone)
}

/// When a purge stops although more is left.
struct Enough {
    steps: u32,
    end: Timestamp,
}

/// Whether the mailbox is gone now.
async fn purge(app: &App, id: MailboxId, enough: &Enough) -> Result<bool> {
    let lease = match app.store.take_lease(LeaseTarget::Mailbox(id), app.now(), LEASE).await? {
        LeaseOutcome::Taken(lease) => lease,
        LeaseOutcome::Missing => return Ok(true),
        LeaseOutcome::Busy { .. } => return Ok(false),
    };
    let outcome = purge_leased(app, id, enough).await;
    if !matches!(outcome, Ok(true)) {
        app.store.release_lease(&lease).await?;
    }
    outcome
}

async fn purge_leased(app: &App, id: MailboxId, enough: &Enough) -> Result<bool> {
    for _ in 0..enough.steps {
        if app.stop.requested() || app.now() >= enough.end {
            return Ok(false);
        }
        // Bytes first: a crash in between leaves records, by which the next step finds them again. What the list does not
        // show yet, the next one does.
        let filter = MessageFilter { mailbox_id: id, state: None };
        let listed = app.store.messages(&filter, &PageRequest::first(STEP)).await?.items;
        if listed.is_empty() {
            return finish(app, id).await.map(|()| true);
        }
        delete_bytes(app, &listed).await?;
        let ids: Vec<MessageId> = listed.iter().map(|message| message.id).collect();
        app.store.purge_messages(id, &ids).await?;
    }
    Ok(false)
}

async fn delete_bytes(app: &App, messages: &[Message]) -> Result<()> {
    stream::iter(messages.to_vec())
        .map(|message| async move { delete_of(app, &message).await })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await
}

async fn delete_of(app: &App, message: &Message) -> Result<()> {
    app.blobs.delete_prefix(BlobKey::raw(message.id).as_str()).await?;
    let prefixes = [BlobKey::files(message.id), BlobKey::texts(message.id)];
    if message.state != MessageState::Applied {
        for prefix in prefixes {
            app.blobs.delete_prefix(&prefix).await?;
        }
        return Ok(());
    }
    let mut stored = Vec::new();
    for prefix in prefixes {
        stored.extend(app.blobs.list(&prefix).await?);
    }
    if stored.is_empty() {
        return Ok(());
    }
    let kept = named_by_issue(app, message, &stored).await?;
    for blob in stored.iter().filter(|blob| !kept.contains(blob)) {
        app.blobs.delete_prefix(blob.as_str()).await?;
    }
    Ok(())
}

/// Those of the blobs that the issue or comment of this mail names.
async fn named_by_issue(app: &App, message: &Message, stored: &[BlobKey]) -> Result<BTreeSet<BlobKey>> {
    let mut named = BTreeSet::new();
    if stored.iter().any(BlobKey::is_file) {
        for id in (0..MAX_ATTACHMENTS as u32).map(|n| AttachmentId::of(message.id, n)) {
            named.extend(app.store.attachment(id).await?.map(|file| file.blob));
        }
    }
    let Some(key) = message.issue_key.as_ref().filter(|_| !stored.iter().all(BlobKey::is_file)) else {
        return Ok(named);
    };
    let body = match message.comment_id {
        Some(id) => app.store.comment(key, id).await?.map(|comment| comment.body),
        None => app.store.issue(key).await?.map(|issue| issue.body),
    };
    let body = body.unwrap_or_default();
    named.extend([Some(body.text), body.html, Some(body.quoted)].into_iter().flatten().filter_map(|text| {
        match text {
            Text::Blob(blob) => Some(blob),
            Text::Inline(_) => None,
        }
    }));
    Ok(named)
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
        Err(StoreError::Rejected(_)) => {
            Err(Error::told(Kind::Retry { after: None }, "changed_meanwhile.mailbox"))
        }
    }
}
