//! A field of a request, before it is checked.

use serde::{Deserialize, Deserializer};

use crate::{Sentence, error::FieldErrors};

/// A field as a request gives it. In a change (RFC 7396), an absent field stays and null removes; in a creation both
/// mean the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Given<T> {
    /// Not mentioned.
    #[default]
    Absent,
    /// Explicitly nothing.
    Null,
    /// This.
    Value(T),
}

impl<T> Given<T> {
    /// The value, where there is one.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// The value, where there is one.
    pub fn as_ref(&self) -> Given<&T> {
        match self {
            Self::Absent => Given::Absent,
            Self::Null => Given::Null,
            Self::Value(value) => Given::Value(value),
        }
    }

    /// The same with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Given<U> {
        match self {
            Self::Absent => Given::Absent,
            Self::Null => Given::Null,
            Self::Value(value) => Given::Value(change(value)),
        }
    }

    /// The value that it leads to: the given one, what is there already, or for null the usual one.
    pub fn over(self, present: T, usual: T) -> T {
        match self {
            Self::Value(value) => value,
            Self::Absent => present,
            Self::Null => usual,
        }
    }

    /// Whether a value is given.
    pub fn is_value(&self) -> bool {
        matches!(self, Self::Value(_))
    }

    /// A field that always has a value: the given one, else what is there already.
    pub fn required<U, E: Into<Sentence>>(
        self,
        errors: &mut FieldErrors,
        pointer: &str,
        present: Option<U>,
        parse: impl FnOnce(T) -> Result<U, E>,
    ) -> Option<U> {
        match (self, present) {
            (Self::Value(value), _) => errors.check(pointer, parse(value)),
            (Self::Absent, Some(present)) => Some(present),
            (Self::Absent, None) => {
                errors.add(pointer, "field.required");
                None
            }
            (Self::Null, _) => {
                errors.add(pointer, "field.null");
                None
            }
        }
    }

    /// A field that may have no value: the given one, none for null, else what is there already.
    pub fn optional<U, E: Into<Sentence>>(
        self,
        errors: &mut FieldErrors,
        pointer: &str,
        present: Option<U>,
        parse: impl FnOnce(T) -> Result<U, E>,
    ) -> Option<U> {
        match self {
            Self::Value(value) => errors.check(pointer, parse(value)),
            Self::Absent => present,
            Self::Null => None,
        }
    }
}

impl<T> From<Option<T>> for Given<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Self::Value)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Given<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Null, Self::Value))
    }
}

/// A text of at most this many characters; blanks around it are removed, and it may be empty.
pub fn text(value: &str, max_chars: usize) -> Result<String, Sentence> {
    let value = value.trim();
    if value.chars().count() > max_chars {
        return Err(Sentence::new("field.at_most_chars").with("max", max_chars));
    }
    Ok(value.to_owned())
}

/// One line of 1 to this many characters, without control characters; blanks around it are removed.
pub fn line(value: &str, max_chars: usize) -> Result<String, Sentence> {
    let value = text(value, max_chars)?;
    if value.is_empty() {
        return Err(Sentence::new("field.empty"));
    }
    if value.chars().any(char::is_control) {
        return Err(Sentence::new("field.one_line"));
    }
    Ok(value)
}
