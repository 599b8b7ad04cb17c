//! AUTH (RFC 5034), USER and PASS.

use base64::{Engine, engine::general_purpose::STANDARD};
use intake::{
    ports::{Credentials, MailError, MailFault},
    types::mailbox::MailServer,
};
use secrecy::{ExposeSecret, SecretString};

use super::{
    capabilities::Capabilities,
    refusal,
    wire::{Answer, Wire},
};
use crate::{
    approach::{Approach, Failed},
    sasl::{self, Mechanism},
};

/// The longest command line with an initial response (RFC 5034 section 4), its end included.
const MAX_COMMAND: usize = 255;

/// How somebody signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Sasl(Mechanism),
    UserPass,
    /// AUTH LOGIN, which asks for name and password one after the other.
    Login,
}

/// A sign-in under way. Each line waits for the answer to the one before, also where the server takes several commands
/// at once: some throw away what follows the end of a sign-in, because another process of theirs goes on from there.
pub(crate) struct SignIn<'a> {
    pub(crate) wire: &'a mut Wire,
    pub(crate) capabilities: &'a Capabilities,
    pub(crate) server: &'a MailServer,
}

/// What came of one way to sign in.
type Tried = Result<(), Refusal>;

/// Why a way to sign in did not lead in.
struct Refusal {
    error: MailError,
    /// Another way may lead in: name and password were not judged.
    other_way: bool,
    /// The connection ended.
    ended: bool,
}

impl From<MailError> for Refusal {
    fn from(error: MailError) -> Self {
        let ended = error.fault == MailFault::Temporary && error.server_text.is_none();
        Self { error, other_way: false, ended }
    }
}

impl SignIn<'_> {
    /// Signs in by the best way in common, and where a password was not judged at all, once by another.
    pub(crate) async fn run(mut self, credentials: &Credentials, approach: Approach) -> Result<(), Failed> {
        let Some(best) = way(self.capabilities, credentials) else {
            return Err(self.wire.error_as(MailFault::NoMechanism, "the server takes no passwords").into());
        };
        let second = second_way(best, self.capabilities);
        if approach == Approach::OtherWay {
            let refused = self.by(second.unwrap_or(best), credentials).await;
            return refused.map_err(|refusal| refusal.error.into());
        }
        let Err(refused) = self.by(best, credentials).await else { return Ok(()) };
        let Some(second) = second else { return Err(refused.error.into()) };
        let ended = |error| Failed { error, again: Some(Approach::OtherWay) };
        match refused {
            Refusal { error, ended: true, .. } => Err(ended(error)),
            Refusal { error, other_way: false, .. } => Err(error.into()),
            Refusal { error, .. } => match self.by(second, credentials).await {
                // The connection ended with the first refusal, and that one has the words.
                Err(Refusal { ended: true, .. }) => Err(ended(error)),
                done => done.map_err(|refusal| refusal.error.into()),
            },
        }
    }

    async fn by(&mut self, way: Way, credentials: &Credentials) -> Tried {
        match way {
            Way::Sasl(mechanism) => self.sasl(mechanism, credentials).await,
            Way::UserPass => self.user_pass(credentials).await,
            Way::Login => self.login(credentials).await,
        }
    }

    async fn sasl(&mut self, mechanism: Mechanism, credentials: &Credentials) -> Tried {
        let message = sasl::message(mechanism, credentials, self.server.host.as_str(), self.server.port);
        let message = sasl::initial(&message.map_err(|_| self.unsendable())?);
        let name = mechanism.name();
        let at_once = format!("AUTH {name} {}", message.expose_secret());
        // Microsoft ends a connection over a token in the command's own line.
        let at_once = (mechanism == Mechanism::Plain && at_once.len() + 2 <= MAX_COMMAND).then_some(at_once);
        if let Some(line) = &at_once {
            self.send(&line.clone().into()).await?;
        } else {
            self.send(&format!("AUTH {name}").into()).await?;
            self.expect_challenge(name).await?;
            self.send(&message).await?;
        }
        let mut answer = self.wire.answer().await?;
        if at_once.is_some() && matches!(answer, Answer::Challenge(_)) {
            // A server that passes over an initial response asks for it, some with words.
            self.send(&message).await?;
            answer = self.wire.answer().await?;
        }
        match answer {
            Answer::Ok(_) => Ok(()),
            Answer::Err(text) => Err(self.refusal(&text)),
            Answer::Challenge(challenge) => Err(self.told_why(mechanism, &challenge).await?.into()),
        }
    }

    /// A challenge that carries the reason (RFC 7628 section 3.2.2): it must be answered before the refusal comes.
    async fn told_why(&mut self, mechanism: Mechanism, challenge: &str) -> Result<MailError, MailError> {
        let answer = STANDARD.encode(mechanism.answer_to_error());
        self.send(&answer.into()).await?;
        let text = match self.wire.answer().await? {
            Answer::Err(text) | Answer::Ok(text) | Answer::Challenge(text) => text,
        };
        let mut error = self.refused(&text);
        if refusal::judges_nothing(&text) {
            // What follows is about the token that the challenge judged, in whatever words.
            error.fault = MailFault::AuthenticationRefused { challenge: None };
        }
        if let MailFault::AuthenticationRefused { challenge: kept } = &mut error.fault {
            *kept = sasl::told(&STANDARD.decode(challenge).unwrap_or_default());
        }
        Ok(error)
    }

    async fn user_pass(&mut self, credentials: &Credentials) -> Tried {
        let (username, password) = self.password(credentials)?;
        self.send(&format!("USER {username}").into()).await?;
        // No password was sent yet.
        self.expect_ok().await.map_err(|refusal| Refusal { other_way: !refusal.ended, ..refusal })?;
        self.send(&format!("PASS {}", password.expose_secret()).into()).await?;
        self.expect_ok().await
    }

    async fn login(&mut self, credentials: &Credentials) -> Tried {
        let (username, password) = self.password(credentials)?;
        self.send(&"AUTH LOGIN".into()).await?;
        self.expect_challenge("LOGIN").await?;
        self.send(&STANDARD.encode(username).into()).await?;
        self.expect_challenge("LOGIN").await?;
        self.send(&sasl::initial(&password)).await?;
        self.expect_ok().await
    }

    /// Both without what would end a line.
    fn password(&self, credentials: &Credentials) -> Result<(String, SecretString), MailError> {
        let Credentials::Password { username, password } = credentials else {
            return Err(self.wire.error(MailFault::NoMechanism));
        };
        let sendable = !username.chars().chain(password.expose_secret().chars()).any(char::is_control);
        if sendable { Ok((username.clone(), password.clone())) } else { Err(self.unsendable()) }
    }

    async fn send(&mut self, line: &SecretString) -> Result<(), MailError> {
        let line = SecretString::from(format!("{}\r\n", line.expose_secret()));
        self.wire.send(line.expose_secret()).await
    }

    async fn expect_ok(&mut self) -> Tried {
        match self.wire.answer().await? {
            Answer::Ok(_) => Ok(()),
            Answer::Err(text) | Answer::Challenge(text) => Err(self.refusal(&text)),
        }
    }

    async fn expect_challenge(&mut self, mechanism: &str) -> Tried {
        match self.wire.answer().await? {
            Answer::Challenge(_) => Ok(()),
            Answer::Err(text) | Answer::Ok(text) => {
                let mut refusal = self.refusal(&text);
                let refused = matches!(refusal.error.fault, MailFault::AuthenticationRefused { .. });
                if refused && !self.capabilities.offers(mechanism) {
                    refusal.error.fault = MailFault::NoMechanism;
                }
                Err(refusal)
            }
        }
    }

    fn refusal(&self, text: &str) -> Refusal {
        Refusal { error: self.refused(text), other_way: refusal::is_worth_another_way(text), ended: false }
    }

    fn refused(&self, text: &str) -> MailError {
        let fault = match refusal::meaning(text, true) {
            MailFault::Throttled { after: None } => {
                MailFault::Throttled { after: self.capabilities.login_delay() }
            }
            other => other,
        };
        self.wire.said(fault, text)
    }

    fn unsendable(&self) -> MailError {
        let refused = MailFault::AuthenticationRefused { challenge: None };
        self.wire.said(refused, "a control character in the user name")
    }
}

/// The name of the best way in common.
pub(crate) fn way_in(capabilities: &Capabilities, credentials: &Credentials) -> Option<&'static str> {
    Some(match way(capabilities, credentials)? {
        Way::Sasl(mechanism) => mechanism.name(),
        Way::UserPass => "USER",
        Way::Login => "LOGIN",
    })
}

/// What may lead in where the first way was not even judged. One password must not be refused twice in a row: accounts are
/// locked for that.
fn second_way(first: Way, capabilities: &Capabilities) -> Option<Way> {
    match first {
        Way::Sasl(Mechanism::Plain) if capabilities.may_take_user() => Some(Way::UserPass),
        Way::Sasl(Mechanism::Plain) | Way::UserPass if capabilities.offers("LOGIN") => Some(Way::Login),
        Way::Sasl(_) | Way::UserPass | Way::Login => None,
    }
}

/// The best way in common; None: a password, and the server takes none.
fn way(capabilities: &Capabilities, credentials: &Credentials) -> Option<Way> {
    let offers = |mechanism: Mechanism| capabilities.offers(mechanism.name());
    match credentials {
        Credentials::Bearer { .. } if offers(Mechanism::XOAuth2) => Some(Way::Sasl(Mechanism::XOAuth2)),
        Credentials::Bearer { .. } if offers(Mechanism::OAuthBearer) => {
            Some(Way::Sasl(Mechanism::OAuthBearer))
        }
        // Some servers do not tell: the answer does.
        Credentials::Bearer { .. } => Some(Way::Sasl(Mechanism::XOAuth2)),
        Credentials::Password { .. } if offers(Mechanism::Plain) => Some(Way::Sasl(Mechanism::Plain)),
        Credentials::Password { .. } if capabilities.may_take_user() => Some(Way::UserPass),
        Credentials::Password { .. } if capabilities.offers("LOGIN") => Some(Way::Login),
        Credentials::Password { .. } => None,
    }
}
