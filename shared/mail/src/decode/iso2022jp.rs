//! ISO-2022-JP as mail programs really write it.

/// Half-width katakana by 8-bit bytes or SO/SI (CP50221, CP50222), rewritten as the escape that WHATWG's decoder
/// knows. None if there is nothing to rewrite.
pub(super) fn tolerant(bytes: &[u8]) -> Option<Vec<u8>> {
    if !bytes.iter().any(|b| matches!(b, 0x0E | 0x0F | 0xA1..=0xDF)) {
        return None;
    }
    let mut out = Vec::with_capacity(bytes.len() * 2);
    let mut set: [u8; 3] = *b"\x1B(B";
    let mut kana = false;
    let mut shifted = false;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if let Some([0x1B, a, b]) = bytes.get(at..at + 3).filter(|s| s[0] == 0x1B) {
            set = [0x1B, *a, *b];
            (kana, shifted) = (false, false);
            out.extend_from_slice(&set);
            at += 3;
            continue;
        }
        at += 1;
        match byte {
            0x0E => shifted = true,
            0x0F => shifted = false,
            _ => {
                let is_kana = matches!(byte, 0xA1..=0xDF) || shifted && matches!(byte, 0x21..=0x5F);
                if is_kana != kana {
                    kana = is_kana;
                    out.extend_from_slice(if kana { b"\x1B(I" } else { &set });
                }
                out.push(if is_kana { byte & 0x7F } else { *byte });
            }
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kana_forms_become_the_escape() {
        assert_eq!(tolerant(b"a\xB1b").unwrap(), b"a\x1B(I1\x1B(Bb");
        assert_eq!(tolerant(b"a\x0E1\x0Fb").unwrap(), b"a\x1B(I1\x1B(Bb");
        assert_eq!(tolerant(b"\x1B$B$\"\x1B(B"), None);
    }
}
