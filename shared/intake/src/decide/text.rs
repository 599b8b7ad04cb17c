//! How long the words of a mail may be in records: the raw mail holds all of them.

/// A name, an address or an id as people see it: what a header field holds may be as long as its sender likes, and an item
/// has an end, in bytes. The raw mail holds all, and what a mail is known by is never cut.
pub(crate) fn shown(text: &str) -> String {
    const MAX_BYTES: usize = 1000;
    text[..text.floor_char_boundary(MAX_BYTES)].to_owned()
}

/// At most this many characters.
pub(crate) fn cut(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect()
}
