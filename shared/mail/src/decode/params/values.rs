//! Parameters of Content-Type and Content-Disposition (RFC 2045, RFC 2231), as programs write them.

use crate::{
    decode::{
        charset::{self, Hint},
        transfer, words,
    },
    defect::Defects,
};

/// More parameters than this are an attack.
const MAX_PARAMS: usize = 100;
/// How far is looked for what tells whether a quote closes its string.
const MAX_NAME: usize = 40;

/// Names that begin a parameter also where the semicolon before it is missing.
const NAMES: [&str; 12] = [
    "boundary",
    "charset",
    "creation-date",
    "delsp",
    "filename",
    "format",
    "method",
    "micalg",
    "name",
    "protocol",
    "reply-type",
    "type",
];

/// One parameter, or one piece of one, as written.
#[derive(Debug, Clone)]
pub(super) struct Param {
    name: String,
    /// From `name*0`.
    piece: Option<u32>,
    /// From a `*` at the end of the name: charset and percent escapes.
    extended: bool,
    bytes: Vec<u8>,
}

impl Param {
    /// One that stands for itself.
    pub(super) fn plain(name: &str, value: &str) -> Self {
        Self { name: name.to_owned(), piece: None, extended: false, bytes: value.as_bytes().to_vec() }
    }
}

/// A parameter, put together.
pub(super) struct Value {
    pub(super) bytes: Vec<u8>,
    charset: Option<String>,
    extended: bool,
}

impl Value {
    pub(super) fn text(&self, hint: &Hint, defects: &mut Defects) -> String {
        if self.extended {
            let text = charset::decode_with(&self.bytes, self.charset.as_deref(), hint, defects);
            // Some programs do both.
            let both = text.contains("=?") && text.contains("?=");
            return if both { words::decode(text.as_bytes(), defects) } else { text };
        }
        // The form of RFC 2231 without the star that announces it.
        if let (Some(charset), bytes) = charset_of(&self.bytes)
            && charset::is_named(&charset)
            && bytes.contains(&b'%')
        {
            return charset::decode_with(&transfer::percent(bytes), Some(&charset), hint, defects);
        }
        // Encoded words in parameters are forbidden and everywhere.
        words::decode_with(&self.bytes, hint, defects)
    }
}

/// The value of `name`: the extended form first, then the pieces, then the plain form.
pub(super) fn joined(params: &[Param], name: &str) -> Option<Value> {
    let of = |wanted: &dyn Fn(&Param) -> bool| params.iter().find(|p| p.name == name && wanted(p));
    if let Some(param) = of(&|p| p.extended && p.piece.is_none()) {
        let (charset, bytes) = charset_of(&param.bytes);
        return Some(Value { bytes: transfer::percent(bytes), charset, extended: true });
    }
    let mut pieces: Vec<&Param> = params.iter().filter(|p| p.name == name && p.piece.is_some()).collect();
    if !pieces.is_empty() {
        pieces.sort_by_key(|p| p.piece);
        return Some(together(&pieces));
    }
    of(&|p| p.piece.is_none()).map(|p| Value { bytes: p.bytes.clone(), charset: None, extended: false })
}

fn together(pieces: &[&Param]) -> Value {
    let mut value = Value { bytes: Vec::new(), charset: None, extended: pieces.iter().any(|p| p.extended) };
    // An escape may be cut between two pieces, so neighbours are joined before they are decoded.
    let mut escaped: Vec<u8> = Vec::new();
    for (n, piece) in pieces.iter().enumerate() {
        let (mut bytes, mut extended) = (piece.bytes.as_slice(), piece.extended);
        if n == 0 && value.extended {
            let (charset, rest) = charset_of(bytes);
            // The star may be forgotten.
            extended |= charset.as_deref().is_some_and(charset::is_named);
            if extended {
                (value.charset, bytes) = (charset, rest);
            }
        }
        if extended {
            escaped.extend_from_slice(bytes);
        } else {
            value.bytes.extend(transfer::percent(&std::mem::take(&mut escaped)));
            value.bytes.extend_from_slice(bytes);
        }
    }
    value.bytes.extend(transfer::percent(&escaped));
    value
}

/// `charset'language'rest`; without quotes all is the rest.
fn charset_of(bytes: &[u8]) -> (Option<String>, &[u8]) {
    let mut quotes = bytes.iter().enumerate().filter(|(_, b)| **b == b'\'').map(|(at, _)| at);
    match (quotes.next(), quotes.next()) {
        (Some(first), Some(second)) => {
            (Some(String::from_utf8_lossy(&bytes[..first]).into_owned()), &bytes[second + 1..])
        }
        _ => (None, bytes),
    }
}

/// The word before the first semicolon in lower case, and the parameters.
pub(super) fn split(raw: &[u8]) -> (String, Vec<Param>) {
    let mut cursor = Cursor { rest: raw };
    let before = cursor.until(b";=");
    let before = String::from_utf8_lossy(&before);
    let mut params = Vec::new();
    // `text/plain charset=utf-8`: the semicolon is missing, and perhaps the word too.
    let (word, name) = match cursor.rest.first() {
        Some(b'=') => before.trim().rsplit_once([' ', '\t', ',']).unwrap_or(("", before.trim())),
        _ => (before.as_ref(), ""),
    };
    if cursor.skip(b"=") {
        params.push(param(name, cursor.value()));
    }
    while params.len() < MAX_PARAMS && (cursor.skip(b";") || !cursor.rest.is_empty()) {
        let name = cursor.until(b"=;");
        if cursor.skip(b"=") {
            params.push(param(&String::from_utf8_lossy(&name), cursor.value()));
        }
    }
    let word = word.trim().trim_matches(['"', '\'', ',', ':']).trim();
    (word.to_ascii_lowercase(), params)
}

fn param(name: &str, bytes: Vec<u8>) -> Param {
    let name = name.trim().trim_matches(['"', '\'', ',']).to_ascii_lowercase();
    let name = name.as_str();
    let (name, extended) = match name.strip_suffix('*') {
        Some(name) => (name, true),
        None => (name, false),
    };
    let (name, piece) = match name.split_once('*') {
        Some((name, piece)) => (name, piece.parse().ok()),
        None => (name, None),
    };
    // Some programs know only the quotes of the shell.
    let bytes = match bytes.as_slice() {
        [b'\'', inner @ .., b'\''] if name.ends_with("name") && !inner.contains(&b'\'') => inner.to_vec(),
        _ => bytes,
    };
    Param { name: name.to_owned(), piece, extended, bytes }
}

struct Cursor<'a> {
    rest: &'a [u8],
}

impl Cursor<'_> {
    fn skip(&mut self, byte: &[u8; 1]) -> bool {
        match self.rest.strip_prefix(byte) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Up to one of `ends`, comments left out.
    fn until(&mut self, ends: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut depth = 0u32;
        while let Some((byte, rest)) = self.rest.split_first() {
            match byte {
                b'(' => depth += 1,
                b')' if depth > 0 => depth -= 1,
                _ if depth > 0 => {}
                _ if ends.contains(byte) => return out,
                _ => out.push(*byte),
            }
            self.rest = rest;
        }
        out
    }

    /// A quoted string or what stands up to the next semicolon.
    fn value(&mut self) -> Vec<u8> {
        let trimmed = self.rest.trim_ascii_start();
        if let Some(rest) = trimmed.strip_prefix(b"\"")
            && let Some((value, after)) = quoted(rest)
        {
            self.rest = after;
            if !begins_parameter(after) {
                self.until(b";");
            }
            return value;
        }
        let end = trimmed.iter().position(|b| *b == b';').unwrap_or(trimmed.len());
        let value = &trimmed[..end];
        let end = missing_semicolon(value).unwrap_or(end);
        self.rest = &trimmed[end..];
        let value = trimmed[..end].trim_ascii();
        value.strip_prefix(b"\"").unwrap_or(value).to_vec()
    }
}

/// A quoted string behind its first quote, and what follows; None if it never ends.
/// A quote in the middle, `"a "b" c.txt"`, is text.
fn quoted(raw: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut out = Vec::new();
    let mut rest = raw;
    loop {
        rest = match rest {
            [] => return None,
            // Only what needs it is escaped: programs put Windows paths in here as they are.
            [b'\\', escaped @ (b'"' | b'\\'), after @ ..] => {
                out.push(*escaped);
                after
            }
            [b'"', after @ ..] if closes(after) => return Some((out, after)),
            [byte, after @ ..] => {
                out.push(*byte);
                after
            }
        };
    }
}

fn closes(after: &[u8]) -> bool {
    let near = after[..after.len().min(MAX_NAME)].trim_ascii_start();
    matches!(near.first(), None | Some(b';' | b'(' | b',')) || begins_parameter(after)
}

/// `name=`, `filename*0*=`
fn begins_parameter(bytes: &[u8]) -> bool {
    let near = bytes[..bytes.len().min(MAX_NAME)].trim_ascii_start();
    let name = near.iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'*')).count();
    name > 0 && near.get(name) == Some(&b'=')
}

/// Where in a value without quotes a known parameter begins: `utf-8 name=a.txt`.
fn missing_semicolon(value: &[u8]) -> Option<usize> {
    let blanks = value.iter().enumerate().filter(|(_, b)| matches!(b, b' ' | b'\t')).map(|(at, _)| at);
    let known = |at: &usize| {
        let near = &value[at + 1..value.len().min(at + 1 + MAX_NAME)];
        let end = near.iter().position(|b| matches!(b, b'=' | b'*'));
        end.is_some_and(|end| NAMES.iter().any(|name| near[..end].eq_ignore_ascii_case(name.as_bytes())))
    };
    blanks.take(MAX_PARAMS).find(known)
}
