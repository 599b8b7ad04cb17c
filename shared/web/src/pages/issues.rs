//! Reading issues: the projects, the list of one, and one issue.

use std::{
    collections::{BTreeMap, BTreeSet},
    pin::pin,
};

use axum::{
    extract::{Path, RawQuery, State},
    response::Response,
};
use futures::{StreamExt, TryStreamExt};
use intake::{
    App, Error,
    flows::{comments, issues, projects},
    lists,
    ports::IssueFilter,
    types::{
        Page, PageRequest,
        ids::CommentId,
        issue::{Attachment, Comment, Issue},
        project::{IssueKey, ProjectKey},
    },
};
use maud::{Markup, html};

use url::form_urlencoded;

use super::{
    conversation::{Contribution, part},
    frame::{
        console::console,
        page::error_page,
        parts::empty,
        visitor::{Reader, Visitor},
        words::{counted, name, status, when, word},
    },
};
use crate::{
    answer::{Sink, fill},
    wire,
};

/// Entries of one page.
const ON_A_PAGE: u32 = 100;
/// The most files of an issue that are looked at for one page.
const MAX_FILES: usize = 1_000;

/// A page of what this reads, or an error.
async fn answered(
    visitor: &Visitor,
    content: impl Future<Output = Result<(String, Markup), Error>>,
) -> Response {
    match content.await {
        Ok((title, markup)) => console(visitor, &title, markup),
        Err(error) => error_page(error),
    }
}

/// All projects; for whoever only reads issues, the only one opens by itself.
pub(super) async fn projects(State(app): State<App>, Reader(visitor): Reader) -> Response {
    let projects = match projects::list(&app, &PageRequest::first(ON_A_PAGE)).await {
        Ok(projects) => projects.items,
        Err(error) => return error_page(error),
    };
    let list = html! {
        @if projects.is_empty() {
            (empty(&word("page.no_project"), None))
        } @else {
            ul.list { @for project in &projects {
                li { span.key { (project.key) } a dir="auto" href={ "/projects/" (project.key) } { (project.name) } }
            } }
        }
    };
    console(&visitor, &word("page.projects"), list)
}

/// The issues of a project, newest first.
pub(super) async fn project(
    State(app): State<App>,
    Reader(visitor): Reader,
    Path(key): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let cursor = cursor(query);
    answered(&visitor, async {
        let key = ProjectKey::new(&key).map_err(|_| Error::not_found("project"))?;
        let project = projects::get(&app, &key).await?;
        let first = cursor.is_none();
        let wanted = PageRequest { limit: ON_A_PAGE, cursor };
        let issues = issues::list(&app, &IssueFilter::Project(key.clone(), None), &wanted).await?;
        let list = html! {
            @if issues.items.is_empty() { (empty(&word("page.no_issue"), None)) }
            @else { ul.list { @for issue in &issues.items { (entry(issue)) } } }
            nav.pages aria-label=(word("page.pages")) {
                @if !first { a href={ "/projects/" (key) } { (word("page.newest_issues")) } }
                @if let Some(next) = &issues.next { a href=(with_cursor(&format!("/projects/{key}"), next)) { (word("page.older_issues")) } }
            }
        };
        Ok((project.name.to_string(), list))
    })
    .await
}

fn cursor(query: Option<String>) -> Option<String> {
    let query = query.unwrap_or_default();
    let mut given = form_urlencoded::parse(query.as_bytes());
    given.find(|(name, _)| name == "cursor").map(|(_, value)| value.into_owned())
}

fn with_cursor(path: &str, cursor: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("cursor", cursor).finish();
    format!("{path}?{query}")
}

fn entry(issue: &Issue) -> Markup {
    html! {
        li {
            span.key { (issue.key) }
            a dir="auto" href={ "/issues/" (issue.key) } { (issue.summary) }
            span.tag { (status(issue.status)) }
            span.faint {
                bdi { (name(&issue.reporter)) } " · " (when(issue.updated_at))
                @if issue.comment_count > 0 { " · " (counted("page.comments", issue.comment_count)) }
                @if issue.attachment_count > 0 { " · " (counted("page.files", issue.attachment_count)) }
            }
        }
    }
}

/// One issue with its comments, in order; from a comment on where a cursor says so.
pub(super) async fn issue(
    State(app): State<App>,
    Reader(visitor): Reader,
    Path(key): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    answered(&visitor, async {
        let key: IssueKey = key.parse().map_err(|_| Error::not_found("issue"))?;
        let issue = issues::get(&app, &key).await?;
        let cursor = cursor(query);
        let (first, wanted) = (cursor.is_none(), PageRequest { limit: 200, cursor });
        let opening = if first { Some(opening(&app, &issue).await?) } else { None };
        let (parts, next): (Parts, _) = fill!(wanted, page => with_files(&app, &key, &page).await,
            one => comment(&app, &key, one).await?);
        let conversation = html! {
            p.faint.about {
                a href={ "/projects/" (key.project()) } { (key.project()) }
                " · " (issue.key) " · " span.tag { (status(issue.status)) }
            }
            @if let Some(opening) = &opening { (opening) }
            @for part in &parts.all { (part) }
            nav.pages aria-label=(word("page.pages")) {
                @if !first { a href={ "/issues/" (key) } { (word("page.first_comments")) } }
                @if let Some(next) = &next { a href=(with_cursor(&format!("/issues/{key}"), next)) { (word("page.later_comments")) } }
            }
        };
        Ok((issue.summary, conversation))
    })
    .await
}

/// What the issue itself says.
async fn opening(app: &App, issue: &Issue) -> Result<Markup, Error> {
    let files = files_of(app, &issue.key, &BTreeSet::from([None])).await?.remove(&None).unwrap_or_default();
    let contribution = Contribution {
        of: &issue.key,
        comment: None,
        author: &issue.reporter,
        at: issue.created_at,
        body: &issue.body,
        files: &files,
    };
    part(app, contribution).await
}

/// What a comment says.
async fn comment(app: &App, of: &IssueKey, (comment, files): Commented) -> Result<Markup, Error> {
    let contribution = Contribution {
        of,
        comment: Some(comment.id),
        author: &comment.author,
        at: comment.created_at,
        body: &comment.body,
        files: &files,
    };
    part(app, contribution).await
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
        if !self.all.is_empty() && self.bytes + bytes > wire::MAX_PART {
            return Ok(false);
        }
        self.bytes += bytes;
        self.all.push(part);
        Ok(true)
    }
}
