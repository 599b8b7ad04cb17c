//! What is there, as a document: the API's own answers, without what no request could set.

use std::collections::BTreeMap;

use intake::{
    App, Result,
    flows::{
        change::{Entry, entry_of},
        grants,
        integrations::{self, IntegrationInput, IntegrationTold},
        mailboxes::{self, MailboxInput, Shown},
        projects,
    },
    lists,
    types::{
        grant::Grant,
        ids::IntegrationId,
        integration::{Integration, Provider},
        project::Project,
        request::Request,
    },
};
use serde::Serialize;
use serde_json::Value;

use crate::document::{Document, FORMAT};

/// What stands for a secret that lies in the vault.
pub const STORED: &str = "stored";

/// Everything that is configured.
pub(super) struct Present {
    pub(super) projects: Vec<Project>,
    pub(super) integrations: Vec<Integration>,
    pub(super) mailboxes: Vec<Shown>,
    pub(super) grants: Vec<Grant>,
}

impl Present {
    pub(super) async fn read(app: &App) -> Result<Self> {
        let mut mailboxes = lists::all(|page| async move { mailboxes::list(app, &page).await }).await?;
        // What is being deleted is no configuration any more.
        mailboxes.retain(|shown| !shown.mailbox.deleting);
        mailboxes.sort_by_key(|shown| shown.mailbox.name.key());
        let mut integrations = lists::all(|page| async move { integrations::list(app, &page).await }).await?;
        integrations.sort_by_key(|integration| integration.name.key());
        Ok(Self {
            projects: lists::all(|page| async move { projects::list(app, &page).await }).await?,
            integrations,
            mailboxes,
            grants: lists::all(|page| async move { grants::list(app, None, &page).await }).await?,
        })
    }

    /// The name of an integration.
    fn name_of(&self, id: IntegrationId) -> Option<String> {
        self.integrations.iter().find(|i| i.id == id).map(|i| i.name.to_string())
    }
}

/// The configuration, without identifiers, state and secrets.
pub async fn export(app: &App) -> Result<Document> {
    let present = Present::read(app).await?;
    let name_of = |id| present.name_of(id);
    Ok(Document {
        format: FORMAT,
        projects: present.projects.iter().map(|p| (p.key.to_string(), project(p))).collect(),
        integrations: present.integrations.iter().map(|i| (i.name.to_string(), integration(i))).collect(),
        mailboxes: present
            .mailboxes
            .iter()
            .map(|shown| (shown.mailbox.name.to_string(), mailbox(shown, name_of)))
            .collect(),
    })
}

pub(super) fn project(project: &Project) -> Entry {
    BTreeMap::from([("name", project.name.as_str())]).into_iter().map(|(k, v)| (k.into(), v.into())).collect()
}

pub(super) fn integration(integration: &Integration) -> Entry {
    let mut entry = fields_of::<IntegrationInput>(&IntegrationTold::of(integration));
    if integration.provider != Provider::Custom {
        // They are computed.
        for name in ["authorization_endpoint", "token_endpoint", "issuer"] {
            entry.remove(name);
        }
    }
    entry.insert("client_secret".to_owned(), STORED.into());
    entry
}

pub(super) fn mailbox(shown: &Shown, name_of: impl Fn(IntegrationId) -> Option<String>) -> Entry {
    let mut entry = fields_of::<MailboxInput>(&shown.told());
    if let Some(Value::Object(auth)) = entry.get_mut("auth") {
        // They are told by name.
        auth.retain(|name, _| !["grant_id", "integration_id"].contains(&name.as_str()));
        match shown.mailbox.integration_id().and_then(name_of) {
            Some(name) => auth.insert("integration".to_owned(), name.into()),
            None => auth.insert("password".to_owned(), STORED.into()),
        };
    }
    entry
}

/// What is told of an object and a request can say too; nothing that is empty. The name is the key.
fn fields_of<R: Request>(told: &impl Serialize) -> Entry {
    let mut entry = entry_of(told);
    entry.retain(|name, value| name != "name" && R::FIELDS.contains(&name.as_str()) && *value != *"");
    entry
}
