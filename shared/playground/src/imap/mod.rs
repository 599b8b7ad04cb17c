//! A small IMAP4rev1 server (RFC 3501): one INBOX per account, read only in effect.
//!
//! It knows what a client needs to list and read mail; it refuses to store, copy or delete.

pub(crate) mod credentials;
mod cursor;
mod fetch;
pub(crate) mod folder;
mod idle;
mod items;
mod odd;
mod search;
pub(crate) mod section;
mod select;
mod session;
mod sets;
mod sign_in;
pub(crate) mod wire;

#[cfg(test)]
mod fault_tests;
#[cfg(test)]
mod imap_tests;

use std::sync::Arc;

use tokio_util::task::TaskTracker;

use crate::doors::Doors;
use crate::world::World;

/// Serves until the doors close.
pub(crate) async fn serve(mut doors: Doors, world: Arc<World>, tracker: TaskTracker) {
    while let Some((io, _peer)) = doors.next().await {
        let world = Arc::clone(&world);
        tracker.spawn(async move { session::run(io, world).await });
    }
}
