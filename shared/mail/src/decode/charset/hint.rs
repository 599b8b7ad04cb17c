//! What helps to read a text.

/// What the rest of a mail says of a text that does not name its charset.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hint {
    /// What a person says of the texts, whatever they say themselves.
    pub(crate) forced: Option<String>,
    /// The charset that another part of the mail names.
    pub(crate) charset: Option<String>,
    /// The country by whose letters text is guessed, as the last label of a domain in lower case: that of the language
    /// that the mail is in, or the sender's.
    pub(crate) tld: Option<String>,
}
