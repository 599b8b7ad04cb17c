//! Cutting by lines. Each rule looks at most a few lines ahead, so the whole is linear.

use memchr::memchr_iter;

use crate::html::Mark;

use super::{
    Cut,
    attribution::{After, attribution},
    code,
    divider::{Divider, divider, is_dashed},
    header::header_block,
    quote::{self, Marker},
    signature,
};

/// Text beyond this is not looked at and belongs to what came last.
const MAX_LOOKED_AT: usize = 256 * 1024;

/// Searches for an older mail below dashes.
const MAX_SEARCHES: usize = 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    New,
    Quote,
    Signature,
}

/// What is known of a text besides its lines.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Known<'a> {
    /// From which line on which mark of the HTML holds.
    pub(super) marks: &'a [(usize, Mark)],
    /// The subject says that it is a forward, so a header block begins content.
    pub(super) forward: bool,
    /// The mail says that it answers another.
    pub(super) answers: bool,
}

/// Cuts a text by its lines.
pub(super) fn cut(text: &str, known: Known) -> Cut {
    let lines = lines_of(text);
    let mut cutter = Cutter {
        lines: &lines,
        known,
        marker: Marker::default(),
        kind: Kind::New,
        mark: Mark::None,
        code_to: 0,
        searches: 0,
        attributed: false,
        cut: Parts {
            texts: [String::with_capacity(text.len() + 1), String::new(), String::new()],
            ..Parts::default()
        },
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

/// The three texts as they grow.
#[derive(Debug, Default)]
struct Parts {
    texts: [String; 3],
    last: Option<Kind>,
    /// The last line of the whole is empty.
    blank: bool,
}

impl Parts {
    fn push(&mut self, kind: Kind, lines: &[&str]) {
        let text = &mut self.texts[kind as usize];
        // Where something was cut out, an empty line stays.
        let joint = self.last.replace(kind).is_some_and(|last| last != kind);
        if joint && self.blank && !text.is_empty() && !text.ends_with("\n\n") {
            text.push('\n');
        }
        let mut leading = joint;
        for line in lines {
            self.blank = line.trim().is_empty();
            if self.blank && (text.is_empty() || leading && text.ends_with("\n\n")) {
                continue;
            }
            leading = false;
            text.push_str(line);
            text.push('\n');
        }
    }

    fn finish(self) -> Cut {
        let trimmed = |mut text: String| {
            text.truncate(text.trim_end().len());
            if text.starts_with(char::is_whitespace) { text.trim_start().to_owned() } else { text }
        };
        let [reply, quoted, signature] = self.texts.map(trimmed);
        Cut { reply, quoted, signature }
    }
}

enum Step {
    /// So many lines are of this kind.
    Take(Kind, usize),
    /// All that follows is.
    Rest(Kind),
    /// One line is of none.
    Skip,
}

struct Cutter<'a> {
    lines: &'a [&'a str],
    known: Known<'a>,
    marker: Marker,
    kind: Kind,
    mark: Mark,
    /// Up to this line, quote marks are part of code.
    code_to: usize,
    /// How often an older mail was looked for below dashes.
    searches: usize,
    attributed: bool,
    cut: Parts,
}

impl Cutter<'_> {
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
                Step::Skip => {
                    at += 1;
                    continue;
                }
            };
            let taken = &self.lines[at..end.min(self.lines.len())];
            self.kind = kind;
            self.cut.push(kind, taken);
            seen += taken.iter().map(|line| line.len() + 1).sum::<usize>();
            at = end;
        }
    }

    fn step(&mut self, at: usize) -> Step {
        let lines = &self.lines[at..];
        let line = lines[0];
        if line.trim().is_empty() {
            return self.blank(at);
        }
        if let Some(step) = self.marked(lines) {
            return step;
        }
        if let Some(step) = self.quoted(at) {
            return step;
        }
        match divider(line) {
            Some(Divider::Forwarded) => return Step::Rest(Kind::New),
            Some(Divider::Original) => return self.older(),
            // A helpdesk's own mail begins with it.
            Some(Divider::AnswerAbove) if self.cut.texts[0].is_empty() => return Step::Skip,
            Some(Divider::AnswerAbove) => return Step::Rest(Kind::Quote),
            None => {}
        }
        if header_block(lines, false) {
            return self.older();
        }
        if let Some(count) = attribution(lines, &|count| self.after(at + count)) {
            return self.attributed(at, count);
        }
        self.own(at)
    }

    /// An older mail begins: it is the content of a forward.
    fn older(&self) -> Step {
        Step::Rest(if self.known.forward { Kind::New } else { Kind::Quote })
    }

    fn blank(&self, at: usize) -> Step {
        let run = self.lines[at..].iter().take_while(|line| line.trim().is_empty()).count();
        let goes_on = self.lines.get(at + run).is_some_and(|line| self.marker.marks(line));
        let below_quote = self.kind == Kind::Quote && !goes_on;
        Step::Take(if below_quote { Kind::New } else { self.kind }, run)
    }

    /// What the HTML says.
    fn marked(&mut self, lines: &[&str]) -> Option<Step> {
        let first = self.kind != Kind::Quote;
        match self.mark {
            Mark::None => None,
            Mark::Signature => Some(Step::Take(Kind::Signature, 1)),
            Mark::QuoteToEnd => Some(self.older()),
            Mark::Rule => header_block(lines, true).then(|| self.older()),
            Mark::Intro if first && self.forwards(lines[0]) => Some(Step::Rest(Kind::New)),
            Mark::Quote if first && divider(lines[0]) == Some(Divider::Forwarded) => {
                Some(Step::Rest(Kind::New))
            }
            Mark::Block if !self.known.answers && !self.attributed => Some(Step::Take(Kind::New, 1)),
            Mark::Intro | Mark::Quote | Mark::Block => {
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
            if quote::is_escaped_from(lines) {
                return Some(Step::Take(Kind::New, 1));
            }
            if let Some(next) = lines[1..].iter().find(|line| !line.trim().is_empty()) {
                // SuperCite's attribution is marked, and its quote has marks of its own.
                let cites = lines[0].starts_with(">>>>> ") && lines[0].ends_with(':');
                cites.then(|| self.marker.learn(next));
            }
            let evident = self.known.answers || self.attributed;
            if let Some(count) = (!evident).then(|| code::run(self.lines, at, &self.marker)).flatten() {
                self.code_to = at + count;
                return Some(Step::Take(Kind::New, count));
            }
        }
        Some(Step::Take(Kind::Quote, 1))
    }

    fn mark_of(&self, line: usize) -> Mark {
        let n = self.known.marks.partition_point(|(from, _)| *from <= line);
        n.checked_sub(1).map_or(Mark::None, |n| self.known.marks[n].1)
    }

    fn after(&self, at: usize) -> After {
        let Some((n, line)) =
            self.lines.iter().enumerate().skip(at).take(8).find(|(_, line)| !line.trim().is_empty())
        else {
            return After::Nothing;
        };
        if matches!(self.mark_of(n), Mark::Quote | Mark::Block) || Marker::after_attribution(line) {
            After::Quote
        } else {
            After::Text
        }
    }

    fn attributed(&mut self, at: usize, count: usize) -> Step {
        self.attributed = true;
        if self.after(at + count) == After::Text {
            return Step::Rest(Kind::Quote);
        }
        if let Some(next) = self.lines[at + count..].iter().find(|line| !line.trim().is_empty()) {
            self.marker.learn(next);
        }
        Step::Take(Kind::Quote, count)
    }

    /// What the sender wrote, and what stands below it.
    fn own(&mut self, at: usize) -> Step {
        let lines = &self.lines[at..];
        if self.kind == Kind::Signature {
            return Step::Take(Kind::Signature, 1);
        }
        let above = at.checked_sub(1).map_or("", |above| self.lines[above]);
        let ends = || signature::is_mobile(lines[0]) || signature::is_short(lines[0], above);
        let signs = signature::begins(lines, above)
            || ends() && self.nothing_new(at + 1)
            || lines[0].trim_end() == "--" && self.older_follows(at + 1);
        Step::Take(if signs { Kind::Signature } else { Kind::New }, 1)
    }

    /// Whether an older mail begins so soon that a signature ends there.
    fn older_follows(&mut self, at: usize) -> bool {
        if self.searches >= MAX_SEARCHES {
            return false;
        }
        self.searches += 1;
        let near = at..self.lines.len().min(at + signature::MAX_LINES);
        near.clone().skip(1).any(|n| !self.lines[n].trim().is_empty() && self.older_at(n))
    }

    fn older_at(&self, at: usize) -> bool {
        let rest = &self.lines[at..];
        divider(rest[0]).is_some()
            || header_block(rest, false)
            || attribution(rest, &|count| self.after(at + count)).is_some()
    }

    /// Whether only a quote or more of a signature follows.
    fn nothing_new(&self, at: usize) -> bool {
        let Some(next) = (at..self.lines.len()).find(|n| !self.lines[*n].trim().is_empty()) else {
            return true;
        };
        let rest = &self.lines[next..];
        self.mark_of(next) != Mark::None
            || self.marker.marks(rest[0])
            || signature::is_mobile(rest[0])
            || signature::begins(rest, "")
            || self.older_at(next)
    }
}

#[cfg(test)]
#[path = "lines_tests.rs"]
mod tests;
