//! A stream between an IMAP server and async-imap, which parses strictly and panics at some answers.
//!
//! Each answer is read here as servers write it: any number of blanks, bare LF, numbers of any size, dates or sizes that
//! are missing, literals anywhere. What was asked for is written anew in the words of RFC 3501; what is not understood is
//! passed over to its end, literals counted, as RFC 3501 section 2.2.2 wants it. Only this canonical form reaches
//! async-imap. A filter, because the parser under async-imap cannot be replaced; rewriting, because a list of known
//! mistakes is never complete.
//!
//! It also measures what a server announces before a buffer grows by it.

mod fetch;
mod line;
mod piece;
mod token;
mod told;

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::connect::Stream;

use fetch::{Fate, Fetch};
pub(crate) use piece::Asked;
use piece::Pieces;
pub(crate) use told::Told;

/// What async-imap talks over.
pub(crate) type Connection = Tolerant<Box<dyn Stream>>;

/// The longest answer, its literals left out, bytes.
const MAX_LINE: usize = 1024 * 1024;
/// Numbers of a longer SEARCH are handed on meanwhile, bytes.
const MAX_SEARCH: usize = 16 * 1024;
/// The longest literal that is kept as a word, bytes.
const MAX_WORD: u64 = 8 * 1024;
/// Read at once, bytes.
const READ: usize = 16 * 1024;

/// The server announced more than is allowed. Carried inside an `io::Error`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the server sends more than is allowed")]
pub(crate) struct TooLarge;

/// A stream whose answers are canonical.
#[derive(Debug)]
pub(crate) struct Tolerant<S> {
    inner: S,
    reader: Reader,
    input: Box<[u8]>,
    /// What of it was read and not looked at yet.
    unread: std::ops::Range<usize>,
}

impl<S> Tolerant<S> {
    /// No answer may have literals of more than `max_literal` bytes.
    pub(crate) fn new(inner: S, max_literal: u64) -> Self {
        Self { inner, reader: Reader::new(max_literal), input: vec![0; READ].into(), unread: 0..0 }
    }

    /// A command is sent next, which asks for this piece of a mail or for none.
    pub(crate) fn begin(&mut self, asked: Option<Asked>) {
        self.reader.signing_in = false;
        self.reader.told.begin();
        self.reader.asked = asked;
    }

    /// So many mails were found in the open folder: the server has not said it.
    pub(crate) fn counted(&mut self, exists: u32) {
        self.reader.told.holds.exists = exists;
    }

    /// What was said since.
    pub(crate) fn told(&self) -> &Told {
        &self.reader.told
    }
}

/// An answer of which a part was read.
#[derive(Debug)]
enum Answer {
    Fetch(Fetch),
    /// LIST, with literals written as quoted strings.
    Text(Vec<u8>),
    /// Something else, which a literal interrupts.
    Unknown,
}

/// Reads answers and writes them anew.
#[derive(Debug)]
struct Reader {
    max_literal: u64,
    /// Whatever comes before the request to go on, async-imap takes for AUTHENTICATE's end, and waits for ever.
    signing_in: bool,
    told: Told,
    asked: Option<Asked>,
    pieces: Pieces,
    /// The present line.
    line: Vec<u8>,
    /// Bytes of the present answer, its literals left out.
    text: usize,
    /// Bytes of literals that the present answer may still show.
    left: u64,
    answer: Option<Answer>,
    /// Of the present literal: bytes to pass over, to show, and to pass over again.
    literal: Option<(u64, u64, u64)>,
    keeps: bool,
    out: Vec<u8>,
    shown: usize,
}

impl Reader {
    fn new(max_literal: u64) -> Self {
        Self {
            max_literal,
            signing_in: true,
            told: Told::default(),
            asked: None,
            pieces: Pieces::default(),
            line: Vec::new(),
            text: 0,
            left: max_literal,
            answer: None,
            literal: None,
            keeps: false,
            out: Vec::new(),
            shown: 0,
        }
    }

    /// Takes some of these bytes; how many.
    fn take(&mut self, bytes: &[u8]) -> Result<usize, TooLarge> {
        if self.literal.is_some() {
            return Ok(self.take_literal(bytes));
        }
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let taken = bytes.get(..end.unwrap_or(bytes.len())).unwrap_or_default();
        self.line.extend_from_slice(taken);
        self.text += taken.len() + 1;
        if end.is_some() {
            self.end_of_line()?;
        } else if self.answer.is_none() && self.line.len() > MAX_SEARCH {
            self.cut_search();
        }
        if self.text > MAX_LINE { Err(TooLarge) } else { Ok(taken.len() + usize::from(end.is_some())) }
    }

    /// A SEARCH of a large mailbox has one line: its numbers are handed on before it ends.
    fn cut_search(&mut self) {
        let (star, rest) = token::word(&self.line);
        let (name, _) = token::word(rest);
        if star != b"*" || !name.eq_ignore_ascii_case(b"SEARCH") {
            return;
        }
        let Some(blank) = self.line.iter().rposition(u8::is_ascii_whitespace) else { return };
        let rest = self.line.split_off(blank);
        line::render(&self.line, &mut self.told, &mut self.out);
        self.line = [b"* SEARCH", rest.as_slice()].concat();
        self.text = self.line.len();
    }

    fn take_literal(&mut self, bytes: &[u8]) -> usize {
        let Some((skip, show, rest)) = &mut self.literal else { return 0 };
        let mut taken = 0;
        let mut part = |left: &mut u64| {
            let length = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len() - taken);
            let part = bytes.get(taken..taken + length).unwrap_or_default();
            taken += length;
            *left -= length as u64;
            part
        };
        part(skip);
        let shown = part(show);
        if self.keeps {
            self.line.extend_from_slice(shown);
        } else {
            self.out.extend_from_slice(shown);
        }
        part(rest);
        if (*skip, *show, *rest) == (0, 0, 0) {
            self.end_of_literal();
        }
        taken
    }

    fn end_of_literal(&mut self) {
        self.literal = None;
        if std::mem::take(&mut self.keeps)
            && let Some(Answer::Text(text)) = &mut self.answer
        {
            text.push(b' ');
            line::quote(&std::mem::take(&mut self.line), text);
        }
    }

    fn end_of_line(&mut self) -> Result<(), TooLarge> {
        let line = std::mem::take(&mut self.line);
        let line = line.trim_ascii_end();
        let begins = self.answer.is_none();
        let announced = if begins && !has_literals(line) { None } else { announced(line) };
        let text = announced.map_or(line, |(text, _)| text);
        if begins {
            self.answer = match sequence_of_fetch(text) {
                Some((sequence, rest)) => {
                    let mut fetch = Fetch::new(sequence);
                    fetch.text(rest, &mut self.out);
                    Some(Answer::Fetch(fetch))
                }
                None if announced.is_none() => None,
                None if is_list(text) => Some(Answer::Text(text.to_vec())),
                None => Some(Answer::Unknown),
            };
        } else {
            self.go_on(text);
        }
        match (announced, self.answer.take()) {
            (Some((_, length)), Some(answer)) => self.begin_literal(length, answer),
            (_, answer) => {
                self.end_of_answer(line, answer);
                Ok(())
            }
        }
    }

    fn go_on(&mut self, more: &[u8]) {
        match &mut self.answer {
            Some(Answer::Fetch(fetch)) => fetch.text(more, &mut self.out),
            Some(Answer::Text(text)) => {
                text.push(b' ');
                text.extend_from_slice(more);
            }
            _ => {}
        }
    }

    fn begin_literal(&mut self, length: u64, mut answer: Answer) -> Result<(), TooLarge> {
        let fate = match &mut answer {
            Answer::Fetch(fetch) => {
                let window = self.asked.map(|asked| (asked, &mut self.pieces));
                fetch.literal(length, window, &mut self.out)
            }
            Answer::Text(_) if length <= MAX_WORD => Fate::Keep,
            _ => Fate::Drop,
        };
        self.answer = Some(answer);
        self.keeps = fate == Fate::Keep;
        let (skip, show) = match fate {
            Fate::Show { skip, show } => (skip, show),
            Fate::Keep => (0, length),
            Fate::Drop => (length, 0),
        };
        self.left = self.left.checked_sub(show).ok_or(TooLarge)?;
        self.literal = Some((skip, show, length - skip - show));
        if length == 0 {
            self.end_of_literal();
        }
        Ok(())
    }

    fn end_of_answer(&mut self, line: &[u8], answer: Option<Answer>) {
        match answer {
            Some(Answer::Fetch(fetch)) => {
                fetch.end(&mut self.out);
                if let Some(absurd) = fetch.absurd {
                    self.told.absurd = Some(absurd);
                }
            }
            Some(Answer::Text(text)) => line::render(&text, &mut self.told, &mut self.out),
            Some(Answer::Unknown) => {}
            None => {
                let mut aside = Vec::new();
                let hidden = self.signing_in && token::word(line).0 == b"*";
                line::render(line, &mut self.told, if hidden { &mut aside } else { &mut self.out });
            }
        }
        self.text = 0;
        self.left = self.max_literal;
    }

    /// Shows what was written, as much as fits.
    fn show(&mut self, buf: &mut ReadBuf<'_>) {
        let rest = self.out.get(self.shown..).unwrap_or_default();
        let length = rest.len().min(buf.remaining());
        buf.put_slice(rest.get(..length).unwrap_or_default());
        self.shown += length;
        if self.shown == self.out.len() {
            self.out.clear();
            self.shown = 0;
        }
    }
}

/// What is said for people may end in anything: a tagged end, a request to go on, `* OK …`.
fn has_literals(line: &[u8]) -> bool {
    let (star, rest) = token::word(line);
    star == b"*" && !line::is_status(token::word(rest).0)
}

/// What stands before the announcement of a literal, and its length: `{12}`, `{12+}`, `~{12}`.
fn announced(line: &[u8]) -> Option<(&[u8], u64)> {
    let inner = line.strip_suffix(b"}")?;
    let at = inner.iter().rposition(|byte| *byte == b'{')?;
    let (text, digits) = (line.get(..at)?, inner.get(at + 1..)?);
    let digits = digits.strip_suffix(b"+").unwrap_or(digits);
    let length = token::number(digits.trim_ascii())?;
    Some((text.strip_suffix(b"~").unwrap_or(text), length))
}

/// `* 12 FETCH …`.
fn sequence_of_fetch(line: &[u8]) -> Option<(u64, &[u8])> {
    let (star, rest) = token::word(line);
    let (sequence, rest) = token::word(rest);
    let sequence = token::number(sequence).filter(|_| star == b"*")?;
    let name = rest.get(..5).filter(|name| name.eq_ignore_ascii_case(b"FETCH"))?;
    let rest = rest.get(name.len()..)?;
    matches!(rest.first(), None | Some(b' ' | b'\t' | b'(')).then_some((sequence, rest))
}

fn is_list(line: &[u8]) -> bool {
    let (_, rest) = token::word(line);
    token::word(rest).0.eq_ignore_ascii_case(b"LIST")
}

impl<S: AsyncRead + Unpin> AsyncRead for Tolerant<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        loop {
            if !this.reader.out.is_empty() {
                this.reader.show(buf);
                return Poll::Ready(Ok(()));
            }
            let unread = this.input.get(this.unread.clone()).unwrap_or_default();
            if !unread.is_empty() {
                this.unread.start += this.reader.take(unread).map_err(io::Error::other)?;
                continue;
            }
            let mut fresh = ReadBuf::new(&mut this.input);
            ready!(Pin::new(&mut this.inner).poll_read(cx, &mut fresh))?;
            let length = fresh.filled().len();
            this.unread = 0..length;
            if length == 0 {
                // What came of an answer that was cut off is nothing.
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Tolerant<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
#[path = "tolerant_tests.rs"]
mod tests;
