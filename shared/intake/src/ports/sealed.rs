use async_trait::async_trait;

use crate::{
    error::Result,
    types::secret::{SecretName, SecretVersion},
};

/// Where sealed secrets lie as opaque bytes: an adapter of the store, used by a vault that seals. At least the two
/// newest versions of a name are kept.
#[async_trait]
pub trait SealedItems: Send + Sync {
    /// Writes a version that must not exist, and makes it the newest. `Kind::Conflict` where it exists.
    async fn put_sealed(&self, name: SecretName, version: &SecretVersion, sealed: &[u8]) -> Result<()>;
    /// One version.
    async fn get_sealed(&self, name: SecretName, version: &SecretVersion) -> Result<Option<Vec<u8>>>;
    /// The newest version.
    async fn newest_sealed(&self, name: SecretName) -> Result<Option<(SecretVersion, Vec<u8>)>>;
    /// Deletes all versions.
    async fn delete_sealed(&self, name: SecretName) -> Result<()>;
}
