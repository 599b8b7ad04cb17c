//! How an mbox keeps lines of a mail that begin with `From `, and how that is told from the file.
//!
//! Nothing in a file says it. What is looked at:
//!
//! - mboxcl2 quotes nothing and counts instead: a `From ` line within a mail of a counted length is not quoted.
//! - mboxo and mboxrd (and mboxcl, which also counts) write `>From `. mboxrd adds one more `>` to lines that have some
//!   already; mboxo leaves those. Quoted text tells which: within lines of a depth, `>>From ` is the depth and one more
//!   in mboxrd, and just the depth in mboxo.
//! - Where nothing tells, the file is read as mboxrd, which is the same as mboxo for `>From `.

use serde::{Deserialize, Serialize};

/// How much of a file is looked at, bytes: the same part each time, so that the same mails come out of it.
pub(super) const LOOKED_AT: u64 = 64 * 1024 * 1024;

/// How `From ` lines are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Quoting {
    /// As they are (mboxcl2).
    Unquoted,
    /// With a `>` before `From ` only (mboxo): what had one already cannot be told apart.
    Lossy,
    /// With one more `>` (mboxrd).
    Reversible,
}

/// What speaks for which.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    unquoted: bool,
    lossy: u64,
    reversible: u64,
}

impl Evidence {
    pub(super) fn verdict(&self) -> Quoting {
        if self.unquoted {
            Quoting::Unquoted
        } else if self.lossy > self.reversible {
            Quoting::Lossy
        } else {
            Quoting::Reversible
        }
    }
}

/// Where a line of a mail stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Place {
    /// Behind the first empty line.
    in_body: bool,
    /// How deep the line before is quoted.
    before: usize,
}

impl Place {
    /// Goes behind a line of which this is the beginning.
    fn pass(&mut self, line: &[u8]) {
        if !self.in_body {
            self.in_body = matches!(line, b"\n" | b"\r\n");
        } else if marks(line).is_none() {
            self.before = depth(line);
        }
    }
}

/// What is done to the lines of a mail, one after the other, of which only the beginnings are known.
#[derive(Debug, Default)]
pub(super) struct Reader {
    place: Place,
}

impl Reader {
    /// Whether the header lies behind.
    pub(super) fn in_body(&self) -> bool {
        self.place.in_body
    }

    /// Looks at a line as it lies in the file. `counted`: the mail's length was given, and is true.
    pub(super) fn see(&mut self, line: &[u8], counted: bool, evidence: &mut Evidence) {
        let before = self.place.before;
        if self.place.in_body {
            match marks(line) {
                Some(0) => evidence.unquoted |= counted,
                Some(marks) if marks == before => evidence.lossy += 1,
                Some(marks) if before > 0 && marks == before + 1 => evidence.reversible += 1,
                Some(_) => self.place.before = depth(line),
                None => {}
            }
        }
        self.place.pass(line);
    }

    /// The line as it was before it came into the file.
    pub(super) fn undo<'a>(&mut self, line: &'a [u8], quoting: Quoting) -> &'a [u8] {
        let drop = self.place.in_body
            && match (marks(line).unwrap_or(0), quoting) {
                (0, _) | (_, Quoting::Unquoted) => false,
                (_, Quoting::Reversible) => true,
                // Among quoted text it may as well be quoted text.
                (marks, Quoting::Lossy) => marks == 1 && self.place.before == 0,
            };
        self.place.pass(line);
        if drop { &line[1..] } else { line }
    }
}

/// How many `>` stand before `From ` at the beginning of a line; None: it does not begin so.
fn marks(line: &[u8]) -> Option<usize> {
    let marks = line.iter().take_while(|byte| **byte == b'>').count();
    line[marks..].starts_with(b"From ").then_some(marks)
}

/// How deep a line is quoted: `> > text` as well as `>>text`.
fn depth(line: &[u8]) -> usize {
    let marks = line.iter().take_while(|byte| matches!(byte, b'>' | b' '));
    if line.first() == Some(&b'>') { marks.filter(|byte| **byte == b'>').count() } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(text: &str, counted: bool) -> Quoting {
        let (mut evidence, mut reader) = (Evidence::default(), Reader::default());
        for line in format!("Subject: x\n\n{text}").split_inclusive('\n') {
            reader.see(line.as_bytes(), counted, &mut evidence);
        }
        evidence.verdict()
    }

    #[test]
    fn quoted_text_tells_how_it_was_quoted() {
        assert_eq!(verdict("> a\n>From b\n> c\n", false), Quoting::Lossy);
        assert_eq!(verdict("> > a\n>>From b\n", false), Quoting::Lossy);
        assert_eq!(verdict("> a\n>>From b\n> c\n", false), Quoting::Reversible);
        assert_eq!(verdict("a\n>From b\n", false), Quoting::Reversible);
        assert_eq!(verdict("a\n>>From b\n", false), Quoting::Reversible);
        assert_eq!(verdict("a\nFrom b\n", false), Quoting::Reversible);
        assert_eq!(verdict("a\nFrom b\n>From c\n", true), Quoting::Unquoted);
    }

    #[test]
    fn each_is_undone_in_its_way_and_only_in_the_body() {
        let raw = "Subject: x\n>From y\n\n>From a\n>>From b\n> c\n>From d\n";
        let undone = |quoting| {
            let mut reader = Reader::default();
            let lines =
                raw.split_inclusive('\n').flat_map(|line| reader.undo(line.as_bytes(), quoting).to_vec());
            String::from_utf8(lines.collect()).unwrap()
        };
        assert_eq!(undone(Quoting::Unquoted), raw);
        assert_eq!(undone(Quoting::Reversible), "Subject: x\n>From y\n\nFrom a\n>From b\n> c\nFrom d\n");
        assert_eq!(undone(Quoting::Lossy), "Subject: x\n>From y\n\nFrom a\n>>From b\n> c\n>From d\n");
    }
}
