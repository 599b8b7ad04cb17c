//! Blobs.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use intake::{
    Result,
    ports::{BlobRead, BlobWriter, Blobs},
    types::issue::BlobKey,
};
use url::Url;

use super::Breaker;

pub(super) struct Breakable {
    inner: Arc<dyn Blobs>,
    breaker: Arc<Breaker>,
}

impl Breakable {
    pub(super) fn new(inner: Arc<dyn Blobs>, breaker: Arc<Breaker>) -> Self {
        Self { inner, breaker }
    }
}

#[async_trait]
impl Blobs for Breakable {
    async fn put(&self, key: &BlobKey, bytes: Bytes) -> Result<()> {
        self.breaker.call_on("blobs.put", Some(key.as_str()), self.inner.put(key, bytes)).await
    }

    async fn stage(&self, key: &BlobKey, bytes: Bytes) -> Result<()> {
        self.breaker.state().unflushed.insert(key.as_str().to_owned());
        self.breaker.call_on("blobs.stage", Some(key.as_str()), self.inner.stage(key, bytes)).await
    }

    async fn flush(&self) -> Result<()> {
        let staged = self.breaker.state().unflushed.clone();
        let flushed = async {
            self.inner.flush().await?;
            self.breaker.state().unflushed.retain(|name| !staged.contains(name));
            Ok(())
        };
        self.breaker.call("blobs.flush", flushed).await
    }

    async fn writer(&self, key: &BlobKey) -> Result<Box<dyn BlobWriter>> {
        let begun = self.inner.writer(key);
        let inner = self.breaker.call_on("blobs.writer", Some(key.as_str()), begun).await?;
        Ok(Box::new(Writer { inner, breaker: self.breaker.clone() }))
    }

    async fn read(&self, key: &BlobKey) -> Result<BlobRead> {
        self.breaker.call("blobs.read", self.inner.read(key)).await
    }

    async fn link(&self, key: &BlobKey, disposition: &str, life: Duration) -> Result<Option<Url>> {
        self.breaker.call("blobs.link", self.inner.link(key, disposition, life)).await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<BlobKey>> {
        self.breaker.call("blobs.list", self.inner.list(prefix)).await
    }

    async fn delete_prefix(&self, prefix: &str) -> Result<()> {
        self.breaker.call("blobs.delete_prefix", self.inner.delete_prefix(prefix)).await
    }
}

struct Writer {
    inner: Box<dyn BlobWriter>,
    breaker: Arc<Breaker>,
}

#[async_trait]
impl BlobWriter for Writer {
    async fn write(&mut self, bytes: Bytes) -> Result<()> {
        self.breaker.call("blobs.write", self.inner.write(bytes)).await
    }

    async fn finish(self: Box<Self>) -> Result<()> {
        let Self { inner, breaker } = *self;
        breaker.call("blobs.finish", inner.finish()).await
    }
}
