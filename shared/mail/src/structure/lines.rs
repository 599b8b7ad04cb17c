//! What lines look like.

/// Whether this may be a boundary that nobody announced.
pub(super) fn plausible(boundary: &[u8]) -> bool {
    (1..=200).contains(&boundary.len()) && boundary.iter().all(|b| (33..=126).contains(b))
}

/// How much of `data` comes before a line that starts with a dash, or before its end.
pub(super) fn before_dash(data: &[u8]) -> usize {
    let mut at = 0;
    while let Some(found) = data[at..].iter().position(|b| *b == b'\n') {
        at += found + 1;
        if data.get(at) == Some(&b'-') {
            return at;
        }
    }
    data.len()
}
