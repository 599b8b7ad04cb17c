//! The data folder: private to this user, and to one process at a time.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::Write,
    path::{Path, PathBuf},
};

use crate::{
    failure::{Failure, Outcome},
    process::disk,
};

/// A data folder that this process holds.
#[derive(Debug)]
pub(crate) struct DataFolder {
    path: PathBuf,
    _lock: File,
}

impl DataFolder {
    /// Makes the folder (0700) where it is missing, and takes its lock. Whatever this process writes from then on is its
    /// owner's alone: the database and the blobs set no mode of their own.
    pub(crate) fn open(path: &Path) -> Outcome<Self> {
        #[cfg(unix)]
        rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
        let told = |what| {
            move |error| disk::unwritten(path, format!("The data folder {} {what}", path.display()), &error)
        };
        create_private(path).map_err(told("cannot be used"))?;
        let lock = private(&path.join("lock")).open(path.join("lock")).map_err(told("cannot be locked"))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(Failure::new(format!(
                "Another maildocket is running on {}. Stop it first, or give another folder with --data-dir.",
                path.display()
            ))),
            Err(TryLockError::Error(error)) => Err(told("cannot be locked")(error)),
        }
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// A file in it.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The text of a small file. None: there is none that can be read.
    pub(crate) fn read(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.file(name)).ok()
    }

    /// Writes a small file (0600), whole or not at all.
    pub(crate) fn write(&self, name: &str, text: &str) -> Outcome {
        let write = || {
            let temporary = self.file(&format!("{name}.new"));
            let mut file = private(&temporary).truncate(true).open(&temporary)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            self.give_name(&format!("{name}.new"), name)
        };
        write().map_err(|error: std::io::Error| self.unwritten(name, &error))
    }

    /// Gives a file another name, in the place of what has it.
    pub(crate) fn rename(&self, from: &str, to: &str) -> Outcome {
        self.give_name(from, to).map_err(|error| self.unwritten(to, &error))
    }

    /// Durably, where the system can.
    fn give_name(&self, from: &str, to: &str) -> std::io::Result<()> {
        fs::rename(self.file(from), self.file(to))?;
        #[cfg(unix)]
        File::open(&self.path)?.sync_all()?;
        Ok(())
    }

    fn unwritten(&self, name: &str, error: &std::io::Error) -> Failure {
        disk::unwritten(&self.path, format!("{} cannot be written", self.file(name).display()), error)
    }

    /// Removes a file, if it is there.
    pub(crate) fn remove(&self, name: &str) {
        // It is only a courtesy to whoever looks into the folder: a file that stays does no harm.
        let _ = fs::remove_file(self.file(name));
    }
}

fn private(_path: &Path) -> OpenOptions {
    let mut options = OpenOptions::new();
    options.create(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn create_private(path: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_process_holds_the_folder_and_its_files_are_private() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataFolder::open(&folder.path().join("data")).unwrap();
        assert!(
            DataFolder::open(&folder.path().join("data"))
                .unwrap_err()
                .to_string()
                .contains("Another maildocket")
        );
        data.write("listen", "x").unwrap();
        assert_eq!(fs::read_to_string(data.file("listen")).unwrap(), "x");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(data.file("listen")).unwrap().permissions().mode() & 0o777, 0o600);
        }
        drop(data);
        assert!(DataFolder::open(&folder.path().join("data")).is_ok());
    }
}
