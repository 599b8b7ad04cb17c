//! Deleting what is left of a mailbox that is being deleted.

use intake::{
    Result,
    types::ids::{MailboxId, MessageId},
};

use crate::{DynamoStore, fault, item::text_of, keys::Key};

impl DynamoStore {
    /// Deletes messages, with their marks in the mailbox and their errands. The record goes last: it names the others.
    pub(crate) async fn purge(&self, mailbox: MailboxId, ids: &[MessageId]) -> Result<()> {
        let records: Vec<Key> = ids.iter().map(|id| Key::alone("MESSAGE", id)).collect();
        let there = self.get_all(&records).await?;
        let mut doomed: Vec<Key> = ids.iter().map(|id| Key::errand(mailbox, *id)).collect();
        let marks = there.iter().filter_map(|found| text_of(found, "identity"));
        doomed.extend(marks.map(|identity| Key::alone("SEEN", format_args!("{mailbox}#{identity}"))));
        doomed.extend(records);
        for key in doomed {
            self.delete(&key).send().await.map_err(|error| fault::meaning(&error))?;
        }
        Ok(())
    }
}
