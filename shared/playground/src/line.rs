//! One TCP connection below TLS: counted, cuttable, and limited in its life.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Sleep, sleep};
use tokio_rustls::server::TlsStream;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// No connection lives longer than this.
const MAX_LIFE: Duration = Duration::from_secs(15 * 60);

/// A connection that ends without a goodbye once its token is cancelled.
pub(crate) struct Line {
    tcp: TcpStream,
    scissors: CancellationToken,
    cut: Pin<Box<WaitForCancellationFutureOwned>>,
    life: Pin<Box<Sleep>>,
    bytes_out: Arc<AtomicU64>,
    _permit: OwnedSemaphorePermit,
}

impl Line {
    pub(crate) fn new(
        tcp: TcpStream,
        scissors: CancellationToken,
        bytes_out: Arc<AtomicU64>,
        permit: OwnedSemaphorePermit,
    ) -> Self {
        let cut = Box::pin(scissors.clone().cancelled_owned());
        Self { tcp, scissors, cut, life: Box::pin(sleep(MAX_LIFE)), bytes_out, _permit: permit }
    }

    /// Also registers the task to be woken by the cut.
    fn check(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        if self.cut.as_mut().poll(cx).is_ready() || self.life.as_mut().poll(cx).is_ready() {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        Ok(())
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check(cx)?;
        Pin::new(&mut self.tcp).poll_read(cx, buf)
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.check(cx)?;
        let written = ready!(Pin::new(&mut self.tcp).poll_write(cx, buf))?;
        self.bytes_out.fetch_add(written as u64, Ordering::Relaxed);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check(cx)?;
        Pin::new(&mut self.tcp).poll_shutdown(cx)
    }
}

/// What a server reads and writes.
pub(crate) enum Io {
    /// Clear text.
    Plain(Line),
    /// TLS after its handshake.
    Tls(Box<TlsStream<Line>>),
}

impl Io {
    /// Cancelling this token drops the connection without a goodbye.
    pub(crate) fn scissors(&self) -> CancellationToken {
        match self {
            Self::Plain(line) => line.scissors.clone(),
            Self::Tls(stream) => stream.get_ref().0.scissors.clone(),
        }
    }
}

impl AsyncRead for Io {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(io) => Pin::new(io).poll_read(cx, buf),
            Self::Tls(io) => Pin::new(io).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Io {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(io) => Pin::new(io).poll_write(cx, buf),
            Self::Tls(io) => Pin::new(io).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(io) => Pin::new(io).poll_flush(cx),
            Self::Tls(io) => Pin::new(io).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(io) => Pin::new(io).poll_shutdown(cx),
            Self::Tls(io) => Pin::new(io).poll_shutdown(cx),
        }
    }
}
