//! IMAP4rev1 (RFC 3501) over async-imap.

mod change;
mod command;
mod describe;
mod find;
mod folder;
mod foresee;
mod gather;
mod greeting;
mod places;
mod read;
mod session;
mod sets;
mod sign_in;
mod tolerant;

use std::time::Duration;

use async_imap::{
    Client, Session,
    imap_proto::{MailboxDatum, Response, ResponseCode},
};
use intake::{
    ports::{Credentials, FolderStatus, MailError, MailFault, MailTarget, OpenedFolder, Stage},
    types::mailbox::Tls,
};
use tokio::time::{Instant, timeout};

use crate::{
    TimeLimits,
    connect::{Connector, Stream},
    error::{mail_error, refusal, said},
};

use command::Command;
use greeting::Capabilities;
pub(crate) use session::ImapSession;
use sign_in::{sign_in, way};
use tolerant::{Told, Tolerant, TooLarge};

type Connection = Tolerant<Box<dyn Stream>>;

/// Connects, signs in and opens the folder: TCP, TLS, greeting, AUTHENTICATE, EXAMINE; five round trips where the server
/// tells its capabilities in the greeting and takes an initial response.
pub(crate) async fn open(
    connector: &Connector,
    limits: TimeLimits,
    target: &MailTarget,
    credentials: &Credentials,
    end: Instant,
) -> Result<OpenedFolder, MailError> {
    match open_once(connector, limits, (target, credentials), Introduction::Along, end).await {
        // It ended at that, or lost what was sent along with it.
        Err(Failed { error, introduced: true })
            if matches!(error.fault, MailFault::Temporary | MailFault::TimedOut | MailFault::Protocol) =>
        {
            let again =
                open_once(connector, limits, (target, credentials), Introduction::IfRefused, end).await;
            again.map_err(|_| error)
        }
        opened => opened.map_err(|failed| failed.error),
    }
}

/// When the server is told who we are (RFC 2971).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Introduction {
    /// Where it offers that: along with the command that opens the folder, since nothing follows from the answer.
    Along,
    /// Once it has refused to open the folder: some open none without, and do not say so before.
    IfRefused,
}

/// Why no folder is open.
pub(crate) struct Failed {
    pub(crate) error: MailError,
    /// An introduction went along.
    introduced: bool,
}

impl From<MailError> for Failed {
    fn from(error: MailError) -> Self {
        Self { error, introduced: false }
    }
}

async fn open_once(
    connector: &Connector,
    limits: TimeLimits,
    who: (&MailTarget, &Credentials),
    introduction: Introduction,
    end: Instant,
) -> Result<OpenedFolder, Failed> {
    let connected = connect(connector, who.0, end).await?;
    enter(connector, limits, who, connected, introduction).await
}

/// Signs in over a connection that was greeted, and opens the folder.
pub(crate) async fn enter(
    connector: &Connector,
    limits: TimeLimits,
    (target, credentials): (&MailTarget, &Credentials),
    (stream, capabilities): (Box<dyn Stream>, Capabilities),
    introduction: Introduction,
) -> Result<OpenedFolder, Failed> {
    let place = format!("{}:{}", target.server.host, target.server.port);
    connector.note(|seen| {
        seen.offered = capabilities.sign_ins();
        seen.used = way(&capabilities, credentials);
    });
    connector.reached(Stage::SignIn);
    let client = Client::new(Tolerant::new(stream, target.max_mail_bytes));
    let context = format!("sign in to {place}");
    let signing_in = sign_in(client, &capabilities, target, credentials, &context);
    let mut session = timeout(limits.sign_in, signing_in)
        .await
        .map_err(|_| mail_error(MailFault::TimedOut, &context))??;
    connector.reached(Stage::Folder);
    let context = format!("open the folder at {place}");
    let name = folder::encode(&target.folder).map_err(|()| mail_error(MailFault::NoFolder, &context))?;
    let introduced = introduction == Introduction::Along && capabilities.has("ID");
    let status = match examine(&mut session, &name, introduced, limits, &context).await {
        Err(error) => {
            // Words in answer to the command itself have nothing to do with the introduction.
            let introduced = introduced && session.get_ref().told().refusal.is_none();
            if matches!(error.fault, MailFault::NoFolder | MailFault::Refused | MailFault::NotPermitted) {
                note_folders(connector, ImapSession::new(session, (name, NO_FOLDER), limits, place)).await;
            }
            return Err(Failed { error, introduced });
        }
        Ok(status) => status,
    };
    let session = ImapSession::new(session, (name, status), limits, place);
    Ok(OpenedFolder { session: Box::new(session), status })
}

/// No folder is open.
const NO_FOLDER: FolderStatus = FolderStatus { uid_validity: 1, uid_next: None, exists: 0, listing: None };

/// Where a connection is tried out, people are shown which folders there are.
async fn note_folders(connector: &Connector, mut session: ImapSession) {
    if connector.is_noting() {
        // What went wrong before is what they have to know.
        let folders = session.folders().await.unwrap_or_default();
        connector.note(|seen| seen.folders = folders);
    }
}

/// Says who we are.
const IDENTIFICATION: &str = concat!(
    "ID (\"name\" \"Maildocket\" \"vendor\" \"Maildocket\" \"version\" \"",
    env!("CARGO_PKG_VERSION"),
    "\")"
);

/// A server that loses what comes along with ID is not waited for longer than this.
const ALONG: Duration = Duration::from_secs(10);

/// Opens the folder for reading. Where that is refused, the server is told who asks, and asked again; at last for the
/// command that every server knows.
async fn examine(
    session: &mut Session<Connection>,
    name: &str,
    introduce: bool,
    limits: TimeLimits,
    context: &str,
) -> Result<FolderStatus, MailError> {
    let mut limits = limits;
    if introduce {
        limits.idle = limits.idle.min(ALONG);
        Command::send(session, IDENTIFICATION, limits.idle, context).await?;
    }
    let is_refused = |error: &MailError| matches!(error.fault, MailFault::Refused | MailFault::NotPermitted);
    let refusal = match open_folder(session, "EXAMINE", name, limits, context).await {
        Err(error) if is_refused(&error) => error,
        opened => return opened.map(|opened| opened.status),
    };
    if !introduce {
        Command::send(session, IDENTIFICATION, limits.idle, context).await?;
        if let Ok(opened) = open_folder(session, "EXAMINE", name, limits, context).await {
            return Ok(opened.status);
        }
    }
    // What it said at first is what a person has to know.
    let selected = open_folder(session, "SELECT", name, limits, context).await;
    selected.map(|opened| opened.status).map_err(|_| refusal)
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
    let (mut uid_next, mut exists) = (None, None);
    let mut command = Command::send(session, &line, limits.idle, context).await?;
    let mut look = |answer: &Response<'_>| {
        match answer {
            Response::MailboxData(MailboxDatum::Exists(count)) => exists = Some(*count),
            Response::Data { outcome, .. } => {
                if let Some(ResponseCode::UidNext(value)) = outcome.code {
                    uid_next = Some(value);
                }
            }
            _ => {}
        }
        None::<()>
    };
    while command.next(&mut look).await?.is_some() {}
    let read_only = command.told_read_only();
    // RFC 3501 section 6.3.1 demands it, and without it nobody knows whether a listing is whole.
    let exists = exists.ok_or_else(|| {
        mail_error(MailFault::Protocol, format!("{context}: it does not say how many mails there are"))
    })?;
    let uid_validity = command.told().uid_validity.unwrap_or(1);
    let status = FolderStatus { uid_validity, uid_next, exists, listing: None };
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
        Tls::Implicit => greeted(connector.secure(server, tcp).await?, time, &context).await,
        Tls::Starttls => {
            let mut tcp = tcp;
            greeting::read(&mut tcp, time, &context).await?;
            greeting::start_tls(&mut tcp, time, &context).await?;
            let mut stream = connector.secure(server, tcp).await?;
            // What was said in clear text counts for nothing.
            let capabilities = greeting::known(None, &mut stream, time, &context).await?;
            Ok((stream, capabilities))
        }
        Tls::None => greeted(Box::new(tcp), time, &context).await,
    }
}

/// A connection over which nothing else is agreed, and what its server can do.
pub(crate) async fn greeted(
    mut stream: Box<dyn Stream>,
    time: Duration,
    context: &str,
) -> Result<(Box<dyn Stream>, Capabilities), MailError> {
    let capabilities = greeting::read(&mut stream, time, context).await?;
    let capabilities = greeting::known(capabilities, &mut stream, time, context).await?;
    Ok((stream, capabilities))
}

/// An error of async-imap in our words. Its parse errors carry mail text, which is not passed on.
fn command_error(
    error: &async_imap::error::Error,
    told: &Told,
    context: &str,
    signing_in: bool,
) -> MailError {
    use async_imap::error::Error;
    match error {
        Error::No(_) | Error::Bad(_) => refused(told, context, signing_in),
        Error::Io(error) => heard(io_error(error, context), told),
        Error::ConnectionLost => {
            heard(mail_error(MailFault::Temporary, format!("{context}: the connection was lost")), told)
        }
        Error::Validate(_) => {
            mail_error(MailFault::Protocol, format!("{context}: a name or password cannot be sent"))
        }
        _ => mail_error(MailFault::Protocol, format!("{context}: the server's answer was not understood")),
    }
}

/// A tagged NO or BAD, with all that the server said.
fn refused(told: &Told, context: &str, signing_in: bool) -> MailError {
    let words = told.words().unwrap_or_default();
    said(refusal(&words, signing_in), context, &words)
}

/// An error that the server may have explained before: by BYE, an untagged NO or BAD, or nonsense.
fn heard(error: MailError, told: &Told) -> MailError {
    if let Some(absurd) = &told.absurd {
        return mail_error(MailFault::Protocol, format!("{}: {absurd}", error.context));
    }
    let Some(words) = &told.aside else { return error };
    let fault = match refusal(words, false) {
        MailFault::Refused | MailFault::NoFolder | MailFault::AuthenticationRefused { .. } => error.fault,
        explained => explained,
    };
    said(fault, error.context, words)
}

fn io_error(error: &std::io::Error, context: &str) -> MailError {
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
