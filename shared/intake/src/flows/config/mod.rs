//! Configuration as a file, as far as it is a decision: what a change would break, and a rehearsal of all changes.

mod rehearsal;
mod risks;

pub use rehearsal::Rehearsal;
pub use risks::{of_deleted_integration, of_deleted_mailbox, of_integration, of_mailbox};
