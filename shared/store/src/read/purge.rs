//! What is left of a mailbox that is being deleted.

use intake::{
    Result,
    types::{
        PageRequest,
        ids::{MailboxId, MessageId},
        message::Message,
    },
};

use super::List;
use crate::{
    DynamoStore, fault,
    item::{self, text_of},
    keys::{self, Key},
};

impl DynamoStore {
    /// Deletes messages and their marks in the mailbox: at most 100 messages, of which there may be more.
    pub(crate) async fn purge(&self, mailbox: MailboxId, limit: u32) -> Result<Vec<MessageId>> {
        let page = self
            .items(&List::index(1, keys::messages_of(mailbox)), &PageRequest::first(limit.min(100)))
            .await?;
        let mut gone = Vec::new();
        for found in &page.items {
            let message: Message = item::carried(found)?;
            let mut doomed = vec![Key::alone("MESSAGE", message.id), Key::errand(mailbox, message.id)];
            if let Some(identity) = text_of(found, "identity") {
                doomed.push(Key::alone("SEEN", format_args!("{mailbox}#{identity}")));
            }
            for key in doomed {
                self.delete(&key).send().await.map_err(|error| fault::meaning(&error))?;
            }
            gone.push(message.id);
        }
        Ok(gone)
    }
}
