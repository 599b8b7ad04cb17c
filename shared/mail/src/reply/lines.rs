//! Cutting by lines. Each rule looks at most a few lines ahead, so the whole is linear.

use memchr::memchr_iter;

use crate::{
    html::Mark,
    text::{is_blank, is_unseen},
};

use super::{
    attribution::{self, After, attribution},
    begin::Begin,
    code,
    divider::{self, Divider, divider, is_dashed},
    glance::{Glance, asked},
    header::{self, header_block},
    parts::{Cut, Kind, Parts},
    quote::{self, Marker},
    within,
};

/// Text beyond this is not looked at and belongs to what came last.
const MAX_LOOKED_AT: usize = 256 * 1024;

/// Lines before one that are looked at.
const MAX_BEFORE: usize = 12;

/// What is known of a text besides its lines.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Known<'a> {
    /// From which line on which mark of the HTML holds.
    pub(super) marks: &'a [(usize, Mark)],
    /// What the HTML twin says of where older mails begin.
    pub(super) begins: &'a [Begin],
    /// The subject says that it is a forward, so a header block begins content.
    pub(super) forward: bool,
    /// The mail says that it answers another.
    pub(super) answers: bool,
    /// The subject, without what programs set before it.
    pub(super) subject: &'a str,
    /// The sender's name.
    pub(super) author: &'a str,
}

/// Cuts a text by its lines.
pub(super) fn cut(text: &str, known: Known) -> Cut {
    let lines = lines_of(text);
    let mut cutter = Cutter {
        glances: lines.iter().map(|line| Glance::of(line)).collect(),
        lines,
        known,
        marker: Marker::default(),
        kind: Kind::New,
        said: Kind::New,
        mark: Mark::None,
        code_to: 0,
        searches: 0,
        attributed: false,
        attribution_to: 0,
        blocks_quote: false,
        separates: false,
        cut: Parts::of(text.len()),
    };
    cutter.run();
    cutter.cut.finish()
}

/// [`str::lines`], by a faster search.
fn lines_of(text: &str) -> Vec<&str> {
    let mut lines = Vec::with_capacity(text.len() / 32);
    let mut start = 0;
    for end in memchr_iter(b'\n', text.as_bytes()) {
        let line = &text[start..end];
        lines.push(line.strip_suffix('\r').unwrap_or(line));
        start = end + 1;
    }
    lines.extend(Some(&text[start..]).filter(|rest| !rest.is_empty()));
    lines
}

/// Whether a line holds nothing but glyphs that a program leaves to learn when a mail is read, or that nobody sees.
fn is_tracker(line: &str) -> bool {
    // Most lines begin with a letter.
    !line.starts_with(|c: char| c.is_ascii_graphic())
        && line.trim().chars().all(|c| c == '\u{1427}' || is_unseen(c))
}

pub(super) enum Step {
    /// So many lines are of this kind.
    Take(Kind, usize),
    /// All that follows is.
    Rest(Kind),
    /// One line is cut and says nothing of the next.
    Aside,
}

pub(super) struct Cutter<'a> {
    pub(super) lines: Vec<&'a str>,
    /// Of each line.
    pub(super) glances: Vec<Glance>,
    pub(super) known: Known<'a>,
    pub(super) marker: Marker,
    pub(super) kind: Kind,
    /// The kind of the last line that is not empty.
    pub(super) said: Kind,
    mark: Mark,
    /// Up to this line, marks are part of code.
    pub(super) code_to: usize,
    /// How often something was looked for further below.
    pub(super) searches: usize,
    pub(super) attributed: bool,
    /// The line below the last attribution.
    pub(super) attribution_to: usize,
    /// A block of the markup that is not marked as a quote was one.
    pub(super) blocks_quote: bool,
    /// A mark of signatures parted paragraphs.
    pub(super) separates: bool,
    pub(super) cut: Parts,
}

impl<'a> Cutter<'a> {
    fn run(&mut self) {
        let (mut at, mut seen, mut next_mark) = (0, 0, 0);
        while at < self.lines.len() {
            while let Some((_, mark)) = self.known.marks.get(next_mark).filter(|(line, _)| *line <= at) {
                // The end of a marked signature is known.
                if self.mark == Mark::Signature && self.kind == Kind::Signature {
                    self.kind = Kind::New;
                }
                (self.mark, next_mark) = (*mark, next_mark + 1);
            }
            let step = if seen > MAX_LOOKED_AT { Step::Rest(self.kind) } else { self.step(at) };
            let (kind, end) = match step {
                Step::Rest(kind) => (kind, self.lines.len()),
                Step::Take(kind, count) => (kind, at + count.max(1)),
                Step::Aside => {
                    self.cut.push(Kind::Signature, &self.lines[at..=at]);
                    at += 1;
                    continue;
                }
            };
            let taken = &self.lines[at..end.min(self.lines.len())];
            self.kind = kind;
            if taken.iter().any(|line| !is_blank(line)) {
                self.said = kind;
            }
            self.cut.push(kind, taken);
            seen += taken.iter().map(|line| line.len() + 1).sum::<usize>();
            at = end;
        }
    }

    fn step(&mut self, at: usize) -> Step {
        if is_blank(self.lines[at]) {
            return self.blank(at);
        }
        if is_tracker(self.lines[at]) {
            return Step::Aside;
        }
        if let Some(step) = self.marked(at) {
            return step;
        }
        if let Some(step) = self.quoted(at) {
            return step;
        }
        if at < self.code_to || self.fenced(at) {
            return Step::Take(Kind::New, 1);
        }
        self.unglue(at);
        match self.divider_at(at) {
            Some(Divider::Forwarded) => return Step::Rest(Kind::New),
            Some(Divider::Original) => return self.older(),
            // A helpdesk's own mail begins with it.
            Some(Divider::AnswerAbove) if self.cut.nothing_new() => return Step::Aside,
            Some(Divider::AnswerAbove) => return Step::Rest(Kind::Quote),
            None => {}
        }
        if self.divides(at) || self.heads(at) {
            return self.older();
        }
        match self.begin_of_twin(at) {
            Some(Begin::Older(_)) => return self.older(),
            Some(Begin::Attribution(_, count)) => return self.attributed(at, count),
            None => {}
        }
        if let Some(count) = self.attribution_at(at) {
            return self.attributed(at, count);
        }
        self.own(at)
    }

    /// An older mail begins: it is the content of a forward.
    fn older(&self) -> Step {
        Step::Rest(if self.known.forward { Kind::New } else { Kind::Quote })
    }

    fn blank(&self, at: usize) -> Step {
        let run = self.lines[at..].iter().take_while(|line| is_blank(line)).count();
        let goes_on = self.lines.get(at + run).is_some_and(|line| self.marker.marks(line));
        let below_quote = self.kind == Kind::Quote && !goes_on;
        Step::Take(if below_quote { Kind::New } else { self.kind }, run)
    }

    /// What the HTML says.
    fn marked(&mut self, at: usize) -> Option<Step> {
        let lines = &self.lines[at..];
        let first = self.kind != Kind::Quote;
        match self.mark {
            Mark::None => None,
            Mark::Signature => Some(Step::Take(Kind::Signature, 1)),
            Mark::QuoteToEnd => Some(self.older()),
            Mark::Rule => header_block(lines, header::Around { sure: true, ..self.around_header(at) })
                .then(|| self.older()),
            Mark::Intro if first && self.forwards(lines[0]) => Some(Step::Rest(Kind::New)),
            Mark::Quote if first && divider(lines[0]) == Some(Divider::Forwarded) => {
                Some(Step::Rest(Kind::New))
            }
            Mark::Block => {
                self.blocks_quote = self.is_quoting_block(at);
                Some(Step::Take(if self.blocks_quote { Kind::Quote } else { Kind::New }, 1))
            }
            Mark::Quote if first && self.sets_apart(at) => Some(Step::Take(Kind::New, self.to_next_mark(at))),
            Mark::Intro | Mark::Quote => {
                self.attributed = true;
                Some(Step::Take(Kind::Quote, 1))
            }
        }
    }

    fn forwards(&self, line: &str) -> bool {
        match divider(line) {
            Some(Divider::Forwarded) => true,
            Some(Divider::Original) => self.known.forward,
            _ => is_dashed(line) && !self.known.answers,
        }
    }

    /// Lines with quote marks, and what a program broke off them.
    fn quoted(&mut self, at: usize) -> Option<Step> {
        let lines = &self.lines[at..];
        if !self.marker.marks(lines[0]) {
            let broken = self.kind == Kind::Quote
                && at > 0
                && quote::is_broken_off(self.lines[at - 1], lines, &self.marker);
            return broken.then_some(Step::Take(Kind::Quote, 1));
        }
        if at < self.code_to {
            return Some(Step::Take(Kind::New, 1));
        }
        if self.kind != Kind::Quote {
            if divider(lines[0]) == Some(Divider::Forwarded) {
                return Some(Step::Rest(Kind::New));
            }
            if quote::is_group_wise(lines[0]) {
                return Some(Step::Rest(Kind::Quote));
            }
            let below = lines.get(1).unwrap_or(&"");
            let decorates = !self.attributed && quote::is_decoration(lines[0], self.above(at), below);
            if decorates || quote::is_escaped_from(lines) {
                return Some(Step::Take(Kind::New, 1));
            }
            if let Some(next) = lines[1..].iter().find(|line| !is_blank(line)) {
                // SuperCite's attribution is marked, and its quote has marks of its own.
                let cites = lines[0].starts_with(">>>>> ") && lines[0].ends_with(':');
                cites.then(|| self.marker.learn(next));
            }
            let evident = (self.known.answers || self.attributed) && !self.announced(at);
            if let Some(count) = (!evident).then(|| code::run(&self.lines, at, &self.marker)).flatten() {
                self.code_to = at + count;
                return Some(Step::Take(Kind::New, count));
            }
        }
        Some(Step::Take(Kind::Quote, 1))
    }

    pub(super) fn mark_of(&self, line: usize) -> Mark {
        let n = self.known.marks.partition_point(|(from, _)| *from <= line);
        n.checked_sub(1).map_or(Mark::None, |n| self.known.marks[n].1)
    }

    fn after(&self, at: usize) -> After {
        let Some((n, line)) =
            self.lines.iter().enumerate().skip(at).take(8).find(|(_, line)| !is_blank(line))
        else {
            return After::Nothing;
        };
        if matches!(self.mark_of(n), Mark::Quote | Mark::Block) || Marker::after_attribution(line) {
            After::Quote
        } else {
            After::Text
        }
    }

    pub(super) fn divider_at(&self, at: usize) -> Option<Divider> {
        asked(self.glances[at].may_divide(), || divider(self.lines[at]))
    }

    pub(super) fn attribution_at(&self, at: usize) -> Option<usize> {
        let after = |count: usize| self.after(at + count);
        asked(self.glances[at].may_attribute(), || attribution(&self.lines[at..], self.around(at, &after)))
    }

    fn around<'c>(&'c self, at: usize, after: &'c dyn Fn(usize) -> After) -> attribution::Around<'c> {
        let before = &self.lines[at.saturating_sub(MAX_BEFORE)..at];
        attribution::Around { after, before, answers: self.known.answers }
    }

    /// Sets an older mail that begins within a line on a line of its own.
    fn unglue(&mut self, at: usize) {
        let near = &self.glances[at..self.lines.len().min(at + within::MAX_LINES)];
        let may_hold = self.glances[at].has_dash() || near.iter().any(|glance| glance.has_at());
        let after = |count: usize| self.after(at + count);
        let older = asked(may_hold, || within::older_within(&self.lines[at..], self.around(at, &after)));
        let place = older.or_else(|| {
            let ends = |next: &&str| is_blank(next) || next.starts_with(['-', '>', '_']);
            let last = self.lines.get(at + 1).is_none_or(ends);
            let device = last.then(|| within::device_within(self.lines[at])).flatten();
            device.filter(|_| self.nothing_new(at + 1))
        });
        if let Some(place) = place {
            let (new, rest) = self.lines[at].split_at(place);
            self.lines[at] = rest;
            self.glances[at] = Glance::of(rest);
            self.said = Kind::New;
            self.kind = Kind::New;
            self.cut.push(Kind::New, &[new.trim_end()]);
        }
    }

    fn attributed(&mut self, at: usize, count: usize) -> Step {
        self.attributed = true;
        self.attribution_to = at + count;
        if self.after(at + count) == After::Text {
            return Step::Rest(Kind::Quote);
        }
        if let Some(next) = self.lines[at + count..].iter().find(|line| !is_blank(line)) {
            self.marker.learn(next);
        }
        Step::Take(Kind::Quote, count)
    }

    /// Whether a divider begins an older mail, in whatever words.
    pub(super) fn divides(&self, at: usize) -> bool {
        let line = self.lines[at];
        if !self.known.answers {
            return false;
        }
        let below = || (at + 1..self.lines.len().min(at + 4)).find(|n| !is_blank(self.lines[*n]));
        let ruled =
            || divider::is_rule(line) && below().is_some_and(|next| divider::is_earlier(self.lines[next]));
        if divider::is_earlier(line) || ruled() {
            return true;
        }
        if !divider::is_unknown(line) {
            return false;
        }
        let next = below();
        let alone = || {
            let near = self.lines[at.saturating_sub(40)..].iter().take(80);
            near.filter(|line| divider::is_unknown(line)).count() == 1
        };
        next.is_some_and(|next| self.heads(next)) || divider::names_mail(line) && next.is_some() && alone()
    }

    /// Whether a header block begins, and not one line below its first.
    pub(super) fn heads(&self, at: usize) -> bool {
        let block = || header_block(&self.lines[at..], self.around_header(at));
        asked(self.glances[at].may_head(), || !header::is_labelled(self.above(at)) && block())
    }

    fn around_header(&self, at: usize) -> header::Around<'a> {
        let Known { answers, subject, .. } = self.known;
        header::Around { sure: false, answers, announced: self.announced(at), subject }
    }
}

#[cfg(test)]
#[path = "lines_tests.rs"]
mod tests;
