//! A small POP3 server (RFC 1939): the same mailboxes, as maildrops. It refuses to delete.

pub(crate) mod odd;
mod session;
mod sign_in;

#[cfg(test)]
mod pop3_tests;

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
