//! Encoded words in header fields (RFC 2047), also as many programs wrongly write them.

mod segments;

use std::ops::Range;

use memchr::memchr2;

use crate::defect::{Defect, Defects};

use super::charset::{self, Hint};

use segments::{Segment, Word, Words, base64, find};

/// Decodes an unstructured field to one line: unfolded, encoded words and 8-bit bytes decoded, blanks trimmed.
pub(crate) fn decode(raw: &[u8], defects: &mut Defects) -> String {
    decode_with(raw, &Hint::default(), defects)
}

/// [`decode`], where defects do not count.
pub(crate) fn plain(raw: &[u8]) -> String {
    decode(raw, &mut Defects::default())
}

/// [`decode`], with what the rest of the mail says of charsets.
pub(crate) fn decode_with(raw: &[u8], hint: &Hint, defects: &mut Defects) -> String {
    let mut line = unfold(raw);
    let plain = line.iter().fold(true, |plain, b| plain & matches!(b, b' '..=b'~' | b'\t'));
    if plain && find(&line, b"=?").is_none() {
        // The ordinary field is its own value.
        line.truncate(line.trim_ascii_end().len());
        line.drain(..line.len() - line.trim_ascii_start().len());
        line.iter_mut().filter(|b| **b == b'\t').for_each(|b| *b = b' ');
        return String::from_utf8(line).unwrap_or_default();
    }
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
