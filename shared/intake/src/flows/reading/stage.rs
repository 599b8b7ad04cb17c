//! From bytes of one mail to something that can be decided on: raw bytes into a blob first, then the parse.

use bytes::Bytes;
use futures::TryStreamExt;
use mail::{
    AttachmentContent, Mail,
    splitter::{Limits, Splitter},
};

use crate::{
    App,
    decide::{Content, Origin, ParserPanicked, Prepared},
    error::Result,
    limits::{MAX_ATTACHMENTS, PIECE},
    ports::Listed,
    types::{ids::MessageId, issue::BlobKey},
};

use super::{leaves::Leaves, parse};

/// Stores the raw bytes and parses them, side by side, and stores the files; a flush makes them durable before the
/// records.
pub(in crate::flows) async fn prepare(
    app: App,
    origin: Origin,
    listed: Listed,
    raw: Bytes,
) -> Result<Prepared> {
    let size = raw.len() as u64;
    let key = BlobKey::raw(origin.record(&listed).id);
    let (stored, parsed) =
        tokio::join!(app.blobs.stage(&key, raw.clone()), parse::parse(raw, app.parse.clone()));
    stored?;
    let mut prepared = origin.parsed(listed, size, parsed);
    stage_files(&app, &mut prepared).await?;
    Ok(prepared)
}

/// Stores the files that a mail holds, and lets go of their bytes. Whether the mail becomes anything is not known yet:
/// files without a record go when the record of their mail goes.
pub(in crate::flows) async fn stage_files(app: &App, prepared: &mut Prepared) -> Result<()> {
    let Content::Mail(understood) = &mut prepared.content else { return Ok(()) };
    for (n, file) in (0u32..).zip(understood.mail.attachments.iter_mut().take(MAX_ATTACHMENTS)) {
        if let AttachmentContent::Bytes(bytes) = &mut file.content {
            let bytes = Bytes::from(std::mem::take(bytes));
            app.blobs.stage(&BlobKey::file(prepared.message.id, n), bytes).await?;
        }
    }
    Ok(())
}

/// Parses the raw mail as it is kept; a large one as it streams by.
pub(in crate::flows) async fn reparse(
    app: &App,
    id: MessageId,
    options: mail::Options,
) -> Result<std::result::Result<Mail, ParserPanicked>> {
    let mut blob = app.blobs.read(&BlobKey::raw(id)).await?;
    if blob.size <= u64::from(PIECE) {
        let raw = blob.bytes(u64::from(PIECE)).await?;
        return Ok(parse::parse(Bytes::from(raw), options).await);
    }
    let mut leaves = Leaves::of(app, id);
    let mut splitter = Some(Splitter::new(Limits::default()));
    while let Some(piece) = blob.stream.try_next().await? {
        splitter = leaves.split(splitter, piece).await?;
    }
    match splitter {
        Some(splitter) => leaves.parse(splitter, options).await,
        None => Ok(Err(ParserPanicked)),
    }
}
