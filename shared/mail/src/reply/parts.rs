//! The texts that a cut makes, as they grow line by line.

use crate::text::is_blank;

/// A text in its parts.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Cut {
    /// What is new; empty only if the text is.
    pub(crate) reply: String,
    /// All that was cut, in the order of the text.
    pub(crate) quoted: String,
    /// Of it, what was written before.
    pub(super) older: String,
    /// Of it, what signs.
    pub(super) signature: String,
}

/// Whose lines are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    New,
    Quote,
    Signature,
}

/// The place of all that was cut, behind those of the kinds.
const CUT: usize = 3;

/// What is new, what is quoted, what signs, and all that was cut in the order of the text.
#[derive(Debug, Default)]
pub(super) struct Parts {
    texts: [String; 4],
    last: Option<Kind>,
    /// The last line of the whole is empty.
    blank: bool,
}

impl Parts {
    /// For a text of so many bytes.
    pub(super) fn of(length: usize) -> Self {
        let texts = [String::with_capacity(length + 1), String::new(), String::new(), String::new()];
        Self { texts, ..Self::default() }
    }

    /// Whether nothing is new yet.
    pub(super) fn nothing_new(&self) -> bool {
        self.texts[Kind::New as usize].is_empty()
    }

    pub(super) fn push(&mut self, kind: Kind, lines: &[&str]) {
        let last = self.last.replace(kind);
        self.add(kind as usize, last.is_some_and(|last| last != kind), lines);
        if kind != Kind::New {
            self.add(CUT, last == Some(Kind::New), lines);
        }
        self.blank = lines.last().map_or(self.blank, |line| is_blank(line));
    }

    /// Where something lies between, an empty line stays.
    fn add(&mut self, place: usize, joint: bool, lines: &[&str]) {
        let text = &mut self.texts[place];
        if joint && self.blank && !text.is_empty() && !text.ends_with("\n\n") {
            text.push('\n');
        }
        let mut leading = joint;
        for line in lines {
            if is_blank(line) && (text.is_empty() || leading && text.ends_with("\n\n")) {
                continue;
            }
            leading = false;
            text.push_str(line);
            text.push('\n');
        }
    }

    pub(super) fn finish(self) -> Cut {
        let trimmed = |mut text: String| {
            text.truncate(text.trim_end().len());
            if text.starts_with(char::is_whitespace) { text.trim_start().to_owned() } else { text }
        };
        let [reply, older, signature, quoted] = self.texts.map(trimmed);
        Cut { reply, quoted, older, signature }
    }
}
