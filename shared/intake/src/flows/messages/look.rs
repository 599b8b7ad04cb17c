//! A mail as people look at it: as it came, and what Maildocket understands of it today.

use bytes::Bytes;
use futures::TryStreamExt;
use mail::Mail;

use crate::{
    App, Error, Kind, Result,
    flows::{change::Deed, reading::parse},
    types::{audit::Actor, ids::MessageId, issue::BlobKey},
};

use super::{get, redrive::options};

/// As much of a mail is read to show it, bytes.
pub const MAX_LOOKED_AT: usize = 2 * 1024 * 1024;

/// What is in a mail.
#[derive(Debug)]
pub struct Look {
    /// Its bytes, or the first of them.
    pub raw: Vec<u8>,
    /// What is understood of those. None: the parser gave up.
    pub mail: Option<Mail>,
    /// There are more bytes: files behind them are not known here, and the last one may be cut.
    pub cut: bool,
}

/// Looks into a mail, which is written into the audit trail first.
pub async fn look(app: &App, actor: &Actor, id: MessageId) -> Result<Option<Look>> {
    get(app, id).await?;
    Deed::new(app, actor, "message.raw_read", id).commit().await?;
    look_on(app, id, None).await
}

/// The same for a further part of one look, such as the frame of its HTML: who looks was noted. With another charset
/// where one is given. None where no byte of the mail is kept.
pub async fn look_on(app: &App, id: MessageId, charset: Option<&str>) -> Result<Option<Look>> {
    let options = options(app, charset)?;
    let mut blob = match app.blobs.read(&BlobKey::raw(id)).await {
        Ok(blob) => blob,
        Err(Error { kind: Kind::NotFound, .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut raw = Vec::new();
    while raw.len() < MAX_LOOKED_AT {
        let Some(piece) = blob.stream.try_next().await? else { break };
        raw.extend_from_slice(&piece[..piece.len().min(MAX_LOOKED_AT - raw.len())]);
    }
    let cut = blob.size > raw.len() as u64;
    let mail = parse::parse(Bytes::copy_from_slice(&raw), options).await.ok();
    Ok(Some(Look { raw, mail, cut }))
}
