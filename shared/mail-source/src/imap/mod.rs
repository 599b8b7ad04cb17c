//! IMAP4rev1 (RFC 3501) over async-imap.

mod change;
mod command;
mod find;
mod folder;
mod greeting;
mod session;

use async_imap::{
    Client, Session,
    imap_proto::{MailboxDatum, Response, ResponseCode},
};
use intake::{
    ports::{Credentials, FolderStatus, MailError, MailFault, MailTarget, OpenedFolder, Stage},
    types::mailbox::Tls,
};
use secrecy::ExposeSecret;
use tokio::time::{Instant, timeout};

use crate::{
    TimeLimits,
    connect::{Connector, Stream},
    error::{mail_error, refusal, said},
    guard::{Guard, TooLarge},
    sasl::{self, Answers, Mechanism},
};

use command::Command;
use greeting::Capabilities;
pub(crate) use session::ImapSession;

type Connection = Guard<Box<dyn Stream>>;

/// Connects, signs in and opens the folder: TCP, TLS, greeting, AUTHENTICATE, EXAMINE; five round trips where the server
/// tells its capabilities in the greeting and takes an initial response.
pub(crate) async fn open(
    connector: &Connector,
    limits: TimeLimits,
    target: &MailTarget,
    credentials: &Credentials,
    end: Instant,
) -> Result<OpenedFolder, MailError> {
    let place = format!("{}:{}", target.server.host, target.server.port);
    let (stream, capabilities) = connect(connector, target, end).await?;
    connector.note(|seen| {
        seen.offered = capabilities.sign_ins();
        seen.used = way(&capabilities, credentials);
    });
    connector.reached(Stage::SignIn);
    let client = Client::new(Guard::new(stream, target.max_mail_bytes));
    let context = format!("sign in to {place}");
    let signing_in = sign_in(client, &capabilities, target, credentials, &context);
    let mut session = timeout(limits.sign_in, signing_in)
        .await
        .map_err(|_| mail_error(MailFault::TimedOut, &context))??;
    connector.reached(Stage::Folder);
    let context = format!("open the folder at {place}");
    let name = folder::encode(&target.folder).map_err(|()| mail_error(MailFault::NoFolder, &context))?;
    let status = open_folder(&mut session, "EXAMINE", &name, limits, &context).await?.status;
    let session = ImapSession::new(session, (name, status), limits, place);
    Ok(OpenedFolder { session: Box::new(session), status })
}

/// What a folder says of itself when it is opened.
struct Opened {
    status: FolderStatus,
    /// It cannot be changed, also where that was asked for.
    read_only: bool,
}

/// `EXAMINE`: the folder's numbers, without a right to change anything; `SELECT`: with it.
async fn open_folder(
    session: &mut Session<Connection>,
    verb: &str,
    name: &str,
    limits: TimeLimits,
    context: &str,
) -> Result<Opened, MailError> {
    let line = format!("{verb} {}", change::quoted(name));
    let (mut uid_validity, mut uid_next, mut exists) = (None, None, 0);
    let mut command = Command::send(session, &line, limits.idle, context).await?;
    let mut look = |answer: &Response<'_>| {
        match answer {
            Response::MailboxData(MailboxDatum::Exists(count)) => exists = *count,
            Response::Data { outcome, .. } => match outcome.code {
                Some(ResponseCode::UidValidity(value)) => uid_validity = Some(value),
                Some(ResponseCode::UidNext(value)) => uid_next = Some(value),
                _ => {}
            },
            _ => {}
        }
        None::<()>
    };
    while command.next(&mut look).await?.is_some() {}
    let read_only = command.told_read_only();
    let status = FolderStatus { uid_validity: uid_validity.unwrap_or(1), uid_next, exists, listing: None };
    Ok(Opened { status, read_only })
}

async fn connect(
    connector: &Connector,
    target: &MailTarget,
    end: Instant,
) -> Result<(Box<dyn Stream>, Capabilities), MailError> {
    let server = &target.server;
    let context = format!("greet {}:{}", server.host, server.port);
    let tcp = connector.tcp(server, end).await?;
    let time = connector.line_time();
    match server.tls {
        Tls::Implicit => {
            let mut stream = connector.secure(server, tcp).await?;
            let capabilities = greeting::read(&mut stream, time, &context).await?;
            let capabilities = greeting::known(capabilities, &mut stream, time, &context).await?;
            Ok((stream, capabilities))
        }
        Tls::Starttls => {
            let mut tcp = tcp;
            greeting::read(&mut tcp, time, &context).await?;
            greeting::start_tls(&mut tcp, time, &context).await?;
            let mut stream = connector.secure(server, tcp).await?;
            // What was said in clear text counts for nothing.
            let capabilities = greeting::known(None, &mut stream, time, &context).await?;
            Ok((stream, capabilities))
        }
        Tls::None => {
            let mut stream: Box<dyn Stream> = Box::new(tcp);
            let capabilities = greeting::read(&mut stream, time, &context).await?;
            let capabilities = greeting::known(capabilities, &mut stream, time, &context).await?;
            Ok((stream, capabilities))
        }
    }
}

async fn sign_in(
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
        Err((error, _)) => {
            let mut error = command_error(&error, context, true);
            if let MailFault::AuthenticationRefused { challenge: kept } = &mut error.fault {
                *kept = challenge.take();
            }
            Err(error)
        }
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
fn way(capabilities: &Capabilities, credentials: &Credentials) -> Option<&'static str> {
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
    signed_in.map_err(|(error, _)| command_error(&error, context, true))
}

/// An error of async-imap in our words. Its parse errors carry mail text, which is not passed on.
pub(crate) fn command_error(error: &async_imap::error::Error, context: &str, signing_in: bool) -> MailError {
    use async_imap::error::Error;
    match error {
        Error::No(text) | Error::Bad(text) => {
            let text = information(text);
            said(refusal(text, signing_in), context, text)
        }
        Error::Io(error) => io_error(error, context),
        Error::ConnectionLost => {
            mail_error(MailFault::Temporary, format!("{context}: the connection was lost"))
        }
        Error::Validate(_) => {
            mail_error(MailFault::Protocol, format!("{context}: a name or password cannot be sent"))
        }
        _ => mail_error(MailFault::Protocol, format!("{context}: the server's answer was not understood")),
    }
}

pub(crate) fn io_error(error: &std::io::Error, context: &str) -> MailError {
    if error.get_ref().is_some_and(|inner| inner.is::<TooLarge>()) {
        return mail_error(
            MailFault::TooLarge,
            format!("{context}: the server announced more than is allowed"),
        );
    }
    match error.kind() {
        // What async-imap says when it cannot parse: its text holds the answer itself.
        std::io::ErrorKind::Other | std::io::ErrorKind::InvalidData => {
            mail_error(MailFault::Protocol, format!("{context}: the server's answer was not understood"))
        }
        std::io::ErrorKind::TimedOut => mail_error(MailFault::TimedOut, context),
        kind => mail_error(MailFault::Temporary, format!("{context}: {kind}")),
    }
}

/// async-imap words a refusal as `code: …, info: Some("…")`.
fn information(text: &str) -> &str {
    match text.split_once("info: Some(\"") {
        Some((_, rest)) => rest.strip_suffix("\")").unwrap_or(rest),
        None => text,
    }
}
