//! A stream that reads what an IMAP server announces before a buffer grows by it: literals and lines have a limit.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The longest line of an answer, literals left out, bytes.
const MAX_LINE: u64 = 1024 * 1024;

/// The server announced more than is allowed. Carried inside an `io::Error`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the server sends more than is allowed")]
pub(crate) struct TooLarge;

/// A stream whose answers are watched.
#[derive(Debug)]
pub(crate) struct Guard<S> {
    inner: S,
    watch: Watch,
}

impl<S> Guard<S> {
    pub(crate) fn new(inner: S, max_literal: u64) -> Self {
        Self { inner, watch: Watch::new(max_literal) }
    }
}

/// Follows the bytes of a server: lines, and the literals that lines announce (`{123}` at their end).
#[derive(Debug)]
struct Watch {
    max_literal: u64,
    /// Bytes of the present literal still to come.
    literal: u64,
    /// Bytes of the present line.
    line: u64,
    announced: Announced,
}

/// What the end of the line looks like so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Announced {
    Nothing,
    Digits(Option<u64>),
    Closed(u64),
    Cr(u64),
}

impl Watch {
    fn new(max_literal: u64) -> Self {
        Self { max_literal, literal: 0, line: 0, announced: Announced::Nothing }
    }

    fn see(&mut self, mut bytes: &[u8]) -> Result<(), TooLarge> {
        while !bytes.is_empty() {
            if self.literal > 0 {
                let skip = usize::try_from(self.literal).unwrap_or(usize::MAX).min(bytes.len());
                self.literal -= skip as u64;
                bytes = bytes.get(skip..).unwrap_or_default();
                continue;
            }
            let Some((byte, rest)) = bytes.split_first() else { break };
            self.byte(*byte)?;
            bytes = rest;
        }
        Ok(())
    }

    fn byte(&mut self, byte: u8) -> Result<(), TooLarge> {
        self.line += 1;
        if self.line > MAX_LINE {
            return Err(TooLarge);
        }
        self.announced = match (self.announced, byte) {
            (_, b'{') => Announced::Digits(None),
            (Announced::Digits(so_far), b'0'..=b'9') => {
                let value =
                    so_far.unwrap_or(0).checked_mul(10).and_then(|v| v.checked_add(u64::from(byte - b'0')));
                Announced::Digits(Some(value.filter(|v| *v <= self.max_literal).ok_or(TooLarge)?))
            }
            (Announced::Digits(Some(size)), b'+') => Announced::Digits(Some(size)),
            (Announced::Digits(Some(size)), b'}') => Announced::Closed(size),
            (Announced::Closed(size), b'\r') => Announced::Cr(size),
            (Announced::Closed(size) | Announced::Cr(size), b'\n') => {
                self.literal = size;
                Announced::Nothing
            }
            (_, b'\n') => {
                self.line = 0;
                Announced::Nothing
            }
            _ => Announced::Nothing,
        };
        Ok(())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Guard<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        std::task::ready!(Pin::new(&mut self.inner).poll_read(cx, buf))?;
        let new = buf.filled().get(before..).unwrap_or_default();
        Poll::Ready(self.watch.see(new).map_err(io::Error::other))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Guard<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(answers: &[u8], piece: usize, max: u64) -> Result<(), TooLarge> {
        let mut watch = Watch::new(max);
        answers.chunks(piece.max(1)).try_for_each(|chunk| watch.see(chunk))
    }

    #[test]
    fn literals_are_measured_before_they_come_however_the_bytes_are_cut() {
        let fine =
            b"* 1 FETCH (UID 1 BODY[] {5}\r\nab{9})\r\n* 2 FETCH (X {3}\r\n{99)\r\nA1 OK {not a literal}\r\n";
        let large = b"* 1 FETCH (UID 1 BODY[] {5}\r\nabcde)\r\n* 2 FETCH (BODY[] {11}\r\n";
        let absurd = b"* 1 FETCH (BODY[] {99999999999999999999999}\r\n";
        for piece in 1..40 {
            assert_eq!(verdict(fine, piece, 10), Ok(()), "{piece}");
            assert_eq!(verdict(large, piece, 10), Err(TooLarge), "{piece}");
            assert_eq!(verdict(absurd, piece, 10), Err(TooLarge), "{piece}");
        }
    }

    #[test]
    fn lines_without_end_are_stopped() {
        assert_eq!(verdict(&vec![b'x'; 1024 * 1024 + 1], 4096, 10), Err(TooLarge));
    }
}
