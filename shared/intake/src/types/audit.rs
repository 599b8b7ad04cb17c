//! The audit trail: who did what, written in the transaction of the change itself.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Timestamp,
    types::{
        ids::{AuditId, SessionId, TokenId},
        words::words,
    },
};

words! {
    /// What somebody may do.
    pub enum Role {
        /// Reads issues, comments and attachments.
        Reader = "reader",
        /// Also changes issues and comments.
        Agent = "agent",
        /// Everything.
        Administrator = "administrator",
    }
}

words! {
    /// By which way somebody acts.
    #[derive(Default)]
    pub enum Via {
        /// It happens by itself.
        #[default]
        Itself = "itself",
        /// A request with an API token.
        ApiToken = "api_token",
        /// A request of a console session.
        ConsoleSession = "console_session",
        /// The command line.
        CommandLine = "command_line",
        /// A page that needs no session: signing in, or the way back from a provider.
        Page = "page",
    }
}

/// From where somebody acts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Origin {
    /// By which way.
    #[serde(default)]
    pub via: Via,
    /// The client's address, where there is a network in between.
    #[serde(default)]
    pub address: Option<IpAddr>,
    /// The console session.
    #[serde(default)]
    pub session_id: Option<SessionId>,
}

impl Origin {
    /// A request from this address.
    pub fn at(via: Via, address: Option<IpAddr>) -> Self {
        Self { via, address, session_id: None }
    }

    /// The network that the address belongs to, `192.0.2.0/24` or `2001:db8:1::/48`: enough to recognise one's own.
    pub fn network(&self) -> Option<String> {
        Some(match self.address? {
            IpAddr::V4(address) => {
                let [a, b, c, _] = address.octets();
                format!("{a}.{b}.{c}.0/24")
            }
            IpAddr::V6(address) => {
                let [a, b, c, ..] = address.segments();
                format!("{}/48", std::net::Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
            }
        })
    }
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The name of the token or the person, or `maildocket` for what happens by itself.
    pub name: String,
    /// The token used; None for people who signed in without one, and for what happens by itself.
    pub token_id: Option<TokenId>,
    /// The subject of a person at the company's identity provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// What they may do.
    pub role: Role,
    /// From where.
    #[serde(default)]
    pub from: Origin,
}

impl Actor {
    /// What happens by itself: polls, refreshes, sweeps.
    pub fn system() -> Self {
        let from = Origin::default();
        Self { name: "maildocket".to_owned(), token_id: None, person: None, role: Role::Administrator, from }
    }

    /// Whoever may read the data folder, and types a command.
    pub fn command_line() -> Self {
        let from = Origin::at(Via::CommandLine, None);
        Self { name: "command line".to_owned(), from, ..Self::system() }
    }

    /// Somebody who did not get in.
    pub fn unknown(from: Origin) -> Self {
        Self { name: "unknown".to_owned(), token_id: None, person: None, role: Role::Reader, from }
    }
}

/// One entry. Holds no secret and no mail text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Our identifier; sorts by time.
    pub id: AuditId,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What, as a stable dotted word: `integration.created`, `client_secret.revealed`, `grant.consented` …
    pub action: String,
    /// The identifier or key of what it was done to.
    pub subject: String,
    /// What changed: field names with old and new values, secrets masked.
    pub changes: Vec<FieldChange>,
}

/// Which entries.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditFilter {
    /// The identifier or key of what it was done to.
    pub subject: Option<String>,
    /// The actor's name, the identifier of the token, or the subject of the person.
    pub actor: Option<String>,
    /// The action, or its first word: `integration` has all of `integration.created`, `integration.changed` …
    pub action: Option<String>,
    /// At or after this.
    pub since: Option<Timestamp>,
    /// Before this.
    pub until: Option<Timestamp>,
}

impl AuditFilter {
    /// Whether an entry is wanted.
    pub fn wants(&self, entry: &AuditEntry) -> bool {
        let actor = |wanted: &String| {
            let Actor { name, token_id, person, .. } = &entry.actor;
            wanted == name
                || token_id.is_some_and(|id| id.to_string() == *wanted)
                || person.as_ref() == Some(wanted)
        };
        let action = |wanted: &String| {
            entry
                .action
                .strip_prefix(wanted.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.subject.as_ref().is_none_or(|wanted| *wanted == entry.subject)
            && self.actor.as_ref().is_none_or(actor)
            && self.action.as_ref().is_none_or(action)
            && self.since.is_none_or(|since| entry.at >= since)
            && self.until.is_none_or(|until| entry.at < until)
    }
}

/// A changed field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldChange {
    /// The field's name in the API.
    pub field: String,
    /// Before; empty where there was nothing. Secrets are masked.
    pub before: String,
    /// After.
    pub after: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_less_than_an_address() {
        let network =
            |address: &str| Origin::at(Via::Page, Some(address.parse().unwrap())).network().unwrap();
        assert_eq!(network("192.0.2.77"), "192.0.2.0/24");
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1::/48");
        assert_eq!(Origin::default().network(), None);
    }

    #[test]
    fn actors_of_older_entries_are_still_read() {
        let old = serde_json::json!({"name": "ci", "token_id": null, "role": "agent"});
        let actor: Actor = serde_json::from_value(old).unwrap();
        assert_eq!((actor.from, actor.person), (Origin::default(), None));
    }
}
