//! What the sender wrote, and what stands below it: how lines are told that nothing marks as older.

use crate::{html::Mark, text::is_blank};

use super::{
    begin::{self, Begin},
    glance::asked,
    lines::{Cutter, Step},
    mobile,
    parts::Kind,
    signature::{self, Marked},
    signs::{DATE_DIGITS, numerals},
};

/// Searches of many lines.
const MAX_SEARCHES: usize = 20;
/// Lines of a block of code.
const MAX_CODE: usize = 200;

impl Cutter<'_> {
    /// The line above, which may be empty.
    pub(super) fn above(&self, at: usize) -> &str {
        at.checked_sub(1).map_or("", |above| self.lines[above])
    }

    /// Whether the line above, or that above an empty one, is new and announces something.
    pub(super) fn announced(&self, at: usize) -> bool {
        let above = self.lines[at.saturating_sub(2)..at].iter().rev().find(|line| !is_blank(line));
        self.said == Kind::New && above.is_some_and(|line| line.trim_end().ends_with([':', '：']))
    }

    /// Whether a block of code begins or goes on between lines of three grave accents.
    pub(super) fn fenced(&mut self, at: usize) -> bool {
        let is_fence = |line: &&str| line.trim_start().starts_with("```");
        if !is_fence(&self.lines[at]) || self.searches >= MAX_SEARCHES {
            return false;
        }
        self.searches += 1;
        let end = self.lines[at + 1..].iter().take(MAX_CODE).position(is_fence);
        self.code_to = end.map_or(self.code_to, |end| at + end + 2);
        end.is_some()
    }

    /// What the twin says that begins at a line.
    pub(super) fn begin_of_twin(&self, at: usize) -> Option<Begin> {
        if self.known.begins.is_empty() {
            return None;
        }
        begin::begin(self.known.begins, &self.lines[at..])
    }

    /// Whether a block of the markup quotes an older mail; if not, somebody set words apart.
    pub(super) fn is_quoting_block(&self, at: usize) -> bool {
        if self.kind == Kind::Quote && self.blocks_quote {
            return true;
        }
        let above = (0..at).rev().take(3).find(|n| !is_blank(self.lines[*n]));
        let attributed = self.attributed && above.is_none_or(|above| above + 1 == self.attribution_to);
        if attributed || self.blocks_quote && self.attributed {
            return true;
        }
        let rest = self.known.marks.iter().skip_while(|(line, _)| *line <= at);
        let mut rest = rest.skip_while(|(_, mark)| *mark == Mark::Block);
        let ends = match rest.next() {
            Some((line, Mark::None)) => {
                self.lines[*line..].iter().all(|line| is_blank(line)) && rest.next().is_none()
            }
            Some((_, mark)) => *mark == Mark::Signature,
            None => true,
        };
        self.known.answers && ends && !self.announced(at)
    }

    /// Whether a quote is words that somebody set apart by a button for quotes: announced, above the mail that is answered.
    pub(super) fn sets_apart(&self, at: usize) -> bool {
        let dated = self.lines[at.saturating_sub(2)..at].iter().any(|line| numerals(line) >= DATE_DIGITS);
        let below = self.known.marks.iter().skip_while(|(line, _)| *line <= at);
        self.known.answers
            && !self.attributed
            && !dated
            && self.announced(at)
            && below.into_iter().any(|(_, mark)| matches!(mark, Mark::Intro | Mark::QuoteToEnd))
    }

    /// How many lines stand before the next mark.
    pub(super) fn to_next_mark(&self, at: usize) -> usize {
        let next = self.known.marks.iter().find(|(line, _)| *line > at);
        next.map_or(self.lines.len(), |(line, _)| *line) - at
    }

    /// What the sender wrote, and what stands below it.
    pub(super) fn own(&mut self, at: usize) -> Step {
        let lines = &self.lines[at..];
        if self.kind == Kind::Signature {
            return Step::Take(Kind::Signature, 1);
        }
        let may_be_mobile = self.glances[at].has_link() || mobile::may_begin_or_end(lines[0]);
        let ends = asked(may_be_mobile, || mobile::is_mobile(lines[0]))
            || signature::is_short(lines[0], self.above(at));
        let signs = signature::footer(lines)
            || ends && self.nothing_new(at + 1)
            || self.said == Kind::Quote && signature::boxed(lines)
            || signature::is_mark(lines[0]) && self.is_signed(at);
        Step::Take(if signs { Kind::Signature } else { Kind::New }, 1)
    }

    /// Whether a signature stands below a mark.
    fn is_signed(&mut self, at: usize) -> bool {
        if self.searches >= MAX_SEARCHES {
            return false;
        }
        self.searches += 1;
        let end = self.lines.len().min(at + 1 + 2 * signature::MAX_LINES);
        let older = (at + 1..end).find(|n| !is_blank(self.lines[*n]) && self.older_at(*n));
        let signs = signature::signs(Marked {
            mark: self.lines[at],
            above: self.above(at),
            below: &self.lines[at + 1..older.unwrap_or(end)],
            older: older.is_some(),
            separates: self.separates,
            author: self.known.author,
        });
        self.separates |= !signs;
        signs
    }

    fn older_at(&self, at: usize) -> bool {
        let quoted = matches!(self.mark_of(at), Mark::Quote | Mark::Intro | Mark::QuoteToEnd);
        quoted
            || self.marker.marks(self.lines[at])
            || self.divider_at(at).is_some()
            || self.divides(at)
            || self.heads(at)
            || self.attribution_at(at).is_some()
    }

    /// Whether only a quote or more of a signature follows.
    pub(super) fn nothing_new(&self, at: usize) -> bool {
        let Some(next) = (at..self.lines.len()).find(|n| !is_blank(self.lines[*n])) else {
            return true;
        };
        let rest = &self.lines[next..];
        self.mark_of(next) != Mark::None
            || mobile::is_mobile(rest[0])
            || signature::is_mark(rest[0])
            || signature::footer(rest)
            || self.older_at(next)
    }
}
