//! Dates (RFC 5322, section 3.3) by mail-parser.

use jiff::Timestamp;
use mail_parser::{HeaderValue, parsers::MessageStream};

/// None for what is no date; before 1970 and after 2200 are no dates either.
/// Seconds and zone may be missing (UTC then); RFC 3339 is understood too.
pub(crate) fn date(unfolded: &[u8]) -> Option<Timestamp> {
    let text = String::from_utf8_lossy(unfolded);
    let text = text.trim();
    let with_seconds = with_seconds(text);
    let tries =
        [text.to_owned(), with_seconds.clone(), format!("{text} +0000"), format!("{with_seconds} +0000")];
    tries.into_iter().find_map(parse).or_else(|| text.parse().ok())
}

fn parse(mut line: String) -> Option<Timestamp> {
    line.push('\n');
    let HeaderValue::DateTime(date) = MessageStream::new(line.as_bytes()).parse_date() else { return None };
    if !date.is_valid() || !(1970..2200).contains(&date.year) {
        return None;
    }
    Timestamp::from_second(date.to_timestamp()).ok()
}

/// `12:34` as `12:34:00`.
fn with_seconds(text: &str) -> String {
    let Some((before, after)) = text.split_once(':') else { return text.to_owned() };
    match after.as_bytes() {
        [a, b, rest @ ..] if a.is_ascii_digit() && b.is_ascii_digit() && rest.first() != Some(&b':') => {
            format!("{before}:{}:00{}", &after[..2], &after[2..])
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_in_their_forms() {
        let check = |raw: &str, expected: &str| {
            assert_eq!(date(raw.as_bytes()).map(|d| d.to_string()).unwrap_or_default(), expected, "{raw}")
        };
        check(" Mon, 05 Jan 2026 12:34:56 +0900", "2026-01-05T03:34:56Z");
        check("5 Jan 2026 12:34:56 GMT (comment)", "2026-01-05T12:34:56Z");
        check("Mon,  5 Jan 26 12:34 EST", "2026-01-05T17:34:00Z");
        check("Mon, 5 Jan 2026 12:34:56", "2026-01-05T12:34:56Z");
        check("2026-01-05T12:34:56+09:00", "2026-01-05T03:34:56Z");
        check("yesterday", "");
        check("", "");
    }
}
