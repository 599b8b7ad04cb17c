//! Boundaries that lie: never announced, never used, or hidden by an encoding.

use crate::{
    decode::{
        params::Content,
        transfer::{self, Decoder},
    },
    defect::{Defect, Defects},
};

use super::{
    super::{
        lines::{announced, begins, begins_loosely, is_of_boundary, plausible},
        piece::{Out, Piece},
    },
    Level, MAX_PREAMBLE, Scanner, State,
};

/// Behind a shorter boundary, text makes a line another one.
const MIN_BOUNDARY: usize = 6;

impl Level {
    /// RFC 2045 forbids to encode a multipart as a whole, and some programs do.
    fn decoded(mut self) -> Self {
        let encoding = std::mem::take(&mut self.encoding);
        if !transfer::is_identity(&encoding) {
            let mut ignored = Defects::default();
            let decoder = Decoder::of(&encoding, &mut ignored);
            self.preamble = transfer::decode(decoder, &self.preamble, &mut ignored);
        }
        self
    }
}

impl Scanner {
    /// A part that is what stood before the first boundary.
    pub(super) fn text(&mut self, parent: usize, text: &[u8], out: &mut Out<'_>) {
        let blank = text.trim_ascii().is_empty();
        if !blank && self.open(Some(parent), Vec::new(), Content::text(), false, out) {
            out(Piece::Body(text));
            out(Piece::Close);
        }
    }

    /// Which open multipart's boundary a line begins with, where further text stands behind the boundary: RFC 2046, section 5.1.1 compares the beginning only.
    pub(super) fn boundary_in(&self, rest: &[u8]) -> Option<(usize, bool)> {
        let of = |level: &Level| {
            let behind =
                rest.strip_prefix(level.boundary.as_slice()).filter(|_| !level.boundary.is_empty())?;
            let (closing, behind) =
                behind.strip_prefix(b"--").map_or((false, behind), |behind| (true, behind));
            let parted = level.boundary.len() >= MIN_BOUNDARY && !behind.first().is_some_and(is_of_boundary);
            (level.loose || parted).then_some(closing || level.loose && behind.ends_with(b"--"))
        };
        self.stack.iter().enumerate().rev().find_map(|(n, level)| Some((n, of(level)?)))
    }

    /// Ends the multiparts above `depth`.
    pub(super) fn pop_to(&mut self, depth: usize, out: &mut Out<'_>) {
        while self.stack.len() > depth {
            let Some(level) = self.stack.pop() else { return };
            if level.seen {
                if !level.closed {
                    self.defects.note(Defect::MissingEndBoundary);
                }
                continue;
            }
            let level = level.decoded();
            let own = begins(&level.preamble, &level.boundary).then(|| level.boundary.clone());
            if own.is_none() {
                self.defects.note(Defect::BoundaryNotFound);
            }
            let loose = own.is_none() && begins_loosely(&level.preamble, &level.boundary);
            let level = Level { loose, ..level };
            match own
                .or_else(|| if loose { Some(level.boundary.clone()) } else { announced(&level.preamble) })
            {
                Some(boundary) => self.again(level, boundary, out),
                None => self.text(level.part, &level.preamble, out),
            }
        }
    }

    /// Reads what was taken as preamble once more, with the boundary that is in there.
    fn again(&mut self, level: Level, boundary: Vec<u8>, out: &mut Out<'_>) {
        let depth = self.stack.len();
        self.stack.push(Level { boundary, preamble: Vec::new(), ..level });
        self.state = State::Preamble;
        for line in level.preamble.split_inclusive(|b| *b == b'\n') {
            self.take_line(line, out);
        }
        self.end_leaf(true, out);
        self.pop_to(depth, out);
    }

    /// Whether parts began in what was taken as preamble, by lines that only begin with the boundary: they are read now.
    pub(super) fn begun_loosely(&mut self, out: &mut Out<'_>) -> bool {
        let Some(level) = self.stack.last_mut().filter(|level| !level.seen && !level.loose) else {
            return false;
        };
        level.loose = begins_loosely(&level.preamble, &level.boundary);
        if !level.loose {
            return false;
        }
        self.defects.note(Defect::BoundaryNotFound);
        let preamble = std::mem::take(&mut level.preamble);
        self.state = State::Preamble;
        preamble.split_inclusive(|b| *b == b'\n').for_each(|line| self.take_line(line, out));
        true
    }

    /// Before the first boundary: normally thrown away, but the boundary may be missing or another one than announced.
    pub(super) fn preamble_line(&mut self, line: &[u8], out: &mut Out<'_>) {
        let Some(level) = self.stack.last_mut() else { return };
        let guess = line.strip_prefix(b"--").map(<[u8]>::trim_ascii_end).filter(|guess| plausible(guess));
        let begins_part = line.get(..8).is_some_and(|start| start.eq_ignore_ascii_case(b"content-"));
        if let (true, Some(candidate)) = (begins_part, level.candidate.take()) {
            level.loose = !level.boundary.is_empty() && candidate.starts_with(&level.boundary);
            if !level.loose {
                level.boundary = candidate;
            }
            let preamble = std::mem::take(&mut level.preamble);
            self.defects.note(Defect::BoundaryNotFound);
            // It may have come before too, above a part without a header.
            preamble.split_inclusive(|b| *b == b'\n').for_each(|line| self.take_line(line, out));
            if self.state == State::Preamble {
                let here = self.stack.len() - 1;
                self.at_boundary(here, false, out);
            }
            return self.header_line(line, out);
        }
        if let (true, Some(guess)) = (level.boundary.is_empty(), guess) {
            level.boundary = guess.to_vec();
            let here = self.stack.len() - 1;
            return self.at_boundary(here, false, out);
        }
        level.candidate = guess.map(<[u8]>::to_vec);
        let room = MAX_PREAMBLE.saturating_sub(level.preamble.len());
        level.preamble.extend_from_slice(&line[..line.len().min(room)]);
    }
}
