//! Messages: our records of mails seen, and their raw bytes.

use std::time::Duration;

use crate::{
    App, Error, Result,
    error::Kind,
    flows::{change::Deed, poll},
    ports::MessageFilter,
    types::{
        Page, PageRequest,
        audit::Actor,
        ids::MessageId,
        issue::BlobKey,
        message::{Message, MessageState, Reason},
    },
};

/// Messages between two looks at the clock of a redrive of many: each may be large.
const AT_ONCE: u32 = 10;

/// A mailbox's messages, newest first.
pub async fn list(app: &App, filter: &MessageFilter, page: &PageRequest) -> Result<Page<Message>> {
    let messages = app.store.messages(filter, page).await?;
    // What a person imported from files has records and no mailbox.
    if messages.items.is_empty() && app.store.mailbox(filter.mailbox_id).await?.is_none() {
        return Err(Error::field("/mailbox_id", "there is no such mailbox"));
    }
    Ok(messages)
}

/// What became of the messages of a redrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Redriven {
    /// Worked on again.
    pub redriven: u64,
    /// Of them, now in another state than before.
    pub changed: u64,
    /// Could not be worked on: only their header is kept, or their bytes are gone.
    pub refused: u64,
}

/// Works again on messages of a mailbox, newest first, for at most this long; then where to go on. With `reason`, only
/// on those with it.
pub async fn redrive_many(
    app: &App,
    actor: &Actor,
    filter: &MessageFilter,
    reason: Option<Reason>,
    mut cursor: Option<String>,
    time: Duration,
) -> Result<(Redriven, Option<String>)> {
    let deadline = app.after(time);
    if cursor.is_none() {
        list(app, filter, &PageRequest::first(1)).await?;
        Deed::new(app, actor, "messages.redriven", filter.mailbox_id).commit().await?;
    }
    let mut done = Redriven::default();
    loop {
        let page = PageRequest { cursor: cursor.take(), ..PageRequest::first(AT_ONCE) };
        let Page { items, next } = list(app, filter, &page).await?;
        for message in
            items.into_iter().filter(|message| reason.is_none_or(|reason| message.reason == reason))
        {
            one_of_many(app, message, &mut done).await?;
        }
        match next {
            Some(next) if app.now() < deadline && !app.stop.requested() => cursor = Some(next),
            next => return Ok((done, next)),
        }
    }
}

async fn one_of_many(app: &App, message: Message, done: &mut Redriven) -> Result<()> {
    let before: (MessageState, Reason) = (message.state, message.reason);
    match poll::again(app, message, app.parse.clone(), false).await {
        Ok(after) => {
            done.redriven += 1;
            done.changed += u64::from((after.state, after.reason) != before);
        }
        Err(error) if matches!(error.kind, Kind::Conflict | Kind::NotFound) => done.refused += 1,
        Err(error) => return Err(error),
    }
    Ok(())
}

/// One message.
pub async fn get(app: &App, id: MessageId) -> Result<Message> {
    app.store.message(id).await?.ok_or_else(|| Error::not_found("message"))
}

/// A message whose mail is about to be read as it came, which is written into the audit trail first; and where it lies.
pub async fn raw(app: &App, actor: &Actor, id: MessageId) -> Result<(Message, BlobKey)> {
    let message = get(app, id).await?;
    Deed::new(app, actor, "message.raw_read", id).commit().await?;
    Ok((message, BlobKey::raw(id)))
}
