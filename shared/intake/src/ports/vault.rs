use async_trait::async_trait;
use secrecy::SecretString;

use crate::{
    Error, Kind, Result, Sentence,
    types::secret::{SecretName, SecretVersion},
};

/// Where secrets lie: AWS Secrets Manager, or sealed items of the table.
///
/// A vault keeps every version until it is told otherwise: which of them counts is said by a record alone. A version is
/// written once: writing it again with the same value is nothing, with another value an error (`Kind::Conflict`).
#[async_trait]
pub trait Vault: Send + Sync {
    /// Writes a version beside those that are there, and tells which they were before. At most 64 KiB.
    async fn put(
        &self,
        name: SecretName,
        version: &SecretVersion,
        value: &SecretString,
    ) -> Result<Vec<SecretVersion>>;
    /// Reads one version. `Kind::NotFound` where it is not there (any more).
    async fn get(&self, name: SecretName, version: &SecretVersion) -> Result<SecretString>;
    /// The version that was settled last. None where nothing was, and where secrets lie beside their records: those are
    /// restored together, but a table that was restored alone names versions of before.
    async fn settled(&self, name: SecretName) -> Result<Option<(SecretVersion, SecretString)>>;
    /// A record names this version now, and none can name those that are gone any more: they need not be kept, and what
    /// is not there is no error.
    async fn settle(&self, name: SecretName, now: &SecretVersion, gone: &[SecretVersion]) -> Result<()>;
    /// No record names this version, nor ever will. What is not there is no error.
    async fn discard(&self, name: SecretName, version: &SecretVersion) -> Result<()>;
    /// Deletes every version, at once. Nothing to delete is no error.
    async fn delete(&self, name: SecretName) -> Result<()>;
    /// The secret of our client at the company's identity provider, where whoever installs puts it beside ours.
    /// `Kind::Installation` where it is not there; where settings tell it, nobody asks.
    async fn identity_secret(&self) -> Result<SecretString> {
        let setting = "MAILDOCKET_OIDC_CLIENT_SECRET";
        let sentence = Sentence::new("identity_setting_wrong.missing").with("setting", setting);
        Err(Error::told(Kind::Installation, sentence))
    }
    /// Whether a write would succeed now, as far as that can be known without one; asked before a refresh token is spent.
    async fn writable(&self) -> Result<()>;
}
