//! The forms of Unicode that WHATWG leaves out: UTF-7 and UTF-32.

use std::char::{REPLACEMENT_CHARACTER, decode_utf16};

/// UTF-7 (RFC 2152), lossy, and whether something was lost.
pub(super) fn utf7(bytes: &[u8]) -> (String, bool) {
    let mut out = String::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'+' => {
                let end = after.iter().position(|b| sextet(*b).is_none()).unwrap_or(after.len());
                let (shifted, after) = after.split_at(end);
                // The minus that ends it is not text, unless nothing was shifted: `+-` is a plus.
                rest = after.strip_prefix(b"-").unwrap_or(after);
                if shifted.is_empty() {
                    out.push('+');
                } else {
                    out.extend(decode_utf16(units(shifted)).map(|c| c.unwrap_or(REPLACEMENT_CHARACTER)));
                }
            }
            0..=0x7F => out.push(char::from(*byte)),
            _ => out.push(REPLACEMENT_CHARACTER),
        }
    }
    let lost = out.contains(REPLACEMENT_CHARACTER);
    (out, lost)
}

/// UTF-16 units from Base64 without padding; bits that fill no unit are padding.
fn units(shifted: &[u8]) -> impl Iterator<Item = u16> {
    let (mut bits, mut count) = (0u32, 0u32);
    shifted.iter().filter_map(|b| sextet(*b)).filter_map(move |value| {
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count < 16 {
            return None;
        }
        count -= 16;
        u16::try_from(bits >> count & 0xFFFF).ok()
    })
}

fn sextet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

/// UTF-32 by its byte order mark, else as said; lossy, and whether something was lost.
pub(super) fn utf32(bytes: &[u8], big_endian: bool) -> (String, bool) {
    let big_endian = match bytes {
        [0xFF, 0xFE, 0, 0, ..] => false,
        [0, 0, 0xFE, 0xFF, ..] => true,
        _ => big_endian,
    };
    let value = |unit: &[u8; 4]| {
        let value = if big_endian { u32::from_be_bytes(*unit) } else { u32::from_le_bytes(*unit) };
        char::from_u32(value).unwrap_or(REPLACEMENT_CHARACTER)
    };
    let (units, rest) = bytes.as_chunks::<4>();
    let text: String = units.iter().map(value).filter(|c| *c != '\u{FEFF}').collect();
    let lost = !rest.is_empty() || text.contains(REPLACEMENT_CHARACTER);
    (text, lost)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf7_in_its_forms() {
        let check = |raw: &str, expected: &str| assert_eq!(utf7(raw.as_bytes()).0, expected, "{raw}");
        check("Gr+APwA3w-e", "Grüße");
        check("Gr+APwA3w.", "Grüß.");
        check("1 +- 1 = 2, +2D3eAQ", "1 + 1 = 2, 😁");
        check("+ZeVnLIqe", "日本語");
    }

    #[test]
    fn utf32_in_its_forms() {
        assert_eq!(utf32(b"a\0\0\0\xE4\0\0\0", false), ("aä".to_owned(), false));
        assert_eq!(utf32(b"\0\0\xFE\xFF\0\0\0a", false), ("a".to_owned(), false));
        assert!(utf32(b"\0\0\0", true).1);
    }
}
