//! Which files of a folder are mails: `.eml` files at any depth, and everything in the `cur` and `new` of a Maildir.

use std::{
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
};

/// A file that is a mail, or a folder that cannot be looked into.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Below the folder.
    pub(crate) path: PathBuf,
    /// Why it cannot be looked into.
    pub(crate) closed: Option<String>,
}

impl Entry {
    /// By what entries are ordered.
    pub(crate) fn key(&self) -> &[u8] {
        self.path.as_os_str().as_encoded_bytes()
    }
}

/// All mails in and below a folder, ordered by their paths. Links to folders are not followed: they may lead in a circle.
pub(crate) fn entries(root: &Path) -> io::Result<Vec<Entry>> {
    // The folder itself must be readable.
    fs::read_dir(root)?;
    let mut found = Vec::new();
    // With whether all files are mails, because it is the `cur` or `new` of a Maildir.
    let mut waiting = vec![(PathBuf::new(), false)];
    while let Some((folder, all)) = waiting.pop() {
        if let Err(error) = look(root, &folder, all, &mut found, &mut waiting) {
            found.push(Entry { path: folder, closed: Some(error.to_string()) });
        }
    }
    found.sort_by(|a, b| a.key().cmp(b.key()));
    Ok(found)
}

fn look(
    root: &Path,
    folder: &Path,
    all: bool,
    found: &mut Vec<Entry>,
    waiting: &mut Vec<(PathBuf, bool)>,
) -> io::Result<()> {
    let is_maildir = is_maildir(&root.join(folder));
    for entry in fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let (name, path) = (entry.file_name(), folder.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            let mails = is_maildir && (name == "cur" || name == "new");
            if mails || !(is_maildir && name == "tmp") {
                waiting.push((path, mails));
            }
        } else if is_mail(&name, all) && fs::metadata(root.join(&path)).is_ok_and(|file| file.is_file()) {
            found.push(Entry { path, closed: None });
        }
    }
    Ok(())
}

/// `cur` and `new`; `tmp` may be lost in copying.
fn is_maildir(folder: &Path) -> bool {
    folder.join("cur").is_dir() && folder.join("new").is_dir()
}

fn is_mail(name: &OsStr, all: bool) -> bool {
    // Files beside mails that mail servers and other systems keep for themselves.
    let hidden = name.as_encoded_bytes().starts_with(b".");
    !hidden && (all || is_eml(Path::new(name)))
}

/// Whether a file's name ends in `.eml`.
pub(crate) fn is_eml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("eml"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn mails_are_found_by_their_names_or_their_place() {
        let folder = tempfile::tempdir().unwrap();
        for path in [
            "b.eml",
            "a/2.EML",
            "a/1.eml",
            "a/notes.txt",
            "a/._1.eml",
            "a/deep/er/x.eml",
            "noext",
            "Maildir/new/1.host",
            "Maildir/cur/0.host:2,S",
            "Maildir/cur/.index",
            "Maildir/tmp/9.host",
            "Maildir/dovecot-uidlist",
            "Maildir/.Sent/cur/5.host:2,",
            "Maildir/.Sent/new/x/ignored",
            "Maildir/.Sent/maildirfolder",
            "cur/no-maildir",
        ] {
            let file = folder.path().join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "x").unwrap();
        }
        fs::create_dir_all(folder.path().join("empty/cur")).unwrap();
        let found = entries(folder.path()).unwrap();
        let paths: Vec<_> = found.iter().map(|entry| entry.path.to_str().unwrap()).collect();
        assert_eq!(
            paths,
            [
                "Maildir/.Sent/cur/5.host:2,",
                "Maildir/cur/0.host:2,S",
                "Maildir/new/1.host",
                "a/1.eml",
                "a/2.EML",
                "a/deep/er/x.eml",
                "b.eml",
            ]
        );
        assert!(entries(&folder.path().join("nowhere")).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn links_to_folders_are_not_followed_and_links_to_mails_are() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.eml"), "x").unwrap();
        std::os::unix::fs::symlink(folder.path(), folder.path().join("circle")).unwrap();
        std::os::unix::fs::symlink("a.eml", folder.path().join("b.eml")).unwrap();
        std::os::unix::fs::symlink("nowhere", folder.path().join("c.eml")).unwrap();
        let found = entries(folder.path()).unwrap();
        let paths: Vec<_> = found.iter().map(|entry| entry.path.to_str().unwrap()).collect();
        assert_eq!(paths, ["a.eml", "b.eml"]);
    }
}
