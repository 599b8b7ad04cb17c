//! The server's list of mails, looked at because a person asked.

mod preview;
mod reconcile;

pub use crate::flows::import::Span;
pub use preview::{Preview, preview, preview_span};
pub use reconcile::{Reconciliation, backfill, reconcile, span};
