//! What is there and not listed.

use std::collections::BTreeMap;

use intake::{
    Result, Sentence,
    flows::{
        change::{Entry, Expect},
        config as risks, integrations, mailboxes,
        mailboxes::Shown,
    },
    json::pointer,
    types::{ids::IntegrationId, name::Name},
};

use crate::{
    diff::{Action, ObjectChange},
    document::{Document, name_key, wrong},
    walk::Walk,
};

impl Walk<'_> {
    /// What is there and not listed. Projects stay: issues live in them.
    pub(super) async fn prune(&mut self, document: &Document, rehearsed: bool) -> Result<()> {
        let present = self.present;
        let unlisted = |name: &Name, listed: &BTreeMap<String, Entry>| {
            !listed.keys().any(|listed| name_key(listed) == name.key())
        };
        let gone = |shown: &&Shown| unlisted(&shown.mailbox.name, &document.mailboxes);
        for shown in present.mailboxes.iter().filter(gone) {
            let name = shown.mailbox.name.to_string();
            self.risk(&pointer(["mailboxes", &name]), risks::of_deleted_mailbox(shown));
            if !rehearsed {
                let expect = Expect::one_of(vec![shown.mailbox.version]);
                mailboxes::delete(self.app, self.actor, shown.mailbox.id, &expect).await?;
            }
            self.deleted("mailbox", name);
        }
        for old in present.integrations.iter().filter(|i| unlisted(&i.name, &document.integrations)) {
            let name = old.name.to_string();
            let at = pointer(["integrations", &name]);
            if let Some(user) = self.user_of(old.id, document).await? {
                self.errors.push(wrong(&at, Sentence::new("field.used_by").with("user", user)));
                continue;
            }
            let accounts = present.grants.iter().filter(|g| g.integration_id == old.id).count();
            self.risk(&at, risks::of_deleted_integration(accounts));
            if !rehearsed {
                let expect = Expect::one_of(vec![old.version]);
                integrations::delete(self.app, self.actor, old.id, &expect).await?;
            }
            self.deleted("integration", name);
        }
        Ok(())
    }

    /// A mailbox of the document that signs in under this integration, as it is after the walk.
    async fn user_of(&self, id: IntegrationId, document: &Document) -> Result<Option<String>> {
        for shown in &self.present.mailboxes {
            let listed = document.mailboxes.keys().any(|name| name_key(name) == shown.mailbox.name.key());
            let now = if listed { self.app.store.mailbox(shown.mailbox.id).await? } else { None };
            if now.is_some_and(|mailbox| mailbox.integration_id() == Some(id)) {
                return Ok(Some(shown.mailbox.name.to_string()));
            }
        }
        Ok(None)
    }

    fn deleted(&mut self, kind: &'static str, name: String) {
        self.changes.push(ObjectChange { kind, name, action: Action::Delete, fields: Vec::new() });
    }
}
