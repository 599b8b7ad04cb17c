//! What the lines above quotes show besides words: numbers, times, addresses in brackets.

/// Digits that a date has at least.
pub(super) const DATE_DIGITS: usize = 6;
/// What ends an attribution; the last three are of Ethiopia, Armenia and Cambodia.
pub(super) const ENDS: [char; 5] = [':', '：', '፦', '։', '៖'];

/// How many digits or other numerals a text has.
pub(super) fn numerals(text: &str) -> usize {
    text.chars().filter(|c| c.is_numeric()).count()
}

/// Whether an address stands in brackets.
pub(super) fn has_brackets(text: &str) -> bool {
    text.split(['<', '(', '['])
        .skip(1)
        .any(|piece| piece.split(['>', ')', ']']).next().is_some_and(|inner| inner.contains('@')))
}

/// `12:34`, `12.34` or `12h34`.
pub(super) fn has_time(text: &str) -> bool {
    text.as_bytes().windows(4).any(|w| {
        w[0].is_ascii_digit()
            && matches!(w[1], b':' | b'.' | b'h')
            && w[2].is_ascii_digit()
            && w[3].is_ascii_digit()
    })
}
