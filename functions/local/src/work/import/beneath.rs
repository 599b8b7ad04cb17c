//! Opening files for an import: only regular ones, and never through a link out of the folder that was named. A folder of
//! mails may come from anybody, and this process can read more than its sender: a link to the master key would become an
//! issue's text.

use std::{
    fs::File,
    io,
    path::{Component, Path},
};

/// The file that a person named: a link there is the person's own.
pub(super) fn named(path: &Path) -> io::Result<File> {
    regular(open(path)?)
}

/// A file below a folder, by its path from there. Links are refused at every step, whatever was there when the folder was
/// listed.
#[cfg(unix)]
pub(super) fn below(root: &Path, relative: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags, open, openat};
    let folder = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    // A pipe without a writer would hold up who opens it.
    let file = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let mut at = open(root, folder, Mode::empty())?;
    let mut names = relative.components().peekable();
    while let Some(name) = names.next() {
        let Component::Normal(name) = name else {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "its path leads elsewhere"));
        };
        let flags = if names.peek().is_some() { folder | OFlags::NOFOLLOW } else { file };
        at = openat(&at, name, flags, Mode::empty()).map_err(|error| match error {
            rustix::io::Errno::LOOP => io::Error::other("it is a link"),
            error => error.into(),
        })?;
    }
    regular(File::from(at))
}

#[cfg(not(unix))]
pub(super) fn below(root: &Path, relative: &Path) -> io::Result<File> {
    let mut path = root.to_owned();
    for name in relative.components() {
        let Component::Normal(name) = name else {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "its path leads elsewhere"));
        };
        path.push(name);
        if std::fs::symlink_metadata(&path)?.is_symlink() {
            return Err(io::Error::other("it is a link"));
        }
    }
    regular(File::open(path)?)
}

#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    Ok(File::from(rustix::fs::open(path, flags, Mode::empty())?))
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

fn regular(file: File) -> io::Result<File> {
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("it is no regular file")) }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::{fs, os::unix::fs::symlink};

    use super::*;

    #[test]
    fn links_and_pipes_are_refused_at_every_step() {
        let folder = tempfile::tempdir().unwrap();
        let (root, outside) = (folder.path().join("root"), folder.path().join("outside"));
        fs::create_dir_all(root.join("real")).unwrap();
        fs::create_dir(&outside).unwrap();
        fs::write(outside.join("key"), "secret").unwrap();
        fs::write(root.join("real/mail"), "x").unwrap();
        symlink(outside.join("key"), root.join("link")).unwrap();
        symlink(&outside, root.join("folder")).unwrap();
        symlink("real", root.join("inside")).unwrap();
        let made = std::process::Command::new("mkfifo").arg(root.join("pipe")).status().unwrap();
        assert!(made.success());
        assert!(below(&root, Path::new("real/mail")).is_ok());
        for path in ["link", "folder/key", "inside/mail", "pipe", "real", "../outside/key", "/etc/passwd"] {
            assert!(below(&root, Path::new(path)).is_err(), "{path}");
        }
        assert!(named(&root.join("pipe")).unwrap_err().to_string().contains("no regular file"));
        assert!(named(&root.join("link")).is_ok(), "who names a link means what it leads to");
    }
}
