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
    action::{Action, Condition, Meaning, Verb},
    item::{self, Item, encode, number, text},
    keys::Key,
};

impl Actions {
    pub(super) fn cursor(&mut self, at: usize, step: &CursorMove) -> Result<()> {
        let mut verb = Verb::update().set("epoch", number(step.epoch)).set("cursor", encode(&step.cursor)?);
        verb = match step.oldest_unprocessed_at {
            Some(oldest) => verb.set("oldest_unprocessed_at", text(oldest.to_string())),
            None => verb.remove("oldest_unprocessed_at"),
        };
        let fence = Condition::Equals("fence", number(step.fence));
        // Another epoch means that a person changed what is polled, or deleted it: this cursor says nothing about that.
        let epoch = Condition::Equals("epoch", number(step.epoch));
        let action = Action::new(Key::run(step.mailbox_id), verb);
        let action = action.when(at, fence, Meaning::Is(Why::FenceLost));
        self.push(action.when(at, epoch, Meaning::Is(Why::FenceLost)))
    }

    pub(super) fn run(&mut self, at: usize, change: &RunChange) -> Result<()> {
        let id = change.mailbox_id;
        let mut verb = Verb::update();
        if let Some(status) = &change.status {
            verb = verb.set("status", encode(status)?);
        }
        for (name, time) in [
            ("last_poll_at", change.last_poll_at),
            ("last_success_at", change.last_success_at),
            ("rescanned_at", change.rescanned_at),
        ] {
            if let Some(time) = time {
                verb = verb.set(name, text(time.to_string()));
            }
        }
        verb = match &change.last_error {
            Some(Some(problem)) => verb.set("last_error", encode(problem)?),
            Some(None) => verb.remove("last_error"),
            None => verb,
        };
        verb = match change.throttled_until {
            Some(Some(until)) => verb.set("throttled_until", text(until.to_string())),
            Some(None) => verb.remove("throttled_until"),
            None => verb,
        };
        if let Some(failures) = change.consecutive_failures {
            verb = verb.set("consecutive_failures", number(failures));
        }
        if let Some(pending) = change.errands_pending {
            verb = verb.set("errands_pending", AttributeValue::Bool(pending));
        }
        verb = match &change.errands_trouble {
            Some(Some(trouble)) => verb.set("errands_trouble", encode(trouble)?),
            Some(None) => verb.remove("errands_trouble"),
            None => verb,
        };
        if let Some(watch) = &change.watch {
            verb = verb.set("watch", encode(watch)?);
        }
        if let Some(epoch) = change.epoch {
            verb = verb.set("epoch", number(epoch)).remove("cursor");
        }
        let empty = matches!(&verb, Verb::Update(edit) if edit.set.is_empty() && edit.remove.is_empty());
        let verb = if empty { Verb::Check } else { verb };
        let mut action = Action::new(Key::run(id), verb);
        action = action.when(at, Condition::Present, Meaning::Is(Why::Missing("mailbox")));
        if let Some(fence) = change.fence {
            action = action.when(at, Condition::Equals("fence", number(fence)), Meaning::Is(Why::FenceLost));
        }
        self.push(action)?;
        self.reschedule(at, id, change)
    }

    fn reschedule(&mut self, at: usize, id: MailboxId, change: &RunChange) -> Result<()> {
        if change.not_before.is_none() && change.last_poll_at.is_none() && change.scheduled.is_none() {
            return Ok(());
        }
        let mut row = Verb::update();
        for (name, time) in [("not_before", change.not_before), ("last_poll_at", change.last_poll_at)] {
            if let Some(time) = time {
                row = row.set(name, text(time.to_string()));
            }
        }
        if let Some(scheduled) = change.scheduled {
            row = row.set("enabled", AttributeValue::Bool(scheduled));
        }
        let row = Action::new(Key::schedule(id), row);
        self.push(row.when(at, Condition::Present, Meaning::Is(Why::Missing("mailbox"))))
    }

    pub(super) fn schedule(&mut self, mailbox: &Mailbox, not_before: Option<Timestamp>) -> Result<()> {
        let waits = matches!(mailbox.auth, MailAuth::OAuth2 { grant_id: None, .. });
        let enabled = mailbox.enabled && !mailbox.deleting && !waits;
        let mut verb = Verb::update()
            .set("type", text("schedule"))
            .set("v", number(item::FORMAT))
            .set("interval_seconds", number(mailbox.poll_interval_seconds))
            .set("host", text(mailbox.server.host.as_str()))
            .set("enabled", AttributeValue::Bool(enabled));
        if let Some(at) = not_before {
            // It waits from its creation on.
            verb = verb
                .set("not_before", text(at.to_string()))
                .set("last_poll_at", text(mailbox.created_at.to_string()));
        }
        self.push(Action::new(Key::schedule(mailbox.id), verb))
    }
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
