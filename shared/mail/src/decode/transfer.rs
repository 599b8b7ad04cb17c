//! Content-Transfer-Encoding (RFC 2045, section 6), decoded piece by piece.

use crate::defect::{Defect, Defects};

/// Spaces held back because a line end may follow; more than this is no transport padding.
const MAX_PADDING: usize = 1024;

/// Decodes one body.
#[derive(Debug)]
pub(crate) enum Decoder {
    Identity,
    Base64(Base64),
    QuotedPrintable(QuotedPrintable),
}

impl Decoder {
    /// By the value of Content-Transfer-Encoding; empty means 7bit.
    pub(crate) fn of(encoding: &str, defects: &mut Defects) -> Self {
        match encoding {
            "base64" | "b" => Self::Base64(Base64::default()),
            "quoted-printable" | "q" => Self::QuotedPrintable(QuotedPrintable::default()),
            "" | "7bit" | "8bit" | "binary" | "7-bit" | "8-bit" => Self::Identity,
            _ => {
                defects.note(Defect::UnknownEncoding);
                Self::Identity
            }
        }
    }

    /// Base64 without a look at what the data is.
    pub(crate) fn base64() -> Self {
        Self::Base64(Base64::default())
    }

    /// Takes encoded bytes, gives decoded ones.
    pub(crate) fn push(&mut self, data: &[u8], out: &mut dyn FnMut(&[u8])) {
        match self {
            Self::Identity => out(data),
            Self::Base64(decoder) => decoder.push(data, out),
            Self::QuotedPrintable(decoder) => decoder.push(data, out),
        }
    }

    /// The body ends; what was wrong with it.
    pub(crate) fn finish(&mut self, defects: &mut Defects, out: &mut dyn FnMut(&[u8])) {
        match self {
            Self::Identity => {}
            Self::Base64(decoder) => decoder.finish(defects, out),
            Self::QuotedPrintable(decoder) => decoder.finish(defects, out),
        }
    }
}

/// Decodes all of `data` at once.
pub(crate) fn decode(mut decoder: Decoder, data: &[u8], defects: &mut Defects) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len());
    decoder.push(data, &mut |bytes| out.extend_from_slice(bytes));
    decoder.finish(defects, &mut |bytes| out.extend_from_slice(bytes));
    out
}

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

/// Base64: foreign characters are skipped, padding in the middle begins anew.
#[derive(Debug, Default)]
pub(crate) struct Base64 {
    bits: u32,
    count: u8,
    padded: bool,
    foreign: bool,
    truncated: bool,
    out: Vec<u8>,
}

impl Base64 {
    fn push(&mut self, data: &[u8], out: &mut dyn FnMut(&[u8])) {
        self.out.clear();
        self.out.reserve(data.len() / 4 * 3 + 3);
        let mut rest = data;
        while !rest.is_empty() {
            rest = self.groups(rest);
            let Some((byte, after)) = rest.split_first() else { break };
            self.one(*byte);
            rest = after;
        }
        if !self.out.is_empty() {
            out(&self.out);
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
            self.padded = false;
            data = rest;
        }
        data
    }

    fn one(&mut self, byte: u8) {
        match TABLE[usize::from(byte)] {
            SKIP => {}
            PAD => self.pad(),
            BAD => self.foreign = true,
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

    fn finish(&mut self, defects: &mut Defects, out: &mut dyn FnMut(&[u8])) {
        self.out.clear();
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
    fn push(&mut self, data: &[u8], out: &mut dyn FnMut(&[u8])) {
        self.out.clear();
        self.out.reserve(data.len());
        for byte in data {
            if self.escaping { self.escaped(*byte) } else { self.plain(*byte) }
        }
        if !self.out.is_empty() {
            out(&self.out);
        }
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

    fn finish(&mut self, defects: &mut Defects, out: &mut dyn FnMut(&[u8])) {
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

/// The value of a hexadecimal digit; 0 for anything else.
pub(crate) fn hex_digit(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => byte - b'0',
        b'a'..=b'f' => byte - b'a' + 10,
        b'A'..=b'F' => byte - b'A' + 10,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(encoding: &str, input: &str, expected: &str, defects: &[Defect]) {
        // Whole, and byte by byte.
        for size in [input.len().max(1), 1] {
            let mut found = Defects::default();
            let mut decoder = Decoder::of(encoding, &mut found);
            let mut out = Vec::new();
            for piece in input.as_bytes().chunks(size) {
                decoder.push(piece, &mut |bytes| out.extend_from_slice(bytes));
            }
            decoder.finish(&mut found, &mut |bytes| out.extend_from_slice(bytes));
            assert_eq!(String::from_utf8_lossy(&out), expected, "{input:?} in pieces of {size}");
            assert_eq!(found.into_vec(), defects, "{input:?}");
        }
    }

    #[test]
    fn base64_survives_what_happens_to_it() {
        check("base64", "SGVs\r\nbG8=\r\n", "Hello", &[]);
        check("base64", "SGVsbG8", "Hello", &[Defect::TruncatedBase64]);
        check("base64", "SGV*sbG8=", "Hello", &[Defect::InvalidBase64]);
        check("base64", "SGk=SGk=", "HiHi", &[]);
        check("base64", "SGVsbG8hIQ==", "Hello!!", &[]);
    }

    #[test]
    fn quoted_printable_survives_what_happens_to_it() {
        check("quoted-printable", "a=3Db  \r\nc=\r\nd = \r\n e", "a=b\r\ncd  e", &[]);
        check("quoted-printable", "100=% =XY =4", "100=% =XY =4", &[Defect::InvalidQuotedPrintable]);
        check("quoted-printable", "caf=c3=a9", "café", &[]);
        check("quoted-printable", "end=", "end", &[]);
    }

    #[test]
    fn an_unknown_encoding_is_kept_as_it_is() {
        check("x-own", "a=3D", "a=3D", &[Defect::UnknownEncoding]);
    }
}
