//! What a client says about itself at a sign-in.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::world::World;

/// A SASL mechanism.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mechanism {
    Plain,
    XOAuth2,
    /// RFC 7628.
    OAuthBearer,
}

impl Mechanism {
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "PLAIN" => Some(Self::Plain),
            "XOAUTH2" => Some(Self::XOAuth2),
            "OAUTHBEARER" => Some(Self::OAuthBearer),
            _ => None,
        }
    }

    /// What a client must answer to the challenge of a refused token.
    pub(crate) fn end_of_challenge(self) -> &'static [u8] {
        match self {
            Self::OAuthBearer => b"AQ==",
            Self::Plain | Self::XOAuth2 => b"",
        }
    }
}

/// A user with a proof.
#[derive(PartialEq, Eq)]
pub(crate) struct Credentials {
    pub(crate) user: String,
    pub(crate) proof: Proof,
}

#[derive(PartialEq, Eq)]
pub(crate) enum Proof {
    Password(String),
    Token(String),
}

impl Credentials {
    /// Whether they open the mailbox.
    pub(crate) fn are_accepted(&self, world: &World) -> bool {
        match &self.proof {
            Proof::Token(token) => world.authority().opens(token, &self.user, world.clock.seconds()),
            Proof::Password(password) => {
                world.account(&self.user).is_some_and(|account| account.password.as_ref() == Some(password))
            }
        }
    }

    /// Base64 as it stands on the line; `=` alone is an empty message.
    pub(crate) fn decode(mechanism: Mechanism, line: &[u8]) -> Option<Self> {
        let bytes = if line == b"=" { Vec::new() } else { STANDARD.decode(line).ok()? };
        let text = String::from_utf8(bytes).ok()?;
        match mechanism {
            Mechanism::Plain => plain(&text),
            Mechanism::XOAuth2 => xoauth2(&text),
            Mechanism::OAuthBearer => oauthbearer(&text),
        }
    }
}

/// RFC 4616. Acting for somebody else is not offered.
fn plain(text: &str) -> Option<Credentials> {
    let mut parts = text.split('\0');
    let (acts_for, user, password) = (parts.next()?, parts.next()?, parts.next()?);
    let itself = acts_for.is_empty() || acts_for == user;
    (itself && parts.next().is_none())
        .then(|| Credentials { user: user.to_owned(), proof: Proof::Password(password.to_owned()) })
}

fn xoauth2(text: &str) -> Option<Credentials> {
    let (user, token) =
        text.strip_prefix("user=")?.strip_suffix("\x01\x01")?.split_once("\x01auth=Bearer ")?;
    Some(Credentials { user: user.to_owned(), proof: Proof::Token(token.to_owned()) })
}

fn oauthbearer(text: &str) -> Option<Credentials> {
    let (header, fields) = text.strip_suffix("\x01\x01")?.split_once('\x01')?;
    let user = header.strip_prefix("n,a=")?.strip_suffix(',')?.replace("=2C", ",").replace("=3D", "=");
    let token = fields.split('\x01').find_map(|field| field.strip_prefix("auth=Bearer "))?;
    Some(Credentials { user, proof: Proof::Token(token.to_owned()) })
}

/// What real servers tell a client whose token they refuse.
pub(crate) fn challenge(world: &World, mechanism: Mechanism) -> String {
    let document = format!("{}/.well-known/openid-configuration", world.issuer);
    match mechanism {
        Mechanism::OAuthBearer => json!({"status": "invalid_token", "openid-configuration": document}),
        Mechanism::Plain | Mechanism::XOAuth2 => {
            json!({"status": "400", "schemes": "Bearer", "scope": "mail", "openid-configuration": document})
        }
    }
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both examples are those of the providers' documents.
    #[test]
    fn both_token_forms_are_read() {
        let line = b"dXNlcj1ib3hAZXhhbXBsZS5jb20BYXV0aD1CZWFyZXIgYWJjAQE=";
        let read = Credentials::decode(Mechanism::XOAuth2, line).unwrap();
        assert!(read.user == "box@example.com" && read.proof == Proof::Token("abc".to_owned()));
        let line =
            b"bixhPWJveEBleGFtcGxlLmNvbSwBaG9zdD1pbWFwLmV4YW1wbGUuY29tAXBvcnQ9OTkzAWF1dGg9QmVhcmVyIGFiYwEB";
        let read = Credentials::decode(Mechanism::OAuthBearer, line).unwrap();
        assert!(read.user == "box@example.com" && read.proof == Proof::Token("abc".to_owned()));
    }

    #[test]
    fn broken_messages_are_nobody() {
        for line in [&b"!!!"[..], b"", b"=", b"dXNlcj1ib3g=", b"AQ=="] {
            assert!(Credentials::decode(Mechanism::XOAuth2, line).is_none());
            assert!(Credentials::decode(Mechanism::OAuthBearer, line).is_none());
            assert!(Credentials::decode(Mechanism::Plain, line).is_none());
        }
    }
}
