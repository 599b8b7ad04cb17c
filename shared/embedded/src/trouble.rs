//! What SQLite cannot do, told apart: a disk without space, a disk with errors, a file that is damaged.

use std::{path::Path, sync::Arc};

use dynoxide::DynoxideError;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::disk;

/// Why the database cannot be read or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// There is no space.
    Full,
    /// The disk answers with errors.
    Failing,
    /// The file holds something that SQLite cannot have written.
    Damaged,
    /// It is a file of another program.
    Foreign,
    /// It was written by a newer version of the database.
    Newer,
    /// Something else, in words of its own.
    Other,
}

/// Is told what kept a call from being carried out.
pub type Watch = Arc<dyn Fn(Trouble) + Send + Sync>;

impl Trouble {
    /// The code under which the answer of a call tells it.
    pub(crate) fn code(self) -> Option<&'static str> {
        match self {
            Self::Full => Some("DiskFull"),
            Self::Failing => Some("DiskFailing"),
            Self::Damaged | Self::Foreign => Some("DatabaseDamaged"),
            Self::Newer | Self::Other => None,
        }
    }

    /// What this error is, for a database in this folder.
    ///
    /// dynoxide passes some of SQLite's errors on and others as text; SQLite's own texts are the same in all versions
    /// (`sqlite3_errstr`).
    pub(crate) fn of(error: &DynoxideError, folder: &Path) -> Self {
        let seen = match error {
            DynoxideError::SqliteError(error) => error.sqlite_error_code().map_or(Self::Other, Self::of_code),
            DynoxideError::InternalServerError(text) => Self::of_text(text),
            _ => Self::Other,
        };
        // A quota and a limit on the size of files are errors of the disk to SQLite.
        match seen {
            Self::Failing if disk::try_out(folder).is_err_and(|error| disk::is_full(&error)) => Self::Full,
            seen => seen,
        }
    }

    fn of_code(code: ErrorCode) -> Self {
        match code {
            ErrorCode::DiskFull => Self::Full,
            ErrorCode::SystemIoFailure => Self::Failing,
            ErrorCode::DatabaseCorrupt => Self::Damaged,
            ErrorCode::NotADatabase => Self::Foreign,
            _ => Self::Other,
        }
    }

    fn of_text(text: &str) -> Self {
        let known = [
            ("database or disk is full", Self::Full),
            ("disk I/O error", Self::Failing),
            ("backend: I/O error", Self::Failing),
            ("database disk image is malformed", Self::Damaged),
            ("not a valid database", Self::Foreign),
            ("not a valid SQLite database", Self::Foreign),
            ("file is not a database", Self::Foreign),
            ("written by a newer version", Self::Newer),
        ];
        known.iter().find(|(words, _)| text.contains(words)).map_or(Self::Other, |(_, trouble)| *trouble)
    }
}

/// Whether a file may be opened as a database of dynoxide, which would write its tables into any SQLite file: it is not
/// there yet, empty, or has those tables.
pub(crate) fn may_be_opened(path: &Path) -> Result<(), (Trouble, String)> {
    if std::fs::metadata(path).map_or(0, |about| about.len()) == 0 {
        return Ok(());
    }
    let look = || -> rusqlite::Result<bool> {
        // Without the flag that makes a file. A log that a killed process left is read, as SQLite must.
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let count = |sql| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
        let tables = count("SELECT count(*) FROM sqlite_master")?;
        let ours = count("SELECT count(*) FROM sqlite_master WHERE name = '_tables'")?;
        Ok(tables == 0 || ours > 0)
    };
    match look() {
        Ok(true) => Ok(()),
        Ok(false) => Err((Trouble::Foreign, "it has tables of another program".to_owned())),
        Err(error) => {
            let reason = error.to_string();
            Err((Trouble::of(&error.into(), path.parent().unwrap_or(Path::new("."))), reason))
        }
    }
}
