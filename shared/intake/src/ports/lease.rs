//! Leases: the right to write for one mailbox or grant, for a time.

use std::time::Duration;

use crate::{
    Timestamp,
    types::ids::{GrantId, MailboxId},
};

/// No lease is taken for longer.
pub const LONGEST_LEASE: Duration = Duration::from_secs(10 * 60);

/// What a lease is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LeaseTarget {
    /// To write for a mailbox.
    Mailbox(MailboxId),
    /// To refresh a grant.
    Grant(GrantId),
}

/// A lease that is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// On what.
    pub target: LeaseTarget,
    /// Rises with each taking; checked by every write under the lease.
    pub fence: u64,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// The one before was never released: its holder died.
    pub after_crash: bool,
}

/// The answer to taking a lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeaseOutcome {
    /// It is ours.
    Taken(Lease),
    /// Another holds it.
    Busy {
        /// Until then at the latest.
        until: Timestamp,
    },
    /// There is no such mailbox or grant.
    Missing,
}
