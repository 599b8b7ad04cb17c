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

/// What is in and below a folder.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// All mails, ordered by their paths.
    pub(crate) entries: Vec<Entry>,
    /// Links and special files in the places of mails, which are not followed or opened: they may lead elsewhere.
    pub(crate) passed_over: u64,
}

/// All mails in and below a folder.
pub(crate) fn entries(root: &Path) -> io::Result<Listing> {
    // The folder itself must be readable.
    fs::read_dir(root)?;
    let mut found = Listing::default();
    // With whether all files are mails, because it is the `cur` or `new` of a Maildir.
    let mut waiting = vec![(PathBuf::new(), false)];
    while let Some((folder, all)) = waiting.pop() {
        if let Err(error) = look(root, &folder, all, &mut found, &mut waiting) {
            found.entries.push(Entry { path: folder, closed: Some(error.to_string()) });
        }
    }
    found.entries.sort_by(|a, b| a.key().cmp(b.key()));
    Ok(found)
}

fn look(
    root: &Path,
    folder: &Path,
    all: bool,
    found: &mut Listing,
    waiting: &mut Vec<(PathBuf, bool)>,
) -> io::Result<()> {
    let is_maildir = is_maildir(&root.join(folder));
    for entry in fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let (name, path) = (entry.file_name(), folder.join(entry.file_name()));
        let kind = entry.file_type()?;
        if kind.is_dir() {
            let mails = is_maildir && (name == "cur" || name == "new");
            if mails || !(is_maildir && name == "tmp") {
                waiting.push((path, mails));
            }
        } else if kind.is_file() && is_mail(&name, all) {
            found.entries.push(Entry { path, closed: None });
        } else if is_mail(&name, all) || (kind.is_symlink() && leads_to_folder(&root.join(path))) {
            found.passed_over += 1;
        }
    }
    Ok(())
}

/// Somebody may miss the mails in it.
fn leads_to_folder(link: &Path) -> bool {
    fs::metadata(link).is_ok_and(|about| about.is_dir())
}

/// `cur` and `new`; `tmp` may be lost in copying.
fn is_maildir(folder: &Path) -> bool {
    let is_folder = |name| fs::symlink_metadata(folder.join(name)).is_ok_and(|about| about.is_dir());
    is_folder("cur") && is_folder("new")
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
        let found = entries(folder.path()).unwrap().entries;
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
    fn links_are_not_followed_but_counted() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.eml"), "x").unwrap();
        std::os::unix::fs::symlink(folder.path(), folder.path().join("circle")).unwrap();
        std::os::unix::fs::symlink("a.eml", folder.path().join("b.eml")).unwrap();
        std::os::unix::fs::symlink("nowhere", folder.path().join("c.eml")).unwrap();
        std::os::unix::fs::symlink("a.eml", folder.path().join("no-mail")).unwrap();
        let found = entries(folder.path()).unwrap();
        let paths: Vec<_> = found.entries.iter().map(|entry| entry.path.to_str().unwrap()).collect();
        assert_eq!((paths, found.passed_over), (vec!["a.eml"], 3));
    }
}
