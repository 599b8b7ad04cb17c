//! uuencode, as a transfer encoding of old programs and within text (POSIX).

use crate::defect::{Defect, Defects};

/// A line is not longer; 45 bytes make 61 characters.
const MAX_LINE: usize = 256;
/// What is kept in case that no block begins.
const MAX_BEFORE: usize = 4096;

/// The name in a line `begin 644 name`, which may be forgotten.
pub(crate) fn begins(line: &[u8]) -> Option<&[u8]> {
    let rest = line.strip_prefix(b"begin ")?.trim_ascii();
    let mode = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    let after = &rest[mode..];
    let parted = after.is_empty() || after.starts_with(b" ");
    ((3..=4).contains(&mode) && parted).then(|| after.trim_ascii())
}

/// Whether this is the last line of a block.
pub(crate) fn ends(line: &[u8]) -> bool {
    line.trim_ascii_end() == b"end"
}

/// Decodes one line into `out`; false if it is none. Blanks at its end may be lost.
pub(crate) fn line(line: &[u8], out: &mut Vec<u8>) -> bool {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let Some((length, data)) = line.split_first() else { return true };
    let length = usize::from(value(*length));
    if line.len() > MAX_LINE
        || !line.iter().all(|b| (b' '..=b'`').contains(b))
        || data.len() > length.div_ceil(3) * 4 + 2
    {
        return false;
    }
    let sextet = |n: usize| data.get(n).map_or(0, |b| u32::from(value(*b)));
    for group in 0..length.div_ceil(3) {
        let bits = (0..4).fold(0, |bits, n| bits << 6 | sextet(group * 4 + n));
        let [_, bytes @ ..] = bits.to_be_bytes();
        out.extend_from_slice(&bytes[..(length - group * 3).min(3)]);
    }
    true
}

fn value(byte: u8) -> u8 {
    byte.wrapping_sub(b' ') & 0x3F
}

/// Decodes a body of one block.
#[derive(Debug, Default)]
pub(crate) struct Uuencode {
    line: Vec<u8>,
    before: Vec<u8>,
    begun: bool,
    ended: bool,
    invalid: bool,
    out: Vec<u8>,
}

impl Uuencode {
    pub(super) fn push(&mut self, data: &[u8], out: &mut dyn FnMut(&[u8])) {
        self.out.clear();
        for piece in data.split_inclusive(|b| *b == b'\n') {
            let room = MAX_LINE.saturating_sub(self.line.len());
            self.line.extend_from_slice(&piece[..piece.len().min(room)]);
            if piece.ends_with(b"\n") {
                self.take();
            }
        }
        if !self.out.is_empty() {
            out(&self.out);
        }
    }

    fn take(&mut self) {
        let taken = std::mem::take(&mut self.line);
        if self.ended {
            return;
        }
        if self.begun {
            self.ended = ends(&taken);
            self.invalid |= !self.ended && !line(&taken, &mut self.out);
        } else if begins(&taken).is_some() {
            self.begun = true;
        } else if self.before.len() < MAX_BEFORE {
            self.before.extend_from_slice(&taken);
        }
    }

    pub(super) fn finish(&mut self, defects: &mut Defects, out: &mut dyn FnMut(&[u8])) {
        self.out.clear();
        if !self.line.is_empty() {
            self.take();
        }
        if !self.begun {
            self.out = std::mem::take(&mut self.before);
        }
        if self.invalid || !self.ended {
            defects.note(Defect::InvalidUuencode);
        }
        if !self.out.is_empty() {
            out(&self.out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_decoded() {
        let mut out = Vec::new();
        assert!(line(b"#0V%T\n", &mut out));
        assert!(line(b"%2&5L;&\\\r\n", &mut out));
        assert!(line(b"`\n", &mut out));
        assert_eq!(out, b"CatHello");
        assert!(!line(b"no such line", &mut out));
        assert_eq!(begins(b"begin 644 a b.txt\r\n"), Some(&b"a b.txt"[..]));
        assert_eq!(begins(b"begin 644\r\n"), Some(&b""[..]));
        assert_eq!(begins(b"begin by reading"), None);
        assert_eq!(begins(b"begin 644jobs"), None);
    }
}
