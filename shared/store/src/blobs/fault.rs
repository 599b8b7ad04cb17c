//! What hinders blobs, and where they lie.

use intake::{Disk, DiskTrouble, Error, Kind, types::issue::BlobKey};
use object_store::path::Path as ObjectPath;

pub(super) fn fault(error: &object_store::Error, disk: &Disk) -> Error {
    match error {
        object_store::Error::NotFound { .. } => Error::not_found("stored file"),
        object_store::Error::PermissionDenied { .. } | object_store::Error::Unauthenticated { .. } => {
            Error::told(Kind::Installation, "blobs_access_denied")
        }
        _ if io_error(error).is_some_and(is_full) => disk.met(DiskTrouble::Full),
        _ => Error::retry("blobs_unavailable"),
    }
}

/// The error of the system in it.
fn io_error<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a std::io::Error> {
    std::iter::successors(Some(error), |error| error.source()).find_map(|error| error.downcast_ref())
}

/// Whether an error says that there is no more space: on the disk, in a quota, or for one file.
pub(super) fn is_full(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}

pub(super) fn path(key: &BlobKey) -> ObjectPath {
    ObjectPath::from(key.as_str())
}
