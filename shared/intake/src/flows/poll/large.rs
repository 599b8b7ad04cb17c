//! Large mails: read in pieces, and split while they stream by, so that memory stays small.

use std::collections::BTreeMap;

use bytes::Bytes;
use mail::splitter::{Event, Splitter};

use crate::{
    App,
    error::Result,
    ports::{BlobWriter, Listed, MailSession},
    types::{
        issue::BlobKey,
        message::{MessageState, Reason},
    },
};

use super::{
    parse,
    prepare::{Origin, Prepared},
};

/// Asked for at once, bytes.
const PIECE: u32 = 1024 * 1024;
/// Larger mails are held: only their header is kept.
const MAX_MAIL: u64 = 150 * 1024 * 1024;

/// Reads a mail of any size. None: the server answered without bytes.
pub(super) async fn read(app: &App, origin: &Origin, session: &mut dyn MailSession, listed: Listed) -> Result<Option<Prepared>> {
    let message = origin.record(&listed).id;
    if listed.size > MAX_MAIL {
        return hold(app, origin, session, listed).await;
    }
    let mut raw = app.blobs.writer(&BlobKey::raw(message)).await?;
    let mut leaves = Leaves { app, message, open: BTreeMap::new() };
    let mut splitter = Splitter::new(mail::splitter::Limits::default());
    let mut offset = 0u64;
    loop {
        let piece = session.fetch_piece(&listed.server_id, offset, PIECE).await.map_err(|e| crate::explain::mail(&e))?;
        let Some(piece) = piece else { return Ok(None) };
        offset += piece.len() as u64;
        if offset > MAX_MAIL {
            return hold(app, origin, session, listed).await;
        }
        let last = piece.len() < PIECE as usize;
        raw.write(piece.clone()).await?;
        let (next, events) = push(splitter, piece).await;
        splitter = next;
        leaves.write(events).await?;
        if last {
            break;
        }
    }
    if offset == 0 {
        return Ok(None);
    }
    raw.finish().await?;
    let mut events = Vec::new();
    let reduced = splitter.finish(&mut |event| events.push(event));
    leaves.write(events).await?;
    let options = app.parse.clone();
    let parsed = parse::on_thread(move || mail::parse_reduced(&reduced, &options)).await;
    Ok(Some(origin.parsed(listed, offset, parsed)))
}
