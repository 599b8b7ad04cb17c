//! The bytes that requests and answers may hold in memory at a time, over all connections: who finds none left waits for a
//! moment, and is then asked to come again.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, HttpBody, to_bytes},
    http::{HeaderMap, Method, header},
    response::{IntoResponse, Response},
};
use http_body::{Frame, SizeHint};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Sleep, sleep, timeout},
};

use crate::{error::ApiError, extract::MAX_BODY};

/// All together.
const ALL: usize = 24 * 1024 * 1024;
/// What is counted as one.
const UNIT: usize = 1024;
/// A call that reads, while it works: what it reads from the store at once, texts or a mail's record, and the answer.
const READING: usize = 2 * 1024 * 1024;
/// The same for calls that tell everything in one answer.
const READING_ALL: usize = 6 * 1024 * 1024;
/// A dry run, while it works: the whole mail, and what its handlers would make of it.
const REHEARSING: usize = READING_ALL / 3 * 4;
/// Any other call, besides its body …
const WORKING: usize = 16 * 1024;
/// … which becomes so many times larger when it is read as JSON.
const GROWTH: usize = 4;
/// A body that is passed on piece by piece.
const STREAM: usize = 64 * 1024;
/// How long a call waits for its turn.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a request's body may take.
const BODY_TIME: Duration = Duration::from_secs(30);

/// What is left.
#[derive(Debug, Clone)]
pub(crate) struct Budget {
    left: Arc<Semaphore>,
    patience: Duration,
}

impl Default for Budget {
    fn default() -> Self {
        Self { left: Arc::new(Semaphore::new(ALL / UNIT)), patience: PATIENCE }
    }
}

impl Budget {
    /// What a request needs while it is worked on.
    pub(crate) async fn take(
        &self,
        method: &Method,
        path: &str,
        headers: &HeaderMap,
    ) -> Result<Share, ApiError> {
        let units = u32::try_from(cost(method, path, headers).div_ceil(UNIT)).unwrap_or(u32::MAX);
        match timeout(self.patience, self.left.clone().acquire_many_owned(units)).await {
            Ok(Ok(permit)) => Ok(Share(permit)),
            _ => Err(ApiError::Busy),
        }
    }
}

fn cost(method: &Method, path: &str, headers: &HeaderMap) -> usize {
    match (method, path) {
        // Whether we are there is answered however much is going on; and these hold nothing.
        (_, "/healthz") => 0,
        (_, path) if path.starts_with("/assets/") => 0,
        (_, "/api/v1/config" | "/api/v1/status" | "/settings/configuration/download") => READING_ALL,
        // A mail and what is understood of it, perhaps in two charsets.
        (&Method::GET, path) if path.starts_with("/messages/") => READING_ALL,
        (&Method::GET | &Method::HEAD, _) => READING,
        _ => {
            let announced = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse().ok());
            besides_body(path) + GROWTH * announced.unwrap_or(MAX_BODY).min(most_of_body(path))
        }
    }
}

/// What a call needs that changes something: some of them read and tell as much as those that only read.
fn besides_body(path: &str) -> usize {
    match path.rsplit('/').next() {
        Some("dry-run" | "compare") => REHEARSING,
        // The page of handlers tries and compares as well.
        Some("handlers") if path.starts_with("/mailboxes/") => REHEARSING,
        _ if path.starts_with(DOCUMENTS) => READING_ALL,
        Some("redrive" | "release" | "carry-out") => READING,
        _ if path.starts_with("/api/v1/issues") || holds_texts(path) => READING,
        _ => WORKING,
    }
}

/// The most bytes of a body at this path.
fn most_of_body(path: &str) -> usize {
    if path.starts_with("/api/") { MAX_BODY } else { most_of_form(path) }
}

/// The most bytes of a page's form at this path. Those with which people sign in and out hold a token at most, and come
/// from anybody; the others are read of those alone who have signed in.
pub(crate) fn most_of_form(path: &str) -> usize {
    let is_long =
        path.starts_with(DOCUMENTS) || (path.starts_with("/mailboxes/") && path.ends_with("/handlers"));
    match path {
        path if path.starts_with("/sign-") => MAX_SIGN_IN,
        _ if is_long => MAX_LONG_FORM,
        _ => MAX_FORM,
    }
}

/// Forms of issues hold what people write.
fn holds_texts(path: &str) -> bool {
    path.starts_with("/issues/") || path.starts_with("/projects/")
}

/// Below this path forms hold a whole configuration.
const DOCUMENTS: &str = "/settings/configuration";
/// The most bytes of a form that anybody may send.
pub(crate) const MAX_SIGN_IN: usize = 4 * 1024;
/// The most bytes of a page's form. A text of 64 KiB fits in, each byte of which may be sent as three (URL standard,
/// "percent-encode").
pub(crate) const MAX_FORM: usize = 224 * 1024;
/// The same where it holds a configuration, or a list of handlers and a mail.
pub(crate) const MAX_LONG_FORM: usize = 512 * 1024;

/// Bytes that somebody holds.
#[derive(Debug)]
pub(crate) struct Share(OwnedSemaphorePermit);

impl Share {
    /// From now on only the answer is held, until the last of it is sent.
    pub(crate) async fn for_answer(mut self, response: Response) -> Response {
        let (parts, body) = response.into_parts();
        let body = match body.size_hint().exact() {
            // Complete, and in memory.
            Some(size) => {
                let size = usize::try_from(size).unwrap_or(usize::MAX);
                self.keep(size);
                match to_bytes(body, size).await {
                    Ok(bytes) => Body::from(Bytes::from_owner(Held { bytes, _share: self })),
                    Err(error) => return ApiError::from(intake::Error::internal(error)).into_response(),
                }
            }
            None => {
                self.keep(STREAM);
                Body::new(Holding { body, _share: self })
            }
        };
        Response::from_parts(parts, body)
    }

    fn keep(&mut self, bytes: usize) {
        let more = self.0.num_permits().saturating_sub(bytes.div_ceil(UNIT));
        drop(self.0.split(more));
    }
}

/// Bytes with their share: both go when the last of them was written to the client.
struct Held {
    bytes: Bytes,
    _share: Share,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// A body with its share.
struct Holding {
    body: Body,
    _share: Share,
}

impl HttpBody for Holding {
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

/// A request's body that ends with an error where it takes too long.
pub(crate) struct InTime {
    body: Body,
    end: Pin<Box<Sleep>>,
}

impl InTime {
    pub(crate) fn new(body: Body) -> Self {
        Self::within(BODY_TIME, body)
    }

    fn within(time: Duration, body: Body) -> Self {
        Self { body, end: Box::pin(sleep(time)) }
    }
}

impl HttpBody for InTime {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        match Pin::new(&mut self.body).poll_frame(cx) {
            Poll::Pending => self
                .end
                .as_mut()
                .poll(cx)
                .map(|()| Some(Err(axum::Error::new(std::io::Error::from(std::io::ErrorKind::TimedOut))))),
            ready => ready,
        }
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

    fn left(budget: &Budget) -> usize {
        budget.left.available_permits() * UNIT
    }

    async fn take(budget: &Budget, method: Method, path: &str) -> Result<Share, ApiError> {
        budget.take(&method, path, &HeaderMap::new()).await
    }

    #[tokio::test]
    async fn readers_share_a_budget_and_health_needs_none() {
        let budget = Budget { patience: Duration::from_millis(20), ..Budget::default() };
        let mut shares = Vec::new();
        while left(&budget) >= READING {
            shares.push(take(&budget, Method::GET, "/api/v1/issues").await.unwrap());
        }
        assert_eq!(shares.len(), ALL / READING);
        assert!(matches!(take(&budget, Method::GET, "/issues/A-1").await, Err(ApiError::Busy)));
        take(&budget, Method::GET, "/healthz").await.unwrap();
        shares.pop();
        take(&budget, Method::GET, "/issues/A-1").await.unwrap();
    }

    #[tokio::test]
    async fn an_answer_is_held_until_it_is_gone() {
        let budget = Budget::default();
        let share = take(&budget, Method::GET, "/api/v1/issues").await.unwrap();
        let answer = share.for_answer("x".repeat(100_000).into_response()).await;
        assert_eq!(left(&budget), ALL - 98 * UNIT);
        let bytes = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        let part = bytes.slice(5..6);
        drop(bytes);
        assert_eq!((left(&budget), &part[..]), (ALL - 98 * UNIT, &b"x"[..]));
        drop(part);
        assert_eq!(left(&budget), ALL);
        let share = take(&budget, Method::GET, "/api/v1/attachments/x").await.unwrap();
        let stream = futures::stream::pending::<Result<Bytes, std::io::Error>>();
        let answer = share.for_answer(Body::from_stream(stream).into_response()).await;
        assert_eq!(left(&budget), ALL - STREAM);
        drop(answer);
        assert_eq!(left(&budget), ALL);
    }

    #[test]
    fn bodies_count_by_what_they_may_become() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_LENGTH, "2000000".parse().unwrap());
        assert_eq!(cost(&Method::POST, "/sign-in", &headers), WORKING + GROWTH * MAX_SIGN_IN);
        assert_eq!(cost(&Method::POST, "/settings/tokens", &headers), WORKING + GROWTH * MAX_FORM);
        assert_eq!(cost(&Method::POST, "/api/v1/projects", &headers), WORKING + GROWTH * MAX_BODY);
        assert_eq!(cost(&Method::POST, "/issues/SUP-1", &headers), READING + GROWTH * MAX_FORM);
        headers.insert(header::CONTENT_LENGTH, "2".parse().unwrap());
        assert_eq!(cost(&Method::POST, "/api/v1/projects", &headers), WORKING + GROWTH * 2);
    }

    #[test]
    fn calls_that_read_as_much_as_a_get_count_as_much() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_LENGTH, "0".parse().unwrap());
        for (path, bytes) in [
            ("/api/v1/issues/SUP-1", READING),
            ("/api/v1/issues/SUP-1/comments", READING),
            ("/api/v1/messages/msg_1/redrive", READING),
            ("/api/v1/messages/msg_1/release", READING),
            ("/api/v1/messages/redrive", READING),
            ("/api/v1/mailboxes/mbx_1/handlers/dry-run", REHEARSING),
            ("/api/v1/mailboxes/mbx_1/handlers", WORKING),
            ("/api/v1/mailboxes/mbx_1/poll", WORKING),
            ("/api/v1/mailboxes/mbx_1/test", WORKING),
            ("/issues/SUP-1/comments", READING),
            ("/sign-out", WORKING),
        ] {
            assert_eq!(cost(&Method::POST, path, &headers), bytes, "{path}");
        }
        // A dry run with a body finds room, too.
        const { assert!(REHEARSING + GROWTH * MAX_BODY < ALL) };
    }

    #[tokio::test]
    async fn a_body_that_does_not_come_is_not_waited_for() {
        let stream = futures::stream::pending::<Result<Bytes, std::io::Error>>();
        let body = InTime::within(Duration::from_millis(20), Body::from_stream(stream));
        assert!(to_bytes(Body::new(body), 10).await.is_err());
    }
}
