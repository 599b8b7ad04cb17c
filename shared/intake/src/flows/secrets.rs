//! Secrets that records name: durable before a record names them, and kept for as long as one may.
//!
//! A record's commit is refused unless the record still has the version that was read. So once a commit succeeded, every
//! attempt that had put its secret before is doomed, and a version that was in the vault by then and is not the one that
//! the record named can never be named again. What came later may.

use secrecy::SecretString;

use crate::{
    App,
    error::{Kind, Result},
    failed,
    types::secret::{SecretName, SecretVersion},
};

/// A secret that lies in the vault, and that no record names yet.
#[must_use = "what became of the record decides what is kept"]
pub(super) struct Stored<'a> {
    app: &'a App,
    name: SecretName,
    version: SecretVersion,
    /// What was there before it.
    beside: Vec<SecretVersion>,
}

/// Puts a version into the vault. What is there stays.
pub(super) async fn store<'a>(
    app: &'a App,
    name: SecretName,
    version: &SecretVersion,
    value: &SecretString,
) -> Result<Stored<'a>> {
    let beside = app.vault.put(name, version, value).await?;
    Ok(Stored { app, name, version: version.clone(), beside })
}

/// After the commit of a record that names no secret any more: the one that it named goes, and no other. Somebody may be
/// giving it one again.
pub(super) async fn discard(app: &App, name: SecretName, version: &SecretVersion) {
    note(app.vault.discard(name, version).await);
}

impl Stored<'_> {
    /// After the commit of a record that named `before` when it was read. That version stays once more, for whoever has
    /// read the record before. What cannot be cleaned up now is cleaned up after the next commit.
    pub(super) async fn settle<T>(self, committed: &Result<T>, before: Option<&SecretVersion>) {
        match committed {
            Ok(_) => self.named(before).await,
            // A refusal is certain. After anything else the record may name it.
            Err(error) if matches!(error.kind, Kind::Conflict | Kind::Invalid | Kind::LeaseLost) => {
                self.refused().await;
            }
            Err(_) => {}
        }
    }

    async fn named(self, before: Option<&SecretVersion>) {
        let Self { app, name, version, mut beside } = self;
        beside.retain(|there| Some(there) != before);
        note(app.vault.settle(name, &version, &beside).await);
    }

    /// Takes it back, as far as the record says that it may be.
    pub(super) async fn refused(self) {
        let Self { app, name, version, .. } = self;
        note(match named(app, name).await {
            Ok(Named::Gone) => app.vault.delete(name).await,
            Ok(Named::Version(there)) if there == version => Ok(()),
            Ok(_) => app.vault.discard(name, &version).await,
            Err(error) => Err(error),
        });
    }
}

/// What a record says of its secret.
enum Named {
    Gone,
    Nothing,
    Version(SecretVersion),
}

async fn named(app: &App, name: SecretName) -> Result<Named> {
    let there = match name {
        SecretName::Integration(id) => {
            app.store.integration(id).await?.map(|integration| Some(integration.client_secret_version))
        }
        SecretName::Grant(id) => app.store.grant(id).await?.map(|grant| grant.secret_version),
        SecretName::Mailbox(id) => {
            app.store.mailbox(id).await?.map(|mailbox| mailbox.auth.secret_version().cloned())
        }
    };
    Ok(match there {
        None => Named::Gone,
        Some(None) => Named::Nothing,
        Some(Some(version)) => Named::Version(version),
    })
}

fn note(cleaned: Result<()>) {
    if let Err(error) = cleaned {
        failed!(warn, error, "A secret that is not used any more could not be removed yet.");
    }
}
