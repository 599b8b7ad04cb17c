//! UTF-8 under another name, as from programs that were moved to it and went on to write the old one.

use encoding_rs::UTF_8;

/// So many characters of two bytes are no accident.
const MANY: usize = 8;
/// Bytes of the longest character, but one.
const MAX_CUT: usize = 3;

/// The text without the mark of its byte order.
pub(super) fn without_bom(bytes: &[u8]) -> String {
    UTF_8.decode(bytes).0.into_owned()
}

/// The text, if the bytes are UTF-8 beyond doubt although their name is of a charset of `single` or more bytes a
/// character. A last character that was cut off does not count.
pub(super) fn certain(bytes: &[u8], single: bool) -> Option<String> {
    if bytes.is_ascii() {
        return None;
    }
    let whole = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() && bytes.len() - error.valid_up_to() <= MAX_CUT => {
            std::str::from_utf8(&bytes[..error.valid_up_to()]).ok().filter(|text| is_sure(text))?
        }
        Err(_) => return None,
    };
    // Accented letters in a charset of one byte almost never form valid UTF-8 by accident.
    if !single && !is_sure(whole) {
        return None;
    }
    let text = String::from_utf8_lossy(bytes).into_owned();
    Some(text.strip_prefix('\u{FEFF}').map(str::to_owned).unwrap_or(text))
}

/// Whether these characters are more than the accident of a few pairs of bytes, as in names of two Chinese signs: one of
/// three bytes, many of two, or accents within words.
fn is_sure(text: &str) -> bool {
    let mut before = ' ';
    let (mut two, mut accents, mut in_words) = (0, 0, 0);
    for (at, c) in text.char_indices() {
        match c.len_utf8() {
            1 => {}
            2 => {
                two += 1;
                accents += usize::from(matches!(c, '\u{C0}'..='\u{17F}'));
                let after = text[at + 2..].chars().next().unwrap_or(' ');
                in_words += usize::from(before.is_ascii_alphabetic() || after.is_ascii_alphabetic());
            }
            _ => return true,
        }
        before = c;
    }
    // Some accented words have one letter: `à`.
    two >= MANY || two > 0 && accents == two && in_words * 2 > two
}

#[cfg(test)]
mod tests {
    use encoding_rs::{BIG5, EUC_JP, EUC_KR, Encoding, GBK, SHIFT_JIS};

    use super::*;

    #[test]
    fn utf8_is_seen_whatever_its_name() {
        for text in [
            "您好，二楼的打印机坏了",
            "印刷",
            "인쇄",
            "Grüße",
            "café",
            "cassée, à bientôt",
            "😀",
            "Здравствуйте",
            "ελληνικά",
        ] {
            assert_eq!(certain(text.as_bytes(), false).as_deref(), Some(text));
            assert_eq!(certain(text.as_bytes(), true).as_deref(), Some(text));
        }
        let cut = "您好，二楼的打印机坏了".as_bytes();
        assert_eq!(certain(&cut[..cut.len() - 1], false).as_deref(), Some("您好，二楼的打印机坏\u{FFFD}"));
        assert_eq!(certain(b"plain", false), None);
    }

    #[test]
    fn other_charsets_keep_their_name() {
        let samples: [(&'static Encoding, &[&str]); 5] = [
            (GBK, &["您好，打印机坏了", "联通", "毛", "Mr 毛 called", "茅台", "谢谢", "锚", "2月 会议"]),
            (BIG5, &["您好，印表機壞了", "謝謝", "王"]),
            (SHIFT_JIS, &["印刷できません", "ﾃｽﾄ", "ﾅｶﾀﾞ", "山田"]),
            (EUC_JP, &["印刷できません", "山田"]),
            (EUC_KR, &["인쇄가 안 됩니다", "김", "감사"]),
        ];
        for (encoding, texts) in samples {
            for text in texts {
                let bytes = encoding.encode(text).0;
                assert_eq!(certain(&bytes, false), None, "{text} in {}", encoding.name());
            }
        }
    }
}
