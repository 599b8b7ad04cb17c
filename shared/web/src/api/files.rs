//! Bytes and HTML that mails bring: downloads that are never run, and HTML that is made harmless when it is shown.

use std::collections::BTreeMap;

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use futures::{StreamExt, TryStreamExt, future::ready};
use intake::{
    App,
    flows::{
        comments,
        files::{self, Opened},
    },
    lists,
    types::{
        ids::{AttachmentId, CommentId},
        issue::{BlobKey, Text},
        project::IssueKey,
    },
};
use mail::html::{Clean, Room, sanitise_within};

use crate::{
    error::ApiResult,
    filename::disposition,
    wire::{self, MAX_TEXT},
};

/// A stored file as a download of this name: its bytes, or the way to them.
pub(crate) async fn download(
    app: &App,
    blob: &BlobKey,
    size: u64,
    filename: &str,
    content_type: &'static str,
) -> ApiResult<Response> {
    let disposition = disposition(filename);
    let opened = files::open(app, blob, size, disposition.to_str().unwrap_or("attachment")).await?;
    Ok(saved(opened, disposition, content_type))
}

/// A text as a download of this name.
pub(super) async fn download_text(app: &App, text: &Text, filename: &str) -> ApiResult<Response> {
    let disposition = disposition(filename);
    let opened = files::open_text(app, text, disposition.to_str().unwrap_or("attachment")).await?;
    Ok(saved(opened, disposition, "text/plain; charset=utf-8"))
}

fn saved(opened: Opened, disposition: HeaderValue, content_type: &'static str) -> Response {
    let bytes = match opened {
        Opened::Link(link) => return Redirect::to(link.as_str()).into_response(),
        Opened::Bytes(bytes) => bytes,
    };
    let mut response = Response::new(Body::from_stream(bytes.stream.map_err(std::io::Error::other)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.size));
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    let policy = "sandbox; default-src 'none'; frame-ancestors 'none'";
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response
}

/// The pictures that the HTML of an issue and its comments may show, by the mail that they came with: looked up once, at
/// the first HTML that names one.
pub(crate) struct Pictures<'a> {
    app: &'a App,
    of: &'a IssueKey,
    /// Where a picture is had.
    address: fn(&App, AttachmentId) -> String,
    known: Option<BTreeMap<(Option<CommentId>, String), AttachmentId>>,
}

impl<'a> Pictures<'a> {
    /// The most files of an issue that are looked at.
    const MAX: usize = 1_000;
    /// Longer Content-IDs are no line of a mail (RFC 5322 section 2.1.1).
    const MAX_ID: usize = 998;

    pub(super) fn new(app: &'a App, of: &'a IssueKey) -> Self {
        Self::at(app, of, |_, id| format!("/api/v1/attachments/{id}"))
    }

    /// The same at other addresses.
    pub(crate) fn at(app: &'a App, of: &'a IssueKey, address: fn(&App, AttachmentId) -> String) -> Self {
        Self { app, of, address, known: None }
    }

    /// The HTML of the issue itself or of a comment, sanitised now, so that a better sanitiser reaches old mail; as much of
    /// it as an answer holds.
    pub(crate) async fn sanitise(&mut self, comment: Option<CommentId>, html: &str) -> ApiResult<Clean> {
        let names_one = html.as_bytes().windows(4).any(|four| four.eq_ignore_ascii_case(b"cid:"));
        if self.known.is_none() && names_one {
            self.known = Some(self.load().await?);
        }
        let mine = |content_id: &str| {
            let id = self.known.as_ref()?.get(&(comment, content_id.to_owned()))?;
            Some((self.address)(self.app, *id))
        };
        Ok(sanitise_within(html, Room { most: MAX_TEXT, cost: wire::of_text }, &mine))
    }

    async fn load(&self) -> ApiResult<BTreeMap<(Option<CommentId>, String), AttachmentId>> {
        let files =
            lists::entries(200, |page| async move { comments::attachments(self.app, self.of, &page).await });
        let pictures = files.try_filter_map(|file| {
            let content_id = file.content_id.filter(|id| id.len() <= Self::MAX_ID);
            ready(Ok(content_id.map(|content_id| ((file.comment_id, content_id), file.id))))
        });
        Ok(pictures.take(Self::MAX).try_collect().await?)
    }
}
