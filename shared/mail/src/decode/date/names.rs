//! Names of months and zones, as programs write them.

use std::sync::LazyLock;

use crate::languages::{self, Words};

/// Starts of the names of months in lower case, with their numbers.
pub(super) static MONTHS: LazyLock<Vec<(&str, i8)>> = LazyLock::new(|| {
    let months = languages::words("date", "months");
    let numbered = months.into_iter().filter_map(|month| month.split_once(' '));
    numbered.filter_map(|(start, number)| Some((start, number.parse().ok()?))).collect()
});
/// Words for the hours before noon.
pub(super) static MORNING: Words = Words::new(|| languages::words("date", "morning"));
/// Words for the hours after noon.
pub(super) static AFTERNOON: Words = Words::new(|| languages::words("date", "afternoon"));

/// Names of zones in lower case, and their minutes east of Greenwich. RFC 5322 knows the American ones.
pub(super) const ZONES: [(&str, i32); 40] = [
    ("ut", 0),
    ("utc", 0),
    ("gmt", 0),
    ("z", 0),
    ("wet", 0),
    ("est", -300),
    ("edt", -240),
    ("cst", -360),
    ("cdt", -300),
    ("mst", -420),
    ("mdt", -360),
    ("pst", -480),
    ("pdt", -420),
    ("akst", -540),
    ("akdt", -480),
    ("hst", -600),
    ("ast", -240),
    ("adt", -180),
    ("nst", -210),
    ("ndt", -150),
    ("brt", -180),
    ("bst", 60),
    ("west", 60),
    ("met", 60),
    ("mez", 60),
    ("cet", 60),
    ("mest", 120),
    ("mesz", 120),
    ("cest", 120),
    ("eet", 120),
    ("sast", 120),
    ("eest", 180),
    ("msk", 180),
    ("msd", 240),
    ("ist", 330),
    ("hkt", 480),
    ("sgt", 480),
    ("kst", 540),
    ("jst", 540),
    ("nzst", 720),
];
