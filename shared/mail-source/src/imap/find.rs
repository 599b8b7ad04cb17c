//! Finding mails by date, also in a folder of a hundred thousand.

use intake::{
    Timestamp,
    ports::{Listed, MailError},
    types::message::ServerId,
};

use super::session::{ImapSession, set_of, uid_of};

/// Mails that one search looks at: its answer is one line, and lines have a limit.
const WINDOW: u32 = 50_000;
/// SEARCH knows days only, in a time zone of the server's.
const ONE_DAY: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

impl ImapSession {
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

    /// Sizes and times of these mails.
    pub(super) async fn describe_all(&mut self, ids: &[ServerId]) -> Result<Vec<Listed>, MailError> {
        let mut uids = ids.iter().map(uid_of).collect::<Result<Vec<_>, _>>()?;
        uids.sort_unstable();
        if uids.is_empty() {
            return Ok(Vec::new());
        }
        let mut found = self.listed(&set_of(&uids)).await?;
        found.retain(|uid, _| uids.binary_search(uid).is_ok());
        Ok(found.into_values().collect())
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
