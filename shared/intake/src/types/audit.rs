//! The audit trail: who did what, written in the transaction of the change itself.

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    types::ids::{AuditId, TokenId},
};

/// What somebody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads issues, comments and attachments.
    Reader,
    /// Also changes issues and comments.
    Agent,
    /// Everything.
    Administrator,
}

impl Role {
    /// The word used in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Agent => "agent",
            Self::Administrator => "administrator",
        }
    }
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The name of the token, or `maildocket` for what happens by itself.
    pub name: String,
    /// The token used; None for what happens by itself.
    pub token_id: Option<TokenId>,
    /// What they may do.
    pub role: Role,
}

impl Actor {
    /// What happens by itself: polls, refreshes, sweeps.
    pub fn system() -> Self {
        Self { name: "maildocket".to_owned(), token_id: None, role: Role::Administrator }
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

/// A changed field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// The field's name in the API.
    pub field: String,
    /// Before; empty where there was nothing.
    pub before: String,
    /// After.
    pub after: String,
}
