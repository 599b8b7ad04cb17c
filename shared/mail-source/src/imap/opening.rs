//! Opening a folder: EXAMINE and SELECT (RFC 3501 section 6.3), and ID (RFC 2971) for servers that want to know who asks.

use std::time::Duration;

use async_imap::imap_proto::{MailboxDatum, Response, ResponseCode};
use intake::ports::{FolderStatus, MailError, MailFault};

use super::{folder::quoted, wire::Wire};
use crate::approach::{Approach, Failed};

/// Says who we are.
const IDENTIFICATION: &str = concat!(
    "ID (\"name\" \"Maildocket\" \"vendor\" \"Maildocket\" \"version\" \"",
    env!("CARGO_PKG_VERSION"),
    "\")"
);

/// A server that loses what comes along with ID is not waited for longer than this.
const ALONG: Duration = Duration::from_secs(10);

/// What is done, for errors.
const WHAT: &str = "open the folder";

/// Opens the folder for reading; where the server wants that, along with who asks: nothing follows from its answer. Where
/// the folder is refused, the server is told who asks, and asked again; at last for the command that every server knows.
pub(super) async fn examine(wire: &mut Wire, name: &str, introduce: bool) -> Result<FolderStatus, Failed> {
    let again = Some(if introduce { Approach::Unintroduced } else { Approach::Introduced });
    let idle = wire.idle;
    let opened = match introduce {
        true => {
            wire.idle = idle.min(ALONG);
            introduced(wire, name).await
        }
        false => open_folder(wire, "EXAMINE", name, WHAT).await,
    };
    wire.idle = idle;
    let refusal = match opened {
        Ok(opened) => return Ok(opened.status),
        Err(error) => error,
    };
    // Words in answer to the command itself have nothing to do with what was sent along.
    let is_answer = wire.told().refusal.is_some();
    match refusal.fault {
        MailFault::Refused | MailFault::NotPermitted | MailFault::NoFolder => {}
        MailFault::Temporary | MailFault::TimedOut | MailFault::Protocol if introduce && !is_answer => {
            return Err(Failed { error: refusal, again });
        }
        _ => return Err(refusal.into()),
    }
    if !introduce {
        match introduced(wire, name).await {
            Ok(opened) => return Ok(opened.status),
            // It hangs up on who does not say so before.
            Err(error) if error.fault == MailFault::Temporary => {
                return Err(Failed { error: refusal, again });
            }
            Err(_) => {}
        }
    }
    // What it said at first is what a person has to know.
    let selected = open_folder(wire, "SELECT", name, WHAT).await;
    selected.map(|opened| opened.status).map_err(|_| refusal.into())
}

/// Says who we are, and opens the folder for reading.
async fn introduced(wire: &mut Wire, name: &str) -> Result<Opened, MailError> {
    wire.send_along(WHAT, (IDENTIFICATION, None)).await?;
    open_folder(wire, "EXAMINE", name, WHAT).await
}

/// What a folder says of itself when it is opened.
pub(super) struct Opened {
    pub(super) status: FolderStatus,
    /// It cannot be changed, also where that was asked for.
    pub(super) read_only: bool,
}

/// `EXAMINE`: the folder's numbers, without a right to change anything; `SELECT`: with it.
pub(super) async fn open_folder(
    wire: &mut Wire,
    verb: &str,
    name: &str,
    what: &str,
) -> Result<Opened, MailError> {
    let line = format!("{verb} {}", quoted(name));
    let (mut uid_next, mut exists) = (None, None);
    let mut look = |answer: &Response<'_>| match answer {
        Response::MailboxData(MailboxDatum::Exists(count)) => exists = Some(*count),
        Response::Data { outcome, .. } => {
            if let Some(ResponseCode::UidNext(value)) = outcome.code {
                uid_next = Some(value);
            }
        }
        _ => {}
    };
    let command = wire.send_along(what, (&line, None)).await?.see(&mut look).await?;
    let read_only = command.told_read_only();
    let uid_validity = command.told().uid_validity.unwrap_or(1);
    // RFC 3501 section 6.3.1 demands it, and without it nobody knows whether a listing is whole.
    let exists = match exists {
        Some(exists) => exists,
        None => count(wire, what).await?,
    };
    let status = FolderStatus { uid_validity, uid_next, exists, listing: None };
    Ok(Opened { status, read_only })
}

/// How many mails the open folder holds, where the server has not said so.
async fn count(wire: &mut Wire, what: &str) -> Result<u32, MailError> {
    let mut found = 0;
    let mut look = |answer: &Response<'_>| {
        if let Response::MailboxData(MailboxDatum::Search(places)) = answer {
            found = u32::try_from(places.len()).map_or(u32::MAX, |places| places.saturating_add(found));
        }
    };
    wire.run_and_see(what, "SEARCH ALL", &mut look).await?;
    wire.counted(found);
    Ok(found)
}
