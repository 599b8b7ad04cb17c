//! Reading issues: the list of a project, and one issue as a conversation.

use axum::{
    extract::{Path, State},
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
};
use intake::{
    App, Error, Timestamp,
    flows::{
        comments,
        issues::{self, TextReader},
        projects, sessions,
    },
    ports::IssueFilter,
    types::{
        PageRequest,
        issue::{Attachment, Body, Issue, IssueStatus, Person},
        project::{IssueKey, ProjectKey},
    },
};
use maud::{Markup, html};

use super::{error_page, layout, page};
use crate::auth;

/// Entries of one page.
const ON_A_PAGE: u32 = 100;

/// A signed-in person's page, or the way to sign in.
async fn signed_in<F: Future<Output = Result<(String, Markup), Error>>>(
    app: &App,
    headers: &HeaderMap,
    content: F,
) -> Response {
    match auth::signed_in(app, headers).await {
        Ok(Some(_)) => {}
        Ok(None) => return Redirect::to("/sign-in").into_response(),
        Err(error) => return error.into_response(),
    }
    let csrf_token = auth::session_cookie(&app.settings, headers)
        .map(|cookie| sessions::csrf_token(app, cookie))
        .unwrap_or_default();
    match content.await {
        Ok((title, markup)) => page(layout::console(&title, &csrf_token, markup)),
        Err(error) => error_page(error),
    }
}

/// All projects; the only one opens by itself.
pub(super) async fn home(State(app): State<App>, headers: HeaderMap) -> Response {
    let projects = match projects::list(&app, &PageRequest::first(ON_A_PAGE)).await {
        Ok(projects) => projects.items,
        Err(error) => return error_page(error),
    };
    if let ([only], Ok(Some(_))) = (projects.as_slice(), auth::signed_in(&app, &headers).await) {
        return Redirect::to(&format!("/projects/{}", only.key)).into_response();
    }
    signed_in(&app, &headers, async {
        let list = html! {
            @if projects.is_empty() { p { "There is no project yet. Create one with the API: POST /api/v1/projects." } }
            @else {
                ul.list { @for project in &projects {
                    li { span.faint { (project.key) } a href={ "/projects/" (project.key) } { (project.name) } }
                } }
            }
        };
        Ok(("Projects".to_owned(), list))
    })
    .await
}

/// The issues of a project, newest first.
pub(super) async fn project(State(app): State<App>, headers: HeaderMap, Path(key): Path<String>) -> Response {
    signed_in(&app, &headers, async {
        let key = ProjectKey::new(&key).map_err(|_| Error::not_found("project"))?;
        let project = projects::get(&app, &key).await?;
        let issues =
            issues::list(&app, &IssueFilter::Project(key, None), &PageRequest::first(ON_A_PAGE)).await?;
        let list = html! {
            @if issues.items.is_empty() { p { "No mail has become an issue yet." } }
            @else { ul.list { @for issue in &issues.items { (entry(issue)) } } }
            @if issues.next.is_some() { p.faint { "Older issues are in the API." } }
        };
        Ok((project.name.to_string(), list))
    })
    .await
}

fn entry(issue: &Issue) -> Markup {
    html! {
        li {
            span.faint { (issue.key) }
            a href={ "/issues/" (issue.key) } { (issue.summary) }
            span.tag { (status(issue.status)) }
            span.faint {
                (name(&issue.reporter)) " · " (when(issue.updated_at))
                @if issue.comment_count > 0 { " · " (counted(issue.comment_count, "comment")) }
                @if issue.attachment_count > 0 { " · " (counted(issue.attachment_count, "file")) }
            }
        }
    }
}

/// One issue with its comments, in order.
pub(super) async fn issue(State(app): State<App>, headers: HeaderMap, Path(key): Path<String>) -> Response {
    signed_in(&app, &headers, async {
        let key: IssueKey = key.parse().map_err(|_| Error::not_found("issue"))?;
        let issue = issues::get(&app, &key).await?;
        let comments = comments::list(&app, &key, &PageRequest::first(200)).await?;
        let files = comments::attachments(&app, &key, &PageRequest::first(200)).await?.items;
        let mut reader = TextReader::default();
        let of = |comment| files.iter().filter(move |file| file.comment_id == comment).collect::<Vec<_>>();
        let mut parts = vec![part(&app, &mut reader, &issue.reporter, issue.created_at, &issue.body, &of(None)).await?];
        for comment in &comments.items {
            parts.push(part(&app, &mut reader, &comment.author, comment.created_at, &comment.body, &of(Some(comment.id))).await?);
        }
        let conversation = html! {
            p.faint { a href={ "/projects/" (key.project()) } { (key.project()) } " · " (issue.key) " · " (status(issue.status)) }
            @for part in &parts { (part) }
            @if comments.next.is_some() { p.faint { "Later comments are in the API." } }
        };
        Ok((issue.summary, conversation))
    })
    .await
}

async fn part(
    app: &App,
    reader: &mut TextReader,
    author: &Person,
    at: Timestamp,
    body: &Body,
    files: &[&Attachment],
) -> Result<Markup, Error> {
    let text = reader.read(app, &body.text).await?;
    let quoted = reader.read(app, &body.quoted).await?;
    Ok(html! {
        article {
            h2 { span { (name(author)) } span.faint { (author.address) } span.faint { (when(at)) } }
            div.text dir="auto" { (text) }
            @if !quoted.is_empty() { details { summary { "Quoted text" } div.text dir="auto" { (quoted) } } }
            @if !files.is_empty() {
                ul.files { @for file in files {
                    li { a href={ "/api/v1/attachments/" (file.id) } { (shown_name(file)) } " " span.faint { (size(file.size)) } }
                } }
            }
        }
    })
}

fn name(person: &Person) -> &str {
    match (person.name.as_str(), person.address.as_str()) {
        ("", "") => "Unknown sender",
        ("", address) => address,
        (name, _) => name,
    }
}

fn shown_name(file: &Attachment) -> &str {
    if file.filename.is_empty() { &file.content_type } else { &file.filename }
}

fn status(status: IssueStatus) -> &'static str {
    match status {
        IssueStatus::Open => "open",
        IssueStatus::InProgress => "in progress",
        IssueStatus::Closed => "closed",
    }
}

/// `2026-11-24 08:00 UTC`.
fn when(at: Timestamp) -> String {
    let text = at.to_string();
    format!("{} UTC", text.get(..16).unwrap_or(&text).replace('T', " "))
}

fn counted(n: u64, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1000 => format!("{bytes} B"),
        1000..1_000_000 => format!("{} kB", bytes / 1000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
    }
}
