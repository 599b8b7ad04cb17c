//! Listening: a bounded number of connections, each with a bounded handshake.

use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::line::{Io, Line};

/// A client that does not finish TLS within this time is dropped.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);
/// Pause after a failed accept, such as too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// Connections past their handshake that wait for the server.
const WAITING: usize = 16;

/// How a listener treats its connections.
pub(crate) struct House {
    pub(crate) tls: Option<TlsAcceptor>,
    /// Connections at once; further ones wait in the system's backlog.
    pub(crate) max_connections: usize,
    /// Cancelled first: nothing new is accepted.
    pub(crate) closing: CancellationToken,
    /// Cancelled last: every connection is cut.
    pub(crate) stop: CancellationToken,
    pub(crate) tracker: TaskTracker,
    /// Called for each TCP connection.
    pub(crate) on_connect: Box<dyn Fn() + Send + Sync>,
    pub(crate) bytes_out: Arc<AtomicU64>,
}

/// The connections of one listener.
pub(crate) struct Doors {
    visits: mpsc::Receiver<(Io, SocketAddr)>,
    address: SocketAddr,
}

impl Doors {
    /// Accepts from now on until the house closes.
    pub(crate) fn open(listener: TcpListener, house: House) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let (sender, visits) = mpsc::channel(WAITING);
        let tracker = house.tracker.clone();
        tracker.spawn(accept_all(listener, Arc::new(house), sender));
        Ok(Self { visits, address })
    }

    /// None once the listener is closed and every connection was handed out.
    pub(crate) async fn next(&mut self) -> Option<(Io, SocketAddr)> {
        self.visits.recv().await
    }
}

async fn accept_all(listener: TcpListener, house: Arc<House>, visits: mpsc::Sender<(Io, SocketAddr)>) {
    let permits = Arc::new(Semaphore::new(house.max_connections));
    let accept = async {
        loop {
            let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { return };
            let Ok((tcp, peer)) = listener.accept().await else {
                sleep(ACCEPT_PAUSE).await;
                continue;
            };
            (house.on_connect)();
            // Interactive protocols with small answers: waiting for more bytes only costs time.
            let _ = tcp.set_nodelay(true);
            let line = Line::new(tcp, house.stop.child_token(), Arc::clone(&house.bytes_out), permit);
            house.tracker.spawn(greet(line, peer, Arc::clone(&house), visits.clone()));
        }
    };
    tokio::select! {
        () = house.closing.cancelled() => {}
        () = accept => {}
    }
}

async fn greet(line: Line, peer: SocketAddr, house: Arc<House>, visits: mpsc::Sender<(Io, SocketAddr)>) {
    let enter = async {
        let io = match &house.tls {
            None => Io::Plain(line),
            Some(tls) => match timeout(HANDSHAKE_LIMIT, tls.accept(line)).await {
                Ok(Ok(stream)) => Io::Tls(Box::new(stream)),
                _ => return,
            },
        };
        // The server is gone only at the end.
        let _ = visits.send((io, peer)).await;
    };
    tokio::select! {
        () = house.closing.cancelled() => {}
        () = enter => {}
    }
}

impl Listener for Doors {
    type Io = Io;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Io, SocketAddr) {
        match self.next().await {
            Some(visit) => visit,
            // Closed: the graceful shutdown ends the waiting.
            None => pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

/// Lets a handler drop its own connection.
#[derive(Clone)]
pub(crate) struct Scissors(pub(crate) CancellationToken);

impl Connected<IncomingStream<'_, Doors>> for Scissors {
    fn connect_info(stream: IncomingStream<'_, Doors>) -> Self {
        Self(stream.io().scissors())
    }
}
