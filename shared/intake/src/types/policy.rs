//! What a mailbox does about senders that may be forged, and about mails that come too fast.

use serde::{Deserialize, Serialize};

use utoipa::ToSchema;

use super::handler::Treatment;
use crate::request;

/// Whether the sender is who the From field says, and what is done where it is not known (RFC 8601).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SenderPolicy {
    /// The receiving servers whose `Authentication-Results` count, by their authserv-id. Google's and Microsoft's own
    /// count in their mailboxes without being named.
    #[schema(required, max_items = 20)]
    pub trusted_authserv_ids: Vec<String>,
    /// What is done about a sender that the receiving server found forged; `mark` by default.
    #[schema(required)]
    pub on_fail: Treatment,
    /// What is done about a sender of whom nothing is known; `accept` by default.
    #[schema(required)]
    pub on_none: Treatment,
}

impl Default for SenderPolicy {
    fn default() -> Self {
        Self { trusted_authserv_ids: Vec::new(), on_fail: Treatment::Mark, on_none: Treatment::Accept }
    }
}

/// How many mails an hour are ordinary, by the time the server received them. What comes above is held, not dropped:
/// two programs that answer each other, or a flood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RateLimits {
    /// Of one sender: 30.
    #[schema(required, minimum = 1, maximum = 1000)]
    pub per_sender: u32,
    /// Of one sender with one subject that would each make an issue: 5.
    #[schema(required, minimum = 1, maximum = 1000)]
    pub per_subject: u32,
    /// Comments on one issue: 20.
    #[schema(required, minimum = 1, maximum = 1000)]
    pub per_thread: u32,
    /// Of the whole mailbox: 200.
    #[schema(required, minimum = 1, maximum = 1000)]
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

request! {
    /// What a request says about senders: absent fields stay, null is the default.
    pub struct SenderPolicyInput {
        /// See [`SenderPolicy::trusted_authserv_ids`].
        #[schema(value_type = Vec<String>, max_items = 20)]
        trusted_authserv_ids: Vec<String>,
        /// See [`SenderPolicy::on_fail`].
        #[schema(value_type = Treatment)]
        on_fail: Treatment,
        /// See [`SenderPolicy::on_none`].
        #[schema(value_type = Treatment)]
        on_none: Treatment,
    }
}

impl SenderPolicyInput {
    /// The policy after it.
    pub fn over(self, present: SenderPolicy) -> SenderPolicy {
        let usual = SenderPolicy::default();
        SenderPolicy {
            trusted_authserv_ids: self
                .trusted_authserv_ids
                .over(present.trusted_authserv_ids, usual.trusted_authserv_ids),
            on_fail: self.on_fail.over(present.on_fail, usual.on_fail),
            on_none: self.on_none.over(present.on_none, usual.on_none),
        }
    }
}

request! {
    /// What a request says about rates: absent fields stay, null is the default.
    pub struct RateLimitsInput {
        /// See [`RateLimits::per_sender`].
        #[schema(value_type = u32, minimum = 1, maximum = 1000)]
        per_sender: u32,
        /// See [`RateLimits::per_subject`].
        #[schema(value_type = u32, minimum = 1, maximum = 1000)]
        per_subject: u32,
        /// See [`RateLimits::per_thread`].
        #[schema(value_type = u32, minimum = 1, maximum = 1000)]
        per_thread: u32,
        /// See [`RateLimits::per_mailbox`].
        #[schema(value_type = u32, minimum = 1, maximum = 1000)]
        per_mailbox: u32,
    }
}

impl RateLimitsInput {
    /// The limits after it.
    pub fn over(self, present: RateLimits) -> RateLimits {
        let usual = RateLimits::default();
        RateLimits {
            per_sender: self.per_sender.over(present.per_sender, usual.per_sender),
            per_subject: self.per_subject.over(present.per_subject, usual.per_subject),
            per_thread: self.per_thread.over(present.per_thread, usual.per_thread),
            per_mailbox: self.per_mailbox.over(present.per_mailbox, usual.per_mailbox),
        }
    }
}
