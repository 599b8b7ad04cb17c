//! How many mails of a mailbox became what, for whoever is about to act on them.

use std::{collections::BTreeMap, pin::pin};

use futures::{StreamExt, TryStreamExt};

use crate::{
    App, Result, lists,
    ports::MessageFilter,
    types::{
        ids::MailboxId,
        message::{Message, MessageState},
    },
};

/// The records that are read at once.
const AT_ONCE: u32 = 200;
/// The most errands that are counted.
const MOST_ERRANDS: u32 = 200;

/// Some of a mailbox's mails, newest first, and how many there are of each kind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counts {
    /// The newest of them.
    pub newest: Vec<Message>,
    /// By state.
    pub by_state: BTreeMap<MessageState, u64>,
    /// Of those that became something: comments.
    pub comments: u64,
    /// Whether these are all that there are.
    pub complete: bool,
}

impl Counts {
    /// All together.
    pub fn all(&self) -> u64 {
        self.by_state.values().sum()
    }

    /// Of one state.
    pub fn of(&self, state: MessageState) -> u64 {
        self.by_state.get(&state).copied().unwrap_or(0)
    }

    fn add(&mut self, message: Message, shown: usize) {
        *self.by_state.entry(message.state).or_default() += 1;
        self.comments += u64::from(message.comment_id.is_some());
        if self.newest.len() < shown {
            self.newest.push(message);
        }
    }
}

/// Counts the newest mails of a mailbox, `most` of them, and keeps the newest `shown`.
pub async fn counts(app: &App, id: MailboxId, most: u64, shown: usize) -> Result<Counts> {
    let filter = &MessageFilter { mailbox_id: id, state: None };
    let list = |page| async move { app.store.messages(filter, &page).await };
    let mut messages = pin!(lists::entries(AT_ONCE, list).fuse());
    let mut counts = Counts::default();
    while counts.all() < most {
        let Some(message) = messages.try_next().await? else {
            counts.complete = true;
            break;
        };
        counts.add(message, shown);
    }
    Ok(counts)
}

/// How many imported mails wait for what is to be done to them on their server; at most 200 are counted.
pub async fn waiting_errands(app: &App, id: MailboxId) -> Result<u64> {
    Ok(app.store.errands(id, MOST_ERRANDS).await?.len() as u64)
}
