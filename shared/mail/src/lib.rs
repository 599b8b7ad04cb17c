//! Bytes of a mail in, a value out.

/// How a mail is parsed.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Tests only: a mail whose Message-ID contains this text panics the parser.
    pub poison: Option<&'static str>,
}
