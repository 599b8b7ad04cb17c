//! Stored bytes on their way out: passed on, or by a link.

use std::time::Duration;

use url::Url;

use crate::{App, Result, ports::BlobRead, types::issue::BlobKey};

/// Larger files are linked to where the blobs can be: an answer of a Lambda function holds 6 MB, base64 included.
const MAX_PASSED_ON: u64 = 4 * 1024 * 1024;
/// How long a link works.
const LINK_LIFE: Duration = Duration::from_secs(5 * 60);

/// How the bytes are to be had.
pub enum Opened {
    /// Here they are.
    Bytes(BlobRead),
    /// From there, for five minutes. Whoever holds the link may use it: it is given to whoever may read the file.
    Link(Url),
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
