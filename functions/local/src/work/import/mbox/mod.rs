//! Mails in one file, in any of the four ways in which that is done (mboxo, mboxrd, mboxcl, mboxcl2): streamed, so that
//! files may be larger than memory, and from any place on, so that an import can go on where it was.
//!
//! Crates for it exist; those seen keep no place to come back to, know one of the ways, or map the whole file.

mod lines;
mod quoting;
mod separator;
#[cfg(test)]
mod tests;
mod window;

use std::io::{Read, Result, Seek};

use bytes::Bytes;
use intake::{
    Timestamp,
    flows::messages::{FiledLook, FiledSight},
};

use lines::{Lines, Out, Take, Witness};
pub(crate) use quoting::Quoting;
use separator::date;
pub(crate) use separator::{LOOK, is_field, is_separator};
use window::Window;

/// The longest `From ` line of which the date is read, bytes.
const MAX_SEPARATOR: usize = 1024;

/// What editors put before UTF-8.
pub(crate) const BYTE_ORDER: &[u8] = b"\xef\xbb\xbf";

/// A mail of an mbox.
#[derive(Debug)]
pub(crate) struct Found {
    /// Where it begins, bytes from the beginning of the file.
    pub(crate) at: u64,
    /// What was seen of it, and all of its bytes where it is not large; None: it has too many.
    pub(crate) raw: Option<(FiledSight, Option<Bytes>)>,
    /// When it came.
    pub(crate) received: Option<Timestamp>,
}

/// An mbox, at some place.
#[derive(Debug)]
pub(crate) struct Mbox<R> {
    window: Window<R>,
    quoting: Quoting,
    /// Larger mails are passed over, bytes.
    max: usize,
}

/// A mail that went by.
struct Passed {
    at: u64,
    received: Option<Timestamp>,
    /// Its length was given, and true.
    counted: bool,
}

impl<R: Read + Seek> Mbox<R> {
    /// From the beginning, with the quoting that the file shows.
    pub(crate) fn open(file: R, max: usize) -> Result<Self> {
        let mut me = Self { window: Window::new(file), quoting: Quoting::Unquoted, max };
        let mut evidence = quoting::Evidence::default();
        while me.window.offset() < quoting::LOOKED_AT {
            let mut witness = Witness { evidence: &mut evidence, reader: Default::default() };
            if me.walk(&mut witness)?.is_none() {
                break;
            }
        }
        me.quoting = evidence.verdict();
        me.window.seek(0)?;
        Ok(me)
    }

    /// From a place where a mail begins on, with the quoting that was found before.
    pub(crate) fn at(file: R, max: usize, offset: u64, quoting: Quoting) -> Result<Self> {
        let mut window = Window::new(file);
        window.seek(offset)?;
        Ok(Self { window, quoting, max })
    }

    /// How `From ` lines are kept.
    pub(crate) fn quoting(&self) -> Quoting {
        self.quoting
    }

    /// Where it goes on.
    pub(crate) fn offset(&self) -> u64 {
        self.window.offset()
    }

    /// How long the file is, bytes.
    pub(crate) fn len(&mut self) -> Result<u64> {
        self.window.len()
    }

    /// The next mail.
    pub(crate) fn next(&mut self) -> Result<Option<Found>> {
        loop {
            let mut look = FiledLook::default();
            let Some((passed, internal)) = self.give(&mut |piece| look.see(piece))? else { return Ok(None) };
            if internal && passed.at <= BYTE_ORDER.len() as u64 {
                continue;
            }
            let raw = (look.size() <= self.max as u64).then(|| look.finish());
            return Ok(Some(Found { at: passed.at, raw, received: passed.received }));
        }
    }

    /// The bytes of the next mail, in pieces.
    pub(crate) fn pass_on(&mut self, sink: &mut dyn FnMut(&[u8])) -> Result<()> {
        self.give(sink).map(drop)
    }

    /// A mail as it was before it came into the file; whether a program wrote it for itself.
    fn give(&mut self, sink: &mut dyn FnMut(&[u8])) -> Result<Option<(Passed, bool)>> {
        let mut out = Out::new(self.quoting, sink);
        let passed = self.walk(&mut out)?;
        Ok(passed.map(|passed| {
            let internal = out.end(passed.counted);
            (passed, internal)
        }))
    }

    /// Goes over the next mail, as it lies in the file.
    fn walk(&mut self, take: &mut dyn Take) -> Result<Option<Passed>> {
        if !self.find_separator()? {
            return Ok(None);
        }
        let at = self.window.offset();
        let mut line = Vec::new();
        self.window.line(|piece| {
            let room = MAX_SEPARATOR.saturating_sub(line.len()).min(piece.len());
            line.extend_from_slice(&piece[..room]);
        })?;
        let received = date(&line);
        let mut lines = Lines::new(take);
        let length = self.header(&mut lines)?;
        match length {
            Some(length) if self.leads_on(length)? => {
                lines.counted = true;
                self.body_of(length, &mut lines)?;
            }
            _ => self.body(&mut lines)?,
        }
        Ok(Some(Passed { at, received, counted: lines.end() }))
    }

    /// Goes to the next mail. Empty lines stand between mails; something else may be where the file was changed.
    fn find_separator(&mut self) -> Result<bool> {
        if self.window.offset() == 0 && self.window.look(BYTE_ORDER.len())?.starts_with(BYTE_ORDER) {
            self.window.pass(BYTE_ORDER.len());
        }
        loop {
            let ahead = self.window.look(LOOK)?;
            if ahead.is_empty() || is_separator(ahead) {
                return Ok(!ahead.is_empty());
            }
            self.window.line(|_| ())?;
        }
    }

    /// Reads the header with the empty line behind it, and the length of the body if it says one.
    fn header(&mut self, lines: &mut Lines<'_>) -> Result<Option<u64>> {
        let mut length = None;
        loop {
            let ahead = self.window.look(LOOK)?;
            let is_last = ahead.is_empty() || empty_line(ahead).is_some();
            length = length.or_else(|| content_length(ahead));
            self.window.line(|piece| lines.push(piece))?;
            if is_last {
                return Ok(length);
            }
        }
    }

    /// Whether a body of this length ends where another mail begins, or the file ends.
    fn leads_on(&mut self, length: u64) -> Result<bool> {
        let begin = self.window.offset();
        let Some(end) = begin.checked_add(length).filter(|_| length > 0) else { return Ok(false) };
        if end > self.window.len()? {
            return Ok(false);
        }
        self.window.seek(end - 1)?;
        let ahead = self.window.look(LOOK + 8)?;
        let ends_line = ahead.first() == Some(&b'\n');
        let mut rest = ahead.get(1..).unwrap_or_default();
        let mut lines = usize::from(ends_line);
        while let Some(bytes) = empty_line(rest) {
            rest = &rest[bytes..];
            lines += 1;
        }
        let leads = rest.is_empty() || (lines > 0 && is_separator(rest));
        self.window.seek(begin)?;
        Ok(leads)
    }

    fn body_of(&mut self, length: u64, lines: &mut Lines<'_>) -> Result<()> {
        let mut left = length;
        while left > 0 {
            let ahead = self.window.look(1)?;
            let piece = ahead.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            if piece == 0 {
                break;
            }
            lines.push(&ahead[..piece]);
            self.window.pass(piece);
            left -= piece as u64;
        }
        Ok(())
    }

    /// Reads on until an empty line with another mail behind it.
    fn body(&mut self, lines: &mut Lines<'_>) -> Result<()> {
        // The one behind the header.
        let mut after_empty = true;
        loop {
            let ahead = self.window.look(LOOK)?;
            if ahead.is_empty() || (after_empty && is_separator(ahead)) {
                return Ok(());
            }
            after_empty = empty_line(ahead).is_some();
            self.window.line(|piece| lines.push(piece))?;
        }
    }
}

/// The length of an empty line that begins here.
fn empty_line(ahead: &[u8]) -> Option<usize> {
    match ahead {
        [b'\n', ..] => Some(1),
        [b'\r', b'\n', ..] => Some(2),
        _ => None,
    }
}

fn content_length(line: &[u8]) -> Option<u64> {
    const NAME: &[u8] = b"content-length:";
    let (name, rest) = line.split_at_checked(NAME.len())?;
    if !name.eq_ignore_ascii_case(NAME) {
        return None;
    }
    let value = rest.split(|byte| *byte == b'\n').next()?;
    std::str::from_utf8(value).ok()?.trim().parse().ok()
}
