use async_trait::async_trait;
use secrecy::SecretString;

use crate::{
    error::Result,
    types::secret::{SecretName, SecretVersion},
};

/// Where secrets lie: AWS Secrets Manager, or sealed items of the table.
///
/// A version is written once: writing it again with the same value is nothing, with another value an error
/// (`Kind::Conflict`). At least the two newest versions of a name can be read.
#[async_trait]
pub trait Vault: Send + Sync {
    /// Writes a version and makes it the newest. At most 64 KiB.
    async fn put(&self, name: SecretName, version: &SecretVersion, value: &SecretString) -> Result<()>;
    /// Reads one version. `Kind::NotFound` where it is not there (any more).
    async fn get(&self, name: SecretName, version: &SecretVersion) -> Result<SecretString>;
    /// Reads the newest version; None where nothing was ever written or all was deleted.
    async fn newest(&self, name: SecretName) -> Result<Option<(SecretVersion, SecretString)>>;
    /// Deletes every version, at once. Nothing to delete is no error.
    async fn delete(&self, name: SecretName) -> Result<()>;
    /// Whether a write would succeed now, as far as that can be known without one; asked before a refresh token is spent.
    async fn writable(&self) -> Result<()>;
}
