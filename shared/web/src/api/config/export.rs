//! What is there, as a document: the API's own answers, without what no request could set.

use std::collections::{BTreeMap, BTreeSet};

use intake::{
    App, Result,
    flows::{grants, integrations, mailboxes, mailboxes::Shown, projects},
    lists,
    types::{
        grant::Grant,
        ids::IntegrationId,
        integration::{Integration, Provider},
        project::Project,
    },
};
use serde::Serialize;
use serde_json::Value;
use utoipa::{
    PartialSchema,
    openapi::{RefOr, Schema},
};

use super::document::{Document, Entry, FORMAT};
use crate::api::{
    integrations::{NewIntegration, view_read},
    mailboxes::{AuthRequest, MailboxRequest, view},
};

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
        integrations: present
            .integrations
            .iter()
            .map(|i| (i.name.to_string(), integration(app, i)))
            .collect(),
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

pub(super) fn integration(app: &App, integration: &Integration) -> Entry {
    let mut entry = fields_of::<NewIntegration>(&view_read(app, integration.clone()));
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
    let mut entry = fields_of::<MailboxRequest>(&view(shown.clone()));
    if let Some(Value::Object(auth)) = entry.get_mut("auth") {
        let known = known_fields::<AuthRequest>();
        auth.retain(|name, _| {
            known.contains(name) && !["grant_id", "integration_id"].contains(&name.as_str())
        });
        match shown.mailbox.integration_id().and_then(name_of) {
            Some(name) => auth.insert("integration".to_owned(), name.into()),
            None => auth.insert("password".to_owned(), STORED.into()),
        };
    }
    entry
}

/// What an answer says and a request can say too; nothing that is empty. The name is the key.
fn fields_of<R: PartialSchema>(answer: &impl Serialize) -> Entry {
    let Ok(Value::Object(mut entry)) = serde_json::to_value(answer) else { return Entry::new() };
    let known = known_fields::<R>();
    entry.retain(|name, value| {
        without_nulls(value);
        name != "name" && known.contains(name) && !value.is_null() && *value != *""
    });
    entry
}

/// The fields of a request, as the OpenAPI document tells them.
pub(super) fn known_fields<R: PartialSchema>() -> BTreeSet<String> {
    match R::schema() {
        RefOr::T(Schema::Object(object)) => object.properties.keys().cloned().collect(),
        _ => BTreeSet::new(),
    }
}

/// In a request null and absent mean the same, below the first level.
pub(super) fn without_nulls(value: &mut Value) {
    if let Value::Object(fields) = value {
        fields.retain(|_, value| !value.is_null());
        fields.values_mut().for_each(without_nulls);
    }
}
