//! A stream that reads what an IMAP server announces before a buffer grows by it: literals and lines have a limit.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The longest answer, its literals left out, bytes. With them it has at most this and one literal.
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
    /// Bytes of the present answer, its literals left out.
    line: u64,
    /// Bytes of literals that the present answer may still announce.
    left: u64,
    announced: Announced,
    /// Too much was announced: nothing more is read.
    over: bool,
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
        Self {
            max_literal,
            literal: 0,
            line: 0,
            left: max_literal,
            announced: Announced::Nothing,
            over: false,
        }
    }

    /// How many of these bytes may be shown: all, or those before the one that announces too much.
    fn see(&mut self, bytes: &[u8]) -> usize {
        let mut seen = 0;
        while !self.over
            && let Some(byte) = bytes.get(seen)
        {
            if self.literal > 0 {
                let skip = usize::try_from(self.literal).unwrap_or(usize::MAX).min(bytes.len() - seen);
                self.literal -= skip as u64;
                seen += skip;
            } else if self.byte(*byte).is_ok() {
                seen += 1;
            } else {
                self.over = true;
            }
        }
        seen
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
                Announced::Digits(Some(value.filter(|v| *v <= self.left).ok_or(TooLarge)?))
            }
            (Announced::Digits(Some(size)), b'+') => Announced::Digits(Some(size)),
            (Announced::Digits(Some(size)), b'}') => Announced::Closed(size),
            (Announced::Closed(size), b'\r') => Announced::Cr(size),
            (Announced::Closed(size) | Announced::Cr(size), b'\n') => {
                self.literal = size;
                self.left -= size;
                Announced::Nothing
            }
            (_, b'\n') => {
                self.line = 0;
                self.left = self.max_literal;
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
        if !self.watch.over {
            std::task::ready!(Pin::new(&mut self.inner).poll_read(cx, buf))?;
        }
        let new = buf.filled().get(before..).unwrap_or_default();
        let seen = self.watch.see(new);
        // What came before it is whole answers, of other mails too: they are shown first.
        buf.set_filled(before + seen);
        Poll::Ready(if seen == 0 && self.watch.over { Err(io::Error::other(TooLarge)) } else { Ok(()) })
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

    /// An error says how many bytes are shown before it.
    fn verdict(answers: &[u8], piece: usize, max: u64) -> Result<(), usize> {
        let mut watch = Watch::new(max);
        let seen: usize = answers.chunks(piece.max(1)).map(|chunk| watch.see(chunk)).sum();
        if watch.over { Err(seen) } else { Ok(()) }
    }

    /// Where a text ends in `answers`.
    fn end_of(text: &str, answers: &[u8]) -> usize {
        String::from_utf8_lossy(answers).find(text).map_or(0, |at| at + text.len())
    }

    #[test]
    fn literals_are_measured_before_they_come_however_the_bytes_are_cut() {
        let fine =
            b"* 1 FETCH (UID 1 BODY[] {5}\r\nab{9})\r\n* 2 FETCH (X {3}\r\n{99)\r\nA1 OK {not a literal}\r\n";
        let large = b"* 1 FETCH (UID 1 BODY[] {5}\r\nabcde)\r\n* 2 FETCH (BODY[] {11}\r\n";
        let absurd = b"* 1 FETCH (BODY[] {99999999999999999999999}\r\n";
        for piece in 1..40 {
            assert_eq!(verdict(fine, piece, 10), Ok(()), "{piece}");
            assert_eq!(verdict(large, piece, 10), Err(end_of("BODY[] {1", large)), "{piece}");
            assert_eq!(verdict(absurd, piece, 10), Err(end_of("{9", absurd)), "{piece}");
        }
    }

    #[test]
    fn many_literals_of_one_answer_are_measured_together() {
        let fine = b"* 1 FETCH (A {6}\r\nabcdef B {4}\r\nabcd)\r\n* 2 FETCH (A {10}\r\n0123456789)\r\n";
        let large = b"* 1 FETCH (A {6}\r\nabcdef B {5}\r\nabcde)\r\n";
        for piece in 1..40 {
            assert_eq!(verdict(fine, piece, 10), Ok(()), "{piece}");
            assert_eq!(verdict(large, piece, 10), Err(end_of("B {", large)), "{piece}");
        }
    }

    #[test]
    fn lines_without_end_are_stopped() {
        assert_eq!(verdict(&vec![b'x'; 1024 * 1024 + 1], 4096, 10), Err(1024 * 1024));
    }
}
