//! Messages: our records of mails seen, and their raw bytes.

mod compare;
mod dismiss;
mod fate;
mod from_files;
mod look;
mod redrive;
mod redrive_many;
mod rehearse;
mod search;
mod trial;

use crate::{
    App, Error, Result, Timestamp,
    flows::change::Deed,
    lists,
    ports::MessageFilter,
    types::{Page, PageRequest, audit::Actor, ids::MessageId, issue::BlobKey, message::Message},
};

pub use crate::decide::TrialRules;
pub use compare::{Compared, Difference, MAX_COMPARED, compare};
pub use dismiss::dismiss;
pub use fate::{Fate, FateChange, Looks};
pub(super) use from_files::imported_into;
pub use from_files::{FileImport, FiledBytes, FiledLook, FiledMail, FiledPieces, FiledSight};
pub use look::{Look, MAX_LOOKED_AT, look, look_on};
pub use redrive::{redrive, release};
pub use redrive_many::{Redriven, redrive_many};
pub use rehearse::{MAX_MAIL as MAX_REHEARSED, Rehearsal, Sample, rehearse};
pub use search::{Found, MAX_SEARCHED, Search, search, search_newest};
pub use trial::{Running, Trial, TrialMail};

/// A mailbox's messages, newest first.
///
/// `changed_since`: only those whose record was changed at or after this time. Nothing is indexed by that: each record of the
/// list is looked at ([`lists::chosen`]).
pub async fn list(
    app: &App,
    filter: &MessageFilter,
    changed_since: Option<Timestamp>,
    page: &PageRequest,
) -> Result<Page<Message>> {
    let read = |page: PageRequest| async move { app.store.messages(filter, &page).await };
    let messages = match changed_since {
        None => read(page.clone()).await?,
        Some(since) => lists::chosen(page, |message: &Message| message.changed_at() >= since, read).await?,
    };
    // What a person imported from files has records and no mailbox.
    if messages.items.is_empty() && app.store.mailbox(filter.mailbox_id).await?.is_none() {
        return Err(Error::field("/mailbox_id", "field.missing.mailbox"));
    }
    Ok(messages)
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
