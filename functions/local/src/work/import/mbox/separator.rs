//! The `From ` line that begins each mail of an mbox: whom it is from (the envelope), and when it came.

use intake::Timestamp;
use jiff::{civil::DateTime, tz::Offset};

/// How far is looked ahead to tell such a line, bytes.
pub(crate) const LOOK: usize = 4096;
const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Whether a mail begins here, at the beginning of a line after an empty one.
///
/// In a file as its writer should make it, every such `From ` is one. Some programs quote nothing and count nothing, so
/// it must also say a date, or be followed by a header field.
pub(crate) fn is_separator(ahead: &[u8]) -> bool {
    if !ahead.starts_with(b"From ") {
        return false;
    }
    let Some(end) = ahead.iter().position(|byte| *byte == b'\n') else {
        return ahead.len() < LOOK && date(ahead).is_some();
    };
    date(&ahead[..end]).is_some() || is_field(&ahead[end + 1..])
}

/// Whether a header field begins here (RFC 5322 section 2.2).
pub(crate) fn is_field(line: &[u8]) -> bool {
    let name = line.iter().take_while(|byte| matches!(byte, 33..=57 | 59..=126)).count();
    let colon = line.iter().skip(name).find(|byte| !matches!(byte, b' ' | b'\t'));
    name > 0 && colon == Some(&b':')
}

/// The date of such a line: `From ann@example.org Tue Nov 24 09:00:00 2026`, UTC unless a zone like `+0900` says
/// otherwise (RFC 4155). None where there is none.
pub(super) fn date(line: &[u8]) -> Option<Timestamp> {
    let text = String::from_utf8_lossy(line);
    let words: Vec<&str> = text.split_ascii_whitespace().skip(1).collect();
    let month_at = words.iter().rposition(|word| month(word).is_some())?;
    let behind = &words[month_at + 1..];
    let day = behind.iter().chain(words[..month_at].iter().rev()).find_map(|word| number(word, 1..=31))?;
    let (hour, minute, second) = behind.iter().find_map(|word| time(word))?;
    let year = behind.iter().find_map(|word| number(word, 1970..=9999).filter(|_| word.len() == 4))?;
    let zone = behind.iter().find_map(|word| zone(word)).unwrap_or(0);
    let month = i8::try_from(month(words[month_at])?).ok()?;
    let day = i8::try_from(day).ok()?;
    let local = DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
    Offset::from_seconds(zone).ok()?.to_timestamp(local).ok()
}

fn month(word: &str) -> Option<usize> {
    MONTHS.iter().position(|name| word.eq_ignore_ascii_case(name)).map(|at| at + 1)
}

fn number(word: &str, range: std::ops::RangeInclusive<i16>) -> Option<i16> {
    let digits = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| word.parse().ok()).flatten().filter(|number| range.contains(number))
}

fn time(word: &str) -> Option<(i8, i8, i8)> {
    let parts: Vec<i8> =
        word.split(':').map(|part| part.parse().ok().filter(|n| *n >= 0)).collect::<Option<_>>()?;
    match parts[..] {
        [hour, minute] => Some((hour, minute, 0)),
        // Leap seconds are not in Unix time.
        [hour, minute, second] => Some((hour, minute, second.min(59))),
        _ => None,
    }
}

/// Seconds east of Greenwich.
fn zone(word: &str) -> Option<i32> {
    let sign = match word.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits = word.get(1..).filter(|digits| digits.len() == 4)?;
    let digits = i32::from(number(digits, 0..=2359)?);
    Some(sign * (digits / 100 * 3600 + digits % 100 * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dates_of_many_programs_are_read() {
        for (line, expected) in [
            ("From ann@example.org Tue Nov 24 09:08:07 2026", "2026-11-24T09:08:07Z"),
            ("From ann@example.org  Tue Nov  4 09:08:07 2026\r", "2026-11-04T09:08:07Z"),
            ("From - Tue Nov 24 09:08:07 2026", "2026-11-24T09:08:07Z"),
            ("From 1234567890@xxx Tue Nov 24 09:08:07 +0900 2026", "2026-11-24T00:08:07Z"),
            ("From ann at example.org  Tue Nov 24 09:08 2026", "2026-11-24T09:08:00Z"),
            ("From ann@example.org Tue, 24 Nov 2026 09:08:07 -0130", "2026-11-24T10:38:07Z"),
            ("From may@dec.example Tue Nov 24 09:08:07 2026 GMT", "2026-11-24T09:08:07Z"),
            ("From ann@example.org Fri Dec 31 23:59:60 2027", "2027-12-31T23:59:59Z"),
            ("From ann@example.org", ""),
            ("From now on in May", ""),
            ("From x Tue Nov 31 09:08:07 2026", ""),
            ("From x Tue Nov 24 25:08:07 2026", ""),
        ] {
            let found = date(line.as_bytes()).map(|at| at.to_string()).unwrap_or_default();
            assert_eq!(found, expected, "{line}");
        }
    }

    #[test]
    fn a_sentence_that_begins_with_from_begins_no_mail() {
        for (ahead, expected) in [
            ("From ann@example.org Tue Nov 24 09:08:07 2026\nwhatever", true),
            ("From ann@example.org Tue Nov 24 09:08:07 2026", true),
            ("From \nSubject: x\n", true),
            ("From ann\r\nX-A : b\r\n", true),
            ("From now on it works.\nThanks: none", true),
            ("From now on it works.\nThank you: Ann", false),
            ("From now on it works.\n\nAnn", false),
            ("From now on it works.", false),
            ("from ann@example.org Tue Nov 24 09:08:07 2026\n", false),
            (">From ann@example.org Tue Nov 24 09:08:07 2026\n", false),
        ] {
            assert_eq!(is_separator(ahead.as_bytes()), expected, "{ahead}");
        }
    }
}
