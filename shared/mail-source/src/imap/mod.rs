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
    approach::{Approach, Failed, begin},
    connect::{Connector, Stream},
    error::{explained, mail_error, refusal, said},
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
    begin(|approach| async move {
        let connected = connect(connector, target, end).await?;
        enter(connector, limits, (target, credentials), connected, approach).await
    })
    .await
}

/// Signs in over a connection that was greeted, and opens the folder.
pub(crate) async fn enter(
    connector: &Connector,
    limits: TimeLimits,
    (target, credentials): (&MailTarget, &Credentials),
    (stream, capabilities): (Box<dyn Stream>, Capabilities),
    approach: Approach,
) -> Result<OpenedFolder, Failed> {
    let place = format!("{}:{}", target.server.host, target.server.port);
    connector.note(|seen| {
        seen.offered = capabilities.sign_ins();
        seen.used = way(&capabilities, credentials);
    });
    connector.reached(Stage::SignIn);
    let client = Client::new(Tolerant::new(stream, target.max_mail_bytes));
    let context = format!("sign in to {place}");
    let signing_in = sign_in(client, &capabilities, (target, credentials), approach, &context);
    let mut session = timeout(limits.sign_in, signing_in)
        .await
        .map_err(|_| mail_error(MailFault::TimedOut, &context))??;
    connector.reached(Stage::Folder);
    let context = format!("open the folder at {place}");
    let name = folder::encode(&target.folder).map_err(|()| mail_error(MailFault::NoFolder, &context))?;
    let introduce = match approach {
        Approach::Introduced => true,
        Approach::Unintroduced => false,
        _ => capabilities.has("ID"),
    };
    let status = match examine(&mut session, &name, introduce, limits, &context).await {
        Err(Failed { error, again }) => {
            if matches!(error.fault, MailFault::NoFolder | MailFault::Refused | MailFault::NotPermitted) {
                note_folders(connector, ImapSession::new(session, (name, NO_FOLDER), limits, place)).await;
            }
            return Err(Failed { error, again });
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

/// Opens the folder for reading; where the server wants that, along with who asks: nothing follows from its answer. Where
/// the folder is refused, the server is told who asks, and asked again; at last for the command that every server knows.
async fn examine(
    session: &mut Session<Connection>,
    name: &str,
    introduce: bool,
    limits: TimeLimits,
    context: &str,
) -> Result<FolderStatus, Failed> {
    let again = Some(if introduce { Approach::Unintroduced } else { Approach::Introduced });
    let opened = match introduce {
        true => {
            let limits = TimeLimits { idle: limits.idle.min(ALONG), ..limits };
            introduced(session, name, limits, context).await
        }
        false => open_folder(session, "EXAMINE", name, limits, context).await,
    };
    let refusal = match opened {
        Ok(opened) => return Ok(opened.status),
        Err(error) => error,
    };
    // Words in answer to the command itself have nothing to do with what was sent along.
    let is_answer = session.get_ref().told().refusal.is_some();
    match refusal.fault {
        MailFault::Refused | MailFault::NotPermitted | MailFault::NoFolder => {}
        MailFault::Temporary | MailFault::TimedOut | MailFault::Protocol if introduce && !is_answer => {
            return Err(Failed { error: refusal, again });
        }
        _ => return Err(refusal.into()),
    }
    if !introduce {
        match introduced(session, name, limits, context).await {
            Ok(opened) => return Ok(opened.status),
            // It hangs up on who does not say so before.
            Err(error) if error.fault == MailFault::Temporary => {
                return Err(Failed { error: refusal, again });
            }
            Err(_) => {}
        }
    }
    // What it said at first is what a person has to know.
    let selected = open_folder(session, "SELECT", name, limits, context).await;
    selected.map(|opened| opened.status).map_err(|_| refusal.into())
}

/// Says who we are, and opens the folder for reading.
async fn introduced(
    session: &mut Session<Connection>,
    name: &str,
    limits: TimeLimits,
    context: &str,
) -> Result<Opened, MailError> {
    Command::send(session, IDENTIFICATION, limits.idle, context).await?;
    open_folder(session, "EXAMINE", name, limits, context).await
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
    let uid_validity = command.told().uid_validity.unwrap_or(1);
    // RFC 3501 section 6.3.1 demands it, and without it nobody knows whether a listing is whole.
    let exists = match exists {
        Some(exists) => exists,
        None => count(session, limits, context).await?,
    };
    let status = FolderStatus { uid_validity, uid_next, exists, listing: None };
    Ok(Opened { status, read_only })
}

/// How many mails the open folder holds, where the server has not said so.
async fn count(
    session: &mut Session<Connection>,
    limits: TimeLimits,
    context: &str,
) -> Result<u32, MailError> {
    let mut found = 0;
    let mut command = Command::send(session, "SEARCH ALL", limits.idle, context).await?;
    let mut look = |answer: &Response<'_>| {
        if let Response::MailboxData(MailboxDatum::Search(places)) = answer {
            found = u32::try_from(places.len()).map_or(u32::MAX, |places| places.saturating_add(found));
        }
        None::<()>
    };
    while command.next(&mut look).await?.is_some() {}
    session.get_mut().counted(found);
    Ok(found)
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
    match &told.aside {
        Some(words) => explained(error, words),
        None => error,
    }
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
