//! The state of everything in one look.

use axum::extract::State;
use intake::{
    App, Error,
    flows::{
        mailboxes::Shown,
        status::{self, Notice},
    },
    types::{
        grant::{Grant, GrantStatus},
        mailbox::MailboxStatus,
    },
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{calls::calls, last_error::ErrorView};
use crate::{
    answer::{self, Time},
    auth::Administrator,
    error::ApiResult,
    extract::Params,
    language, wire,
};

calls!(get_status);

/// Everything in one look.
#[derive(Debug, Serialize, ToSchema)]
struct Status {
    mailboxes: Vec<MailboxLine>,
    grants: Vec<GrantLine>,
    /// Mails that are stored and not decided yet.
    backlog: u64,
    /// Mails that wait for a person to release them; a minimum where a mailbox has more than 200.
    held: u64,
    /// When the oldest mail that has no final state was received.
    #[schema(required)]
    oldest_unprocessed_at: Option<Time>,
    /// What a person should look at.
    warnings: Vec<NoticeView>,
    /// There are more mailboxes, accounts or warnings than one answer holds; the lists of mailboxes and grants have all.
    truncated: bool,
}

/// A mailbox in the overview.
#[derive(Debug, Serialize, ToSchema)]
struct MailboxLine {
    id: String,
    name: String,
    /// As in the mailbox's state.
    status: MailboxStatus,
    #[schema(required)]
    last_poll_at: Option<Time>,
    #[schema(required)]
    last_success_at: Option<Time>,
    #[schema(required)]
    oldest_unprocessed_at: Option<Time>,
    /// Polls that failed since the last good one.
    consecutive_failures: u32,
    /// The mail server asked to be left alone until then.
    #[schema(required)]
    throttled_until: Option<Time>,
    #[schema(required)]
    last_error: Option<ErrorView>,
}

/// A signed-in account in the overview.
#[derive(Debug, Serialize, ToSchema)]
struct GrantLine {
    id: String,
    integration_id: String,
    #[schema(required)]
    account: Option<String>,
    /// How it stands.
    status: GrantStatus,
    #[schema(required)]
    refreshed_at: Option<Time>,
    #[schema(required)]
    next_refresh_at: Option<Time>,
    #[schema(required)]
    last_error: Option<ErrorView>,
}

/// Something that a person should look at.
#[derive(Debug, Serialize, ToSchema)]
struct NoticeView {
    /// Stable, `snake_case`.
    code: String,
    /// The identifier of what it is about; empty where it is about the installation.
    subject: String,
    message: String,
}

fn mailbox_line(shown: Shown) -> MailboxLine {
    MailboxLine {
        id: shown.mailbox.id.to_string(),
        name: shown.mailbox.name.to_string(),
        status: shown.status,
        last_poll_at: shown.run.last_poll_at.map(Time),
        last_success_at: shown.run.last_success_at.map(Time),
        oldest_unprocessed_at: shown.run.oldest_unprocessed_at.map(Time),
        consecutive_failures: shown.run.consecutive_failures,
        throttled_until: shown.run.throttled_until.map(Time),
        last_error: shown.run.last_error.map(ErrorView::from),
    }
}

fn grant_line(grant: Grant) -> GrantLine {
    GrantLine {
        id: grant.id.to_string(),
        integration_id: grant.integration_id.to_string(),
        account: grant.account,
        status: grant.status,
        refreshed_at: grant.refreshed_at.map(Time),
        next_refresh_at: grant.next_refresh_at.map(Time),
        last_error: grant.last_error.map(ErrorView::from),
    }
}

fn notice(notice: Notice) -> NoticeView {
    let message = notice.message(language::present());
    NoticeView { code: notice.code, subject: notice.subject, message }
}

/// Mailboxes, accounts, backlog, the oldest unprocessed mail, and what a person should look at.
#[utoipa::path(get, path = "/status", tag = "status", responses((status = 200, body = Status)))]
async fn get_status(State(app): State<App>, _: Administrator, params: Params) -> ApiResult {
    params.finish()?;
    let status = status::status(&app).await?;
    let mut truncated = false;
    let warnings = fitting(status.warnings.into_iter().map(notice), &mut truncated)?;
    let mailboxes = fitting(status.mailboxes.into_iter().map(mailbox_line), &mut truncated)?;
    let grants = fitting(status.grants.into_iter().map(grant_line), &mut truncated)?;
    Ok(answer::ok(&Status {
        mailboxes,
        grants,
        backlog: status.backlog,
        held: status.held,
        oldest_unprocessed_at: status.oldest_unprocessed_at.map(Time),
        warnings,
        truncated,
    }))
}

/// As many lines as a part of a list has.
fn fitting<T: Serialize>(lines: impl Iterator<Item = T>, truncated: &mut bool) -> ApiResult<Vec<T>> {
    let (mut kept, mut bytes) = (Vec::new(), 0);
    for line in lines {
        bytes += wire::enveloped(&serde_json::to_vec(&line).map_err(Error::internal)?);
        if bytes > wire::MAX_PART {
            *truncated = true;
            break;
        }
        kept.push(line);
    }
    Ok(kept)
}
