//! The moving half of mailboxes: how far they came, what people see of it, and when they are polled next.

use aws_sdk_dynamodb::types::AttributeValue;
use intake::{
    Result, Timestamp,
    ports::{CursorMove, RunChange, Why},
    types::{
        ids::MailboxId,
        mailbox::{MailAuth, Mailbox, Run},
    },
};

use super::Actions;
use crate::{
    action::{Action, Condition, Verb},
    item::{self, Item, encode, number, text},
    keys::Key,
};

impl Actions {
    pub(super) fn cursor(&mut self, at: usize, step: &CursorMove) -> Result<()> {
        let verb = Verb::update()
            .set("epoch", number(step.epoch))
            .set("cursor", encode(&step.cursor)?)
            .change("oldest_unprocessed_at", Some(step.oldest_unprocessed_at.map(time)));
        let fence = Condition::Equals("fence", number(step.fence));
        // Another epoch means that a person changed what is polled, or deleted it: this cursor says nothing about that.
        let epoch = Condition::Equals("epoch", number(step.epoch));
        let action = Action::new(Key::run(step.mailbox_id), verb);
        let action = action.when(at, fence, Why::FenceLost);
        self.push(action.when(at, epoch, Why::FenceLost))
    }

    pub(super) fn run(&mut self, at: usize, change: &RunChange) -> Result<()> {
        let id = change.mailbox_id;
        let problem = change.last_error.as_ref().map(|problem| problem.as_ref().map(encode).transpose());
        let trouble = change.errands_trouble.as_ref().map(|trouble| trouble.as_ref().map(encode).transpose());
        let mut verb = Verb::update()
            .set_some("status", change.status.as_ref().map(encode).transpose()?)
            .set_some("last_poll_at", change.last_poll_at.map(time))
            .set_some("last_success_at", change.last_success_at.map(time))
            .set_some("rescanned_at", change.rescanned_at.map(time))
            .change("last_error", problem.transpose()?)
            .change("throttled_until", change.throttled_until.map(|until| until.map(time)))
            .set_some("consecutive_failures", change.consecutive_failures.map(number))
            .set_some("errands_pending", change.errands_pending.map(AttributeValue::Bool))
            .change("errands_trouble", trouble.transpose()?)
            .set_some("watch", change.watch.as_ref().map(encode).transpose()?);
        if let Some(epoch) = change.epoch {
            verb = verb.set("epoch", number(epoch)).remove("cursor");
        }
        let empty = matches!(&verb, Verb::Update(edit) if edit.set.is_empty() && edit.remove.is_empty());
        let verb = if empty { Verb::Check } else { verb };
        let mut action = Action::new(Key::run(id), verb);
        action = action.when(at, Condition::Present, Why::Missing("mailbox"));
        if let Some(fence) = change.fence {
            action = action.when(at, Condition::Equals("fence", number(fence)), Why::FenceLost);
        }
        self.push(action)?;
        self.reschedule(at, id, change)
    }

    fn reschedule(&mut self, at: usize, id: MailboxId, change: &RunChange) -> Result<()> {
        if change.not_before.is_none() && change.last_poll_at.is_none() && change.scheduled.is_none() {
            return Ok(());
        }
        let row = Verb::update()
            .set_some("not_before", change.not_before.map(time))
            .set_some("last_poll_at", change.last_poll_at.map(time))
            .set_some("enabled", change.scheduled.map(AttributeValue::Bool));
        let row = Action::new(Key::schedule(id), row);
        self.push(row.when(at, Condition::Present, Why::Missing("mailbox")))
    }

    pub(super) fn schedule(&mut self, mailbox: &Mailbox, not_before: Option<Timestamp>) -> Result<()> {
        let waits = matches!(mailbox.auth, MailAuth::OAuth2 { grant_id: None, .. });
        let enabled = mailbox.enabled && !mailbox.deleting && !waits;
        // It waits from its creation on.
        let created_at = not_before.map(|_| time(mailbox.created_at));
        let verb = Verb::update()
            .set("type", text("schedule"))
            .set("v", number(item::FORMAT))
            .set("interval_seconds", number(mailbox.poll_interval_seconds))
            .set("host", text(mailbox.server.host.as_str()))
            .set("enabled", AttributeValue::Bool(enabled))
            .set_some("not_before", not_before.map(time))
            .set_some("last_poll_at", created_at);
        self.push(Action::new(Key::schedule(mailbox.id), verb))
    }
}

fn time(at: Timestamp) -> AttributeValue {
    text(at.to_string())
}

/// A run's item, when the mailbox is created.
pub(super) fn run_item(run: &Run) -> Result<Item> {
    let key = Key::run(run.mailbox_id);
    let mut item = item::new(&key, "run");
    item.insert("epoch".to_owned(), number(run.epoch));
    item.insert("status".to_owned(), encode(&run.status)?);
    item.insert("consecutive_failures".to_owned(), number(0));
    item.insert("fence".to_owned(), number(0));
    Ok(item)
}
