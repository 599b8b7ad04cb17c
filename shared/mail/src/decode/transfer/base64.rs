//! Base64 (RFC 2045, section 6.8).

use crate::defect::{Defect, Defects};

const SKIP: u8 = 0xFD;
const PAD: u8 = 0xFE;
const BAD: u8 = 0xFF;

const TABLE: [u8; 256] = {
    let mut table = [BAD; 256];
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut n = 0;
    while n < alphabet.len() {
        table[alphabet[n] as usize] = n as u8;
        n += 1;
    }
    table[b'=' as usize] = PAD;
    table[b'\r' as usize] = SKIP;
    table[b'\n' as usize] = SKIP;
    table[b' ' as usize] = SKIP;
    table[b'\t' as usize] = SKIP;
    table
};

/// A line of Base64 is not longer: RFC 2045 has 76, some programs have all in one, but not behind padding.
const MAX_LINE: usize = 1024;

/// Whether Base64 has this byte.
pub(super) fn is_digit(byte: u8) -> bool {
    TABLE[usize::from(byte)] < SKIP || byte == b'='
}

/// Base64: foreign characters are skipped, padding in the middle begins anew.
#[derive(Debug, Default)]
pub(crate) struct Base64 {
    bits: u32,
    count: u8,
    padded: bool,
    foreign: bool,
    truncated: bool,
    at_line_start: bool,
    /// A line after padding, which goes on or is something else.
    after: Option<Vec<u8>>,
    /// Something else began, such as the footer of a mailing list.
    ended: bool,
    out: Vec<u8>,
}

impl Base64 {
    pub(super) fn push(&mut self, data: &[u8], out: &mut dyn FnMut(&[u8])) {
        self.out.clear();
        self.out.reserve(data.len() / 4 * 3 + 3);
        let mut rest = data;
        while !rest.is_empty() && !self.ended {
            if self.after.is_some() {
                rest = self.line_after(rest);
                continue;
            }
            rest = self.groups(rest);
            let Some((byte, after)) = rest.split_first() else { break };
            self.one(*byte);
            rest = after;
        }
        if !self.out.is_empty() {
            out(&self.out);
        }
    }

    /// Behind padding only whole lines of Base64 count.
    fn line_after<'d>(&mut self, data: &'d [u8]) -> &'d [u8] {
        let end = data.iter().position(|b| *b == b'\n').map_or(data.len(), |at| at + 1);
        let Some(line) = &mut self.after else { return data };
        let room = MAX_LINE.saturating_sub(line.len());
        line.extend_from_slice(&data[..end.min(room)]);
        if data[..end].ends_with(b"\n") || room <= end {
            self.take_line_after();
        }
        &data[end.min(room.max(1))..]
    }

    fn take_line_after(&mut self) {
        let line = self.after.take().unwrap_or_default();
        let text = line.trim_ascii();
        if text.is_empty() {
            self.after = Some(Vec::new());
        } else if text.iter().all(|b| is_digit(*b)) {
            line.iter().for_each(|byte| self.one(*byte));
        } else {
            (self.ended, self.foreign) = (true, true);
        }
    }

    /// Whole groups, the ordinary case.
    fn groups<'d>(&mut self, mut data: &'d [u8]) -> &'d [u8] {
        while let (0, [a, b, c, d, rest @ ..]) = (self.count, data) {
            let [a, b, c, d] = [a, b, c, d].map(|byte| TABLE[usize::from(*byte)]);
            if (a | b | c | d) & 0xC0 != 0 {
                break;
            }
            self.out.extend_from_slice(&[a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d]);
            (self.padded, self.at_line_start) = (false, false);
            data = rest;
        }
        data
    }

    fn one(&mut self, byte: u8) {
        let at_line_start = std::mem::replace(&mut self.at_line_start, byte == b'\n');
        match TABLE[usize::from(byte)] {
            SKIP if self.padded && byte == b'\n' => self.after = Some(Vec::new()),
            SKIP => {}
            PAD => self.pad(),
            BAD => {
                self.foreign = true;
                // A rule or a dash at the start of a line begins a footer.
                self.ended |= at_line_start && self.count == 0 && matches!(byte, b'_' | b'-');
            }
            value => {
                self.padded = false;
                self.bits = self.bits << 6 | u32::from(value);
                self.count += 1;
                if self.count == 4 {
                    let [_, a, b, c] = self.bits.to_be_bytes();
                    self.out.extend_from_slice(&[a, b, c]);
                    (self.bits, self.count) = (0, 0);
                }
            }
        }
    }

    fn pad(&mut self) {
        if self.count == 1 || self.count == 0 && !self.padded {
            self.foreign = true;
        }
        self.flush();
        self.padded = true;
    }

    fn flush(&mut self) {
        match self.count {
            2 => self.out.push((self.bits >> 4) as u8),
            3 => self.out.extend_from_slice(&[(self.bits >> 10) as u8, (self.bits >> 2) as u8]),
            _ => {}
        }
        (self.bits, self.count) = (0, 0);
    }

    pub(super) fn finish(&mut self, defects: &mut Defects, out: &mut dyn FnMut(&[u8])) {
        self.out.clear();
        if self.after.is_some() {
            self.take_line_after();
        }
        self.truncated = self.count != 0;
        self.flush();
        if !self.out.is_empty() {
            out(&self.out);
        }
        if self.truncated {
            defects.note(Defect::TruncatedBase64);
        }
        if self.foreign {
            defects.note(Defect::InvalidBase64);
        }
    }
}
