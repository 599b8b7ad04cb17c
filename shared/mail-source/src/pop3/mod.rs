//! POP3 (RFC 1939) with CAPA (RFC 2449), STLS (RFC 2595) and AUTH (RFC 5034): our own, because no client library is well
//! kept. Mails are read and left where they are: no DELE is ever sent.

mod body;
mod capabilities;
mod listing;
mod many;
mod places;
mod port;
mod reading;
mod refusal;
mod session;
mod sign_in;
mod single;
mod tell_apart;
mod wire;

use intake::{
    ports::{Credentials, FolderStatus, MailError, MailFault, MailTarget, OpenedFolder, Stage},
    types::mailbox::Tls,
};
use tokio::time::{Instant, timeout};

use crate::{
    approach::{Approach, Failed},
    connect::{Connector, Stream},
};

use capabilities::Capabilities;
use session::Pop3Session;
use sign_in::SignIn;
use tell_apart::Thoroughness;
use wire::{Answer, Wire};

/// Connects, signs in and lists the unique-ids: TCP, TLS, greeting, CAPA, the sign-in, UIDL, each behind the answer to the
/// one before.
pub(crate) async fn open(
    connector: &Connector,
    (target, credentials): (&MailTarget, &Credentials),
    approach: Approach,
    end: Instant,
) -> Result<OpenedFolder, Failed> {
    let connected = connect(connector, target, approach, end).await?;
    enter(connector, (target, credentials), connected, approach).await
}

/// Signs in over a connection that was greeted, and lists the unique-ids.
pub(crate) async fn enter(
    connector: &Connector,
    (target, credentials): (&MailTarget, &Credentials),
    (mut wire, capabilities): (Wire, Capabilities),
    approach: Approach,
) -> Result<OpenedFolder, Failed> {
    let limits = connector.limits;
    let place = format!("{}:{}", target.server.host, target.server.port);
    connector.note(|seen| {
        seen.offered = capabilities.sign_ins();
        seen.used = sign_in::way_in(&capabilities, credentials);
    });
    connector.reached(Stage::SignIn);
    (wire.time, wire.doing) = (limits.sign_in, format!("sign in to {place}"));
    let sign_in = SignIn { wire: &mut wire, capabilities: &capabilities, server: &target.server };
    let signed_in = timeout(limits.sign_in, sign_in.run(credentials, approach)).await;
    signed_in.map_err(|_| wire.error(MailFault::TimedOut))??;
    connector.reached(Stage::Folder);
    wire.time = limits.idle;
    let mut session = Pop3Session::new(wire, &capabilities, limits, target.max_mail_bytes, place);
    session.list_unique_ids().await?;
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

/// A connection on which nothing has been said of who we are.
async fn connect(
    connector: &Connector,
    target: &MailTarget,
    approach: Approach,
    end: Instant,
) -> Result<(Wire, Capabilities), Failed> {
    let server = &target.server;
    let context = format!("greet {}:{}", server.host, server.port);
    let tcp = connector.tcp(server, end).await?;
    match server.tls {
        Tls::Implicit => {
            let stream = connector.secure(server, tcp).await?;
            greeted(stream, connector, approach, context).await
        }
        Tls::Starttls => {
            let mut clear = Wire::new(Box::new(tcp), connector.limits.handshake, context.clone());
            greet(&mut clear).await?;
            let stream = connector.secure(server, start_tls(clear).await?).await?;
            // What was said in clear text counts for nothing.
            let mut wire = Wire::new(stream, connector.limits.handshake, context);
            let capabilities = capabilities(&mut wire, approach).await?;
            Ok((wire, capabilities))
        }
        Tls::None => greeted(Box::new(tcp), connector, approach, context).await,
    }
}

/// A connection over which nothing else is agreed, and what its server can do.
pub(crate) async fn greeted(
    stream: Box<dyn Stream>,
    connector: &Connector,
    approach: Approach,
    context: String,
) -> Result<(Wire, Capabilities), Failed> {
    let mut wire = Wire::new(stream, connector.limits.handshake, context);
    greet(&mut wire).await?;
    let capabilities = capabilities(&mut wire, approach).await?;
    Ok((wire, capabilities))
}

async fn capabilities(wire: &mut Wire, approach: Approach) -> Result<Capabilities, Failed> {
    if approach == Approach::Unasked {
        return Ok(Capabilities::default());
    }
    Capabilities::ask(wire).await.map_err(|error| {
        let ended = error.fault == MailFault::Temporary;
        Failed { error, again: ended.then_some(Approach::Unasked) }
    })
}

async fn greet(wire: &mut Wire) -> Result<(), MailError> {
    wire.ok().await.map(|_| ()).map_err(|error| match error.fault {
        MailFault::Refused => MailError { fault: MailFault::Temporary, ..error },
        MailFault::TimedOut => MailError { fault: MailFault::Silent, ..error },
        _ => error,
    })
}

/// Asks for TLS. A refusal ends it: nothing goes on in clear text.
async fn start_tls(mut wire: Wire) -> Result<Box<dyn Stream>, MailError> {
    wire.doing += ": STLS";
    wire.send("STLS\r\n").await?;
    match wire.answer().await? {
        Answer::Ok(_) => wire.into_stream(),
        Answer::Err(text) => Err(wire.said(MailFault::Tls, &text)),
        Answer::Challenge(_) => Err(wire.error(MailFault::Tls)),
    }
}
