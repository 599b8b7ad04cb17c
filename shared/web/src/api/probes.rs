//! Trying things out: connection tests, and a poll on demand.

use std::time::Duration;

use axum::extract::State;
use intake::{
    App,
    flows::{
        audit, mailboxes,
        poll::{self, PollReport},
        probe::{self, ProbeReport},
    },
    types::{
        Class,
        ids::{GrantId, IntegrationId, MailboxId},
    },
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{calls::calls, presets::CheckWord};
use crate::{
    answer,
    auth::Administrator,
    error::ApiResult,
    extract::{Body, Id, NoFields},
    language,
};

/// The longest that a poll on demand takes; what is left follows with the next.
const POLL_TIME: Duration = Duration::from_secs(20);

calls!(test_integration, test_grant, test_mailbox, poll_mailbox);

/// What each of these is asked with: an administrator names one thing, and says no more.
type Asked<T> = (State<App>, Administrator, Id<T>, Body<NoFields>);

/// A test's result.
#[derive(Debug, Serialize, ToSchema)]
struct TestReport {
    /// Whether every step went well.
    ok: bool,
    /// One sentence to act on.
    summary: String,
    /// In their order.
    steps: Vec<TestStep>,
}

/// One step of a test.
#[derive(Debug, Serialize, ToSchema)]
struct TestStep {
    /// A stable word.
    name: &'static str,
    /// How it went.
    #[schema(value_type = CheckWord)]
    status: &'static str,
    /// What was seen.
    detail: String,
    /// The stable code of a failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// Who has to act.
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<Class>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<String>,
}

fn view(report: &ProbeReport) -> TestReport {
    let language = language::present();
    let step = |step: &probe::Step| TestStep {
        name: step.name,
        status: step.status.as_str(),
        detail: step.detail(language),
        code: step.code().map(str::to_owned),
        class: step.class(),
        action: step.action(language),
    };
    let steps = report.steps.iter().map(step).collect();
    TestReport { ok: report.ok(), summary: report.summary(language), steps }
}

/// Tries an integration out. Without a signed-in account a made-up code goes to the token endpoint, to learn whether
/// the client is accepted.
#[utoipa::path(post, path = "/integrations/{id}/test", tag = "integrations",
    params(("id" = String, Path, description = "int_…")), responses((status = 200, body = TestReport)))]
async fn test_integration(asked: Asked<IntegrationId>) -> ApiResult {
    let (State(app), _, Id(id), _) = asked;
    Ok(answer::ok(&view(&probe::integration(&app, id).await?)))
}

/// Tries a signed-in account out.
#[utoipa::path(post, path = "/grants/{id}/test", tag = "grants",
    params(("id" = String, Path, description = "grt_…")), responses((status = 200, body = TestReport)))]
async fn test_grant(asked: Asked<GrantId>) -> ApiResult {
    let (State(app), _, Id(id), _) = asked;
    Ok(answer::ok(&view(&probe::grant(&app, id).await?)))
}

/// Tries a mailbox out, down to opening the folder and reading one header. Changes nothing.
#[utoipa::path(post, path = "/mailboxes/{id}/test", tag = "mailboxes",
    params(("id" = String, Path, description = "mbx_…")), responses((status = 200, body = TestReport)))]
async fn test_mailbox(asked: Asked<MailboxId>) -> ApiResult {
    let (State(app), _, Id(id), _) = asked;
    Ok(answer::ok(&view(&probe::mailbox(&app, id).await?)))
}

/// What a poll did, in numbers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PollReport)]
pub(super) struct PollView {
    /// Mails seen for the first time.
    fetched: u64,
    /// Issues made.
    created: u64,
    /// Comments made.
    commented: u64,
    /// Mails that became nothing, on purpose.
    skipped: u64,
    /// Mails that wait for a person.
    held: u64,
    /// Mails that could not be processed.
    failed: u64,
    /// There is more to import than the time allowed.
    more: bool,
    /// Another poll of this mailbox was under way the whole time.
    busy: bool,
}

impl From<PollReport> for PollView {
    fn from(report: PollReport) -> Self {
        let PollReport { fetched, created, commented, skipped, held, failed, more, busy } = report;
        Self { fetched, created, commented, skipped, held, failed, more, busy }
    }
}

/// Polls now, for at most 20 seconds. Noted in the audit trail.
#[utoipa::path(post, path = "/mailboxes/{id}/poll", tag = "mailboxes",
    params(("id" = String, Path, description = "mbx_…")), responses((status = 200, body = PollView)))]
async fn poll_mailbox(asked: Asked<MailboxId>) -> ApiResult {
    let (State(app), Administrator(actor), Id(id), _) = asked;
    mailboxes::get(&app, id).await?;
    audit::asked(&app, &actor, "mailbox.poll_requested", id).await?;
    Ok(answer::ok(&PollView::from(poll::poll_now(&app, id, POLL_TIME).await?)))
}
