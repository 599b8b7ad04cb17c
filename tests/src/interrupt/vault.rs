//! The vault.

use std::sync::Arc;

use async_trait::async_trait;
use intake::{
    Result,
    ports::Vault,
    types::secret::{SecretName, SecretVersion},
};
use secrecy::SecretString;

use super::Breaker;

pub(super) struct Breakable {
    inner: Arc<dyn Vault>,
    breaker: Arc<Breaker>,
}

impl Breakable {
    pub(super) fn new(inner: Arc<dyn Vault>, breaker: Arc<Breaker>) -> Self {
        Self { inner, breaker }
    }
}

#[async_trait]
impl Vault for Breakable {
    async fn put(
        &self,
        name: SecretName,
        version: &SecretVersion,
        value: &SecretString,
    ) -> Result<Vec<SecretVersion>> {
        self.breaker.call("vault.put", self.inner.put(name, version, value)).await
    }

    async fn get(&self, name: SecretName, version: &SecretVersion) -> Result<SecretString> {
        self.breaker.call("vault.get", self.inner.get(name, version)).await
    }

    async fn settled(&self, name: SecretName) -> Result<Option<(SecretVersion, SecretString)>> {
        self.breaker.call("vault.settled", self.inner.settled(name)).await
    }

    async fn settle(&self, name: SecretName, now: &SecretVersion, gone: &[SecretVersion]) -> Result<()> {
        self.breaker.call("vault.settle", self.inner.settle(name, now, gone)).await
    }

    async fn discard(&self, name: SecretName, version: &SecretVersion) -> Result<()> {
        self.breaker.call("vault.discard", self.inner.discard(name, version)).await
    }

    async fn delete(&self, name: SecretName) -> Result<()> {
        self.breaker.call("vault.delete", self.inner.delete(name)).await
    }

    async fn writable(&self) -> Result<()> {
        self.breaker.call("vault.writable", self.inner.writable()).await
    }
}
