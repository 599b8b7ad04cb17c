//! Finding mails by UID and by date, also in a folder of a million.

use async_imap::imap_proto::{MailboxDatum, Response};
use intake::{
    Timestamp,
    ports::{MailError, MailFault},
    types::message::ServerId,
};

use super::{
    session::ImapSession,
    sets::{MAX_FOUND, no_progress},
};
use crate::error::mail_error;

/// A range of UIDs wider than this is searched before it is listed, so that the answer stays short.
const WIDE: u32 = 1000;
/// Mails that one search by date looks at, so that no answer is long in coming.
const WINDOW: u32 = 50_000;
/// SEARCH knows days only, in a time zone of the server's.
const ONE_DAY: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

/// UIDs to list.
pub(super) enum ToList {
    /// Whatever lies in this range.
    Range(String),
    /// These, ascending.
    Found(Vec<u32>),
}

impl ImapSession {
    /// What to list: all of a narrow range, or the lowest of a wide one.
    pub(super) async fn what_to_list(
        &mut self,
        from: u32,
        to: Option<u32>,
        limit: usize,
    ) -> Result<Option<ToList>, MailError> {
        let end = to.or(self.status.uid_next).map(|end| end.saturating_sub(1));
        // Mails that arrived since the folder was opened lie above `end`; the next listing has them.
        let last = |last: u32| if to.is_some() { last.to_string() } else { "*".to_owned() };
        if let Some(end) = end
            && end.saturating_sub(from) < WIDE
        {
            return Ok((end >= from).then(|| ToList::Range(format!("{from}:{}", last(end)))));
        }
        let mut found = match end {
            Some(end) => self.lowest(from, end, limit, last).await?,
            None => self.search(&format!("UID {from}:*")).await?,
        };
        // `n:*` answers with the last mail even when its UID is below n.
        found.retain(|uid| *uid >= from);
        found.sort_unstable();
        found.dedup();
        found.truncate(limit);
        Ok((!found.is_empty()).then_some(ToList::Found(found)))
    }

    /// At least so many of the UIDs from here on, the lowest, or all: by windows that grow where little lies. So a mailbox
    /// of a million is never listed whole, and a gap is soon passed over.
    async fn lowest(
        &mut self,
        from: u32,
        end: u32,
        limit: usize,
        last: impl Fn(u32) -> String,
    ) -> Result<Vec<u32>, MailError> {
        let (mut begin, mut width) = (from, WIDE.max(u32::try_from(limit).unwrap_or(u32::MAX)));
        let mut found = Vec::new();
        loop {
            let window_end = begin.saturating_add(width - 1);
            let is_last = window_end >= end;
            let to = if is_last { last(end) } else { window_end.to_string() };
            let some = self.search(&format!("UID {begin}:{to}")).await?;
            found.extend(some.into_iter().filter(|uid| *uid >= begin));
            if is_last || found.len() >= limit {
                return Ok(found);
            }
            (begin, width) = (window_end + 1, width.saturating_mul(4));
        }
    }

    pub(super) async fn search(&mut self, what: &str) -> Result<Vec<u32>, MailError> {
        let mut found = Vec::new();
        let mut below = String::new();
        loop {
            let line = format!("UID SEARCH {what}{below}");
            let mut command = self.wire.send("search", (&line, None)).await?;
            let mut look = |answer: &Response<'_>| match answer {
                Response::MailboxData(MailboxDatum::Search(uids)) => Some(uids.clone()),
                _ => None,
            };
            while let Some(uids) = command.next(&mut look).await? {
                if found.len() + uids.len() > MAX_FOUND {
                    return Err(mail_error(MailFault::TooLarge, command.context()));
                }
                found.extend(uids);
            }
            // RFC 9738: the highest come first.
            let next = match command.told().limit {
                Some(limit) if limit > 1 => format!(" UID 1:{}", limit - 1),
                _ => break,
            };
            if next == below {
                return Err(no_progress(command.context()));
            }
            below = next;
        }
        // A server that tells less than it holds does not know it.
        self.status.uid_next = self.status.uid_next.filter(|next| found.iter().all(|uid| uid < next));
        Ok(found)
    }

    /// The mails received in this span and on the days around it, ascending.
    pub(super) async fn find_between(
        &mut self,
        since: Option<Timestamp>,
        before: Option<Timestamp>,
    ) -> Result<Vec<ServerId>, MailError> {
        let mut keys = String::new();
        if let Some(day) = since.and_then(|at| at.checked_sub(ONE_DAY).ok()) {
            keys.push_str(&format!(" SINCE {}", date(day)));
        }
        if let Some(day) = before.and_then(|at| at.checked_add(ONE_DAY + ONE_DAY).ok()) {
            keys.push_str(&format!(" BEFORE {}", date(day)));
        }
        let mut found = Vec::new();
        let mut from = 1u32;
        while from <= self.status.exists {
            let to = from.saturating_add(WINDOW - 1);
            // Numbers of the folder's order, not UIDs: those may lie far apart. Beyond its end they are not allowed.
            let last = if to >= self.status.exists { "*".to_owned() } else { to.to_string() };
            found.extend(self.search(&format!("{from}:{last}{keys}")).await?);
            from = to.saturating_add(1);
        }
        found.sort_unstable();
        found.dedup();
        Ok(found.into_iter().map(|uid| ServerId::Imap { uid }).collect())
    }
}

/// RFC 3501's `date`: `1-Nov-2026`.
fn date(at: Timestamp) -> String {
    at.to_zoned_datetime(jiff::tz::TimeZone::UTC).strftime("%-d-%b-%Y").to_string()
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn dates_are_written_as_the_rfc_wants() {
        let at = "2026-11-01T23:59:59Z".parse().expect("a time");
        assert_eq!(date(at), "1-Nov-2026");
    }
}
