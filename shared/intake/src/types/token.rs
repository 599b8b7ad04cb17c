//! API tokens and console sessions: only their hashes are kept.

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    types::{
        audit::Role,
        ids::{SessionId, TokenId},
        name::Name,
    },
};

/// A named API token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiToken {
    /// Our identifier.
    pub id: TokenId,
    /// Unique among tokens.
    pub name: Name,
    /// SHA-256 of the token, in hexadecimal: the key by which it is found.
    pub hash: String,
    /// What its bearer may do.
    pub role: Role,
    /// After this it is refused.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the nearest quarter of an hour.
    pub last_used_at: Option<Timestamp>,
    /// When it was created.
    pub created_at: Timestamp,
}

/// A browser, as far as a list of sessions needs it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Visitor {
    /// The network of its address, `192.0.2.0/24`.
    pub network: Option<String>,
    /// Its name and system, such as `Firefox, Linux`.
    pub browser: Option<String>,
}

/// A console session, made by signing in with a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// SHA-256 of the cookie's value, in hexadecimal: the key.
    pub hash: String,
    /// The token it was made with: revoking that ends the session too.
    pub token_hash: String,
    /// After this it is refused.
    pub expires_at: Timestamp,
    /// When it was created.
    pub created_at: Timestamp,
    /// Where it was made.
    #[serde(default)]
    pub visitor: Visitor,
    /// When it was last used, to the nearest quarter of an hour.
    #[serde(default)]
    pub last_used_at: Option<Timestamp>,
}

impl Session {
    /// By which it is named; the cookie cannot be learned from it.
    pub fn id(&self) -> SessionId {
        SessionId::of(self.created_at, &self.hash)
    }
}
