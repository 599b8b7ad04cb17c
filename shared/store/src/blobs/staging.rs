//! Many blobs of a folder, made durable at once.
//!
//! Each file made durable by itself costs two to four waits for the disk, its folders included: most of the time of an
//! import. One `syncfs` does for all that was written since the last one.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use bytes::Bytes;
use intake::{Disk, DiskTrouble, Result, types::issue::BlobKey};
use object_store::{ObjectStoreExt, PutPayload, local::LocalFileSystem, path::Path as ObjectPath};
use tokio::sync::Mutex;

use super::fault::{fault, is_full, path};

/// A folder of blobs, seen without durability.
#[derive(Debug)]
pub(super) struct Staging {
    store: LocalFileSystem,
    folder: Arc<File>,
    /// Something was written since the last flush began.
    unsafe_yet: AtomicBool,
    /// A flush that finds nothing to do must not return before the one that does it.
    turn: Mutex<()>,
}

impl Staging {
    /// None where the system has no call for it: then each blob is made durable by itself.
    pub(super) fn of(path: &Path, store: &LocalFileSystem) -> io::Result<Option<Self>> {
        if !cfg!(target_os = "linux") {
            return Ok(None);
        }
        let folder = Arc::new(File::open(path)?);
        Ok(Some(Self {
            store: store.clone(),
            folder,
            unsafe_yet: AtomicBool::new(false),
            turn: Mutex::new(()),
        }))
    }

    pub(super) async fn put(&self, key: &BlobKey, bytes: Bytes, disk: &Disk) -> Result<()> {
        let path = path(key);
        let put = match self.create(&path, bytes.clone()).await {
            Ok(()) => Ok(()),
            // It may be there, whole or begun: it is replaced by one that is whole. What else hinders is told by that.
            Err(_) => self.store.put(&path, PutPayload::from_bytes(bytes)).await.map(drop),
        };
        // Before the caller can ask for a flush, and after everything is written.
        self.unsafe_yet.store(true, Ordering::Release);
        put.map_err(|error| fault(&error, disk))
    }

    /// Writes a file that is not there yet, in place: nothing names it before the flush, so that nobody sees it begun. A
    /// name of its own first, as the object store does it, is a third of the time.
    async fn create(&self, path: &ObjectPath, bytes: Bytes) -> io::Result<()> {
        let path = self.store.path_to_filesystem(path).map_err(io::Error::other)?;
        let write = move || {
            let mut file = match File::create_new(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    fs::create_dir_all(path.parent().unwrap_or(&path))?;
                    File::create_new(&path)?
                }
                made => made?,
            };
            let written = file.write_all(&bytes);
            if written.is_err() {
                // On a full disk each byte counts. Where it stays, it is replaced later.
                let _ = fs::remove_file(&path);
            }
            written
        };
        tokio::task::spawn_blocking(write).await?
    }

    pub(super) async fn flush(&self, disk: &Disk) -> Result<()> {
        let _turn = self.turn.lock().await;
        if !self.unsafe_yet.swap(false, Ordering::AcqRel) {
            return Ok(());
        }
        let folder = self.folder.clone();
        let synced = tokio::task::spawn_blocking(move || sync(&folder)).await;
        synced.map_err(io::Error::from).flatten().map_err(|error| {
            self.unsafe_yet.store(true, Ordering::Release);
            // Where space is given late, its end is told late.
            disk.met(if is_full(&error) { DiskTrouble::Full } else { DiskTrouble::Failing })
        })
    }
}

#[cfg(target_os = "linux")]
fn sync(folder: &File) -> io::Result<()> {
    rustix::fs::syncfs(folder).map_err(io::Error::from)
}

#[cfg(not(target_os = "linux"))]
fn sync(folder: &File) -> io::Result<()> {
    folder.sync_all()
}

#[cfg(test)]
mod tests {
    use intake::ports::Blobs;

    use super::*;
    use crate::ObjectBlobs;

    #[tokio::test]
    async fn what_an_ended_process_has_begun_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = ObjectBlobs::folder(folder.path()).unwrap();
        let key = BlobKey::raw(intake::types::ids::MessageId::from_parts(intake::Timestamp::UNIX_EPOCH, 1));
        for text in ["begun", "the whole mail", "the mail"] {
            blobs.stage(&key, Bytes::from(text)).await.unwrap();
            blobs.flush().await.unwrap();
            assert_eq!(blobs.read(&key).await.unwrap().bytes(100).await.unwrap(), text.as_bytes());
        }
    }

    #[tokio::test]
    async fn what_is_staged_can_be_read_and_flushed_by_many_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = ObjectBlobs::folder(folder.path()).unwrap();
        blobs.flush().await.unwrap();
        let writes = (0..20).map(|n| {
            let blobs = &blobs;
            async move {
                let key =
                    BlobKey::raw(intake::types::ids::MessageId::from_parts(intake::Timestamp::UNIX_EPOCH, n));
                blobs.stage(&key, Bytes::from(n.to_string())).await.unwrap();
                blobs.flush().await.unwrap();
                blobs.read(&key).await.unwrap().bytes(100).await.unwrap()
            }
        });
        let read = futures::future::join_all(writes).await;
        let expected: Vec<_> = (0..20).map(|n: u128| n.to_string().into_bytes()).collect();
        assert_eq!(read, expected);
    }
}
