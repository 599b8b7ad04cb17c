//! The master key: 32 bytes in a file that only its owner reads. Each use has a key of its own, derived from it.

use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Read, Write},
    path::Path,
};

use aws_lc_rs::{hmac, rand};
use base64::{Engine, engine::general_purpose::STANDARD};
use intake::{Error, Kind, MacKey, Result};
use zeroize::Zeroizing;

/// The master key of an installation.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; 32]>);

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey")
    }
}

fn unusable(path: &Path, why: impl std::fmt::Display) -> Error {
    Error::new(
        Kind::Configuration,
        "master_key_unusable",
        format!("The key file {} cannot be used: {why}.", path.display()),
    )
}

impl MasterKey {
    /// A key from its bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Reads the key file, or makes it (0600) where it is missing. Refused where others may read it.
    pub fn open_or_create(path: &Path) -> Result<Self> {
        match fs::File::open(path) {
            Ok(file) => Self::read(path, file),
            Err(error) if error.kind() == ErrorKind::NotFound => Self::create(path),
            Err(error) => Err(unusable(path, error)),
        }
    }

    fn read(path: &Path, file: fs::File) -> Result<Self> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = file.metadata().map_err(|error| unusable(path, error))?.permissions().mode();
            if mode & 0o077 != 0 {
                return Err(unusable(path, "other users may read it")
                    .action(format!("Run: chmod 600 {}", path.display())));
            }
        }
        let mut text = Zeroizing::new(String::new());
        file.take(1024).read_to_string(&mut text).map_err(|error| unusable(path, error))?;
        let bytes = Zeroizing::new(
            STANDARD.decode(text.trim()).map_err(|_| unusable(path, "it does not hold a key"))?,
        );
        let key =
            <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| unusable(path, "it does not hold a key"))?;
        Ok(Self::new(key))
    }

    fn create(path: &Path) -> Result<Self> {
        let mut bytes = Zeroizing::new([0; 32]);
        rand::fill(&mut *bytes).map_err(|_| unusable(path, "the system gives no random bytes"))?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(|error| unusable(path, error))?;
        let text = Zeroizing::new(STANDARD.encode(*bytes));
        let written = file
            .write_all(text.as_bytes())
            .and_then(|()| file.write_all(b"\n"))
            .and_then(|()| file.sync_all());
        written.map_err(|error| unusable(path, error))?;
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_made_once_kept_private_and_checked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let first = MasterKey::open_or_create(&path).unwrap();
        assert_eq!(*first.0, *MasterKey::open_or_create(&path).unwrap().0);
        assert!(!format!("{first:?}").contains(&STANDARD.encode(*first.0)));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
            let refused = MasterKey::open_or_create(&path).unwrap_err();
            assert!(refused.action.contains("chmod 600"), "{refused}");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        }
        fs::write(&path, "short").unwrap();
        assert_eq!(MasterKey::open_or_create(&path).unwrap_err().code, "master_key_unusable");
    }
}
