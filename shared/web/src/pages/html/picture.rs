//! Pictures of mails, by short signed addresses: a frame that is sandboxed has no cookie to show. What is served is a
//! picture by its bytes, whatever the mail says of it, and never one that may hold script.

use std::{fmt, str::FromStr};

use axum::{
    extract::{Path, State},
    http::{HeaderName, header},
    response::{IntoResponse, Response},
};
use intake::{
    App, Error,
    flows::comments,
    types::{
        ids::{AttachmentId, MessageId},
        issue::BlobKey,
    },
};

use super::signed;
use crate::error::{ApiError, ApiResult};

/// The purpose of the marks.
const PURPOSE: &str = "mail_picture";
/// Larger pictures are not shown, bytes: they are files like others.
const MAX_PICTURE: u64 = 4 * 1024 * 1024;

/// Which picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Picture {
    /// A file of an issue.
    Attachment(AttachmentId),
    /// The file with this number of a mail, which may have become nothing.
    File(MessageId, u32),
}

impl fmt::Display for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attachment(id) => write!(f, "{id}"),
            Self::File(id, n) => write!(f, "{id}.{n}"),
        }
    }
}

impl FromStr for Picture {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text.split_once('.') {
            None => text.parse().map(Self::Attachment).map_err(drop),
            Some((id, n)) => Ok(Self::File(id.parse().map_err(drop)?, n.parse().map_err(drop)?)),
        }
    }
}

impl Picture {
    /// Where it is had for some hours, by anybody who is told.
    pub(crate) fn address(self, app: &App) -> String {
        let (base, end) = (signed::base(app), signed::end(app));
        let mark = signed::mark(app, PURPOSE, &self.to_string(), end);
        format!("{base}/pictures/{self}/{end}/{mark}")
    }

    async fn read(self, app: &App) -> Result<Vec<u8>, Error> {
        let blob = match self {
            Self::Attachment(id) => comments::attachment(app, id).await?.blob,
            Self::File(id, n) => BlobKey::file(id, n),
        };
        app.blobs.read(&blob).await?.bytes(MAX_PICTURE).await
    }
}

/// A picture, for whoever has its address.
pub(super) async fn picture(State(app): State<App>, Path(named): Path<(String, String, String)>) -> Response {
    served(&app, named).await.unwrap_or_else(IntoResponse::into_response)
}

async fn served(app: &App, (what, end, mark): (String, String, String)) -> ApiResult<Response> {
    let nowhere = ApiError::no_such_path;
    let end: i64 = end.parse().map_err(|_| nowhere())?;
    if !signed::holds(app, PURPOSE, &what, end, &mark) {
        return Err(nowhere());
    }
    let picture: Picture = what.parse().map_err(|()| nowhere())?;
    let bytes = picture.read(app).await?;
    let content_type = kind(&bytes).ok_or_else(nowhere)?;
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'; frame-ancestors 'none'"),
        // The frame that shows it has no origin of its own.
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
        (header::CACHE_CONTROL, "private, max-age=21600, immutable"),
    ];
    Ok((headers, bytes).into_response())
}

/// The type of a picture, by its first bytes.
fn kind(bytes: &[u8]) -> Option<&'static str> {
    let begins = |start: &[u8]| bytes.starts_with(start);
    if begins(b"\x89PNG\r\n\x1a\n") {
        Some("image/png")
    } else if begins(b"\xff\xd8\xff") {
        Some("image/jpeg")
    } else if begins(b"GIF87a") || begins(b"GIF89a") {
        Some("image/gif")
    } else if begins(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        Some("image/webp")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pictures_that_hold_no_script_are_pictures() {
        for (bytes, wanted) in [
            (&b"\x89PNG\r\n\x1a\n0"[..], Some("image/png")),
            (b"\xff\xd8\xff\xe0", Some("image/jpeg")),
            (b"GIF89a", Some("image/gif")),
            (b"RIFF0000WEBPVP8 ", Some("image/webp")),
            (b"RIFF0000WAVE", None),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
            (b" \x89PNG\r\n\x1a\n", None),
            (b"<!DOCTYPE html>", None),
            (b"BM", None),
            (b"", None),
        ] {
            assert_eq!(kind(bytes), wanted, "{bytes:?}");
        }
    }

    #[test]
    fn names_are_read_again() {
        let (file, message): (AttachmentId, MessageId) = (
            "atc_01M000000000000000000000ZZ".parse().unwrap(),
            "msg_01M000000000000000000000ZZ".parse().unwrap(),
        );
        for picture in [Picture::Attachment(file), Picture::File(message, 3)] {
            assert_eq!(picture.to_string().parse(), Ok(picture));
        }
        for bad in ["", "msg_01M000000000000000000000ZZ", "msg_01M000000000000000000000ZZ.x", "atc_1", ".1"] {
            assert_eq!(bad.parse::<Picture>(), Err(()), "{bad}");
        }
    }
}
