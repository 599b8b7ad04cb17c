//! Reading issues: the projects, the list of one, and one issue.

use axum::{
    extract::{Path, RawQuery, State},
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
};
use intake::{
    App, Error,
    flows::{
        comments,
        issues::{self, TextReader},
        projects, sessions,
    },
    ports::IssueFilter,
    types::{
        PageRequest,
        issue::Issue,
        project::{IssueKey, ProjectKey},
    },
};
use maud::{Markup, html};

use url::form_urlencoded;

use super::{
    conversation::part,
    error_page, layout, page_with_form,
    words::{counted, name, status, when},
};
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
        Err(error) => return error_page(error),
    }
    let csrf_token = auth::session_cookie(&app.settings, headers)
        .map(|cookie| sessions::csrf_token(app, cookie))
        .unwrap_or_default();
    match content.await {
        Ok((title, markup)) => page_with_form(layout::console(&title, &csrf_token, markup)),
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
            @if projects.is_empty() {
                p.empty { "There is no project yet. Create one with the API: POST /api/v1/projects." }
            } @else {
                ul.list { @for project in &projects {
                    li { span.key { (project.key) } a dir="auto" href={ "/projects/" (project.key) } { (project.name) } }
                } }
            }
        };
        Ok(("Projects".to_owned(), list))
    })
    .await
}

/// The issues of a project, newest first.
pub(super) async fn project(
    State(app): State<App>,
    headers: HeaderMap,
    Path(key): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let cursor = form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .find(|(name, _)| name == "cursor")
        .map(|(_, value)| value.into_owned());
    signed_in(&app, &headers, async {
        let key = ProjectKey::new(&key).map_err(|_| Error::not_found("project"))?;
        let project = projects::get(&app, &key).await?;
        let first = cursor.is_none();
        let wanted = PageRequest { limit: ON_A_PAGE, cursor };
        let issues = issues::list(&app, &IssueFilter::Project(key.clone(), None), &wanted).await?;
        let list = html! {
            @if issues.items.is_empty() { p.empty { "No mail has become an issue yet." } }
            @else { ul.list { @for issue in &issues.items { (entry(issue)) } } }
            nav.pages aria-label="Pages" {
                @if !first { a href={ "/projects/" (key) } { "Newest issues" } }
                @if let Some(next) = &issues.next { a href=(older(&key, next)) { "Older issues" } }
            }
        };
        Ok((project.name.to_string(), list))
    })
    .await
}

fn older(key: &ProjectKey, cursor: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("cursor", cursor).finish();
    format!("/projects/{key}?{query}")
}

fn entry(issue: &Issue) -> Markup {
    html! {
        li {
            span.key { (issue.key) }
            a dir="auto" href={ "/issues/" (issue.key) } { (issue.summary) }
            span.tag { (status(issue.status)) }
            span.faint {
                bdi { (name(&issue.reporter)) } " · " (when(issue.updated_at))
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
        let mut parts =
            vec![part(&app, &mut reader, &issue.reporter, issue.created_at, &issue.body, &of(None)).await?];
        for comment in &comments.items {
            parts.push(
                part(
                    &app,
                    &mut reader,
                    &comment.author,
                    comment.created_at,
                    &comment.body,
                    &of(Some(comment.id)),
                )
                .await?,
            );
        }
        let conversation = html! {
            p.faint.about {
                a href={ "/projects/" (key.project()) } { (key.project()) }
                " · " (issue.key) " · " span.tag { (status(issue.status)) }
            }
            @for part in &parts { (part) }
            @if comments.next.is_some() { p.faint { "Later comments are in the API." } }
        };
        Ok((issue.summary, conversation))
    })
    .await
}
