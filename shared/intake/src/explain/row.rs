//! What the rows of all tables have.

/// Where a row comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A standard: the number of its RFC.
    Rfc(u16),
    /// The vendor's documentation.
    Vendor,
    /// Public reports of what the servers answered.
    Reported,
    /// From experience; not confirmed in writing.
    Experience,
}

/// Whether a text holds one of these.
pub(super) fn has(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}
