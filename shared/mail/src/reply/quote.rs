//! Marks at the start of quoted lines.

/// Blanks before a mark.
const MAX_INDENT: usize = 3;
/// From so many bytes on a quoted line may have been broken by a program.
const BROKEN: usize = 66;
/// Bytes of the piece that was broken off.
const PIECE: usize = 40;

/// The marks of one text: `>` always, others when an attribution stands above them.
#[derive(Debug, Default)]
pub(super) struct Marker {
    learned: Option<String>,
}

impl Marker {
    /// Whether a line is marked as quoted.
    pub(super) fn marks(&self, line: &str) -> bool {
        let indent = line.bytes().take_while(|b| *b == b' ').count();
        let line = &line[indent..];
        indent <= MAX_INDENT && line.starts_with(['>', '＞'])
            || self.learned.as_deref().is_some_and(|mark| line.starts_with(mark))
    }

    /// Whether a line below an attribution is marked.
    pub(super) fn after_attribution(line: &str) -> bool {
        Self::default().marks(line) || unusual(line).is_some()
    }

    /// Learns the mark of the first line below an attribution.
    pub(super) fn learn(&mut self, line: &str) {
        if !Self::default().marks(line) {
            self.learned = unusual(line).map(str::to_owned);
        }
    }
}

/// `| `, `} `, `: ` and SuperCite's `JD> `.
fn unusual(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let (mark, rest) = line.split_at_checked(1)?;
    if matches!(mark, "|" | "}" | ":") && (rest.is_empty() || rest.starts_with(' ')) {
        return Some(mark);
    }
    let name = line.bytes().take(12).take_while(u8::is_ascii_alphabetic).count();
    let cited =
        name > 0 && line.starts_with(|c: char| c.is_ascii_uppercase()) && line[name..].starts_with('>');
    cited.then(|| &line[..=name])
}

/// `>From ` alone is what mail stores make of `From `.
pub(super) fn is_escaped_from(lines: &[&str]) -> bool {
    lines[0].starts_with(">From ") && lines.get(1).is_none_or(|next| !next.starts_with('>'))
}

/// GroupWise's `>>> Jane Doe <jane@example.com> 05.01.2026 12:34 >>>`; what follows has no marks.
pub(super) fn is_group_wise(line: &str) -> bool {
    let inner = line.strip_prefix(">>> ").and_then(|rest| rest.trim_end().strip_suffix(">>>"));
    inner.is_some_and(|inner| inner.contains(|c: char| c.is_ascii_digit()) && inner.contains(':'))
}

/// Whether the first of `lines` is the end of the quoted line `above`, which a program broke.
pub(super) fn is_broken_off(above: &str, lines: &[&str], marker: &Marker) -> bool {
    let line = lines[0];
    marker.marks(above)
        && above.len() >= BROKEN
        && line.len() <= PIECE
        && line.starts_with(char::is_lowercase)
        && !above.ends_with(['.', '!', '?', ':', ';', '>'])
        && lines.get(1).is_some_and(|next| marker.marks(next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks() {
        let marker = Marker::default();
        for line in ["> a", ">", ">> a", "> > a", " > a", "＞ a", ">a"] {
            assert!(marker.marks(line), "{line}");
        }
        for line in ["a > b", "-> a", "| a", "    > a", "JD> a"] {
            assert!(!marker.marks(line), "{line}");
        }
        for (first, line) in [("| a", "| b"), ("JD> a", "JD> b"), ("} a", "} b")] {
            let mut marker = Marker::default();
            marker.learn(first);
            assert!(marker.marks(line) && !marker.marks("text"), "{line}");
        }
    }

    #[test]
    fn group_wise() {
        assert!(is_group_wise(">>> Jane Doe <j@example.com> 05.01.2026 12:34 >>>"));
        assert!(!is_group_wise(">>> print(1)") && !is_group_wise(">>> a"));
    }

    #[test]
    fn broken_lines() {
        let marker = Marker::default();
        let above = "> a long line of some seventy characters that a program broke where it";
        assert!(is_broken_off(above, &["liked to", "> next"], &marker));
        assert!(!is_broken_off(above, &["Yes.", "> next"], &marker));
        assert!(!is_broken_off("> short", &["no", "> next"], &marker));
        assert!(is_escaped_from(&[">From here on"]) && !is_escaped_from(&[">From a", "> b"]));
    }
}
