//! Dates (RFC 5322, section 3.3) by mail-parser.

use jiff::Timestamp;
use mail_parser::{HeaderValue, parsers::MessageStream};

/// None for what is no date; before 1970 and after 2200 are no dates either.
pub(crate) fn date(unfolded: &[u8]) -> Option<Timestamp> {
    let mut line = unfolded.to_vec();
    line.push(b'\n');
    let HeaderValue::DateTime(date) = MessageStream::new(&line).parse_date() else { return None };
    if !date.is_valid() || !(1970..2200).contains(&date.year) {
        return None;
    }
    Timestamp::from_second(date.to_timestamp()).ok()
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
        check("yesterday", "");
        check("", "");
    }
}
