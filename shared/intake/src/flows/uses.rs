//! What signs in under integrations and with accounts: before something is changed or deleted, people see what it touches.

use futures::{StreamExt, TryStreamExt};

use crate::{
    App, Result,
    flows::grants,
    lists,
    types::{
        grant::Grant,
        ids::{GrantId, IntegrationId},
        mailbox::Mailbox,
    },
};

/// The most mailboxes and accounts that are looked at.
const MAX: usize = 2_000;

/// Mailboxes and signed-in accounts, newest first.
#[derive(Debug, Clone, Default)]
pub struct Uses {
    mailboxes: Vec<Mailbox>,
    grants: Vec<Grant>,
}

/// Looks at what there is.
pub async fn all(app: &App) -> Result<Uses> {
    let mailboxes = lists::entries(200, |page| async move { app.store.mailboxes(&page).await });
    let grants = lists::entries(200, |page| async move { grants::list(app, None, &page).await });
    Ok(Uses {
        mailboxes: mailboxes.take(MAX).try_collect().await?,
        grants: grants.take(MAX).try_collect().await?,
    })
}

impl Uses {
    /// The mailboxes that sign in under this integration.
    pub fn mailboxes_of(&self, id: IntegrationId) -> impl Iterator<Item = &Mailbox> {
        self.mailboxes.iter().filter(move |mailbox| mailbox.integration_id() == Some(id))
    }

    /// The mailboxes that sign in with this account.
    pub fn mailboxes_with(&self, id: GrantId) -> impl Iterator<Item = &Mailbox> {
        self.mailboxes.iter().filter(move |mailbox| mailbox.grant_id() == Some(id))
    }

    /// The accounts that consented to this integration.
    pub fn accounts_of(&self, id: IntegrationId) -> impl Iterator<Item = &Grant> {
        self.grants.iter().filter(move |grant| grant.integration_id == id)
    }
}
