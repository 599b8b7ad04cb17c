//! A vault that remembers which names were ever written, so that a test can ask what is still there.

use std::{
    collections::HashSet,
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

/// The names that were written, or tried to be.
#[derive(Debug, Clone, Default)]
pub struct Ledger(Arc<Mutex<HashSet<SecretName>>>);

impl Ledger {
    /// The vault, noted here.
    pub fn around(&self, inner: Arc<dyn Vault>) -> Arc<dyn Vault> {
        Arc::new(Noted { inner, ledger: self.clone() })
    }

    /// The grants whose tokens are still in the vault, in order.
    pub async fn grants_in(&self, vault: &dyn Vault) -> Vec<GrantId> {
        let names: Vec<SecretName> = self.names().iter().copied().collect();
        let mut left = Vec::new();
        for name in names {
            if let SecretName::Grant(id) = name
                && vault.newest(name).await.expect("a readable vault").is_some()
            {
                left.push(id);
            }
        }
        left.sort_unstable();
        left
    }

    fn names(&self) -> std::sync::MutexGuard<'_, HashSet<SecretName>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Noted {
    inner: Arc<dyn Vault>,
    ledger: Ledger,
}

#[async_trait]
impl Vault for Noted {
    async fn put(&self, name: SecretName, version: &SecretVersion, value: &SecretString) -> Result<()> {
        self.ledger.names().insert(name);
        self.inner.put(name, version, value).await
    }

    async fn get(&self, name: SecretName, version: &SecretVersion) -> Result<SecretString> {
        self.inner.get(name, version).await
    }

    async fn newest(&self, name: SecretName) -> Result<Option<(SecretVersion, SecretString)>> {
        self.inner.newest(name).await
    }

    async fn delete(&self, name: SecretName) -> Result<()> {
        self.inner.delete(name).await
    }

    async fn writable(&self) -> Result<()> {
        self.inner.writable().await
    }
}
