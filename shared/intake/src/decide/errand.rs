//! What is to be done to a mail on its server, once it became something.

use crate::{
    ports::{Change, Listed},
    types::{
        errand::Errand,
        message::{Message, MessageState},
    },
};

/// The errand that comes of a mail's decision, for the mail's own transaction. Only a mail that was imported, or left
/// out on purpose after it was read, has one.
pub(crate) fn note(message: &mut Message, listed: &Listed, uid_validity: u64) -> Option<Change> {
    if !is_imported(message) {
        message.after_import = None;
    }
    let after = message.after_import.as_ref()?;
    Some(Change::Errand(Box::new(Errand {
        mailbox_id: message.mailbox_id,
        message_id: message.id,
        epoch: message.epoch,
        uid_validity,
        server_id: listed.server_id.clone(),
        action: after.action.clone(),
        internet_message_id: message.internet_message_id.clone(),
        size: listed.size,
        received_at: listed.received(),
        tries: 0,
    })))
}

/// Whether a mail became something, or nothing on purpose.
pub(crate) fn is_imported(message: &Message) -> bool {
    matches!(message.state, MessageState::Applied | MessageState::Skipped)
}
