//! A mail that is being read. POP3 gives whole mails only: pieces are cut from one reading, in rising order.

use super::body::Unstuffer;

/// A beginning of at most this many bytes may be asked for again: one byte shows whether a mail is given at all.
const HEAD: usize = 4096;

/// One RETR whose answer has begun.
#[derive(Debug)]
pub(crate) struct Reading {
    number: u32,
    pub(crate) unstuffer: Unstuffer,
    /// Where the next byte lies.
    offset: u64,
    /// All that was given out so far, where that is short.
    head: Vec<u8>,
}

impl Reading {
    pub(crate) fn new(number: u32, unstuffer: Unstuffer) -> Self {
        Self { number, unstuffer, offset: 0, head: Vec::new() }
    }

    /// Whether a piece from this offset can be cut from it.
    pub(crate) fn can_serve(&self, number: u32, offset: u64) -> bool {
        let again = offset == 0 && self.offset == self.head.len() as u64;
        self.number == number && (offset == self.offset || again)
    }

    /// How the piece from this offset begins, as far as it was read already.
    pub(crate) fn begin(&self, offset: u64, length: usize) -> Vec<u8> {
        let head = if offset == self.offset { &[] } else { self.head.as_slice() };
        head.get(..head.len().min(length)).unwrap_or_default().to_vec()
    }

    /// Notes that a piece is given out.
    pub(crate) fn give(&mut self, offset: u64, piece: &[u8]) {
        let end = offset + piece.len() as u64;
        if end >= self.offset {
            self.offset = end;
            self.head = if offset == 0 && piece.len() <= HEAD { piece.to_vec() } else { Vec::new() };
        }
    }
}
