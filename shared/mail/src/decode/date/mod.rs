//! Dates (RFC 5322, section 3.3), and as programs write them that do not know it.
//!
//! Read by what the pieces look like rather than by where they stand: a time has colons, a month has letters, a zone
//! has a sign or a name.

mod names;

use jiff::{Timestamp, civil, tz::Offset};

use names::{AFTERNOON, MONTHS, MORNING, ZONES};

/// A date field is not longer.
const MAX_LENGTH: usize = 256;

/// None for what is no date; before 1900 and after 2200 are no dates either.
/// Seconds and zone may be missing (UTC then); ISO 8601 and the dates of operating systems are understood too.
pub(crate) fn date(unfolded: &[u8]) -> Option<Timestamp> {
    let text = String::from_utf8_lossy(&unfolded[..unfolded.len().min(MAX_LENGTH)]);
    let tokens = tokens(&without_comments(&text));
    let mut seen = Seen::default();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at += seen.take(token, &tokens[at + 1..]);
    }
    seen.moment()
}

fn without_comments(text: &str) -> String {
    let mut depth = 0usize;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 => out.push(c),
            _ => {}
        }
    }
    // A comment that never ends hides nothing.
    if depth > 0 { text.replace('(', " ") } else { out }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    /// With how many digits it was written.
    Number(i64, usize),
    /// In lower case.
    Word(String),
    Sign(char),
}

fn tokens(text: &str) -> Vec<Token> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let run = |of: &dyn Fn(char) -> bool| rest.find(|c| !of(c)).unwrap_or(rest.len());
        let end = if c.is_ascii_digit() {
            let end = run(&|c| c.is_ascii_digit());
            out.push(Token::Number(rest[..end].parse().unwrap_or(-1), end));
            end
        } else if c.is_alphabetic() {
            let end = run(&char::is_alphabetic);
            out.push(Token::Word(rest[..end].to_lowercase()));
            end
        } else {
            if !c.is_whitespace() && c != ',' {
                out.push(Token::Sign(c));
            }
            c.len_utf8()
        };
        rest = &rest[end..];
    }
    out
}

/// What was found so far.
#[derive(Debug, Default)]
struct Seen {
    /// Numbers of the date in their order, with the sign that followed, and how many digits they had.
    numbers: Vec<(i64, char, usize)>,
    month: Option<i8>,
    time: Option<(i64, i64, i64)>,
    afternoon: Option<bool>,
    /// Minutes east.
    zone: Option<i64>,
}

impl Seen {
    /// Takes a token, and gives how many were taken with those that follow.
    fn take(&mut self, token: &Token, next: &[Token]) -> usize {
        match (token, next) {
            (Token::Number(hour, 1..=2), [Token::Sign(':'), Token::Number(minute, _), rest @ ..])
                if self.time.is_none() =>
            {
                3 + self.seconds(*hour, *minute, ':', rest)
            }
            // `12.34.56` or `12h34` behind the date.
            (
                Token::Number(hour, 1..=2),
                [Token::Sign('.'), Token::Number(minute, 2), Token::Sign('.'), Token::Number(second, 2), ..],
            ) if self.time.is_none() && self.is_dated() => {
                self.time = Some((*hour, *minute, *second));
                5
            }
            (Token::Sign(sign @ ('+' | '-')), [Token::Number(number, digits), rest @ ..])
                if self.time.is_some() =>
            {
                2 + self.offset(*sign, *number, *digits, rest)
            }
            // `20260105T123456Z`
            (Token::Number(day, 8), _) if self.numbers.is_empty() => {
                self.numbers = vec![(day / 10000, '-', 4), (day / 100 % 100, '-', 2), (day % 100, '-', 2)];
                1
            }
            (Token::Number(time, 6), _) if self.time.is_none() && self.is_dated() => {
                self.time = Some((time / 10000, time / 100 % 100, time % 100));
                1
            }
            // `0200` behind all else forgot its sign.
            (Token::Number(number @ ..=1400, 4), _) if self.time.is_some() && self.is_dated() => {
                1 + self.offset('+', *number, 4, &[])
            }
            (Token::Number(number, digits), next) => {
                let sign = match next.first() {
                    Some(Token::Sign(sign)) => *sign,
                    Some(Token::Word(word)) if matches!(word.as_str(), "年" | "月" | "日") => '年',
                    _ => ' ',
                };
                self.numbers.push((*number, sign, *digits));
                1
            }
            (Token::Word(word), next) => self.word(word, next),
            (Token::Sign(_), _) => 1,
        }
    }

    fn is_dated(&self) -> bool {
        self.numbers.len() + usize::from(self.month.is_some()) >= 3
    }

    fn seconds(&mut self, hour: i64, minute: i64, sign: char, rest: &[Token]) -> usize {
        let (second, taken) = match rest {
            [Token::Sign(s), Token::Number(second, _), Token::Sign('.'), Token::Number(..), ..]
                if *s == sign =>
            {
                (*second, 4)
            }
            [Token::Sign(s), Token::Number(second, _), ..] if *s == sign => (*second, 2),
            _ => (0, 0),
        };
        self.time = Some((hour, minute, second));
        taken
    }

    /// `+0900`, `+09:00`, `+9`.
    fn offset(&mut self, sign: char, number: i64, digits: usize, rest: &[Token]) -> usize {
        let (minutes, taken) = match (digits, rest) {
            (1 | 2, [Token::Sign(':'), Token::Number(minutes, 2), ..]) => (number * 60 + minutes, 2),
            (1 | 2, _) => (number * 60, 0),
            _ => (number / 100 * 60 + number % 100, 0),
        };
        // Farther than a day is no zone, and not worth the date.
        let minutes = if minutes < 24 * 60 { minutes } else { 0 };
        self.zone = Some(if sign == '-' { -minutes } else { minutes });
        taken
    }

    fn word(&mut self, word: &str, next: &[Token]) -> usize {
        let dotted = |letter: &str| matches!(next, [Token::Sign('.'), Token::Word(m), ..] if m == "m" && word == letter);
        match word {
            _ if MORNING.contains(&word) => self.afternoon = Some(false),
            _ if AFTERNOON.contains(&word) => self.afternoon = Some(true),
            _ if dotted("a") => self.afternoon = Some(false),
            _ if dotted("p") => self.afternoon = Some(true),
            _ => {
                let zone = ZONES.iter().find(|(name, _)| *name == word).map(|(_, minutes)| *minutes);
                if let (Some(minutes), true) = (zone, self.time.is_some()) {
                    // `GMT+0200` is what follows; a comment after an offset says nothing new.
                    self.zone = self.zone.or(Some(i64::from(minutes)));
                } else if !(self.numbers.is_empty() && names_month(next)) {
                    // `mar` begins a French Tuesday too, and `maa` a Dutch Monday; the month comes later then.
                    self.month = self.month.or_else(|| month(word));
                }
            }
        }
        1
    }

    fn moment(self) -> Option<Timestamp> {
        let (year, month, day) = self.day()?;
        let (mut hour, minute, second) = self.time.unwrap_or_default();
        match self.afternoon {
            Some(true) if hour < 12 => hour += 12,
            Some(false) if hour == 12 => hour = 0,
            _ => {}
        }
        if !(0..=24).contains(&hour) || !(0..60).contains(&minute) || !(0..=60).contains(&second) {
            return None;
        }
        if hour == 24 && (minute, second) != (0, 0) || !(1900..2200).contains(&year) {
            return None;
        }
        let day = civil::Date::new(i16::try_from(year).ok()?, month, i8::try_from(day).ok()?).ok()?;
        let midnight = Offset::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok()?;
        let zone = self.zone.unwrap_or(0);
        let seconds = midnight.as_second() + hour * 3600 + (minute - zone) * 60 + second;
        Timestamp::from_second(seconds).ok()
    }

    fn day(&self) -> Option<(i64, i8, i64)> {
        let numbers = self.numbers.as_slice();
        if let Some(month) = self.month {
            return match numbers {
                // `2026 Jan 5` or `2026-Jan-05`
                [(year, _, 4), (day, ..), ..] => Some((*year, month, *day)),
                [(day, ..), (year, _, digits), ..] => Some((full(*year, *digits), month, *day)),
                _ => None,
            };
        }
        let [(a, sign, digits), (b, ..), (c, _, last), ..] = numbers else { return None };
        let month = |n: i64| i8::try_from(n).ok().filter(|n| (1..=12).contains(n));
        if *digits >= 4 || *sign == '年' {
            return Some((*a, month(*b)?, *c));
        }
        let year = full(*c, *last);
        // Americans write the month first and part by slashes, and so do clocks of twelve hours.
        let american = *b > 12 || *sign == '/' && *a <= 12 || self.afternoon.is_some() && *a <= 12;
        if american { Some((year, month(*a)?, *b)) } else { Some((year, month(*b)?, *a)) }
    }
}

fn month(word: &str) -> Option<i8> {
    MONTHS.iter().find(|(start, _)| word.starts_with(start)).map(|(_, month)| *month)
}

fn names_month(tokens: &[Token]) -> bool {
    tokens.iter().any(|token| matches!(token, Token::Word(word) if month(word).is_some()))
}

/// Years of two and three digits (RFC 5322, section 4.3).
fn full(year: i64, digits: usize) -> i64 {
    match digits {
        1 | 2 if year < 50 => year + 2000,
        1..=3 => year + 1900,
        _ => year,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Dates as mails have them; empty for what is none.
    const SAMPLES: [(&str, &str); 62] = [
        (" Mon, 05 Jan 2026 12:34:56 +0900", "2026-01-05T03:34:56Z"),
        ("5 Jan 2026 12:34:56 GMT (comment)", "2026-01-05T12:34:56Z"),
        ("Mon,  5 Jan 26 12:34 EST", "2026-01-05T17:34:00Z"),
        ("Mon, 5 Jan 2026 12:34:56", "2026-01-05T12:34:56Z"),
        ("2026-01-05T12:34:56+09:00", "2026-01-05T03:34:56Z"),
        ("yesterday", ""),
        ("", ""),
        ("2026-01-05 12:34", "2026-01-05T12:34:00Z"),
        ("2026-01-05", "2026-01-05T00:00:00Z"),
        ("2026-01-05T12:34:56.789Z", "2026-01-05T12:34:56Z"),
        ("2026-01-05 12:34:56 -0500", "2026-01-05T17:34:56Z"),
        ("2026/01/05 12:34:56", "2026-01-05T12:34:56Z"),
        ("20260105T123456Z", "2026-01-05T12:34:56Z"),
        ("Sat, 5 Jan 2026 12:34:56 +0000", "2026-01-05T12:34:56Z"),
        ("Mon Jan  5 12:34:56 2026", "2026-01-05T12:34:56Z"),
        ("Mon Jan  5 12:34:56 CET 2026", "2026-01-05T11:34:56Z"),
        ("Mon, Jan 5, 2026 at 12:34 PM", "2026-01-05T12:34:00Z"),
        ("Monday, January 5, 2026 12:04:05 AM", "2026-01-05T00:04:05Z"),
        ("Mon, 5 Jan 2026 3:04:05 p.m. +0100", "2026-01-05T14:04:05Z"),
        ("1/5/2026 3:04:05 PM", "2026-01-05T15:04:05Z"),
        ("25/12/2025 10:00", "2025-12-25T10:00:00Z"),
        ("12/25/2025 10:00", "2025-12-25T10:00:00Z"),
        ("05.01.2026 12:34", "2026-01-05T12:34:00Z"),
        ("5. Januar 2026 12:34:56 MEZ", "2026-01-05T11:34:56Z"),
        ("Mo, 05 Mär 2026 12:34:56 +0100", "2026-03-05T11:34:56Z"),
        ("mar., 05 août 2025 12:34:56 +0200", "2025-08-05T10:34:56Z"),
        ("mar, 3 mar 2026 12:34:56 +0100", "2026-03-03T11:34:56Z"),
        ("maandag 5 januari 2026 12:34", "2026-01-05T12:34:00Z"),
        ("lun, 05 ene 2026 12:34:56 +0100", "2026-01-05T11:34:56Z"),
        ("Пн, 05 янв 2026 12:34:56 +0300", "2026-01-05T09:34:56Z"),
        ("2026年1月5日 12:34", "2026-01-05T12:34:00Z"),
        ("2026年1月5日 下午3:04", "2026-01-05T15:04:00Z"),
        ("星期一, 5 1月 2026 12:34:56 +0800", "2026-01-05T04:34:56Z"),
        ("Mon, 5 Jan 2026 12:34:56 0200", "2026-01-05T10:34:56Z"),
        ("Mon, 5 Jan 126 12:34:56 +0000", "2026-01-05T12:34:56Z"),
        ("Mon, 5 Jan 99 12:34:56 +0000", "1999-01-05T12:34:56Z"),
        ("Thu, 1 Jan 1970 01:00:00 +0100", "1970-01-01T00:00:00Z"),
        ("Wed, 31 Dec 1969 19:00:00 -0500", "1970-01-01T00:00:00Z"),
        ("Mon, 5 Jan 2026 24:00:00 +0000", "2026-01-06T00:00:00Z"),
        ("Mon, 5 Jan 2026 23:59:60 +0000", "2026-01-06T00:00:00Z"),
        ("Mon, 5 Jan 2026 25:00:00 +0000", ""),
        ("Mon, 31 Feb 2026 12:00:00 +0000", ""),
        ("Mon, 5 Jan 12026 12:00:00 +0000", ""),
        ("Mon, 5 Jan 2026 12:34:56 +9900", "2026-01-05T12:34:56Z"),
        ("Mon, 5 Jan 2026 12:34:56 +0530 (IST)", "2026-01-05T07:04:56Z"),
        ("Mon, 5 Jan 2026 12:34:56 GMT+0200", "2026-01-05T10:34:56Z"),
        ("Mon, 5 Jan 2026 12:34:56 UTC+2", "2026-01-05T10:34:56Z"),
        ("Mon, 5 Jan 2026 12:34:56 +9", "2026-01-05T03:34:56Z"),
        ("Mon, 5 Jan 2026 12:34:56 -0000", "2026-01-05T12:34:56Z"),
        ("Mon, 5 Jan 2026 12:34:56 PST8PDT", "2026-01-05T20:34:56Z"),
        ("Mon, 5 Jan 2026 12:34:56 J", "2026-01-05T12:34:56Z"),
        ("5-Jan-2026 12:34:56 +0100", "2026-01-05T11:34:56Z"),
        ("05-Jan-26 12:34", "2026-01-05T12:34:00Z"),
        ("2026 Jan 5 12:34", "2026-01-05T12:34:00Z"),
        ("Mon,5 Jan 2026 12:34:56+0100", "2026-01-05T11:34:56Z"),
        ("Mon, 5 Jan 2026 12.34.56 +0100", "2026-01-05T11:34:56Z"),
        ("Mon, 05 Jan 2026 12 : 34 : 56 +0100", "2026-01-05T11:34:56Z"),
        ("Mon (Monday), 5 (fifth) Jan 2026 12:34 (noon) +0100 (CET)", "2026-01-05T11:34:00Z"),
        ("Mon, 5 Jan 2026 12:34:56 +0100 (CET", "2026-01-05T11:34:56Z"),
        ("Jan 5 2026", "2026-01-05T00:00:00Z"),
        ("Date: Mon, 5 Jan 2026 12:34:56 +0100", "2026-01-05T11:34:56Z"),
        ("Mon, 5 September 2025 12:34:56 \"GMT\"", "2025-09-05T12:34:56Z"),
    ];

    #[test]
    fn dates_in_their_forms() {
        for (raw, expected) in SAMPLES {
            assert_eq!(date(raw.as_bytes()).map(|d| d.to_string()).unwrap_or_default(), expected, "{raw}");
        }
    }
}
