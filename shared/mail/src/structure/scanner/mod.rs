//! The scanner: bytes in, parts and body pieces out.

mod lies;

use memchr::memchr;

use crate::{
    decode::params::Content,
    defect::{Defect, Defects},
};

use super::{
    MAX_DEPTH, MAX_PARTS,
    ends::LineEnds,
    header::{BYTE_ORDER_MARK, Block, Field, MAX_FIELD, goes_on, is_field, is_only_blanks},
    lines::before_dash,
    piece::{Head, Out, Piece},
};

/// Longest line that can be a boundary: RFC 2046 allows 70, broken programs more.
const MAX_BOUNDARY_LINE: usize = 1024;
/// Of the text before the first boundary, in case that none comes and it is the body.
const MAX_PREAMBLE: usize = 1024 * 1024;
/// Bytes of all headers of all parts.
const MAX_HEADERS: usize = 512 * 1024;

#[derive(Debug)]
struct Level {
    part: usize,
    boundary: Vec<u8>,
    encoding: String,
    digest: bool,
    seen: bool,
    closed: bool,
    /// No line is the boundary alone: what only begins with it counts.
    loose: bool,
    preamble: Vec<u8>,
    candidate: Option<Vec<u8>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Header,
    Leaf,
    Preamble,
    Epilogue,
}

/// The line end before the present position: part of the body unless a boundary follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    None,
    Cr,
    Lf,
    CrLf,
}

/// Finds the structure of one mail.
#[derive(Debug)]
pub(crate) struct Scanner {
    ends: LineEnds,
    state: State,
    stack: Vec<Level>,
    block: Block,
    /// A line at the top that is no field: either broken or the start of a body without its empty line.
    stray: Option<Vec<u8>>,
    /// A line of nothing but blanks: a fold, if more header follows, else the end of the header.
    doubt: bool,
    line: Vec<u8>,
    at_line_start: bool,
    held: Held,
    parts: usize,
    muted: bool,
    header_budget: usize,
    pub(crate) defects: Defects,
}

impl Scanner {
    pub(crate) fn new() -> Self {
        Self {
            ends: LineEnds::default(),
            state: State::Header,
            stack: Vec::new(),
            block: Block::default(),
            stray: None,
            doubt: false,
            line: Vec::new(),
            at_line_start: true,
            held: Held::None,
            parts: 0,
            muted: false,
            header_budget: MAX_HEADERS,
            defects: Defects::default(),
        }
    }

    /// Takes the next bytes.
    pub(crate) fn push(&mut self, data: &[u8], out: &mut Out<'_>) {
        let mut ends = std::mem::take(&mut self.ends);
        ends.push(data, &mut |data| self.bytes(data, out));
        self.ends = ends;
    }

    fn bytes(&mut self, mut data: &[u8], out: &mut Out<'_>) {
        while !data.is_empty() {
            data = match self.state {
                State::Leaf if self.stack.is_empty() => {
                    self.emit(data, out);
                    &[]
                }
                State::Leaf => self.body(data, out),
                _ => self.gather(data, out),
            };
        }
    }

    /// The mail ends here.
    pub(crate) fn finish(&mut self, out: &mut Out<'_>) {
        let mut ends = std::mem::take(&mut self.ends);
        if ends.finish(&mut |data| self.bytes(data, out)) {
            self.defects.note(Defect::BareCarriageReturns);
        }
        if !self.line.is_empty() {
            let line = std::mem::take(&mut self.line);
            self.take_line(&line, out);
        }
        if let Some(stray) = self.stray.take() {
            self.begin_body(&[&stray], out);
        }
        if self.state == State::Header && (self.parts == 0 || !self.block.is_empty()) {
            self.end_header(out);
        }
        self.end_leaf(true, out);
        self.pop_to(0, out);
    }

    /// Body lines: passes everything on up to a line that may be a boundary.
    fn body<'d>(&mut self, data: &'d [u8], out: &mut Out<'_>) -> &'d [u8] {
        if self.at_line_start && (data[0] == b'-' || !self.line.is_empty()) {
            return self.gather(data, out);
        }
        let end = before_dash(data);
        self.pass(&data[..end], out);
        &data[end..]
    }

    /// Emits body bytes but holds back their last line end.
    fn pass(&mut self, block: &[u8], out: &mut Out<'_>) {
        self.at_line_start = block.ends_with(b"\n");
        if self.held == Held::Cr && block == b"\n" {
            self.held = Held::CrLf;
            return;
        }
        self.release(out);
        let (rest, held) = match block {
            [rest @ .., b'\r', b'\n'] => (rest, Held::CrLf),
            [rest @ .., b'\n'] => (rest, Held::Lf),
            [rest @ .., b'\r'] => (rest, Held::Cr),
            _ => (block, Held::None),
        };
        self.held = held;
        self.emit(rest, out);
    }

    fn release(&mut self, out: &mut Out<'_>) {
        let bytes: &[u8] = match self.held {
            Held::None => return,
            Held::Cr => b"\r",
            Held::Lf => b"\n",
            Held::CrLf => b"\r\n",
        };
        self.held = Held::None;
        self.emit(bytes, out);
    }

    fn emit(&mut self, bytes: &[u8], out: &mut Out<'_>) {
        if !bytes.is_empty() && !self.muted {
            out(Piece::Body(bytes));
        }
    }

    /// Gathers one line and takes it when it is complete, or too long to matter.
    fn gather<'d>(&mut self, data: &'d [u8], out: &mut Out<'_>) -> &'d [u8] {
        let limit = if self.state == State::Leaf { MAX_BOUNDARY_LINE } else { MAX_FIELD + 2 };
        let end = memchr(b'\n', data).map(|at| at + 1);
        let piece = &data[..end.unwrap_or(data.len())];
        if self.state == State::Leaf && self.line.len() + piece.len() > limit {
            let line = std::mem::take(&mut self.line);
            self.pass_line(&line, out);
            self.pass(piece, out);
            return &data[piece.len()..];
        }
        let room = limit.saturating_sub(self.line.len());
        self.line.extend_from_slice(&piece[..piece.len().min(room)]);
        if piece.len() > room {
            self.defects.note(Defect::HeaderTooLong);
        }
        if end.is_some() {
            let line = std::mem::take(&mut self.line);
            self.take_line(&line, out);
            if self.line.is_empty() {
                // The allocation goes round from line to line.
                self.line = line;
                self.line.clear();
            }
        }
        &data[piece.len()..]
    }

    fn pass_line(&mut self, line: &[u8], out: &mut Out<'_>) {
        if !line.is_empty() {
            self.pass(line, out);
        }
    }

    fn take_line(&mut self, line: &[u8], out: &mut Out<'_>) {
        if let Some((level, closing)) = self.boundary_at(line) {
            return self.at_boundary(level, closing, out);
        }
        match self.state {
            State::Header => self.header_line(line, out),
            State::Leaf => self.pass_line(line, out),
            State::Preamble => self.preamble_line(line, out),
            State::Epilogue => {}
        }
    }

    /// Which open multipart's boundary a line is, and whether it closes it.
    fn boundary_at(&self, line: &[u8]) -> Option<(usize, bool)> {
        let rest = line.strip_prefix(b"--")?.trim_ascii_end();
        let of = |level: &Level| match rest.strip_prefix(level.boundary.as_slice())? {
            _ if level.boundary.is_empty() => None,
            b"" => Some(false),
            b"--" => Some(true),
            _ => None,
        };
        let mut found =
            self.stack.iter().enumerate().rev().filter_map(|(n, level)| Some((n, of(level)?, level.closed)));
        // Nested multiparts may have the same boundary: the one that is still open goes on.
        let Some(first) = found.next() else { return self.boundary_in(rest) };
        let (n, closing, _) = if first.2 { found.find(|other| !other.2).unwrap_or(first) } else { first };
        Some((n, closing))
    }

    fn at_boundary(&mut self, level: usize, closing: bool, out: &mut Out<'_>) {
        if self.state == State::Header && !self.block.is_empty() {
            self.end_header(out);
        }
        self.end_leaf(false, out);
        self.pop_to(level + 1, out);
        if closing && self.begun_loosely(out) {
            return self.at_boundary(level, closing, out);
        }
        let Some(top) = self.stack.last_mut() else { return };
        let (part, first) = (top.part, !top.seen);
        top.seen = true;
        top.closed = closing;
        let preamble = std::mem::take(&mut top.preamble);
        if closing && first {
            self.defects.note(Defect::BoundaryNotFound);
            self.text(part, &preamble, out);
        }
        self.doubt = false;
        self.state = if closing { State::Epilogue } else { State::Header };
    }

    fn end_leaf(&mut self, release: bool, out: &mut Out<'_>) {
        if self.state == State::Leaf {
            if release {
                self.release(out);
            }
            if !self.muted {
                out(Piece::Close);
            }
        }
        self.held = Held::None;
        self.at_line_start = true;
        self.muted = false;
        self.state = State::Epilogue;
    }

    fn header_line(&mut self, line: &[u8], out: &mut Out<'_>) {
        let top = self.parts == 0;
        let at_start = top && self.block.is_empty() && self.stray.is_none();
        let line = if at_start { line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line) } else { line };
        if std::mem::take(&mut self.doubt) && !goes_on(line) {
            self.end_header(out);
            if !line.trim_ascii().is_empty() {
                self.body_line(line, out);
            }
            return;
        }
        if is_only_blanks(line) && !self.block.is_empty() {
            self.doubt = true;
            return;
        }
        let blank = line.trim_ascii().is_empty();
        let (budget, defects) = (&mut self.header_budget, &mut self.defects);
        if blank && top && self.block.is_empty() {
            return;
        }
        let folded = matches!(line.first(), Some(b' ' | b'\t')) && !self.block.is_empty();
        let field = is_field(line);
        if blank || folded || field {
            if self.stray.take().is_some() {
                defects.note(Defect::MalformedHeaderLine);
            }
            match (blank, folded) {
                (true, _) => self.end_header(out),
                (_, true) => self.block.continuation(line, budget, defects),
                _ => self.block.field(line, budget, defects),
            }
            return;
        }
        // The envelope line of an mbox file, also quoted by a careless program.
        if top && self.block.is_empty() && (line.starts_with(b"From ") || line.starts_with(b">From ")) {
            return;
        }
        match self.stray.take() {
            Some(stray) => self.begin_body(&[&stray, line], out),
            None if top && !self.block.is_empty() => self.stray = Some(line.to_vec()),
            None => self.begin_body(&[line], out),
        }
    }

    /// The body begins without an empty line before it.
    fn begin_body(&mut self, lines: &[&[u8]], out: &mut Out<'_>) {
        let no_headers = self.parts == 0 && self.block.is_empty();
        self.defects.note(if no_headers { Defect::NoHeaders } else { Defect::MissingBlankLine });
        self.end_header(out);
        lines.iter().for_each(|line| self.body_line(line, out));
    }

    fn body_line(&mut self, line: &[u8], out: &mut Out<'_>) {
        if self.state == State::Leaf && self.stack.is_empty() {
            self.emit(line, out);
        } else {
            self.take_line(line, out);
        }
    }

    fn end_header(&mut self, out: &mut Out<'_>) {
        let fields = std::mem::take(&mut self.block).into_fields();
        let digest = self.stack.last().is_some_and(|level| level.digest);
        let content = Content::of(&fields, digest);
        let parent = self.stack.last().map(|level| level.part);
        let mut multipart = content.is_multipart();
        if multipart && self.stack.len() >= MAX_DEPTH {
            self.defects.note(Defect::TooDeep);
            multipart = false;
        }
        let boundary = content.boundary();
        let encoding = content.encoding().to_owned();
        let digest = content.subtype() == "digest";
        let opened = self.open(parent, fields, content, multipart, out);
        self.muted = !opened;
        self.state = State::Leaf;
        if opened && multipart {
            if boundary.is_empty() {
                self.defects.note(Defect::MissingBoundary);
            }
            let part = self.parts - 1;
            self.stack.push(Level {
                part,
                boundary,
                encoding,
                digest,
                seen: false,
                closed: false,
                loose: false,
                preamble: Vec::new(),
                candidate: None,
            });
            self.state = State::Preamble;
        }
    }

    /// Announces a part, unless there are too many.
    fn open(
        &mut self,
        parent: Option<usize>,
        fields: Vec<Field>,
        content: Content,
        multipart: bool,
        out: &mut Out<'_>,
    ) -> bool {
        if self.parts >= MAX_PARTS {
            self.defects.note(Defect::TooManyParts);
            return false;
        }
        self.parts += 1;
        out(Piece::Open(Head { parent, fields, content, multipart }));
        true
    }
}
