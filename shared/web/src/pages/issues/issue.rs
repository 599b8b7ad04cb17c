//! One issue: the conversation, and beside it what people set.

use axum::{
    extract::{Path, RawQuery, State},
    response::{IntoResponse, Redirect, Response},
};
use intake::{
    App, Error,
    flows::{issues, projects},
    types::{
        audit::Role,
        issue::{Issue, IssueStatus},
        project::IssueKey,
    },
};
use maud::{Markup, html};

use super::{
    super::frame::{
        console::{console, csrf},
        fields::Filled,
        page::PageResult,
        parts::{card, copied, done, once, refused, version},
        visitor::{Reader, Visitor},
        words::{ago, word},
    },
    details,
    list::state,
    looking::Looking,
    thread::conversation,
};

/// What the page shows besides what is there: forms that were sent and could not be carried out.
#[derive(Default)]
pub(super) struct Shown {
    /// The details as they were typed, with what is wrong.
    pub(super) details: Option<(Filled, Markup)>,
    /// The comment as it was typed, with what is wrong.
    pub(super) comment: Option<(Filled, Error)>,
    /// What could not be done.
    pub(super) notice: Option<Markup>,
}

/// One issue.
pub(super) async fn page(
    State(app): State<App>,
    Reader(visitor): Reader,
    Path(key): Path<String>,
    RawQuery(query): RawQuery,
) -> PageResult {
    let query = query.unwrap_or_default();
    let issue = issues::get(&app, &key_of(&key)?).await?;
    Ok(whole(&app, &visitor, &issue, &query, Shown::default()).await?)
}

/// The place of a form, which somebody asks for as a page: the issue.
pub(super) async fn from_form(Reader(_): Reader, Path(key): Path<String>) -> PageResult {
    let key = key_of(&key)?;
    Ok(Redirect::to(&format!("/issues/{key}")).into_response())
}

/// The key in a path.
pub(super) fn key_of(text: &str) -> Result<IssueKey, Error> {
    text.parse().map_err(|_| Error::not_found("issue"))
}

/// The whole page.
pub(super) async fn whole(
    app: &App,
    visitor: &Visitor,
    issue: &Issue,
    query: &str,
    shown: Shown,
) -> Result<Response, Error> {
    let conversation = conversation(app, visitor, issue, Looking::of(query).cursor).await?;
    let project = projects::get(app, issue.project()).await?;
    let acts = visitor.may(Role::Agent);
    let content = html! {
        div.about {
            a href={ "/projects/" (issue.project()) } { bdi { (project.name) } }
            span.faint { (issue.key) }
            (state(issue.status))
            span.faint { (ago(issue.created_at, app.now())) }
            @if acts { (moving(visitor, issue)) }
        }
        (done(query))
        @if let Some(notice) = &shown.notice { (notice) }
        div.issue {
            div { (conversation) @if acts { (commenting(app, visitor, &issue.key, shown.comment)) } }
            aside aria-label=(word("page.issue.details")) {
                @if acts {
                    @let (filled, wrong) = shown.details.unwrap_or_else(|| (Filled::with(details::fields(issue)), html! {}));
                    (details::form(visitor, issue, &filled, wrong))
                    (answering(app, issue).await?)
                } @else { (details::told(issue, app.now())) }
            }
        }
    };
    Ok(console(visitor, &issue.summary, content))
}

/// Closes it or opens it again, with one button.
fn moving(visitor: &Visitor, issue: &Issue) -> Markup {
    let (to, label) = match issue.status {
        IssueStatus::Closed => (IssueStatus::Open, "page.issue.reopen"),
        _ => (IssueStatus::Closed, "page.issue.close"),
    };
    html! {
        form.act method="post" action={ "/issues/" (issue.key) "/status" } {
            (csrf(visitor)) (version(issue.version))
            input type="hidden" name="/status" value=(to.as_str());
            button.second data-key="e" { (word(label)) }
        }
    }
}

/// A comment that stays here.
fn commenting(app: &App, visitor: &Visitor, key: &IssueKey, again: Option<(Filled, Error)>) -> Markup {
    let (filled, error) =
        again.map_or_else(|| (Filled::default(), None), |(filled, error)| (filled, Some(error)));
    card(
        &word("page.issue.comment"),
        html! {
            @if let Some(error) = &error { (refused(error, &filled, &["/body_text"])) }
            form method="post" action={ "/issues/" (key) "/comments" } {
                (csrf(visitor)) (once(app))
                (filled.area("/body_text:text", "comment_text", 4))
                button { (word("page.issue.add_comment")) }
            }
        },
    )
}

/// Where answers go that shall become comments.
async fn answering(app: &App, issue: &Issue) -> Result<Markup, Error> {
    let reply_to = issues::reply_to(app, issue).await?;
    Ok(html! {
        @if let Some(address) = &reply_to.address {
            (card(&word("page.issue.answer"), html! {
                p.faint { (word("page.issue.answer.how")) }
                (copied(&word("page.issue.answer"), address))
            }))
        }
    })
}
