//! Marks at the start of quoted lines.

/// Blanks before a mark.
const MAX_INDENT: usize = 3;
/// From so many bytes on a quoted line may have been broken by a program.
const BROKEN: usize = 66;
/// Bytes of the piece that was broken off.
const PIECE: usize = 80;

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

/// Whether the first of `lines` is the end of the quoted line `above`, which a program broke. No empty line stands between.
pub(super) fn is_broken_off(above: &str, lines: &[&str], marker: &Marker) -> bool {
    let line = lines[0];
    if !marker.marks(above) || line.len() > PIECE {
        return false;
    }
    let link = is_within_link(above);
    let long = above.len() >= BROKEN && !above.ends_with(['.', '!', '?', ':', ';', '>', '…', '。']);
    match lines.get(1) {
        Some(next) if marker.marks(next) => link || long && !is_answer(line, 4),
        // Below the last line somebody may answer without an empty line.
        _ => {
            lines[1..].iter().take(4).all(|line| line.trim().is_empty())
                && (link || long && !is_answer(line, usize::MAX))
        }
    }
}

/// Whether a line ends in a link, or within brackets that it opened.
fn is_within_link(line: &str) -> bool {
    let last = line.split_whitespace().next_back().unwrap_or_default();
    let open = |opens: char, closes: char| line.rfind(opens).is_some_and(|at| !line[at..].contains(closes));
    let link = line.len() >= BROKEN && (last.contains("://") || last.starts_with("www."));
    link || line.len() >= BROKEN / 2 && (open('<', '>') || line.len() >= BROKEN && open('(', ')'))
}

/// Whether a line is a sentence of its own, of so many words at most.
fn is_answer(line: &str, words: usize) -> bool {
    line.starts_with(char::is_uppercase)
        && line.ends_with(['.', '!', '?'])
        && line.split_whitespace().count() <= words
}

/// `>>> important <<<`: decoration, if no line beside it is marked; or a comparison, with `< 10 kg` beside it.
pub(super) fn is_decoration(line: &str, above: &str, below: &str) -> bool {
    let marker = Marker::default();
    let decorates = line.trim_end().ends_with('<') && !marker.marks(above) && !marker.marks(below);
    decorates || is_number(line, '>') && (is_number(above, '<') || is_number(below, '<'))
}

/// `> 10 kg`
fn is_number(line: &str, sign: char) -> bool {
    line.strip_prefix(sign).is_some_and(|rest| rest.trim_start().starts_with(char::is_numeric))
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
        for piece in [
            "Jana liked to have it",
            "42 of them",
            "(all of them)",
            "_bold_ words",
            "a much longer piece that goes on over more than forty bytes",
        ] {
            assert!(is_broken_off(above, &[piece, "> next"], &marker), "{piece}");
        }
        assert!(
            is_broken_off(above, &["liked to.", ""], &marker)
                && !is_broken_off(above, &["Yes, I can.", ""], &marker)
        );
        let link = "> see <https://www.example.com/a/long/way";
        assert!(is_broken_off(link, &["/to/go.html>", "> next"], &marker));
        assert!(is_decoration(">>> important <<<", "", "x") && !is_decoration("> a <", "> b", ""));
        assert!(is_escaped_from(&[">From here on"]) && !is_escaped_from(&[">From a", "> b"]));
    }
}
