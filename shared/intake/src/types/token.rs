//! API tokens and console sessions: only their hashes are kept.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    types::{
        audit::{Actor, Origin, Role},
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

/// Somebody of the company, as its identity provider knows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Who says so, to the letter.
    pub issuer: String,
    /// At this issuer nobody else ever has it (OpenID Connect Core section 5.7).
    pub subject: String,
    /// For people to read; it may be that of anybody.
    pub name: String,
    /// By their groups when they signed in.
    pub role: Role,
}

impl Member {
    /// Who acts, by a page or in a session.
    pub fn actor(&self, from: Origin) -> Actor {
        let person = Some(self.subject.clone());
        Actor { name: self.name.clone(), token_id: None, person, role: self.role, from }
    }
}

/// Who has signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Holder {
    /// Whoever has a token: revoking it ends the session too.
    Token {
        /// The key by which it is found.
        token_hash: String,
    },
    /// A person whom the company's identity provider told of.
    Member {
        /// Who.
        member: Member,
    },
}

/// A console session, made by signing in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// SHA-256 of the cookie's value, in hexadecimal: the key.
    pub hash: String,
    /// Who has signed in.
    #[serde(flatten)]
    pub holder: Holder,
    /// After this it is refused, however much it is used.
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
    /// How long one lasts that is not used.
    pub const IDLE: Duration = Duration::from_secs(12 * 60 * 60);

    /// By which it is named; the cookie cannot be learned from it.
    pub fn id(&self) -> SessionId {
        SessionId::of(self.created_at, &self.hash)
    }

    /// When it was last used, as far as that is noted.
    pub fn used_at(&self) -> Timestamp {
        self.last_used_at.unwrap_or(self.created_at)
    }

    /// When it ends if it is not used any more. Uses are noted each quarter of an hour, and what is not noted does not
    /// count: it ends up to a quarter early, and never late.
    pub fn ends_at(&self) -> Timestamp {
        let idle = self.used_at().checked_add(Self::IDLE).unwrap_or(Timestamp::MAX);
        idle.min(self.expires_at)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_second(1_795_000_000 + hours * 3_600).unwrap()
    }

    fn session(last_used_at: Option<Timestamp>) -> Session {
        let holder = Holder::Token { token_hash: "t".to_owned() };
        let visitor = Visitor::default();
        Session {
            hash: "h".to_owned(),
            holder,
            expires_at: at(168),
            created_at: at(0),
            visitor,
            last_used_at,
        }
    }

    #[test]
    fn a_session_ends_when_nobody_uses_it_and_at_the_latest_at_its_end() {
        for (used, end) in [(None, 12), (Some(at(1)), 13), (Some(at(150)), 162), (Some(at(160)), 168)] {
            assert_eq!(session(used).ends_at(), at(end));
        }
    }

    #[test]
    fn sessions_of_older_versions_are_still_read() {
        let old = json!({"hash": "h", "token_hash": "t", "expires_at": at(168), "created_at": at(0)});
        assert_eq!(serde_json::from_value::<Session>(old).unwrap(), session(None));
        let member = Member {
            issuer: "https://id.example".to_owned(),
            subject: "ada".to_owned(),
            name: "Ada".to_owned(),
            role: Role::Agent,
        };
        for session in [session(Some(at(1))), Session { holder: Holder::Member { member }, ..session(None) }]
        {
            let stored = serde_json::to_string(&session).unwrap();
            assert_eq!(serde_json::from_str::<Session>(&stored).unwrap(), session);
        }
    }
}
