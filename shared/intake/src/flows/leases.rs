//! The leases that this process holds: one that it could not give back during an outage was not left by a crash.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{ports::Lease, types::ids::MailboxId};

/// The fence of the newest lease that this process took of a mailbox and did not give back.
#[derive(Default)]
pub struct HeldLeases(Mutex<BTreeMap<MailboxId, u64>>);

impl HeldLeases {
    /// Notes a lease, and corrects who held it before: as long as this process lives, no mail of its own killed it.
    pub(in crate::flows) fn taken(&self, id: MailboxId, mut lease: Lease) -> Lease {
        let ours = self.fences().insert(id, lease.fence);
        lease.after_crash &= ours != lease.fence.checked_sub(1);
        lease
    }

    /// It was given back.
    pub(in crate::flows) fn released(&self, id: MailboxId) {
        self.fences().remove(&id);
    }

    fn fences(&self) -> MutexGuard<'_, BTreeMap<MailboxId, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
