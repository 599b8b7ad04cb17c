//! Issues.

use axum::extract::State;
use intake::{
    App, Timestamp,
    flows::issues::{self, IssueInput, ReplyTo},
    ports::IssueFilter,
    types::{
        audit::{Actor, Role},
        ids::MailboxId,
        issue::{Issue, IssueStatus, Person, Source},
        project::{IssueKey, ProjectKey},
    },
};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    calls::calls,
    files::Pictures,
    texts::{Texts, WholeText},
};
use crate::{
    answer::{self, List, Time},
    auth::{Agent, Reader},
    error::ApiResult,
    extract::{Body, Id, IdempotencyKey, IfMatch, IfMatchHeader, Paging, Params, Patch},
};

calls!(list_issues, create_issue, get_issue, patch_issue);

/// An issue in a list.
#[derive(Debug, Serialize, ToSchema)]
struct IssueItem {
    key: String,
    project: String,
    #[serde(rename = "type")]
    issue_type: String,
    summary: String,
    status: IssueStatus,
    reporter: Person,
    comment_count: u64,
    /// Those of comments included.
    attachment_count: u64,
    created_at: Time,
    /// When it or its comments last changed: by hand, or when the mail that changed it was received.
    updated_at: Time,
    /// When it was last changed here, what `updated_since` asks for: a mail that comes late changes it later than
    /// `updated_at` says.
    changed_at: Time,
}

fn item(issue: Issue) -> IssueItem {
    let changed_at = issue.changed_at();
    IssueItem {
        project: issue.project().to_string(),
        key: issue.key.to_string(),
        issue_type: issue.issue_type,
        summary: issue.summary,
        status: issue.status,
        reporter: issue.reporter,
        comment_count: issue.comment_count,
        attachment_count: issue.attachment_count,
        created_at: Time(issue.created_at),
        updated_at: Time(issue.updated_at),
        changed_at: Time(changed_at),
    }
}

/// An issue.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Issue)]
struct View {
    #[serde(flatten)]
    item: IssueItem,
    /// What its reporter newly wrote.
    description_text: String,
    /// Sanitised; null where the mail has none.
    #[schema(required)]
    description_html: Option<String>,
    /// A text is very large and was cut.
    truncated: bool,
    /// The texts that were cut, and where the whole of each is.
    whole_texts: Vec<WholeText>,
    /// Null for an issue made by hand.
    #[schema(required)]
    source: Option<Source>,
    watchers: Vec<String>,
    #[schema(required)]
    assignee: Option<String>,
    labels: Vec<String>,
    #[schema(required)]
    priority: Option<String>,
    /// Answers that are sent here become comments on this issue, whoever writes them: the token in it cannot be
    /// guessed. Null where its mailbox has no address, and for whoever may not comment.
    #[schema(required)]
    reply_address: Option<String>,
    /// The Message-ID, without angle brackets, for the next mail about this issue: answers to it become comments. Null
    /// where `reply_address` is.
    #[schema(required)]
    reply_message_id: Option<String>,
}

async fn view(app: &App, actor: &Actor, issue: Issue) -> ApiResult<View> {
    // Who knows it comments, so it is for those who may.
    let may_comment = actor.role >= Role::Agent;
    let reply_to = if may_comment { issues::reply_to(app, &issue).await? } else { ReplyTo::default() };
    let texts = Texts::read(app, None, &issue.body, &mut Pictures::new(app, &issue.key)).await?;
    Ok(View {
        truncated: !texts.cut.is_empty(),
        whole_texts: texts.whole(&issue.key, None),
        description_text: texts.text,
        description_html: texts.html,
        source: issue.source.clone(),
        watchers: issue.watchers.clone(),
        assignee: issue.assignee.clone(),
        labels: issue.labels.clone(),
        priority: issue.priority.clone(),
        reply_address: reply_to.address,
        reply_message_id: reply_to.message_id,
        item: item(issue),
    })
}

type IssuePatch = Patch<IssueInput>;

/// Which issues: of a project (with or without a status), or made from a mailbox's mails.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "read from the query by `filter`")]
struct IssueQuery {
    /// A project's key.
    project: Option<String>,
    /// Only those with this status; with `project` alone.
    status: Option<IssueStatus>,
    /// Instead of `project`: mbx_…
    mailbox_id: Option<String>,
    /// Only those that were made or changed here at or after this time (`changed_at`).
    #[param(format = DateTime)]
    updated_since: Option<String>,
}

fn filter(params: &mut Params) -> Option<IssueFilter> {
    let (has_project, has_mailbox) = (params.has("project"), params.has("mailbox_id"));
    let has_status = params.has("status");
    let project = params.take::<ProjectKey>("project", "field.a_project_key");
    let mailbox = params.take::<MailboxId>("mailbox_id", "field.mailbox_id");
    let status = params.word::<IssueStatus>("status");
    match (has_project, has_mailbox) {
        (true, true) => params.refuse("mailbox_id", "field.instead_of_project"),
        (false, false) => params.refuse("project", "field.project_or_mailbox"),
        (false, true) if has_status => params.refuse("status", "field.with_project"),
        _ => {}
    }
    project.map(|key| IssueFilter::Project(key, status)).or(mailbox.map(IssueFilter::Mailbox))
}

/// Issues of a project or mailbox, newest first.
#[utoipa::path(get, path = "/issues", tag = "issues",
    params(IssueQuery, Paging), responses((status = 200, body = List<IssueItem>)))]
async fn list_issues(State(app): State<App>, _: Reader, mut params: Params) -> ApiResult {
    let filter = filter(&mut params);
    let since = params.take::<Timestamp>("updated_since", "field.time");
    let page = params.page()?;
    let Some(filter) = filter else {
        return Err(intake::Error::internal("an issue list without a filter").into());
    };
    match since {
        None => answer::part!(page, page => issues::list(&app, &filter, &page).await, issue => item(issue)),
        Some(since) => answer::part!(page,
            page => issues::list_changed(&app, &filter, since, &page).await, issue => item(issue)),
    }
}

/// Makes an issue by hand.
#[utoipa::path(post, path = "/issues", tag = "issues",
    params(IdempotencyKey), request_body = IssueInput, responses((status = 201, body = View)))]
async fn create_issue(State(app): State<App>, Agent(actor): Agent, body: Body<IssueInput>) -> ApiResult {
    let once = body.once(&app, &actor)?;
    let issue = issues::create(&app, &actor, body.value, once.as_ref()).await?;
    let (path, version) = (format!("/api/v1/issues/{}", issue.key), issue.version);
    Ok(answer::created(&path, version, &view(&app, &actor, issue).await?))
}

/// One issue.
#[utoipa::path(get, path = "/issues/{key}", tag = "issues",
    params(("key" = String, Path, description = "SUP-42")), responses((status = 200, body = View)))]
async fn get_issue(State(app): State<App>, Reader(actor): Reader, Id(key): Id<IssueKey>) -> ApiResult {
    let issue = issues::get(&app, &key).await?;
    Ok(answer::versioned(issue.version, &view(&app, &actor, issue).await?))
}

/// Changes an issue. Comments that arrive meanwhile do not change its ETag.
#[utoipa::path(patch, path = "/issues/{key}", tag = "issues",
    params(("key" = String, Path, description = "SUP-42"), IfMatchHeader),
    request_body = IssuePatch, responses((status = 200, body = View)))]
async fn patch_issue(
    State(app): State<App>,
    Agent(actor): Agent,
    Id(key): Id<IssueKey>,
    IfMatch(expect): IfMatch,
    body: Body<IssuePatch>,
) -> ApiResult {
    let issue = issues::patch(&app, &actor, &key, &expect, body.value.0).await?;
    Ok(answer::versioned(issue.version, &view(&app, &actor, issue).await?))
}
