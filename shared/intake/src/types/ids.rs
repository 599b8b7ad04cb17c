//! Identifiers: prefixed ULIDs (`int_01J…`), one type per kind of object.

use std::{fmt, str::FromStr};

use aws_lc_rs::digest;
use ulid::Ulid;

use crate::{
    Timestamp,
    types::{project::ProjectKey, server_id::ServerId},
};

/// The text is not an identifier of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is not a {expected}_… identifier")]
pub struct InvalidId {
    expected: &'static str,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Ulid);

        impl $name {
            /// What every identifier of this kind begins with, before the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// An identifier from its two parts: a time, by which lists sort, and 80 random or derived bits.
            pub fn from_parts(at: Timestamp, bits: u128) -> Self {
                let millis = u64::try_from(at.as_millisecond()).unwrap_or(0);
                Self(Ulid::from_parts(millis, bits))
            }

            /// The ULID behind the prefix.
            pub fn ulid(self) -> Ulid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}_{}", $prefix, self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let invalid = InvalidId { expected: $prefix };
                let ulid = text.strip_prefix(concat!($prefix, "_")).ok_or_else(|| invalid.clone())?;
                Ulid::from_string(ulid).ok().filter(|u| u.to_string() == ulid).map(Self).ok_or(invalid)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

ids! {
    /// An integration.
    IntegrationId = "int";
    /// A grant.
    GrantId = "grt";
    /// One attempt to get a grant through the provider's consent page.
    AttemptId = "aut";
    /// A mailbox.
    MailboxId = "mbx";
    /// Our record of one mail seen. Not the mail's own `Message-ID`, which is text.
    MessageId = "msg";
    /// A comment.
    CommentId = "cmt";
    /// An attachment.
    AttachmentId = "atc";
    /// An API token.
    TokenId = "tok";
    /// A console session.
    SessionId = "ses";
    /// An audit entry.
    AuditId = "aud";
}

impl MessageId {
    /// The identifier of the mail at this place on the server: the same place gives the same identifier, so that a
    /// rerun after a crash writes the same records and blobs again.
    pub fn derive(mailbox: MailboxId, epoch: u32, server_id: &ServerId, received_at: Timestamp) -> Self {
        Self::from_parts(
            received_at,
            hash80(&[&mailbox.to_string(), &epoch.to_string(), &server_id.to_string()]),
        )
    }
}

impl MailboxId {
    /// A number by which what is done for this purpose is spread over the mailboxes.
    pub(crate) fn spread(self, purpose: &str) -> u64 {
        let hash = digest::digest(&digest::SHA256, format!("{purpose}#{self}").as_bytes());
        hash.as_ref().iter().take(4).fold(0, |sum, byte| sum << 8 | u64::from(*byte))
    }

    /// In the place of a mailbox, for mails that people import into this project from files.
    pub fn of_imports(project: &ProjectKey) -> Self {
        Self::from_parts(Timestamp::UNIX_EPOCH, hash80(&["imports", project.as_str()]))
    }
}

impl CommentId {
    /// The identifier of the comment that this message becomes.
    pub fn of(message: MessageId) -> Self {
        Self(message.0)
    }
}

impl SessionId {
    /// The identifier of the session that is kept under this hash: it says nothing of the cookie.
    pub fn of(created_at: Timestamp, hash: &str) -> Self {
        Self::from_parts(created_at, hash80(&["session", hash]))
    }
}

impl AttachmentId {
    /// The identifier of the `n`-th file of this message.
    pub fn of(message: MessageId, n: u32) -> Self {
        let bits = hash80(&[&message.to_string(), &n.to_string()]);
        Self(Ulid::from_parts(message.0.timestamp_ms(), bits))
    }
}

fn hash80(parts: &[&str]) -> u128 {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part.as_bytes());
    }
    context.finish().as_ref().iter().take(10).fold(0, |bits, byte| bits << 8 | u128::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_survives_its_text_and_refuses_another_kind() {
        let id = IntegrationId::from_parts(Timestamp::from_second(1_790_000_000).unwrap(), 7);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!(id.to_string().parse::<GrantId>().is_err());
        assert!(id.to_string().to_lowercase().parse::<IntegrationId>().is_err());
    }

    #[test]
    fn the_same_place_on_the_server_is_the_same_message() {
        let at = Timestamp::from_second(1_790_000_000).unwrap();
        let mailbox = MailboxId::from_parts(at, 1);
        let of = |epoch, uid| MessageId::derive(mailbox, epoch, &ServerId::Imap { uid }, at);
        assert_eq!(of(1, 7), of(1, 7));
        assert_ne!(of(1, 7), of(1, 8));
        assert_ne!(of(1, 7), of(2, 7));
        assert_ne!(AttachmentId::of(of(1, 7), 1), AttachmentId::of(of(1, 7), 2));
    }
}
