//! A mailbox as it is told: in answers, in the configuration as a file, and in the audit trail.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Shown, after::AfterImportAction};
use crate::types::{
    errand::MailAction,
    handler::Handler,
    ids::{GrantId, IntegrationId},
    mailbox::{AuthMethod, Mailbox, Protocol, Start, StartMode, Tls},
    policy::{RateLimits, SenderPolicy},
    time::Time,
};

/// What is configured of a mailbox: no state, and no secret.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = MailboxSettings)]
pub struct MailboxTold {
    /// Unique without regard to case and width.
    pub name: String,
    /// What is spoken with the server.
    pub protocol: Protocol,
    /// A name or address.
    pub host: String,
    /// 1 to 65535.
    pub port: u16,
    /// How the connection is protected.
    pub tls: Tls,
    /// In Unicode.
    pub folder: String,
    /// How it signs in.
    pub auth: AuthTold,
    /// 60 to 86400.
    pub poll_interval_seconds: u32,
    /// What the first poll imports.
    pub start: StartTold,
    /// The key of the project where issues are created when no handler says otherwise.
    pub project: String,
    /// What is done to a mail on the server after its import.
    pub after_import: AfterImportTold,
    /// What its mails become.
    pub handlers: Vec<Handler>,
    /// What is done about senders that may be forged.
    pub sender_policy: SenderPolicy,
    /// How many mails an hour are ordinary.
    pub rate_limits: RateLimits,
    /// False: not polled by the schedule.
    pub enabled: bool,
}

/// How a mailbox signs in; the password never leaves.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = MailboxAuth)]
pub struct AuthTold {
    /// By a token or by a password.
    pub method: AuthMethod,
    /// Null with a password.
    #[schema(required, value_type = Option<String>)]
    pub integration_id: Option<IntegrationId>,
    /// Null while it waits for consent.
    #[schema(required, value_type = Option<String>)]
    pub grant_id: Option<GrantId>,
    /// The mailbox that is opened: typed, or the grant's account.
    #[schema(required)]
    pub username: Option<String>,
}

/// What the first poll imports.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = MailboxStart)]
pub struct StartTold {
    /// Which mails.
    pub mode: StartMode,
    /// With `since`.
    #[schema(required)]
    pub since: Option<Time>,
}

/// What is done to a mail on the server after its import.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = MailboxAfterImport)]
pub struct AfterImportTold {
    /// What it is.
    #[schema(value_type = AfterImportAction)]
    pub action: &'static str,
    /// With `move`.
    #[schema(required)]
    pub folder: Option<String>,
}

impl MailboxTold {
    /// `username`: whose mailbox is opened, where that is known.
    pub(super) fn of(mailbox: &Mailbox, username: Option<String>) -> Self {
        let m = mailbox.clone();
        let since = match m.start {
            Start::Since { since } => Some(Time(since)),
            Start::NewOnly | Start::All => None,
        };
        Self {
            auth: AuthTold {
                method: m.auth.method(),
                integration_id: m.integration_id(),
                grant_id: m.grant_id(),
                username,
            },
            name: m.name.to_string(),
            protocol: m.server.protocol,
            host: m.server.host.to_string(),
            port: m.server.port,
            tls: m.server.tls,
            folder: m.folder,
            poll_interval_seconds: m.poll_interval_seconds,
            start: StartTold { mode: m.start.mode(), since },
            project: m.project.to_string(),
            after_import: AfterImportTold::of(m.after_import.as_ref()),
            handlers: m.handlers,
            sender_policy: m.sender_policy,
            rate_limits: m.rate_limits,
            enabled: m.enabled,
        }
    }
}

impl AfterImportTold {
    fn of(chosen: Option<&MailAction>) -> Self {
        Self {
            action: chosen.map_or("none", MailAction::as_str),
            folder: chosen.and_then(MailAction::folder).map(str::to_owned),
        }
    }
}

impl Shown {
    /// What is configured of it.
    pub fn told(&self) -> MailboxTold {
        MailboxTold::of(&self.mailbox, self.username.clone())
    }
}
