//! What mails become: records and marks of themselves, issues, comments and attachments, and the threads they are in.

use intake::{
    Result,
    ports::{IssueTouch, ThreadKey, Why, Write},
    types::{
        ids::{AttachmentId, MessageId},
        issue::{Attachment, Comment, Issue},
        message::{Message, MessageState, SeenMarker, SeenScope},
        project::IssueKey,
    },
};

use super::{Actions, sides};
use crate::{
    action::{Action, Condition, Meaning, Verb},
    item::{self, WRITTEN, encode, number, text},
    keys::{self, Key},
};

impl Actions {
    pub(super) fn message(
        &mut self,
        at: usize,
        message: &Message,
        expected: Option<MessageState>,
    ) -> Result<()> {
        let key = Key::alone("MESSAGE", message.id);
        let mut item = item::carrying(&key, "message", message)?;
        item.insert("state".to_owned(), text(keys::state_word(message.state)));
        item.insert(WRITTEN.to_owned(), self.now.clone());
        item::index(&mut item, 1, keys::messages_of(message.mailbox_id), message.id.to_string());
        item::index(
            &mut item,
            2,
            keys::messages_by_state(message.mailbox_id, message.state),
            message.id.to_string(),
        );
        let condition = match expected {
            None => Condition::Absent,
            Some(state) => Condition::Equals("state", text(keys::state_word(state))),
        };
        // Marks of the same mail may stand before it in the list and have made this action already.
        if let Some(there) = self.all.iter_mut().find(|there| there.key == key) {
            if let Verb::Update(edit) = &there.verb {
                item.extend(edit.set.clone());
            }
            there.verb = Verb::Put(item);
            there.conditions.push((at, condition, Why::Exists.into()));
            return Ok(());
        }
        self.push(Action::new(key, Verb::Put(item)).when(at, condition, Why::Exists))
    }

    pub(super) fn seen(&mut self, at: usize, marker: &SeenMarker, by: MessageId) -> Result<()> {
        let key = Key::seen(marker);
        let mut item = item::new(&key, "seen");
        item.insert("by".to_owned(), text(by.to_string()));
        self.push(Action::new(key, Verb::Put(item)).when(
            at,
            Condition::AbsentOrEquals("by", text(by.to_string())),
            Meaning::Seen,
        ))?;
        self.remember_marker(by, &marker.scope, &marker.identity)
    }

    /// The record names its mark in the mailbox, so that a purge finds it.
    fn remember_marker(&mut self, by: MessageId, scope: &SeenScope, identity: &str) -> Result<()> {
        match scope {
            SeenScope::Mailbox(_) => self
                .push(Action::new(Key::alone("MESSAGE", by), Verb::update().set("identity", text(identity)))),
            SeenScope::Project(_) => Ok(()),
        }
    }

    pub(super) fn issue(&mut self, at: usize, write: &Write<Issue>) -> Result<()> {
        let (old, new) = sides(write);
        let Some(new) = new else { return Err(intake::Error::internal("issues are not deleted")) };
        let key = Key::issue(&new.key);
        // The body lies beside the record, so that lists need not read it.
        let bare = Issue { body: Default::default(), ..new.clone() };
        let mut item = item::carrying(&key, "issue", &bare)?;
        item.insert("body".to_owned(), encode(&new.body)?);
        let order = keys::issue_order(new.created_at, &new.key);
        item::index(&mut item, 1, keys::issues_of_project(new.project()), order.clone());
        item::index(&mut item, 2, keys::issues_by_status(new.project(), new.status), order.clone());
        if let Some(source) = &new.source {
            item::index(&mut item, 3, keys::issues_of_mailbox(source.mailbox_id), order);
        }
        item.insert("version".to_owned(), number(new.version.0));
        item.insert(WRITTEN.to_owned(), self.now.clone());
        let Some(old) = old else {
            item.insert("comment_count".to_owned(), number(new.comment_count));
            item.insert("attachment_count".to_owned(), number(new.attachment_count));
            item.insert("updated_at".to_owned(), text(new.updated_at.to_string()));
            return self.push(Action::new(key, Verb::Put(item)).when(at, Condition::Absent, Why::Exists));
        };
        // Counters live beside the record and go on counting.
        let mut verb = Verb::update().set("updated_at", text(new.updated_at.to_string()));
        for (name, value) in item.into_iter().filter(|(name, _)| !["pk", "sk"].contains(&name.as_str())) {
            verb = verb.set(&name, value);
        }
        let unchanged = Condition::Equals("version", number(old.version.0));
        self.push(Action::new(key, verb).when(at, unchanged, Why::Stale))
    }

    pub(super) fn comment(&mut self, at: usize, comment: &Comment) -> Result<()> {
        self.push(comment_action(comment)?.when(at, Condition::Absent, Why::Exists))
    }

    pub(super) fn replace_comment(&mut self, at: usize, comment: &Comment) -> Result<()> {
        self.push(comment_action(comment)?.when(at, Condition::Present, Why::Missing("comment")))
    }

    pub(super) fn attachment(&mut self, at: usize, attachment: &Attachment) -> Result<()> {
        self.push(attachment_action(attachment)?.when(at, Condition::Absent, Why::Exists))
    }

    pub(super) fn replace_attachment(&mut self, at: usize, attachment: &Attachment) -> Result<()> {
        let missing = Why::Missing("attachment");
        self.push(attachment_action(attachment)?.when(at, Condition::Present, missing))
    }

    pub(super) fn attachment_gone(&mut self, at: usize, id: AttachmentId) -> Result<()> {
        let action = Action::new(Key::alone("ATTACHMENT", id), Verb::Delete);
        self.push(action.when(at, Condition::Present, Why::Missing("attachment")))
    }

    pub(super) fn touch(&mut self, at: usize, touch: &IssueTouch) -> Result<()> {
        let comments = i64::try_from(touch.comments).unwrap_or(i64::MAX);
        let verb = Verb::update().add("comment_count", comments).add("attachment_count", touch.attachments);
        let verb = verb.set("updated_at", text(touch.at.to_string())).set(WRITTEN, self.now.clone());
        let action = Action::new(Key::issue(&touch.key), verb);
        self.push(action.when(at, Condition::Present, Why::Missing("issue")))
    }

    pub(super) fn thread(
        &mut self,
        at: usize,
        key: &ThreadKey,
        issue: &IssueKey,
        likeness: Option<&str>,
    ) -> Result<()> {
        let key = Key::thread(key);
        let mut item = item::new(&key, "thread");
        item.insert("issue".to_owned(), text(issue.to_string()));
        item.extend(likeness.map(|likeness| ("likeness".to_owned(), text(likeness))));
        let condition = Condition::AbsentOrEquals("issue", text(issue.to_string()));
        self.push(Action::new(key, Verb::Put(item)).when(at, condition, Meaning::Threaded))
    }

    /// The first one stays.
    pub(super) fn awaited(&mut self, key: &ThreadKey, issue: &IssueKey) -> Result<()> {
        let verb = Verb::update().set("type", text("awaited")).set("v", number(item::FORMAT));
        let verb = verb.set_once("issue", text(issue.to_string()));
        self.push(Action::new(Key::awaited(key), verb))
    }
}

fn attachment_action(attachment: &Attachment) -> Result<Action> {
    let key = Key::alone("ATTACHMENT", attachment.id);
    let mut item = item::carrying(&key, "attachment", attachment)?;
    let order = attachment.blob.as_str().to_owned();
    item::index(&mut item, 1, keys::attachments_of(&attachment.issue_key), order);
    Ok(Action::new(key, Verb::Put(item)))
}

fn comment_action(comment: &Comment) -> Result<Action> {
    let key = Key::comment(&comment.issue_key, comment.id);
    let item = item::carrying(&key, "comment", comment)?;
    Ok(Action::new(key, Verb::Put(item)))
}
