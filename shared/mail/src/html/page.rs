//! The text that grows while tokens come: line breaks as a browser makes them, and whose line it is.

use super::{
    marks::Mark,
    rendered::Rendered,
    struck::{MARK, MAX_RUNS},
};

/// Deeper quotes look the same.
const MAX_DEPTH: usize = 10;
/// More line breaks one after the other are left out.
const MAX_BREAKS: usize = 3;
/// What nobody sees, at either end of a word.
const INVISIBLE: [char; 6] = ['\u{200B}', '\u{200C}', '\u{200D}', '\u{2060}', '\u{FEFF}', '\u{34F}'];

/// A text in the making. Its lines need no tidying after.
#[derive(Debug, Default)]
pub(super) struct Page {
    out: String,
    line: usize,
    marks: Vec<(usize, Mark)>,
    marked: Mark,
    /// Line breaks due before the next text.
    breaks: usize,
    /// Something stands on the present line, if only a no-break space.
    dirty: bool,
    space: bool,
    /// A tab is due: a new cell of a row.
    tab: bool,
    /// No-break spaces due before the next text.
    lead: usize,
    /// A joiner of letters that is due if a letter follows.
    joiner: Option<char>,
    /// An item or a cell begins: blocks in it need no new line.
    held: bool,
    pub(super) quotes: usize,
    /// The quote depth of what was written last.
    written: usize,
    /// Whose the next text is.
    pub(super) mark: Mark,
    /// The next text is struck out.
    pub(super) struck: bool,
    /// Where text that is struck out begins, if what was written last is.
    struck_from: Option<usize>,
    runs: Vec<String>,
}

impl Page {
    /// The text and what is marked in it.
    pub(super) fn finish(mut self) -> Rendered {
        self.end_struck();
        self.out.truncate(self.out.trim_end().len());
        // What a last mark stands for may have shown nothing.
        if !self.marks.is_empty() {
            let lines = self.out.lines().count();
            self.marks.retain(|(line, _)| *line < lines);
        }
        Rendered { text: self.out, marks: self.marks, struck: self.runs }
    }

    /// The line on which the next text will stand.
    pub(super) fn next_line(&self) -> usize {
        self.line + self.breaks
    }

    /// The line that was written last.
    pub(super) fn line(&self) -> usize {
        self.line
    }

    /// The edge of a block; `margin`: with an empty line.
    pub(super) fn edge(&mut self, margin: bool) {
        if self.held {
            return;
        }
        self.end_line();
        if margin {
            self.breaks = self.breaks.max(2);
        }
    }

    /// `<br>`.
    pub(super) fn line_break(&mut self) {
        self.held = false;
        self.breaks = (self.breaks + 1).min(MAX_BREAKS);
        self.fresh();
    }

    /// Ends the present line, if there is something on it.
    pub(super) fn end_line(&mut self) {
        self.held = false;
        // An empty line has nothing to end, and a tab that is due stays so.
        if self.dirty {
            self.breaks = (self.breaks + 1).min(MAX_BREAKS);
            self.fresh();
        }
    }

    /// The next cell goes on in the line.
    pub(super) fn cell(&mut self, goes_on: bool) {
        if goes_on && !self.out.is_empty() {
            self.breaks = 0;
            (self.tab, self.dirty) = (true, true);
        } else {
            self.end_line();
        }
        self.held = true;
    }

    /// What follows stands beside what was written last.
    pub(super) fn hold(&mut self) {
        self.held = true;
    }

    fn fresh(&mut self) {
        (self.dirty, self.space, self.tab, self.lead) = (false, false, false, 0);
    }

    /// Text in which white space does not count.
    pub(super) fn flowing(&mut self, text: &str) {
        let mut rest = text;
        loop {
            let blanks = rest.bytes().take_while(u8::is_ascii_whitespace).count();
            self.space |= blanks > 0;
            rest = &rest[blanks..];
            if rest.is_empty() {
                return;
            }
            let end = rest.bytes().position(|b| b.is_ascii_whitespace()).unwrap_or(rest.len());
            self.word(&rest[..end]);
            rest = &rest[end..];
        }
    }

    fn word(&mut self, word: &str) {
        // Most words are plain.
        if word.bytes().all(|b| b.is_ascii_graphic()) {
            return self.write(word);
        }
        let visible = word.trim_matches(INVISIBLE);
        if visible.is_empty() {
            // Between two letters it matters.
            self.joiner = word.chars().find(|c| matches!(c, '\u{200C}' | '\u{200D}'));
            return;
        }
        let word = visible;
        let shown = word.trim_start_matches(['\u{A0}', '\u{200B}', '\u{200C}', '\u{FEFF}', '\u{34F}']);
        self.lead += word.chars().take_while(|c| *c == '\u{A0}').count();
        if shown.is_empty() {
            self.dirty = true;
            return;
        }
        let body = shown.trim_end_matches('\u{A0}');
        self.write("");
        self.out.extend(body.chars().filter(|c| !is_noise(*c)).map(|c| if c == '\u{A0}' { ' ' } else { c }));
        self.lead = (shown.len() - body.len()) / '\u{A0}'.len_utf8();
    }

    /// Text in which white space counts.
    pub(super) fn preformatted(&mut self, text: &str) {
        for (n, line) in text.split('\n').enumerate() {
            if n > 0 {
                self.line_break();
            }
            let line = line.trim_end_matches('\r');
            if !line.is_empty() {
                self.write("");
                self.out.extend(
                    line.chars().filter(|c| !is_noise(*c)).map(|c| if c == '\u{A0}' { ' ' } else { c }),
                );
            }
        }
    }

    /// What a list puts before an item is not struck out with it.
    pub(super) fn bullet(&mut self, text: &str) {
        let struck = std::mem::take(&mut self.struck);
        self.write(text);
        self.struck = struck;
    }

    /// Ends what is struck out on this line.
    fn end_struck(&mut self) {
        let Some(from) = self.struck_from.take() else { return };
        let end = self.out.trim_end_matches([' ', '\t']).len();
        if end <= from {
            self.out.truncate(from - MARK.len());
            return;
        }
        if self.runs.len() < MAX_RUNS {
            self.runs.push(self.out[from..end].to_owned());
        }
        self.out.insert_str(end, MARK);
    }

    /// Writes text after what is due before it.
    pub(super) fn write(&mut self, text: &str) {
        if self.struck_from.is_some() && (!self.struck || self.breaks > 0 || self.tab) {
            self.end_struck();
        }
        if self.breaks > 0 || self.out.is_empty() {
            self.new_line();
        } else if std::mem::take(&mut self.tab) {
            self.trim();
            self.out.push('\t');
        } else if let (Some(joiner), false, 0) = (self.joiner, self.space, self.lead) {
            self.out.push(joiner);
        } else {
            let soft = self.space && (self.lead > 0 || !self.out.ends_with([' ', '\t']));
            self.out.extend(std::iter::repeat_n(' ', self.lead + usize::from(soft)));
            self.lead = 0;
        }
        self.joiner = None;
        (self.breaks, self.space, self.tab, self.dirty, self.held) = (0, false, false, true, false);
        if self.struck && self.struck_from.is_none() {
            self.out.push_str(MARK);
            self.struck_from = Some(self.out.len());
        }
        self.out.push_str(text);
    }

    fn new_line(&mut self) {
        if !self.out.is_empty() {
            self.trim();
            let between = self.quotes.min(self.written).min(MAX_DEPTH);
            for n in 0..self.breaks {
                self.out.push('\n');
                if n + 1 < self.breaks {
                    self.out.extend(std::iter::repeat_n('>', between));
                }
            }
            self.line += self.breaks;
        }
        self.written = self.quotes;
        self.out.extend(std::iter::repeat_n("> ", self.quotes.min(MAX_DEPTH)));
        // One alone is a slip of the keyboard.
        let lead = if self.lead > 1 { self.lead } else { 0 };
        self.out.extend(std::iter::repeat_n(' ', lead));
        self.lead = 0;
        if self.mark != self.marked {
            self.marked = self.mark;
            self.marks.push((self.line, self.mark));
        }
    }

    fn trim(&mut self) {
        let kept = self.out.trim_end_matches([' ', '\t', '\u{3000}']).len();
        self.out.truncate(kept);
    }
}

/// Control characters, and hyphens and marks that nobody sees.
fn is_noise(c: char) -> bool {
    c.is_control() && c != '\t' || matches!(c, '\u{FEFF}' | '\u{200B}' | '\u{AD}' | '\u{2060}' | '\u{34F}')
}
