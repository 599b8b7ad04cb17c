//! What a mailbox does about senders that may be forged, and about mails that come too fast.

use serde::{Deserialize, Serialize};

use super::handler::Treatment;

/// Whether the sender is who the From field says, and what is done where it is not known (RFC 8601).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SenderPolicy {
    /// The receiving servers whose `Authentication-Results` count, by their authserv-id. Google's and Microsoft's own
    /// count in their mailboxes without being named.
    pub trusted_authserv_ids: Vec<String>,
    /// What is done about a sender that the receiving server found forged.
    pub on_fail: Treatment,
    /// What is done about a sender of whom nothing is known.
    pub on_none: Treatment,
}

impl Default for SenderPolicy {
    fn default() -> Self {
        Self { trusted_authserv_ids: Vec::new(), on_fail: Treatment::Mark, on_none: Treatment::Accept }
    }
}

/// How many mails an hour are ordinary, by the time the server received them. What comes above is held, not dropped:
/// two programs that answer each other, or a flood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RateLimits {
    /// Of one sender.
    pub per_sender: u32,
    /// Of one sender with one subject that would each make an issue.
    pub per_subject: u32,
    /// Comments on one issue.
    pub per_thread: u32,
    /// Of the whole mailbox.
    pub per_mailbox: u32,
}

impl RateLimits {
    /// The highest limit: as many records are looked at.
    pub const MAX: u32 = 1_000;
}

impl Default for RateLimits {
    fn default() -> Self {
        Self { per_sender: 30, per_subject: 5, per_thread: 20, per_mailbox: 200 }
    }
}
