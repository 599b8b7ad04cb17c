//! The words of an answer, however it is written: any number of blanks, quotes that never close, brackets within words.

use std::borrow::Cow;

/// One word of an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Open,
    Close,
    /// With its brackets and what stands in them: `BODY[HEADER.FIELDS (DATE)]<0>`.
    Atom(&'a [u8]),
    /// Without its quotes and backslashes.
    Quoted(Cow<'a, [u8]>),
}

/// The words of one piece of an answer.
pub(super) struct Tokens<'a> {
    left: &'a [u8],
    /// A quoted string began that has no end: from there on, quotes are like any other byte, so that it does not swallow
    /// what stands behind it.
    unclosed: bool,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self { left: text, unclosed: false }
    }

    fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.left.split_at(length.min(self.left.len()));
        self.left = rest;
        taken
    }

    /// Whether the quoted string that begins here has an end.
    fn closes(&mut self) -> bool {
        let mut escaped = true;
        let is_end = |byte: &u8| {
            let ends = *byte == b'"' && !escaped;
            escaped = *byte == b'\\' && !escaped;
            ends
        };
        self.unclosed = self.unclosed || !self.left.iter().any(is_end);
        !self.unclosed
    }

    fn quoted(&mut self) -> Token<'a> {
        let mut text = Cow::Borrowed(&b""[..]);
        self.take(1);
        while let Some(at) = self.left.iter().position(|byte| matches!(byte, b'"' | b'\\')) {
            let part = self.take(at);
            join(&mut text, part);
            let mark = self.take(1);
            if mark == b"\"" {
                return Token::Quoted(text);
            }
            let escaped = self.take(1);
            join(&mut text, escaped);
        }
        let rest = self.take(usize::MAX);
        join(&mut text, rest);
        Token::Quoted(text)
    }

    fn atom(&mut self) -> Token<'a> {
        let (mut depth, unclosed) = (0usize, self.unclosed);
        let ends = |byte: &u8| {
            match byte {
                b'[' => depth += 1,
                b']' => depth = depth.saturating_sub(1),
                b' ' | b'\t' | b'(' | b')' if depth == 0 => return true,
                b'"' if depth == 0 && !unclosed => return true,
                _ => {}
            }
            false
        };
        let end = self.left.iter().position(ends).unwrap_or(self.left.len());
        Token::Atom(self.take(end))
    }
}

fn join<'a>(text: &mut Cow<'a, [u8]>, part: &'a [u8]) {
    if text.is_empty() {
        *text = Cow::Borrowed(part);
    } else {
        text.to_mut().extend_from_slice(part);
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let blanks = self.left.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        self.take(blanks);
        Some(match self.left.first()? {
            b'(' => {
                self.take(1);
                Token::Open
            }
            b')' => {
                self.take(1);
                Token::Close
            }
            b'"' if self.closes() => self.quoted(),
            _ => self.atom(),
        })
    }
}

/// The next word up to a blank, and what follows it without its blanks.
pub(super) fn word(text: &[u8]) -> (&[u8], &[u8]) {
    let text = text.trim_ascii_start();
    let end = text.iter().position(u8::is_ascii_whitespace).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    (word, rest.trim_ascii_start())
}

/// A number of any length: None where it is none, or larger than 64 bits can say.
pub(super) fn number(word: &[u8]) -> Option<u64> {
    word.iter().all(u8::is_ascii_digit).then_some(())?;
    std::str::from_utf8(word).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn atom(text: &str) -> Token<'_> {
        Token::Atom(text.as_bytes())
    }

    #[test]
    fn words_are_found_however_they_are_set() {
        let found: Vec<_> =
            Tokens::new(b"  (UID  7\tBODY[HEADER.FIELDS (DATE)]<0> \"a \\\" b\"FLAGS (\\Seen)").collect();
        let quoted = Token::Quoted(Cow::Borrowed(b"a \" b"));
        let expected = [
            Token::Open,
            atom("UID"),
            atom("7"),
            atom("BODY[HEADER.FIELDS (DATE)]<0>"),
            quoted,
            atom("FLAGS"),
            Token::Open,
            atom("\\Seen"),
            Token::Close,
        ];
        assert_eq!(found, expected);
        let open: Vec<_> = Tokens::new(b"\"never \\\" UID (").collect();
        assert_eq!(open, [atom("\"never"), atom("\\\""), atom("UID"), Token::Open]);
        assert_eq!(Tokens::new(b"BODY[ (").collect::<Vec<_>>(), [atom("BODY[ (")]);
    }

    #[test]
    fn numbers_are_digits_alone() {
        assert_eq!(number(b"18446744073709551615"), Some(u64::MAX));
        for none in ["", "-1", "+1", "1a", "18446744073709551616"] {
            assert_eq!(number(none.as_bytes()), None, "{none}");
        }
    }
}
