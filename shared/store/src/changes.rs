//! From the changes of the core to actions on items.

use intake::{
    Result,
    ports::{Change, CursorMove, IssueTouch, RunChange, Why, Write},
    types::{
        Version,
        attempt::AttemptStatus,
        grant::{Grant, GrantStatus},
        integration::Integration,
        issue::{Attachment, Comment, Issue},
        mailbox::{Mailbox, Run},
        message::{Message, MessageState, SeenScope},
        name::Name,
        project::Project,
        token::ApiToken,
    },
};

use crate::{
    action::{Action, Condition, Meaning, Verb},
    item::{self, encode, number, text},
    keys::{self, ALONE, Key},
};

/// Collects the actions of one commit, folding those on the same item.
#[derive(Default)]
pub(crate) struct Actions {
    all: Vec<Action>,
}

/// A configured object, as far as writing it goes.
struct Object<'a> {
    kind: &'static str,
    id: String,
    version: Version,
    name: Option<&'a Name>,
}

impl Actions {
    pub(crate) fn of(changes: &[Change]) -> Result<Vec<Action>> {
        let mut actions = Self::default();
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
            Change::Token(write) => self.token(at, write),
            Change::Issue(write) => self.issue(at, write),
            Change::Comment(comment) => self.comment(at, comment),
            Change::Attachment(attachment) => self.attachment(attachment),
            Change::TouchIssue(touch) => self.touch(at, touch),
            Change::Message { message, expected } => self.message(at, message, *expected),
            Change::Seen { marker, by } => {
                let key = Key::seen(marker);
                let mut item = item::new(&key, "seen");
                item.insert("by".to_owned(), text(by.to_string()));
                self.push(Action::new(key, Verb::Put(item)).when(
                    at,
                    Condition::AbsentOrEquals("by", text(by.to_string())),
                    Meaning::Seen,
                ))?;
                self.remember_marker(*by, &marker.scope, &marker.identity)
            }
            Change::Thread { key, issue } => {
                let key = Key::thread(key);
                let mut item = item::new(&key, "thread");
                item.insert("issue".to_owned(), text(issue.to_string()));
                let condition = Condition::AbsentOrEquals("issue", text(issue.to_string()));
                self.push(Action::new(key, Verb::Put(item)).when(at, condition, Meaning::Threaded))
            }
            Change::Awaited { key, issue } => self.awaited(Key::awaited(key), &issue.to_string()),
            Change::Cursor(step) => self.cursor(at, step),
            Change::Run(change) => self.run(at, change),
            Change::CreateAttempt(attempt) => {
                let key = Key::alone("ATTEMPT", attempt.id);
                let mut item = item::carrying(&key, "attempt", &**attempt)?;
                item.insert("status".to_owned(), text("pending"));
                item::expires(&mut item, later(attempt.expires_at));
                self.push(Action::new(key, Verb::Put(item)).when(
                    at,
                    Condition::Absent,
                    Meaning::Is(Why::Exists),
                ))
            }
            Change::FinishAttempt { id, status } => {
                let word = if matches!(status, AttemptStatus::Done { .. }) { "done" } else { "failed" };
                let verb = Verb::update().set("status", text(word)).set("outcome", encode(status)?);
                let pending = Condition::Equals("status", text("pending"));
                self.push(Action::new(Key::alone("ATTEMPT", id), verb).when(
                    at,
                    pending,
                    Meaning::Is(Why::Stale),
                ))
            }
            Change::Opening(opening) => {
                let key = Key::alone("OPENING", &opening.state_hash);
                let mut item = item::carrying(&key, "opening", opening)?;
                item::expires(&mut item, opening.expires_at);
                self.push(Action::new(key, Verb::Put(item)).when(
                    at,
                    Condition::Absent,
                    Meaning::Is(Why::Exists),
                ))
            }
            Change::Session(session) => {
                let key = Key::alone("SESSION", &session.hash);
                let mut item = item::carrying(&key, "session", session)?;
                item::expires(&mut item, session.expires_at);
                self.push(Action::new(key, Verb::Put(item)))
            }
            Change::Audit(entry) => {
                let key = Key::new(keys::audit_month(entry.at), entry.id.to_string());
                self.push(Action::new(key.clone(), Verb::Put(item::carrying(&key, "audit", entry)?)))
            }
            Change::Remember { key, what, expires_at } => {
                let key = Key::alone("ONCE", key);
                let mut item = item::new(&key, "once");
                item.insert("request".to_owned(), text(&what.request));
                item.insert("object".to_owned(), text(&what.object));
                item::expires(&mut item, *expires_at);
                self.push(Action::new(key, Verb::Put(item)).when(at, Condition::Absent, Meaning::Remembered))
            }
        }
    }

    /// The object itself and its unique name.
    fn configured(
        &mut self,
        at: usize,
        old: Option<&Object<'_>>,
        new: Option<(&Object<'_>, item::Item)>,
    ) -> Result<()> {
        let name_of = |object: &Object<'_>| object.name.map(|name| Key::name(object.kind, &name.key()));
        let new_object = new.as_ref().map(|(object, _)| *object);
        self.rename(
            at,
            old.and_then(name_of),
            new_object.and_then(name_of).zip(new_object.map(|o| o.id.as_str())),
        )?;
        let stale = |object: &Object<'_>| Condition::Equals("version", number(object.version.0));
        match (old, new) {
            (None, Some((object, mut item))) => {
                item.insert("version".to_owned(), number(object.version.0));
                let key = key_in(&item);
                let taken = if object.name.is_some() { Why::Exists } else { Why::NameTaken };
                self.push(Action::new(key, Verb::Put(item)).when(at, Condition::Absent, Meaning::Is(taken)))
            }
            (Some(old), Some((object, item))) => {
                let key = key_in(&item);
                let mut verb = Verb::update().set("version", number(object.version.0));
                for (name, value) in item.iter().filter(|(name, _)| !["pk", "sk"].contains(&name.as_str())) {
                    verb = verb.set(name, value.clone());
                }
                for n in 1..=3 {
                    for part in ["pk", "sk"] {
                        let name = format!("gsi{n}{part}");
                        if !item.contains_key(&name) {
                            verb = verb.remove(&name);
                        }
                    }
                }
                self.push(Action::new(key, verb).when(at, stale(old), Meaning::Is(Why::Stale)))
            }
            (Some(old), None) => {
                let key = Key::alone(&old.kind.to_uppercase(), &old.id);
                let action = Action::new(key, Verb::Delete).when(at, stale(old), Meaning::Is(Why::Stale));
                self.push(action.when(at, Condition::Zero("uses"), Meaning::Is(Why::InUse)))
            }
            (None, None) => Ok(()),
        }
    }

    /// Gives up an old unique name and takes a new one, where they differ.
    fn rename(&mut self, at: usize, old: Option<Key>, new: Option<(Key, &str)>) -> Result<()> {
        if old.as_ref() == new.as_ref().map(|(key, _)| key) {
            return Ok(());
        }
        if let Some((key, id)) = new {
            let mut item = item::new(&key, "name");
            item.insert("id".to_owned(), text(id));
            self.push(Action::new(key, Verb::Put(item)).when(
                at,
                Condition::Absent,
                Meaning::Is(Why::NameTaken),
            ))?;
        }
        old.map_or(Ok(()), |key| self.push(Action::new(key, Verb::Delete)))
    }

    /// One use more or less of something that must be there.
    fn use_of(&mut self, at: usize, key: Key, what: &'static str, more: i64) -> Result<()> {
        let action = Action::new(key, Verb::update().add("uses", more));
        self.push(action.when(at, Condition::Present, Meaning::Is(Why::Missing(what))))
    }

    fn change_uses(
        &mut self,
        at: usize,
        what: &'static str,
        old: Option<String>,
        new: Option<String>,
    ) -> Result<()> {
        if old == new {
            return Ok(());
        }
        let kind = what.to_uppercase();
        if let Some(id) = new {
            self.use_of(at, Key::alone(&kind, id), what, 1)?;
        }
        if let Some(id) = old {
            self.use_of(at, Key::alone(&kind, id), what, -1)?;
        }
        Ok(())
    }

    fn integration(&mut self, at: usize, write: &Write<Integration>) -> Result<()> {
        let (old, new) = sides(write);
        let item = new.map(|i| {
            let mut item = item::carrying(&Key::alone("INTEGRATION", i.id), "integration", i)?;
            item::index(&mut item, 1, "INTEGRATION".to_owned(), i.id.to_string());
            Ok::<_, intake::Error>(item)
        });
        let (old_object, new_object) = (old.map(integration_object), new.map(integration_object));
        self.configured(at, old_object.as_ref(), pair(new_object.as_ref(), item.transpose()?))
    }

    fn grant(&mut self, at: usize, write: &Write<Grant>) -> Result<()> {
        let (old, new) = sides(write);
        let of = |g: &Grant| (g.status != GrantStatus::Revoked).then(|| g.integration_id.to_string());
        let object =
            |g: &Grant| Object { kind: "grant", id: g.id.to_string(), version: g.version, name: None };
        let item = new.map(grant_item).transpose()?;
        let (old_object, new_object) = (old.map(object), new.map(object));
        self.configured(at, old_object.as_ref(), pair(new_object.as_ref(), item))?;
        self.change_uses(at, "integration", old.and_then(of), new.and_then(of))
    }

    fn mailbox(&mut self, at: usize, write: &Write<Mailbox>) -> Result<()> {
        let (old, new) = sides(write);
        let integration = |m: &Mailbox| m.integration_id().map(|id| id.to_string());
        let grant = |m: &Mailbox| m.grant_id().map(|id| id.to_string());
        let project = |m: &Mailbox| Some(m.project.to_string());
        self.change_uses(at, "integration", old.and_then(integration), new.and_then(integration))?;
        self.change_uses(at, "grant", old.and_then(grant), new.and_then(grant))?;
        self.change_uses(at, "project", old.and_then(project), new.and_then(project))?;
        let name = |m: &Mailbox| Key::name("mailbox", &m.name.key());
        let id = new.map(|m| m.id.to_string()).unwrap_or_default();
        self.rename(at, old.map(name), new.map(|m| (name(m), id.as_str())))?;
        match (old, new) {
            (None, Some(new)) => {
                self.mailbox_config(at, new, Condition::Absent, Why::Exists)?;
                self.push(Action::new(Key::run(new.id), Verb::Put(run_item(&Run::new(new.id))?)))?;
                let interval = std::time::Duration::from_secs(u64::from(new.poll_interval_seconds));
                let first = new.created_at.checked_add(interval).unwrap_or(new.created_at);
                self.schedule(new, Some(first))
            }
            (Some(old), Some(new)) => {
                let unchanged = Condition::Equals("version", number(old.version.0));
                self.mailbox_config(at, new, unchanged, Why::Stale)?;
                self.schedule(new, None)
            }
            (Some(old), None) => {
                let unchanged = Condition::Equals("version", number(old.version.0));
                self.push(Action::new(Key::mailbox(old.id), Verb::Delete).when(
                    at,
                    unchanged,
                    Meaning::Is(Why::Stale),
                ))?;
                self.push(Action::new(Key::run(old.id), Verb::Delete))?;
                self.push(Action::new(Key::schedule(old.id), Verb::Delete))
            }
            (None, None) => Ok(()),
        }
    }

    fn mailbox_config(&mut self, at: usize, mailbox: &Mailbox, condition: Condition, why: Why) -> Result<()> {
        let key = Key::mailbox(mailbox.id);
        let mut item = item::carrying(&key, "mailbox", mailbox)?;
        item.insert("version".to_owned(), number(mailbox.version.0));
        item::index(&mut item, 1, "MAILBOX".to_owned(), mailbox.id.to_string());
        self.push(Action::new(key, Verb::Put(item)).when(at, condition, Meaning::Is(why)))
    }

    fn schedule(&mut self, mailbox: &Mailbox, not_before: Option<intake::Timestamp>) -> Result<()> {
        let waits = matches!(mailbox.auth, intake::types::mailbox::MailAuth::OAuth2 { grant_id: None, .. });
        let enabled = mailbox.enabled && !mailbox.deleting && !waits;
        let mut verb = Verb::update()
            .set("type", text("schedule"))
            .set("v", number(1))
            .set("interval_seconds", number(mailbox.poll_interval_seconds))
            .set("host", text(mailbox.server.host.as_str()))
            .set("enabled", aws_sdk_dynamodb::types::AttributeValue::Bool(enabled));
        if let Some(at) = not_before {
            verb = verb.set("not_before", text(at.to_string()));
        }
        self.push(Action::new(Key::schedule(mailbox.id), verb))
    }

    fn project(&mut self, at: usize, write: &Write<Project>) -> Result<()> {
        let (old, new) = sides(write);
        let object =
            |p: &Project| Object { kind: "project", id: p.key.to_string(), version: p.version, name: None };
        let item = new.map(|p| {
            let mut item = item::carrying(&Key::alone("PROJECT", &p.key), "project", p)?;
            item::index(&mut item, 1, "PROJECT".to_owned(), p.key.to_string());
            Ok::<_, intake::Error>(item)
        });
        let (old_object, new_object) = (old.map(object), new.map(object));
        self.configured(at, old_object.as_ref(), pair(new_object.as_ref(), item.transpose()?))
    }

    fn token(&mut self, at: usize, write: &Write<ApiToken>) -> Result<()> {
        let (old, new) = sides(write);
        let name = |t: &ApiToken| Key::name("token", &t.name.key());
        let id = new.map(|t| t.id.to_string()).unwrap_or_default();
        self.rename(at, old.map(name), new.map(|t| (name(t), id.as_str())))?;
        if let Some(token) = new {
            let key = Key::alone("TOKEN", &token.hash);
            let mut item = item::carrying(&key, "token", token)?;
            item::index(&mut item, 1, "TOKEN".to_owned(), token.id.to_string());
            self.push(Action::new(key, Verb::Put(item)).when(
                at,
                Condition::Absent,
                Meaning::Is(Why::Exists),
            ))?;
        }
        if let Some(token) = old {
            let gone = Action::new(Key::alone("TOKEN", &token.hash), Verb::Delete);
            self.push(gone.when(at, Condition::Present, Meaning::Is(Why::Stale)))?;
        }
        Ok(())
    }

    fn issue(&mut self, at: usize, write: &Write<Issue>) -> Result<()> {
        let (old, new) = sides(write);
        let Some(new) = new else { return Err(intake::Error::internal("issues are not deleted")) };
        let key = Key::issue(&new.key);
        // The body lies beside the record, so that lists need not read it.
        let bare = Issue { body: Default::default(), ..new.clone() };
        let mut item = item::carrying(&key, "issue", &bare)?;
        item.insert("body".to_owned(), encode(&new.body)?);
        let order = keys::issue_order(new.created_at, &new.key);
        item::index(&mut item, 1, keys::issues_of_project(new.project()), order.clone());
        item::index(
            &mut item,
            2,
            keys::issues_by_status(new.project(), &format!("{:?}", new.status)),
            order.clone(),
        );
        if let Some(source) = &new.source {
            item::index(&mut item, 3, keys::issues_of_mailbox(source.mailbox_id), order);
        }
        item.insert("version".to_owned(), number(new.version.0));
        let Some(old) = old else {
            item.insert("comment_count".to_owned(), number(new.comment_count));
            item.insert("attachment_count".to_owned(), number(new.attachment_count));
            item.insert("updated_at".to_owned(), text(new.updated_at.to_string()));
            return self.push(Action::new(key, Verb::Put(item)).when(
                at,
                Condition::Absent,
                Meaning::Is(Why::Exists),
            ));
        };
        // Counters live beside the record and go on counting.
        let mut verb = Verb::update().set("updated_at", text(new.updated_at.to_string()));
        for (name, value) in item.into_iter().filter(|(name, _)| !["pk", "sk"].contains(&name.as_str())) {
            verb = verb.set(&name, value);
        }
        let unchanged = Condition::Equals("version", number(old.version.0));
        self.push(Action::new(key, verb).when(at, unchanged, Meaning::Is(Why::Stale)))
    }

    fn comment(&mut self, at: usize, comment: &Comment) -> Result<()> {
        let order = format!("COMMENT#{}#{}", keys::sortable(comment.created_at), comment.id);
        let key = Key::new(Key::issue(&comment.issue_key).pk, order);
        let item = item::carrying(&key, "comment", comment)?;
        self.push(Action::new(key, Verb::Put(item)).when(at, Condition::Absent, Meaning::Is(Why::Exists)))
    }

    fn attachment(&mut self, attachment: &Attachment) -> Result<()> {
        let key = Key::alone("ATTACHMENT", attachment.id);
        let mut item = item::carrying(&key, "attachment", attachment)?;
        item::index(
            &mut item,
            1,
            keys::attachments_of(&attachment.issue_key),
            attachment.blob.as_str().to_owned(),
        );
        self.push(Action::new(key, Verb::Put(item)))
    }

    fn touch(&mut self, at: usize, touch: &IssueTouch) -> Result<()> {
        let more = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let verb = Verb::update()
            .add("comment_count", more(touch.comments))
            .add("attachment_count", more(touch.attachments));
        let verb = verb.set("updated_at", text(touch.at.to_string()));
        let action = Action::new(Key::issue(&touch.key), verb);
        self.push(action.when(at, Condition::Present, Meaning::Is(Why::Missing("issue"))))
    }

    fn message(&mut self, at: usize, message: &Message, expected: Option<MessageState>) -> Result<()> {
        let key = Key::alone("MESSAGE", message.id);
        let mut item = item::carrying(&key, "message", message)?;
        item.insert("state".to_owned(), text(format!("{:?}", message.state)));
        item::index(&mut item, 1, keys::messages_of(message.mailbox_id), message.id.to_string());
        item::index(
            &mut item,
            2,
            keys::messages_by_state(message.mailbox_id, message.state),
            message.id.to_string(),
        );
        let condition = match expected {
            None => Condition::Absent,
            Some(state) => Condition::Equals("state", text(format!("{state:?}"))),
        };
        // Marks of the same mail may stand before it in the list and have made this action already.
        if let Some(there) = self.all.iter_mut().find(|there| there.key == key) {
            if let Verb::Update(edit) = &there.verb {
                item.extend(edit.set.clone());
            }
            there.verb = Verb::Put(item);
            there.conditions.push((at, condition, Meaning::Is(Why::Exists)));
            return Ok(());
        }
        self.push(Action::new(key, Verb::Put(item)).when(at, condition, Meaning::Is(Why::Exists)))
    }

    /// The record names its mark in the mailbox, so that a purge finds it.
    fn remember_marker(
        &mut self,
        by: intake::types::ids::MessageId,
        scope: &SeenScope,
        identity: &str,
    ) -> Result<()> {
        match scope {
            SeenScope::Mailbox(_) => self
                .push(Action::new(Key::alone("MESSAGE", by), Verb::update().set("identity", text(identity)))),
            SeenScope::Project(_) => Ok(()),
        }
    }

    /// The first one stays.
    fn awaited(&mut self, key: Key, issue: &str) -> Result<()> {
        let verb =
            Verb::update().set("type", text("awaited")).set("v", number(1)).set_once("issue", text(issue));
        self.push(Action::new(key, verb))
    }

    fn cursor(&mut self, at: usize, step: &CursorMove) -> Result<()> {
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

    fn run(&mut self, at: usize, change: &RunChange) -> Result<()> {
        let Some(id) = change.mailbox_id else {
            return Err(intake::Error::internal("a run change without a mailbox"));
        };
        let mut verb = Verb::update();
        if let Some(status) = &change.status {
            verb = verb.set("status", encode(status)?);
        }
        for (name, time) in
            [("last_poll_at", change.last_poll_at), ("last_success_at", change.last_success_at)]
        {
            if let Some(time) = time {
                verb = verb.set(name, text(time.to_string()));
            }
        }
        verb = match &change.last_error {
            Some(Some(problem)) => verb.set("last_error", encode(problem)?),
            Some(None) => verb.remove("last_error"),
            None => verb,
        };
        if let Some(failures) = change.consecutive_failures {
            verb = verb.set("consecutive_failures", number(failures));
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
        let mut row = Verb::update();
        if let Some(at) = change.not_before {
            row = row.set("not_before", text(at.to_string()));
        }
        if let Some(scheduled) = change.scheduled {
            row = row.set("enabled", aws_sdk_dynamodb::types::AttributeValue::Bool(scheduled));
        }
        if change.not_before.is_none() && change.scheduled.is_none() {
            return Ok(());
        }
        let row = Action::new(Key::schedule(id), row);
        self.push(row.when(at, Condition::Present, Meaning::Is(Why::Missing("mailbox"))))
    }
}

fn integration_object(integration: &Integration) -> Object<'_> {
    Object {
        kind: "integration",
        id: integration.id.to_string(),
        version: integration.version,
        name: Some(&integration.name),
    }
}

/// A run's item, when the mailbox is created.
fn run_item(run: &Run) -> Result<item::Item> {
    let key = Key::run(run.mailbox_id);
    let mut item = item::new(&key, "run");
    item.insert("epoch".to_owned(), number(run.epoch));
    item.insert("status".to_owned(), encode(&run.status)?);
    item.insert("consecutive_failures".to_owned(), number(0));
    item.insert("fence".to_owned(), number(0));
    Ok(item)
}

fn grant_item(grant: &Grant) -> Result<item::Item> {
    let key = Key::alone("GRANT", grant.id);
    let mut item = item::carrying(&key, "grant", grant)?;
    item::index(&mut item, 1, "GRANT".to_owned(), grant.id.to_string());
    item::index(&mut item, 2, format!("GRANT#{}", grant.integration_id), grant.id.to_string());
    let unfinished =
        matches!(grant.status, GrantStatus::Pending | GrantStatus::Revoked).then_some(grant.created_at);
    if let Some(due) = grant.next_refresh_at.or(unfinished) {
        item::index(&mut item, 3, keys::REFRESH.to_owned(), keys::sortable(due));
    }
    Ok(item)
}

fn sides<T>(write: &Write<T>) -> (Option<&T>, Option<&T>) {
    match write {
        Write::Create(new) => (None, Some(new)),
        Write::Replace { new, old } => (Some(old), Some(new)),
        Write::Delete { old } => (Some(old), None),
    }
}

fn pair<'a, 'b>(
    object: Option<&'a Object<'b>>,
    item: Option<item::Item>,
) -> Option<(&'a Object<'b>, item::Item)> {
    object.zip(item)
}

fn key_in(item: &item::Item) -> Key {
    let part = |name| item::text_of(item, name).unwrap_or_default().to_owned();
    debug_assert!(item.contains_key("pk"));
    Key::new(part("pk"), if part("sk").is_empty() { ALONE.to_owned() } else { part("sk") })
}

/// Attempts are kept a day after their end, so that people can look at how they ended.
fn later(at: intake::Timestamp) -> intake::Timestamp {
    at.checked_add(std::time::Duration::from_secs(24 * 3600)).unwrap_or(at)
}
