//! A part of a file in memory: read on, look ahead, go elsewhere. Never more than a few hundred KiB, however long a line.

use std::io::{Read, Result, Seek, SeekFrom};

/// How much is read at once, bytes.
const PIECE: usize = 256 * 1024;

/// A file, from where it was read last.
#[derive(Debug)]
pub(super) struct Window<R> {
    file: R,
    /// What was read of it, beginning at `start`.
    buffer: Vec<u8>,
    start: u64,
    /// What of the buffer is behind us.
    at: usize,
}

impl<R: Read + Seek> Window<R> {
    pub(super) fn new(file: R) -> Self {
        Self { file, buffer: Vec::new(), start: u64::MAX, at: 0 }
    }

    /// Where we are in the file.
    pub(super) fn offset(&self) -> u64 {
        if self.start == u64::MAX { 0 } else { self.start + self.at as u64 }
    }

    /// How long the file is now.
    pub(super) fn len(&mut self) -> Result<u64> {
        let len = self.file.seek(SeekFrom::End(0))?;
        // The file's own place must be where the buffer ends.
        if self.start != u64::MAX {
            self.file.seek(SeekFrom::Start(self.start + self.buffer.len() as u64))?;
        }
        Ok(len)
    }

    /// Goes to this place.
    pub(super) fn seek(&mut self, offset: u64) -> Result<()> {
        let within = offset.checked_sub(self.start).and_then(|at| usize::try_from(at).ok());
        match within.filter(|at| self.start != u64::MAX && *at <= self.buffer.len()) {
            Some(at) => self.at = at,
            None => {
                self.file.seek(SeekFrom::Start(offset))?;
                (self.start, self.at) = (offset, 0);
                self.buffer.clear();
            }
        }
        Ok(())
    }

    /// At least so many of the next bytes, fewer only at the end.
    pub(super) fn look(&mut self, least: usize) -> Result<&[u8]> {
        if self.start == u64::MAX {
            self.seek(0)?;
        }
        if self.buffer.len() - self.at < least {
            self.buffer.drain(..self.at);
            self.start += self.at as u64;
            self.at = 0;
            while self.buffer.len() < least {
                let more = PIECE.max(least) as u64;
                if self.file.by_ref().take(more).read_to_end(&mut self.buffer)? == 0 {
                    break;
                }
            }
        }
        Ok(&self.buffer[self.at..])
    }

    /// Goes on by so many bytes, all of which were looked at.
    pub(super) fn pass(&mut self, bytes: usize) {
        self.at = (self.at + bytes).min(self.buffer.len());
    }

    /// Passes the rest of the line, in pieces that may be the parts of a long one.
    pub(super) fn line(&mut self, mut piece: impl FnMut(&[u8])) -> Result<()> {
        loop {
            let ahead = self.look(1)?;
            let end = ahead.iter().position(|byte| *byte == b'\n');
            let bytes = end.map_or(ahead.len(), |end| end + 1);
            piece(&ahead[..bytes]);
            self.pass(bytes);
            if end.is_some() || bytes == 0 {
                return Ok(());
            }
        }
    }
}
