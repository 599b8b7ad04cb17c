//! Reading a command's arguments (RFC 3501, section 9).

/// A command that does not follow the grammar, with what was expected.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Malformed(pub(crate) &'static str);

/// A place in a command.
pub(crate) struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(command: &'a [u8]) -> Self {
        Self { rest: command }
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// Whether this byte came next; it is passed then.
    pub(crate) fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.rest = &self.rest[1..];
        }
        found
    }

    pub(crate) fn expect(&mut self, byte: u8, wanted: &'static str) -> Result<(), Malformed> {
        if self.eat(byte) { Ok(()) } else { Err(Malformed(wanted)) }
    }

    pub(crate) fn space(&mut self) -> Result<(), Malformed> {
        self.expect(b' ', "a space is missing")
    }

    pub(crate) fn end(&self) -> Result<(), Malformed> {
        if self.rest.is_empty() { Ok(()) } else { Err(Malformed("there is more than expected")) }
    }

    fn take_while(&mut self, keep: impl Fn(u8) -> bool) -> &'a [u8] {
        let end = self.rest.iter().position(|byte| !keep(*byte)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    /// Anything up to a space, as it stands: tags, SASL answers, sets.
    pub(crate) fn word(&mut self) -> Result<&'a str, Malformed> {
        let word = self.take_while(|byte| byte > b' ' && byte < 0x7f && byte != b'(' && byte != b')');
        match std::str::from_utf8(word) {
            Ok(word) if !word.is_empty() => Ok(word),
            _ => Err(Malformed("a word is missing")),
        }
    }

    /// Letters, digits, dots and hyphens in capitals: names of commands and items.
    pub(crate) fn name(&mut self) -> Result<String, Malformed> {
        let name = self.take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'='));
        if name.is_empty() {
            return Err(Malformed("a name is missing"));
        }
        Ok(String::from_utf8_lossy(name).to_ascii_uppercase())
    }

    pub(crate) fn number(&mut self) -> Result<u64, Malformed> {
        let digits = self.take_while(|byte| byte.is_ascii_digit());
        std::str::from_utf8(digits)
            .ok()
            .and_then(|digits| digits.parse().ok())
            .ok_or(Malformed("a number is missing"))
    }

    /// An atom, a quoted string or a literal.
    pub(crate) fn astring(&mut self) -> Result<String, Malformed> {
        match self.peek() {
            Some(b'"') => self.quoted(),
            Some(b'{') => self.literal(),
            _ => self.word().map(str::to_owned),
        }
    }

    fn quoted(&mut self) -> Result<String, Malformed> {
        self.expect(b'"', "a quote is missing")?;
        let mut text = Vec::new();
        loop {
            match self.peek().ok_or(Malformed("a quoted string does not end"))? {
                b'"' => break,
                b'\\' => {
                    self.rest = &self.rest[1..];
                    text.push(self.peek().ok_or(Malformed("a quoted string does not end"))?);
                }
                byte => text.push(byte),
            }
            self.rest = &self.rest[1..];
        }
        self.expect(b'"', "a quote is missing")?;
        String::from_utf8(text).map_err(|_| Malformed("a string is not UTF-8"))
    }

    fn literal(&mut self) -> Result<String, Malformed> {
        self.expect(b'{', "a literal is missing")?;
        let length = usize::try_from(self.number()?).map_err(|_| Malformed("a literal is too long"))?;
        self.eat(b'+');
        let rest = self.rest.strip_prefix(b"}\r\n").ok_or(Malformed("a literal is cut"))?;
        let text = rest.get(..length).ok_or(Malformed("a literal is cut"))?;
        self.rest = &rest[length..];
        String::from_utf8(text.to_vec()).map_err(|_| Malformed("a string is not UTF-8"))
    }
}
