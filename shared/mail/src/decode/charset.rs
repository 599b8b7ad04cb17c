//! Charsets: WHATWG's decoders, other names for them, and repairs where label and bytes do not fit.

use std::borrow::Cow;

use encoding_rs::{Encoding, GB18030, ISO_2022_JP, REPLACEMENT, SHIFT_JIS, UTF_8, WINDOWS_1252};

use crate::defect::{Defect, Defects};

use super::iso2022jp;

/// Names in mails that WHATWG does not list. In lower case, `_` as `-`.
const ALIASES: [(&str, &str); 23] = [
    ("cp932", "shift_jis"),
    ("ms932", "shift_jis"),
    ("sjis", "shift_jis"),
    ("cp936", "gb18030"),
    ("gb18030-2000", "gb18030"),
    ("euc-cn", "gb18030"),
    ("eucgb2312-cn", "gb18030"),
    ("cp949", "euc-kr"),
    ("uhc", "euc-kr"),
    ("cp950", "big5"),
    ("eucjp", "euc-jp"),
    ("eucjp-ms", "euc-jp"),
    ("cp51932", "euc-jp"),
    ("cp50220", "iso-2022-jp"),
    ("cp50221", "iso-2022-jp"),
    ("cp50222", "iso-2022-jp"),
    ("iso-2022-jp-ms", "iso-2022-jp"),
    ("iso-2022-jp-1", "iso-2022-jp"),
    ("iso-2022-jp-2", "iso-2022-jp"),
    ("latin-1", "windows-1252"),
    ("windows-latin1", "windows-1252"),
    ("win-1251", "windows-1251"),
    ("koi8r", "koi8-r"),
];

/// Labels that say nothing.
const NOTHING: [&str; 9] =
    ["", "us-ascii", "ascii", "ansi-x3.4-1968", "default", "unknown", "unknown-8bit", "x-unknown", "none"];

/// Decodes text in the charset that `label` names, or in the one that the bytes show.
pub(crate) fn decode(bytes: &[u8], label: Option<&str>, defects: &mut Defects) -> String {
    let label = clean(label.unwrap_or_default());
    if bytes.is_ascii() && !bytes.contains(&0x1B) && !label.starts_with("utf-16") {
        return String::from_utf8_lossy(bytes).into_owned();
    }
    if NOTHING.contains(&label.as_str()) {
        if !bytes.is_ascii() {
            defects.note(Defect::MissingCharset);
        }
        return guess(bytes, defects);
    }
    match named(&label) {
        None => {
            defects.note(Defect::UnknownCharset);
            guess(bytes, defects)
        }
        Some(encoding) => labelled(bytes, encoding, defects),
    }
}

fn clean(label: &str) -> String {
    // RFC 2231 allows a language after the charset of an encoded word.
    let label = label.split('*').next().unwrap_or_default();
    label.trim().trim_matches(['"', '\'']).trim().to_ascii_lowercase().replace('_', "-")
}

fn named(label: &str) -> Option<&'static Encoding> {
    let alias = ALIASES.iter().find(|(name, _)| *name == label).map(|(_, name)| *name);
    let found = Encoding::for_label(alias.unwrap_or(label).as_bytes())
        .or_else(|| Encoding::for_label(label.replace('-', "_").as_bytes()));
    found.filter(|encoding| *encoding != REPLACEMENT)
}

fn labelled(bytes: &[u8], encoding: &'static Encoding, defects: &mut Defects) -> String {
    if encoding == ISO_2022_JP {
        return japanese(bytes, defects);
    }
    if encoding == UTF_8 {
        return utf8(bytes, defects);
    }
    // Accented letters in Latin-1 almost never form valid UTF-8 by accident.
    if encoding.is_single_byte() && !bytes.is_ascii() && std::str::from_utf8(bytes).is_ok() {
        defects.note(Defect::WrongCharset);
        return without_bom(bytes);
    }
    let (text, errors) = strict(bytes, encoding);
    if errors {
        if std::str::from_utf8(bytes).is_ok() {
            defects.note(Defect::WrongCharset);
            return without_bom(bytes);
        }
        defects.note(Defect::UndecodableText);
    }
    text.into_owned()
}

fn utf8(bytes: &[u8], defects: &mut Defects) -> String {
    let (text, errors) = strict(bytes, UTF_8);
    if !errors {
        return text.into_owned();
    }
    // Some valid multi-byte characters: damaged UTF-8. None at all: something else under a wrong name.
    if text.chars().any(|c| !c.is_ascii() && c != char::REPLACEMENT_CHARACTER) {
        defects.note(Defect::UndecodableText);
        return text.into_owned();
    }
    defects.note(Defect::WrongCharset);
    guess(bytes, defects)
}

fn japanese(bytes: &[u8], defects: &mut Defects) -> String {
    let (text, errors) = strict(bytes, ISO_2022_JP);
    if !errors {
        return text.into_owned();
    }
    if bytes.contains(&0x1B) {
        let (repaired, changed) = iso2022jp::tolerant(bytes);
        let (text, errors) = strict(&repaired, ISO_2022_JP);
        if errors {
            defects.note(Defect::UndecodableText);
        } else if changed {
            defects.note(Defect::WrongCharset);
        }
        return text.into_owned();
    }
    defects.note(Defect::WrongCharset);
    guess_with(bytes, true, defects)
}

/// By the bytes alone: UTF-8, escapes of ISO-2022-JP, Shift_JIS, else windows-1252.
fn guess(bytes: &[u8], defects: &mut Defects) -> String {
    guess_with(bytes, false, defects)
}

fn guess_with(bytes: &[u8], surely_japanese: bool, defects: &mut Defects) -> String {
    if std::str::from_utf8(bytes).is_ok() && !bytes.contains(&0x1B) {
        return without_bom(bytes);
    }
    if bytes.windows(2).any(|pair| pair == b"\x1B$" || pair == b"\x1B(") {
        return japanese(bytes, defects);
    }
    let (text, errors) = strict(bytes, SHIFT_JIS);
    if !errors && (surely_japanese || looks_japanese(&text)) {
        return text.into_owned();
    }
    if std::str::from_utf8(bytes).is_ok() {
        return without_bom(bytes);
    }
    let (text, errors) = strict(bytes, GB18030);
    if !errors && looks_chinese(&text) {
        return text.into_owned();
    }
    strict(bytes, WINDOWS_1252).0.into_owned()
}

/// Kana are what Japanese text always has, and what Latin letters read as Shift_JIS rarely give in numbers.
fn looks_japanese(text: &str) -> bool {
    let wide = text.chars().filter(|c| !c.is_ascii()).count();
    let kana =
        text.chars().filter(|c| matches!(c, '\u{3041}'..='\u{30FF}' | '\u{3001}' | '\u{3002}')).count();
    kana >= 2 && kana * 5 >= wide
}

/// Nothing but common Han characters and their punctuation.
fn looks_chinese(text: &str) -> bool {
    let wide = text.chars().filter(|c| !c.is_ascii()).count();
    let han = text
        .chars()
        .filter(|c| matches!(c, '\u{4E00}'..='\u{9FA5}' | '\u{3000}'..='\u{3011}' | '\u{FF01}'..='\u{FF5E}'));
    wide >= 4 && han.count() == wide
}

fn strict<'a>(bytes: &'a [u8], encoding: &'static Encoding) -> (Cow<'a, str>, bool) {
    let (text, _, errors) = encoding.decode(bytes);
    (text, errors)
}

fn without_bom(bytes: &[u8]) -> String {
    strict(bytes, UTF_8).0.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], label: &str, expected: &str, defects: &[Defect]) {
        let mut found = Defects::default();
        assert_eq!(decode(bytes, Some(label), &mut found), expected, "{label}");
        assert_eq!(found.into_vec(), defects, "{label}: {expected}");
    }

    #[test]
    fn labels_are_read_generously() {
        check(b"\xC0\xE1", "windows-1251", "Аб", &[]);
        check(b"\xF0\xD2\xC9\xD7\xC5\xD4", "KOI8-R", "Привет", &[]);
        check(b"\xC4\xE3\xBA\xC3", "\"GB2312\"", "你好", &[]);
        check(b"\x81\x30\x84\x36", "gb2312", "¥", &[]);
        check(b"\x82\xA0", "CP932", "あ", &[]);
        check(b"\x93hi\x94", "iso-8859-1", "“hi”", &[]);
        check(b"caf\xE9", "latin_1", "café", &[]);
    }

    #[test]
    fn a_wrong_label_is_seen() {
        check("grüße".as_bytes(), "iso-8859-1", "grüße", &[Defect::WrongCharset]);
        check(b"gr\xFC\xDFe", "utf-8", "grüße", &[Defect::WrongCharset]);
        check(
            b"\x82\xB1\x82\xF1\x82\xC9\x82\xBF\x82\xCD",
            "iso-2022-jp",
            "こんにちは",
            &[Defect::WrongCharset],
        );
        check("日本語".as_bytes(), "shift_jis", "日本語", &[Defect::WrongCharset]);
    }

    #[test]
    fn without_a_label_the_bytes_speak() {
        check("grüße".as_bytes(), "", "grüße", &[Defect::MissingCharset]);
        check(b"gr\xFC\xDFe", "unknown-8bit", "grüße", &[Defect::MissingCharset]);
        check(b"\x1B$B$3$s\x1B(B", "", "こん", &[]);
        check(b"\x82\xB1\x82\xF1\x82\xC9\x82\xBF\x82\xCD", "", "こんにちは", &[Defect::MissingCharset]);
        check(b"x\xE9", "no-such-charset", "xé", &[Defect::UnknownCharset]);
    }

    #[test]
    fn half_width_kana_in_iso_2022_jp() {
        check(b"\x1B$B$\"\x1B(B\xB1", "iso-2022-jp", "あｱ", &[Defect::WrongCharset]);
    }
}
