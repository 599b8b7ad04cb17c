//! Grants: listed, deleted, and their access tokens for the poller.

use std::time::Duration;

use futures::{TryStreamExt, future::ready};
use secrecy::SecretString;

use crate::{
    App,
    error::{Error, Kind, Result},
    failed,
    flows::{
        change::{Deed, Diff, Expect, shown},
        refresh,
    },
    lists,
    ports::{Change, Write},
    types::{
        Page, PageRequest,
        audit::Actor,
        grant::{Grant, GrantStatus},
        ids::{GrantId, IntegrationId},
        secret::{GrantTokens, SecretName, SecretVersion},
    },
};

/// A token with less life left is refreshed before it is used.
const MIN_LEFT: Duration = Duration::from_secs(60);

/// All grants, or those of an integration. Half-made and half-deleted ones are not shown.
pub async fn list(app: &App, of: Option<IntegrationId>, page: &PageRequest) -> Result<Page<Grant>> {
    let mut grants = app.store.grants(of, page).await?;
    grants.items.retain(is_shown);
    Ok(grants)
}

/// One grant.
pub async fn get(app: &App, id: GrantId) -> Result<Grant> {
    app.store.grant(id).await?.filter(is_shown).ok_or_else(|| Error::not_found("grant"))
}

fn is_shown(grant: &Grant) -> bool {
    !matches!(grant.status, GrantStatus::Pending | GrantStatus::Revoked)
}

/// Deletes a grant: revoked here first, then at the provider where it can, then its secret, then its record. A crash in
/// between is finished by the refresher's sweep.
pub async fn delete(app: &App, actor: &Actor, id: GrantId, expect: &Expect) -> Result<()> {
    let old = get(app, id).await?;
    expect.check(old.version)?;
    if in_use(app, id).await? {
        return Err(Error::told(Kind::Conflict, "grant_in_use"));
    }
    let new = Grant {
        version: old.version.next(),
        status: GrantStatus::Revoked,
        next_refresh_at: Some(app.now()),
        ..old.clone()
    };
    Deed::new(app, actor, "grant.deleted", id)
        .tells(Diff::default().field("account", shown(old.account.as_ref()), ""))
        .change(Change::Grant(Write::Replace { new: new.clone(), old }))
        .commit()
        .await?;
    app.credentials.forget(SecretName::Grant(id));
    end(app, new).await
}

/// What follows once a grant is `revoked` here.
pub(super) async fn end(app: &App, grant: Grant) -> Result<()> {
    if let Err(error) = revoke(app, &grant).await {
        failed!(warn, error, grant = %grant.id, "The provider could not be told that a grant ended.");
    }
    finish_deletion(app, grant).await
}

/// Deletes the secret, then the record that knows of it.
pub(super) async fn finish_deletion(app: &App, grant: Grant) -> Result<()> {
    app.vault.delete(SecretName::Grant(grant.id)).await?;
    app.write(&[Change::Grant(Write::Delete { old: grant })]).await
}

async fn in_use(app: &App, id: GrantId) -> Result<bool> {
    let mailboxes = lists::entries(200, |page| async move { app.store.mailboxes(&page).await });
    mailboxes.try_any(|mailbox| ready(mailbox.grant_id() == Some(id))).await
}

async fn revoke(app: &App, grant: &Grant) -> Result<()> {
    let Some(integration) = app.store.integration(grant.integration_id).await? else { return Ok(()) };
    let Some((_, tokens)) = refresh::tokens(app, grant).await? else { return Ok(()) };
    let client = refresh::client(app, &integration).await?;
    app.oauth
        .revoke(&client, &tokens.refresh_token)
        .await
        .map_err(|error| crate::explain::oauth(&error, client.provider))?;
    Ok(())
}

/// A token to sign in with.
#[derive(Clone)]
pub struct AccessToken {
    /// The token.
    pub access_token: SecretString,
    /// Whose, where the provider told.
    pub account: Option<String>,
    /// Which version it is.
    pub version: SecretVersion,
}

/// Whether the access token of a grant can be used as it is.
pub(super) fn is_fresh(app: &App, grant: &Grant) -> bool {
    grant.access_token_expires_at.is_some_and(|end| end > app.after(MIN_LEFT))
}

/// A fresh access token of a grant: from memory, else from the vault, else refreshed.
pub async fn access_token(app: &App, id: GrantId) -> Result<AccessToken> {
    let mut grant = get(app, id).await?;
    if grant.status == GrantStatus::NeedsConsent {
        return Err(refresh::dead(&grant));
    }
    if !is_fresh(app, &grant) {
        grant = refresh::refresh_grant(app, id, refresh::Reason::Expiring).await?;
    }
    let version = grant.secret_version.clone().ok_or_else(|| Error::not_found("grant"))?;
    let name = SecretName::Grant(id);
    if let Some(access_token) = app.credentials.get(name, &version) {
        return Ok(AccessToken { access_token, account: grant.account, version });
    }
    let secret = app.vault.get(name, &version).await?;
    let tokens = GrantTokens::from_secret(&secret).map_err(Error::internal)?;
    app.credentials.keep(name, &version, &tokens.access_token);
    Ok(AccessToken { access_token: tokens.access_token, account: grant.account, version })
}
