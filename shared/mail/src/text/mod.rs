//! Plain text: format=flowed joined, line ends and blanks tidied.

mod flowed;

pub(crate) use flowed::join;

/// LF, no blanks at line ends, no empty lines at either end, no control characters.
pub(crate) fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut empty = 0usize;
    for line in lines(text) {
        let line = line.trim_end_matches([' ', '\t', '\u{A0}', '\u{3000}']);
        if line.is_empty() {
            empty += 1;
            continue;
        }
        if !out.is_empty() {
            out.extend(std::iter::repeat_n('\n', empty + 1));
        }
        empty = 0;
        out.extend(line.chars().filter(|c| !is_noise(*c)));
    }
    out
}

/// Lines by CRLF, LF or a lone CR. Relays double the CR of a CRLF.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').flat_map(|line| line.trim_end_matches('\r').split('\r'))
}

fn is_noise(c: char) -> bool {
    c.is_control() && c != '\t' || c == '\u{FEFF}'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_tidied() {
        assert_eq!(tidy("\r\n\r\na \r\n\r\nb\t\rc\0\n\n"), "a\n\nb\nc");
        assert_eq!(tidy(" \n"), "");
    }
}
