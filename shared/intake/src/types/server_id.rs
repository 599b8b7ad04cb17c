//! Where mails lie.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Where a mail lies on its server, within one epoch.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum ServerId {
    /// IMAP: the UID.
    Imap {
        /// RFC 3501 section 2.3.1.1.
        uid: u32,
    },
    /// POP3: the SHA-256 of the UIDL, in hexadecimal.
    Pop3 {
        /// 64 characters.
        hash: String,
    },
    /// A file: the SHA-256 of its bytes, in hexadecimal.
    File {
        /// 64 characters.
        sha256: String,
    },
}

/// The text is not a place on a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a server id")]
pub struct InvalidServerId;

impl ServerId {
    /// The UID, for IMAP.
    pub fn uid(&self) -> Option<u32> {
        match self {
            Self::Imap { uid } => Some(*uid),
            Self::Pop3 { .. } | Self::File { .. } => None,
        }
    }
}

impl fmt::Display for ServerId {
    /// UIDs have a fixed width, so that keys sort by number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Imap { uid } => write!(f, "imap:{uid:010}"),
            Self::Pop3 { hash } => write!(f, "pop3:{hash}"),
            Self::File { sha256 } => write!(f, "file:{sha256}"),
        }
    }
}

impl FromStr for ServerId {
    type Err = InvalidServerId;

    fn from_str(text: &str) -> Result<Self, InvalidServerId> {
        match text.split_once(':') {
            Some(("imap", uid)) => Ok(Self::Imap { uid: uid.parse().map_err(|_| InvalidServerId)? }),
            Some(("pop3", hash)) => Ok(Self::Pop3 { hash: hash.to_owned() }),
            Some(("file", sha256)) => Ok(Self::File { sha256: sha256.to_owned() }),
            _ => Err(InvalidServerId),
        }
    }
}

impl TryFrom<String> for ServerId {
    type Error = InvalidServerId;

    fn try_from(text: String) -> Result<Self, InvalidServerId> {
        text.parse()
    }
}

impl From<ServerId> for String {
    fn from(id: ServerId) -> Self {
        id.to_string()
    }
}
