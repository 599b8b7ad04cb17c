//! ISO-2022-JP as mail programs really write it.

/// Rewritten for WHATWG's decoder, and whether that changed what the bytes mean by the standard: half-width katakana as
/// 8-bit bytes or by SO/SI (CP50221, CP50222) become its escape. Escapes with nothing between them, which joined
/// encoded words always have and the decoder takes as errors, become the last one.
pub(super) fn tolerant(bytes: &[u8]) -> (Vec<u8>, bool) {
    let mut out = Vec::with_capacity(bytes.len() * 2);
    let mut wanted: [u8; 2] = *b"(B";
    let mut set: [u8; 2] = *b"(B";
    let (mut shifted, mut changed) = (false, false);
    let mut rest = bytes;
    while let Some((byte, after)) = rest.split_first() {
        if let [0x1B, a @ (b'(' | b'$'), b, after @ ..] = rest {
            wanted = [*a, *b];
            shifted = false;
            rest = after;
            continue;
        }
        rest = after;
        if matches!(byte, 0x0E | 0x0F) {
            shifted = *byte == 0x0E;
            continue;
        }
        let kana = matches!(byte, 0xA1..=0xDF) || shifted && matches!(byte, 0x21..=0x5F);
        let needed = if kana { *b"(I" } else { wanted };
        if needed != set {
            set = needed;
            out.push(0x1B);
            out.extend_from_slice(&set);
        }
        changed |= kana;
        out.push(if kana { byte & 0x7F } else { *byte });
    }
    (out, changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kana_forms_become_the_escape() {
        assert_eq!(tolerant(b"a\xB1b"), (b"a\x1B(I1\x1B(Bb".to_vec(), true));
        assert_eq!(tolerant(b"a\x0E1\x0Fb"), (b"a\x1B(I1\x1B(Bb".to_vec(), true));
        assert_eq!(tolerant(b"\x1B$B$\"\x1B(B\x1B$B$\"\x1B(B"), (b"\x1B$B$\"$\"".to_vec(), false));
    }
}
