//! What a mail becomes. Pure: values in, values out. Whoever calls has read what is asked for, and writes what comes back.

mod build;
mod decision;
mod errand;
mod find;
pub mod handlers;
mod knowledge;
mod known;
mod outcome;
mod people;
mod prepared;
mod rates;
mod rules;
mod sender;
mod start;
mod text;
mod threads;

pub(crate) use build::{Builder, Made, defects, message_change};
pub(crate) use decision::{Decided, decide_one};
pub(crate) use errand::{is_imported, note as note_errand};
pub(crate) use knowledge::{Knowledge, keys_for};
pub(crate) use known::{Key, Known, Said, was_read};
#[cfg(test)]
pub(crate) use outcome::NUMBERLESS;
pub(crate) use outcome::{Decision, IssueRef, Outcome};
pub(crate) use prepared::{Content, Load, Origin, ParserPanicked, Prepared};
pub(crate) use rates::Rates;
pub use rules::TrialRules;
pub(crate) use rules::{Rules, Understood};
pub(crate) use start::StartRule;
pub(crate) use text::{cut, shown};
