//! Whether a text says already when and where.

use crate::languages::{self, Words};

/// Of a text that is looked through.
const MAX_TEXT: usize = 64 * 1024;
/// What follows an hour without minutes, in lower case.
static HOURS: Words = Words::new(|| languages::words("date", "hour"));

/// Whether it has the day and the clock time; `anywhere`: the clock may be that of another zone.
pub(super) fn says_when(text: &str, day: u8, clock: Option<(u8, u8)>, anywhere: bool) -> bool {
    let text = text[..text.floor_char_boundary(MAX_TEXT)].to_lowercase();
    let mut numbers = numbers(&text).peekable();
    let (mut said_day, mut said_clock) = (false, clock.is_none());
    while let Some((number, after)) = numbers.next() {
        said_day |= number == u32::from(day);
        if let Some((hour, minute)) = clock {
            let minutes =
                numbers.peek().filter(|_| after.starts_with([':', '.', 'h'])).filter(|(_, rest)| {
                    // Two digits directly behind the sign.
                    after.len() == rest.len() + 3
                });
            let minutes = minutes.map(|(minutes, _)| *minutes);
            let without = HOURS.iter().any(|word| after.trim_start().starts_with(word));
            let is_hour =
                number == u32::from(hour) || number == u32::from(hour % 12) || hour == 12 && number == 12;
            said_clock |= match minutes {
                Some(minutes) => {
                    number < 24 && (anywhere && minutes < 60 || is_hour && minutes == u32::from(minute))
                }
                None => without && number < 24 && (anywhere || is_hour && minute == 0),
            };
        }
    }
    said_day && said_clock
}

/// Whether it has the words of a place, however they are spaced.
pub(super) fn says_where(text: &str, place: &str) -> bool {
    let squeezed = |text: &str| {
        text.to_lowercase()
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    };
    squeezed(&text[..text.floor_char_boundary(MAX_TEXT)]).contains(&squeezed(place))
}

/// Each number with what stands behind it. Longer ones are no time.
fn numbers(text: &str) -> impl Iterator<Item = (u32, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = &rest[rest.find(|c: char| c.is_ascii_digit())?..];
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let number = rest[..end].parse().unwrap_or(u32::MAX);
        rest = &rest[end..];
        Some((number, rest))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_in_texts() {
        for text in [
            "When: Monday, 12 January 2026 14:00. Where: Room 204",
            "Mon Jan 12, 2026 2pm – 2:30pm",
            "12.01.2026, 14.00 Uhr",
            "12. Januar um 14 Uhr",
            "le 12/01 à 14h00",
            "12 janvier 14 h",
            "2026年1月12日 14時",
            "1월 12일 오후 2시",
            "2026-01-12 2:00 PM",
        ] {
            assert!(says_when(text, 12, Some((14, 0)), false), "{text}");
        }
        for text in [
            "Join the meeting. Meeting ID: 123 456 789 012, passcode 14",
            "See you on the 12th.",
            "At 14:00, on another day",
            "12 people, from 9:00 to 10:30",
            "",
        ] {
            assert!(!says_when(text, 12, Some((14, 0)), false), "{text}");
        }
        assert!(says_when("12 Jan, 15:00 (CET)", 12, Some((14, 0)), true));
        assert!(says_when("On the 12th", 12, None, false));
        assert!(says_where("In  ROOM\n204!", "Room 204") && !says_where("In room 20", "Room 204"));
        assert!(says_where("x", ""));
    }
}
