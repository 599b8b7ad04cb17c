//! What other handlers would make of the last mails of a mailbox, beside what the present ones make of them: before they
//! are saved, and without a write.
//!
//! Each mail is decided on by itself, as if it came now, with what the store knows today.

use std::{pin::pin, sync::Arc, time::Duration};

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};

use crate::{
    App,
    decide::{Builder, Origin, Rates, Rules},
    error::Result,
    flows::{
        mailboxes,
        reading::parse,
        record::{Numbers, Writer},
    },
    lists,
    ports::{Listed, MessageFilter},
    types::{
        handler::Handler,
        ids::MailboxId,
        issue::BlobKey,
        mailbox::Mailbox,
        message::{Message, MessageState, Reason},
        project::IssueKey,
    },
};

use super::{
    fate::{Fate, fate},
    redrive,
    rehearse::{MAX_MAIL, check},
};

/// The most mails that are looked at.
pub const MAX_COMPARED: u32 = 500;
/// Mails read at once from the list.
const AT_ONCE: u32 = 50;

/// What became of the comparison.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Compared {
    /// Mails that would become the same.
    pub same: u64,
    /// Those that would not, newest first.
    pub different: Vec<Difference>,
    /// Mails that cannot be decided on again: their bytes are not there, or are too many.
    pub left_out: u64,
    /// False: the time was over before all were looked at.
    pub complete: bool,
}

/// A mail that would become something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Its record.
    pub message: Message,
    /// What the present handlers make of it.
    pub before: Fate,
    /// What the others would.
    pub after: Fate,
}

/// Decides on the last mails of a mailbox twice; for at most this long. Nothing is written.
pub async fn compare(
    app: &App,
    id: MailboxId,
    handlers: Vec<Handler>,
    last: u32,
    time: Duration,
) -> Result<Compared> {
    let end = app.after(time);
    let shown = mailboxes::get(app, id).await?;
    check(app, &handlers).await?;
    let now = Rules::of(app.mac.reply_key(), &shown.mailbox, shown.username.as_deref());
    let then = now.with_handlers(handlers);
    let filter = &MessageFilter { mailbox_id: id, state: None };
    let list = |page| async move { app.store.messages(filter, &page).await };
    let mut messages = pin!(lists::entries(AT_ONCE, list).take(last.min(MAX_COMPARED) as usize));
    let mut compared = Compared { complete: true, ..Compared::default() };
    while let Some(message) = messages.try_next().await? {
        if app.now() >= end || app.stop.requested() {
            compared.complete = false;
            break;
        }
        let Some(mail) = read(app, &message).await? else {
            compared.left_out += 1;
            continue;
        };
        let before = decided(app, &shown.mailbox, &now, &message, mail.clone()).await?;
        let after = decided(app, &shown.mailbox, &then, &message, mail).await?;
        match before.changes(&after).is_empty() {
            true => compared.same += 1,
            false => compared.different.push(Difference { message, before, after }),
        }
    }
    Ok(compared)
}

/// A mail as it came; None where it is not all there, or too large.
async fn read(app: &App, message: &Message) -> Result<Option<mail::Mail>> {
    let is_whole = message.state != MessageState::Stored && redrive::check_raw(message).is_ok();
    if !is_whole || message.size > MAX_MAIL {
        return Ok(None);
    }
    let raw = app.blobs.read(&BlobKey::raw(message.id)).await?.bytes(MAX_MAIL).await?;
    Ok(parse::parse(Bytes::from(raw), app.parse.clone()).await.ok())
}

async fn decided(
    app: &App,
    mailbox: &Mailbox,
    rules: &Arc<Rules>,
    message: &Message,
    mail: mail::Mail,
) -> Result<Fate> {
    let origin = Origin::of(mailbox, message.epoch, rules.clone());
    let mut prepared = origin.parsed(Listed::from(message), message.size, Ok(mail));
    prepared.expected = Some(message.state);
    // It does not belong to the issue that it made.
    let made = message.issue_key.as_ref().filter(|_| message.reason == Reason::Created);
    let mut writer = Writer {
        app,
        rules,
        numbers: &mut Numbers::default(),
        rates: &mut Rates::default(),
        uid_validity: 0,
    };
    let (decided, created) = writer.decide_alone(&prepared, made).await?;
    // A new issue has no number before it is made.
    let keys: Vec<IssueKey> = created.into_iter().map(|project| IssueKey::new(project, 1)).collect();
    let mut builder = Builder::new(&keys, 0, app.now());
    builder.add(&prepared, decided)?;
    fate(&prepared, builder)
}
