//! Mails in one file, in any of the four ways in which that is done (mboxo, mboxrd, mboxcl, mboxcl2): streamed, so that
//! files may be larger than memory, and from any place on, so that an import can go on where it was.
//!
//! Crates for it exist; those seen keep no place to come back to, know one of the ways, or map the whole file.

mod quoting;
mod separator;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
mod window;

use std::io::{Read, Result, Seek};

use intake::Timestamp;

pub(crate) use quoting::Quoting;
use separator::date;
pub(crate) use separator::{LOOK, is_field, is_separator};
use window::Window;

/// The subject of the first mail that UW IMAP and Pine write into their files for themselves.
const INTERNAL: &[u8] = b"DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA";
/// The longest `From ` line of which the date is read, bytes.
const MAX_SEPARATOR: usize = 1024;

/// What editors put before UTF-8.
pub(crate) const BYTE_ORDER: &[u8] = b"\xef\xbb\xbf";

/// A mail of an mbox.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// Where it begins, bytes from the beginning of the file.
    pub(crate) at: u64,
    /// Its bytes; None: it has too many.
    pub(crate) raw: Option<Vec<u8>>,
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

/// A mail as it lies in the file.
struct Raw {
    at: u64,
    bytes: Limited,
    received: Option<Timestamp>,
    /// Its length was given, and true.
    counted: bool,
}

impl<R: Read + Seek> Mbox<R> {
    /// From the beginning, with the quoting that the file shows.
    pub(crate) fn open(file: R, max: usize) -> Result<Self> {
        let mut me = Self { window: Window::new(file), quoting: Quoting::Unquoted, max };
        let mut evidence = quoting::Evidence::default();
        while me.window.offset() < quoting::LOOKED_AT
            && let Some(raw) = me.raw()?
        {
            evidence.see(&raw.bytes.bytes, raw.counted);
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
        while let Some(Raw { at, bytes, received, .. }) = self.raw()? {
            if at <= BYTE_ORDER.len() as u64 && is_internal(&bytes.bytes) {
                continue;
            }
            let raw = bytes.whole().map(|raw| quoting::unquoted(raw, self.quoting));
            return Ok(Some(Found { at, raw, received }));
        }
        Ok(None)
    }

    fn raw(&mut self) -> Result<Option<Raw>> {
        if !self.find_separator()? {
            return Ok(None);
        }
        let at = self.window.offset();
        let mut line = Limited::new(MAX_SEPARATOR);
        self.window.line(|piece| line.push(piece))?;
        let received = date(&line.bytes);
        let mut bytes = Limited::new(self.max);
        let length = self.header(&mut bytes)?;
        let counted = match length {
            Some(length) if self.leads_on(length)? => {
                self.body_of(length, &mut bytes)?;
                true
            }
            _ => {
                self.body(&mut bytes)?;
                bytes.cut_empty_line();
                false
            }
        };
        Ok(Some(Raw { at, bytes, received, counted }))
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
    fn header(&mut self, bytes: &mut Limited) -> Result<Option<u64>> {
        let mut length = None;
        loop {
            let ahead = self.window.look(LOOK)?;
            let is_last = ahead.is_empty() || empty_line(ahead).is_some();
            length = length.or_else(|| content_length(ahead));
            self.window.line(|piece| bytes.push(piece))?;
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

    fn body_of(&mut self, length: u64, bytes: &mut Limited) -> Result<()> {
        let mut left = length;
        while left > 0 {
            let ahead = self.window.look(1)?;
            let piece = ahead.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            if piece == 0 {
                break;
            }
            bytes.push(&ahead[..piece]);
            self.window.pass(piece);
            left -= piece as u64;
        }
        Ok(())
    }

    /// Reads on until an empty line with another mail behind it.
    fn body(&mut self, bytes: &mut Limited) -> Result<()> {
        // The one behind the header.
        let mut after_empty = true;
        loop {
            let ahead = self.window.look(LOOK)?;
            if ahead.is_empty() || (after_empty && is_separator(ahead)) {
                return Ok(());
            }
            after_empty = empty_line(ahead).is_some();
            self.window.line(|piece| bytes.push(piece))?;
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

fn is_internal(raw: &[u8]) -> bool {
    raw.split(|byte| *byte == b'\n')
        .take_while(|line| !line.is_empty())
        .any(|line| line.strip_prefix(b"Subject: ").is_some_and(|subject| subject.starts_with(INTERNAL)))
}

/// Bytes up to a limit; what has more is not kept at all.
struct Limited {
    bytes: Vec<u8>,
    max: usize,
    over: bool,
}

impl Limited {
    fn new(max: usize) -> Self {
        Self { bytes: Vec::new(), max, over: false }
    }

    fn push(&mut self, piece: &[u8]) {
        self.over |= self.bytes.len() + piece.len() > self.max;
        if self.over {
            self.bytes = Vec::new();
        } else {
            self.bytes.extend_from_slice(piece);
        }
    }

    /// The empty line before the next mail is the file's.
    fn cut_empty_line(&mut self) {
        for empty in [&b"\r\n"[..], b"\n"] {
            let rest = self.bytes.strip_suffix(empty);
            if let Some(rest) = rest.filter(|rest| rest.ends_with(b"\n")) {
                self.bytes.truncate(rest.len());
                return;
            }
        }
    }

    fn whole(self) -> Option<Vec<u8>> {
        (!self.over).then_some(self.bytes)
    }
}
