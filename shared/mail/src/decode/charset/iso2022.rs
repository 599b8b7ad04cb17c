//! Charsets that change by escape sequences (ISO/IEC 2022), as mail programs really write them, and HZ.
//!
//! WHATWG's decoder knows ISO-2022-JP of the standard only. Here are also JIS X 0212 and 0213, half-width katakana in
//! all forms (CP50221, CP50222), ISO-2022-JP-2 with its Chinese, Korean and European sets, ISO-2022-KR, the GB 2312
//! half of ISO-2022-CN, and text that forgets to return to ASCII at the end of its line.

use encoding_rs::{EUC_JP, EUC_KR, Encoding, GBK, SHIFT_JIS};

const ESC: u8 = 0x1B;
const SHIFT_OUT: u8 = 0x0E;
const SHIFT_IN: u8 = 0x0F;

/// A set of characters that an escape sequence can choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Set {
    Ascii,
    /// Half-width katakana (JIS X 0201).
    Kana,
    /// JIS X 0208, and plane 1 of JIS X 0213, which holds it.
    Jis,
    /// JIS X 0212.
    JisSupplement,
    Gb,
    Ks,
    Unknown,
}

/// Escape sequences and what they choose: for G0, or for G1, which is used between SO and SI.
const ESCAPES: [(&[u8], Set, bool); 22] = [
    (b"(B", Set::Ascii, false),
    (b"(J", Set::Ascii, false),
    (b"(H", Set::Ascii, false),
    (b"(@", Set::Ascii, false),
    (b"(I", Set::Kana, false),
    (b"$@", Set::Jis, false),
    (b"$B", Set::Jis, false),
    (b"$(@", Set::Jis, false),
    (b"$(B", Set::Jis, false),
    (b"$(O", Set::Jis, false),
    (b"$(Q", Set::Jis, false),
    (b"$(P", Set::Unknown, false),
    (b"$(D", Set::JisSupplement, false),
    (b"$A", Set::Gb, false),
    (b"$(A", Set::Gb, false),
    (b"$(C", Set::Ks, false),
    (b")I", Set::Kana, true),
    (b"$)A", Set::Gb, true),
    (b"$)C", Set::Ks, true),
    (b"$)E", Set::Gb, true),
    (b"$)G", Set::Unknown, true),
    (b"$*H", Set::Unknown, true),
];

/// What came out.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Decoded {
    pub(super) text: String,
    /// Characters were lost.
    pub(super) lost: bool,
    /// Bytes above 0x7F, which none of these charsets has.
    pub(super) eight_bit: bool,
}

/// Decodes; `shifted` is the set between SO and SI before any escape sequence says so.
pub(super) fn decode(bytes: &[u8], shifted: Set) -> Decoded {
    let mut reader = Reader {
        out: String::with_capacity(bytes.len()),
        g0: Set::Ascii,
        g1: shifted,
        out_shift: false,
        european: None,
    };
    let mut rest = bytes;
    while !rest.is_empty() {
        rest = reader.step(rest);
    }
    let lost = reader.out.contains(char::REPLACEMENT_CHARACTER);
    Decoded { text: reader.out, lost, eight_bit: !bytes.is_ascii() }
}

struct Reader {
    out: String,
    g0: Set,
    g1: Set,
    out_shift: bool,
    /// The European set of ISO-2022-JP-2, used for single characters.
    european: Option<&'static Encoding>,
}

impl Reader {
    fn step<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        match bytes {
            [ESC, rest @ ..] => self.escape(rest),
            [SHIFT_OUT, rest @ ..] => {
                self.out_shift = true;
                rest
            }
            [SHIFT_IN, rest @ ..] => {
                self.out_shift = false;
                rest
            }
            // Every line begins in ASCII, whether or not the one before it says so (RFC 1468).
            [b'\n', rest @ ..] => {
                self.out.push('\n');
                (self.g0, self.out_shift) = (Set::Ascii, false);
                rest
            }
            _ => {
                let stops = |b: &u8| matches!(*b, ESC | SHIFT_OUT | SHIFT_IN | b'\n');
                let end = bytes.iter().position(stops).unwrap_or(bytes.len());
                self.run(&bytes[..end]);
                &bytes[end..]
            }
        }
    }

    fn escape<'a>(&mut self, rest: &'a [u8]) -> &'a [u8] {
        if let [b'N', byte, rest @ ..] = rest {
            let european = self.european.unwrap_or(encoding_rs::WINDOWS_1252);
            self.out.push_str(&european.decode_without_bom_handling(&[byte | 0x80]).0);
            return rest;
        }
        if let [b'.', set @ (b'A' | b'F'), rest @ ..] = rest {
            self.european =
                Some(if *set == b'A' { encoding_rs::WINDOWS_1252 } else { encoding_rs::ISO_8859_7 });
            return rest;
        }
        // The version sequence of JIS X 0208-1990.
        if let [b'&', b'@', rest @ ..] = rest {
            return rest;
        }
        for (sequence, set, for_shift) in ESCAPES {
            if let Some(rest) = rest.strip_prefix(sequence) {
                if for_shift {
                    self.g1 = set;
                } else {
                    (self.g0, self.out_shift) = (set, false);
                }
                return rest;
            }
        }
        rest
    }

    /// Text in one set.
    fn run(&mut self, bytes: &[u8]) {
        match if self.out_shift { self.g1 } else { self.g0 } {
            Set::Ascii => self.ascii(bytes),
            Set::Kana => self.kana(bytes),
            Set::Jis => self.pairs(bytes, EUC_JP, &[]),
            Set::JisSupplement => self.pairs(bytes, EUC_JP, &[0x8F]),
            Set::Gb => self.pairs(bytes, GBK, &[]),
            Set::Ks => self.pairs(bytes, EUC_KR, &[]),
            Set::Unknown => self.out.extend(bytes.chunks(2).map(|_| char::REPLACEMENT_CHARACTER)),
        }
    }

    /// Bytes above 0x7F do not belong here: UTF-8, or Shift_JIS, which has half-width katakana as single bytes.
    fn ascii(&mut self, bytes: &[u8]) {
        match std::str::from_utf8(bytes) {
            Ok(text) => self.out.push_str(text),
            Err(_) => self.out.push_str(&SHIFT_JIS.decode_without_bom_handling(bytes).0),
        }
    }

    fn kana(&mut self, bytes: &[u8]) {
        let of = |byte: &u8| match byte & 0x7F {
            low @ 0x21..=0x5F => {
                char::from_u32(0xFF61 + u32::from(low) - 0x21).unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            low => char::from(low),
        };
        self.out.extend(bytes.iter().map(of));
    }

    /// Two bytes a character, which the EUC form of the set has with their highest bits.
    fn pairs(&mut self, bytes: &[u8], encoding: &'static Encoding, prefix: &[u8]) {
        let mut euc = Vec::with_capacity(bytes.len() * 2);
        let mut rest = bytes;
        loop {
            rest = match rest {
                [] => break,
                [a, b, rest @ ..] if a & 0x7F > 0x20 && b & 0x7F > 0x20 => {
                    euc.extend_from_slice(prefix);
                    euc.extend_from_slice(&[a | 0x80, b | 0x80]);
                    rest
                }
                [a, rest @ ..] => {
                    // A blank is one byte in every set; anything else lost its other half.
                    euc.push(if a & 0x7F > 0x20 { 0xFF } else { a & 0x7F });
                    rest
                }
            };
        }
        self.out.push_str(&encoding.decode_without_bom_handling(&euc).0);
    }
}

/// HZ (RFC 1843): GB 2312 between `~{` and `~}`.
pub(super) fn hz(bytes: &[u8]) -> (String, bool) {
    let mut gb = Vec::with_capacity(bytes.len());
    let mut chinese = false;
    let mut rest = bytes;
    loop {
        rest = match rest {
            [] => break,
            [b'~', b'{', rest @ ..] => {
                chinese = true;
                rest
            }
            [b'~', b'}', rest @ ..] => {
                chinese = false;
                rest
            }
            [b'~', b'~', rest @ ..] if !chinese => {
                gb.push(b'~');
                rest
            }
            [b'~', b'\n', rest @ ..] | [b'~', b'\r', b'\n', rest @ ..] if !chinese => rest,
            [b'\n', rest @ ..] => {
                chinese = false;
                gb.push(b'\n');
                rest
            }
            [a, b, rest @ ..] if chinese && (0x21..0x7F).contains(a) && (0x21..0x7F).contains(b) => {
                gb.extend_from_slice(&[a | 0x80, b | 0x80]);
                rest
            }
            [byte, rest @ ..] => {
                gb.push(*byte);
                rest
            }
        };
    }
    let (text, lost) = GBK.decode_without_bom_handling(&gb);
    (text.into_owned(), lost)
}

/// Whether bytes choose a set by an escape sequence.
pub(super) fn has_escapes(bytes: &[u8]) -> bool {
    bytes.windows(2).any(|pair| matches!(pair, b"\x1B$" | b"\x1B("))
}

/// Puts back the escape bytes that a relay took out of ISO-2022-JP: `$B$3$s(B`. None if that gives no Japanese.
pub(super) fn with_escapes(bytes: &[u8]) -> Option<String> {
    if bytes.contains(&ESC) || !bytes.windows(2).any(|pair| pair == b"$B" || pair == b"$@") {
        return None;
    }
    let mut whole = Vec::with_capacity(bytes.len() * 2);
    let mut inside = false;
    let mut rest = bytes;
    while let Some((byte, after)) = rest.split_first() {
        if !inside && (rest.starts_with(b"$B") || rest.starts_with(b"$@")) {
            whole.extend_from_slice(&[ESC, b'$', rest[1]]);
            (inside, rest) = (true, &rest[2..]);
            continue;
        }
        if inside && (rest.starts_with(b"(B") || rest.starts_with(b"(J")) {
            whole.extend_from_slice(b"\x1B(B");
            (inside, rest) = (false, &rest[2..]);
            continue;
        }
        inside &= *byte != b'\n';
        // Within a run characters are pairs: the second byte of one is no start of a mark.
        let take = if inside { after.len().min(1) + 1 } else { 1 };
        whole.extend_from_slice(&rest[..take]);
        rest = &rest[take..];
    }
    let decoded = decode(&whole, Set::Kana);
    let kana = decoded.text.chars().filter(|c| matches!(c, '\u{3041}'..='\u{30FF}')).count();
    (!decoded.lost && kana >= 2).then_some(decoded.text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: &str) {
        let decoded = decode(bytes, Set::Kana);
        assert_eq!((decoded.text.as_str(), decoded.lost), (expected, false), "{}", bytes.escape_ascii());
    }

    #[test]
    fn japanese_in_its_variants() {
        check(b"a\x1B$B$\"\x1B(Bb", "aあb");
        check(b"\x1B$B$\"\nb", "あ\nb");
        check(b"\x1B$B-!\x1B(B", "①");
        check(b"a\xB1b", "aｱb");
        check(b"a\x0E1\x0Fb", "aｱb");
        check(b"\x1B(I1\x1B(B", "ｱ");
        check(b"\x1B$B$\"\x1B(B\x1B$B$\"\x1B(B", "ああ");
        check(b"\x1B$(D0!\x1B(B", "丂");
        check(b"\x1B$A0!\x1B(B \x1B$(C0!\x1B(B \x1B.A\x1BNi", "啊 가 é");
    }

    #[test]
    fn korean_and_chinese_shift() {
        check(b"\x1B$)C\x0E0!\x0F a\n\x0E0!\x0F", "가 a\n가");
        check(b"\x1B$)A\x0E0!\x0F", "啊");
        assert_eq!(hz(b"~{<:Ky2;~}~~ ok").0, "己所不~ ok");
    }

    #[test]
    fn lost_escape_bytes_come_back() {
        assert_eq!(with_escapes(b"$B$3$s(B ok").as_deref(), Some("こん ok"));
        assert_eq!(with_escapes(b"costs US$Billions (Big)"), None);
    }
}
