//! From the changes of the core to actions on items.

mod configured;
mod errands;
mod expiring;
mod mails;
mod projects;
mod runs;
mod tallies;

use aws_sdk_dynamodb::types::AttributeValue;
use intake::{
    Result, Timestamp,
    ports::{Change, Why, Write},
    types::audit::AuditEntry,
};

use crate::{
    action::{Action, Condition, Verb},
    item,
    keys::{self, Key},
};

/// Collects the actions of one commit, folding those on the same item.
pub(crate) struct Actions {
    all: Vec<Action>,
    /// When it is written.
    now: AttributeValue,
}

impl Actions {
    pub(crate) fn of(changes: &[Change], now: Timestamp) -> Result<Vec<Action>> {
        let mut actions = Self { all: Vec::new(), now: item::text(now.to_string()) };
        for (at, change) in changes.iter().enumerate() {
            actions.add(at, change)?;
        }
        Ok(actions.all)
    }

    fn push(&mut self, action: Action) -> Result<()> {
        match self.all.iter_mut().find(|there| there.key == action.key) {
            Some(there) => there.fold(action),
            None => {
                self.all.push(action);
                Ok(())
            }
        }
    }

    fn add(&mut self, at: usize, change: &Change) -> Result<()> {
        match change {
            Change::Integration(write) => self.integration(at, write),
            Change::Grant(write) => self.grant(at, write),
            Change::Mailbox(write) => self.mailbox(at, write),
            Change::Project(write) => self.project(at, write),
            Change::ProjectGone { old, named } => self.project_gone(at, old, *named),
            Change::ImportInto(project) => self.import_into(at, project),
            Change::Token(write) => self.token(at, write),
            Change::TokenStays(token) => self.token_stays(at, token),
            Change::Issue(write) => self.issue(at, write),
            Change::Comment(comment) => self.comment(at, comment),
            Change::ReplaceComment(comment) => self.replace_comment(at, comment),
            Change::Attachment(attachment) => self.attachment(at, attachment),
            Change::ReplaceAttachment(attachment) => self.replace_attachment(at, attachment),
            Change::AttachmentGone(id) => self.attachment_gone(at, *id),
            Change::TouchIssue(touch) => self.touch(at, touch),
            Change::Message { message, expected } => self.message(at, message, *expected),
            Change::Seen { marker, by } => self.seen(at, marker, *by),
            Change::Thread { key, issue, likeness } => self.thread(at, key, issue, likeness.as_deref()),
            Change::Awaited { key, issue } => self.awaited(key, issue),
            Change::Errand(errand) => self.errand(errand),
            Change::ErrandOver { errand, outcome } => self.errand_over(at, errand, outcome.as_ref()),
            Change::Tally(step) => self.tally(step),
            Change::Cursor(step) => self.cursor(at, step),
            Change::Run(change) => self.run(at, change),
            Change::CreateAttempt(attempt) => self.attempt(at, attempt),
            Change::FinishAttempt { id, status } => self.attempt_end(at, *id, status),
            Change::Opening(opening) => self.opening(at, opening),
            Change::Session(write) => self.session(at, write),
            Change::Audit(entry) => self.audit(at, entry),
            Change::Remember { key, what, expires_at } => self.remember(at, key, what, *expires_at),
        }
    }

    /// Only ever added: an entry that is there stays as it is.
    fn audit(&mut self, at: usize, entry: &AuditEntry) -> Result<()> {
        let key = Key::new(keys::audit_month(entry.at), entry.id.to_string());
        let action = Action::new(key.clone(), Verb::Put(item::carrying(&key, "audit", entry)?));
        self.push(action.when(at, Condition::Absent, Why::Exists))
    }
}

pub(crate) use tallies::{COUNTS, of_delay, of_hour};

/// What is written, before and after.
fn sides<T>(write: &Write<T>) -> (Option<&T>, Option<&T>) {
    match write {
        Write::Create(new) => (None, Some(new)),
        Write::Replace { new, old } => (Some(old), Some(new)),
        Write::Delete { old } => (Some(old), None),
    }
}
