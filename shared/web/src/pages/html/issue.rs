//! The HTML of issues and comments, for everybody who may read them.

use axum::extract::{Path, RawQuery, State};
use intake::{
    App, Error,
    flows::{
        comments,
        issues::{self, beginning},
    },
    types::{
        ids::{AttachmentId, CommentId},
        issue::Body,
        project::IssueKey,
    },
};

use super::{document::Framed, picture::Picture};
use crate::{
    api::files::Pictures,
    error::ApiResult,
    pages::frame::{page::PageResult, visitor::Reader},
};

/// As much of HTML as is read.
const MAX_HTML: usize = 1024 * 1024;

/// The HTML of the mail that made an issue.
pub(super) async fn frame(
    State(app): State<App>,
    Reader(_): Reader,
    Path(key): Path<String>,
    RawQuery(query): RawQuery,
) -> PageResult {
    let key: IssueKey = key.parse().map_err(|_| Error::not_found("issue"))?;
    let issue = issues::get(&app, &key).await?;
    Ok(framed(&app, &key, None, &issue.body, &query.unwrap_or_default()).await?.answer(&app))
}

/// The HTML of the mail that made a comment.
pub(super) async fn comment_frame(
    State(app): State<App>,
    Reader(_): Reader,
    Path((key, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> PageResult {
    let key: IssueKey = key.parse().map_err(|_| Error::not_found("issue"))?;
    let id: CommentId = id.parse().map_err(|_| Error::not_found("comment"))?;
    let comment = comments::get(&app, &key, id).await?;
    Ok(framed(&app, &key, Some(id), &comment.body, &query.unwrap_or_default()).await?.answer(&app))
}

async fn framed(
    app: &App,
    of: &IssueKey,
    comment: Option<CommentId>,
    body: &Body,
    query: &str,
) -> ApiResult<Framed> {
    let html = body.html.as_ref().ok_or_else(|| Error::not_found("text"))?;
    let read = beginning(app, html, MAX_HTML).await?;
    let address = |app: &App, id: AttachmentId| Picture::Attachment(id).address(app);
    let mut html = Pictures::at(app, of, address).sanitise(comment, &read.text).await?;
    html.cut |= read.cut;
    Ok(Framed { html, canvas: mail::html::canvas(&read.text), remote: Framed::wants_remote(query) })
}
