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
    /// Looks at a mail as it lies in the file.
    pub(super) fn see(&mut self, raw: &[u8], counted: bool) {
        let mut before = 0;
        for line in body(raw).split(|byte| *byte == b'\n') {
            match marks(line) {
                Some(0) => self.unquoted |= counted,
                Some(marks) if marks == before => self.lossy += 1,
                Some(marks) if before > 0 && marks == before + 1 => self.reversible += 1,
                _ => before = depth(line),
            }
        }
    }

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

/// The mail as it was before it came into the file.
pub(super) fn unquoted(raw: Vec<u8>, quoting: Quoting) -> Vec<u8> {
    let start = raw.len() - body(&raw).len();
    let has = |line: &[u8]| marks(line).is_some_and(|marks| marks > 0);
    if quoting == Quoting::Unquoted || !raw[start..].split(|byte| *byte == b'\n').any(has) {
        return raw;
    }
    let mut out = raw[..start].to_vec();
    let mut before = 0;
    for line in raw[start..].split_inclusive(|byte| *byte == b'\n') {
        let drop = match (marks(line).unwrap_or(0), quoting) {
            (0, _) | (_, Quoting::Unquoted) => false,
            (_, Quoting::Reversible) => true,
            // Among quoted text it may as well be quoted text.
            (marks, Quoting::Lossy) => marks == 1 && before == 0,
        };
        out.extend_from_slice(if drop { &line[1..] } else { line });
        if marks(line).is_none() {
            before = depth(line);
        }
    }
    out
}

/// What comes behind the first empty line.
fn body(raw: &[u8]) -> &[u8] {
    let mut rest = raw;
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let line = &rest[..end];
        rest = &rest[end + 1..];
        if line.is_empty() || line == b"\r" {
            return rest;
        }
    }
    &[]
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
        let mut evidence = Evidence::default();
        evidence.see(format!("Subject: x\n\n{text}").as_bytes(), counted);
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
        let raw = b"Subject: x\n>From y\n\n>From a\n>>From b\n> c\n>From d\n".to_vec();
        let undone = |quoting| String::from_utf8_lossy(&unquoted(raw.clone(), quoting)).into_owned();
        assert_eq!(undone(Quoting::Unquoted).as_bytes(), raw);
        assert_eq!(undone(Quoting::Reversible), "Subject: x\n>From y\n\nFrom a\n>From b\n> c\nFrom d\n");
        assert_eq!(undone(Quoting::Lossy), "Subject: x\n>From y\n\nFrom a\n>>From b\n> c\n>From d\n");
    }
}
