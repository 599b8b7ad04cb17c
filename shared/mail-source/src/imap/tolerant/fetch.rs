//! FETCH, attribute by attribute: what was asked for is written anew as RFC 3501 has it, everything else is left out.

use super::{
    piece::{Asked, Pieces},
    token::{Token, Tokens, number},
};

/// What becomes of a literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// So many bytes are passed over, then so many are shown; the rest is passed over.
    Show { skip: u64, show: u64 },
    /// Kept as a word of the answer.
    Keep,
    /// Passed over.
    Drop,
}

/// The attribute whose value comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Name {
    Uid,
    Size,
    Date,
    /// `BODY[]` or a piece of it, from this byte on where that is said.
    Body(Option<u64>),
    Header,
    /// `BODY` alone: a structure, or a section that is set apart by blanks.
    BareBody,
    Other,
}

/// An answer to FETCH under way.
#[derive(Debug)]
pub(super) struct Fetch {
    sequence: u32,
    depth: usize,
    name: Option<Name>,
    /// Its list of attributes has begun.
    opened: bool,
    /// Something was written.
    begun: bool,
    /// Something that cannot be and must not be passed over.
    pub(super) absurd: Option<String>,
}

impl Fetch {
    pub(super) fn new(sequence: u64) -> Self {
        let sequence = u32::try_from(sequence).unwrap_or(u32::MAX);
        Self { sequence, depth: 0, name: None, opened: false, begun: false, absurd: None }
    }

    /// The next words, up to a literal or the end.
    pub(super) fn text(&mut self, text: &[u8], out: &mut Vec<u8>) {
        for token in Tokens::new(text) {
            match token {
                Token::Open => {
                    self.depth += 1;
                    self.opened = true;
                }
                Token::Close => {
                    self.depth = self.depth.saturating_sub(1);
                    self.name = None;
                }
                Token::Atom(word) if self.depth == 1 => self.word(word, out),
                Token::Quoted(text) if self.depth == 1 => self.quoted(&text, out),
                _ if !self.opened => self.absurd = Some("what it says of a mail cannot be read".to_owned()),
                _ => {}
            }
        }
    }

    fn word(&mut self, word: &[u8], out: &mut Vec<u8>) {
        let value = number(word);
        match (self.name.take(), value) {
            (Some(Name::Uid), Some(uid)) => self.uid(uid, out),
            (Some(Name::Size), Some(size)) => {
                self.attribute(&format!("RFC822.SIZE {}", size.min(u32::MAX.into())), out);
            }
            // Larger than 64 bits: as absurd as any other that no mail has.
            (Some(Name::Size), None) if word.iter().all(u8::is_ascii_digit) => {
                self.attribute(&format!("RFC822.SIZE {}", u32::MAX), out);
            }
            (Some(Name::Uid), None) if word.first().is_some_and(u8::is_ascii_digit) => self.note_absurd(word),
            (Some(Name::BareBody), _) if word.first() == Some(&b'[') => {
                self.name = Some(name(&[b"BODY", word].concat()));
            }
            // The end of something that cannot be read: what we ask for is nobody's value.
            (Some(Name::Other), _) if name(word) != Name::Other => self.name = Some(name(word)),
            (Some(Name::Date), _) if name(word) == Name::Other => {}
            (Some(Name::Other | Name::BareBody), _) => {}
            (Some(_), _) if word.eq_ignore_ascii_case(b"NIL") => {}
            // A name without its value: this is the next one.
            _ => self.name = Some(name(word)),
        }
    }

    fn uid(&mut self, uid: u64, out: &mut Vec<u8>) {
        match u32::try_from(uid) {
            Ok(uid) if uid > 0 => self.attribute(&format!("UID {uid}"), out),
            _ => self.note_absurd(uid.to_string().as_bytes()),
        }
    }

    fn note_absurd(&mut self, uid: &[u8]) {
        let uid: String = String::from_utf8_lossy(uid).chars().take(40).collect();
        self.absurd = Some(format!("a mail has the UID {uid}, which is none"));
    }

    fn quoted(&mut self, text: &[u8], out: &mut Vec<u8>) {
        match self.name.take() {
            Some(Name::Date) => {
                let plain = |byte: &u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
                if !text.is_empty() && text.iter().all(plain) {
                    self.attribute(&format!("INTERNALDATE \"{}\"", String::from_utf8_lossy(text)), out);
                }
            }
            Some(name @ (Name::Body(_) | Name::Header)) => {
                self.begin_literal(name, text.len() as u64, out);
                out.extend_from_slice(text);
            }
            _ => {}
        }
    }

    /// A literal of so many bytes comes next.
    pub(super) fn literal(
        &mut self,
        length: u64,
        asked: Option<(Asked, &mut Pieces)>,
        out: &mut Vec<u8>,
    ) -> Fate {
        let Some(name @ (Name::Body(_) | Name::Header)) = self.name.take().filter(|_| self.depth == 1) else {
            return Fate::Drop;
        };
        let window = match (name, asked) {
            (Name::Body(origin), Some((asked, pieces))) => asked.window(origin, length, pieces),
            _ => Some((0, length)),
        };
        let Some((skip, show)) = window else {
            self.absurd = Some("another piece of the mail came than was asked for".to_owned());
            return Fate::Drop;
        };
        self.begin_literal(name, show, out);
        Fate::Show { skip, show }
    }

    fn begin_literal(&mut self, name: Name, length: u64, out: &mut Vec<u8>) {
        let section = if name == Name::Header { "HEADER" } else { "" };
        self.attribute(&format!("BODY[{section}] {{{length}}}\r\n"), out);
    }

    fn attribute(&mut self, text: &str, out: &mut Vec<u8>) {
        let before = if self.begun { " ".to_owned() } else { format!("* {} FETCH (", self.sequence) };
        self.begun = true;
        out.extend_from_slice(before.as_bytes());
        out.extend_from_slice(text.as_bytes());
    }

    /// The end of the answer. What held nothing that was asked for is left out whole.
    pub(super) fn end(&self, out: &mut Vec<u8>) {
        if self.begun {
            out.extend_from_slice(b")\r\n");
        }
    }
}

/// `BODY[]<0.1>` for `BODY[]<0>` is known, and so are blanks in it.
fn name(word: &[u8]) -> Name {
    let word = word.to_ascii_uppercase();
    match word.as_slice() {
        b"UID" => Name::Uid,
        b"RFC822.SIZE" => Name::Size,
        b"INTERNALDATE" => Name::Date,
        b"RFC822" => Name::Body(None),
        b"RFC822.HEADER" => Name::Header,
        b"BODY" | b"BODY.PEEK" => Name::BareBody,
        other => section(other),
    }
}

fn section(word: &[u8]) -> Name {
    let Some(rest) = word.strip_prefix(b"BODY[").or_else(|| word.strip_prefix(b"BODY.PEEK[")) else {
        return Name::Other;
    };
    let Some(end) = rest.iter().rposition(|byte| *byte == b']') else { return Name::Other };
    let (section, origin) = rest.split_at(end);
    let digits = |text: &[u8]| -> Vec<u8> {
        text.iter()
            .skip_while(|byte| !byte.is_ascii_digit())
            .take_while(|byte| byte.is_ascii_digit())
            .copied()
            .collect()
    };
    match section.trim_ascii() {
        b"" => Name::Body(number(&digits(origin)).filter(|_| origin.len() > 1)),
        section if section.starts_with(b"HEADER") => Name::Header,
        _ => Name::Other,
    }
}
