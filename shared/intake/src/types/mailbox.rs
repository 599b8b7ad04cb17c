//! Mailboxes: what is polled, how to sign in, and how far the last poll came.

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    types::{
        Problem, Version,
        errand::{Errands, MailAction},
        handler::Handler,
        host::MailHost,
        ids::{GrantId, IntegrationId, MailboxId},
        name::Name,
        policy::{RateLimits, SenderPolicy},
        project::ProjectKey,
        renumbering::Renewed,
        secret::SecretVersion,
        watch::{Differences, Watch},
        words::words,
    },
};

words! {
    /// The protocol spoken.
    pub enum Protocol {
        /// RFC 3501.
        Imap = "imap",
        /// RFC 1939.
        Pop3 = "pop3",
    }
}

words! {
    /// How the connection is protected.
    pub enum Tls {
        /// TLS from the first byte (RFC 8314).
        Implicit = "implicit",
        /// STARTTLS; never continues in clear text when refused.
        Starttls = "starttls",
        /// Clear text; only to a private address, and only where private networks are allowed.
        None = "none",
    }
}

/// A mail server's address.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MailServer {
    /// IMAP or POP3.
    pub protocol: Protocol,
    /// Name or address.
    pub host: MailHost,
    /// TCP port, 1 to 65535.
    pub port: u16,
    /// How the connection is protected.
    pub tls: Tls,
}

/// How to sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "snake_case")]
pub enum MailAuth {
    /// XOAUTH2 or OAUTHBEARER with the access token of a grant.
    #[serde(rename = "oauth2")]
    OAuth2 {
        /// The integration named, also when it is only known through the grant.
        integration_id: IntegrationId,
        /// None while it waits for consent.
        grant_id: Option<GrantId>,
        /// The mailbox to open, where it is not the grant's account (shared mailboxes).
        username: Option<String>,
    },
    /// A user name and a password in the vault.
    Password {
        /// The login name.
        username: String,
        /// The version of the password that counts.
        secret_version: SecretVersion,
    },
}

words! {
    /// The word of a [`MailAuth`].
    pub enum AuthMethod {
        /// See [`MailAuth::OAuth2`].
        OAuth2 = "oauth2",
        /// See [`MailAuth::Password`].
        Password = "password",
    }
}

impl MailAuth {
    /// Its word.
    pub fn method(&self) -> AuthMethod {
        match self {
            Self::OAuth2 { .. } => AuthMethod::OAuth2,
            Self::Password { .. } => AuthMethod::Password,
        }
    }

    /// The version of the password that counts; None where there is no password.
    pub fn secret_version(&self) -> Option<&SecretVersion> {
        match self {
            Self::Password { secret_version, .. } => Some(secret_version),
            Self::OAuth2 { .. } => None,
        }
    }
}

/// Which mails of a full mailbox the first poll imports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "mode", rename_all = "snake_case")]
pub enum Start {
    /// Only those that arrive after the mailbox was connected.
    NewOnly,
    /// Everything.
    All,
    /// Those received at or after this time, by the server's date (IMAP: INTERNALDATE; POP3: the topmost `Received`
    /// field, else the `Date` field).
    Since {
        /// The time.
        since: Timestamp,
    },
}

words! {
    /// The word of a [`Start`].
    pub enum StartMode {
        /// See [`Start::NewOnly`].
        NewOnly = "new_only",
        /// See [`Start::All`].
        All = "all",
        /// See [`Start::Since`].
        Since = "since",
    }
}

impl Start {
    /// Its word.
    pub fn mode(self) -> StartMode {
        match self {
            Self::NewOnly => StartMode::NewOnly,
            Self::All => StartMode::All,
            Self::Since { .. } => StartMode::Since,
        }
    }
}

/// An incoming mail server account and folder: configuration only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mailbox {
    /// Our identifier.
    pub id: MailboxId,
    /// Rises with each change; the ETag.
    pub version: Version,
    /// Unique among mailboxes.
    pub name: Name,
    /// Where it is.
    pub server: MailServer,
    /// The folder, in Unicode. IMAP only; `INBOX` by default.
    pub folder: String,
    /// How to sign in.
    pub auth: MailAuth,
    /// Whose mails the cursor and the records are of, while the mailbox waits for consent: another account's is refused.
    #[serde(default)]
    pub known_as: Option<String>,
    /// Seconds between polls, 60 to 86,400.
    pub poll_interval_seconds: u32,
    /// What the first poll imports.
    pub start: Start,
    /// Where issues are created when no handler says otherwise.
    pub project: ProjectKey,
    /// What is done to a mail on the server once it was imported. None: the server is never touched.
    #[serde(default)]
    pub after_import: Option<MailAction>,
    /// What a mail becomes, top to bottom. Empty: an issue, or a comment where it belongs to one.
    #[serde(default)]
    pub handlers: Vec<Handler>,
    /// What is done about senders that may be forged.
    #[serde(default)]
    pub sender_policy: SenderPolicy,
    /// How many mails an hour are ordinary.
    #[serde(default)]
    pub rate_limits: RateLimits,
    /// False: not polled by the schedule.
    pub enabled: bool,
    /// True while its messages are purged after a delete.
    #[serde(default)]
    pub deleting: bool,
    /// When it was created.
    pub created_at: Timestamp,
    /// When its configuration last changed.
    pub updated_at: Timestamp,
}

impl Mailbox {
    /// The shortest interval between polls, in seconds.
    pub const MIN_POLL_INTERVAL: u32 = 60;
    /// The longest interval between polls, in seconds.
    pub const MAX_POLL_INTERVAL: u32 = 86_400;

    /// The grant used to sign in.
    pub fn grant_id(&self) -> Option<GrantId> {
        match &self.auth {
            MailAuth::OAuth2 { grant_id, .. } => *grant_id,
            MailAuth::Password { .. } => None,
        }
    }

    /// The integration used to sign in.
    pub fn integration_id(&self) -> Option<IntegrationId> {
        match &self.auth {
            MailAuth::OAuth2 { integration_id, .. } => Some(*integration_id),
            MailAuth::Password { .. } => None,
        }
    }
}

words! {
    /// What a person is told about a mailbox.
    pub enum MailboxStatus {
        /// Never polled.
        New = "new",
        /// The last poll was complete.
        Ok = "ok",
        /// A first or long import is under way.
        Importing = "importing",
        /// The last polls failed; tried again by itself.
        Failing = "failing",
        /// A person has to consent.
        NeedsConsent = "needs_consent",
        /// A person has to change a setting here or at the provider.
        NeedsAttention = "needs_attention",
        /// Switched off.
        Paused = "paused",
        /// Being deleted.
        Deleting = "deleting",
    }
}

/// How far listings are complete: everything below `next_uid` under this `uid_validity` has a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// RFC 3501 section 2.3.1.1.
    pub uid_validity: u64,
    /// The UIDNEXT at the last complete listing; mails at or above it are new.
    pub next_uid: u32,
    /// The UIDNEXT at the first contact of this epoch: mails below it were there before, and follow the rule for a
    /// first import (or for a renumbered mailbox) instead of being new.
    pub import_below: u32,
    /// What the last complete poll counted. None in old items, and for POP3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted: Option<Counted>,
    /// POP3 only, where mails have no order and the other fields stay 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maildrop: Option<MaildropCursor>,
    /// How this numbering began, where it is not the mailbox's first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewed: Option<Renewed>,
}

/// What the server said of the folder, and how much of that it listed. Later polls compare with it: mails that were not
/// listed for a moment, and numbers that went back, show themselves by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counted {
    /// EXISTS (RFC 3501 section 7.3.1).
    pub exists: u32,
    /// Of those, how many a listing has shown.
    pub listed: u32,
    /// UIDNEXT as it was told, which need not be right. None where the server does not tell.
    pub uid_next: Option<u32>,
    /// How often those that lack were looked for.
    #[serde(default)]
    pub looks: u32,
}

/// How far the import of a POP3 maildrop came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaildropCursor {
    /// The fence of the run that wrote the roll that counts: its blob is named by it.
    pub roll: u64,
    /// The listing of which every mail is settled; None while an import is under way or a mail waits.
    pub listing: Option<Fingerprint>,
    /// Mails that the server lists and did not give: they are looked at again.
    #[serde(default)]
    pub unread: u32,
}

/// SHA-256 of a maildrop's unique-ids, sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Fingerprint(pub [u8; 32]);

impl From<Fingerprint> for String {
    /// 64 hexadecimal digits.
    fn from(fingerprint: Fingerprint) -> Self {
        hex::encode(fingerprint.0)
    }
}

impl TryFrom<String> for Fingerprint {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| "is not a fingerprint")?;
        Ok(Self(bytes))
    }
}

/// The moving half of a mailbox: one item, apart from the configuration, so that a form and a poll never collide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Whose.
    pub mailbox_id: MailboxId,
    /// Rises whenever host, protocol, user name, folder or UIDVALIDITY changes.
    pub epoch: u32,
    /// None before the first complete listing of this epoch.
    pub cursor: Option<Cursor>,
    /// Shown to people.
    pub status: MailboxStatus,
    /// When the server was last asked (written on a change of state and else every 15 minutes).
    pub last_poll_at: Option<Timestamp>,
    /// When everything known was last imported.
    pub last_success_at: Option<Timestamp>,
    /// When the newest mails were last compared with the records. None in old items.
    pub rescanned_at: Option<Timestamp>,
    /// Why the last poll failed.
    pub last_error: Option<Problem>,
    /// Polls that failed since the last good one.
    pub consecutive_failures: u32,
    /// INTERNALDATE of the oldest mail seen on the server but not yet in a final state.
    pub oldest_unprocessed_at: Option<Timestamp>,
    /// The mail server asked to be left alone until then.
    pub throttled_until: Option<Timestamp>,
    /// The fence of the newest lease: rises when a lease is taken, and only then.
    pub fence: u64,
    /// True while a lease is held or was left by a process that died.
    pub leased: bool,
    /// When the lease ends by itself.
    pub lease_expires_at: Option<Timestamp>,
    /// What is still to be done to imported mails.
    pub errands: Errands,
    /// The daily look at what the server holds. None before the first poll that was noted, and in old items.
    pub watch: Option<Watch>,
}

impl Run {
    /// The state of a mailbox that was just created.
    pub fn new(mailbox_id: MailboxId) -> Self {
        Self {
            mailbox_id,
            epoch: 1,
            cursor: None,
            status: MailboxStatus::New,
            last_poll_at: None,
            last_success_at: None,
            rescanned_at: None,
            last_error: None,
            consecutive_failures: 0,
            oldest_unprocessed_at: None,
            throttled_until: None,
            fence: 0,
            leased: false,
            lease_expires_at: None,
            errands: Errands::default(),
            watch: None,
        }
    }

    /// How it and its server differ by the last look: nothing of an earlier epoch.
    pub fn differences(&self) -> Option<&Differences> {
        self.watch.as_ref().filter(|watch| watch.epoch == self.epoch).map(|watch| &watch.found)
    }
}

/// What the plan reads each minute: small, one query for all mailboxes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleRow {
    /// Whose.
    pub mailbox_id: MailboxId,
    /// Seconds between polls.
    pub interval_seconds: u32,
    /// For the limit of connections per host.
    pub host: MailHost,
    /// Not polled before: creation plus one interval, or a back-off. Later than the last poll, it is a time at which one is
    /// wanted.
    pub not_before: Timestamp,
    /// When the mailbox was last polled, as far as that was noted ([`Run::last_poll_at`]); at first, when it was created.
    /// None in old items.
    pub last_poll_at: Option<Timestamp>,
    /// False: paused, deleting, or waiting for consent.
    pub enabled: bool,
}
