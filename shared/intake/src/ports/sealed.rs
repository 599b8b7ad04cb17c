use async_trait::async_trait;

use serde::{Deserialize, Serialize};

use crate::{
    error::Result,
    types::secret::{SecretName, SecretVersion},
};

/// Where sealed secrets lie as opaque bytes: an adapter of the store, used by a vault that seals. Every version is kept
/// until it is removed.
#[async_trait]
pub trait SealedItems: Send + Sync {
    /// Writes a version that must not exist: `Kind::Conflict` where it exists.
    async fn put_sealed(&self, name: SecretName, version: &SecretVersion, sealed: &[u8]) -> Result<()>;
    /// One version.
    async fn get_sealed(&self, name: SecretName, version: &SecretVersion) -> Result<Option<Vec<u8>>>;
    /// Which versions are there. Strongly consistent.
    async fn sealed_versions(&self, name: SecretName) -> Result<Vec<SecretVersion>>;
    /// Removes versions. What is not there is no error.
    async fn remove_sealed(&self, name: SecretName, versions: &[SecretVersion]) -> Result<()>;
    /// Deletes everything of this name.
    async fn delete_sealed(&self, name: SecretName) -> Result<()>;
}

/// By what the master key of an installation is known again: a keyed hash of a random text, which tells nothing of the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyCheck {
    /// The text.
    pub of: String,
    /// Its keyed hash.
    pub tag: String,
}

/// Where the check of the master key lies, beside what is sealed with that key.
#[async_trait]
pub trait KeyChecks: Send + Sync {
    /// The check. None: none was kept yet, because nothing was or by an older version.
    async fn key_check(&self) -> Result<Option<KeyCheck>>;
    /// Keeps a check, in the place of another one.
    async fn put_key_check(&self, check: &KeyCheck) -> Result<()>;
}
