//! Names that people give to integrations, mailboxes and tokens.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::Sentence;

/// A name of 1 to 100 characters, without control characters and without blanks around it.
///
/// Two names are the same name when they differ only in case or width: see [`Name::key`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

/// Why a text cannot be a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// Nothing but blanks.
    #[error("must not be empty")]
    Empty,
    /// More than [`Name::MAX_CHARS`] characters.
    #[error("must have at most 100 characters")]
    TooLong,
    /// A line break or another control character.
    #[error("must not contain control characters")]
    Control,
}

impl From<InvalidName> for Sentence {
    fn from(invalid: InvalidName) -> Self {
        match invalid {
            InvalidName::Empty => Self::new("field.empty"),
            InvalidName::TooLong => Self::new("field.at_most_chars").with("max", Name::MAX_CHARS),
            InvalidName::Control => Self::new("field.control"),
        }
    }
}

impl Name {
    /// The most characters a name can have.
    pub const MAX_CHARS: usize = 100;

    /// A checked name; blanks around it are removed.
    pub fn new(text: &str) -> Result<Self, InvalidName> {
        let text = text.trim();
        if text.is_empty() {
            return Err(InvalidName::Empty);
        }
        if text.chars().count() > Self::MAX_CHARS {
            return Err(InvalidName::TooLong);
        }
        if text.chars().any(char::is_control) {
            return Err(InvalidName::Control);
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is unique: NFKC (Unicode UAX #15) and lower case, blanks folded, so that `ＳＵＰＰＯＲＴ` equals `Support`.
    pub fn key(&self) -> String {
        let folded: String = self.0.nfkc().collect::<String>().to_lowercase().nfkc().collect();
        folded.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Name {
    type Error = InvalidName;

    fn try_from(text: String) -> Result<Self, InvalidName> {
        Self::new(&text)
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_width_do_not_make_another_name() {
        let key = |text: &str| Name::new(text).unwrap().key();
        assert_eq!(key("ＳＵＰＰＯＲＴ"), key(" support "));
        assert_eq!(key("ｻﾎﾟｰﾄ"), key("サポート"));
        assert_ne!(key("support 1"), key("support 2"));
    }

    #[test]
    fn empty_long_and_control_are_refused() {
        assert_eq!(Name::new("  "), Err(InvalidName::Empty));
        assert_eq!(Name::new(&"x".repeat(101)), Err(InvalidName::TooLong));
        assert_eq!(Name::new("a\nb"), Err(InvalidName::Control));
    }
}
