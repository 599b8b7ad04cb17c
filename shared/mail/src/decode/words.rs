//! Encoded words in header fields (RFC 2047), also as many programs wrongly write them.

use std::ops::Range;

use memchr::{memchr_iter, memchr2};

use crate::defect::{Defect, Defects};

use super::{
    charset::{self, Hint},
    transfer::{self, Decoder},
};

/// A charset's name in an encoded word is not longer.
const MAX_CHARSET: usize = 64;
/// Blanks that may stand around the encoding of a word.
const MAX_BLANKS: usize = 4;
/// How far the rest of a word is looked at.
const MAX_WORD: usize = 256;

/// Decodes an unstructured field to one line: unfolded, encoded words and 8-bit bytes decoded, blanks trimmed.
pub(crate) fn decode(raw: &[u8], defects: &mut Defects) -> String {
    decode_with(raw, &Hint::default(), defects)
}

/// [`decode`], with what the rest of the mail says of charsets.
pub(crate) fn decode_with(raw: &[u8], hint: &Hint, defects: &mut Defects) -> String {
    let line = unfold(raw);
    let mut text = Text::of(&line, hint, defects);
    if text.has_words() && text.text.contains("=?") && text.text.contains("?=") {
        let twice = Text::of(text.text.as_bytes(), hint, &mut Defects::default());
        if twice.has_words() {
            defects.note(Defect::DoublyEncodedWord);
            text = twice;
        }
    }
    one_line(&text.text)
}

/// Line ends are folding, not text; a carriage return alone is a blank.
pub(crate) fn unfold(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = memchr2(b'\r', b'\n', rest) {
        out.extend_from_slice(&rest[..at]);
        let alone = rest[at] == b'\r' && rest.get(at + 1).is_some_and(|next| !next.is_ascii_whitespace());
        if alone {
            out.push(b' ');
        }
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
    out
}

/// No control characters, no blanks around.
fn one_line(text: &str) -> String {
    let text = text.trim();
    if text.chars().any(char::is_control) {
        return text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    }
    text.to_owned()
}

/// A decoded line that remembers what was encoded: no sign in there has a meaning for a grammar.
#[derive(Debug, Default)]
pub(crate) struct Text {
    pub(crate) text: String,
    /// Rising, not overlapping.
    pub(crate) encoded: Vec<Range<usize>>,
}

impl Text {
    /// Decodes an unfolded line.
    pub(crate) fn of(line: &[u8], hint: &Hint, defects: &mut Defects) -> Self {
        let mut text = Self { text: String::with_capacity(line.len()), encoded: Vec::new() };
        let mut run = Run::default();
        let mut blank: &[u8] = b"";
        for segment in Words::new(line) {
            match segment {
                Segment::Word(word) => {
                    if run.is_empty() {
                        text.plain(blank, hint, defects);
                    }
                    blank = b"";
                    if !run.takes(&word) {
                        text.word(&run.end(defects));
                    }
                    run.words.push(word);
                }
                // Blanks between two encoded words are not text.
                Segment::Text(between) if between.iter().all(|b| matches!(b, b' ' | b'\t')) => {
                    blank = between
                }
                Segment::Text(between) => {
                    text.word(&run.end(defects));
                    text.plain(blank, hint, defects);
                    blank = b"";
                    text.plain(between, hint, defects);
                }
            }
        }
        text.word(&run.end(defects));
        text.plain(blank, hint, defects);
        text
    }

    fn has_words(&self) -> bool {
        !self.encoded.is_empty()
    }

    fn word(&mut self, decoded: &str) {
        if !decoded.is_empty() {
            let start = self.text.len();
            self.text.push_str(decoded);
            self.encoded.push(start..self.text.len());
        }
    }

    fn plain(&mut self, bytes: &[u8], hint: &Hint, defects: &mut Defects) {
        if let Some(text) = charset::undecoded(bytes, None) {
            if find(bytes, b"=?").is_some() && find(bytes, b"?=").is_some() {
                defects.note(Defect::MalformedEncodedWord);
            }
            self.text.push_str(text);
            return;
        }
        defects.note(Defect::EightBitHeader);
        self.text.push_str(&charset::decode_with(bytes, None, hint, &mut Defects::default()));
    }
}

/// Neighbouring words of one charset: joined as bytes, because a character may be split between them.
#[derive(Default)]
struct Run<'a> {
    words: Vec<Word<'a>>,
}

impl<'a> Run<'a> {
    fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    fn takes(&self, word: &Word<'a>) -> bool {
        self.words.first().is_none_or(|first| first.charset.eq_ignore_ascii_case(&word.charset))
    }

    fn end(&mut self, defects: &mut Defects) -> String {
        let words = std::mem::take(&mut self.words);
        let Some(first) = words.first() else { return String::new() };
        let label = first.charset.as_str();
        let mut bytes: Vec<u8> = Vec::new();
        words.iter().for_each(|word| bytes.extend(word.decoded()));
        // Programs cut their Base64 at any place, also within a group of four.
        if words.len() > 1 && words.iter().all(|word| word.base64) && !charset::is_valid(&bytes, label) {
            let joined = base64(&words.iter().map(|word| word.data).collect::<Vec<_>>().concat());
            if charset::is_valid(&joined, label) {
                bytes = joined;
            }
        }
        charset::decode(&bytes, Some(label), defects)
    }
}

enum Segment<'a> {
    Text(&'a [u8]),
    Word(Word<'a>),
}

/// An encoded word, not yet decoded.
struct Word<'a> {
    charset: String,
    base64: bool,
    data: &'a [u8],
}

impl Word<'_> {
    fn decoded(&self) -> Vec<u8> {
        if self.base64 { base64(self.data) } else { q(self.data) }
    }
}

fn base64(data: &[u8]) -> Vec<u8> {
    let mut ignored = Defects::default();
    transfer::decode(Decoder::base64(), data, &mut ignored)
}

/// Splits a line into encoded words and what lies between them, in linear time.
struct Words<'a> {
    rest: &'a [u8],
    pending: Option<Segment<'a>>,
    /// No end follows any more, so no word does.
    no_more: bool,
}

impl<'a> Words<'a> {
    fn new(line: &'a [u8]) -> Self {
        Self { rest: line, pending: None, no_more: false }
    }
}

impl<'a> Iterator for Words<'a> {
    type Item = Segment<'a>;

    fn next(&mut self) -> Option<Segment<'a>> {
        if let Some(pending) = self.pending.take() {
            return Some(pending);
        }
        if self.rest.is_empty() {
            return None;
        }
        let line = self.rest;
        let mut at = 0;
        while !self.no_more
            && let Some(found) = find(&line[at..], b"=?")
        {
            at += found;
            match word(&line[at..]) {
                Parsed::Word(word, length) => {
                    self.rest = &line[at + length..];
                    if at == 0 {
                        return Some(Segment::Word(word));
                    }
                    self.pending = Some(Segment::Word(word));
                    return Some(Segment::Text(&line[..at]));
                }
                Parsed::No => at += 2,
                Parsed::NoEnd => self.no_more = true,
            }
        }
        self.rest = b"";
        Some(Segment::Text(line))
    }
}

enum Parsed<'a> {
    /// With its length.
    Word(Word<'a>, usize),
    No,
    /// The start of a word, and no end in all that follows.
    NoEnd,
}

/// `=?charset?b-or-q?data?=` at the start of `text`. Blanks in the data are tolerated.
fn word(text: &[u8]) -> Parsed<'_> {
    let Some((charset, base64, data)) = start(text) else { return Parsed::No };
    let charset = String::from_utf8_lossy(charset).into_owned();
    let before = text.len() - data.len();
    let (end, mark) = match end_of(data, base64) {
        End::Mark(end) => (end, 2),
        // Without its mark a word must look like one in every other way.
        End::Next(end) if charset::is_named(&charset) => (end, 0),
        End::Next(_) => return Parsed::No,
        End::Field => match whole(data, base64) {
            Some(data) if charset::is_named(&charset) => {
                return Parsed::Word(Word { charset, base64, data }, text.len());
            }
            _ => return Parsed::NoEnd,
        },
    };
    Parsed::Word(Word { charset, base64, data: &data[..end] }, before + end + mark)
}

/// Charset, whether the data is Base64, and what follows.
fn start(text: &[u8]) -> Option<(&[u8], bool, &[u8])> {
    let inner = &text[2..];
    let mark = inner.iter().take(MAX_CHARSET).position(|b| *b == b'?')?;
    let charset = inner[..mark].trim_ascii();
    if !charset.iter().all(u8::is_ascii_graphic) {
        return None;
    }
    let (encoding, rest) = without_blanks(&inner[mark + 1..]).split_first()?;
    let base64 = match encoding {
        b'b' | b'B' => true,
        b'q' | b'Q' => false,
        _ => return None,
    };
    Some((charset, base64, without_blanks(rest).strip_prefix(b"?")?))
}

fn without_blanks(bytes: &[u8]) -> &[u8] {
    let blanks = bytes.iter().take(MAX_BLANKS).take_while(|b| **b == b' ').count();
    &bytes[blanks..]
}

/// How the data of a word ends, and where.
enum End {
    Mark(usize),
    /// The next word begins, so the mark is missing.
    Next(usize),
    Field,
}

fn end_of(data: &[u8], base64: bool) -> End {
    for (at, byte) in data.iter().enumerate() {
        match (byte, data.get(at + 1)) {
            (b'?', Some(b'=')) if base64 || !is_question(&data[at..]) => return End::Mark(at),
            (b' ' | b'\t', Some(b'=')) if data.get(at + 2) == Some(&b'?') => return End::Next(at),
            _ => {}
        }
    }
    End::Field
}

/// The data of a word that was cut at the end of the field: believed only if nothing else follows.
fn whole(data: &[u8], base64: bool) -> Option<&[u8]> {
    let data = data.trim_ascii_end();
    let data = data.strip_suffix(b"?").unwrap_or(data);
    let believed = if base64 {
        data.len() >= 4 && data.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
    } else {
        !data.is_empty() && data.iter().all(u8::is_ascii_graphic)
    };
    believed.then_some(data)
}

/// A question mark of the text before an escaped character, `Why?=20Because?=`, and not the end of the word.
fn is_question(data: &[u8]) -> bool {
    let [_, b'=', a, b, rest @ ..] = data else { return false };
    let escape = |b: &u8| matches!(b, b'0'..=b'9' | b'A'..=b'F');
    if !(escape(a) && escape(b)) {
        return false;
    }
    let end = rest.iter().take(MAX_WORD).position(|b| matches!(b, b' ' | b'\t' | b'?')).unwrap_or(rest.len());
    rest.get(end) == Some(&b'?') && !rest[..end].ends_with(b"=")
}

fn q(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len());
    let mut rest = data;
    loop {
        rest = match rest {
            [] => return out,
            [b'_', rest @ ..] => {
                out.push(b' ');
                rest
            }
            [b'=', a, b, rest @ ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => {
                out.push(transfer::hex_digit(*a) << 4 | transfer::hex_digit(*b));
                rest
            }
            [byte, rest @ ..] => {
                out.push(*byte);
                rest
            }
        };
    }
}

fn find(haystack: &[u8], needle: &[u8; 2]) -> Option<usize> {
    memchr_iter(needle[0], haystack).find(|at| haystack.get(at + 1) == Some(&needle[1]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(raw: &str, expected: &str, defects: &[Defect]) {
        let mut found = Defects::default();
        assert_eq!(decode(raw.as_bytes(), &mut found), expected, "{raw}");
        assert_eq!(found.into_vec(), defects, "{raw}");
    }

    #[test]
    fn words_and_text_mix() {
        check(" Hello\r\n world", "Hello world", &[]);
        check("a\rb\r\r\n c", "a b c", &[]);
        check("=?utf-8?Q?caf=C3=A9_au?= lait", "café au lait", &[]);
        check("a =?utf-8?q?b?= =?utf-8?b?Yw==?= d", "a bc d", &[]);
        check("Re: =?ISO-8859-1?q?=FCber?=", "Re: über", &[]);
        check("=?utf-8*de?q?a?=", "a", &[]);
    }

    #[test]
    fn a_character_split_between_words_is_joined() {
        check("=?utf-8?b?5pel5pys?= =?utf-8?b?6A==?=\r\n =?utf-8?b?qp4=?=", "日本語", &[]);
        check("=?utf-8?q?caf=C3?= =?UTF-8?q?=A9?=", "café", &[]);
    }

    #[test]
    fn abuse_is_tolerated() {
        check("=?utf-8?q?two words?=", "two words", &[]);
        check("x=?utf-8?q?y?=z", "xyz", &[]);
        check("=?utf-8?b?PT91dGYtOD9xP2NhZj1DMz1BOT89?=", "café", &[Defect::DoublyEncodedWord]);
        check("=?utf-8?x?abc?= end", "=?utf-8?x?abc?= end", &[Defect::MalformedEncodedWord]);
        check("=?utf-8?q?never ends", "=?utf-8?q?never ends", &[]);
        check("=?utf-8?q?caf=C3=A9", "café", &[]);
        check("=?UTF-8?B?5pel5pys6Kqe?", "日本語", &[]);
        check("=?utf-8?q?caf=C3=A9 =?utf-8?q?_noir?=", "café noir", &[]);
        check("=? utf-8 ? Q ?caf=C3=A9?=", "café", &[]);
        check("=?utf-8?Q?Wirklich?=20=C3=BCber?=", "Wirklich? über", &[]);
        check("=?utf-8?Q?a?=DE", "aDE", &[]);
        check("=?utf-8?Q??= =?utf-8?B??=x", "x", &[]);
        check("=?utf-8?b?5pel5p?= =?utf-8?b?ys6Kqe?=", "日本語", &[]);
        check("=?utf-8?b?5pel5pys?=  =?utf-8?b?6Kqe?=", "日本語", &[]);
        check("=??q?caf=C3=A9?=", "café", &[Defect::MissingCharset]);
        check("grüße", "grüße", &[Defect::EightBitHeader]);
    }

    #[test]
    fn many_false_starts_take_linear_time() {
        let raw = "=?a?q?x ".repeat(200_000);
        assert_eq!(decode(raw.as_bytes(), &mut Defects::default()), raw.trim());
    }
}
