//! Bytes and HTML that mails bring: downloads that are never run, and HTML that is made harmless when it is shown.

use std::collections::BTreeMap;

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use futures::TryStreamExt;
use intake::{
    App,
    flows::{
        comments,
        files::{self, Opened},
        issues::TextReader,
    },
    types::{
        Page, PageRequest,
        ids::{AttachmentId, CommentId},
        issue::{self, BlobKey},
        project::IssueKey,
    },
};

use crate::error::ApiResult;

/// A stored file as a download of this name: its bytes, or the way to them.
pub(super) async fn download(
    app: &App,
    blob: &BlobKey,
    size: u64,
    filename: &str,
    content_type: &'static str,
) -> ApiResult<Response> {
    let disposition = disposition(filename);
    let bytes = match files::open(app, blob, size, disposition.to_str().unwrap_or("attachment")).await? {
        Opened::Link(link) => return Ok(Redirect::to(link.as_str()).into_response()),
        Opened::Bytes(bytes) => bytes,
    };
    let mut response = Response::new(Body::from_stream(bytes.stream.map_err(std::io::Error::other)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.size));
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    let policy = "sandbox; default-src 'none'; frame-ancestors 'none'";
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    Ok(response)
}

/// RFC 6266 section 4: the ASCII form for old clients, the whole name in RFC 8187.
fn disposition(filename: &str) -> HeaderValue {
    let plain = |c: char| c.is_ascii_alphanumeric() || " .-_()".contains(c);
    let ascii: String = filename.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    let mut encoded = String::new();
    for byte in filename.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    let text = format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{encoded}");
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("attachment"))
}

/// The pictures that the HTML of an issue and its comments may show, by the mail that they came with.
#[derive(Default)]
pub(super) struct Pictures(BTreeMap<(Option<CommentId>, String), AttachmentId>);

impl Pictures {
    /// The most files of an issue that are looked at.
    const MAX: usize = 1_000;

    /// Reads them where one of these texts names a picture by its Content-ID.
    pub(super) async fn load(app: &App, of: &IssueKey, texts: &[&str]) -> ApiResult<Self> {
        let mut pictures = BTreeMap::new();
        if !texts.iter().any(|text| text.to_ascii_lowercase().contains("cid:")) {
            return Ok(Self(pictures));
        }
        let mut page = PageRequest::first(200);
        loop {
            let Page { items, next } = comments::attachments(app, of, &page).await?;
            for file in items {
                if let Some(content_id) = file.content_id {
                    pictures.insert((file.comment_id, content_id), file.id);
                }
            }
            match next {
                Some(next) if pictures.len() < Self::MAX => page.cursor = Some(next),
                _ => return Ok(Self(pictures)),
            }
        }
    }

    /// The HTML of the issue itself or of a comment, sanitised now, so that a better sanitiser reaches old mail.
    pub(super) fn sanitise(&self, comment: Option<CommentId>, html: &str) -> String {
        let mine = |content_id: &str| {
            let id = self.0.get(&(comment, content_id.to_owned()))?;
            Some(format!("/api/v1/attachments/{id}"))
        };
        mail::html::sanitise(html, &mine)
    }
}

/// The HTML of a mail as it came. Not safe to show.
pub(super) async fn raw_html(
    app: &App,
    reader: &mut TextReader,
    body: &issue::Body,
) -> ApiResult<Option<String>> {
    match &body.html {
        Some(html) => Ok(Some(reader.read(app, html).await?)),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_leave_their_header() {
        let value = disposition("a\"b\r\nX: 請求書.pdf");
        assert_eq!(
            value.to_str().ok(),
            Some(
                "attachment; filename=\"a_b__X_ ___.pdf\"; \
                 filename*=UTF-8''a%22b%0D%0AX%3A%20%E8%AB%8B%E6%B1%82%E6%9B%B8.pdf"
            )
        );
    }
}
