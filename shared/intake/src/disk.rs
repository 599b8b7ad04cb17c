//! What this process knows of the disk that its records and files lie on.
//!
//! A full disk does not even take the note that it is full. So that is kept in memory, by whoever met it, and told from
//! there: in the state of every mailbox, in the status and to whoever asks whether the process is well.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::{Error, Kind, Sentence, failed};

/// How long those who could not write leave the disk alone.
const PAUSE: Duration = Duration::from_secs(60);

/// What can be wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiskTrouble {
    /// It takes no more: no space, a quota, or a limit on the size of files.
    Full,
    /// It answers with errors.
    Failing,
    /// What was written to it is not what is read from it: the database is damaged.
    Damaged,
}

/// The disk under the data folder. In the cloud there is none, and nothing is ever wrong with it.
#[derive(Debug, Default)]
pub struct Disk {
    folder: PathBuf,
    trouble: Mutex<Option<DiskTrouble>>,
}

impl Disk {
    /// The disk on which this folder lies.
    pub fn under(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), trouble: Mutex::default() }
    }

    /// Keeps in mind what somebody met, and gives the error that tells it. Logged when it begins.
    pub fn met(&self, trouble: DiskTrouble) -> Error {
        let error = self.error(trouble);
        let mut known = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        if known.replace(trouble) != Some(trouble) {
            failed!(error, error, folder = %self.folder.display(), "The disk does not take what is written.");
        }
        error
    }

    /// What is wrong, as far as it is known.
    pub fn trouble(&self) -> Option<DiskTrouble> {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The error that tells what is wrong.
    pub fn fault(&self) -> Option<Error> {
        self.trouble().map(|trouble| self.error(trouble))
    }

    /// It was looked at, and takes what is written again.
    pub fn is_well(&self) {
        if self.trouble.lock().unwrap_or_else(PoisonError::into_inner).take().is_some() {
            tracing::info!(folder = %self.folder.display(), "The disk takes what is written again.");
        }
    }

    /// The error that tells this trouble.
    pub fn error(&self, trouble: DiskTrouble) -> Error {
        let told = |kind, key| Error::told(kind, Sentence::new(key).with("folder", self.folder.display()));
        let later = Kind::Retry { after: Some(PAUSE) };
        match trouble {
            DiskTrouble::Full => told(later, "disk_full"),
            DiskTrouble::Failing => told(later, "disk_failing"),
            DiskTrouble::Damaged => told(Kind::Installation, "database_damaged"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_is_kept_in_mind_until_it_is_over() {
        let disk = Disk::under(Path::new("/srv/maildocket"));
        assert_eq!(disk.fault(), None);
        let error = disk.met(DiskTrouble::Full);
        assert!(error.message.contains("/srv/maildocket") && error.is_temporary(), "{error}");
        assert_eq!(disk.fault(), Some(error));
        disk.is_well();
        assert_eq!(disk.fault(), None);
    }
}
