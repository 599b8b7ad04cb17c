//! The master key at the start of a process: an installation knows its own again.
//!
//! A key that is made anew in the place of a lost one would leave secrets under two keys, and every answer by mail would
//! miss its issue. So a check of the key lies beside the records, and a start with another key is refused.

use crate::{
    App, Cause, Kind, Result,
    flows::change::{Deed, Diff},
    lists,
    ports::{KeyCheck, KeyChecks, SealedItems, Store},
    types::{
        audit::Actor,
        mailbox::Mailbox,
        secret::{SecretName, SecretVersion},
    },
};

/// For what the keyed hash is.
const PURPOSE: &str = "key check";

/// Whether there is something that only the installation's own key opens: then no other one may be made.
pub async fn is_needed<S: Store + SealedItems + KeyChecks>(store: &S) -> Result<bool> {
    if store.key_check().await?.is_some() {
        return Ok(true);
    }
    for (name, version) in secrets(store).await? {
        if store.get_sealed(name, &version).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the key of this process is the installation's. Where none was noted yet, it is the one that opens a stored
/// secret, or the first one; that is noted.
pub async fn is_ours<S: Store + KeyChecks>(app: &App, store: &S) -> Result<bool> {
    if let Some(check) = store.key_check().await? {
        return Ok(app.mac.verify(PURPOSE, &check.of, &check.tag));
    }
    let mut closed = false;
    for (name, version) in secrets(store).await? {
        match app.vault.get(name, &version).await {
            Ok(_) => {
                closed = false;
                break;
            }
            Err(error) if error.kind == Kind::NotFound => {}
            Err(error) if error.cause == Some(Cause::SecretUnreadable) => closed = true,
            Err(error) => return Err(error),
        }
    }
    if closed {
        return Ok(false);
    }
    note(app, store).await?;
    Ok(true)
}

/// Makes the key of this process the installation's, because somebody says that the one before is lost. What was sealed
/// with that one cannot be opened any more.
pub async fn replace<S: Store + KeyChecks>(app: &App, store: &S) -> Result<()> {
    Deed::new(app, &Actor::command_line(), "master_key.replaced", "master-key")
        .tells(Diff::default().secret("key", true, true))
        .commit()
        .await?;
    note(app, store).await
}

async fn note<S: KeyChecks>(app: &App, store: &S) -> Result<()> {
    let of = app.random_text();
    let tag = app.mac.tag(PURPOSE, &of);
    store.put_key_check(&KeyCheck { of, tag }).await
}

/// The secrets that records name.
async fn secrets<S: Store>(store: &S) -> Result<Vec<(SecretName, SecretVersion)>> {
    let integrations = lists::all(|page| async move { store.integrations(&page).await }).await?;
    let grants = lists::all(|page| async move { store.grants(None, &page).await }).await?;
    let mailboxes = lists::all(|page| async move { store.mailboxes(&page).await }).await?;
    let clients =
        integrations.into_iter().map(|it| (SecretName::Integration(it.id), it.client_secret_version));
    let tokens = grants.into_iter().filter_map(|it| Some((SecretName::Grant(it.id), it.secret_version?)));
    let password = |it: Mailbox| Some((SecretName::Mailbox(it.id), it.auth.secret_version()?.clone()));
    Ok(clients.chain(tokens).chain(mailboxes.into_iter().filter_map(password)).collect())
}
