//! A vault that remembers which versions were ever written, so that a test can ask what is still there.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use intake::{
    Result,
    ports::Vault,
    types::{
        ids::GrantId,
        secret::{SecretName, SecretVersion},
    },
};
use secrecy::SecretString;

/// What was written, or tried to be.
type Written = BTreeMap<SecretName, BTreeSet<SecretVersion>>;

/// The names and versions that were written, or tried to be.
#[derive(Debug, Clone, Default)]
pub struct Ledger(Arc<Mutex<Written>>);

impl Ledger {
    /// The vault, noted here.
    pub fn around(&self, inner: Arc<dyn Vault>) -> Arc<dyn Vault> {
        Arc::new(Noted { inner, ledger: self.clone() })
    }

    /// The versions of a secret that are still in the vault, in order.
    pub async fn versions_in(&self, vault: &dyn Vault, name: SecretName) -> Vec<SecretVersion> {
        let written = self.written().get(&name).cloned().unwrap_or_default();
        let mut left = Vec::new();
        for version in written {
            if vault.get(name, &version).await.is_ok() {
                left.push(version);
            }
        }
        left
    }

    /// The grants whose tokens are still in the vault, in order.
    pub async fn grants_in(&self, vault: &dyn Vault) -> Vec<GrantId> {
        let names: Vec<SecretName> = self.written().keys().copied().collect();
        let mut left = Vec::new();
        for name in names {
            if let SecretName::Grant(id) = name
                && !self.versions_in(vault, name).await.is_empty()
            {
                left.push(id);
            }
        }
        left.sort_unstable();
        left
    }

    fn written(&self) -> std::sync::MutexGuard<'_, Written> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Noted {
    inner: Arc<dyn Vault>,
    ledger: Ledger,
}

#[async_trait]
impl Vault for Noted {
    async fn put(
        &self,
        name: SecretName,
        version: &SecretVersion,
        value: &SecretString,
    ) -> Result<Vec<SecretVersion>> {
        self.ledger.written().entry(name).or_default().insert(version.clone());
        self.inner.put(name, version, value).await
    }

    async fn get(&self, name: SecretName, version: &SecretVersion) -> Result<SecretString> {
        self.inner.get(name, version).await
    }

    async fn settled(&self, name: SecretName) -> Result<Option<(SecretVersion, SecretString)>> {
        self.inner.settled(name).await
    }

    async fn settle(&self, name: SecretName, now: &SecretVersion, gone: &[SecretVersion]) -> Result<()> {
        self.inner.settle(name, now, gone).await
    }

    async fn discard(&self, name: SecretName, version: &SecretVersion) -> Result<()> {
        self.inner.discard(name, version).await
    }

    async fn delete(&self, name: SecretName) -> Result<()> {
        self.inner.delete(name).await
    }

    async fn writable(&self) -> Result<()> {
        self.inner.writable().await
    }
}
