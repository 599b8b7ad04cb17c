//! Days as people choose them in forms, in the reader's time zone.

use intake::Timestamp;
use jiff::{ToSpan, civil::Date};

use crate::language;

/// The first moment of a day.
pub(crate) fn start(day: &str) -> Option<Timestamp> {
    first_moment(day.parse().ok()?)
}

/// The first moment after a day.
pub(crate) fn end(day: &str) -> Option<Timestamp> {
    let day: Date = day.parse().ok()?;
    first_moment(day.tomorrow().ok()?)
}

fn first_moment(day: Date) -> Option<Timestamp> {
    day.to_zoned_datetime(language::zone()).ok().map(|zoned| zoned.timestamp())
}

/// The day that ends at a time, as a field for days shows it; a text that is no time stays as it is.
pub(crate) fn shown(text: String) -> String {
    let ends = |at: Timestamp| at.checked_sub(1.nanosecond()).ok();
    let day =
        text.parse().ok().and_then(ends).map(|at| at.to_zoned_datetime(language::zone()).date().to_string());
    day.unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_goes_until_the_next_one_begins() {
        let at = |text: &str| text.parse::<Timestamp>().ok();
        assert_eq!(start("2026-12-31"), at("2026-12-31T00:00:00Z"));
        assert_eq!(end("2026-12-31"), at("2027-01-01T00:00:00Z"));
        assert_eq!((start("31.12."), end("")), (None, None));
        assert_eq!(shown("2027-01-01T00:00:00Z".to_owned()), "2026-12-31");
        assert_eq!(shown("2026-12-31".to_owned()), "2026-12-31");
        assert_eq!(shown("soon".to_owned()), "soon");
    }
}
