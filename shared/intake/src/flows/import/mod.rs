//! Importing what is new, under the mailbox's lease: list, read, store, decide, write, and only then move the cursor.
//!
//! Each calls only those before it: the ledger (what is listed and settled), the books (what is written), the reader (what
//! brings bytes), what is recognised, the import (what is listed and wanted), and the looks at what lies below the cursor.

mod account;
mod books;
pub(in crate::flows) mod epoch;
mod ledger;
mod look_back;
pub(in crate::flows) mod maildrop;
mod reader;
mod recognise;
mod run;

pub(in crate::flows) use ledger::{Order, Roll};
pub(in crate::flows) use look_back::Look;
pub use look_back::Span;
pub(in crate::flows) use recognise::{load, read_said};
pub(in crate::flows) use run::Import;
