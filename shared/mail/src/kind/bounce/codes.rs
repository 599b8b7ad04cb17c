//! Enhanced status codes (RFC 3463) within text.

/// Words before a number that is a version and no code.
const VERSIONS: &[&str] = &[
    "version", "ver", "v", "release", "build", "exim", "sendmail", "postfix", "mdaemon", "imail", "exchange",
    "domino", "php", "zimbra", "kerio", "courier", "linux", "java",
];

/// The codes of failures and delays in a text, in order: `5.1.1` of `550 5.1.1`, `(#5.1.1)` or `550-5.1.1`.
pub(super) fn codes(text: &str) -> impl Iterator<Item = &str> {
    let mut last = 0;
    text.match_indices('.').filter_map(move |(dot, _)| {
        let start = dot.checked_sub(1).filter(|start| *start >= last)?;
        let code = code_at(text, start)?;
        last = start + code.len();
        Some(code)
    })
}

/// The first code, also one of success.
fn code_at(text: &str, start: usize) -> Option<&str> {
    let bytes = text.as_bytes();
    if !matches!(bytes.get(start), Some(b'4' | b'5')) {
        return None;
    }
    let number = |from: usize| bytes[from..].iter().take(4).take_while(|b| b.is_ascii_digit()).count();
    let subject = number(start + 2);
    let detail_start = start + 2 + subject + 1;
    if !(1..=3).contains(&subject) || bytes.get(detail_start - 1) != Some(&b'.') {
        return None;
    }
    let detail = number(detail_start);
    let end = detail_start + detail;
    let goes_on = bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
    let joined = bytes.get(end).is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'/' | b'@'));
    let padded = subject > 1 && bytes[start + 2] == b'0' || detail > 1 && bytes[detail_start] == b'0';
    let good = (1..=3).contains(&detail) && !goes_on && !joined && !padded && begins(text, start);
    good.then(|| &text[start..end])
}

/// Whether a code may begin here: not within a longer number, a name or a version.
fn begins(text: &str, start: usize) -> bool {
    let bytes = &text.as_bytes()[..start];
    match bytes.last() {
        Some(b'-' | b'_') => {
            let digits = bytes[..start - 1].iter().rev().take_while(|b| b.is_ascii_digit()).count();
            return digits == 3;
        }
        Some(b'.' | b'/' | b'@') => return false,
        Some(b) if b.is_ascii_alphanumeric() => return false,
        _ => {}
    }
    let before = text[..start].trim_end_matches([' ', '(', '[']);
    let word_len = before.bytes().rev().take(12).take_while(u8::is_ascii_alphabetic).count();
    let word = &before[before.len() - word_len..];
    !VERSIONS.iter().any(|version| version.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_told_from_other_numbers() {
        for (text, expected) in [
            ("550 5.1.1 <x>... User unknown", vec!["5.1.1"]),
            ("550-5.1.1 The account\n550 5.1.1 is", vec!["5.1.1", "5.1.1"]),
            ("Sorry. (#5.1.1)", vec!["5.1.1"]),
            ("#550 5.7.1 smtp;550 5.7.606 x ##", vec!["5.7.1", "5.7.606"]),
            ("<host.example.com #5.5.0 smtp;550 no>", vec!["5.5.0"]),
            ("4.4.7; delayed.", vec!["4.4.7"]),
            ("code 5.1.10.", vec!["5.1.10"]),
            ("[5.1.1.1] 15.1.1 5.1.2026 5.01.26 5.1 2.0.0", vec![]),
            ("Exim 4.9.1, version 5.5.2, (v5.0.8) qmail-5.1.1 mail-4.2.1.example", vec![]),
            ("エラー5.1.1です", vec!["5.1.1"]),
            (".5.1.1", vec![]),
        ] {
            assert_eq!(codes(text).collect::<Vec<_>>(), expected, "{text}");
        }
    }
}
