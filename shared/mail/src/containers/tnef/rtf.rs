//! RTF to text, and to the HTML that Outlook wraps in it ([MS-OXRTFEX]).

use std::collections::BTreeMap;

use crate::{decode::charset, defect::Defects};

/// Groups within groups; deeper ones are not read.
const MAX_DEPTH: usize = 500;

/// What an RTF holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Text {
    Plain(String),
    Html(String),
}

/// Destinations that are no text.
const SKIPPED: [&str; 14] = [
    "fonttbl",
    "colortbl",
    "stylesheet",
    "info",
    "pict",
    "header",
    "footer",
    "headerl",
    "headerr",
    "footerl",
    "footerr",
    "listtable",
    "listoverridetable",
    "object",
];

/// Words that stand for characters.
const CHARACTERS: [(&str, &str); 15] = [
    ("par", "\n"),
    ("line", "\n"),
    ("row", "\n"),
    ("sect", "\n"),
    ("page", "\n"),
    ("tab", "\t"),
    ("cell", "\t"),
    ("emdash", "—"),
    ("endash", "–"),
    ("bullet", "•"),
    ("lquote", "‘"),
    ("rquote", "’"),
    ("ldblquote", "“"),
    ("rdblquote", "”"),
    ("emspace", "\u{2003}"),
];

/// Code pages of the character sets of fonts.
const FONTS: [(i32, u32); 14] = [
    (0, 1252),
    (77, 10000),
    (128, 932),
    (129, 949),
    (134, 936),
    (136, 950),
    (161, 1253),
    (162, 1254),
    (163, 1258),
    (177, 1255),
    (178, 1256),
    (186, 1257),
    (204, 1251),
    (222, 874),
];

/// Reads a document.
pub(super) fn read(rtf: &[u8]) -> Text {
    let html = rtf.windows(9).take(4096).any(|window| window == b"\\fromhtml");
    let mut reader = Reader {
        html,
        page: 1252,
        out: String::new(),
        bytes: Vec::new(),
        fonts: BTreeMap::new(),
        groups: vec![Group::default()],
        skip: 0,
        font: 0,
        high: None,
    };
    let mut rest = rtf;
    while let Some((token, after)) = token(rest) {
        reader.take(token);
        rest = after;
    }
    reader.flush();
    if html { Text::Html(reader.out) } else { Text::Plain(reader.out) }
}

#[derive(Debug, PartialEq, Eq)]
enum Token<'a> {
    Open,
    Close,
    Word(&'a str, Option<i32>),
    /// A byte by its number, or as it is.
    Byte(u8),
    Symbol(u8),
    LineEnd,
}

fn token(rtf: &[u8]) -> Option<(Token<'_>, &[u8])> {
    Some(match rtf {
        [] => return None,
        [b'{', rest @ ..] => (Token::Open, rest),
        [b'}', rest @ ..] => (Token::Close, rest),
        [b'\r' | b'\n', rest @ ..] => (Token::LineEnd, rest),
        [b'\\', b'\'', a, b, rest @ ..] => {
            let hex = std::str::from_utf8(&[*a, *b]).ok().and_then(|hex| u8::from_str_radix(hex, 16).ok());
            (Token::Byte(hex.unwrap_or(b'?')), rest)
        }
        [b'\\', letter, ..] if letter.is_ascii_alphabetic() => word(&rtf[1..]),
        [b'\\', symbol, rest @ ..] => (Token::Symbol(*symbol), rest),
        [byte, rest @ ..] => (Token::Byte(*byte), rest),
    })
}

fn word(rtf: &[u8]) -> (Token<'_>, &[u8]) {
    let letters = rtf.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    let (name, rest) = rtf.split_at(letters);
    let sign = usize::from(rest.first() == Some(&b'-'));
    let digits = rest[sign..].iter().take_while(|b| b.is_ascii_digit()).count();
    let number = if digits > 0 {
        std::str::from_utf8(&rest[..sign + digits]).ok().and_then(|n| n.parse().ok())
    } else {
        None
    };
    let rest = if digits > 0 { &rest[sign + digits..] } else { rest };
    let rest = rest.strip_prefix(b" ").unwrap_or(rest);
    (Token::Word(std::str::from_utf8(name).unwrap_or_default(), number), rest)
}

/// What holds within braces.
#[derive(Debug, Clone, Copy)]
struct Group {
    hidden: bool,
    fonts: bool,
    /// A tag of the wrapped HTML.
    tag: bool,
    /// RTF that the wrapped HTML does not need.
    only_rtf: bool,
    /// `\*` came, so an unknown destination is to be ignored.
    star: bool,
    /// Characters that follow one by its number, for programs that know no Unicode.
    fallback: usize,
    page: Option<u32>,
}

impl Default for Group {
    fn default() -> Self {
        Self {
            hidden: false,
            fonts: false,
            tag: false,
            only_rtf: false,
            star: false,
            fallback: 1,
            page: None,
        }
    }
}

struct Reader {
    html: bool,
    page: u32,
    out: String,
    /// Not yet decoded.
    bytes: Vec<u8>,
    /// Code pages.
    fonts: BTreeMap<i32, u32>,
    groups: Vec<Group>,
    /// Characters that stand for the one before.
    skip: usize,
    /// The one that the table of fonts is at.
    font: i32,
    /// The first half of a pair of UTF-16.
    high: Option<u16>,
}

impl Reader {
    fn take(&mut self, token: Token<'_>) {
        match token {
            Token::Byte(byte) => return self.byte(byte),
            Token::LineEnd => return,
            _ => self.flush(),
        }
        match token {
            Token::Open if self.groups.len() < MAX_DEPTH => {
                let group = Group { star: false, ..self.group() };
                self.groups.push(group);
            }
            Token::Close if self.groups.len() > 1 => {
                self.groups.pop();
                self.skip = 0;
            }
            Token::Word(name, number) => self.word(name, number),
            Token::Symbol(symbol) => self.symbol(symbol),
            _ => {}
        }
    }

    fn group(&self) -> Group {
        self.groups.last().copied().unwrap_or_default()
    }

    fn change(&mut self, change: impl FnOnce(&mut Group)) {
        if let Some(group) = self.groups.last_mut() {
            change(group);
        }
    }

    fn symbol(&mut self, symbol: u8) {
        match symbol {
            b'*' => self.change(|group| group.star = true),
            b'~' => self.text("\u{A0}"),
            b'_' => self.text("-"),
            b'\n' | b'\r' => self.text("\n"),
            b'\\' | b'{' | b'}' => self.byte(symbol),
            _ => {}
        }
    }

    fn word(&mut self, name: &str, number: Option<i32>) {
        let group = self.group();
        match (name, number) {
            ("ansicpg", Some(page)) => self.page = u32::try_from(page).unwrap_or(1252),
            ("uc", Some(count)) => {
                self.change(|group| group.fallback = usize::try_from(count).unwrap_or(1).min(16))
            }
            ("u", Some(unit)) => self.unicode(unit),
            ("f", Some(font)) if group.fonts => self.font = font,
            ("fcharset", Some(set)) if group.fonts => {
                if let Some((_, page)) = FONTS.iter().find(|(known, _)| *known == set) {
                    self.fonts.insert(self.font, *page);
                }
            }
            ("f", Some(font)) => {
                let page = self.fonts.get(&font).copied();
                self.change(|group| group.page = page);
            }
            ("htmltag", _) => self.change(|group| (group.tag, group.hidden) = (true, false)),
            ("htmlrtf", number) => self.change(|group| group.only_rtf = number != Some(0)),
            (name, _) if SKIPPED.contains(&name) => {
                self.change(|group| (group.hidden, group.fonts) = (true, name == "fonttbl"))
            }
            _ if group.star => self.change(|group| group.hidden = true),
            ("plain", _) => self.change(|group| group.page = None),
            (name, _) => {
                if let Some((_, text)) = CHARACTERS.iter().find(|(known, _)| *known == name) {
                    self.text(text);
                }
            }
        }
        self.change(|group| group.star = false);
    }

    /// Pairs of units come as two words.
    fn unicode(&mut self, unit: i32) {
        self.skip = self.group().fallback;
        let unit = (unit & 0xFFFF) as u16;
        if (0xD800..0xDC00).contains(&unit) {
            self.high = Some(unit);
            return;
        }
        let units = self.high.take().into_iter().chain([unit]);
        let text: String =
            char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        self.text(&text);
    }

    fn byte(&mut self, byte: u8) {
        if self.skip > 0 {
            self.skip -= 1;
        } else if self.is_text() {
            self.bytes.push(byte);
        }
    }

    fn is_text(&self) -> bool {
        let group = self.group();
        !group.hidden && (group.tag || !(self.html && group.only_rtf))
    }

    fn text(&mut self, text: &str) {
        if self.is_text() {
            self.out.push_str(text);
        }
    }

    fn flush(&mut self) {
        if self.bytes.is_empty() {
            return;
        }
        let group = self.group();
        let page = group.page.unwrap_or(self.page);
        let text = charset::decode(
            &std::mem::take(&mut self.bytes),
            Some(&format!("cp{page}")),
            &mut Defects::default(),
        );
        if self.html && !group.tag {
            let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            self.out.push_str(&text);
        } else {
            self.out.push_str(&text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_documents() {
        let check = |rtf: &str, expected: &str| {
            assert_eq!(read(rtf.as_bytes()), Text::Plain(expected.to_owned()), "{rtf}")
        };
        check(
            "{\\rtf1\\ansi{\\fonttbl{\\f0 Arial;}}\\f0 Hello\\par\r\nyou\\'e4 \\b bold\\b0  \\{x\\}}",
            "Hello\nyouä bold {x}",
        );
        check("{\\rtf1\\ansi\\uc1 \\u8364?5 \\u-10179?\\u-8703?}", "€5 😁");
        check("{\\rtf1{\\fonttbl{\\f1\\fcharset128 MS;}}\\f1\\'82\\'a0}", "あ");
        check("{\\rtf1{\\*\\generator x;}a{\\pict 0102}b\\tab c}", "ab\tc");
    }

    #[test]
    fn wrapped_html() {
        let rtf = "{\\rtf1\\ansi\\ansicpg1252\\fromhtml1 {\\*\\htmltag19 <html>}{\\*\\htmltag64 <p>}\\htmlrtf \\par \\htmlrtf0 1 < 2 \\'e4{\\*\\htmltag84 &nbsp;}\\htmlrtf  \\htmlrtf0{\\*\\htmltag72 </p>}}";
        assert_eq!(read(rtf.as_bytes()), Text::Html("<html><p>1 &lt; 2 ä&nbsp;</p>".to_owned()));
    }
}
