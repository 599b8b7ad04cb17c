//! Importing what is new, under the mailbox's lease: list, read, store, decide, write, and only then move the cursor.

mod account;
mod download;
pub(in crate::flows) mod epoch;
mod large;
mod ledger;
mod look_again;
mod look_back;
pub(in crate::flows) mod maildrop;
mod one_by_one;
mod pipeline;
mod recognise;
mod run;
mod stand_in;
mod unread;
mod unread_mails;
mod vanished;
mod write;

pub(in crate::flows) use ledger::{Order, Roll};
pub(in crate::flows) use look_back::Look;
pub use look_back::Span;
pub(in crate::flows) use recognise::{load, read_said};
pub(in crate::flows) use run::Import;
