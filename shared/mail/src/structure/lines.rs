//! What lines look like.

use std::collections::BTreeSet;

use memchr::memmem;

/// Whether this may be a boundary that nobody announced.
pub(super) fn plausible(boundary: &[u8]) -> bool {
    (1..=200).contains(&boundary.len()) && boundary.iter().all(|b| (33..=126).contains(b))
}

/// How much of `data` comes before a line that starts with a dash, or before its end.
pub(super) fn before_dash(data: &[u8]) -> usize {
    memmem::find(data, b"\n-").map_or(data.len(), |at| at + 1)
}

/// Whether a byte may go on a boundary (RFC 2046, section 5.1.1), and be no text behind one.
pub(super) fn is_of_boundary(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || b"'()+_,-./:=?".contains(byte)
}

/// Whether a part begins in a text.
pub(super) fn begins(text: &[u8], boundary: &[u8]) -> bool {
    let is = |line: &[u8]| line.trim_ascii_end().strip_prefix(b"--") == Some(boundary);
    !boundary.is_empty() && text.split(|b| *b == b'\n').any(is)
}

/// The same, where each such line has further text, and none of them begins what another boundary ends.
pub(super) fn begins_loosely(text: &[u8], boundary: &[u8]) -> bool {
    let is = |line: &[u8]| line.strip_prefix(b"--").is_some_and(|rest| rest.starts_with(boundary));
    !boundary.is_empty() && announced(text).is_none() && text.split(|b| *b == b'\n').any(is)
}

/// The boundary that begins and ends something in a text, if the one that was announced never came.
pub(super) fn announced(text: &[u8]) -> Option<Vec<u8>> {
    let mut begun = BTreeSet::new();
    for line in text.split(|b| *b == b'\n') {
        let Some(rest) = line.trim_ascii_end().strip_prefix(b"--") else { continue };
        if let Some(boundary) = rest.strip_suffix(b"--").filter(|boundary| begun.contains(boundary)) {
            return Some(boundary.to_vec());
        }
        if plausible(rest) {
            begun.insert(rest);
        }
    }
    None
}
