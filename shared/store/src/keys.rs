//! The keys of the table.

use intake::{
    Date, Timestamp,
    app::sha256_hex,
    ports::ThreadKey,
    types::{
        ids::{CommentId, MailboxId, MessageId},
        issue::IssueStatus,
        message::{MessageState, SeenMarker},
        project::{IssueKey, ProjectKey},
    },
};

/// The sort key of items that stand alone under their partition key.
pub(crate) const ALONE: &str = "#";
/// The sort key of a mailbox's configuration; its run follows it, so that one query reads both.
pub(crate) const CONFIG: &str = "CONFIG";
/// The sort key of a mailbox's run.
pub(crate) const RUN: &str = "CONFIG#RUN";
/// The partition of the schedule rows.
pub(crate) const SCHEDULE: &str = "SCHEDULE";
/// The index partition of grants by the time of their next refresh.
pub(crate) const REFRESH: &str = "REFRESH";

/// A key of the base table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) pk: String,
    pub(crate) sk: String,
}

impl Key {
    pub(crate) fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: sk.into() }
    }

    /// An item alone under its partition: `INTEGRATION#int_…`.
    pub(crate) fn alone(kind: &str, id: impl std::fmt::Display) -> Self {
        Self::new(format!("{kind}#{id}"), ALONE)
    }

    pub(crate) fn mailbox(id: MailboxId) -> Self {
        Self::new(format!("MAILBOX#{id}"), CONFIG)
    }

    pub(crate) fn run(id: MailboxId) -> Self {
        Self::new(format!("MAILBOX#{id}"), RUN)
    }

    pub(crate) fn errand(of: MailboxId, message: MessageId) -> Self {
        Self::new(errands_of(of), message.to_string())
    }

    pub(crate) fn schedule(id: MailboxId) -> Self {
        Self::new(SCHEDULE, id.to_string())
    }

    pub(crate) fn tally(day: Date, mailbox: MailboxId) -> Self {
        Self::new(tallies_of(day), mailbox.to_string())
    }

    pub(crate) fn name(of: &str, name: &str) -> Self {
        Self::alone("NAME", format_args!("{of}#{name}"))
    }

    pub(crate) fn seen(marker: &SeenMarker) -> Self {
        Self::alone("SEEN", format_args!("{}#{}", marker.scope, marker.identity))
    }

    /// Message-IDs are hashed: they may be long, and they are addresses of a kind.
    pub(crate) fn thread(key: &ThreadKey) -> Self {
        Self::alone("THREAD", format_args!("{}#{}", key.project, sha256_hex(&key.internet_message_id)))
    }

    pub(crate) fn awaited(key: &ThreadKey) -> Self {
        Self::alone("AWAITED", format_args!("{}#{}", key.project, sha256_hex(&key.internet_message_id)))
    }

    pub(crate) fn issue(key: &IssueKey) -> Self {
        Self::alone("ISSUE", key)
    }

    /// A comment's identifier holds the time at which it was made, to the millisecond: its key follows from it.
    pub(crate) fn comment(of: &IssueKey, id: CommentId) -> Self {
        Self::new(Self::issue(of).pk, format!("COMMENT#{:014}#{id}", id.ulid().timestamp_ms()))
    }
}

/// A time as text that sorts: milliseconds since 1970, 14 digits. Times before 1970 sort first.
pub(crate) fn sortable(at: Timestamp) -> String {
    format!("{:014}", at.as_millisecond().max(0))
}

/// Sorts issues by time, then number.
pub(crate) fn issue_order(created_at: Timestamp, key: &IssueKey) -> String {
    format!("{}#{:010}", sortable(created_at), key.number())
}

pub(crate) fn issues_of_project(project: &ProjectKey) -> String {
    format!("ISSUES#{project}")
}

pub(crate) fn issues_by_status(project: &ProjectKey, status: IssueStatus) -> String {
    format!("ISSUES#{project}#{}", status_word(status))
}

/// How keys name a status. They have words of their own, as the first version wrote them: what lies under one stays there.
fn status_word(status: IssueStatus) -> &'static str {
    match status {
        IssueStatus::Open => "Open",
        IssueStatus::InProgress => "InProgress",
        IssueStatus::Closed => "Closed",
    }
}

pub(crate) fn issues_of_mailbox(mailbox: MailboxId) -> String {
    format!("ISSUES#{mailbox}")
}

/// The partition of a day's tallies: `TALLY#2026-11-30`.
pub(crate) fn tallies_of(day: Date) -> String {
    format!("TALLY#{day}")
}

/// The partition of a mailbox's errands, the oldest mail's first.
pub(crate) fn errands_of(mailbox: MailboxId) -> String {
    format!("ERRANDS#{mailbox}")
}

pub(crate) fn messages_of(mailbox: MailboxId) -> String {
    format!("MESSAGES#{mailbox}")
}

pub(crate) fn messages_by_state(mailbox: MailboxId, state: MessageState) -> String {
    format!("MESSAGES#{mailbox}#{}", state_word(state))
}

/// How keys and conditions name a state. See [`status_word`].
pub(crate) fn state_word(state: MessageState) -> &'static str {
    match state {
        MessageState::Stored => "Stored",
        MessageState::Applied => "Applied",
        MessageState::Skipped => "Skipped",
        MessageState::Held => "Held",
        MessageState::Failed => "Failed",
    }
}

pub(crate) fn attachments_of(issue: &IssueKey) -> String {
    format!("ATTACHMENTS#{issue}")
}

/// The month of an audit entry: its partition.
pub(crate) fn audit_month(at: Timestamp) -> String {
    // RFC 3339 begins with year and month.
    format!("AUDIT#{}", at.to_string().get(..7).unwrap_or_default())
}

#[cfg(test)]
mod tests;
