//! A connection whose client has to read its answers: not fast, but without end.

use std::{
    future::Future,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep},
};

/// How fast a client has to read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// How long it may take over an answer, besides the time that its bytes take …
    pub(super) stall: Duration,
    /// … at so many bytes a second.
    pub(super) bytes_a_second: u64,
}

/// A stream that gives up on a client who does not read.
pub(super) struct Paced<S, W> {
    stream: S,
    pace: Pace,
    /// Called whenever all that there was to write is written.
    written: W,
    /// Since when the client has been behind, and what it took since.
    behind: Option<(Instant, u64)>,
    patience: Pin<Box<Sleep>>,
}

impl<S, W> Paced<S, W> {
    pub(super) fn new(stream: S, pace: Pace, written: W) -> Self {
        Self { stream, pace, written, behind: None, patience: Box::pin(sleep(pace.stall)) }
    }

    fn wrote(&mut self, written: Poll<io::Result<usize>>, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        match written {
            Poll::Pending => {
                let (since, taken) = *self.behind.get_or_insert_with(|| (Instant::now(), 0));
                let time = Duration::from_millis(taken * 1000 / self.pace.bytes_a_second);
                self.patience.as_mut().reset(since + self.pace.stall + time);
                ready!(self.patience.as_mut().poll(cx));
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
            Poll::Ready(Ok(bytes)) => {
                if let Some((_, taken)) = &mut self.behind {
                    *taken += bytes as u64;
                }
                Poll::Ready(Ok(bytes))
            }
            failed => failed,
        }
    }
}

impl<S: AsyncRead + Unpin, W: Unpin> AsyncRead for Paced<S, W> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin, W: Fn() + Unpin> AsyncWrite for Paced<S, W> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.wrote(written, cx)
    }

    /// All that there was to write is written: the client has caught up.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.behind = None;
        (self.written)();
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.wrote(written, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    const PACE: Pace = Pace { stall: Duration::from_millis(100), bytes_a_second: 100_000 };

    #[tokio::test]
    async fn who_does_not_read_is_given_up() {
        let (stream, _client) = duplex(1_000);
        let begun = Instant::now();
        let written = Paced::new(stream, PACE, || ()).write_all(&[0; 5_000]).await;
        assert_eq!(written.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert!(begun.elapsed() >= PACE.stall);
    }

    #[tokio::test]
    async fn who_reads_slowly_is_waited_for_and_who_drips_is_not() {
        // At 100 kB a second a client may take 300 ms for these; one takes all as fast as it can, the other 100 bytes now and
        // then.
        for (at_once, comes_through) in [(20_000, true), (100, false)] {
            let (stream, mut client) = duplex(1_000);
            let writing =
                tokio::spawn(async move { Paced::new(stream, PACE, || ()).write_all(&[0; 20_000]).await });
            let reading = tokio::spawn(async move {
                let mut some = vec![0; at_once];
                while client.read_exact(&mut some).await.is_ok() {
                    sleep(Duration::from_millis(20)).await;
                }
            });
            assert_eq!(writing.await.unwrap().is_ok(), comes_through, "{at_once} at once");
            reading.abort();
        }
    }
}
