//! The words of the field, as types that cannot hold a wrong value.

pub mod attempt;
pub mod audit;
pub mod given;
pub mod grant;
pub mod host;
pub mod ids;
pub mod integration;
pub mod issue;
pub mod mailbox;
pub mod message;
pub mod name;
pub mod network;
pub mod presets;
pub mod project;
pub mod secret;
pub mod token;

use serde::{Deserialize, Serialize};

/// The version of a configuration: starts at 1 and rises by one with each change. It is the ETag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Version(pub u64);

impl Version {
    /// The version of something just created.
    pub const FIRST: Self = Self(1);

    /// The version after one more change.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// What is wrong, for a person: a stable code, one sentence, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Stable, `snake_case`.
    pub code: String,
    /// One sentence: what happened.
    pub message: String,
    /// One sentence: what to do. Empty where nothing can be done but wait.
    pub action: String,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The entries, in the list's order.
    pub items: Vec<T>,
    /// Where the next part begins; opaque. None at the end.
    pub next: Option<String>,
}

/// Which part of a list is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// At most this many entries, 1 to 200.
    pub limit: u32,
    /// The `next` of the part before.
    pub cursor: Option<String>,
}

impl PageRequest {
    /// The first part, of this size.
    pub fn first(limit: u32) -> Self {
        Self { limit, cursor: None }
    }
}
