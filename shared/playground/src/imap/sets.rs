//! Sequence sets such as `1:5,7:*` (RFC 3501, section 9).

use super::cursor::Malformed;

/// Ranges in a set.
const MAX_RANGES: usize = 1000;

/// Numbers; None stands for `*`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NumberSet(Vec<(Option<u32>, Option<u32>)>);

impl NumberSet {
    pub(crate) fn parse(text: &str) -> Result<Self, Malformed> {
        let ranges: Vec<_> = text
            .split(',')
            .take(MAX_RANGES + 1)
            .map(|range| {
                let (first, last) = range.split_once(':').unwrap_or((range, range));
                Ok((bound(first)?, bound(last)?))
            })
            .collect::<Result<_, Malformed>>()?;
        if ranges.len() > MAX_RANGES { Err(Malformed("the set is too long")) } else { Ok(Self(ranges)) }
    }

    /// Whether it holds a number, where `*` means `largest`: `9:*` holds the largest even if that is below 9.
    pub(crate) fn holds(&self, number: u32, largest: u32) -> bool {
        self.0.iter().any(|(first, last)| {
            let (first, last) = (first.unwrap_or(largest), last.unwrap_or(largest));
            (first.min(last)..=first.max(last)).contains(&number)
        })
    }
}

fn bound(text: &str) -> Result<Option<u32>, Malformed> {
    match text {
        "*" => Ok(None),
        _ => match text.parse() {
            Ok(number) if number > 0 => Ok(Some(number)),
            _ => Err(Malformed("a number in the set is not valid")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_hold_what_the_grammar_says() {
        let set = NumberSet::parse("1:3,7:*,20").unwrap();
        let held: Vec<u32> = (1..=12).filter(|number| set.holds(*number, 10)).collect();
        assert_eq!(held, [1, 2, 3, 7, 8, 9, 10]);
        assert!(set.holds(20, 10));
    }

    #[test]
    fn an_open_range_above_the_end_holds_the_last_mail() {
        assert!(NumberSet::parse("2001:*").unwrap().holds(2000, 2000));
    }

    #[test]
    fn zero_words_and_gaps_are_refused() {
        for text in ["0", "", "1,,2", "a:b", "1:-2", "4294967296"] {
            assert!(NumberSet::parse(text).is_err(), "{text}");
        }
    }
}
