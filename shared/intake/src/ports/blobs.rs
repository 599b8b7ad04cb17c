use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use url::Url;

use crate::{error::Result, types::issue::BlobKey};

/// Where bytes lie: S3, or a folder. A blob is there whole or not at all; writing it again replaces it.
#[async_trait]
pub trait Blobs: Send + Sync {
    /// Writes a small blob, durably.
    async fn put(&self, key: &BlobKey, bytes: Bytes) -> Result<()>;
    /// Writes a small blob that is durable only after the next [`Blobs::flush`]: one flush for many is far cheaper than
    /// one for each.
    async fn stage(&self, key: &BlobKey, bytes: Bytes) -> Result<()>;
    /// Makes durable what was staged before.
    async fn flush(&self) -> Result<()>;
    /// Begins a blob of unknown size.
    async fn writer(&self, key: &BlobKey) -> Result<Box<dyn BlobWriter>>;
    /// Reads a blob from its beginning. `Kind::NotFound` where there is none.
    async fn read(&self, key: &BlobKey) -> Result<BlobRead>;
    /// A link by which a browser may fetch a blob for a while, with this Content-Disposition; None where there are no such
    /// links, and the bytes have to be passed on.
    async fn link(&self, key: &BlobKey, disposition: &str, life: Duration) -> Result<Option<Url>>;
    /// The blobs whose names begin so (`files/msg_…/`): those of one mail, a few hundred at most.
    async fn list(&self, prefix: &str) -> Result<Vec<BlobKey>>;
    /// Deletes every blob whose name begins so (`raw/msg_…`, `files/msg_…/`).
    async fn delete_prefix(&self, prefix: &str) -> Result<()>;
}

/// A blob being written. Dropped without [`BlobWriter::finish`], nothing is left.
#[async_trait]
pub trait BlobWriter: Send {
    /// Adds bytes.
    async fn write(&mut self, bytes: Bytes) -> Result<()>;
    /// Makes the blob visible, durably.
    async fn finish(self: Box<Self>) -> Result<()>;
}

/// A blob being read.
pub struct BlobRead {
    /// Its size in bytes.
    pub size: u64,
    /// Its bytes.
    pub stream: BoxStream<'static, Result<Bytes>>,
}

impl BlobRead {
    /// All bytes, for blobs that are known to be small. `Kind::TooLarge` above the limit.
    pub async fn bytes(mut self, limit: u64) -> Result<Vec<u8>> {
        use futures::TryStreamExt;
        let too_large = || crate::Error::told(crate::Kind::TooLarge, "blob_too_large");
        if self.size > limit {
            return Err(too_large());
        }
        let mut all = Vec::with_capacity(usize::try_from(self.size).map_err(|_| too_large())?);
        while let Some(chunk) = self.stream.try_next().await? {
            all.extend_from_slice(&chunk);
        }
        Ok(all)
    }
}
