//! Names of charsets, as generously as mails need it.

use encoding_rs::{Encoding, REPLACEMENT};

use super::{
    iso2022::{self, Set},
    tables, unicode,
};

/// A charset that can be decoded.
#[derive(Debug, Clone, Copy)]
pub(super) enum Charset {
    Whatwg(&'static Encoding),
    /// Bytes 0x80 to 0xFF by a table.
    Table(&'static str),
    /// ISO-2022-KR or ISO-2022-CN, by the set between SO and SI.
    Shifted(Set),
    Hz,
    Utf7,
    Utf32 {
        big_endian: bool,
    },
}

/// What a name says.
#[derive(Debug, Clone, Copy)]
pub(super) enum Named {
    Charset(Charset),
    /// A name that says nothing, such as `unknown-8bit`, or plain ASCII.
    Nothing,
    Unknown,
}

/// Names that say nothing, without signs.
const NOTHING: [&str; 16] = [
    "",
    "usascii",
    "ascii",
    "ansix341968",
    "iso646us",
    "default",
    "defaultcharset",
    "unknown",
    "unknown8bit",
    "unknowncharset",
    "xunknown",
    "xuserdefined",
    "none",
    "null",
    "binary",
    "8bit",
];

/// Names in mails that WHATWG does not list, without signs, and what they are there or in the tables.
const ALIASES: [(&str, &str); 44] = [
    ("sjis", "shift_jis"),
    ("shiftjis", "shift_jis"),
    ("shiftjisx0213", "shift_jis"),
    ("shiftjis2004", "shift_jis"),
    ("windows31j", "shift_jis"),
    ("eucjp", "euc-jp"),
    ("eucjpms", "euc-jp"),
    ("eucjpwin", "euc-jp"),
    ("eucjisx0213", "euc-jp"),
    ("ujis", "euc-jp"),
    ("jis", "iso-2022-jp"),
    ("junet", "iso-2022-jp"),
    ("euccn", "gb18030"),
    ("eucgb2312cn", "gb18030"),
    ("gb23121980", "gb18030"),
    ("gb180302000", "gb18030"),
    ("gb180302005", "gb18030"),
    ("euctw", "big5"),
    ("big5eten", "big5"),
    ("big5hkscs2004", "big5"),
    ("uhc", "euc-kr"),
    ("ksc5601", "euc-kr"),
    ("ksc56011992", "euc-kr"),
    ("latin1", "windows-1252"),
    ("isolatin1", "windows-1252"),
    ("windowslatin1", "windows-1252"),
    ("ansi", "windows-1252"),
    ("xansi", "windows-1252"),
    ("latin2", "iso-8859-2"),
    ("latin9", "iso-8859-15"),
    ("latin0", "iso-8859-15"),
    ("latin10", "iso-8859-16"),
    ("tis620", "windows-874"),
    ("thai", "windows-874"),
    ("koi8", "koi8-r"),
    ("koi8r", "koi8-r"),
    ("koi8u", "koi8-u"),
    ("macroman", "macintosh"),
    ("xmacce", "mac-latin2"),
    ("xmaccentraleurroman", "mac-latin2"),
    ("xmacgreek", "mac-greek"),
    ("xmacturkish", "mac-turkish"),
    ("xmacicelandic", "mac-iceland"),
    ("xmaccroatian", "mac-croatian"),
];

/// What stands before the number of a code page, without signs.
const PAGES: [&str; 12] =
    ["cp", "windows", "win", "ibm", "ms", "dos", "oem", "ccsid", "codepage", "xcp", "xwindows", "xibm"];

/// Numbers of code pages that are not the end of a name that is known anyway.
const NUMBERED: [(&str, &str); 30] = [
    ("31", "shift_jis"),
    ("866", "ibm866"),
    ("874", "windows-874"),
    ("932", "shift_jis"),
    ("943", "shift_jis"),
    ("936", "gb18030"),
    ("1386", "gb18030"),
    ("949", "euc-kr"),
    ("970", "euc-kr"),
    ("950", "big5"),
    ("951", "big5"),
    ("1200", "utf-16le"),
    ("1201", "utf-16be"),
    ("10000", "macintosh"),
    ("10006", "mac-greek"),
    ("10007", "x-mac-cyrillic"),
    ("10029", "mac-latin2"),
    ("10081", "mac-turkish"),
    ("20127", "windows-1252"),
    ("20866", "koi8-r"),
    ("21866", "koi8-u"),
    ("20932", "euc-jp"),
    ("51932", "euc-jp"),
    ("50220", "iso-2022-jp"),
    ("50221", "iso-2022-jp"),
    ("50222", "iso-2022-jp"),
    ("51936", "gb18030"),
    ("54936", "gb18030"),
    ("51949", "euc-kr"),
    ("65001", "utf-8"),
];

/// What a charset parameter says, whatever stands around the name.
pub(super) fn named(label: &str) -> Named {
    // RFC 2231 allows a language after the charset of an encoded word.
    let label = label.split('*').next().unwrap_or_default();
    let label = label.trim().trim_matches(['"', '\'']).trim();
    let label = label.strip_prefix("charset=").unwrap_or(label);
    let found = lookup(label);
    if !matches!(found, Named::Unknown) {
        return found;
    }
    // Junk behind the name: a comment, or a parameter without its semicolon.
    let end = label.find([' ', '\t', ';', '(', ',', '"', '\'', '\\']).unwrap_or(label.len());
    if end < label.len() { lookup(&label[..end]) } else { Named::Unknown }
}

fn lookup(label: &str) -> Named {
    let bare: String =
        label.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    if NOTHING.contains(&bare.as_str()) {
        return Named::Nothing;
    }
    match special(&bare).or_else(|| ordinary(label, &bare)) {
        Some(charset) => Named::Charset(charset),
        None => Named::Unknown,
    }
}

/// Charsets that no table and no WHATWG decoder has.
fn special(bare: &str) -> Option<Charset> {
    Some(match bare {
        "hz" | "hzgb2312" | "cp52936" | "xcp52936" => Charset::Hz,
        "utf7" | "unicode11utf7" | "unicode20utf7" | "xunicode20utf7" | "csunicode11utf7" | "cp65000" => {
            Charset::Utf7
        }
        "iso2022kr" | "csiso2022kr" | "cp50225" => Charset::Shifted(Set::Ks),
        "iso2022cn" | "iso2022cnext" | "cp50227" | "xcp50227" => Charset::Shifted(Set::Gb),
        "utf32le" => Charset::Utf32 { big_endian: false },
        "utf32" | "utf32be" | "ucs4" | "iso10646ucs4" => Charset::Utf32 { big_endian: true },
        _ => return None,
    })
}

fn ordinary(label: &str, bare: &str) -> Option<Charset> {
    whatwg(label)
        .or_else(|| whatwg(&label.replace('_', "-")))
        .or_else(|| whatwg(bare))
        .or_else(|| ALIASES.iter().find(|(name, _)| *name == bare).and_then(|(_, name)| known(name)))
        .or_else(|| tables::table(&label.to_ascii_lowercase().replace('_', "-")).map(Charset::Table))
        .or_else(|| by_number(bare))
        // ISO-2022-JP-1, -2, -3, -2004, -MS differ in what the tolerant decoder knows anyway.
        .or_else(|| bare.contains("iso2022jp").then(|| whatwg("iso-2022-jp")).flatten())
        .or_else(|| bare.starts_with("utf8").then(|| whatwg("utf-8")).flatten())
}

fn known(name: &str) -> Option<Charset> {
    whatwg(name).or_else(|| tables::table(name).map(Charset::Table))
}

fn whatwg(label: &str) -> Option<Charset> {
    Encoding::for_label(label.as_bytes()).filter(|encoding| *encoding != REPLACEMENT).map(Charset::Whatwg)
}

/// `cp850`, `IBM-850`, `windows_1252`, `iso8859_2`, `28592`.
fn by_number(bare: &str) -> Option<Charset> {
    let digits = bare.len() - bare.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let (words, number) = bare.split_at(bare.len() - digits);
    if let Some(part) = bare.strip_prefix("iso8859").or_else(|| number.strip_prefix("8859")) {
        return whatwg(&format!("iso-8859-{part}"));
    }
    if let Some(part) = number.strip_prefix("2859").or_else(|| number.strip_prefix("2860")) {
        // Microsoft's numbers: 28591 to 28599, 28603, 28605.
        let part = if number.starts_with("2860") { format!("1{part}") } else { part.to_owned() };
        return whatwg(&format!("iso-8859-{part}"));
    }
    if !words.is_empty() && !PAGES.contains(&words) {
        return None;
    }
    let listed = NUMBERED.iter().find(|(known, _)| *known == number).and_then(|(_, name)| known(name));
    listed
        .or_else(|| whatwg(&format!("windows-{number}")))
        .or_else(|| tables::table(&format!("cp{number}")).map(Charset::Table))
}

impl Charset {
    /// Lossy, and whether something was lost. Byte order marks are taken off.
    pub(super) fn decode(self, bytes: &[u8]) -> (String, bool) {
        match self {
            Self::Whatwg(encoding) => {
                let (text, _, lost) = encoding.decode(bytes);
                (text.into_owned(), lost)
            }
            Self::Table(table) => tables::decode(bytes, table),
            Self::Shifted(set) => {
                let decoded = iso2022::decode(bytes, set);
                (decoded.text, decoded.lost)
            }
            Self::Hz => iso2022::hz(bytes),
            Self::Utf7 => unicode::utf7(bytes),
            Self::Utf32 { big_endian } => unicode::utf32(bytes, big_endian),
        }
    }

    /// Whether ASCII bytes without escapes always mean themselves.
    pub(super) fn holds_ascii(self) -> bool {
        match self {
            Self::Whatwg(encoding) => encoding.is_ascii_compatible(),
            Self::Table(_) | Self::Shifted(_) => true,
            Self::Hz | Self::Utf7 | Self::Utf32 { .. } => false,
        }
    }

    pub(super) fn is_single_byte(self) -> bool {
        match self {
            Self::Whatwg(encoding) => encoding.is_single_byte(),
            Self::Table(_) => true,
            _ => false,
        }
    }

    pub(super) fn is(self, encoding: &'static Encoding) -> bool {
        matches!(self, Self::Whatwg(own) if own == encoding)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names as mails have them, and a byte sequence with its meaning.
    const SAMPLES: [(&str, &[u8], &str); 40] = [
        ("UTF-8", "ä".as_bytes(), "ä"),
        ("utf8mb4", "ä".as_bytes(), "ä"),
        ("\"utf-8\"", "ä".as_bytes(), "ä"),
        ("utf-8; format=flowed", "ä".as_bytes(), "ä"),
        ("ISO-8859-1 (Latin)", b"\xE4", "ä"),
        ("iso8859_15", b"\xA4", "€"),
        ("8859-2", b"\xB1", "ą"),
        ("28592", b"\xB1", "ą"),
        ("28605", b"\xA4", "€"),
        ("iso-8859-8-i", b"\xE0", "א"),
        ("windows_1251", b"\xC0", "А"),
        ("win1251", b"\xC0", "А"),
        ("CP-1250", b"\xB9", "ą"),
        ("x-cp1252", b"\x80", "€"),
        ("IBM437", b"\x81", "ü"),
        ("cp850", b"\x81", "ü"),
        ("ibm-852", b"\xA5", "ą"),
        ("DOS-866", b"\x80", "А"),
        ("cp737", b"\x80", "Α"),
        ("macintosh", b"\x8A", "ä"),
        ("x-mac-ce", b"\x8A", "ä"),
        ("x-mac-cyrillic", b"\x80", "А"),
        ("koi8r", b"\xC1", "а"),
        ("KOI8-U", b"\xA4", "є"),
        ("TIS-620", b"\xA1", "ก"),
        ("CP932", b"\x82\xA0", "あ"),
        ("windows-31j", b"\x82\xA0", "あ"),
        ("MS_Kanji", b"\x82\xA0", "あ"),
        ("eucJP-ms", b"\xA4\xA2", "あ"),
        ("CP51932", b"\xA4\xA2", "あ"),
        ("iso-2022-jp-ms", b"\x1B$B$\"\x1B(B", "あ"),
        ("EUC-CN", b"\xB0\xA1", "啊"),
        ("x-gbk", b"\xB0\xA1", "啊"),
        ("HZ-GB-2312", b"~{0!~}", "啊"),
        ("Big5-HKSCS", b"\xA4\xA4", "中"),
        ("ks_c_5601-1987", b"\xB0\xA1", "가"),
        ("cp949", b"\xB0\xA1", "가"),
        ("ISO-2022-KR", b"\x1B$)C\x0E0!\x0F", "가"),
        ("unicode-1-1-utf-7", b"+AOQ-", "ä"),
        ("UTF-32BE", b"\0\0\0\xE4", "ä"),
    ];

    #[test]
    fn names_lead_to_their_charsets() {
        for (name, bytes, expected) in SAMPLES {
            let Named::Charset(charset) = named(name) else { panic!("{name} is not known") };
            assert_eq!(charset.decode(bytes), (expected.to_owned(), false), "{name}");
        }
        for (name, wanted) in ALIASES {
            assert!(known(wanted).is_some(), "{name}");
        }
        for name in ["", "US-ASCII", "unknown-8bit", "x-user-defined"] {
            assert!(matches!(named(name), Named::Nothing), "{name}");
        }
        assert!(matches!(named("klingon-7"), Named::Unknown));
    }
}
