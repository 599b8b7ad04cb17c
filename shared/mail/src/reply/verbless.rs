//! Attributions that say nothing but when and who, and those in a language that no row has.

use super::{
    sentence,
    signs::{DATE_DIGITS, has_brackets, has_time, numerals},
    wrote,
};
use crate::languages::{self, Words};

/// Beginnings of weekdays before which no verb is written.
static WEEKDAYS: Words = Words::new(|| languages::words("date", "weekdays"));

/// Bytes of the name of a weekday.
const MAX_DAY: usize = 32;
/// Bytes of a line that is nothing but a date and a name.
const MAX_LINE: usize = 160;
/// Lines of a log that are looked at for one more of its kind.
const LOG: usize = 12;

/// Whether a line begins with a weekday before which no verb is written.
pub(super) fn begins_with_day(line: &str) -> bool {
    let head = &line[..line.floor_char_boundary(MAX_DAY)];
    is_day(&head.to_lowercase())
}

fn is_day(lower: &str) -> bool {
    WEEKDAYS.iter().any(|day| lower.starts_with(day))
}

/// Whether a line that ends in a colon and has no known verb is an attribution: `2026年1月5日(月) 12:34 名前 <a@b>:`,
/// `05.01.2026, 12:34, "N" <a@b>:`, or in an answer above marked lines one in whatever language. `first`: its first physical line; `marked`: a quote follows, and
/// whether it does so in an answer.
pub(super) fn is_attribution(lower: &str, plain: &str, first: &str, marked: Option<bool>) -> bool {
    let digits = numerals(plain);
    let dated = digits >= DATE_DIGITS || digits >= 3 && has_time(plain);
    let bracketed = has_brackets(plain);
    let closed = bracketed && plain.ends_with(['>', ')', ']', '"']);
    let opens = plain.starts_with(|c: char| c.is_numeric() || matches!(c, '*' | '+')) || is_day(lower);
    if sentence::is_sentence(plain.split_whitespace()) {
        return false;
    }
    match marked {
        Some(answers) => {
            let foreign = answers && bracketed && dated && numerals(first) >= 4 && plain.len() <= MAX_LINE;
            // `Jane Roe <jane@example.com>:`
            let named = || {
                answers
                    && closed
                    && sentence::is_name(plain.split_whitespace().filter(|word| !word.contains('@')))
            };
            opens && dated || closed && digits >= 4 || foreign || named()
        }
        None => closed && dated && opens,
    }
}

/// Whether a line is nothing but a date, perhaps a time and a zone, and a name, with an address or above a quote.
pub(super) fn is_whole(plain: &str, quote: bool) -> bool {
    let plain = plain.trim();
    let bracketed = has_brackets(plain) && plain.ends_with(['>', ')']);
    // `Mon, 5 Jan 2026 12:34 Jane Roe <jane@example.com>` above a quote
    let dated = || plain.starts_with(char::is_numeric) || begins_with_day(plain) || wrote::begins(plain);
    if quote && bracketed && dated() && has_time(plain) && plain.len() <= MAX_LINE {
        let name = plain.rsplit(char::is_numeric).next().unwrap_or_default();
        return !sentence::is_sentence(name.split_whitespace());
    }
    if !plain.starts_with(char::is_numeric) || plain.len() > MAX_LINE || !bracketed && !quote {
        return false;
    }
    // A year and two more numbers, with one sign between.
    let date = plain.split([' ', ',', '年']).next().unwrap_or_default();
    let parts = date.split(['-', '/', '.']).filter(|part| part.parse::<u16>().is_ok()).count();
    let words = plain.split_whitespace().skip(1).filter(|word| !word.contains('@'));
    let words = words.filter(|word| !word.contains(char::is_numeric));
    (parts == 3 || plain.contains('年')) && sentence::is_name(words)
}

/// Whether lines of this shape stand near: a log or a chat has many.
pub(super) fn is_log(before: &[&str], below: &[&str]) -> bool {
    let is_entry = |line: &&str| {
        let line = line.trim();
        line.starts_with(char::is_numeric) && numerals(line) >= DATE_DIGITS && has_brackets(line)
    };
    before.iter().rev().take(LOG).any(is_entry) || below.iter().take(LOG).any(is_entry)
}
