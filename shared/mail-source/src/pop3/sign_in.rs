//! AUTH (RFC 5034), USER and PASS.

use std::time::Duration;

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
    connect::Stream,
    error::{mail_error, said},
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

/// A sign-in under way.
pub(crate) struct SignIn<'a, S> {
    pub(crate) wire: &'a mut Wire<S>,
    pub(crate) capabilities: &'a Capabilities,
    pub(crate) server: &'a MailServer,
    pub(crate) time: Duration,
    pub(crate) context: &'a str,
    /// Sent behind the last line of the sign-in without waiting for its answer; empty where the server takes one
    /// command at a time.
    pub(crate) behind: &'a str,
}

impl<S: Stream> SignIn<'_, S> {
    /// Signs in by the best way in common.
    pub(crate) async fn run(mut self, credentials: &Credentials) -> Result<(), MailError> {
        match way(self.capabilities, credentials) {
            Some(Way::Sasl(mechanism)) => self.sasl(mechanism, credentials).await,
            Some(Way::UserPass) => self.user_pass(credentials).await,
            Some(Way::Login) => self.login(credentials).await,
            None => {
                let context = format!("{}: the server takes no passwords", self.context);
                Err(mail_error(MailFault::NoMechanism, context))
            }
        }
    }

    async fn sasl(&mut self, mechanism: Mechanism, credentials: &Credentials) -> Result<(), MailError> {
        let message = sasl::message(mechanism, credentials, self.server.host.as_str(), self.server.port);
        let message = sasl::initial(&message.map_err(|_| self.unsendable())?);
        let name = mechanism.name();
        let at_once = format!("AUTH {name} {}", message.expose_secret());
        // Microsoft ends a connection over a token in the command's own line.
        if mechanism == Mechanism::Plain && at_once.len() + 2 <= MAX_COMMAND {
            self.last(&at_once.into()).await?;
        } else {
            self.send(&format!("AUTH {name}").into()).await?;
            self.expect_challenge(name).await?;
            self.last(&message).await?;
        }
        match self.answer().await? {
            Answer::Ok(_) => Ok(()),
            Answer::Err(text) => Err(self.refused(&text)),
            Answer::Challenge(challenge) => Err(self.told_why(mechanism, &challenge).await?),
        }
    }

    /// A challenge that carries the reason (RFC 7628 section 3.2.2): it must be answered before the refusal comes.
    async fn told_why(&mut self, mechanism: Mechanism, challenge: &str) -> Result<MailError, MailError> {
        // A command behind the token was taken for the answer already.
        if self.behind.is_empty() {
            let answer = STANDARD.encode(mechanism.answer_to_error());
            self.send(&answer.into()).await?;
        }
        let text = match self.answer().await? {
            Answer::Err(text) | Answer::Ok(text) | Answer::Challenge(text) => text,
        };
        let mut error = self.refused(&text);
        if let MailFault::AuthenticationRefused { challenge: kept } = &mut error.fault {
            *kept = sasl::told(&STANDARD.decode(challenge).unwrap_or_default());
        }
        Ok(error)
    }

    async fn user_pass(&mut self, credentials: &Credentials) -> Result<(), MailError> {
        let (username, password) = self.password(credentials)?;
        let user = format!("USER {username}");
        let pass = SecretString::from(format!("PASS {}", password.expose_secret()));
        if self.behind.is_empty() {
            self.send(&user.into()).await?;
            self.expect_ok().await?;
            self.last(&pass).await?;
        } else {
            self.last(&format!("{user}\r\n{}", pass.expose_secret()).into()).await?;
            self.expect_ok().await?;
        }
        self.expect_ok().await
    }

    async fn login(&mut self, credentials: &Credentials) -> Result<(), MailError> {
        let (username, password) = self.password(credentials)?;
        self.send(&"AUTH LOGIN".into()).await?;
        self.expect_challenge("LOGIN").await?;
        self.send(&STANDARD.encode(username).into()).await?;
        self.expect_challenge("LOGIN").await?;
        self.last(&sasl::initial(&password)).await?;
        self.expect_ok().await
    }

    /// Both without what would end a line.
    fn password(&self, credentials: &Credentials) -> Result<(String, SecretString), MailError> {
        let Credentials::Password { username, password } = credentials else {
            return Err(mail_error(MailFault::NoMechanism, self.context));
        };
        let sendable = !username.chars().chain(password.expose_secret().chars()).any(char::is_control);
        if sendable { Ok((username.clone(), password.clone())) } else { Err(self.unsendable()) }
    }

    async fn send(&mut self, line: &SecretString) -> Result<(), MailError> {
        let line = SecretString::from(format!("{}\r\n", line.expose_secret()));
        self.wire.send(line.expose_secret().as_bytes(), self.time, self.context).await
    }

    /// The last line, and what goes behind it.
    async fn last(&mut self, line: &SecretString) -> Result<(), MailError> {
        let lines = SecretString::from(format!("{}\r\n{}", line.expose_secret(), self.behind));
        self.wire.send(lines.expose_secret().as_bytes(), self.time, self.context).await
    }

    async fn answer(&mut self) -> Result<Answer, MailError> {
        self.wire.answer(self.time, self.context).await
    }

    async fn expect_ok(&mut self) -> Result<(), MailError> {
        match self.answer().await? {
            Answer::Ok(_) => Ok(()),
            Answer::Err(text) | Answer::Challenge(text) => Err(self.refused(&text)),
        }
    }

    async fn expect_challenge(&mut self, mechanism: &str) -> Result<(), MailError> {
        match self.answer().await? {
            Answer::Challenge(_) => Ok(()),
            Answer::Err(text) | Answer::Ok(text) => {
                let mut error = self.refused(&text);
                let refused = matches!(error.fault, MailFault::AuthenticationRefused { .. });
                if refused && !self.capabilities.offers(mechanism) {
                    error.fault = MailFault::NoMechanism;
                }
                Err(error)
            }
        }
    }

    fn refused(&self, text: &str) -> MailError {
        let fault = match refusal::meaning(text, true) {
            MailFault::Throttled { after: None } => {
                MailFault::Throttled { after: self.capabilities.login_delay() }
            }
            other => other,
        };
        said(fault, self.context, text)
    }

    fn unsendable(&self) -> MailError {
        let refused = MailFault::AuthenticationRefused { challenge: None };
        said(refused, self.context, "a control character in the user name")
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
        Credentials::Password { .. } if capabilities.may_have("USER") => Some(Way::UserPass),
        Credentials::Password { .. } if capabilities.offers("LOGIN") => Some(Way::Login),
        Credentials::Password { .. } => None,
    }
}
