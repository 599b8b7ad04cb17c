//! The disk under the database: how much is free on it, and whether it takes what is written.

use std::{
    fs::File,
    io::{self, ErrorKind, Write},
    path::Path,
};

/// A disk with less than this is full, bytes: a large mail and the log of the database would not fit.
pub const LEAST: u64 = 8 * 1024 * 1024;

/// How many bytes this user may still write on the disk of this folder. None where the system does not tell.
pub fn free(folder: &Path) -> Option<u64> {
    #[cfg(unix)]
    {
        let about = rustix::fs::statvfs(folder).ok()?;
        Some(about.f_bavail.saturating_mul(about.f_frsize))
    }
    #[cfg(not(unix))]
    {
        let _ = folder;
        None
    }
}

/// Whether the disk of this folder takes a file of [`LEAST`] bytes, which is removed again. Quotas and limits on the size of
/// files are told by nothing else. Blocks.
pub fn try_out(folder: &Path) -> io::Result<()> {
    let path = folder.join(".room");
    let tried = File::create(&path).and_then(|mut file| {
        fill(&mut file)?;
        file.sync_all()
    });
    // A name without bytes takes nothing; where it cannot be removed, the next look does.
    let _ = std::fs::remove_file(&path);
    tried
}

#[cfg(target_os = "linux")]
fn fill(file: &mut File) -> io::Result<()> {
    use rustix::{
        fs::{FallocateFlags, fallocate},
        io::Errno,
    };
    match fallocate(&*file, FallocateFlags::empty(), 0, LEAST) {
        Ok(()) => file.write_all(b"."),
        // Some file systems have no such call.
        Err(Errno::OPNOTSUPP | Errno::NOSYS) => write(file),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(target_os = "linux"))]
fn fill(file: &mut File) -> io::Result<()> {
    write(file)
}

fn write(file: &mut File) -> io::Result<()> {
    let piece = [0x5a; 64 * 1024];
    (0..LEAST / piece.len() as u64).try_for_each(|_| file.write_all(&piece))
}

/// Whether an error says that there is no more space: on the disk, in a quota, or for one file.
pub fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge)
}
