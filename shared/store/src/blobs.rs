//! Blobs on any object store: a folder here, S3 in the cloud.

mod fault;
mod staging;

use std::{
    path::Path,
    sync::{Arc, OnceLock},
    time::Duration,
};

use async_trait::async_trait;
use aws_credential_types::Credentials;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use http::Method;
use intake::{
    Disk, DiskTrouble, Error, Kind, Result, Sentence,
    ports::{BlobRead, BlobWriter, Blobs},
    types::issue::BlobKey,
};
use object_store::{
    ClientOptions, MultipartUpload, ObjectStore, ObjectStoreExt, PutPayload,
    aws::AmazonS3Builder,
    client::{
        HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
        ReqwestConnector,
    },
    local::LocalFileSystem,
    path::Path as ObjectPath,
    signer::{SignedUrlOptions, Signer},
};
use url::Url;

use self::{
    fault::{fault, is_full, path},
    staging::Staging,
};

/// Parts of a streamed blob in a bucket, bytes: S3 wants at least 5 MiB.
const BUCKET_PART: usize = 5 * 1024 * 1024;
/// And in a folder, where a part is one write: many writers at once keep little in memory.
const FOLDER_PART: usize = 256 * 1024;

/// An S3 bucket, and whose it is used as.
#[derive(Debug, Clone, Copy)]
pub struct Bucket<'a> {
    /// Its name.
    pub name: &'a str,
    /// AWS's name of its region.
    pub region: &'a str,
    /// Another place than AWS's own.
    pub endpoint: Option<&'a str>,
    /// What requests are signed with.
    pub credentials: &'a Credentials,
}

/// Blobs in an object store.
#[derive(Debug)]
pub struct ObjectBlobs {
    store: Arc<dyn ObjectStore>,
    /// So many bytes of a streamed blob are collected.
    part: usize,
    /// Makes many blobs durable at once, where the store can.
    staging: Option<Staging>,
    /// Makes links for browsers, where the store can.
    signer: Option<Arc<dyn Signer>>,
    /// Under the folder.
    disk: Arc<Disk>,
}

impl ObjectBlobs {
    /// Blobs in a folder, which is made where it is missing. Writes reach the disk before they are acknowledged.
    pub fn folder(path: &Path) -> Result<Self> {
        let unusable = |error: &dyn std::fmt::Display| {
            let sentence = Sentence::new("blob_folder_unusable").with("folder", path.display());
            Error::told(Kind::Installation, sentence.with("io_error", error))
        };
        std::fs::create_dir_all(path).map_err(|error| match is_full(&error) {
            true => Disk::under(path).error(DiskTrouble::Full),
            false => unusable(&error),
        })?;
        let store = LocalFileSystem::new_with_prefix(path).map_err(|error| unusable(&error))?;
        let staging = Staging::of(path, &store).map_err(|error| unusable(&error))?;
        let store = Arc::new(store.with_fsync(true).with_automatic_cleanup(true));
        Ok(Self { store, part: FOLDER_PART, staging, signer: None, disk: Arc::new(Disk::under(path)) })
    }

    /// The same, and keeps in this mind what it meets on the disk.
    #[must_use]
    pub fn on(mut self, disk: Arc<Disk>) -> Self {
        self.disk = disk;
        self
    }

    /// Blobs in an S3 bucket.
    pub fn bucket(bucket: &Bucket<'_>) -> Result<Self> {
        let Bucket { name, region, endpoint, credentials } = *bucket;
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(name)
            .with_region(region)
            .with_access_key_id(credentials.access_key_id())
            .with_secret_access_key(credentials.secret_access_key())
            .with_http_connector(Later);
        if let Some(token) = credentials.session_token() {
            builder = builder.with_token(token);
        }
        if let Some(endpoint) = endpoint {
            builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http:"));
        }
        let made = builder.build();
        let store = Arc::new(made.map_err(|error| {
            let sentence = Sentence::new("bucket_unusable").with("bucket", name);
            Error::told(Kind::Installation, sentence.with("io_error", error))
        })?);
        Ok(Self {
            store: store.clone(),
            part: BUCKET_PART,
            staging: None,
            signer: Some(store),
            disk: Arc::default(),
        })
    }
}

/// Clients that are made at their first call: reading the platform's roots takes longer than all else in the start of a
/// function.
#[derive(Debug)]
struct Later;

impl HttpConnector for Later {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(LaterClient { options: options.clone(), made: OnceLock::new() }))
    }
}

#[derive(Debug)]
struct LaterClient {
    options: ClientOptions,
    made: OnceLock<HttpClient>,
}

#[async_trait]
impl HttpService for LaterClient {
    async fn call(&self, request: HttpRequest) -> std::result::Result<HttpResponse, HttpError> {
        if self.made.get().is_none() {
            let made = ReqwestConnector::default().connect(&self.options);
            let made = made.map_err(|error| HttpError::new(HttpErrorKind::Unknown, error))?;
            // Another call may have been faster.
            let _ = self.made.set(made);
        }
        let made = self.made.get().expect("it was set above, and is never taken out");
        made.execute(request).await
    }
}

#[async_trait]
impl Blobs for ObjectBlobs {
    async fn put(&self, key: &BlobKey, bytes: Bytes) -> Result<()> {
        self.store
            .put(&path(key), PutPayload::from_bytes(bytes))
            .await
            .map_err(|error| fault(&error, &self.disk))?;
        Ok(())
    }

    async fn stage(&self, key: &BlobKey, bytes: Bytes) -> Result<()> {
        match &self.staging {
            Some(staging) => staging.put(key, bytes, &self.disk).await,
            None => self.put(key, bytes).await,
        }
    }

    async fn flush(&self) -> Result<()> {
        match &self.staging {
            Some(staging) => staging.flush(&self.disk).await,
            None => Ok(()),
        }
    }

    async fn writer(&self, key: &BlobKey) -> Result<Box<dyn BlobWriter>> {
        let upload = self.store.put_multipart(&path(key)).await.map_err(|error| fault(&error, &self.disk))?;
        Ok(Box::new(Writer { upload, part: self.part, buffer: Vec::new(), disk: self.disk.clone() }))
    }

    async fn read(&self, key: &BlobKey) -> Result<BlobRead> {
        let found = self.store.get(&path(key)).await.map_err(|error| fault(&error, &self.disk))?;
        let size = found.meta.size;
        let disk = self.disk.clone();
        Ok(BlobRead { size, stream: found.into_stream().map_err(move |error| fault(&error, &disk)).boxed() })
    }

    async fn link(&self, key: &BlobKey, disposition: &str, life: Duration) -> Result<Option<Url>> {
        let Some(signer) = &self.signer else { return Ok(None) };
        // Whatever it is, a browser saves it: it comes from elsewhere than our pages, and is not shown there either.
        let options = SignedUrlOptions::default().with_query([
            ("response-content-disposition", disposition),
            ("response-content-type", "application/octet-stream"),
        ]);
        let link = signer.signed_url_opts(Method::GET, &path(key), life, &options).await;
        link.map(Some).map_err(|error| fault(&error, &self.disk))
    }

    async fn list(&self, prefix: &str) -> Result<Vec<BlobKey>> {
        let listed = self.store.list(Some(&ObjectPath::from(prefix)));
        let names = listed.map_ok(|meta| BlobKey::from_stored(meta.location.to_string()));
        names.try_collect().await.map_err(|error| fault(&error, &self.disk))
    }

    async fn delete_prefix(&self, prefix: &str) -> Result<()> {
        // Object stores list by whole segments: a prefix without a slash at its end is one blob.
        if !prefix.ends_with('/') {
            return match self.store.delete(&ObjectPath::from(prefix)).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
                Err(error) => Err(fault(&error, &self.disk)),
            };
        }
        let listed = self.store.list(Some(&ObjectPath::from(prefix))).map_ok(|meta| meta.location).boxed();
        self.store
            .delete_stream(listed)
            .try_collect::<Vec<_>>()
            .await
            .map_err(|error| fault(&error, &self.disk))?;
        Ok(())
    }
}

/// Collects parts; dropped unfinished, the upload is given up.
struct Writer {
    upload: Box<dyn MultipartUpload>,
    part: usize,
    buffer: Vec<u8>,
    disk: Arc<Disk>,
}

impl Writer {
    async fn flush(&mut self) -> Result<()> {
        let part = PutPayload::from(std::mem::take(&mut self.buffer));
        self.upload.put_part(part).await.map_err(|error| fault(&error, &self.disk))
    }
}

#[async_trait]
impl BlobWriter for Writer {
    async fn write(&mut self, bytes: Bytes) -> Result<()> {
        self.buffer.extend_from_slice(&bytes);
        if self.buffer.len() >= self.part { self.flush().await } else { Ok(()) }
    }

    async fn finish(mut self: Box<Self>) -> Result<()> {
        if !self.buffer.is_empty() {
            self.flush().await?;
        }
        self.upload.complete().await.map_err(|error| fault(&error, &self.disk))?;
        Ok(())
    }
}
