//! The master key: 32 bytes in a file that only its owner reads. Each use has a key of its own, derived from it.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Read, Write},
    path::{Path, PathBuf},
};

use aws_lc_rs::{hmac, rand};
use base64::{Engine, engine::general_purpose::STANDARD};
use intake::{Disk, DiskTrouble, Error, Kind, MacKey, Result, Sentence};
use zeroize::Zeroizing;

/// The master key of an installation.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; 32]>);

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey")
    }
}

fn unusable(path: &Path, error: impl std::fmt::Display) -> Error {
    told(path, Sentence::new("master_key_unusable").with("io_error", error))
}

fn told(path: &Path, sentence: Sentence) -> Error {
    Error::told(Kind::Installation, sentence.with("file", path.display()))
}

impl MasterKey {
    /// A key from its bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Reads the key file; None where there is none. Refused where others may read it.
    pub fn open(path: &Path) -> Result<Option<Self>> {
        match File::open(path) {
            Ok(file) => Self::read(path, file).map(Some),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unusable(path, error)),
        }
    }

    fn read(path: &Path, file: File) -> Result<Self> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = file.metadata().map_err(|error| unusable(path, error))?.permissions().mode();
            if mode & 0o077 != 0 {
                return Err(told(path, "master_key_unusable.readable".into()));
            }
        }
        let mut text = Zeroizing::new(String::new());
        file.take(1024).read_to_string(&mut text).map_err(|error| unusable(path, error))?;
        let no_key = || told(path, "master_key_unusable.no_key".into());
        let bytes = Zeroizing::new(STANDARD.decode(text.trim()).map_err(|_| no_key())?);
        let key = <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| no_key())?;
        Ok(Self::new(key))
    }

    /// Makes a key and its file (0600), which is there whole or not at all, whatever ends the process. One that is there
    /// already is never replaced.
    pub fn create(path: &Path) -> Result<Self> {
        let mut bytes = Zeroizing::new([0; 32]);
        rand::fill(&mut *bytes).map_err(|_| told(path, "master_key_unusable.random".into()))?;
        let text = Zeroizing::new(STANDARD.encode(*bytes) + "\n");
        let written = write(&begun(path), text.as_bytes()).and_then(|()| give_name(&begun(path), path));
        written.map_err(|error| match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                Disk::under(folder_of(path)).error(DiskTrouble::Full)
            }
            _ => unusable(path, error),
        })?;
        Ok(Self(bytes))
    }

    /// A key for one use.
    fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &*self.0);
        let tag = hmac::sign(&key, purpose.as_bytes());
        let mut derived = Zeroizing::new([0; 32]);
        derived.copy_from_slice(tag.as_ref());
        derived
    }

    /// The key of keyed hashes.
    pub fn mac_key(&self) -> MacKey {
        MacKey::new(&self.derive("maildocket keyed hashes v1"))
    }

    /// The key that seals secrets.
    pub(crate) fn sealing_key(&self) -> Zeroizing<[u8; 32]> {
        self.derive("maildocket sealed secrets v1")
    }
}

/// Under which name the file of a key is written.
fn begun(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    PathBuf::from(name)
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn write(path: &Path, text: &[u8]) -> io::Result<()> {
    // What an ended process left is no key yet: nothing was sealed with it.
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text)?;
    file.sync_all()
}

/// The name for a file that is whole on the disk. A link does not replace what is there, as a new name would; some file
/// systems have none.
fn give_name(begun: &Path, path: &Path) -> io::Result<()> {
    match fs::hard_link(begun, path) {
        Ok(()) => fs::remove_file(begun)?,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Err(error),
        Err(_) => fs::rename(begun, path)?,
    }
    #[cfg(unix)]
    File::open(folder_of(path))?.sync_all()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_made_once_kept_private_and_checked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        assert!(MasterKey::open(&path).unwrap().is_none());
        // What a process leaves that was ended while it wrote.
        fs::write(begun(&path), "AAAA").unwrap();
        let first = MasterKey::create(&path).unwrap();
        assert_eq!(*first.0, *MasterKey::open(&path).unwrap().unwrap().0);
        assert!(!begun(&path).exists());
        assert_eq!(MasterKey::create(&path).unwrap_err().code, "master_key_unusable");
        assert_eq!(*first.0, *MasterKey::open(&path).unwrap().unwrap().0, "it is not replaced");
        assert!(!format!("{first:?}").contains(&STANDARD.encode(*first.0)));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
            let refused = MasterKey::open(&path).unwrap_err();
            assert!(refused.action.contains("chmod 600"), "{refused}");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        }
        fs::write(&path, "short").unwrap();
        assert_eq!(MasterKey::open(&path).unwrap_err().code, "master_key_unusable");
    }
}
