//! Plain text: format=flowed joined, line ends and blanks tidied.

pub(crate) mod calendar;
mod flowed;

use std::borrow::Cow;

pub(crate) use flowed::join;
use memchr::memchr2;

/// A command of text/enriched is at most 60 letters.
const MAX_COMMAND: usize = 62;

/// LF, no blanks at line ends, no empty lines at either end, no control characters.
pub(crate) fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // Most texts have nothing that is left out, so their lines are taken whole. All bytes are looked at, because a
    // loop without an early end is the faster one.
    let noisy = text.bytes().fold(false, |noisy, byte| noisy | may_be_noise(byte));
    let mut empty = 0usize;
    for line in lines(text) {
        // Blanks end in these bytes; most lines end in none of them.
        let blank = matches!(line.as_bytes().last(), Some(b' ' | b'\t' | 0xA0 | 0x80));
        let line = if blank { line.trim_end_matches([' ', '\t', '\u{A0}', '\u{3000}']) } else { line };
        if line.is_empty() {
            empty += 1;
            continue;
        }
        if !out.is_empty() {
            out.extend(std::iter::repeat_n('\n', empty + 1));
        }
        empty = 0;
        if noisy {
            out.extend(line.chars().filter(|c| !is_noise(*c)));
        } else {
            out.push_str(line);
        }
    }
    out
}

/// A line without marks of direction, which mail programs put around names in languages written from the right.
pub(crate) fn bare(line: &str) -> Cow<'_, str> {
    let is_mark = |c: char| matches!(c, '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}');
    // The first bytes of all of them.
    if line.is_ascii() || memchr2(0xE2, 0xEF, line.as_bytes()).is_none() || !line.contains(is_mark) {
        return Cow::Borrowed(line);
    }
    Cow::Owned(line.chars().filter(|c| !is_mark(*c)).collect())
}

/// text/enriched (RFC 1896) without its commands: `<bold>`, `<<` for a sign, and one line end for two.
pub(crate) fn unenriched(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut hidden = false;
    let mut rest = text;
    let end_of = |inner: &str| inner.bytes().take(MAX_COMMAND).position(|b| b == b'>');
    while let Some(c) = rest.chars().next() {
        if rest.starts_with("<<") {
            out.push('<');
            rest = &rest[2..];
            continue;
        }
        if let Some(end) = rest.strip_prefix('<').and_then(end_of) {
            let command = rest[1..=end].to_ascii_lowercase();
            match command.as_str() {
                "param" => hidden = true,
                "/param" => hidden = false,
                _ => {}
            }
            rest = &rest[end + 2..];
            continue;
        }
        if !hidden {
            out.push(c);
        }
        rest = &rest[c.len_utf8()..];
    }
    out
}

/// Lines by CRLF, LF or a lone CR. Relays double the CR of a CRLF.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    // So many more of a run of carriage returns end lines.
    let mut returns_left = 0usize;
    std::iter::from_fn(move || {
        let text = rest?;
        if returns_left > 0 {
            returns_left -= 1;
            rest = Some(&text[1..]);
            return Some("");
        }
        let Some(end) = memchr2(b'\r', b'\n', text.as_bytes()) else { return rest.take() };
        let returns = text.as_bytes()[end..].iter().take_while(|b| **b == b'\r').count();
        rest = match text.as_bytes().get(end + returns) {
            Some(b'\n') => Some(&text[end + returns + 1..]),
            None => None,
            Some(_) => {
                returns_left = returns - 1;
                Some(&text[end + 1..])
            }
        };
        Some(&text[..end])
    })
}

/// A control character, or the first byte of what may be noise.
fn may_be_noise(byte: u8) -> bool {
    byte < b' ' && !matches!(byte, b'\t' | b'\r' | b'\n') || matches!(byte, 0x7F | 0xC2 | 0xEF)
}

fn is_noise(c: char) -> bool {
    c.is_control() && c != '\t' || c == '\u{FEFF}'
}

/// Whether a line holds nothing but white space.
pub(crate) fn is_blank(line: &str) -> bool {
    // Most lines begin with a letter.
    !line.as_bytes().first().is_some_and(u8::is_ascii_graphic) && line.trim().is_empty()
}

/// Whether nobody sees a character: joiners, marks of direction, fillers, soft hyphens, the blank of Braille.
pub(crate) fn is_unseen(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{34F}' | '\u{115F}' | '\u{1160}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{2064}')
        || matches!(c, '\u{2800}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}')
}

/// Whether a text is nothing but white space, also by the name that pages give it, and what nobody sees.
pub(crate) fn shows_nothing(text: &str) -> bool {
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || is_unseen(c));
        match rest.strip_prefix("&nbsp;") {
            Some(behind) => rest = behind,
            None => return rest.is_empty(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_tidied() {
        assert_eq!(tidy("\r\n\r\na \r\n\r\nb\t\rc\0\n\n"), "a\n\nb\nc");
        assert_eq!(tidy(" \n"), "");
        assert_eq!(tidy("a\r\r\nb\r\r\n"), "a\nb");
    }

    #[test]
    fn lines_end_in_many_ways() {
        for (text, expected) in [
            ("a\nb", &["a", "b"][..]),
            ("a\r\nb\r\n", &["a", "b", ""]),
            ("a\r\r\nb\r\rc", &["a", "b", "", "c"]),
            ("a\r\r", &["a"]),
            ("", &[""]),
            ("\n", &["", ""]),
        ] {
            assert_eq!(lines(text).collect::<Vec<_>>(), expected, "{text:?}");
        }
    }

    #[test]
    fn commands_are_left_out() {
        assert_eq!(unenriched("<bold>a</bold> <color><param>red</param>b</color> << c"), "a b < c");
        assert_eq!(unenriched("a < b"), "a < b");
    }
}
