//! Records that lie in more than one attribute of their items.

use aws_sdk_dynamodb::types::AttributeValue;
use intake::{
    Date, Error, Result, Timestamp,
    types::{
        attempt::{Attempt, AttemptStatus},
        errand::Errands,
        host::MailHost,
        ids::MailboxId,
        issue::Issue,
        mailbox::{MailboxStatus, Run, ScheduleRow},
        message::Message,
        project::Ties,
        tally,
        time::Written,
        token::{ApiToken, Session},
    },
};
use serde::de::DeserializeOwned;

use crate::{
    changes::{COUNTS, of_delay, of_hour},
    item::{self, Item, number_of, text_of},
};

/// An issue; its body, counters and last change lie beside the record.
pub(crate) fn issue(item: &Item, with_body: bool) -> Result<Issue> {
    let mut issue: Issue = item::carried(item)?;
    issue.comment_count = number_of(item, "comment_count").unwrap_or(0);
    issue.attachment_count = number_of(item, "attachment_count").unwrap_or(0);
    if let Some(at) = text_of(item, "updated_at").and_then(|at| at.parse().ok()) {
        issue.updated_at = at;
    }
    issue.written = Written(time(item, item::WRITTEN));
    if with_body {
        issue.body = item::field(item, "body")?;
    }
    Ok(issue)
}

/// A run; each field is an attribute, so that it can be changed alone.
pub(crate) fn run(id: MailboxId, item: &Item) -> Result<Run> {
    let small = |name| number_of(item, name).and_then(|n| u32::try_from(n).ok());
    Ok(Run {
        mailbox_id: id,
        epoch: small("epoch").unwrap_or(1),
        cursor: optional(item, "cursor")?,
        status: optional(item, "status")?.unwrap_or(MailboxStatus::New),
        last_poll_at: time(item, "last_poll_at"),
        last_success_at: time(item, "last_success_at"),
        rescanned_at: time(item, "rescanned_at"),
        last_error: optional(item, "last_error")?,
        consecutive_failures: small("consecutive_failures").unwrap_or(0),
        oldest_unprocessed_at: time(item, "oldest_unprocessed_at"),
        throttled_until: time(item, "throttled_until"),
        fence: number_of(item, "fence").unwrap_or(0),
        leased: item.get("leased") == Some(&AttributeValue::Bool(true)),
        lease_expires_at: number_of(item, "lease_until")
            .and_then(|ms| Timestamp::from_millisecond(i64::try_from(ms).ok()?).ok()),
        errands: Errands {
            pending: item.get("errands_pending") == Some(&AttributeValue::Bool(true)),
            trouble: optional(item, "errands_trouble")?,
        },
        watch: optional(item, "watch")?,
    })
}

/// A mail's record; what became of it on its server lies beside the record.
pub(crate) fn message(item: &Item) -> Result<Message> {
    let message: Message = item::carried(item)?;
    let after_import = optional(item, "after_import")?.or_else(|| message.after_import.clone());
    Ok(Message { after_import, written: Written(time(item, item::WRITTEN)), ..message })
}

/// A day's tally of a mailbox.
pub(crate) fn tally(item: &Item, day: Date) -> Result<tally::Day> {
    let mailbox_id = text_of(item, "sk").and_then(|id| id.parse().ok());
    let mailbox_id = mailbox_id.ok_or_else(|| Error::internal("a tally names no mailbox"))?;
    let count = |name: &str| number_of(item, name).unwrap_or(0);
    let hour = |hour| {
        let mut counts = tally::Counts::default();
        for (name, place) in COUNTS {
            *place(&mut counts) = count(&of_hour(name, hour));
        }
        counts
    };
    let (hours, delays) = (std::array::from_fn(hour), std::array::from_fn(|at| count(&of_delay(at))));
    Ok(tally::Day { mailbox_id, day, hours, delays })
}

/// A row of the schedule; None where it is not complete.
pub(crate) fn schedule_row(item: &Item) -> Option<ScheduleRow> {
    Some(ScheduleRow {
        mailbox_id: text_of(item, "sk")?.parse().ok()?,
        interval_seconds: u32::try_from(number_of(item, "interval_seconds")?).ok()?,
        host: MailHost::new(text_of(item, "host")?).ok()?,
        not_before: time(item, "not_before")?,
        last_poll_at: time(item, "last_poll_at"),
        enabled: item.get("enabled") == Some(&AttributeValue::Bool(true)),
    })
}

/// What is tied to a project lies beside the record.
pub(crate) fn ties(item: &Item) -> Ties {
    let count = |name| number_of(item, name).unwrap_or(0);
    Ties {
        mailboxes: count("uses"),
        numbers: count("numbers"),
        named: count("named"),
        imported: count("imported") > 0,
    }
}

/// An attempt; its end lies beside the record.
pub(crate) fn attempt(item: &Item) -> Result<Attempt> {
    let mut attempt: Attempt = item::carried(item)?;
    if item.contains_key("outcome") {
        attempt.status = item::field::<AttemptStatus>(item, "outcome")?;
    }
    Ok(attempt)
}

/// A token; its last use lies beside the record.
pub(crate) fn token(item: &Item) -> Result<ApiToken> {
    let token: ApiToken = item::carried(item)?;
    Ok(ApiToken { last_used_at: time(item, "last_used_at"), ..token })
}

/// A session; its last use lies beside the record.
pub(crate) fn session(item: &Item) -> Result<Session> {
    let session: Session = item::carried(item)?;
    Ok(Session { last_used_at: time(item, "last_used_at"), ..session })
}

fn time(item: &Item, name: &str) -> Option<Timestamp> {
    text_of(item, name)?.parse().ok()
}

fn optional<T: DeserializeOwned>(item: &Item, name: &str) -> Result<Option<T>> {
    if item.contains_key(name) { item::field(item, name) } else { Ok(None) }
}
