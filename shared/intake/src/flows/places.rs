//! Places for the polls of one process, so that a slow server uses up nobody's but its own.
//!
//! A poll has a place of its host, and an ordinary one of the process. Most end within a second or two: one that does not
//! goes on in the lane of the slow, and leaves its ordinary place to others. What was slow the last time begins there.

use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{
    limits::{ORDINARY_POLLS, ORDINARY_TIME, POLLS_A_HOST, ROOM, SLOW_POLLS},
    ports::Clock,
    types::{host::MailHost, ids::MailboxId},
};

/// The places of a process.
pub struct Places {
    hosts: Mutex<BTreeMap<MailHost, Arc<Semaphore>>>,
    under_way: Mutex<BTreeSet<MailboxId>>,
    ordinary: Arc<Semaphore>,
    slow: Arc<Semaphore>,
    room: Arc<Semaphore>,
}

impl Default for Places {
    fn default() -> Self {
        Self {
            hosts: Mutex::default(),
            under_way: Mutex::default(),
            ordinary: Arc::new(Semaphore::new(ORDINARY_POLLS)),
            slow: Arc::new(Semaphore::new(SLOW_POLLS)),
            room: Arc::new(Semaphore::new(ROOM)),
        }
    }
}

/// How fast a mailbox's server was the last time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::flows) enum Pace {
    Ordinary,
    Slow,
}

/// A mailbox whose poll waits or runs: no second one begins meanwhile.
pub(in crate::flows) struct Turn<'a> {
    places: &'a Places,
    id: MailboxId,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        locked(&self.places.under_way).remove(&self.id);
    }
}

/// A place of a host and one of the process.
pub(in crate::flows) struct Place {
    lane: OwnedSemaphorePermit,
    pace: Pace,
    _host: OwnedSemaphorePermit,
}

impl Places {
    /// None: a poll of this mailbox waits or runs already.
    pub(in crate::flows) fn enter(&self, id: MailboxId) -> Option<Turn<'_>> {
        let is_first = locked(&self.under_way).insert(id);
        is_first.then(|| Turn { places: self, id })
    }

    /// Waits for a place.
    pub(in crate::flows) async fn take(&self, host: &MailHost, pace: Pace) -> Place {
        // While it waits for its host, it keeps nobody else from a place of the process.
        let host = held(&self.host(host)).await;
        let lane = match pace {
            Pace::Ordinary => &self.ordinary,
            Pace::Slow => &self.slow,
        };
        Place { lane: held(lane).await, pace, _host: host }
    }

    /// Does work in a place.
    pub(in crate::flows) async fn within<T>(
        &self,
        clock: &dyn Clock,
        place: Place,
        work: impl Future<Output = T>,
    ) -> T {
        let Place { mut lane, pace, _host } = place;
        let mut work = std::pin::pin!(work);
        if pace == Pace::Ordinary {
            let another = async {
                clock.sleep(ORDINARY_TIME).await;
                held(&self.slow).await
            };
            tokio::select! {
                done = &mut work => return done,
                slow = another => lane = slow,
            }
        }
        let done = work.await;
        drop(lane);
        done
    }

    /// Waits until there is room for so many bytes; one mail that has more than all the room takes all of it.
    pub(in crate::flows) async fn room(&self, bytes: usize) -> Room {
        let bytes = u32::try_from(bytes.min(ROOM)).unwrap_or(u32::MAX);
        Room { _bytes: self.room.clone().acquire_many_owned(bytes).await.ok() }
    }

    fn host(&self, host: &MailHost) -> Arc<Semaphore> {
        let mut hosts = locked(&self.hosts);
        // Those that nobody uses or waits for are forgotten.
        hosts.retain(|_, places| Arc::strong_count(places) > 1);
        hosts.entry(host.clone()).or_insert_with(|| Arc::new(Semaphore::new(POLLS_A_HOST))).clone()
    }
}

/// Room for the bytes of a mail, until it is dropped.
#[derive(Debug, Default)]
pub(in crate::flows) struct Room {
    _bytes: Option<OwnedSemaphorePermit>,
}

async fn held(places: &Arc<Semaphore>) -> OwnedSemaphorePermit {
    places.clone().acquire_owned().await.expect("nothing closes these semaphores")
}

fn locked<T>(it: &Mutex<T>) -> MutexGuard<'_, T> {
    it.lock().unwrap_or_else(PoisonError::into_inner)
}
