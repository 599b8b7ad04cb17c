//! Stored bytes on their way out: passed on, or by a link.

use std::time::Duration;

use bytes::Bytes;
use url::Url;

use crate::{
    App, Result,
    ports::BlobRead,
    types::issue::{BlobKey, Text},
};

/// Larger files are linked to where the blobs can be: an answer of a Lambda function holds 6 MB, base64 included.
const MAX_PASSED_ON: u64 = 4 * 1024 * 1024;
/// The same for texts, which leave a Lambda function as a JSON string: a character of them has up to six bytes there.
const MAX_TEXT_PASSED_ON: u64 = 1_000_000;
/// How long a link works.
const LINK_LIFE: Duration = Duration::from_secs(5 * 60);

/// How the bytes are to be had.
pub enum Opened {
    /// Here they are.
    Bytes(BlobRead),
    /// From there, for five minutes. Whoever holds the link may use it: it is given to whoever may read the file.
    Link(Url),
}

/// Opens a text, to be saved under what this Content-Disposition says.
pub async fn open_text(app: &App, text: &Text, disposition: &str) -> Result<Opened> {
    let blob = match text {
        Text::Inline(text) => {
            let bytes = Bytes::copy_from_slice(text.as_bytes());
            let size = bytes.len() as u64;
            let stream = futures::stream::once(async move { Ok(bytes) });
            return Ok(Opened::Bytes(BlobRead { size, stream: Box::pin(stream) }));
        }
        Text::Blob(blob) => blob,
    };
    let read = app.blobs.read(blob).await?;
    if read.size > MAX_TEXT_PASSED_ON
        && let Some(link) = app.blobs.link(blob, disposition, LINK_LIFE).await?
    {
        return Ok(Opened::Link(link));
    }
    Ok(Opened::Bytes(read))
}

/// Opens a blob of about this size, to be saved under what this Content-Disposition says.
pub async fn open(app: &App, blob: &BlobKey, size: u64, disposition: &str) -> Result<Opened> {
    if size > MAX_PASSED_ON
        && let Some(link) = app.blobs.link(blob, disposition, LINK_LIFE).await?
    {
        return Ok(Opened::Link(link));
    }
    app.blobs.read(blob).await.map(Opened::Bytes)
}
