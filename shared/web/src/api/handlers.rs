//! Handlers of a mailbox: what its mails become, and a look at what they would become.

use axum::extract::{FromRequest, Request, State};
use base64::{Engine, engine::general_purpose::STANDARD};
use intake::{
    App, Error,
    error::FieldErrors,
    flows::{
        mailboxes::{self, MailboxInput},
        messages::{self, Rehearsal, Sample},
    },
    types::{
        given::Given,
        handler::Handler,
        ids::{MailboxId, MessageId},
        message::{Reason, TraceStep},
        policy::{RateLimitsInput, SenderPolicyInput},
    },
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::messages::TraceStepView;
use crate::{
    Web, answer,
    auth::Administrator,
    error::{ApiError, ApiResult},
    extract::{Body, Id, IfMatch, IfMatchHeader, read_json, request, strictly},
};

/// A list, as a request gives it.
pub(super) type Handlers = Vec<Handler>;

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(get_handlers, put_handlers)).routes(routes!(dry_run_handlers))
}

/// For the document: one handler.
#[derive(ToSchema)]
#[schema(as = Handler)]
#[allow(dead_code, reason = "the shape is the one of `intake::types::handler`")]
pub(super) struct HandlerView {
    /// 1 to 100 characters, unique in the list.
    name: String,
    /// `{"all": […]}`, `{"any": […]}`, `{"not": …}`, `{"to": "support+*@example.org"}`, `{"sub_address": "billing"}`,
    /// `{"from": "@example.com"}`, `{"subject": "invoice"}`, `{"header": {"name": "X-Spam", "value": "yes*"}}`,
    /// `{"kind": "ordinary"}` (or `auto_reply`, `bounce`, `report`, `feedback_report`, `read_receipt`,
    /// `calendar_answer`, `aggregate_report`, `list`, `bulk`), `{"likely": "auto_reply"}` (or another kind of automatic
    /// mail, where only words, a subject or a file suggest it), `{"list": "news.*"}`, `{"size": {"above": 1000000}}`,
    /// `{"sender_verdict": "pass"}` (or `fail`, `none`). Without one, always.
    #[schema(value_type = Object)]
    when: Option<serde_json::Value>,
    /// At most one of `{"create_or_comment": {}}`, `{"create": {}}`, `{"comment": {}}`, `{"as_forwarded": {}}` (of the
    /// first sender of a forward; who forwarded it follows the issue), `{"ignore": {}}` and `{"hold": {}}`, and
    /// `{"set": {project, type, priority, labels, reporter, default_reporter, assignee, watchers_from_cc, strip_quotes,
    /// split_at, bulk, attachments}}`. `reporter`: `from`, `reply_to` or `first_forwarded_sender`.
    #[schema(value_type = Vec<Object>)]
    then: Vec<serde_json::Value>,
    /// No later handler is looked at once this one applied.
    stop: Option<bool>,
}

/// For the document: what is done about senders.
#[derive(ToSchema)]
#[schema(as = SenderPolicy)]
#[allow(dead_code, reason = "the shape is the one of `intake::types::policy`")]
pub(super) struct SenderPolicyView {
    /// The receiving servers whose Authentication-Results count. Google's and Microsoft's own need not be named.
    trusted_authserv_ids: Vec<String>,
    /// About a sender that the receiving server found forged: `accept`, `mark` (default), `hold` or `ignore`.
    on_fail: String,
    /// About a sender of whom nothing is known: `accept` (default), `mark`, `hold` or `ignore`.
    on_none: String,
}

/// For the document: how many mails an hour are ordinary; what comes above is held.
#[derive(ToSchema)]
#[schema(as = RateLimits)]
#[allow(dead_code, reason = "the shape is the one of `intake::types::policy`")]
pub(super) struct RateLimitsView {
    /// Of one sender: 30.
    per_sender: u32,
    /// Of one sender with one subject that would each make an issue: 5.
    per_subject: u32,
    /// Comments on one issue: 20.
    per_thread: u32,
    /// Of the whole mailbox: 200.
    per_mailbox: u32,
}

/// Only for the types of fields.
pub(super) type Policy = SenderPolicyInput;
/// Only for the types of fields.
pub(super) type Limits = RateLimitsInput;

request! {
    /// The list within an object, in the place of the list itself.
    struct HandlersRequest {
        /// From top to bottom.
        #[schema(value_type = Vec<HandlerView>, required)]
        handlers: Handlers,
    }
}

/// The list itself, or an object with it.
struct List(Vec<Handler>);

impl<S: Send + Sync> FromRequest<S> for List {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> ApiResult<Self> {
        let text = read_json(request, state).await?;
        if text.trim_start().starts_with('[') {
            return strictly(&text).map(Self);
        }
        let HandlersRequest { handlers } = strictly(&text)?;
        match handlers {
            Given::Value(list) => Ok(Self(list)),
            Given::Absent | Given::Null => Err(Error::field("/handlers", "is required").into()),
        }
    }
}

request! {
    /// The mail of a dry run, and other handlers than the mailbox's.
    struct DryRunRequest {
        /// The mail itself in base64, at most 700 kB of it …
        #[schema(value_type = String)]
        raw_base64: String,
        /// … or one that came: msg_…
        #[schema(value_type = String)]
        message_id: String,
        /// In the place of the mailbox's.
        #[schema(value_type = Vec<HandlerView>)]
        handlers: Handlers,
    }
}

/// What a mail would become.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DryRun)]
struct RehearsalView {
    /// `create`, `comment`, `skip` or `hold`.
    decision: &'static str,
    /// Why it would be skipped or held.
    #[schema(required, value_type = Option<String>)]
    reason: Option<Reason>,
    /// Where an issue would be made, or is.
    #[schema(required)]
    project: Option<String>,
    /// The issue that would get the comment.
    #[schema(required)]
    issue_key: Option<String>,
    /// Each step of the decision, handlers that do not apply included.
    trace: Vec<TraceStepView>,
}

impl From<Rehearsal> for RehearsalView {
    fn from(found: Rehearsal) -> Self {
        let step = |step: TraceStep| TraceStepView { step: step.step, detail: step.detail };
        Self {
            decision: found.decision,
            reason: found.reason,
            project: found.project.map(|key| key.to_string()),
            issue_key: found.issue_key.map(|key| key.to_string()),
            trace: found.trace.into_iter().map(step).collect(),
        }
    }
}

/// The handlers of a mailbox, in their order. The `ETag` is the mailbox's.
#[utoipa::path(get, path = "/mailboxes/{id}/handlers", tag = "mailboxes",
    params(("id" = String, Path, description = "mbx_…")), responses((status = 200, body = Vec<HandlerView>)))]
async fn get_handlers(State(app): State<App>, _: Administrator, Id(id): Id<MailboxId>) -> ApiResult {
    let shown = mailboxes::get(&app, id).await?;
    Ok(answer::versioned(shown.mailbox.version, &shown.mailbox.handlers))
}

/// Replaces the whole list. An empty one: every mail is an issue, or a comment where it belongs to one.
#[utoipa::path(put, path = "/mailboxes/{id}/handlers", tag = "mailboxes",
    params(("id" = String, Path, description = "mbx_…"), IfMatchHeader),
    request_body = Vec<HandlerView>, responses((status = 200, body = Vec<HandlerView>)))]
async fn put_handlers(
    State(app): State<App>,
    Administrator(actor): Administrator,
    Id(id): Id<MailboxId>,
    IfMatch(expect): IfMatch,
    List(handlers): List,
) -> ApiResult {
    let input = MailboxInput { handlers: Given::Value(handlers), ..MailboxInput::default() };
    let shown = mailboxes::patch(&app, &actor, id, &expect, input).await.map_err(|mut error| {
        // The list is the whole body here.
        for field in &mut error.fields {
            if let Some(rest) = field.pointer.strip_prefix("/handlers") {
                field.pointer = rest.to_owned();
            }
        }
        error
    })?;
    Ok(answer::versioned(shown.mailbox.version, &shown.mailbox.handlers))
}

/// What a mail would become, with the trace of every decision. Writes nothing.
#[utoipa::path(post, path = "/mailboxes/{id}/handlers/dry-run", tag = "mailboxes",
    params(("id" = String, Path, description = "mbx_…")), request_body = DryRunRequest,
    responses((status = 200, body = RehearsalView)))]
async fn dry_run_handlers(
    State(app): State<App>,
    _: Administrator,
    Id(id): Id<MailboxId>,
    body: Body<DryRunRequest>,
) -> ApiResult {
    let DryRunRequest { raw_base64, message_id, handlers } = body.value;
    let mut errors = FieldErrors::default();
    let raw = raw_base64.optional(&mut errors, "/raw_base64", None, |text| {
        let text: String = text.split_ascii_whitespace().collect();
        STANDARD.decode(text).map_err(|_| "must be base64")
    });
    let message = message_id.optional(&mut errors, "/message_id", None, |text| {
        text.parse::<MessageId>().map_err(|_| "must be a message's id, such as msg_…")
    });
    let sample = match (raw, message) {
        (Some(raw), None) => Some(Sample::Raw(raw)),
        (None, Some(id)) => Some(Sample::Message(id)),
        _ => None,
    };
    if sample.is_none() && errors.is_empty() {
        errors.add("/raw_base64", "give either raw_base64 or message_id");
    }
    errors.finish()?;
    let sample = sample.ok_or_else(|| Error::internal("a dry run without a mail"))?;
    let found = messages::rehearse(&app, id, sample, handlers.value()).await?;
    Ok(answer::ok(&RehearsalView::from(found)))
}
