//! Places for connections: a limited number, of which whoever has waited longest without asking for anything gives up
//! theirs to somebody new.

use std::{
    collections::BTreeMap,
    pin::Pin,
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use axum::body::{Body, Bytes, HttpBody};
use http_body::{Frame, SizeHint};
use tokio::{
    sync::Notify,
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;

/// The most connections of the process at a time; file descriptors are commonly limited to 1024.
const CONNECTIONS: usize = 512;
/// Nobody gives up a place before so much time: a request that was sent with the connection has arrived by then.
const AT_LEAST: Duration = Duration::from_secs(1);
/// How often somebody new looks for a place where none was free.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// The places of a process.
pub(super) struct Places {
    most: usize,
    at_least: Duration,
    taken: Mutex<Taken>,
    freed: Notify,
}

#[derive(Default)]
struct Taken {
    next: u64,
    seats: BTreeMap<u64, Seat>,
}

struct Seat {
    doing: Doing,
    since: Instant,
    given_away: CancellationToken,
}

/// What a connection is doing, in the order in which places are given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Doing {
    /// No whole request came, or none after the last answer.
    Waiting,
    /// An answer is on its way.
    Answering,
    /// A request is worked on.
    Working,
}

impl Places {
    /// Those of this process: whatever it listens on, memory and file descriptors are the same.
    pub(super) fn of_process() -> &'static Arc<Self> {
        static PLACES: LazyLock<Arc<Places>> = LazyLock::new(|| Arc::new(Places::new(CONNECTIONS, AT_LEAST)));
        &PLACES
    }

    fn new(most: usize, at_least: Duration) -> Self {
        Self { most, at_least, taken: Mutex::default(), freed: Notify::new() }
    }

    /// A place. Where all are taken, the connection that has waited or been answered for longest ends; where all are
    /// worked for, whoever asks waits.
    pub(super) async fn take(self: &Arc<Self>) -> Place {
        loop {
            if let Some(place) = self.try_take() {
                return place;
            }
            // Whichever is first: somebody leaves, or has waited for long enough.
            let _ = timeout(LOOK_AGAIN, self.freed.notified()).await;
        }
    }

    fn try_take(self: &Arc<Self>) -> Option<Place> {
        let mut taken = self.taken();
        let now = Instant::now();
        if taken.seats.len() >= self.most {
            let old = |seat: &Seat| seat.doing != Doing::Working && now >= seat.since + self.at_least;
            let longest = taken.seats.iter().filter(|(_, seat)| old(seat));
            let longest = longest.min_by_key(|(_, seat)| (seat.doing, seat.since)).map(|(id, _)| *id)?;
            taken.seats.remove(&longest)?.given_away.cancel();
        }
        let given_away = CancellationToken::new();
        let id = taken.next;
        taken.next += 1;
        taken.seats.insert(id, Seat { doing: Doing::Waiting, since: now, given_away: given_away.clone() });
        Some(Place { id, places: self.clone(), given_away })
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of one connection, free again when it is dropped.
pub(super) struct Place {
    id: u64,
    places: Arc<Places>,
    given_away: CancellationToken,
}

impl Place {
    /// Done when somebody else needs the place.
    pub(super) async fn given_away(&self) {
        self.given_away.cancelled().await;
    }

    /// A request is worked on.
    pub(super) fn working(&self) {
        self.now(Doing::Working);
    }

    fn now(&self, doing: Doing) {
        if let Some(seat) = self.places.taken().seats.get_mut(&self.id) {
            (seat.doing, seat.since) = (doing, Instant::now());
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.taken().seats.remove(&self.id);
        self.places.freed.notify_one();
    }
}

/// A body that says when the connection has taken all of it.
pub(super) struct UntilSent {
    body: Body,
    place: Arc<Place>,
}

impl UntilSent {
    pub(super) fn new(body: Body, place: Arc<Place>) -> Self {
        place.now(Doing::Answering);
        Self { body, place }
    }
}

impl Drop for UntilSent {
    fn drop(&mut self) {
        self.place.now(Doing::Waiting);
    }
}

impl HttpBody for UntilSent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Shorter here.
    const AT_LEAST: Duration = Duration::from_millis(200);

    fn has_ended(place: &Place) -> bool {
        place.given_away.is_cancelled()
    }

    #[tokio::test]
    async fn the_oldest_that_asks_for_nothing_gives_way() {
        let places = Arc::new(Places::new(3, AT_LEAST));
        let (first, second, third) = (places.take().await, places.take().await, places.take().await);
        first.working();
        let third = Arc::new(third);
        let answer = UntilSent::new(Body::empty(), third.clone());
        // Nobody is turned out at once.
        let begun = Instant::now();
        let fourth = places.take().await;
        assert!(begun.elapsed() >= AT_LEAST);
        assert_eq!([has_ended(&first), has_ended(&second), has_ended(&third)], [false, true, false]);
        fourth.working();
        // Then whoever is being answered; a request that is worked on is never cut off.
        let fifth = places.take().await;
        assert_eq!([has_ended(&first), has_ended(&third), has_ended(&fourth)], [false, true, false]);
        fifth.working();
        drop(answer);
        assert!(timeout(2 * AT_LEAST, places.take()).await.is_err());
        drop(second);
        assert!(timeout(2 * AT_LEAST, places.take()).await.is_err(), "its place was given away");
        drop(first);
        places.take().await;
    }

    #[tokio::test]
    async fn who_was_answered_waits_again() {
        let places = Arc::new(Places::new(2, Duration::ZERO));
        let one = Arc::new(places.take().await);
        one.working();
        drop(UntilSent::new(Body::empty(), one.clone()));
        let other = places.take().await;
        let _third = places.take().await;
        assert_eq!((has_ended(&one), has_ended(&other)), (true, false));
    }
}
