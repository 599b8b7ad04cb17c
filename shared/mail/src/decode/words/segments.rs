//! Encoded words found in a line, also where they are not quite right.

use memchr::memchr_iter;

use crate::{
    decode::{
        charset,
        transfer::{self, Decoder},
    },
    defect::Defects,
};

/// A charset's name in an encoded word is not longer.
const MAX_CHARSET: usize = 64;
/// Blanks that may stand around the encoding of a word.
const MAX_BLANKS: usize = 4;
/// How far the rest of a word is looked at.
const MAX_WORD: usize = 256;

pub(super) enum Segment<'a> {
    Text(&'a [u8]),
    Word(Word<'a>),
}

/// An encoded word, not yet decoded.
pub(super) struct Word<'a> {
    pub(super) charset: String,
    pub(super) base64: bool,
    pub(super) data: &'a [u8],
}

impl Word<'_> {
    pub(super) fn decoded(&self) -> Vec<u8> {
        if self.base64 { base64(self.data) } else { q(self.data) }
    }
}

pub(super) fn base64(data: &[u8]) -> Vec<u8> {
    let mut ignored = Defects::default();
    transfer::decode(Decoder::base64(), data, &mut ignored)
}

/// Splits a line into encoded words and what lies between them, in linear time.
pub(super) struct Words<'a> {
    rest: &'a [u8],
    pending: Option<Segment<'a>>,
    /// No end follows any more, so no word does.
    no_more: bool,
}

impl<'a> Words<'a> {
    pub(super) fn new(line: &'a [u8]) -> Self {
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

pub(super) fn find(haystack: &[u8], needle: &[u8; 2]) -> Option<usize> {
    memchr_iter(needle[0], haystack).find(|at| haystack.get(at + 1) == Some(&needle[1]))
}
