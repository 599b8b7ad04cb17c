//! What is to be done to mails on their servers.

use aws_sdk_dynamodb::types::AttributeValue;
use intake::{
    Result,
    ports::Why,
    types::errand::{AfterImport, Errand},
};

use super::Actions;
use crate::{
    action::{Action, Condition, Verb},
    item::{self, WRITTEN, encode},
    keys::Key,
};

impl Actions {
    /// Without a condition of its own: it is written under a lease, and the run says so in the same transaction.
    pub(super) fn errand(&mut self, errand: &Errand) -> Result<()> {
        let key = Key::errand(errand.mailbox_id, errand.message_id);
        self.push(Action::new(key.clone(), Verb::Put(item::carrying(&key, "errand", errand)?)))?;
        let pending = Verb::update().set("errands_pending", AttributeValue::Bool(true));
        self.push(Action::new(Key::run(errand.mailbox_id), pending))
    }

    /// The outcome lies beside the mail's record, so that nothing else of it is written again.
    pub(super) fn errand_over(
        &mut self,
        at: usize,
        errand: &Errand,
        outcome: Option<&AfterImport>,
    ) -> Result<()> {
        self.push(Action::new(Key::errand(errand.mailbox_id, errand.message_id), Verb::Delete))?;
        let Some(outcome) = outcome else { return Ok(()) };
        let told = Verb::update().set("after_import", encode(outcome)?).set(WRITTEN, self.now.clone());
        let told = Action::new(Key::alone("MESSAGE", errand.message_id), told);
        self.push(told.when(at, Condition::Present, Why::Missing("message")))
    }
}
