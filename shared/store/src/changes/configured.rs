//! What people configure: integrations, grants, mailboxes, projects and tokens, with their names and uses.

use std::{collections::BTreeSet, time::Duration};

use intake::{
    Error, Result,
    ports::{Why, Write},
    types::{
        Version,
        grant::{Grant, GrantStatus},
        handler,
        integration::Integration,
        mailbox::{Mailbox, Run},
        name::Name,
        project::ProjectKey,
        token::ApiToken,
    },
};

use super::{Actions, runs::run_item, sides};
use crate::{
    action::{Action, Condition, Verb},
    item::{self, Item, number, text, text_of},
    keys::{self, ALONE, Key},
};

/// A configured object, as far as writing it goes.
pub(super) struct Object<'a> {
    pub(super) kind: &'static str,
    pub(super) id: String,
    pub(super) version: Version,
    pub(super) name: Option<&'a Name>,
}

impl Actions {
    pub(super) fn integration(&mut self, at: usize, write: &Write<Integration>) -> Result<()> {
        let (old, new) = sides(write);
        let item = new.map(|i| {
            let mut item = item::carrying(&Key::alone("INTEGRATION", i.id), "integration", i)?;
            item::index(&mut item, 1, "INTEGRATION".to_owned(), i.id.to_string());
            Ok::<_, Error>(item)
        });
        let (old_object, new_object) = (old.map(integration_object), new.map(integration_object));
        self.configured(at, old_object.as_ref(), new_object.as_ref().zip(item.transpose()?))
    }

    pub(super) fn grant(&mut self, at: usize, write: &Write<Grant>) -> Result<()> {
        let (old, new) = sides(write);
        let of = |g: &Grant| (g.status != GrantStatus::Revoked).then(|| g.integration_id.to_string());
        let object =
            |g: &Grant| Object { kind: "grant", id: g.id.to_string(), version: g.version, name: None };
        let item = new.map(grant_item).transpose()?;
        let (old_object, new_object) = (old.map(object), new.map(object));
        self.configured(at, old_object.as_ref(), new_object.as_ref().zip(item))?;
        self.change_uses(at, "integration", old.and_then(of), new.and_then(of))
    }

    pub(super) fn mailbox(&mut self, at: usize, write: &Write<Mailbox>) -> Result<()> {
        let (old, new) = sides(write);
        let integration = |m: &Mailbox| m.integration_id().map(|id| id.to_string());
        let grant = |m: &Mailbox| m.grant_id().map(|id| id.to_string());
        let project = |m: &Mailbox| Some(m.project.to_string());
        self.change_uses(at, "integration", old.and_then(integration), new.and_then(integration))?;
        self.change_uses(at, "grant", old.and_then(grant), new.and_then(grant))?;
        self.change_uses(at, "project", old.and_then(project), new.and_then(project))?;
        self.begin_to_name(at, old, new)?;
        let name = |m: &Mailbox| Key::name("mailbox", &m.name.key());
        let id = new.map(|m| m.id.to_string()).unwrap_or_default();
        self.rename(at, old.map(name), new.map(|m| (name(m), id.as_str())))?;
        match (old, new) {
            (None, Some(new)) => {
                self.mailbox_config(at, new, Condition::Absent, Why::Exists)?;
                self.push(Action::new(Key::run(new.id), Verb::Put(run_item(&Run::new(new.id))?)))?;
                let interval = Duration::from_secs(u64::from(new.poll_interval_seconds));
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
                self.push(Action::new(Key::mailbox(old.id), Verb::Delete).when(at, unchanged, Why::Stale))?;
                self.push(Action::new(Key::run(old.id), Verb::Delete))?;
                self.push(Action::new(Key::schedule(old.id), Verb::Delete))
            }
            (None, None) => Ok(()),
        }
    }

    /// Notes at each project that handlers did not name before that they do: it has to be there, and whoever deletes it looks
    /// at the mailboxes again.
    fn begin_to_name(&mut self, at: usize, old: Option<&Mailbox>, new: Option<&Mailbox>) -> Result<()> {
        let named = |mailbox: Option<&Mailbox>| -> BTreeSet<ProjectKey> {
            let handlers = mailbox.map(|mailbox| &*mailbox.handlers).unwrap_or_default();
            handler::projects(handlers).into_iter().cloned().collect()
        };
        for key in named(new).difference(&named(old)) {
            let noted = Action::new(Key::alone("PROJECT", key), Verb::update().add("named", 1));
            self.push(noted.when(at, Condition::Present, Why::Missing("project")))?;
        }
        Ok(())
    }

    fn mailbox_config(&mut self, at: usize, mailbox: &Mailbox, condition: Condition, why: Why) -> Result<()> {
        let key = Key::mailbox(mailbox.id);
        let mut item = item::carrying(&key, "mailbox", mailbox)?;
        item.insert("version".to_owned(), number(mailbox.version.0));
        item::index(&mut item, 1, "MAILBOX".to_owned(), mailbox.id.to_string());
        self.push(Action::new(key, Verb::Put(item)).when(at, condition, why))
    }

    pub(super) fn token(&mut self, at: usize, write: &Write<ApiToken>) -> Result<()> {
        let (old, new) = sides(write);
        let name = |t: &ApiToken| Key::name("token", &t.name.key());
        let id = new.map(|t| t.id.to_string()).unwrap_or_default();
        self.rename(at, old.map(name), new.map(|t| (name(t), id.as_str())))?;
        if let Some(token) = new {
            let key = Key::alone("TOKEN", &token.hash);
            let mut item = item::carrying(&key, "token", token)?;
            item::index(&mut item, 1, "TOKEN".to_owned(), token.id.to_string());
            self.push(Action::new(key, Verb::Put(item)).when(at, Condition::Absent, Why::Exists))?;
        }
        if let Some(token) = old {
            let gone = Action::new(Key::alone("TOKEN", &token.hash), Verb::Delete);
            self.push(gone.when(at, Condition::Present, Why::Stale))?;
        }
        Ok(())
    }

    pub(super) fn token_stays(&mut self, at: usize, token: &ApiToken) -> Result<()> {
        let there = Action::new(Key::alone("TOKEN", &token.hash), Verb::Check);
        self.push(there.when(at, Condition::Present, Why::Stale))
    }

    /// The object itself and its unique name.
    pub(super) fn configured(
        &mut self,
        at: usize,
        old: Option<&Object<'_>>,
        new: Option<(&Object<'_>, Item)>,
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
                self.push(Action::new(key, Verb::Put(item)).when(at, Condition::Absent, taken))
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
                self.push(Action::new(key, verb).when(at, stale(old), Why::Stale))
            }
            (Some(old), None) => {
                let key = Key::alone(&old.kind.to_uppercase(), &old.id);
                let action = Action::new(key, Verb::Delete).when(at, stale(old), Why::Stale);
                self.push(action.when(at, Condition::Zero("uses"), Why::InUse))
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
            self.push(Action::new(key, Verb::Put(item)).when(at, Condition::Absent, Why::NameTaken))?;
        }
        old.map_or(Ok(()), |key| self.push(Action::new(key, Verb::Delete)))
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

    /// One use more or less of something that must be there.
    fn use_of(&mut self, at: usize, key: Key, what: &'static str, more: i64) -> Result<()> {
        let action = Action::new(key, Verb::update().add("uses", more));
        self.push(action.when(at, Condition::Present, Why::Missing(what)))
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

fn grant_item(grant: &Grant) -> Result<Item> {
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

fn key_in(item: &Item) -> Key {
    let part = |name| text_of(item, name).unwrap_or_default().to_owned();
    debug_assert!(item.contains_key("pk"));
    Key::new(part("pk"), if part("sk").is_empty() { ALONE.to_owned() } else { part("sk") })
}
