//! Where mails come from: one file with many, or many files with one each. Both can be left at any mail and gone on with
//! from there, by another process too.

use std::{
    fs::{self, File},
    io::{self, Read, Seek},
    path::{Path, PathBuf},
};

use intake::{
    Timestamp,
    flows::messages::{FiledBytes, FiledLook, FiledMail, FiledPieces, FiledSight},
};
use serde::{Deserialize, Serialize};

use super::{
    again::again,
    beneath,
    folder::{self, Entry, Listing},
    mbox::{self, Mbox, Quoting},
};
use crate::failure::{Failure, Outcome};

/// Larger mails are left out, bytes: no mail server takes them.
const MAX_MAIL: usize = 150 * 1024 * 1024;

/// Fields of which every mail has one, in lower case.
const FIELDS: [&str; 7] =
    ["date", "delivered-to", "from", "message-id", "received", "return-path", "subject"];

/// A place between two mails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Position {
    /// Behind this file, in a folder. In hexadecimal: a file's name need not be text.
    Behind(String),
    /// Bytes from the beginning of an mbox, and how it is read.
    At {
        /// Bytes.
        offset: u64,
        /// As it was found at the beginning, because the file may grow.
        quoting: Quoting,
    },
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Unit {
    /// Bytes of an mbox.
    Bytes,
    /// Files of a folder.
    Files,
}

/// What comes next.
#[derive(Debug)]
pub(crate) enum Item {
    /// A mail.
    Mail(FiledMail),
    /// One that is too large, with a sentence.
    TooLarge(String),
    /// One that cannot be read, with a sentence.
    Unreadable(String),
}

/// Mails in their order.
#[derive(Debug)]
pub(crate) enum Source {
    /// One file with many.
    Mbox {
        /// The file.
        path: PathBuf,
        /// From where it was left.
        mbox: Mbox<File>,
        /// For mails that say no time.
        modified: Timestamp,
    },
    /// Many files with one each.
    Files {
        /// The folder.
        root: PathBuf,
        /// All of them.
        entries: Vec<Entry>,
        /// The next one.
        next: usize,
        /// Links and special files in the places of mails.
        passed_over: u64,
    },
}

impl Source {
    /// Opens a file or folder, at the beginning or where it was left.
    pub(crate) fn open(path: &Path, position: Option<&Position>) -> Outcome<Self> {
        let about = fs::metadata(path).map_err(|error| unreadable(path, &error))?;
        if about.is_dir() {
            return Self::folder(path, position);
        }
        let mut file = beneath::named(path).map_err(|error| unreadable(path, &error))?;
        match kind(path, &mut file).map_err(|error| unreadable(path, &error))? {
            Some(Kind::Mbox) => Self::mbox(path, file, position),
            Some(Kind::Mail) => {
                // A link that a person names is meant to be followed: only here.
                let path = fs::canonicalize(path).map_err(|error| unreadable(path, &error))?;
                let name = path.file_name().map(PathBuf::from).unwrap_or_default();
                let entries = vec![Entry { path: name, closed: None }];
                let root = path.parent().unwrap_or(Path::new(""));
                Ok(Self::files(root, Listing { entries, passed_over: 0 }, position))
            }
            None => Err(Failure::new(format!(
                "{} does not look like mail: it begins neither as a mail, with header fields such as `Subject: …`, nor as an mbox, with a line `From …`.",
                path.display()
            ))),
        }
    }

    fn folder(path: &Path, position: Option<&Position>) -> Outcome<Self> {
        let listing = folder::entries(path).map_err(|error| unreadable(path, &error))?;
        if listing.entries.is_empty() {
            return Err(Failure::new(format!(
                "Nothing in {} looks like mail: there are no files *.eml, and no Maildir (a folder with cur and new) that has a mail in it. An mbox is given by its own path.",
                path.display()
            )));
        }
        Ok(Self::files(path, listing, position))
    }

    fn files(root: &Path, listing: Listing, position: Option<&Position>) -> Self {
        let Listing { entries, passed_over } = listing;
        let next = match position {
            Some(Position::Behind(key)) => entries.partition_point(|entry| hex::encode(entry.key()) <= *key),
            _ => 0,
        };
        Self::Files { root: root.to_owned(), entries, next, passed_over }
    }

    fn mbox(path: &Path, file: File, position: Option<&Position>) -> Outcome<Self> {
        let modified = file.metadata().and_then(|about| modified(&about));
        let modified = modified.map_err(|error| unreadable(path, &error))?;
        let mbox = match position {
            Some(Position::At { offset, quoting }) => Mbox::at(file, MAX_MAIL, *offset, *quoting),
            _ => Mbox::open(file, MAX_MAIL),
        };
        let mbox = mbox.map_err(|error| unreadable(path, &error))?;
        Ok(Self::Mbox { path: path.to_owned(), mbox, modified })
    }

    /// The next mail; None at the end.
    pub(crate) fn next(&mut self) -> Outcome<Option<Item>> {
        match self {
            Self::Mbox { path, mbox, modified } => {
                let found = mbox.next().map_err(|error| unreadable(path, &error))?;
                Ok(found.map(|found| match found.raw {
                    Some(seen) => {
                        let (path, at, quoting) = (path.clone(), found.at, mbox.quoting());
                        let read = move |give: &mut dyn FnMut(&[u8])| {
                            Mbox::at(beneath::named(&path)?, MAX_MAIL, at, quoting)?.pass_on(give)
                        };
                        let filed_at = found.received.unwrap_or(*modified);
                        Item::Mail(FiledMail { raw: bytes(seen, read), filed_at })
                    }
                    None => too_large(&format!("The mail at byte {} of {}", found.at, path.display())),
                }))
            }
            Self::Files { root, entries, next, .. } => {
                let Some(entry) = entries.get(*next) else { return Ok(None) };
                *next += 1;
                let path = root.join(&entry.path);
                let failed = |why: &dyn std::fmt::Display| {
                    Item::Unreadable(format!("{} cannot be read: {why}", path.display()))
                };
                Ok(Some(match &entry.closed {
                    Some(why) => failed(why),
                    None => mail(root, &entry.path).unwrap_or_else(|error| failed(&error)),
                }))
            }
        }
    }

    /// The file of the mail that came last, from the folder on; None: they all lie in one file.
    pub(crate) fn last_file(&self) -> Option<String> {
        self.last().map(|last| last.path.display().to_string())
    }

    fn last(&self) -> Option<&Entry> {
        let Self::Files { entries, next, .. } = self else { return None };
        entries.get(next.checked_sub(1)?)
    }

    /// How many links and special files were found in the places of mails.
    pub(crate) fn passed_over(&self) -> u64 {
        match self {
            Self::Mbox { .. } => 0,
            Self::Files { passed_over, .. } => *passed_over,
        }
    }

    /// Where it goes on.
    pub(crate) fn position(&self) -> Option<Position> {
        match self {
            Self::Mbox { mbox, .. } => Some(Position::At { offset: mbox.offset(), quoting: mbox.quoting() }),
            Self::Files { .. } => self.last().map(|last| Position::Behind(hex::encode(last.key()))),
        }
    }

    /// How much is done, of how much, counted in what.
    pub(crate) fn progress(&mut self) -> Outcome<(u64, u64, Unit)> {
        match self {
            Self::Mbox { path, mbox, .. } => {
                let len = mbox.len().map_err(|error| unreadable(path, &error))?;
                Ok((mbox.offset().min(len), len, Unit::Bytes))
            }
            Self::Files { entries, next, .. } => Ok((*next as u64, entries.len() as u64, Unit::Files)),
        }
    }
}

enum Kind {
    Mbox,
    Mail,
}

/// What a file is, by its name and how it begins.
fn kind(path: &Path, file: &mut File) -> io::Result<Option<Kind>> {
    if folder::is_eml(path) {
        return Ok(Some(Kind::Mail));
    }
    let mut begin = Vec::new();
    file.take(mbox::LOOK as u64).read_to_end(&mut begin)?;
    let text = begin.strip_prefix(mbox::BYTE_ORDER).unwrap_or(&begin);
    let text = text.trim_ascii_start();
    Ok(if mbox::is_separator(text) {
        Some(Kind::Mbox)
    } else if has_mail_header(text) {
        Some(Kind::Mail)
    } else {
        None
    })
}

/// Whether a mail begins here: header fields, one of which mails have and configuration files have not.
fn has_mail_header(text: &[u8]) -> bool {
    let name = |line: &[u8]| {
        let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
        String::from_utf8_lossy(name).trim_end().to_ascii_lowercase()
    };
    let lines = text.split(|byte| *byte == b'\n').take_while(|line| !line.trim_ascii().is_empty());
    let mut fields = lines.filter(|line| !matches!(line.first(), Some(b' ' | b'\t')));
    mbox::is_field(text) && fields.any(|line| mbox::is_field(line) && FIELDS.contains(&name(line).as_str()))
}

fn mail(root: &Path, relative: &Path) -> io::Result<Item> {
    let path = root.join(relative);
    let mut file = beneath::below(root, relative)?;
    let about = file.metadata()?;
    if about.len() > MAX_MAIL as u64 {
        return Ok(too_large(&path.display().to_string()));
    }
    let mut look = FiledLook::default();
    pass_on(&mut file, &mut |piece| look.see(piece))?;
    if look.size() == 0 {
        return Ok(Item::Unreadable(format!("{} is empty.", path.display())));
    }
    let read = move |give: &mut dyn FnMut(&[u8])| {
        file.rewind()?;
        pass_on(&mut file, give)
    };
    Ok(Item::Mail(FiledMail { raw: bytes(look.finish(), read), filed_at: modified(&about)? }))
}

/// What was seen of a mail; where it is large, with a way to read it again.
fn bytes(
    (seen, whole): (FiledSight, Option<bytes::Bytes>),
    read: impl FnOnce(&mut dyn FnMut(&[u8])) -> io::Result<()> + Send + 'static,
) -> FiledBytes {
    match whole {
        Some(raw) => FiledBytes::Whole(raw),
        None => FiledBytes::Pieces(FiledPieces { seen, again: again(read) }),
    }
}

/// All bytes of a file, in pieces, up to the most that a mail may have.
fn pass_on(file: &mut File, give: &mut dyn FnMut(&[u8])) -> io::Result<()> {
    let mut piece = vec![0; 256 * 1024];
    let mut file = file.take(MAX_MAIL as u64);
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(()),
            read => give(&piece[..read]),
        }
    }
}

fn too_large(what: &str) -> Item {
    Item::TooLarge(format!("{what} has more than {} MiB, and is left out.", MAX_MAIL >> 20))
}

/// In whole seconds: copies keep no more.
fn modified(about: &fs::Metadata) -> io::Result<Timestamp> {
    let at = Timestamp::try_from(about.modified()?).map_err(io::Error::other)?;
    Timestamp::from_second(at.as_second()).map_err(io::Error::other)
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::NotFound => Failure::new(format!("There is no file or folder {}.", path.display())),
        io::ErrorKind::PermissionDenied => Failure::new(format!(
            "{} may not be read by the user under whom maildocket runs. Give that user the right to read it.",
            path.display()
        )),
        _ => Failure::because(format!("{} cannot be read", path.display()), error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(mail: &FiledMail) -> String {
        let FiledBytes::Whole(raw) = &mail.raw else { panic!("a small mail") };
        String::from_utf8(raw.to_vec()).unwrap()
    }

    fn rest(source: &mut Source) -> Vec<String> {
        let item = |item| match item {
            Item::Mail(mail) => text(&mail),
            Item::TooLarge(why) | Item::Unreadable(why) => why,
        };
        std::iter::from_fn(|| source.next().unwrap()).map(item).collect()
    }

    /// Reads to the end, with a fresh source for every mail.
    fn in_steps(path: &Path) -> Vec<String> {
        let mut position = None;
        let mut all = Vec::new();
        loop {
            let mut source = Source::open(path, position.as_ref()).unwrap();
            let Some(item) = source.next().unwrap() else { return all };
            if let Item::Mail(mail) = item {
                all.push(text(&mail));
            }
            // As it goes to the other process.
            let json = serde_json::to_string(&source.position()).unwrap();
            position = serde_json::from_str(&json).unwrap();
        }
    }

    #[test]
    fn both_kinds_go_on_where_they_were() {
        let folder = tempfile::tempdir().unwrap();
        for n in 0..5 {
            fs::write(folder.path().join(format!("{n}.eml")), format!("Subject: {n}\n\nx\n")).unwrap();
        }
        let mbox = folder.path().join("mbox");
        let mails = (0..5).map(|n| format!("From a Tue Nov 24 09:00:00 2026\nSubject: {n}\n\nx\n\n"));
        fs::write(&mbox, mails.collect::<String>()).unwrap();
        for path in [folder.path(), &mbox] {
            let all = rest(&mut Source::open(path, None).unwrap());
            let subjects: Vec<_> = all.iter().map(|raw| raw.lines().next().unwrap()).collect();
            assert_eq!(subjects, ["Subject: 0", "Subject: 1", "Subject: 2", "Subject: 3", "Subject: 4"]);
            assert_eq!(in_steps(path), all);
        }
        // What was taken away or added meanwhile does not move the place.
        let mut source = Source::open(folder.path(), None).unwrap();
        source.next().unwrap();
        source.next().unwrap();
        let position = source.position();
        fs::remove_file(folder.path().join("1.eml")).unwrap();
        fs::write(folder.path().join("00.eml"), "Subject: 00\n\n").unwrap();
        let left = rest(&mut Source::open(folder.path(), position.as_ref()).unwrap());
        assert!(left.len() == 3 && left[0].starts_with("Subject: 2"), "{left:?}");
    }

    #[test]
    fn what_is_no_mail_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let told = |path: &Path| Source::open(path, None).unwrap_err().to_string();
        assert!(told(folder.path()).contains("Nothing in "));
        assert!(told(&folder.path().join("x")).starts_with("There is no file or folder "));
        let file = folder.path().join("file");
        for text in ["", "hello\n", "\0\0\0\0", "From now on\n\nx\n", "format: 1\nfrom\n\nfrom: x\n"] {
            fs::write(&file, text).unwrap();
            assert!(told(&file).contains("does not look like mail"), "{text}");
        }
        fs::write(&file, "\u{feff}Subject: x\n\ny").unwrap();
        assert_eq!(rest(&mut Source::open(&file, None).unwrap()).len(), 1);
        fs::write(folder.path().join("empty.eml"), "").unwrap();
        fs::File::create(folder.path().join("huge.eml")).unwrap().set_len(MAX_MAIL as u64 + 1).unwrap();
        let told = rest(&mut Source::open(folder.path(), None).unwrap());
        assert!(told[0].ends_with("is empty.") && told[1].contains("more than 150 MiB"), "{told:?}");
    }
}
