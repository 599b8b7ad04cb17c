//! IMAP4rev1 (RFC 3501) over async-imap.

mod attributes;
mod change;
mod describe;
mod failure;
mod find;
mod folder;
mod foresee;
mod gather;
mod greeting;
mod opening;
mod places;
mod port;
mod read;
mod session;
mod sets;
mod sign_in;
mod tolerant;
mod wire;

use std::time::Duration;

use async_imap::Client;
use intake::{
    ports::{Credentials, FolderStatus, MailError, MailFault, MailTarget, OpenedFolder, Stage},
    types::mailbox::Tls,
};
use tokio::time::{Instant, timeout};

use crate::{
    approach::{Approach, Failed},
    connect::{Connector, Stream},
    error::mail_error,
};

use greeting::{Capabilities, Talk};
use opening::examine;
use session::ImapSession;
use sign_in::{sign_in, way};
use tolerant::Tolerant;
use wire::Wire;

/// Connects, signs in and opens the folder: TCP, TLS, greeting, AUTHENTICATE, EXAMINE; five round trips where the server
/// tells its capabilities in the greeting and takes an initial response.
pub(crate) async fn open(
    connector: &Connector,
    (target, credentials): (&MailTarget, &Credentials),
    approach: Approach,
    end: Instant,
) -> Result<OpenedFolder, Failed> {
    let connected = connect(connector, target, end).await?;
    enter(connector, (target, credentials), connected, approach).await
}

/// Signs in over a connection that was greeted, and opens the folder.
pub(crate) async fn enter(
    connector: &Connector,
    (target, credentials): (&MailTarget, &Credentials),
    (stream, capabilities): (Box<dyn Stream>, Capabilities),
    approach: Approach,
) -> Result<OpenedFolder, Failed> {
    let limits = connector.limits;
    let place = format!("{}:{}", target.server.host, target.server.port);
    connector.note(|seen| {
        seen.offered = capabilities.sign_ins();
        seen.used = way(&capabilities, credentials);
    });
    connector.reached(Stage::SignIn);
    let client = Client::new(Tolerant::new(stream, target.max_mail_bytes));
    let context = format!("sign in to {place}");
    let signing_in = sign_in(client, &capabilities, (target, credentials), approach, &context);
    let session = timeout(limits.sign_in, signing_in)
        .await
        .map_err(|_| mail_error(MailFault::TimedOut, &context))??;
    let mut wire = Wire::new(session, limits.idle, place);
    connector.reached(Stage::Folder);
    let name = folder::encode(&target.folder)
        .map_err(|()| mail_error(MailFault::NoFolder, wire.context("open the folder")))?;
    let introduce = match approach {
        Approach::Introduced => true,
        Approach::Unintroduced => false,
        _ => capabilities.has("ID"),
    };
    match examine(&mut wire, &name, introduce).await {
        Ok(status) => {
            let mut session = ImapSession::new(wire, name, status, limits.close);
            note_folders(connector, &mut session).await;
            Ok(OpenedFolder { session: Box::new(session), status })
        }
        Err(failed) => {
            let refused = [MailFault::NoFolder, MailFault::Refused, MailFault::NotPermitted];
            if refused.contains(&failed.error.fault) {
                let mut session = ImapSession::new(wire, name, NO_FOLDER, limits.close);
                note_folders(connector, &mut session).await;
            }
            Err(failed)
        }
    }
}

/// No folder is open.
const NO_FOLDER: FolderStatus = FolderStatus { uid_validity: 1, uid_next: None, exists: 0, listing: None };

/// Where a connection is tried out, people are shown which folders there are.
async fn note_folders(connector: &Connector, session: &mut ImapSession) {
    if connector.is_noting() {
        // What a poll needs is what they have to know; that the names cannot be listed is nothing of it.
        let folders = session.folders().await.unwrap_or_default();
        connector.note(|seen| seen.folders = folders);
    }
}

async fn connect(
    connector: &Connector,
    target: &MailTarget,
    end: Instant,
) -> Result<(Box<dyn Stream>, Capabilities), MailError> {
    let server = &target.server;
    let context = format!("greet {}:{}", server.host, server.port);
    let tcp = connector.tcp(server, end).await?;
    let time = connector.limits.handshake;
    match server.tls {
        Tls::Implicit => greeted(connector.secure(server, tcp).await?, time, &context).await,
        Tls::Starttls => {
            let mut tcp = tcp;
            let mut talk = Talk { stream: &mut tcp, time, context: &context };
            talk.greeting().await?;
            talk.start_tls().await?;
            let mut stream = connector.secure(server, tcp).await?;
            // What was said in clear text counts for nothing.
            let capabilities =
                Talk { stream: &mut stream, time, context: &context }.capabilities(None).await?;
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
    let mut talk = Talk { stream: &mut stream, time, context };
    let told = talk.greeting().await?;
    let capabilities = talk.capabilities(told).await?;
    Ok((stream, capabilities))
}
