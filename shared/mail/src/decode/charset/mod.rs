//! Charsets: WHATWG's decoders, those that WHATWG leaves out, and repairs where label and bytes do not fit.

mod country;
mod guess;
mod hint;
mod iso2022;
mod names;
mod tables;
mod unicode;
mod utf8;

use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use memchr::{memchr, memchr3};

use crate::defect::{Defect, Defects};

pub(crate) use country::country;
use guess::guess;
pub(crate) use hint::Hint;
use iso2022::{Set, has_escapes};
use names::{Charset, Named, named};

const ESC: u8 = 0x1B;

/// Decodes text in the charset that `label` names, or in the one that the bytes show.
pub(crate) fn decode(bytes: &[u8], label: Option<&str>, defects: &mut Defects) -> String {
    decode_with(bytes, label, &Hint::default(), defects)
}

/// [`decode`], with what the rest of the mail says.
pub(crate) fn decode_with(bytes: &[u8], label: Option<&str>, hint: &Hint, defects: &mut Defects) -> String {
    let named = label.map_or(Named::Nothing, named);
    if let Some(text) = ascii(bytes, named) {
        return text.to_owned();
    }
    match named {
        Named::Charset(charset) => labelled(bytes, charset, hint, defects),
        Named::Nothing => {
            if !bytes.is_ascii() {
                defects.note(Defect::MissingCharset);
            }
            guess(bytes, hint)
        }
        Named::Unknown => {
            defects.note(Defect::UnknownCharset);
            guess(bytes, hint)
        }
    }
}

/// Whether a name says something that can be decoded.
pub(crate) fn is_named(label: &str) -> bool {
    matches!(named(label), Named::Charset(_))
}

/// Whether nothing is lost when the bytes are read in this charset.
pub(crate) fn is_valid(bytes: &[u8], label: &str) -> bool {
    let Named::Charset(charset) = named(label) else { return false };
    !charset.decode(bytes).1
}

/// The ordinary case: nothing but ASCII, in a charset that holds it.
fn ascii(bytes: &[u8], named: Named) -> Option<&str> {
    let holds = match named {
        Named::Charset(charset) if charset.is(ISO_2022_JP) => {
            return plain(bytes).filter(|_| iso2022::with_escapes(bytes).is_none());
        }
        Named::Charset(charset) => charset.holds_ascii(),
        Named::Nothing | Named::Unknown => true,
    };
    if holds { plain(bytes) } else { None }
}

fn plain(bytes: &[u8]) -> Option<&str> {
    let plain = bytes.is_ascii() && memchr3(ESC, 0x0E, 0x0F, bytes).is_none();
    if plain { std::str::from_utf8(bytes).ok() } else { None }
}

/// The text itself, where nothing is to be decoded: ASCII, and UTF-8 that is named and right.
pub(crate) fn undecoded<'a>(bytes: &'a [u8], label: Option<&str>) -> Option<&'a str> {
    let named = label.map_or(Named::Nothing, named);
    if let Some(text) = ascii(bytes, named) {
        return Some(text);
    }
    let utf8 = matches!(named, Named::Charset(charset) if charset.is(UTF_8));
    let text = std::str::from_utf8(bytes).ok().filter(|_| utf8 && memchr(ESC, bytes).is_none())?;
    Some(text.strip_prefix('\u{FEFF}').unwrap_or(text))
}

fn labelled(bytes: &[u8], charset: Charset, hint: &Hint, defects: &mut Defects) -> String {
    if charset.is(ISO_2022_JP) {
        return japanese(bytes, hint, defects);
    }
    if charset.is(UTF_8) {
        return utf8(bytes, hint, defects);
    }
    if let Charset::Whatwg(encoding) = charset
        && (encoding == UTF_16LE || encoding == UTF_16BE)
    {
        return utf16(bytes, encoding, hint, defects);
    }
    if let Some(text) = utf8::certain(bytes, charset.is_single_byte()) {
        return repaired(text, defects);
    }
    let (text, lost) = charset.decode(bytes);
    if lost {
        if std::str::from_utf8(bytes).is_ok() {
            return repaired(utf8::without_bom(bytes), defects);
        }
        return damaged(bytes, text, hint, defects);
    }
    if charset.is(WINDOWS_1252)
        && let Some(text) = guess::surely_not_western(bytes, hint)
    {
        return repaired(text, defects);
    }
    text
}

fn repaired(text: String, defects: &mut Defects) -> String {
    defects.note(Defect::WrongCharset);
    text
}

/// A few characters lost are damage; many are another charset, if one fits without loss.
fn damaged(bytes: &[u8], text: String, hint: &Hint, defects: &mut Defects) -> String {
    let lost = text.matches(char::REPLACEMENT_CHARACTER).count();
    let wide = text.chars().filter(|c| !c.is_ascii()).count();
    if lost * 2 >= wide {
        let other = guess(bytes, hint);
        if !other.contains(char::REPLACEMENT_CHARACTER)
            && !other.chars().any(|c| matches!(c, '\u{80}'..='\u{9F}'))
        {
            return repaired(other, defects);
        }
    }
    defects.note(Defect::UndecodableText);
    text
}

fn utf8(bytes: &[u8], hint: &Hint, defects: &mut Defects) -> String {
    if let Ok(text) = std::str::from_utf8(bytes)
        && !bytes.contains(&ESC)
    {
        return text.strip_prefix('\u{FEFF}').unwrap_or(text).to_owned();
    }
    if has_escapes(bytes) {
        let decoded = iso2022::decode(bytes, Set::Kana);
        if !decoded.lost {
            return repaired(decoded.text, defects);
        }
    }
    let (text, _, lost) = UTF_8.decode(bytes);
    if !lost {
        return text.into_owned();
    }
    // Some valid multi-byte characters: damaged UTF-8. Fewer than errors: something else under a wrong name.
    let errors = text.matches(char::REPLACEMENT_CHARACTER).count();
    let wide = text.chars().filter(|c| !c.is_ascii()).count() - errors;
    if wide >= errors {
        defects.note(Defect::UndecodableText);
        return text.into_owned();
    }
    repaired(guess(bytes, hint), defects)
}

/// UTF-16 is seldom wrongly named when it has a mark or zero bytes, and often when it has neither.
fn utf16(bytes: &[u8], encoding: &'static Encoding, hint: &Hint, defects: &mut Defects) -> String {
    let marked = matches!(bytes, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]);
    let zeros = |odd: usize| bytes.iter().skip(odd).step_by(2).filter(|b| **b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    if !marked && even + odd == 0 && std::str::from_utf8(bytes).is_ok() {
        return repaired(utf8::without_bom(bytes), defects);
    }
    // The zero bytes of Latin letters tell the byte order.
    let encoding = match (marked, even.cmp(&odd)) {
        (false, std::cmp::Ordering::Greater) => UTF_16BE,
        (false, std::cmp::Ordering::Less) => UTF_16LE,
        _ => encoding,
    };
    let (text, _, lost) = encoding.decode(bytes);
    if lost && !marked && even + odd == 0 {
        return repaired(guess(bytes, hint), defects);
    }
    if lost {
        defects.note(Defect::UndecodableText);
    }
    text.into_owned()
}

fn japanese(bytes: &[u8], hint: &Hint, defects: &mut Defects) -> String {
    let (text, lost) = ISO_2022_JP.decode_without_bom_handling(bytes);
    if !lost && bytes.contains(&ESC) {
        return text.into_owned();
    }
    if let Some(text) = iso2022::with_escapes(bytes) {
        return repaired(text, defects);
    }
    if bytes.contains(&ESC) || bytes.is_ascii() {
        let decoded = iso2022::decode(bytes, Set::Kana);
        if decoded.lost {
            defects.note(Defect::UndecodableText);
        } else if decoded.eight_bit || bytes.contains(&0x0E) {
            defects.note(Defect::WrongCharset);
        }
        return decoded.text;
    }
    repaired(guess::japanese(bytes, hint), defects)
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
        check(b"\x93hi\x94", "iso-8859-1", "“hi”", &[]);
        check(b"caf\xE9", "latin_1", "café", &[]);
        check(b"\xFF\xFEa\0\xE4\0", "utf-16", "aä", &[]);
        check(b"\0a\0\xE4", "utf-16", "aä", &[]);
    }

    #[test]
    fn a_wrong_label_is_seen() {
        check("grüße".as_bytes(), "iso-8859-1", "grüße", &[Defect::WrongCharset]);
        check(b"gr\xFC\xDFe", "utf-8", "grüße", &[Defect::WrongCharset]);
        let japanese = b"\x82\xB1\x82\xF1\x82\xC9\x82\xBF\x82\xCD";
        check(japanese, "iso-2022-jp", "こんにちは", &[Defect::WrongCharset]);
        check(japanese, "utf-8", "こんにちは", &[Defect::WrongCharset]);
        check(japanese, "us-ascii", "こんにちは", &[Defect::MissingCharset]);
        for label in [
            "shift_jis",
            "gb2312",
            "gbk",
            "gb18030",
            "big5",
            "euc-kr",
            "euc-jp",
            "iso-8859-1",
            "windows-1251",
        ] {
            for text in ["日本語", "您好，请尽快派人来修理。", "Grüße aus Köln", "Здравствуйте"]
            {
                check(text.as_bytes(), label, text, &[Defect::WrongCharset]);
            }
        }
        check(b"\xC3\xAB", "gb2312", "毛", &[]);
        check(b"plain", "utf-16", "plain", &[Defect::WrongCharset]);
        check(b"\x1B$B$3$s\x1B(B", "utf-8", "こん", &[Defect::WrongCharset]);
        check(b"$B$3$s(B", "iso-2022-jp", "こん", &[Defect::WrongCharset]);
    }

    #[test]
    fn damage_stays_damage() {
        check(
            "grüße und schöne Tage\u{e4}".as_bytes().split_last().map_or(&[], |(_, rest)| rest),
            "utf-8",
            "grüße und schöne Tage\u{FFFD}",
            &[Defect::UndecodableText],
        );
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
