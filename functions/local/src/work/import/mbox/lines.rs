//! The lines of a mail while it goes by: what they say of the file, and what they were before they came into it.

use super::quoting::{Evidence, Quoting, Reader};

/// The subject of the first mail that UW IMAP and Pine write into their files for themselves.
pub(super) const INTERNAL: &[u8] = b"DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA";

/// So much of a line is looked at, bytes: more than any mark before it is long.
const BEGIN: usize = 1024;

/// Takes the lines of a mail, in parts.
pub(super) trait Take {
    /// A line begins: all of it, or its first bytes.
    fn begin(&mut self, line: &[u8], counted: bool);
    /// The line goes on.
    fn rest(&mut self, bytes: &[u8]);
}

/// Cuts a mail into lines.
pub(super) struct Lines<'a> {
    take: &'a mut dyn Take,
    begin: Vec<u8>,
    inside: bool,
    /// The mail's length was given, and is true.
    pub(super) counted: bool,
}

impl<'a> Lines<'a> {
    pub(super) fn new(take: &'a mut dyn Take) -> Self {
        Self { take, begin: Vec::new(), inside: false, counted: false }
    }

    pub(super) fn push(&mut self, mut piece: &[u8]) {
        while !piece.is_empty() {
            let end = piece.iter().position(|byte| *byte == b'\n').map(|end| end + 1);
            let (part, behind) = piece.split_at(end.unwrap_or(piece.len()));
            if self.inside {
                self.take.rest(part);
                self.inside = end.is_none();
                piece = behind;
                continue;
            }
            let room = BEGIN.saturating_sub(self.begin.len()).min(part.len());
            self.begin.extend_from_slice(&part[..room]);
            piece = &piece[room..];
            let is_whole = end == Some(room);
            if is_whole || self.begin.len() == BEGIN {
                self.take.begin(&self.begin, self.counted);
                self.begin.clear();
                self.inside = !is_whole;
            }
        }
    }

    /// The mail ends; whether its length was given, and true.
    pub(super) fn end(self) -> bool {
        if !self.begin.is_empty() {
            self.take.begin(&self.begin, self.counted);
        }
        self.counted
    }
}

/// Looks for how the file keeps lines.
pub(super) struct Witness<'a> {
    pub(super) evidence: &'a mut Evidence,
    pub(super) reader: Reader,
}

impl Take for Witness<'_> {
    fn begin(&mut self, line: &[u8], counted: bool) {
        self.reader.see(line, counted, self.evidence);
    }

    fn rest(&mut self, _: &[u8]) {}
}

/// Gives out the mail as it was.
pub(super) struct Out<'a> {
    sink: &'a mut dyn FnMut(&[u8]),
    quoting: Quoting,
    reader: Reader,
    /// An empty line, which is the file's if nothing follows.
    held: Vec<u8>,
    any: bool,
    /// A program wrote it for itself.
    pub(super) internal: bool,
}

impl<'a> Out<'a> {
    pub(super) fn new(quoting: Quoting, sink: &'a mut dyn FnMut(&[u8])) -> Self {
        Self { sink, quoting, reader: Reader::default(), held: Vec::new(), any: false, internal: false }
    }

    /// The mail ends. The empty line before the next one is the file's, unless it was counted.
    pub(super) fn end(mut self, counted: bool) -> bool {
        if counted {
            self.release();
        }
        self.internal
    }

    fn release(&mut self) {
        if !self.held.is_empty() {
            (self.sink)(&self.held);
            self.held.clear();
        }
    }
}

impl Take for Out<'_> {
    fn begin(&mut self, line: &[u8], _: bool) {
        let subject = line.strip_prefix(b"Subject: ").filter(|_| !self.reader.in_body());
        self.internal |= subject.is_some_and(|subject| subject.starts_with(INTERNAL));
        self.release();
        let line = self.reader.undo(line, self.quoting);
        if self.any && matches!(line, b"\n" | b"\r\n") {
            self.held.extend_from_slice(line);
        } else {
            (self.sink)(line);
        }
        self.any = true;
    }

    fn rest(&mut self, bytes: &[u8]) {
        (self.sink)(bytes);
    }
}
