//! Mails that are known from before they were numbered anew: by what their headers say.

use std::collections::{BTreeMap, BTreeSet};

use aws_lc_rs::digest::{SHA256, digest};

use crate::{
    Timestamp,
    ports::Listed,
    types::{
        errand::Errand,
        ids::MessageId,
        message::{Message, Reason},
    },
};

/// The beginning of a hash of all that is compared.
pub(crate) type Key = [u8; 16];

/// What the records of a mailbox say of its mails.
#[derive(Debug, Default)]
pub(crate) struct Known {
    keys: BTreeSet<Key>,
    /// Their records.
    records: BTreeSet<MessageId>,
    /// What is still to be done to them.
    errands: BTreeMap<Key, Errand>,
}

/// What a header says.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) message_id: Option<String>,
    pub(crate) from: Option<String>,
    pub(crate) subject: String,
}

impl Known {
    /// A record of before, and what is still to be done to its mail.
    pub(crate) fn add(&mut self, record: &Message, errand: Option<Errand>) {
        let key = key_of(record);
        self.errands.extend(errand.map(|errand| (key, errand)));
        self.keys.insert(key);
        self.records.insert(record.id);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// What is still to be done to a mail that says this.
    pub(crate) fn errand(&self, key: &Key) -> Option<&Errand> {
        self.errands.get(key)
    }

    /// Whether this is a record of before.
    pub(crate) fn is_of(&self, record: MessageId) -> bool {
        self.records.contains(&record)
    }

    /// Whether a mail has a record, as far as headers tell.
    pub(crate) fn holds(&self, mail: &Listed, said: &Said) -> bool {
        self.keys.contains(&said.key(mail))
    }
}

impl Said {
    pub(crate) fn key(&self, mail: &Listed) -> Key {
        let (message_id, from) = (self.message_id.as_deref(), self.from.as_deref());
        key(message_id, from, &self.subject, mail.size, mail.received())
    }
}

/// Whether a record tells what its mail says.
pub(crate) fn was_read(record: &Message) -> bool {
    let unread = matches!(
        record.reason,
        Reason::Renumbered | Reason::BeforeStart | Reason::Gone | Reason::UnreadableOnServer
    );
    record.is_final() && !unread
}

fn key_of(record: &Message) -> Key {
    let (message_id, from) = (record.internet_message_id.as_deref(), record.from.as_deref());
    key(message_id, from, &record.subject, record.size, record.received_at)
}

fn key(message_id: Option<&str>, from: Option<&str>, subject: &str, size: u64, at: Timestamp) -> Key {
    // Debug sets quotes, so that neighbours cannot trade bytes.
    let told = format!("{message_id:?} {from:?} {subject:?} {size} {}", at.as_second());
    digest(&SHA256, told.as_bytes()).as_ref().first_chunk().copied().unwrap_or_default()
}
