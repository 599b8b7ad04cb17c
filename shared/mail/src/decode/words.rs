//! Encoded words in header fields (RFC 2047), also as many programs wrongly write them.

use crate::defect::{Defect, Defects};

use super::{
    charset,
    transfer::{self, Decoder},
};

/// A charset's name in an encoded word is not longer.
const MAX_CHARSET: usize = 64;

/// Decodes an unstructured field to one line: unfolded, encoded words and 8-bit bytes decoded, blanks trimmed.
pub(crate) fn decode(raw: &[u8], defects: &mut Defects) -> String {
    let once = decode_once(&unfold(raw), defects);
    let twice = if once.contains("=?") && once.contains("?=") {
        let mut ignored = Defects::default();
        let twice = decode_once(once.as_bytes(), &mut ignored);
        if twice != once && raw.contains(&b'=') && had_words(raw) {
            defects.note(Defect::DoublyEncodedWord);
            twice
        } else {
            once
        }
    } else {
        once
    };
    one_line(&twice)
}

/// Line ends are folding, not text.
pub(crate) fn unfold(raw: &[u8]) -> Vec<u8> {
    raw.iter().copied().filter(|b| !matches!(b, b'\r' | b'\n')).collect()
}

/// No control characters, no blanks around.
fn one_line(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    text.trim().to_owned()
}

fn had_words(raw: &[u8]) -> bool {
    Words::new(&unfold(raw)).any(|segment| matches!(segment, Segment::Word { .. }))
}

fn decode_once(line: &[u8], defects: &mut Defects) -> String {
    let mut out = String::with_capacity(line.len());
    let mut run = Run::default();
    let mut blank: &[u8] = b"";
    for segment in Words::new(line) {
        match segment {
            Segment::Word { charset, bytes } => {
                if !run.is_open() {
                    out.push_str(&plain(blank, defects));
                }
                blank = b"";
                run.add(charset, &bytes, &mut out, defects);
            }
            // Blanks between two encoded words are not text.
            Segment::Text(text) if text.iter().all(|b| matches!(b, b' ' | b'\t')) => blank = text,
            Segment::Text(text) => {
                run.end(&mut out, defects);
                out.push_str(&plain(blank, defects));
                blank = b"";
                out.push_str(&plain(text, defects));
            }
        }
    }
    run.end(&mut out, defects);
    out.push_str(&plain(blank, defects));
    out
}

/// The line with 8-bit text as UTF-8, and each run of encoded words as one word in UTF-8, for a grammar that has its
/// own idea of words and charsets.
pub(crate) fn in_utf8(line: &[u8], defects: &mut Defects) -> Vec<u8> {
    let mut out = Vec::with_capacity(line.len());
    let mut run = Run::default();
    let end = |run: &mut Run, out: &mut Vec<u8>, defects: &mut Defects| {
        let mut text = String::new();
        run.end(&mut text, defects);
        if !text.is_empty() {
            out.extend_from_slice(b" =?utf-8?q?");
            out.extend(text.bytes().flat_map(|b| format!("={b:02X}").into_bytes()));
            out.extend_from_slice(b"?= ");
        }
    };
    for segment in Words::new(line) {
        match segment {
            Segment::Word { charset, bytes } => {
                if run.charset.as_ref().is_some_and(|open| !open.eq_ignore_ascii_case(&charset)) {
                    end(&mut run, &mut out, defects);
                }
                run.add(charset, &bytes, &mut String::new(), defects);
            }
            Segment::Text(text) if run.is_open() && text.iter().all(|b| matches!(b, b' ' | b'\t')) => {}
            Segment::Text(text) => {
                end(&mut run, &mut out, defects);
                out.extend_from_slice(plain(text, defects).as_bytes());
            }
        }
    }
    end(&mut run, &mut out, defects);
    out
}

fn plain(text: &[u8], defects: &mut Defects) -> String {
    if text.is_ascii() && !text.contains(&0x1B) {
        if text.windows(2).any(|pair| pair == b"=?") && text.windows(2).any(|pair| pair == b"?=") {
            defects.note(Defect::MalformedEncodedWord);
        }
        return String::from_utf8_lossy(text).into_owned();
    }
    defects.note(Defect::EightBitHeader);
    charset::decode(text, None, &mut Defects::default())
}

/// Neighbouring words of one charset: joined as bytes, because a character may be split between them.
#[derive(Default)]
struct Run {
    charset: Option<String>,
    bytes: Vec<u8>,
}

impl Run {
    fn is_open(&self) -> bool {
        self.charset.is_some()
    }

    fn add(&mut self, charset: String, bytes: &[u8], out: &mut String, defects: &mut Defects) {
        if self.charset.as_ref().is_none_or(|open| !open.eq_ignore_ascii_case(&charset)) {
            self.end(out, defects);
            self.charset = Some(charset);
        }
        self.bytes.extend_from_slice(bytes);
    }

    fn end(&mut self, out: &mut String, defects: &mut Defects) {
        if let Some(charset) = self.charset.take() {
            out.push_str(&charset::decode(&self.bytes, Some(&charset), defects));
            self.bytes.clear();
        }
    }
}

enum Segment<'a> {
    Text(&'a [u8]),
    Word { charset: String, bytes: Vec<u8> },
}

/// Splits a line into encoded words and what lies between them, in linear time.
struct Words<'a> {
    rest: &'a [u8],
    pending: Option<Segment<'a>>,
    /// No `?=` follows any more, so no word does.
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
        while !self.no_more {
            let Some(found) = find(&line[at..], b"=?") else { break };
            at += found;
            match word(&line[at..]) {
                Parsed::Word { charset, bytes, length } => {
                    self.rest = &line[at + length..];
                    let word = Segment::Word { charset, bytes };
                    if at == 0 {
                        return Some(word);
                    }
                    self.pending = Some(word);
                    return Some(Segment::Text(&line[..at]));
                }
                Parsed::NoEnd => self.no_more = true,
                Parsed::No => at += 2,
            }
        }
        self.rest = b"";
        Some(Segment::Text(line))
    }
}

enum Parsed {
    Word { charset: String, bytes: Vec<u8>, length: usize },
    No,
    NoEnd,
}

/// `=?charset?b-or-q?data?=` at the start of `text`. Blanks in the data are tolerated.
fn word(text: &[u8]) -> Parsed {
    let inner = &text[2..];
    let Some(mark) = inner.iter().take(MAX_CHARSET).position(|b| *b == b'?') else { return Parsed::No };
    let charset = &inner[..mark];
    let (Some(encoding), Some(b'?')) = (inner.get(mark + 1), inner.get(mark + 2)) else { return Parsed::No };
    if charset.is_empty() || !charset.iter().all(|b| b.is_ascii_graphic()) {
        return Parsed::No;
    }
    if !matches!(encoding, b'b' | b'B' | b'q' | b'Q') {
        return Parsed::No;
    }
    let data = &inner[mark + 3..];
    let Some(end) = find(data, b"?=") else { return Parsed::NoEnd };
    let length = 2 + mark + 3 + end + 2;
    let charset = String::from_utf8_lossy(charset).into_owned();
    let bytes = if matches!(encoding, b'q' | b'Q') {
        q(&data[..end])
    } else {
        let mut defects = Defects::default();
        transfer::decode(Decoder::of("base64", &mut defects), &data[..end], &mut defects)
    };
    Parsed::Word { charset, bytes, length }
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
    haystack.windows(2).position(|pair| pair == needle)
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
        check("grüße", "grüße", &[Defect::EightBitHeader]);
    }

    #[test]
    fn many_false_starts_take_linear_time() {
        let raw = "=?a?q?x ".repeat(200_000);
        assert_eq!(decode(raw.as_bytes(), &mut Defects::default()), raw.trim());
    }
}
