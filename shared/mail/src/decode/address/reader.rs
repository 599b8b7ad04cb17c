//! A field of addresses as tokens.

use crate::decode::words::Text;

/// A name with commas is not longer.
const MAX_NAME: usize = 128;

#[derive(Debug)]
pub(super) enum Token {
    /// Of a name, or of an address without brackets.
    Text(String),
    Blank,
    Comment(String),
    /// What stands in angle brackets.
    Bracket(String),
    /// What stands before it names a group, if that is closed somewhere, or a scheme.
    Colon {
        group: bool,
    },
    End,
}

/// Cuts a field into tokens. What was encoded is text, whatever signs are in it.
pub(super) struct Reader<'a> {
    text: &'a str,
    encoded: &'a [std::ops::Range<usize>],
    at: usize,
    /// No quote, and no parenthesis, closes any more.
    open_quote: bool,
    open_comment: bool,
    last_semicolon: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a Text) -> Self {
        let (encoded, text) = (text.encoded.as_slice(), text.text.as_str());
        Self {
            text,
            encoded,
            at: 0,
            open_quote: false,
            open_comment: false,
            last_semicolon: text.rfind(';').unwrap_or(0),
        }
    }

    pub(super) fn next(&mut self) -> Option<Token> {
        if let Some(range) = self.encoded_here() {
            self.at = range.end;
            return Some(Token::Text(self.text[range].to_owned()));
        }
        let c = self.rest().chars().next()?;
        let start = self.at;
        self.at += c.len_utf8();
        let token = match c {
            ',' | ';' => Token::End,
            ':' => Token::Colon { group: self.at <= self.last_semicolon },
            '"' => self.quoted().unwrap_or(Token::Blank),
            '(' => self.comment().unwrap_or(Token::Text("(".to_owned())),
            '<' => self.bracket(),
            '>' => Token::Blank,
            c if c.is_whitespace() => Token::Blank,
            _ => {
                let stops =
                    |c: char| matches!(c, ',' | ';' | ':' | '"' | '(' | '<' | '>') || c.is_whitespace();
                let end = self.rest().find(stops).map_or(self.text.len(), |found| self.at + found);
                self.at = self.before_encoded(end);
                Token::Text(self.text[start..self.at].to_owned())
            }
        };
        Some(token)
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn encoded_here(&mut self) -> Option<std::ops::Range<usize>> {
        while self.encoded.first().is_some_and(|range| range.start < self.at) {
            self.encoded = &self.encoded[1..];
        }
        self.encoded.first().filter(|range| range.start == self.at).cloned()
    }

    fn before_encoded(&self, end: usize) -> usize {
        self.encoded.first().map_or(end, |range| range.start.clamp(self.at, end.max(self.at)))
    }

    /// Whether a sign at this place is text.
    fn is_encoded(&self, at: usize) -> bool {
        let n = self.encoded.partition_point(|range| range.end <= at);
        self.encoded.get(n).is_some_and(|range| range.start <= at)
    }

    /// To the quote that closes. Only signs are escaped: programs write `DOMAIN\user` too.
    fn quoted(&mut self) -> Option<Token> {
        if self.open_quote {
            return None;
        }
        let mut out = String::new();
        let mut signs = self.rest().char_indices();
        while let Some((n, c)) = signs.next() {
            let place = self.at + n;
            match c {
                '"' if !self.is_encoded(place) => {
                    self.at = place + 1;
                    if self.rest().starts_with('@') {
                        out = format!("\"{out}\"");
                    }
                    return Some(Token::Text(out));
                }
                '\\' => match signs.next() {
                    Some((_, sign)) if sign.is_ascii_punctuation() => out.push(sign),
                    Some((_, letter)) => out.extend(['\\', letter]),
                    None => {}
                },
                c => out.push(c),
            }
        }
        self.open_quote = true;
        None
    }

    fn comment(&mut self) -> Option<Token> {
        if self.open_comment {
            return None;
        }
        let mut depth = 1usize;
        let mut out = String::new();
        let mut signs = self.rest().char_indices();
        while let Some((n, c)) = signs.next() {
            match c {
                _ if self.is_encoded(self.at + n) => out.push(c),
                '\\' => out.extend(signs.next().map(|(_, c)| c)),
                ')' if depth == 1 => {
                    self.at += n + 1;
                    return Some(Token::Comment(out));
                }
                _ => {
                    match c {
                        '(' => depth += 1,
                        ')' => depth -= 1,
                        _ => {}
                    }
                    out.push(c);
                }
            }
        }
        self.open_comment = true;
        None
    }

    /// To the bracket that closes; where that is missing, to the next entry.
    fn bracket(&mut self) -> Token {
        let rest = self.rest().trim_start_matches('<');
        self.at = self.text.len() - rest.len();
        let route = rest.trim_start().starts_with('@');
        let mut in_quotes = false;
        for (n, c) in rest.char_indices() {
            match c {
                '"' => in_quotes = !in_quotes,
                '>' => return self.bracket_ends(n, n + 1),
                // The bracket before was only a sign in a name.
                '<' => return self.bracket_in_name(n),
                ',' | ';' if !in_quotes && !route => return self.bracket_ends(n, n),
                _ => {}
            }
        }
        self.bracket_ends(rest.len(), rest.len())
    }

    fn bracket_ends(&mut self, end: usize, next: usize) -> Token {
        let inner = &self.rest()[..end];
        let inner =
            if inner.trim_start().starts_with('/') { inner.to_owned() } else { without_comments(inner) };
        self.at += next;
        self.at += self.rest().len() - self.rest().trim_start_matches('>').len();
        Token::Bracket(inner)
    }

    fn bracket_in_name(&mut self, end: usize) -> Token {
        let name = self.rest()[..end].to_owned();
        self.at += end;
        Token::Text(name)
    }

    /// Whether the next entry has its address in brackets, so that this one may be the start of its name.
    pub(super) fn bracket_comes(&mut self) -> bool {
        if self.text.as_bytes().get(self.at - 1) != Some(&b',') {
            return false;
        }
        let mut near = self.rest().bytes().take(MAX_NAME);
        near.find(|b| matches!(b, b';' | b'<' | b'@' | b':' | b'"')) == Some(b'<')
    }
}

fn without_comments(text: &str) -> String {
    if !text.contains('(') || text.contains('"') {
        return text.to_owned();
    }
    let mut depth = 0usize;
    let outside = |c: &char| {
        match c {
            '(' => depth += 1,
            ')' if depth > 0 => {
                depth -= 1;
                return false;
            }
            _ => {}
        }
        depth == 0
    };
    text.chars().filter(outside).collect()
}
