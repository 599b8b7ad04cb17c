//! Lines that programs glued together: what is new, and behind it in the same line what is not.

use memchr::{memchr, memmem};

use super::{
    attribution::{Around, attribution},
    divider, mobile,
    signs::{self, has_brackets},
    verbless, wrote,
};

/// Longer lines are text.
const MAX_LINE: usize = 1_000;
/// Places in one line that are looked at.
const MAX_PLACES: usize = 8;
/// Physical lines of what begins within one.
pub(super) const MAX_LINES: usize = 4;

/// Where in the first of `lines` an older mail begins, behind words that are new.
pub(super) fn older_within(lines: &[&str], around: Around) -> Option<usize> {
    let line = *lines.first()?;
    if line.len() > MAX_LINE {
        return None;
    }
    divided(line).or_else(|| attributed(lines, around))
}

/// `Thanks!-------- Original message --------From: ...`
fn divided(line: &str) -> Option<usize> {
    let at = memmem::find(line.as_bytes(), b"-----")?;
    let (new, rest) = line.split_at(at);
    (!new.trim().is_empty() && divider::divider(rest) == Some(divider::Divider::Original)).then_some(at)
}

/// `Fine. On Mon, Jan 5, 2026 at 12:34 PM, Jane Roe <jane@example.com> wrote:`
fn attributed(lines: &[&str], around: Around) -> Option<usize> {
    let near = &lines[..lines.len().min(MAX_LINES)];
    if !near.iter().any(|line| memchr(b'@', line.as_bytes()).is_some()) {
        return None;
    }
    let line = near[0];
    let starts = starts(line).filter(|at| may_follow(line, *at)).take(MAX_PLACES);
    let at =
        starts.into_iter().find(|at| is_new(&line[..*at]) && is_whole(&line[*at..], &near[1..], around))?;
    // Some set dashes between.
    Some(line[..at].trim_end_matches(['-', '—']).len())
}

/// Whether an attribution may begin at a place: as rows do, or behind a sentence with a day or a number.
fn may_follow(line: &str, at: usize) -> bool {
    let rest = &line[at..];
    let small = rest.starts_with(char::is_lowercase);
    let dated = || rest.starts_with(char::is_numeric) || verbless::begins_with_day(rest);
    let before = &line[..at];
    ends_sentence(before) && dated() && !before.contains(char::is_numeric) || !small && wrote::begins(rest)
}

/// Where words begin, behind a blank or a sign.
fn starts(line: &str) -> impl Iterator<Item = usize> {
    let mut before = 'a';
    line.char_indices().filter_map(move |(at, c)| {
        let last = std::mem::replace(&mut before, c);
        let parted = last.is_whitespace()
            || matches!(last, '.' | '!' | '?' | ')' | '-' | '—' | '…' | '。' | '！' | '？');
        (at > 0 && parted && c.is_alphanumeric()).then_some(at)
    })
}

/// Whether an attribution with a date and an address begins with `rest`.
fn is_whole(rest: &str, below: &[&str], around: Around) -> bool {
    let lines = [&[rest][..], below].concat();
    let all = attribution(&lines, around).map(|count| lines[..count].join(" "));
    all.is_some_and(|all| has_brackets(&all) && signs::numerals(&all) >= signs::DATE_DIGITS)
}

/// Whether words before an attribution are not its beginning: `Op ma`, `V`, `Den`.
fn is_new(before: &str) -> bool {
    let long = before.split_whitespace().count() >= 4 || !wrote::begins(before);
    before.trim_matches(|c: char| !c.is_alphanumeric()).chars().count() > 1
        && (ends_sentence(before) || long && !before.contains(char::is_numeric))
}

/// What ends a sentence, besides a full stop behind a word.
const ENDS: [char; 10] = ['!', '?', ')', '。', '！', '？', '…', '-', '—', '\u{1F600}'];

fn ends_sentence(text: &str) -> bool {
    let text = text.trim_end();
    let word = text.trim_end_matches('.').rsplit(' ').next().unwrap_or_default();
    text.ends_with(ENDS) || text.ends_with('.') && word.chars().count() > 3
}

/// Whether words follow the end of a sentence. In most lines none do.
fn goes_on(line: &str) -> bool {
    let end = line.find(|c| c == '.' || ENDS.contains(&c));
    end.is_some_and(|end| line[end..].contains(char::is_alphanumeric))
}

/// Where the line of a device begins in the last line of a text, glued to the last words or behind them.
pub(super) fn device_within(line: &str) -> Option<usize> {
    if line.len() > MAX_LINE || !goes_on(line) {
        return None;
    }
    let places = starts(line).filter(|at| !line[*at..].starts_with(char::is_lowercase));
    let mut places = places.filter(|at| ends_sentence(&line[..*at])).take(MAX_PLACES);
    places.find(|at| mobile::is_mobile(&line[*at..])).filter(|_| !mobile::is_mobile(line))
}
