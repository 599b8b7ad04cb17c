//! What an issue and its comments say, in order, each with its files; from a comment on where a cursor says so.

use std::{
    collections::{BTreeMap, BTreeSet},
    pin::pin,
};

use futures::{StreamExt, TryStreamExt};
use intake::{
    App, Error,
    flows::comments,
    lists,
    types::{
        Page, PageRequest,
        ids::CommentId,
        issue::{Attachment, Comment, Issue},
        project::IssueKey,
    },
};
use maud::{Markup, html};
use url::form_urlencoded;

use super::{
    super::frame::{parts::live, visitor::Visitor, words::word},
    conversation::{Contribution, part},
};
use crate::{
    answer::{Sink, fill},
    wire,
};

/// The most files of an issue that are looked at for one page.
const MAX_FILES: usize = 1_000;
/// A page ends when its contributions have so many bytes, so that the whole of it stays below 100 kB.
const MAX_PART: usize = 56 * 1024;
/// How often new comments are looked for, in seconds.
const RENEWED_AFTER: u32 = 20;

/// The conversation.
pub(super) async fn conversation(
    app: &App,
    visitor: &Visitor,
    issue: &Issue,
    cursor: Option<String>,
) -> Result<Markup, Error> {
    let key = &issue.key;
    let (is_first, wanted) = (cursor.is_none(), PageRequest { limit: 200, cursor });
    let opening = if is_first { Some(opening(app, visitor, issue).await?) } else { None };
    let (parts, next): (Parts, _) = fill!(wanted, page => with_files(app, key, &page).await,
        one => comment(app, visitor, key, one).await?);
    let all = html! {
        @if let Some(opening) = &opening { (opening) }
        @for part in &parts.all { (part) }
    };
    Ok(html! {
        @if next.is_none() { (live("conversation", RENEWED_AFTER, all)) } @else { (all) }
        @if !is_first || next.is_some() {
            nav.pages aria-label=(word("page.pages")) {
                @if !is_first { a href={ "/issues/" (key) } { (word("page.first_comments")) } }
                @if let Some(next) = &next { a rel="next" href=(from(key, next)) { (word("page.later_comments")) } }
            }
        }
    })
}

fn from(key: &IssueKey, cursor: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("cursor", cursor).finish();
    format!("/issues/{key}?{query}")
}

/// What the issue itself says.
async fn opening(app: &App, visitor: &Visitor, issue: &Issue) -> Result<Markup, Error> {
    let files = files_of(app, &issue.key, &BTreeSet::from([None])).await?.remove(&None).unwrap_or_default();
    let contribution = Contribution {
        of: &issue.key,
        comment: None,
        author: &issue.reporter,
        at: issue.created_at,
        body: &issue.body,
        source: issue.source.as_ref(),
        files: &files,
    };
    part(app, visitor, contribution).await
}

/// What a comment says.
async fn comment(
    app: &App,
    visitor: &Visitor,
    of: &IssueKey,
    (comment, files): Commented,
) -> Result<Markup, Error> {
    let contribution = Contribution {
        of,
        comment: Some(comment.id),
        author: &comment.author,
        at: comment.created_at,
        body: &comment.body,
        source: comment.source.as_ref(),
        files: &files,
    };
    part(app, visitor, contribution).await
}

/// A comment with its files.
type Commented = (Comment, Vec<Attachment>);

/// Comments, each with its files.
async fn with_files(app: &App, of: &IssueKey, page: &PageRequest) -> Result<Page<Commented>, Error> {
    let Page { items, next } = comments::list(app, of, page).await?;
    let mut files = files_of(app, of, &items.iter().map(|comment| Some(comment.id)).collect()).await?;
    let with_files = |comment: Comment| {
        let files = files.remove(&Some(comment.id)).unwrap_or_default();
        (comment, files)
    };
    Ok(Page { items: items.into_iter().map(with_files).collect(), next })
}

/// The files of some of an issue's contributions.
async fn files_of(
    app: &App,
    of: &IssueKey,
    wanted: &BTreeSet<Option<CommentId>>,
) -> Result<BTreeMap<Option<CommentId>, Vec<Attachment>>, Error> {
    let mut files: BTreeMap<_, Vec<Attachment>> = BTreeMap::new();
    if wanted.is_empty() {
        return Ok(files);
    }
    let all = lists::entries(200, |page| async move { comments::attachments(app, of, &page).await });
    let mut looked_at = pin!(all.take(MAX_FILES));
    while let Some(file) = looked_at.try_next().await? {
        if wanted.contains(&file.comment_id) {
            files.entry(file.comment_id).or_default().push(file);
        }
    }
    Ok(files)
}

/// The contributions of a page, as many as it has room for.
#[derive(Default)]
struct Parts {
    all: Vec<Markup>,
    bytes: usize,
}

impl Sink<Markup> for Parts {
    fn add(&mut self, part: Markup) -> Result<bool, Error> {
        let bytes = wire::enveloped(part.0.as_bytes());
        if !self.all.is_empty() && self.bytes + bytes > MAX_PART {
            return Ok(false);
        }
        self.bytes += bytes;
        self.all.push(part);
        Ok(true)
    }
}
