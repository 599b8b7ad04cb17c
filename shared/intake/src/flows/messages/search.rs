//! Mails looked for in their records: there is no index of words, so records are read, newest first, and compared.

use crate::{
    App, Result, Timestamp,
    ports::MessageFilter,
    types::{
        Page, PageRequest,
        ids::MailboxId,
        message::{Message, MessageState, Reason},
    },
};

/// Records of one read.
const AT_ONCE: u32 = 40;
/// The most records of a mailbox that one search looks at; the next one goes on behind them.
pub const MAX_SEARCHED: usize = 320;
/// A search ends when it has found so many.
const ENOUGH: usize = 30;

/// Which mails are looked for. What is empty is not asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Search {
    /// In this state.
    pub state: Option<MessageState>,
    /// With this reason.
    pub reason: Option<Reason>,
    /// A part of the sender's address, in any case.
    pub sender: String,
    /// A part of the subject, in any case.
    pub subject: String,
    /// Received then or later.
    pub since: Option<Timestamp>,
    /// Received before.
    pub before: Option<Timestamp>,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// The mails, newest first.
    pub messages: Vec<Message>,
    /// How many records were looked at.
    pub looked_at: usize,
    /// Where to go on; None at the end.
    pub next: Option<String>,
}

impl Search {
    /// Whether more than the state is asked for, so that records have to be compared.
    pub fn compares(&self) -> bool {
        self != &Self { state: self.state, ..Self::default() }
    }

    /// Whether this is one of them.
    fn finds(&self, message: &Message) -> bool {
        let has = |text: &str, part: &str| part.is_empty() || text.to_lowercase().contains(part);
        self.state.is_none_or(|state| message.state == state)
            && self.reason.is_none_or(|reason| message.reason == reason)
            && self.since.is_none_or(|since| message.received_at >= since)
            && self.before.is_none_or(|before| message.received_at < before)
            && has(message.from.as_deref().unwrap_or_default(), &self.sender.to_lowercase())
            && has(&message.subject, &self.subject.to_lowercase())
    }
}

/// Searches the mails of one mailbox, newest first, from a place on.
pub async fn search(
    app: &App,
    mailbox_id: MailboxId,
    wanted: &Search,
    mut cursor: Option<String>,
) -> Result<Found> {
    let filter = MessageFilter { mailbox_id, state: wanted.state };
    let mut found = Found::default();
    loop {
        let page = PageRequest { limit: AT_ONCE, cursor: cursor.take() };
        let Page { items, next } = app.store.messages(&filter, &page).await?;
        found.looked_at += items.len();
        // Records lie in the order in which their mails were received: what follows is older still.
        let over = items.last().zip(wanted.since).is_some_and(|(last, since)| last.received_at < since);
        found.messages.extend(items.into_iter().filter(|message| wanted.finds(message)));
        if next.is_none() || over {
            return Ok(found);
        }
        if found.messages.len() >= ENOUGH || found.looked_at >= MAX_SEARCHED {
            return Ok(Found { next, ..found });
        }
        cursor = next;
    }
}

/// Searches the newest mails of some mailboxes: as many of each as one read brings, the newest of all first. `next` is
/// that of the mailbox, where there is only one.
pub async fn search_newest(
    app: &App,
    mailboxes: &[MailboxId],
    wanted: &Search,
    most: usize,
) -> Result<Found> {
    if let [only] = mailboxes {
        return search(app, *only, wanted, None).await;
    }
    let mut found = Found::default();
    for mailbox_id in mailboxes {
        let filter = MessageFilter { mailbox_id: *mailbox_id, state: wanted.state };
        let Page { items, .. } = app.store.messages(&filter, &PageRequest::first(AT_ONCE)).await?;
        found.looked_at += items.len();
        found.messages.extend(items.into_iter().filter(|message| wanted.finds(message)));
    }
    found.messages.sort_by_key(|message| std::cmp::Reverse((message.received_at, message.id)));
    found.messages.truncate(most);
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{ids::MessageId, message::ServerId};

    fn message(subject: &str, from: &str) -> Message {
        let mailbox_id = MailboxId::from_parts(Timestamp::UNIX_EPOCH, 1);
        Message {
            id: MessageId::from_parts(Timestamp::UNIX_EPOCH, 2),
            mailbox_id,
            epoch: 1,
            server_id: ServerId::Imap { uid: 1 },
            state: MessageState::Held,
            reason: Reason::Flood,
            internet_message_id: None,
            subject: subject.to_owned(),
            from: Some(from.to_owned()),
            size: 1,
            issue_key: None,
            comment_id: None,
            attempts: 1,
            failed_readings: 0,
            download: None,
            received_at: Timestamp::UNIX_EPOCH,
            arrived: true,
            held_for: None,
            trace: Vec::new(),
            after_import: None,
            written: Default::default(),
        }
    }

    #[test]
    fn parts_are_found_in_any_case_and_all_that_is_asked_for_counts() {
        let mail = message("Drucker: Ärger", "Ada@Example.com");
        let finds = |wanted: Search| wanted.finds(&mail);
        assert!(finds(Search::default()) && !Search::default().compares());
        let subject = |text: &str| Search { subject: text.to_owned(), ..Search::default() };
        assert!(finds(subject("ÄRGER")) && !finds(subject("fax")) && subject("x").compares());
        let both = |sender: &str| Search { sender: sender.to_owned(), ..subject("drucker") };
        assert!(finds(both("ada@")) && !finds(both("bob@")));
        let at = |second| Timestamp::from_second(second).unwrap();
        let between =
            |since, before| Search { since: Some(at(since)), before: Some(at(before)), ..subject("") };
        assert!(finds(between(0, 1)) && !finds(between(-9, 0)) && !finds(between(1, 9)));
        let reason = |reason| Search { reason: Some(reason), ..Search::default() };
        assert!(finds(reason(Reason::Flood)) && !finds(reason(Reason::Loop)));
        let state = |state| Search { state: Some(state), ..Search::default() };
        assert!(finds(state(MessageState::Held)) && !finds(state(MessageState::Failed)));
        assert!(!state(MessageState::Held).compares());
    }
}
