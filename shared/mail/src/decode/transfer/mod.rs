//! Content-Transfer-Encoding (RFC 2045, section 6), decoded piece by piece.

mod base64;
mod hex;
mod quoted_printable;
mod unsure;
pub(crate) mod uuencode;

use crate::defect::{Defect, Defects};

use base64::Base64;
pub(crate) use hex::{hex_digit, percent};
use quoted_printable::QuotedPrintable;
use unsure::Unsure;
use uuencode::Uuencode;

/// Decodes one body.
#[derive(Debug)]
pub(crate) enum Decoder {
    Identity,
    /// Said to be Base64, and is not.
    Unencoded,
    /// Said to be Base64, and not yet looked at.
    Unsure(Unsure),
    Base64(Base64),
    QuotedPrintable(QuotedPrintable),
    Uuencode(Uuencode),
}

/// Whether an encoding, letters and digits only, means that nothing is encoded.
pub(crate) fn is_identity(encoding: &str) -> bool {
    matches!(
        encoding,
        "" | "7bit" | "7bits" | "8bit" | "8bits" | "8bitmime" | "binary" | "none" | "plain" | "bit7" | "bit8"
    )
}

impl Decoder {
    /// By the letters and digits of Content-Transfer-Encoding; empty means 7bit.
    pub(crate) fn of(encoding: &str, defects: &mut Defects) -> Self {
        match encoding {
            "base64" | "b" | "b64" | "bas64" | "base64encoded" => Self::Unsure(Unsure::default()),
            "quotedprintable" | "q" | "qp" => Self::QuotedPrintable(QuotedPrintable::default()),
            "uuencode" | "xuuencode" | "uu" | "uue" | "xuue" => Self::Uuencode(Uuencode::default()),
            _ if is_identity(encoding) => Self::Identity,
            _ => {
                defects.note(Defect::UnknownEncoding);
                Self::misspelt(encoding)
            }
        }
    }

    fn misspelt(encoding: &str) -> Self {
        if encoding.starts_with('q') && encoding.contains("print") {
            Self::QuotedPrintable(QuotedPrintable::default())
        } else if encoding.starts_with("base") && encoding.contains("64") {
            Self::Unsure(Unsure::default())
        } else {
            Self::Identity
        }
    }

    fn decided(is_text: bool) -> Self {
        if is_text { Self::Unencoded } else { Self::base64() }
    }

    /// Base64 without a look at what the data is.
    pub(crate) fn base64() -> Self {
        Self::Base64(Base64::default())
    }

    /// Takes encoded bytes, gives decoded ones.
    pub(crate) fn push(&mut self, data: &[u8], out: &mut dyn FnMut(&[u8])) {
        match self {
            Self::Identity | Self::Unencoded => out(data),
            Self::Unsure(unsure) => {
                if let Some((is_text, held)) = unsure.push(data) {
                    *self = Self::decided(is_text);
                    self.push(&held, out);
                }
            }
            Self::Base64(decoder) => decoder.push(data, out),
            Self::QuotedPrintable(decoder) => decoder.push(data, out),
            Self::Uuencode(decoder) => decoder.push(data, out),
        }
    }

    /// The body ends; what was wrong with it.
    pub(crate) fn finish(&mut self, defects: &mut Defects, out: &mut dyn FnMut(&[u8])) {
        match self {
            Self::Identity => {}
            Self::Unencoded => defects.note(Defect::NotBase64),
            Self::Unsure(unsure) => {
                let (is_text, held) = unsure.decide();
                let mut decoder = Self::decided(is_text);
                decoder.push(&held, out);
                decoder.finish(defects, out);
            }
            Self::Base64(decoder) => decoder.finish(defects, out),
            Self::QuotedPrintable(decoder) => decoder.finish(defects, out),
            Self::Uuencode(decoder) => decoder.finish(defects, out),
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
        check("base64", "SGk=\r\nSGVsbG8=\r\n", "HiHello", &[]);
        check("base64", "SGVsbG8hIQ==\n\n__________\nA list\n", "Hello!!", &[Defect::InvalidBase64]);
        check("base64", "SGVsbG8h\n--\nA list\n", "Hello!", &[Defect::InvalidBase64]);
        check("base64", "Hello, this is no Base64.\n", "Hello, this is no Base64.\n", &[Defect::NotBase64]);
    }

    #[test]
    fn quoted_printable_survives_what_happens_to_it() {
        check("quotedprintable", "a=3Db  \r\nc=\r\nd = \r\n e", "a=b\r\ncd  e", &[]);
        check("quotedprintable", "100=% =XY =4", "100=% =XY =4", &[Defect::InvalidQuotedPrintable]);
        check("quotedprintable", "caf=c3=a9", "café", &[]);
        check("quotedprintable", "end=", "end", &[]);
    }

    #[test]
    fn an_unknown_encoding_is_kept_as_it_is() {
        check("xown", "a=3D", "a=3D", &[Defect::UnknownEncoding]);
        check("quotedprintible", "a=3D", "a=", &[Defect::UnknownEncoding]);
    }

    #[test]
    fn uuencode_is_decoded() {
        check("xuuencode", "begin 644 a.txt\n#0V%T\n`\nend\n", "Cat", &[]);
        check("uuencode", "begin 644 a.txt\n#0V%T", "Cat", &[Defect::InvalidUuencode]);
        check("uuencode", "no block\n", "no block\n", &[Defect::InvalidUuencode]);
    }
}
