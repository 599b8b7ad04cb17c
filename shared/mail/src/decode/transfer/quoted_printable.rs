//! Quoted-printable (RFC 2045, section 6.7).

use memchr::memchr2;

use crate::defect::{Defect, Defects};

use super::hex::hex_digit;

/// Spaces held back because a line end may follow; more than this is no transport padding.
const MAX_PADDING: usize = 1024;

/// Quoted-printable: bad escapes stay as written, blanks at a line's end are dropped.
#[derive(Debug, Default)]
pub(crate) struct QuotedPrintable {
    /// Blanks, and a CR, that count only if something else than a line end follows.
    blanks: Vec<u8>,
    /// What followed a `=` so far.
    escape: Vec<u8>,
    escaping: bool,
    invalid: bool,
    out: Vec<u8>,
}

impl QuotedPrintable {
    pub(super) fn push(&mut self, data: &[u8], out: &mut dyn FnMut(&[u8])) {
        self.out.clear();
        self.out.reserve(data.len());
        let mut rest = data;
        while let Some((byte, after)) = rest.split_first() {
            if !self.escaping {
                rest = self.run(rest);
            } else if let ([], [high, low, after @ ..]) = (self.escape.as_slice(), rest)
                && high.is_ascii_hexdigit()
                && low.is_ascii_hexdigit()
            {
                self.escaping = false;
                self.literal(hex_digit(*high) << 4 | hex_digit(*low));
                rest = after;
            } else {
                self.escaped(*byte);
                rest = after;
            }
        }
        if !self.out.is_empty() {
            out(&self.out);
        }
    }

    /// What comes up to the next escape or line end, and that sign: the ordinary case, taken as a whole.
    fn run<'d>(&mut self, data: &'d [u8]) -> &'d [u8] {
        let end = memchr2(b'=', b'\n', data).unwrap_or(data.len());
        let blanks = data[..end].iter().rev().take_while(|b| matches!(b, b' ' | b'\t' | b'\r')).count();
        let (text, blanks) = data[..end].split_at(end - blanks);
        if !text.is_empty() {
            self.out.append(&mut self.blanks);
            self.out.extend_from_slice(text);
        }
        blanks.iter().for_each(|byte| self.plain(*byte));
        let Some((sign, rest)) = data[end..].split_first() else { return &[] };
        self.plain(*sign);
        rest
    }

    fn escaped(&mut self, byte: u8) {
        match (self.escape.as_slice(), byte) {
            ([], b'0'..=b'9' | b'A'..=b'F' | b'a'..=b'f') => self.escape.push(byte),
            ([high], _) if byte.is_ascii_hexdigit() && high.is_ascii_hexdigit() => {
                let value = hex_digit(*high) << 4 | hex_digit(byte);
                self.escaping = false;
                self.literal(value);
            }
            ([] | [b' ' | b'\t' | b'\r', ..], b'\n') => self.escaping = false,
            ([] | [b' ' | b'\t', ..], b' ' | b'\t' | b'\r') if self.escape.len() < MAX_PADDING => {
                self.escape.push(byte);
            }
            _ => {
                self.invalid = true;
                self.escaping = false;
                self.literal(b'=');
                let written = std::mem::take(&mut self.escape);
                for byte in written {
                    self.plain(byte);
                }
                self.plain(byte);
            }
        }
    }

    fn plain(&mut self, byte: u8) {
        match byte {
            b'=' => {
                self.escaping = true;
                self.escape.clear();
            }
            b'\n' => {
                let crlf = self.blanks.last() == Some(&b'\r');
                self.blanks.clear();
                self.out.extend_from_slice(if crlf { b"\r\n" } else { b"\n" });
            }
            b' ' | b'\t' | b'\r' if self.blanks.len() < MAX_PADDING => self.blanks.push(byte),
            _ => self.literal(byte),
        }
    }

    fn literal(&mut self, byte: u8) {
        self.out.append(&mut self.blanks);
        self.out.push(byte);
    }

    pub(super) fn finish(&mut self, defects: &mut Defects, out: &mut dyn FnMut(&[u8])) {
        self.out.clear();
        if self.escaping && !self.escape.trim_ascii().is_empty() {
            self.invalid = true;
            self.literal(b'=');
            self.out.append(&mut self.escape);
        }
        if !self.out.is_empty() {
            out(&self.out);
        }
        if self.invalid {
            defects.note(Defect::InvalidQuotedPrintable);
        }
    }
}
