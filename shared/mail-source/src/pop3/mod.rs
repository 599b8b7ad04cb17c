//! POP3 (RFC 1939) with CAPA (RFC 2449), STLS (RFC 2595) and AUTH (RFC 5034): our own, because no client library is well
//! kept. Mails are read and left where they are: no DELE is ever sent.

mod body;
mod capabilities;
mod listing;
mod many;
mod places;
mod reading;
mod refusal;
mod session;
mod sign_in;
mod tell_apart;
mod wire;

use intake::{
    ports::{Credentials, FolderStatus, MailError, MailFault, MailTarget, OpenedFolder, Stage},
    types::mailbox::Tls,
};
use tokio::time::{Instant, timeout};

use crate::{
    TimeLimits,
    approach::{Approach, Failed, begin},
    connect::{Connector, Stream},
    error::{mail_error, said},
};

use capabilities::Capabilities;
use listing::{Listing, MAX_MAILS};
pub(crate) use session::Pop3Session;
use sign_in::SignIn;
use tell_apart::Thoroughness;
use wire::{Answer, Wire, too_large};

/// Lines of a listing that tell of no mail.
const MAX_IDLE_LINES: usize = 10_000;

type Connection = Wire<Box<dyn Stream>>;

/// Connects, signs in and lists the unique-ids: TCP, TLS, greeting, CAPA, the sign-in, UIDL, each behind the answer to the
/// one before.
pub(crate) async fn open(
    connector: &Connector,
    limits: TimeLimits,
    target: &MailTarget,
    credentials: &Credentials,
    end: Instant,
) -> Result<OpenedFolder, MailError> {
    begin(|approach| async move {
        let connected = connect(connector, target, approach, end).await?;
        enter(connector, limits, (target, credentials), connected, approach).await
    })
    .await
}

/// Signs in over a connection that was greeted, and lists the unique-ids.
pub(crate) async fn enter(
    connector: &Connector,
    limits: TimeLimits,
    (target, credentials): (&MailTarget, &Credentials),
    (mut wire, capabilities): (Connection, Capabilities),
    approach: Approach,
) -> Result<OpenedFolder, Failed> {
    let place = format!("{}:{}", target.server.host, target.server.port);
    connector.note(|seen| {
        seen.offered = capabilities.sign_ins();
        seen.used = sign_in::way_in(&capabilities, credentials);
    });
    connector.reached(Stage::SignIn);
    let context = format!("sign in to {place}");
    let sign_in = SignIn {
        wire: &mut wire,
        capabilities: &capabilities,
        server: &target.server,
        time: limits.sign_in,
        context: &context,
    };
    let signed_in = timeout(limits.sign_in, sign_in.run(credentials, approach)).await;
    signed_in.map_err(|_| mail_error(MailFault::TimedOut, &context))??;
    connector.reached(Stage::Folder);
    let context = format!("list the mails at {place}");
    wire.send(b"UIDL\r\n", limits.idle, &context).await?;
    let listing = list(&mut wire, limits, &context).await?;
    let mut session = Pop3Session::new(wire, listing, &capabilities, limits, target.max_mail_bytes, place);
    let thoroughness = if connector.is_noting() { Thoroughness::One } else { Thoroughness::All };
    session.tell_apart(thoroughness).await?;
    let status = FolderStatus {
        uid_validity: 1,
        uid_next: None,
        exists: u32::try_from(session.listing.len()).unwrap_or(u32::MAX),
        listing: Some(session.listing.fingerprint()),
    };
    Ok(OpenedFolder { session: Box::new(session), status })
}

/// The answer to UIDL.
async fn list(wire: &mut Connection, limits: TimeLimits, context: &str) -> Result<Listing, MailError> {
    let mut listing = Listing::default();
    match wire.answer(limits.idle, context).await? {
        Answer::Ok(_) => {}
        Answer::Err(text) => {
            return match refusal::meaning(&text, false) {
                // UIDL is optional (RFC 1939 section 7): mails are known again by what they say.
                MailFault::Refused => Ok(Listing::without_unique_ids()),
                fault => Err(said(fault, context, &text)),
            };
        }
        Answer::Challenge(_) => return Err(mail_error(MailFault::Protocol, context)),
    }
    let mut lines = 0;
    let mut note = |line: &[u8]| {
        listing.note_uidl(line);
        lines += 1;
        lines <= listing.len() + MAX_IDLE_LINES
    };
    let read = wire.lines(MAX_MAILS, limits.idle, context, &mut note).await;
    match read {
        Err(error) if error.fault == MailFault::TooLarge && listing.len() >= MAX_MAILS => {
            let context = format!("{context}: more than {MAX_MAILS}");
            Err(mail_error(MailFault::TooMany, context))
        }
        read => read.map(|()| listing),
    }
}

/// A connection on which nothing has been said of who we are.
async fn connect(
    connector: &Connector,
    target: &MailTarget,
    approach: Approach,
    end: Instant,
) -> Result<(Connection, Capabilities), Failed> {
    let server = &target.server;
    let context = format!("greet {}:{}", server.host, server.port);
    let tcp = connector.tcp(server, end).await?;
    match server.tls {
        Tls::Implicit => greeted(connector.secure(server, tcp).await?, connector, approach, &context).await,
        Tls::Starttls => {
            let mut clear = Wire::new(tcp);
            greet(&mut clear, connector, &context).await?;
            start_tls(&mut clear, connector, &context).await?;
            // What was said in clear text counts for nothing.
            let mut wire = Wire::new(connector.secure(server, clear.into_stream(&context)?).await?);
            let capabilities = capabilities(&mut wire, connector, approach, &context).await?;
            Ok((wire, capabilities))
        }
        Tls::None => greeted(Box::new(tcp), connector, approach, &context).await,
    }
}

/// A connection over which nothing else is agreed, and what its server can do.
pub(crate) async fn greeted(
    stream: Box<dyn Stream>,
    connector: &Connector,
    approach: Approach,
    context: &str,
) -> Result<(Connection, Capabilities), Failed> {
    let mut wire = Wire::new(stream);
    greet(&mut wire, connector, context).await?;
    let capabilities = capabilities(&mut wire, connector, approach, context).await?;
    Ok((wire, capabilities))
}

async fn capabilities(
    wire: &mut Connection,
    connector: &Connector,
    approach: Approach,
    context: &str,
) -> Result<Capabilities, Failed> {
    if approach == Approach::Unasked {
        return Ok(Capabilities::default());
    }
    let asked = Capabilities::ask(wire, connector.line_time(), context).await;
    asked.map_err(|error| {
        let ended = error.fault == MailFault::Temporary;
        Failed { error, again: ended.then_some(Approach::Unasked) }
    })
}

async fn greet<S: Stream>(wire: &mut Wire<S>, connector: &Connector, context: &str) -> Result<(), MailError> {
    match wire.answer(connector.line_time(), context).await? {
        Answer::Ok(_) => Ok(()),
        Answer::Err(text) => {
            let fault = match refusal::meaning(&text, false) {
                MailFault::Refused => MailFault::Temporary,
                other => other,
            };
            Err(said(fault, context, &text))
        }
        Answer::Challenge(_) => Err(mail_error(MailFault::Protocol, context)),
    }
}

/// Asks for TLS. A refusal ends it: nothing goes on in clear text.
async fn start_tls<S: Stream>(
    wire: &mut Wire<S>,
    connector: &Connector,
    context: &str,
) -> Result<(), MailError> {
    let context = format!("{context}: STLS");
    let time = connector.line_time();
    wire.send(b"STLS\r\n", time, &context).await?;
    match wire.answer(time, &context).await? {
        Answer::Ok(_) => Ok(()),
        Answer::Err(text) => Err(said(MailFault::Tls, context, &text)),
        Answer::Challenge(_) => Err(mail_error(MailFault::Tls, context)),
    }
}
