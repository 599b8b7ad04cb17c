//! The disk of the data folder: looked at while the process runs, so that it is told when it is full and when it is well.

use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use embedded::{Trouble, disk};
use intake::{Disk, DiskTrouble};
use tokio_util::sync::CancellationToken;

use crate::failure::{Failure, Outcome};

/// Between two looks.
const LOOK: Duration = Duration::from_secs(2);

/// Looks again and again until it is asked to stop.
pub(crate) async fn watch(known: &Disk, folder: PathBuf, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
        let (folder, trouble) = (folder.clone(), known.trouble());
        let seen = tokio::task::spawn_blocking(move || look(&folder, trouble)).await;
        match seen {
            Ok(Some(trouble)) => {
                known.met(trouble);
            }
            Ok(None) => known.is_well(),
            // The runtime is ending.
            Err(_) => return,
        }
    }
}

/// What is wrong now. Writing is tried only where it failed before. A damaged database does not mend itself.
fn look(folder: &Path, known: Option<DiskTrouble>) -> Option<DiskTrouble> {
    if known == Some(DiskTrouble::Damaged) {
        return known;
    }
    if disk::free(folder).is_some_and(|free| free < disk::LEAST) {
        return Some(DiskTrouble::Full);
    }
    known?;
    disk::try_out(folder).err().map(|error| match disk::is_full(&error) {
        true => DiskTrouble::Full,
        false => DiskTrouble::Failing,
    })
}

/// The trouble of a database as one of its disk.
pub(crate) fn trouble_of(trouble: Trouble) -> Option<DiskTrouble> {
    match trouble {
        Trouble::Full => Some(DiskTrouble::Full),
        Trouble::Failing => Some(DiskTrouble::Failing),
        Trouble::Damaged | Trouble::Foreign => Some(DiskTrouble::Damaged),
        Trouble::Newer | Trouble::Other => None,
    }
}

/// How a command ends that could not write into this folder.
pub(crate) fn unwritten(folder: &Path, what: impl std::fmt::Display, error: &io::Error) -> Failure {
    match disk::is_full(error) {
        true => Disk::under(folder).error(DiskTrouble::Full).into(),
        false => Failure::because(what, error),
    }
}

/// For the doctor: how much is free, where that is enough and can be written to.
pub(crate) fn checked(folder: &Path) -> Outcome<String> {
    let there = folder.ancestors().find(|folder| folder.is_dir()).unwrap_or(folder);
    let free = disk::free(there);
    let figure = free.map(|free| format!("{} free", indicatif::BinaryBytes(free)));
    if there == folder
        && let Err(error) = disk::try_out(folder)
    {
        let failure = unwritten(folder, format!("{} cannot be written", folder.display()), &error);
        return Err(Failure::new(
            figure.map_or(failure.to_string(), |figure| format!("{failure} ({figure})")),
        ));
    }
    match free {
        Some(free) if free < disk::LEAST => Err(Disk::under(folder).error(DiskTrouble::Full).into()),
        _ => Ok(figure.map_or_else(|| "It takes what is written.".to_owned(), |figure| format!("{figure}."))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_database_is_not_well_because_the_disk_is() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(look(folder.path(), None), None);
        assert_eq!(look(folder.path(), Some(DiskTrouble::Full)), None);
        assert_eq!(look(folder.path(), Some(DiskTrouble::Damaged)), Some(DiskTrouble::Damaged));
        assert_eq!(look(&folder.path().join("gone"), Some(DiskTrouble::Full)), Some(DiskTrouble::Failing));
        assert!(checked(folder.path()).unwrap().ends_with(" free."));
    }
}
