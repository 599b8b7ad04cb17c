//! Sets of UIDs (RFC 3501 section 9, `sequence-set`).

use intake::ports::{MailError, MailFault};

use crate::error::mail_error;

/// The most UIDs that one search may find: the limit of its memory, 8 MB.
pub(super) const MAX_FOUND: usize = 2_000_000;

/// RFC 9738: what of a set lies below the limit that the server kept to; it answered for the highest UIDs.
pub(super) fn beyond(set: &str, limit: Option<u32>, context: &str) -> Result<Option<String>, MailError> {
    let Some(limit) = limit else { return Ok(None) };
    let below = |range: &str| {
        let (from, to) = range.split_once(':').unwrap_or((range, range));
        let (from, to) = (from.parse::<u32>().ok()?, to.parse::<u32>().unwrap_or(u32::MAX));
        let last = to.min(limit.checked_sub(1)?);
        (from <= last).then(|| format!("{from}:{last}"))
    };
    let rest = set.split(',').filter_map(below).collect::<Vec<_>>().join(",");
    match rest {
        rest if rest == set => Err(no_progress(context)),
        rest => Ok((!rest.is_empty()).then_some(rest)),
    }
}

pub(super) fn no_progress(context: &str) -> MailError {
    mail_error(MailFault::Protocol, format!("{context}: the server stops at its limit and goes no further"))
}

/// UIDs as a set: `1:5,7`.
pub(super) fn set_of<'a>(uids: impl IntoIterator<Item = &'a u32>) -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for uid in uids {
        match ranges.last_mut() {
            Some((_, end)) if end.checked_add(1) == Some(*uid) => *end = *uid,
            _ => ranges.push((*uid, *uid)),
        }
    }
    let range = |(from, to): &(u32, u32)| if from == to { from.to_string() } else { format!("{from}:{to}") };
    ranges.iter().map(range).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    #[test]
    fn sets_are_compact() {
        assert_eq!(super::set_of(&[1, 2, 3, 7, 9, 10]), "1:3,7,9:10");
        assert_eq!(super::set_of(&[u32::MAX - 1, u32::MAX, 1]), "4294967294:4294967295,1");
    }

    #[test]
    fn what_lies_below_a_limit_is_asked_for_again() {
        let beyond = |set: &str, limit| super::beyond(set, limit, "x").ok();
        assert_eq!(beyond("1:9", None), Some(None));
        assert_eq!(beyond("1:3,7,9:*", Some(10)), Some(Some("1:3,7:7,9:9".to_owned())));
        assert_eq!(beyond("5:*", Some(5)), Some(None));
        assert_eq!(beyond("1:3", Some(1)), Some(None));
        assert_eq!(beyond("1:3", Some(9)), None);
    }
}
