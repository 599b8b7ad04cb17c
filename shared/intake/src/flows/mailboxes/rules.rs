//! What people say about the mails of a mailbox: handlers, senders, rates.

use crate::{
    Sentence,
    error::FieldErrors,
    types::{
        given::Given,
        handler::{self, Handler},
        mailbox::Mailbox,
        policy::{RateLimits, RateLimitsInput, SenderPolicy, SenderPolicyInput},
    },
};

/// The most servers that are trusted.
const MAX_SERVERS: usize = 20;
/// The longest name of one.
const MAX_SERVER: usize = 253;

/// Reads the list; an absent one stays, null is empty.
pub(super) fn handlers(
    given: Given<Vec<Handler>>,
    present: Option<&Mailbox>,
    e: &mut FieldErrors,
) -> Vec<Handler> {
    match given {
        Given::Absent => present.map(|mailbox| mailbox.handlers.clone()).unwrap_or_default(),
        Given::Null => Vec::new(),
        Given::Value(list) => {
            handler::check(&list, "/handlers", e);
            list
        }
    }
}

/// Reads what is done about senders; what is absent stays, null is the default.
pub(super) fn sender_policy(
    given: Given<SenderPolicyInput>,
    present: Option<&Mailbox>,
    e: &mut FieldErrors,
) -> SenderPolicy {
    let present = present.map(|mailbox| mailbox.sender_policy.clone()).unwrap_or_default();
    let mut policy = match given {
        Given::Absent => return present,
        Given::Null => return SenderPolicy::default(),
        Given::Value(input) => input.over(present),
    };
    let at = "/sender_policy/trusted_authserv_ids";
    let servers = &mut policy.trusted_authserv_ids;
    if servers.len() > MAX_SERVERS {
        e.add(at, Sentence::new("field.at_most_entries").with("max", MAX_SERVERS));
    }
    for (n, server) in servers.iter_mut().enumerate() {
        *server = server.trim().to_ascii_lowercase();
        let is_name = |b: u8| b.is_ascii_graphic() && !matches!(b, b';' | b'"' | b'(' | b')');
        if server.is_empty() || server.len() > MAX_SERVER || !server.bytes().all(is_name) {
            e.add(&format!("{at}/{n}"), "field.authserv_id");
        }
    }
    policy
}

/// Reads the limits; what is absent stays, null is the default.
pub(super) fn rate_limits(
    given: Given<RateLimitsInput>,
    present: Option<&Mailbox>,
    e: &mut FieldErrors,
) -> RateLimits {
    let present = present.map(|mailbox| mailbox.rate_limits).unwrap_or_default();
    let limits = match given {
        Given::Absent => return present,
        Given::Null => return RateLimits::default(),
        Given::Value(input) => input.over(present),
    };
    let all = [
        ("per_sender", limits.per_sender),
        ("per_subject", limits.per_subject),
        ("per_thread", limits.per_thread),
        ("per_mailbox", limits.per_mailbox),
    ];
    for (name, limit) in all {
        if !(1..=RateLimits::MAX).contains(&limit) {
            let detail = Sentence::new("field.number").with("min", 1).with("max", RateLimits::MAX);
            e.add(&format!("/rate_limits/{name}"), detail);
        }
    }
    limits
}
