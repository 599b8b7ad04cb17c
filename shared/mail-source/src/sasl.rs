//! SASL messages: XOAUTH2, OAUTHBEARER (RFC 7628), PLAIN (RFC 4616), LOGIN.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use intake::ports::Credentials;
use secrecy::{ExposeSecret, SecretString};

/// The longest error challenge kept, bytes.
const MAX_CHALLENGE: usize = 1024;

/// A mechanism that we speak, best first for each kind of credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mechanism {
    XOAuth2,
    OAuthBearer,
    Plain,
    /// Name and password, one challenge each (draft-murchison-sasl-login).
    Login,
}

impl Mechanism {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::XOAuth2 => "XOAUTH2",
            Self::OAuthBearer => "OAUTHBEARER",
            Self::Plain => "PLAIN",
            Self::Login => "LOGIN",
        }
    }

    /// What the client says to the challenge that carries the error: nothing, or one control byte.
    pub(crate) fn answer_to_error(self) -> &'static [u8] {
        match self {
            Self::OAuthBearer => b"\x01",
            Self::XOAuth2 | Self::Plain | Self::Login => b"",
        }
    }
}

/// A user name or token with a control character cannot be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unsendable;

/// The messages that sign in, one for each challenge: one, but for LOGIN.
pub(crate) fn messages(
    mechanism: Mechanism,
    credentials: &Credentials,
    host: &str,
    port: u16,
) -> Result<VecDeque<SecretString>, Unsendable> {
    let last = message(mechanism, credentials, host, port)?;
    Ok(match (mechanism, credentials) {
        (Mechanism::Login, Credentials::Password { username, .. }) => {
            [SecretString::from(username.clone()), last].into()
        }
        _ => [last].into(),
    })
}

/// The message that signs in; the last one, for LOGIN.
pub(crate) fn message(
    mechanism: Mechanism,
    credentials: &Credentials,
    host: &str,
    port: u16,
) -> Result<SecretString, Unsendable> {
    let (Credentials::Bearer { username, token: secret }
    | Credentials::Password { username, password: secret }) = credentials;
    let secret = secret.expose_secret();
    if username.chars().chain(secret.chars()).any(char::is_control) {
        return Err(Unsendable);
    }
    Ok(SecretString::from(match mechanism {
        Mechanism::XOAuth2 => format!("user={username}\x01auth=Bearer {secret}\x01\x01"),
        Mechanism::OAuthBearer => {
            let user = username.replace('=', "=3D").replace(',', "=2C");
            format!("n,a={user},\x01host={host}\x01port={port}\x01auth=Bearer {secret}\x01\x01")
        }
        Mechanism::Plain => format!("\0{username}\0{secret}"),
        Mechanism::Login => secret.to_owned(),
    }))
}

/// Base64 of a message, for an initial response (RFC 4959).
pub(crate) fn initial(message: &SecretString) -> SecretString {
    SecretString::from(STANDARD.encode(message.expose_secret()))
}

/// What an error challenge says: printable, at most 1 KiB. None where it says nothing.
pub(crate) fn told(challenge: &[u8]) -> Option<String> {
    let text =
        String::from_utf8_lossy(challenge.get(..challenge.len().min(MAX_CHALLENGE)).unwrap_or_default());
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    (!text.is_empty()).then_some(text)
}

/// Answers challenges: first with the messages, unless the only one went along with the command; then, to a challenge that carries
/// an error, as the mechanism wants. A client that sends the token again, or nothing, hangs.
pub(crate) struct Answers {
    mechanism: Mechanism,
    messages: VecDeque<SecretString>,
    challenge: Challenge,
}

/// The error challenge, for whoever asks after the sign-in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Challenge(Arc<Mutex<Option<String>>>);

impl Challenge {
    pub(crate) fn take(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Answers {
    /// `messages` are those that were not sent as initial response.
    pub(crate) fn new(mechanism: Mechanism, messages: VecDeque<SecretString>) -> (Self, Challenge) {
        let challenge = Challenge::default();
        (Self { mechanism, messages, challenge: challenge.clone() }, challenge)
    }
}

impl async_imap::Authenticator for Answers {
    type Response = Vec<u8>;

    fn process(&mut self, challenge: &[u8]) -> Vec<u8> {
        if let Some(message) = self.messages.pop_front() {
            return message.expose_secret().as_bytes().to_vec();
        }
        *self.challenge.0.lock().unwrap_or_else(PoisonError::into_inner) = told(challenge);
        self.mechanism.answer_to_error().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use async_imap::Authenticator;

    use super::*;

    fn bearer(username: &str) -> Credentials {
        Credentials::Bearer { username: username.to_owned(), token: "abc".into() }
    }

    fn encoded(mechanism: Mechanism, credentials: &Credentials) -> String {
        initial(&message(mechanism, credentials, "imap.example.com", 993).unwrap()).expose_secret().to_owned()
    }

    #[test]
    fn messages_are_as_documented() {
        let box_ = bearer("box@example.com");
        assert_eq!(
            encoded(Mechanism::XOAuth2, &box_),
            "dXNlcj1ib3hAZXhhbXBsZS5jb20BYXV0aD1CZWFyZXIgYWJjAQE="
        );
        let expected =
            "bixhPWJveEBleGFtcGxlLmNvbSwBaG9zdD1pbWFwLmV4YW1wbGUuY29tAXBvcnQ9OTkzAWF1dGg9QmVhcmVyIGFiYwEB";
        assert_eq!(encoded(Mechanism::OAuthBearer, &box_), expected);
        let plain = Credentials::Password { username: "a".to_owned(), password: "p".into() };
        assert_eq!(encoded(Mechanism::Plain, &plain), STANDARD.encode("\0a\0p"));
        let odd = message(Mechanism::OAuthBearer, &bearer("a=b,c"), "h", 1).unwrap();
        assert!(odd.expose_secret().starts_with("n,a=a=3Db=2Cc,\x01"));
        assert!(message(Mechanism::XOAuth2, &bearer("a\x01b"), "h", 1).is_err());
    }

    #[test]
    fn the_error_challenge_is_kept_and_answered() {
        let (mut answers, challenge) =
            Answers::new(Mechanism::OAuthBearer, [SecretString::from("token")].into());
        assert_eq!(answers.process(b""), b"token");
        assert_eq!(answers.process(b"{\"status\":\"401\"}"), b"\x01");
        assert_eq!(challenge.take().unwrap(), "{\"status\":\"401\"}");
        let (mut answers, _) = Answers::new(Mechanism::XOAuth2, VecDeque::new());
        assert_eq!(answers.process(b"{}"), b"");
        let ann = Credentials::Password { username: "ann".to_owned(), password: "p".into() };
        let (mut answers, _) =
            Answers::new(Mechanism::Login, messages(Mechanism::Login, &ann, "h", 1).unwrap());
        assert_eq!(
            (answers.process(b"Username:"), answers.process(b"Password:")),
            (b"ann".into(), b"p".into())
        );
    }
}
