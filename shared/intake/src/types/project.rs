//! Projects and issue keys.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{Sentence, Timestamp, types::Version};

/// A project's key: 1 to 10 characters, an upper-case ASCII letter first, then upper-case letters, digits or `_`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ProjectKey(String);

/// The text is not a project key or issue key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKey {
    /// Not a project key.
    #[error("must be 1 to 10 capital letters, digits or _, beginning with a letter, such as SUP")]
    Project,
    /// Not an issue key.
    #[error("must be a project key and a number, such as SUP-42")]
    Issue,
}

impl From<InvalidKey> for Sentence {
    fn from(invalid: InvalidKey) -> Self {
        Self::new(match invalid {
            InvalidKey::Project => "field.project_key",
            InvalidKey::Issue => "field.issue_key",
        })
    }
}

impl ProjectKey {
    /// A checked key.
    pub fn new(text: &str) -> Result<Self, InvalidKey> {
        let mut chars = text.chars();
        let first = chars.next().is_some_and(|c| c.is_ascii_uppercase());
        let rest = chars.all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
        if first && rest && text.len() <= 10 { Ok(Self(text.to_owned())) } else { Err(InvalidKey::Project) }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ProjectKey {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        Self::new(text)
    }
}

impl TryFrom<String> for ProjectKey {
    type Error = InvalidKey;

    fn try_from(text: String) -> Result<Self, InvalidKey> {
        Self::new(&text)
    }
}

impl From<ProjectKey> for String {
    fn from(key: ProjectKey) -> Self {
        key.0
    }
}

/// An issue's key, `SUP-42`. Numbers are unique in a project and rise; there may be gaps.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IssueKey {
    project: ProjectKey,
    number: u64,
}

impl IssueKey {
    /// The key of this number in this project.
    pub fn new(project: ProjectKey, number: u64) -> Self {
        Self { project, number }
    }

    /// The project.
    pub fn project(&self) -> &ProjectKey {
        &self.project
    }

    /// The number.
    pub fn number(&self) -> u64 {
        self.number
    }
}

impl fmt::Display for IssueKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.project, self.number)
    }
}

impl FromStr for IssueKey {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        let (project, number) = text.rsplit_once('-').ok_or(InvalidKey::Issue)?;
        let project = ProjectKey::new(project).map_err(|_| InvalidKey::Issue)?;
        let plain = !number.starts_with('0') && number.bytes().all(|b| b.is_ascii_digit());
        let number = number.parse().ok().filter(|_| plain).ok_or(InvalidKey::Issue)?;
        Ok(Self { project, number })
    }
}

impl TryFrom<String> for IssueKey {
    type Error = InvalidKey;

    fn try_from(text: String) -> Result<Self, InvalidKey> {
        text.parse()
    }
}

impl From<IssueKey> for String {
    fn from(key: IssueKey) -> Self {
        key.to_string()
    }
}

/// A project: where issues live.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    /// Unique.
    pub key: ProjectKey,
    /// Rises with each change; the ETag.
    pub version: Version,
    /// For people, at most 100 characters.
    pub name: crate::types::name::Name,
    /// When it was created.
    pub created_at: Timestamp,
}

/// What is tied to a project, beside its record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ties {
    /// Mailboxes whose mails go there where no handler says otherwise.
    pub mailboxes: u64,
    /// Numbers that were taken for issues, whatever became of them.
    pub numbers: u64,
    /// How often handlers of a mailbox began to name it: it only rises. Which do so now, the mailboxes tell.
    pub named: u64,
    /// Mails were imported into it from files, since this is noted.
    pub imported: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_checked() {
        assert_eq!("SUP-42".parse::<IssueKey>().unwrap().to_string(), "SUP-42");
        for bad in ["SUP", "SUP-", "SUP-0", "SUP-01", "sup-1", "SUP-1x", "SUP--1", "SUP-+1", "-1"] {
            assert!(bad.parse::<IssueKey>().is_err(), "{bad}");
        }
        for bad in ["", "sup", "1SUP", "SUPPORTDESK1", "S-P"] {
            assert!(ProjectKey::new(bad).is_err(), "{bad}");
        }
    }
}
