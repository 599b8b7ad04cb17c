//! HTML in tokens: one pass, nothing copied, by the rules of the HTML standard (section 13.2.5) as far as they matter
//! for text. What comes out is only ever rendered as text or written anew from an allow-list, so that a difference to
//! a browser's reading cannot run anything.

use std::borrow::Cow;

use encoding_rs::WINDOWS_1252;
use memchr::memchr;

use super::entities::Entity;

/// Longer names are no HTML.
const MAX_NAME: usize = 16;
/// Letters of a named character that may lack its semicolon.
const MAX_LEGACY: usize = 6;
/// Letters of a named character.
const MAX_ENTITY: usize = 32;
/// Elements whose content is text up to their end tag.
const RAW: [&str; 9] =
    ["script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes", "plaintext"];

/// An element's name in lower case, cut to 16 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Name {
    bytes: [u8; MAX_NAME],
    length: u8,
}

impl Name {
    fn new(raw: &[u8]) -> Self {
        let mut name = Self::default();
        for (to, from) in name.bytes.iter_mut().zip(raw) {
            // What is no ASCII is no HTML either.
            *to = if from.is_ascii() { from.to_ascii_lowercase() } else { b'?' };
            name.length += 1;
        }
        name
    }

    pub(super) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.length)]).unwrap_or_default()
    }
}

/// A start tag.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tag<'a> {
    pub(super) name: Name,
    /// What stands between the name and the end of the tag.
    attributes: &'a str,
}

impl<'a> Tag<'a> {
    /// Names as written with values as written, in order; the first of a name counts.
    pub(super) fn attributes(&self) -> Attributes<'a> {
        Attributes { rest: self.attributes }
    }

    /// Whether there may be attributes.
    pub(super) fn is_bare(&self) -> bool {
        self.attributes.is_empty()
    }

    /// The value of an attribute, decoded and without blanks around it.
    pub(super) fn attribute(&self, wanted: &str) -> Option<Cow<'a, str>> {
        self.attributes()
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .map(|(_, value)| decoded(value.trim(), true))
    }
}

#[derive(Debug)]
pub(super) enum Token<'a> {
    Start(Tag<'a>),
    End(Name),
    /// Text as written: see [`decoded`].
    Text(&'a str),
    /// What an element of raw text holds; its tags are left out.
    Raw(Name, &'a str),
}

/// The tokens of a page.
pub(super) struct Tokens<'a> {
    html: &'a str,
    at: usize,
}

pub(super) fn tokens(html: &str) -> Tokens<'_> {
    Tokens { html, at: 0 }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let rest = self.html.get(self.at..).filter(|rest| !rest.is_empty())?;
            let bytes = rest.as_bytes();
            if bytes[0] != b'<' {
                return Some(self.text(rest, 0));
            }
            match (bytes.get(1), bytes.get(2)) {
                (Some(b), _) if b.is_ascii_alphabetic() => match self.start(rest) {
                    Some(token) => return Some(token),
                    None => continue,
                },
                (Some(b'/'), Some(b)) if b.is_ascii_alphabetic() => {
                    let length = name_length(&bytes[2..]);
                    self.at += behind(rest);
                    return Some(Token::End(Name::new(&bytes[2..2 + length])));
                }
                (Some(b'!'), _) if rest.starts_with("<!--") => self.at += comment(rest),
                (Some(b'!' | b'?' | b'/'), _) => self.at += behind(rest),
                _ => return Some(self.text(rest, 1)),
            }
        }
    }
}

impl<'a> Tokens<'a> {
    fn text(&mut self, rest: &'a str, from: usize) -> Token<'a> {
        let end = memchr(b'<', &rest.as_bytes()[from..]).map_or(rest.len(), |end| end + from);
        self.at += end;
        Token::Text(&rest[..end])
    }

    /// A start tag, or the whole of a raw element; none at the end of the page.
    fn start(&mut self, rest: &'a str) -> Option<Token<'a>> {
        let bytes = rest.as_bytes();
        let length = name_length(&bytes[1..]);
        let name = Name::new(&bytes[1..=length]);
        let Some(end) = tag_end(&bytes[1 + length..]).map(|end| end + 1 + length) else {
            self.at = self.html.len();
            return None;
        };
        self.at += end + 1;
        if RAW.contains(&name.as_str()) {
            let content = &rest[end + 1..];
            let (length, after) = raw_end(content, name.as_str());
            self.at += after;
            return Some(Token::Raw(name, &content[..length]));
        }
        Some(Token::Start(Tag { name, attributes: &rest[1 + length..end] }))
    }
}

/// Bytes up to behind the next `>`.
fn behind(rest: &str) -> usize {
    memchr(b'>', rest.as_bytes()).map_or(rest.len(), |end| end + 1)
}

fn name_length(bytes: &[u8]) -> usize {
    let ends = |b: &u8| matches!(b, b' ' | b'\t' | b'\n' | b'\r' | 0x0C | b'/' | b'>');
    bytes.iter().position(ends).unwrap_or(bytes.len())
}

/// Where the `>` of a tag stands; quotes count only after an equals sign.
fn tag_end(bytes: &[u8]) -> Option<usize> {
    let mut value = false;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'>' => return Some(at),
            b'"' | b'\'' if value => {
                at += 1 + bytes[at + 1..].iter().position(|b| b == byte)?;
                value = false;
            }
            b'=' => value = true,
            b' ' | b'\t' | b'\n' | b'\r' | 0x0C => {}
            _ => value = false,
        }
        at += 1;
    }
    None
}

/// Bytes of the comment at the start.
fn comment(rest: &str) -> usize {
    let mut from = 2;
    while let Some(at) = rest[from..].find("--").map(|at| at + from) {
        let after = rest[at + 2..].trim_start_matches('-');
        let dashes = rest.len() - after.len();
        // The two dashes that begin the comment may end it as well, but not be its whole.
        if let Some(end) = after.strip_prefix('>').or(after.strip_prefix("!>")) {
            return rest.len() - end.len();
        }
        from = dashes;
    }
    rest.len()
}

/// Bytes of raw text, and bytes up to behind its end tag.
fn raw_end(content: &str, name: &str) -> (usize, usize) {
    let bytes = content.as_bytes();
    let mut from = 0;
    while let Some(at) = content[from..].find("</").map(|at| at + from) {
        let tag = &bytes[at + 2..];
        let named = tag.get(..name.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(name.as_bytes()));
        if named && name_length(tag) == name.len() {
            return (at, content[at..].find('>').map_or(content.len(), |end| at + end + 1));
        }
        from = at + 2;
    }
    (content.len(), content.len())
}

/// See [`Tag::attributes`].
#[derive(Debug, Clone)]
pub(super) struct Attributes<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = without_first(self.rest, |b| b.is_ascii_whitespace() || b == b'/');
        if rest.is_empty() {
            self.rest = rest;
            return None;
        }
        // An equals sign that begins a name is part of it.
        let ends = |b: u8| b.is_ascii_whitespace() || matches!(b, b'/' | b'=');
        let end = rest.bytes().skip(1).position(ends).map_or(rest.len(), |end| end + 1);
        let (name, after) = rest.split_at(end);
        let after = without_first(after, |b| b.is_ascii_whitespace());
        let Some(value) = after.strip_prefix('=') else {
            self.rest = after;
            return Some((name, ""));
        };
        let value = without_first(value, |b| b.is_ascii_whitespace());
        let (value, rest) = match value.bytes().next() {
            Some(quote @ (b'"' | b'\'')) => {
                let value = &value[1..];
                memchr(quote, value.as_bytes()).map_or((value, ""), |end| (&value[..end], &value[end + 1..]))
            }
            _ => value.split_at(value.bytes().position(|b| b.is_ascii_whitespace()).unwrap_or(value.len())),
        };
        self.rest = rest;
        Some((name, value))
    }
}

/// Without the first bytes, all of ASCII, that are of a kind.
fn without_first(text: &str, is: impl Fn(u8) -> bool) -> &str {
    &text[text.bytes().position(|b| !is(b)).unwrap_or(text.len())..]
}

/// Text with its character references resolved. In attributes an ampersand of a URL is none.
pub(super) fn decoded(text: &str, attribute: bool) -> Cow<'_, str> {
    if memchr(b'&', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = match rest.as_bytes().get(1) {
            Some(b'#') => number(rest, &mut out),
            Some(b) if b.is_ascii_alphanumeric() => named(rest, attribute, &mut out),
            _ => None,
        };
        if length.is_none() {
            out.push('&');
        }
        rest = &rest[length.unwrap_or(1)..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn number(rest: &str, out: &mut String) -> Option<usize> {
    let hex = matches!(rest.as_bytes().get(2), Some(b'x' | b'X'));
    let start = if hex { 3 } else { 2 };
    let radix = if hex { 16 } else { 10 };
    let digits = rest[start..].bytes().take_while(|b| char::from(*b).is_digit(radix)).count();
    if digits == 0 {
        return None;
    }
    let number = u32::from_str_radix(&rest[start..start + digits], radix).unwrap_or(u32::MAX);
    match u8::try_from(number) {
        // What the standard makes of control characters: those of windows-1252.
        Ok(c1 @ 0x80..=0x9F) => out.push_str(&WINDOWS_1252.decode_without_bom_handling(&[c1]).0),
        _ => out.push(char::from_u32(number).filter(|c| *c != '\0').unwrap_or('\u{FFFD}')),
    }
    let end = start + digits;
    Some(end + usize::from(rest.as_bytes().get(end) == Some(&b';')))
}

fn named(rest: &str, attribute: bool, out: &mut String) -> Option<usize> {
    let letters = rest[1..].bytes().take(MAX_ENTITY).take_while(u8::is_ascii_alphanumeric).count();
    let closed = rest.as_bytes().get(1 + letters) == Some(&b';');
    if closed && let Some(entity) = Entity::named(&rest[1..=letters]) {
        out.extend(entity.characters());
        return Some(letters + 2);
    }
    for length in (2..=letters.min(MAX_LEGACY)).rev() {
        let Some(entity) = Entity::named(&rest[1..=length]).filter(|entity| entity.legacy) else { continue };
        let next = rest.as_bytes().get(1 + length);
        if attribute && next.is_some_and(|b| *b == b'=' || b.is_ascii_alphanumeric()) {
            return None;
        }
        out.extend(entity.characters());
        return Some(1 + length);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(html: &str) -> String {
        let show = |token: Token| match token {
            Token::Start(tag) => format!(
                "<{}{}>",
                tag.name.as_str(),
                tag.attributes()
                    .map(|(name, value)| format!(" {name}={}", decoded(value, true)))
                    .collect::<String>()
            ),
            Token::End(name) => format!("</{}>", name.as_str()),
            Token::Text(text) => decoded(text, false).into_owned(),
            Token::Raw(name, text) => format!("[{}:{text}]", name.as_str()),
        };
        tokens(html).map(show).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn tags() {
        assert_eq!(seen("a<B c='d>e' f=g h>i</B x>j"), "a|<b c=d>e f=g h=>|i|</b>|j");
        assert_eq!(seen("<a b = \"c\"d=e/><br/>"), "<a b=c d=e/>|<br>");
        assert_eq!(seen("1 < 2 <3 <"), "1 |< 2 |<3 |<");
        assert_eq!(seen("a<b c='"), "a");
        assert_eq!(seen("<a =b ü=é>"), "<a =b= ü=é>");
        assert_eq!(seen("<o:p>x</o:p>"), "<o:p>|x|</o:p>");
    }

    #[test]
    fn comments_and_raw_text() {
        assert_eq!(
            seen("a<!-- > -- <b> -->c<!-->d<!--->e<!doctype x>f<![if x]>g<?x?>h</>i"),
            "a|c|d|e|f|g|h|i"
        );
        assert_eq!(seen("<!-- a --!>b<!-- c"), "b");
        assert_eq!(seen("<style>a</styles></STYLE >b<script>c"), "[style:a</styles>]|b|[script:c]");
        assert_eq!(seen("<title>a&lt;</title>b"), "[title:a&lt;]|b");
    }

    #[test]
    fn characters() {
        assert_eq!(
            decoded("&amp;&ampx&lt&nbsp;&copy&#65;&#x42&#150;&#0;&#xD800;&x;&;&notit;&euro;", false),
            "&&x<\u{a0}©AB–\u{fffd}\u{fffd}&x;&;¬it;€"
        );
        assert_eq!(decoded("?a=1&copy=2&amp;b&lt", true), "?a=1&copy=2&b<");
        assert_eq!(decoded("&#x6A;avascript", true), "javascript");
    }
}
