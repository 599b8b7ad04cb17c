//! Signed S/MIME without a readable copy (RFC 8551, section 3.5.2): the content of a CMS SignedData (RFC 5652).
//!
//! Programs write BER here, with indefinite lengths and strings in pieces, which strict DER readers refuse; and only
//! the path to the content is needed.

/// What a CMS structure holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// The signed content. Nothing was verified.
    Signed(Vec<u8>),
    Encrypted,
    Nothing,
}

const SEQUENCE: u8 = 0x30;
const CONTEXT_0: u8 = 0xA0;
const OBJECT_IDENTIFIER: u8 = 0x06;
const OCTET_STRING: u8 = 0x04;
const OCTET_STRINGS: u8 = 0x24;

/// 1.2.840.113549.1.7, without its last number.
const PKCS7: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07];
const SIGNED_DATA: u8 = 2;
const ENVELOPED_DATA: u8 = 3;
const ENCRYPTED_DATA: u8 = 6;

/// 1.2.840.113549.1.9.16.1.23, authenticated enveloped data (RFC 5083).
const AUTH_ENVELOPED: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x01, 0x17];

/// Reads a ContentInfo.
pub(super) fn content(bytes: &[u8]) -> Found {
    read(bytes).unwrap_or(Found::Nothing)
}

fn read(bytes: &[u8]) -> Option<Found> {
    let mut reader = Reader { rest: bytes };
    reader.enter(SEQUENCE)?;
    let kind = reader.take(OBJECT_IDENTIFIER)?;
    if kind == AUTH_ENVELOPED {
        return Some(Found::Encrypted);
    }
    match *kind.strip_prefix(PKCS7)? {
        [SIGNED_DATA] => {}
        [ENVELOPED_DATA | ENCRYPTED_DATA] => return Some(Found::Encrypted),
        _ => return None,
    }
    reader.enter(CONTEXT_0)?;
    reader.enter(SEQUENCE)?;
    // Version and digest algorithms.
    reader.skip()?;
    reader.skip()?;
    reader.enter(SEQUENCE)?;
    reader.take(OBJECT_IDENTIFIER)?;
    reader.enter(CONTEXT_0)?;
    reader.octets().map(Found::Signed)
}

/// Goes forward only, so reading is linear.
struct Reader<'a> {
    rest: &'a [u8],
}

struct Element<'a> {
    tag: u8,
    /// None if it is indefinite.
    length: Option<usize>,
    after: &'a [u8],
}

impl<'a> Reader<'a> {
    fn head(&self) -> Option<Element<'a>> {
        let [tag, length, rest @ ..] = self.rest else { return None };
        // Long tags do not occur on the way.
        if tag & 0x1F == 0x1F {
            return None;
        }
        let (length, after) = match length {
            0x80 => (None, rest),
            short @ 0..=0x7F => (Some(usize::from(*short)), rest),
            long => {
                let (digits, rest) = rest.split_at_checked(usize::from(long & 0x7F))?;
                let value = digits.iter().try_fold(0usize, |value, digit| {
                    value.checked_mul(256)?.checked_add(usize::from(*digit))
                })?;
                (Some(value), rest)
            }
        };
        Some(Element { tag: *tag, length, after })
    }

    fn enter(&mut self, tag: u8) -> Option<()> {
        let head = self.head().filter(|head| head.tag == tag)?;
        self.rest = head.after;
        Some(())
    }

    fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        let head = self.head().filter(|head| head.tag == tag)?;
        let (value, rest) = head.after.split_at_checked(head.length?)?;
        self.rest = rest;
        Some(value)
    }

    fn skip(&mut self) -> Option<()> {
        let mut open = 0usize;
        loop {
            let head = self.head()?;
            match head.length {
                None => {
                    open += 1;
                    self.rest = head.after;
                }
                Some(length) => {
                    self.rest = head.after.get(length..)?;
                    open = if head.tag == 0 { open.checked_sub(1)? } else { open };
                }
            }
            if open == 0 {
                return Some(());
            }
        }
    }

    /// An octet string, whole or in pieces; what was cut off counts as far as it goes.
    fn octets(&mut self) -> Option<Vec<u8>> {
        let head = self.head()?;
        if head.tag == OCTET_STRING {
            let length = head.length?.min(head.after.len());
            return Some(head.after[..length].to_vec());
        }
        if head.tag != OCTET_STRINGS {
            return None;
        }
        let end = head.length.map_or(head.after.len(), |length| length.min(head.after.len()));
        let mut pieces = Reader { rest: &head.after[..end] };
        let mut out = Vec::new();
        // Pieces may be in pieces themselves; only the ends of indefinite ones need counting.
        let mut open = usize::from(head.length.is_none());
        while let Some(head) = pieces.head() {
            pieces.rest = head.after;
            match (head.tag, head.length) {
                (OCTET_STRING, Some(length)) => {
                    let (piece, rest) = head.after.split_at(length.min(head.after.len()));
                    out.extend_from_slice(piece);
                    pieces.rest = rest;
                }
                (OCTET_STRINGS, length) => open += usize::from(length.is_none()),
                (0, Some(0)) if open > 1 => open -= 1,
                _ => break,
            }
        }
        Some(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Definite, as most programs write it.
    const DEFINITE: &[u8] = b"\x30\x28\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02\xA0\x1B\x30\x19\x02\x01\x01\x31\x00\x30\x12\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x01\xA0\x05\x04\x03abc";
    /// Indefinite and in pieces, as programs write it that stream.
    const INDEFINITE: &[u8] = b"\x30\x80\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02\xA0\x80\x30\x80\x02\x01\x01\x31\x80\x30\x00\x00\x00\x30\x80\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x01\xA0\x80\x24\x80\x04\x01a\x04\x02bc\x00\x00\x00\x00\x00\x00\x00\x00";

    #[test]
    fn content_is_found() {
        for bytes in [DEFINITE, INDEFINITE] {
            assert_eq!(content(bytes), Found::Signed(b"abc".to_vec()));
            for end in 0..bytes.len() {
                content(&bytes[..end]);
            }
        }
        let mut enveloped = DEFINITE.to_vec();
        enveloped[12] = 3;
        assert_eq!(content(&enveloped), Found::Encrypted);
        assert_eq!(content(b"junk"), Found::Nothing);
    }
}
