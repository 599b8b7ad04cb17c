//! AUTHENTICATE (RFC 3501 section 6.2.2) and LOGIN.

use async_imap::{Client, Session};
use intake::ports::{Credentials, MailError, MailFault, MailTarget};
use secrecy::ExposeSecret;

use super::{Connection, command_error, greeting::Capabilities, tolerant::Told};
use crate::{
    error::{mail_error, refusal, said},
    sasl::{self, Answers, Mechanism},
};

/// Signs in by the best way in common, and where a password was not judged, once by another.
pub(super) async fn sign_in(
    client: Client<Connection>,
    capabilities: &Capabilities,
    target: &MailTarget,
    credentials: &Credentials,
    context: &str,
) -> Result<Session<Connection>, MailError> {
    let Some(mechanism) = mechanism(capabilities, credentials) else {
        return login(client, capabilities, credentials, context).await;
    };
    let server = &target.server;
    let messages = sasl::messages(mechanism, credentials, server.host.as_str(), server.port);
    let mut messages = messages.map_err(|_| {
        said(
            MailFault::AuthenticationRefused { challenge: None },
            context,
            "a control character in the user name",
        )
    })?;
    let at_once = capabilities.has("SASL-IR") && messages.len() == 1;
    let initial = if at_once { messages.pop_front().as_ref().map(sasl::initial) } else { None };
    let command = match &initial {
        // async-imap writes the mechanism as given: with the initial response behind it, it is one command.
        Some(initial) => format!("{} {}", mechanism.name(), initial.expose_secret()),
        None => mechanism.name().to_owned(),
    };
    let (answers, challenge) = Answers::new(mechanism, messages);
    match client.authenticate(command, answers).await {
        Ok(session) => Ok(session),
        Err((error, client)) => {
            let told = client.get_ref().told().clone();
            let mut refused = command_error(&error, &told, context, true);
            if let MailFault::AuthenticationRefused { challenge: kept } = &mut refused.fault {
                *kept = challenge.take();
            }
            if may_try_login(&error, &told, mechanism, capabilities) {
                return login(client, capabilities, credentials, context).await;
            }
            Err(refused)
        }
    }
}

/// Whether a refused AUTHENTICATE is worth a LOGIN: it was not the password that was judged. A judged one is never sent
/// again: accounts are locked after a few.
fn may_try_login(
    error: &async_imap::error::Error,
    told: &Told,
    mechanism: Mechanism,
    capabilities: &Capabilities,
) -> bool {
    /// What servers say of a password, in lower case.
    const JUDGED: [&str; 10] = [
        "authenticationfailed",
        "authorizationfailed",
        "credential",
        "password",
        "login failed",
        "login incorrect",
        "invalid user",
        "invalid login",
        "authentication fail",
        "locked",
    ];
    let by_password = matches!(mechanism, Mechanism::Plain | Mechanism::Login);
    if !by_password || capabilities.has("LOGINDISABLED") {
        return false;
    }
    let words = told.words().unwrap_or_default().to_ascii_lowercase();
    match error {
        async_imap::error::Error::Bad(_) => true,
        async_imap::error::Error::No(_) => {
            let is_no_judgement = |fault| {
                matches!(
                    fault,
                    MailFault::AuthenticationRefused { .. } | MailFault::NoMechanism | MailFault::Temporary
                )
            };
            is_no_judgement(refusal(&words, true)) && !JUDGED.iter().any(|judged| words.contains(judged))
        }
        _ => false,
    }
}

/// The best mechanism in common; None: LOGIN.
fn mechanism(capabilities: &Capabilities, credentials: &Credentials) -> Option<Mechanism> {
    match credentials {
        Credentials::Bearer { .. } if capabilities.has("AUTH=XOAUTH2") => Some(Mechanism::XOAuth2),
        Credentials::Bearer { .. } if capabilities.has("AUTH=OAUTHBEARER") => Some(Mechanism::OAuthBearer),
        // Some servers offer it only after a first try: the answer tells.
        Credentials::Bearer { .. } => Some(Mechanism::XOAuth2),
        Credentials::Password { .. } if capabilities.has("AUTH=PLAIN") => Some(Mechanism::Plain),
        // Passwords are taken by this way only: not by LOGIN, the command.
        Credentials::Password { .. }
            if capabilities.has("AUTH=LOGIN") && capabilities.has("LOGINDISABLED") =>
        {
            Some(Mechanism::Login)
        }
        Credentials::Password { .. } => None,
    }
}

/// The name of the way in; None where there is none in common.
pub(super) fn way(capabilities: &Capabilities, credentials: &Credentials) -> Option<&'static str> {
    match mechanism(capabilities, credentials) {
        Some(mechanism) => Some(mechanism.name()),
        None => (!capabilities.has("LOGINDISABLED")).then_some("LOGIN"),
    }
}

async fn login(
    client: Client<Connection>,
    capabilities: &Capabilities,
    credentials: &Credentials,
    context: &str,
) -> Result<Session<Connection>, MailError> {
    let Credentials::Password { username, password } = credentials else {
        return Err(mail_error(MailFault::NoMechanism, context));
    };
    if capabilities.has("LOGINDISABLED") {
        return Err(mail_error(MailFault::NoMechanism, format!("{context}: the server takes no passwords")));
    }
    let signed_in = client.login(username, password.expose_secret()).await;
    signed_in.map_err(|(error, client)| command_error(&error, client.get_ref().told(), context, true))
}
