//! The words of the field, as types that cannot hold a wrong value.

pub mod ahead;
pub mod attempt;
pub mod audit;
pub mod back_off;
pub mod errand;
pub mod given;
pub mod grant;
pub mod handler;
pub mod host;
pub mod identity;
pub mod ids;
pub mod integration;
pub mod issue;
pub mod mailbox;
pub mod message;
pub mod name;
pub mod network;
pub mod policy;
pub mod presets;
pub mod project;
pub mod renumbering;
pub mod report;
pub mod request;
pub mod secret;
mod server_id;
pub mod tally;
pub mod time;
pub mod token;
mod trace;
pub mod watch;
pub mod words;

#[cfg(test)]
mod stored_tests;

use serde::{Deserialize, Serialize};
use words::words;

use crate::catalogue::{Language, Said, Sentence};

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

words! {
    /// Who has to act after a fault of an outside party.
    pub enum Class {
        /// An administrator of ours: a setting here or at the provider is wrong.
        Configuration = "configuration",
        /// A person has to consent again.
        Consent = "consent",
        /// The administrator of the provider's side, or of the mail server.
        Administrator = "administrator",
        /// Nobody: it is tried again by itself.
        Temporary = "temporary",
    }
}

/// What is wrong, for a person: a stable code, one sentence, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Problem {
    /// Stable, `snake_case`.
    pub code: String,
    /// One sentence: what happened.
    pub message: String,
    /// One sentence: what to do. Empty where nothing can be done but wait.
    pub action: String,
    /// Who has to act; None in old items, and for what is no fault of an outside party.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<Class>,
    /// The sentence of the catalogue, for other languages; None in old items, and for what the catalogue does not have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sentence: Option<Box<Sentence>>,
}

impl Problem {
    /// Message and action in this language, or as they were stored where the catalogue has no other.
    pub fn say(&self, language: Language) -> Said {
        let said = self.sentence.as_ref().and_then(|sentence| sentence.say(language));
        said.unwrap_or_else(|| Said { message: self.message.clone(), action: self.action.clone() })
    }

    /// The language that it is really told in, where this one is wanted.
    pub fn language(&self, wanted: Language) -> Language {
        let has = self.sentence.as_ref().is_some_and(|sentence| sentence.say(wanted).is_some());
        if has { wanted } else { Language::English }
    }
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
    /// At most this many entries, 1 to 200. Where entries are large, a part ends early: only a part without `next` is the
    /// last.
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
