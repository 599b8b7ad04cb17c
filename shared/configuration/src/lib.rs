#![doc = include_str!("../README.md")]

mod apply;
mod diff;
mod document;
mod export;
mod prune;
mod read;
mod walk;

pub use apply::{Applied, NotApplied, Options, apply};
pub use diff::{Action, ObjectChange};
pub use document::{Document, FORMAT};
pub use export::{STORED, export};
