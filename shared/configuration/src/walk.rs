//! One walk over a document: each entry through the flow that a request would go through. Walked twice: rehearsed, to
//! learn everything that is wrong and everything that would change, and then for good.

use std::{borrow::Cow, collections::BTreeMap};

use intake::{
    App, Error, FieldError, Kind, Result, Sentence,
    flows::{
        change::{Entry, Expect, MASK},
        config as risks, integrations, mailboxes, projects,
    },
    json::pointer,
    types::{
        audit::{Actor, FieldChange},
        ids::IntegrationId,
        integration::Integration,
        mailbox::MailAuth,
        project::ProjectKey,
        secret::{SecretName, SecretVersion},
    },
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::{
    diff::{Action, ObjectChange, fields_between},
    document::{Document, below, name_key as key, wrong},
    export::{self, Present},
    read::{self, AuthNames, Wrong, take_secret},
};

/// One walk.
pub(super) struct Walk<'a> {
    pub(super) app: &'a App,
    pub(super) actor: &'a Actor,
    pub(super) present: &'a Present,
    /// By name, as they are after what was walked so far.
    integrations: BTreeMap<String, Integration>,
    /// Everything that is wrong, and the code of the first.
    pub(super) errors: Wrong,
    code: Option<Cow<'static, str>>,
    /// What would break.
    pub(super) risks: Vec<FieldError>,
    /// What changes.
    pub(super) changes: Vec<ObjectChange>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(app: &'a App, actor: &'a Actor, present: &'a Present) -> Self {
        let integrations = present.integrations.iter().map(|i| (i.name.key(), i.clone())).collect();
        Self {
            app,
            actor,
            present,
            integrations,
            errors: Wrong::new(),
            code: None,
            risks: Vec::new(),
            changes: Vec::new(),
        }
    }

    /// Creates and changes what the document lists, as if for a rehearsal: with everything that is wrong.
    pub(super) async fn all(&mut self, document: &Document) -> Result<()> {
        self.each(document, false).await
    }

    /// The same for good: ends with the first entry that is refused now.
    pub(super) async fn all_for_good(&mut self, document: &Document) -> Result<()> {
        self.each(document, true).await?;
        self.finish()
    }

    async fn each(&mut self, document: &Document, for_good: bool) -> Result<()> {
        let stops = |walk: &Self| for_good && !walk.errors.is_empty();
        for (key, entry) in &document.projects {
            self.project(key, entry).await?;
            if stops(self) {
                return Ok(());
            }
        }
        for (name, entry) in &document.integrations {
            self.integration(name, entry).await?;
            if stops(self) {
                return Ok(());
            }
        }
        for (name, entry) in &document.mailboxes {
            self.mailbox(name, entry).await?;
            if stops(self) {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Everything that is wrong, as one error.
    pub(super) fn finish(&mut self) -> Result<()> {
        let fields = std::mem::take(&mut self.errors);
        if fields.is_empty() {
            return Ok(());
        }
        let told = Error::told(Kind::Invalid, "validation_failed.configuration");
        let code = self.code.take().unwrap_or(told.code);
        Err(Error { fields: fields.into(), code, ..told })
    }

    /// Notes what a flow says against an entry, but for what is known of it already; what is no mistake of the document
    /// ends the walk.
    fn refused(&mut self, at: &str, mut error: Error) -> Result<()> {
        if error.is_temporary() || matches!(error.kind, Kind::Internal | Kind::Installation) {
            return Err(error);
        }
        if error.fields.is_empty() {
            error.fields = Box::new([FieldError::of("", error.clone())]);
        }
        if error.code != "validation_failed" {
            self.code.get_or_insert(error.code);
        }
        let fields = error.fields.into_iter().map(|field| {
            let pointer = match field.pointer.as_str() {
                "/auth/integration_id" => "/auth/integration",
                "/auth/grant_id" => "/auth/username",
                "/key" => "",
                other => other,
            };
            FieldError { pointer: format!("{at}{pointer}"), ..field }
        });
        let fields: Vec<_> = fields.filter(|field| !self.is_known(&field.pointer)).collect();
        self.errors.extend(fields);
        Ok(())
    }

    /// Whether something is noted there, above or below.
    fn is_known(&self, at: &str) -> bool {
        let within =
            |one: &str, other: &str| one.strip_prefix(other).is_some_and(|rest| rest.starts_with('/'));
        let same = |known: &str| known == at || within(known, at) || within(at, known);
        self.errors.iter().any(|error| same(&error.pointer))
    }

    /// Notes what is wrong with an entry as it is written.
    fn note(&mut self, at: &str, wrongs: Wrong) {
        self.errors.extend(below(at, wrongs));
    }

    pub(super) fn risk(&mut self, at: &str, risks: impl IntoIterator<Item = Sentence>) {
        self.risks.extend(risks.into_iter().map(|risk| wrong(at, risk)));
    }

    fn changed(
        &mut self,
        kind: &'static str,
        name: &str,
        before: Option<&Entry>,
        after: &Entry,
        secret: &str,
    ) {
        let mut fields = fields_between(before, after);
        if !secret.is_empty() {
            let was = if before.is_some() { MASK } else { "" };
            let change =
                FieldChange { field: secret.to_owned(), before: was.to_owned(), after: MASK.to_owned() };
            fields.retain(|field| field.field != secret);
            fields.push(change);
        }
        let action = if before.is_some() { Action::Change } else { Action::Create };
        if action == Action::Create || !fields.is_empty() {
            self.changes.push(ObjectChange { kind, name: name.to_owned(), action, fields });
        }
    }

    async fn project(&mut self, key: &str, entry: &Entry) -> Result<()> {
        let at = pointer(["projects", key]);
        let (input, wrongs) = read::project(key, entry);
        self.note(&at, wrongs);
        let Some(input) = input else { return Ok(()) };
        let there = ProjectKey::new(key).ok();
        let there = there.and_then(|key| self.present.projects.iter().find(|project| project.key == key));
        let before = there.map(export::project);
        let done = match there {
            None => projects::create(self.app, self.actor, input, None).await,
            Some(there) => {
                let expect = Expect::one_of(vec![there.version]);
                projects::patch(self.app, self.actor, &there.key, &expect, input).await
            }
        };
        match done {
            Ok(project) => self.changed("project", key, before.as_ref(), &export::project(&project), ""),
            Err(error) => self.refused(&at, error)?,
        }
        Ok(())
    }

    async fn integration(&mut self, name: &str, entry: &Entry) -> Result<()> {
        let at = pointer(["integrations", name]);
        let old = self.present.integrations.iter().find(|i| i.name.key() == key(name));
        let done = match old {
            None => self.new_integration(&at, name, entry).await,
            Some(old) => self.changed_integration(&at, name, entry, old).await,
        };
        done.or_else(|error| self.refused(&at, error))
    }

    async fn new_integration(&mut self, at: &str, name: &str, entry: &Entry) -> Result<()> {
        let (input, wrongs) = read::new_integration(name, entry.clone());
        self.note(at, wrongs);
        let Some(input) = input else { return Ok(()) };
        let made = integrations::create(self.app, self.actor, input, None).await?.integration;
        let after = export::integration(&made);
        self.changed("integration", name, None, &after, "client_secret");
        self.integrations.insert(made.name.key(), made);
        Ok(())
    }

    async fn changed_integration(
        &mut self,
        at: &str,
        name: &str,
        entry: &Entry,
        old: &Integration,
    ) -> Result<()> {
        let mut wrongs = Wrong::new();
        let mut given = entry.clone();
        let secret = take_secret(&mut given, "client_secret", "/client_secret", &mut wrongs);
        self.note(at, wrongs);
        let stored = (SecretName::Integration(old.id), &old.client_secret_version);
        let secret = self.with_stored(secret, Some(stored)).await?;
        let replaced = secret.as_ref().is_some_and(|(_, is_stored)| !is_stored);
        let before = export::integration(old);
        let spelled = (old.name.as_str() != name.trim()).then_some(name);
        let (input, wrongs) = read::integration_change(spelled, given, &before, secret);
        self.note(at, wrongs);
        let Some(input) = input else { return Ok(()) };
        let expect = Expect::one_of(vec![old.version]);
        let new = integrations::patch(self.app, self.actor, old.id, &expect, input).await?.integration;
        let uses =
            self.present.mailboxes.iter().filter(|m| m.mailbox.integration_id() == Some(old.id)).count();
        let accounts = self.present.grants.iter().filter(|g| g.integration_id == old.id).count();
        self.risk(at, risks::of_integration(old, &new, uses, accounts));
        let after = export::integration(&new);
        self.changed("integration", name, Some(&before), &after, if replaced { "client_secret" } else { "" });
        self.integrations.insert(new.name.key(), new);
        Ok(())
    }

    /// A given secret, and whether it is the one that is stored already.
    async fn with_stored(
        &self,
        given: Option<SecretString>,
        stored: Option<(SecretName, &SecretVersion)>,
    ) -> Result<Option<(SecretString, bool)>> {
        let Some(given) = given else { return Ok(None) };
        let same = match stored {
            Some((name, version)) => {
                let stored = self.app.vault.get(name, version).await?;
                let (one, other) = (given.expose_secret().as_bytes(), stored.expose_secret().as_bytes());
                aws_lc_rs::constant_time::verify_slices_are_equal(one, other).is_ok()
            }
            None => false,
        };
        Ok(Some((given, same)))
    }

    async fn mailbox(&mut self, name: &str, entry: &Entry) -> Result<()> {
        let at = pointer(["mailboxes", name]);
        let done = self.walk_mailbox(&at, name, entry).await;
        done.or_else(|error| self.refused(&at, error))
    }

    async fn walk_mailbox(&mut self, at: &str, name: &str, entry: &Entry) -> Result<()> {
        let old = self.present.mailboxes.iter().find(|shown| shown.mailbox.name.key() == key(name));
        let mut wrongs = Wrong::new();
        let mut given = entry.clone();
        let password = match given.get_mut("auth") {
            Some(Value::Object(auth)) => take_secret(auth, "password", "/auth/password", &mut wrongs),
            _ => None,
        };
        // A new one, and nothing from where its password comes: the core would only say that it is required.
        let wants = given.get("auth").and_then(|auth| auth.get("method")) == Some(&json!("password"));
        if old.is_none() && wants && password.is_none() && wrongs.is_empty() {
            wrongs.push(read::secret_required("/auth/password"));
            self.note(at, wrongs);
            return Ok(());
        }
        self.note(at, wrongs);
        let stored = old.and_then(|old| match &old.mailbox.auth {
            MailAuth::Password { secret_version, .. } => {
                Some((SecretName::Mailbox(old.mailbox.id), secret_version))
            }
            MailAuth::OAuth2 { .. } => None,
        });
        let password = self.with_stored(password, stored).await?;
        let set = password.as_ref().is_some_and(|(_, is_stored)| !is_stored);
        let before = old.map(|old| export::mailbox(old, |id| self.name_of(id)));
        let spelled = old.is_none_or(|old| old.mailbox.name.as_str() != name.trim()).then_some(name);
        let (input, wrongs) = {
            let names = AuthNames {
                integration: &|name| self.integrations.get(&key(name)).map(|i| i.id.to_string()),
                grant: &|integration, account| self.grant_of(integration, account),
            };
            read::mailbox(spelled, given, before.as_ref(), &names, password)
        };
        self.note(at, wrongs);
        let Some(input) = input else { return Ok(()) };
        let new = match old {
            None => mailboxes::create(self.app, self.actor, input, None).await?,
            Some(old) => {
                let expect = Expect::one_of(vec![old.mailbox.version]);
                mailboxes::patch(self.app, self.actor, old.mailbox.id, &expect, input).await?
            }
        };
        if let Some(old) = old {
            self.risk(at, risks::of_mailbox(old, &new));
        }
        let after = export::mailbox(&new, |id| self.name_of(id));
        self.changed("mailbox", name, before.as_ref(), &after, if set { "auth.password" } else { "" });
        Ok(())
    }

    fn name_of(&self, id: IntegrationId) -> Option<String> {
        self.integrations.values().find(|i| i.id == id).map(|i| i.name.to_string())
    }

    fn grant_of(&self, integration: &str, account: &str) -> Option<String> {
        let is_it = |grant: &&intake::types::grant::Grant| {
            grant.integration_id.to_string() == integration
                && grant.account.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(account))
        };
        self.present.grants.iter().find(is_it).map(|grant| grant.id.to_string())
    }
}
