//! Places for connections: a limited number, of which whoever has waited longest without having asked for anything gives
//! up theirs to somebody new.

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
    /// The connection has the last of an answer, and has to write it.
    last_given: bool,
    given_away: CancellationToken,
}

/// What a connection is doing, in the order in which places are given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Doing {
    /// No whole request came, or none after the last answer.
    Waiting,
    /// A request came without the whole of its body: whoever sends none of it asks for nothing, too.
    Receiving,
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

    /// A place. Where all are taken, the connection that has waited, sent a body or been answered for longest ends; where
    /// all are worked for, whoever asks waits.
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
        let seat =
            Seat { doing: Doing::Waiting, since: now, last_given: false, given_away: given_away.clone() };
        taken.seats.insert(id, seat);
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

    /// All that the connection had to write is written.
    pub(super) fn written(&self) {
        self.change(|seat| {
            if seat.last_given {
                seat.now(Doing::Waiting);
            }
        });
    }

    fn now(&self, doing: Doing) {
        self.change(|seat| seat.now(doing));
    }

    fn change(&self, change: impl FnOnce(&mut Seat)) {
        if let Some(seat) = self.places.taken().seats.get_mut(&self.id) {
            change(seat);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.taken().seats.remove(&self.id);
        self.places.freed.notify_one();
    }
}

impl Seat {
    fn now(&mut self, doing: Doing) {
        (self.doing, self.since, self.last_given) = (doing, Instant::now(), false);
    }
}

/// A request's body that says when all of it has come, or nobody waits for it any more: from then on the request is worked
/// on.
pub(super) struct UntilRead {
    body: Body,
    place: Arc<Place>,
}

impl UntilRead {
    pub(super) fn new(body: Body, place: Arc<Place>) -> Self {
        place.now(if body.is_end_stream() { Doing::Working } else { Doing::Receiving });
        Self { body, place }
    }

    /// Only from receiving: an answer may be on its way before the body is gone.
    fn read(&self) {
        self.place.change(|seat| {
            if seat.doing == Doing::Receiving {
                seat.now(Doing::Working);
            }
        });
    }
}

impl Drop for UntilRead {
    fn drop(&mut self) {
        self.read();
    }
}

impl HttpBody for UntilRead {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        let more = match &frame {
            Poll::Pending => true,
            Poll::Ready(Some(Ok(_))) => !self.body.is_end_stream(),
            Poll::Ready(None | Some(Err(_))) => false,
        };
        if !more {
            self.read();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// An answer's body that says when the connection has taken all of it. That is before it is written: see
/// [`Place::written`].
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
        self.place.change(|seat| seat.last_given = seat.doing == Doing::Answering);
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
        first.now(Doing::Working);
        let third = Arc::new(third);
        let answer = UntilSent::new(Body::empty(), third.clone());
        // Nobody is turned out at once.
        let begun = Instant::now();
        let fourth = places.take().await;
        assert!(begun.elapsed() >= AT_LEAST);
        assert_eq!([has_ended(&first), has_ended(&second), has_ended(&third)], [false, true, false]);
        fourth.now(Doing::Working);
        // Then whoever is being answered; a request that is worked on is never cut off.
        let fifth = places.take().await;
        assert_eq!([has_ended(&first), has_ended(&third), has_ended(&fourth)], [false, true, false]);
        fifth.now(Doing::Working);
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
        one.now(Doing::Working);
        drop(UntilSent::new(Body::empty(), one.clone()));
        one.written();
        let other = places.take().await;
        let _third = places.take().await;
        assert_eq!((has_ended(&one), has_ended(&other)), (true, false));
    }

    fn doing(place: &Place) -> Doing {
        place.places.taken().seats[&place.id].doing
    }

    #[tokio::test]
    async fn an_answer_is_on_its_way_until_it_is_written() {
        let places = Arc::new(Places::new(1, AT_LEAST));
        let one = Arc::new(places.take().await);
        one.now(Doing::Working);
        one.written();
        let answer = UntilSent::new(Body::from("here"), one.clone());
        one.written();
        assert_eq!(doing(&one), Doing::Answering, "there is more of it");
        drop(answer);
        assert_eq!(doing(&one), Doing::Answering, "nobody has written the last of it");
        one.written();
        assert_eq!(doing(&one), Doing::Waiting);
        // What the client asked without waiting for the answer is worked on, whatever is written meanwhile.
        drop(UntilSent::new(Body::from("here"), one.clone()));
        let _next = UntilRead::new(Body::empty(), one.clone());
        one.written();
        assert_eq!(doing(&one), Doing::Working);
    }

    #[tokio::test]
    async fn a_request_is_worked_on_once_its_body_has_come_or_is_given_up() {
        let places = Arc::new(Places::new(2, Duration::ZERO));
        let (one, other) = (Arc::new(places.take().await), Arc::new(places.take().await));
        let read = UntilRead::new(Body::from("here"), one.clone());
        assert_eq!(doing(&one), Doing::Receiving);
        axum::body::to_bytes(Body::new(read), 10).await.unwrap();
        assert_eq!(doing(&one), Doing::Working);
        let unread = UntilRead::new(Body::from("here"), one.clone());
        drop(unread);
        assert_eq!(doing(&one), Doing::Working);
        // One that is answered before its body is gone is not worked on any more.
        let late = UntilRead::new(Body::from("here"), one.clone());
        let _answer = UntilSent::new(Body::empty(), one.clone());
        drop(late);
        assert_eq!(doing(&one), Doing::Answering);
        // And who does not send it gives way first.
        let _slow = UntilRead::new(Body::from("here"), other.clone());
        let _third = places.take().await;
        assert_eq!((has_ended(&one), has_ended(&other)), (false, true));
    }
}
