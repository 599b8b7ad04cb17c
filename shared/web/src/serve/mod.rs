//! Serving: HTTP/1.1 only, bounded in connections, in what each may send, and in time; and ended without cutting answers
//! off.

mod pace;
mod places;

use std::{convert::Infallible, future::Future, io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{Router, body::Body, response::Response};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

use crate::client::Peer;
use pace::{Pace, Paced};
use places::{Place, Places, UntilRead, UntilSent};

/// How long a client may take over the line and header fields of a request; and how long a connection is kept for another.
const HEADER_TIME: Duration = Duration::from_secs(15);
/// The most bytes of the line and header fields of a request, and of a body read ahead. hyper's own limit is 400 kB.
const HEADER_BYTES: usize = 16 * 1024;
/// How long the end waits for answers under way.
const GRACE: Duration = Duration::from_secs(10);
/// How fast an answer has to be read: one of 1 MiB within 84 seconds.
const PACE: Pace = Pace { stall: Duration::from_secs(20), bytes_a_second: 16 * 1024 };
/// The pause after a connection that could not be taken, such as for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Serves the routes until `shutdown` is done; then takes no new connection and lets those that are answered end.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEADER_TIME).max_buf_size(HEADER_BYTES);
    serve_by(http, listener, router, shutdown).await
}

async fn serve_by(
    http: http1::Builder,
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (ending, connections) = (CancellationToken::new(), TaskTracker::new());
    let mut shutdown = pin!(shutdown);
    loop {
        let (stream, address, place) = tokio::select! {
            () = &mut shutdown => break,
            taken = next(&listener, Places::of_process()) => taken,
        };
        let connection = Connection { stream, address, place: Arc::new(place), router: router.clone() };
        connections.spawn(connection.answer(http.clone(), ending.clone()));
    }
    drop(listener);
    ending.cancel();
    connections.close();
    // Who has not got an answer by then does not get one.
    let _ = timeout(GRACE, connections.wait()).await;
    Ok(())
}

/// The next connection, with its place.
async fn next(listener: &TcpListener, places: &Arc<Places>) -> (TcpStream, SocketAddr, Place) {
    loop {
        match listener.accept().await {
            Ok((stream, address)) => {
                // Answers are small and complete: nothing is gained by waiting for more.
                // Where the system has no such option, they take a little longer.
                let _ = stream.set_nodelay(true);
                return (stream, address, places.take().await);
            }
            // The client's own fault, such as a reset before the end of the handshake, or ours, which passes: in each case
            // others are waiting.
            Err(_) => sleep(ACCEPT_PAUSE).await,
        }
    }
}

/// One connection.
struct Connection {
    stream: TcpStream,
    address: SocketAddr,
    place: Arc<Place>,
    router: Router,
}

impl Connection {
    /// Answers its requests.
    async fn answer(self, http: http1::Builder, ending: CancellationToken) {
        let Self { stream, address, place, router } = self;
        let service = service_fn(|request: Request<Incoming>| {
            let mut request = request.map(|body| Body::new(UntilRead::new(Body::new(body), place.clone())));
            let (router, place) = (router.clone(), place.clone());
            async move {
                request.extensions_mut().insert(Peer(address));
                let response: Response = router.oneshot(request).await?;
                Ok::<_, Infallible>(response.map(|body| UntilSent::new(body, place)))
            }
        });
        let stream = Paced::new(stream, PACE, || place.written());
        let mut connection = pin!(http.serve_connection(TokioIo::new(stream), service));
        tokio::select! {
            // What went wrong on a connection concerns its client alone, who knows.
            _ = connection.as_mut() => return,
            () = place.given_away() => return,
            () = ending.cancelled() => connection.as_mut().graceful_shutdown(),
        }
        let _ = connection.await;
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        task::JoinHandle,
    };

    use super::*;

    /// The time for a header, here.
    const SHORT: Duration = Duration::from_millis(300);

    struct Served {
        address: SocketAddr,
        stop: CancellationToken,
        serving: JoinHandle<io::Result<()>>,
    }

    async fn served() -> Served {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(SHORT).max_buf_size(HEADER_BYTES);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
        let router = Router::new().route("/", get(async || "here"));
        let serving = tokio::spawn(serve_by(http, listener, router, stop.clone().cancelled_owned()));
        Served { address, stop, serving }
    }

    impl Served {
        async fn told(&self, request: &str) -> String {
            let mut stream = TcpStream::connect(self.address).await.unwrap();
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut answer = Vec::new();
            // A connection that is closed while there is more to be read ends in a reset.
            let _ = stream.read_to_end(&mut answer).await;
            String::from_utf8_lossy(&answer).into_owned()
        }
    }

    #[tokio::test]
    async fn answers_and_ends_when_asked() {
        let served = served().await;
        let answer = served.told("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("here"), "{answer}");
        let idle = TcpStream::connect(served.address).await.unwrap();
        served.stop.cancel();
        served.serving.await.unwrap().unwrap();
        assert!(TcpStream::connect(served.address).await.is_err());
        drop(idle);
    }

    #[tokio::test]
    async fn only_http_1_and_headers_of_a_stated_size_are_read() {
        let served = served().await;
        let preface = served.told("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
        assert!(!preface.contains(" 200"), "{preface}");
        let padding = |bytes: usize| {
            format!("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX: {}\r\n\r\n", "x".repeat(bytes))
        };
        let fits = served.told(&padding(HEADER_BYTES / 2)).await;
        assert!(fits.starts_with("HTTP/1.1 200"), "{fits}");
        let refused = served.told(&padding(HEADER_BYTES * 2)).await;
        assert!(refused.starts_with("HTTP/1.1 431"), "{refused}");
    }

    #[tokio::test]
    async fn a_header_that_does_not_come_ends_its_connection() {
        let served = served().await;
        let begun = tokio::time::Instant::now();
        let answer = served.told("GET / HTTP/1.1\r\nHost: x\r\n").await;
        assert_eq!(answer, "");
        assert!(begun.elapsed() >= SHORT);
    }
}
