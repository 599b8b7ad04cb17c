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
    request,
    types::{
        given::Given,
        handler::Handler,
        ids::{MailboxId, MessageId},
        message::{Reason, TraceStep},
    },
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::messages::told;
use crate::{
    Web, answer,
    auth::Administrator,
    error::{ApiError, ApiResult},
    extract::{Body, Id, IfMatch, IfMatchHeader, read_json, strictly},
};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(get_handlers, put_handlers)).routes(routes!(dry_run_handlers))
}

request! {
    /// The list within an object, in the place of the list itself.
    struct HandlersRequest {
        /// From top to bottom.
        #[schema(value_type = Vec<Handler>, required)]
        handlers: Vec<Handler>,
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
            Given::Absent | Given::Null => Err(Error::field("/handlers", "field.required").into()),
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
        #[schema(value_type = Vec<Handler>)]
        handlers: Vec<Handler>,
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
    trace: Vec<TraceStep>,
}

impl From<Rehearsal> for RehearsalView {
    fn from(found: Rehearsal) -> Self {
        Self {
            decision: found.decision,
            reason: found.reason,
            project: found.project.map(|key| key.to_string()),
            issue_key: found.issue_key.map(|key| key.to_string()),
            trace: told(found.trace),
        }
    }
}

/// The handlers of a mailbox, in their order. The `ETag` is the mailbox's.
#[utoipa::path(get, path = "/mailboxes/{id}/handlers", tag = "mailboxes",
    params(("id" = String, Path, description = "mbx_…")), responses((status = 200, body = Vec<Handler>)))]
async fn get_handlers(State(app): State<App>, _: Administrator, Id(id): Id<MailboxId>) -> ApiResult {
    let shown = mailboxes::get(&app, id).await?;
    Ok(answer::versioned(shown.mailbox.version, &shown.mailbox.handlers))
}

/// Replaces the whole list. An empty one: every mail is an issue, or a comment where it belongs to one.
#[utoipa::path(put, path = "/mailboxes/{id}/handlers", tag = "mailboxes",
    params(("id" = String, Path, description = "mbx_…"), IfMatchHeader),
    request_body = Vec<Handler>, responses((status = 200, body = Vec<Handler>)))]
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
        STANDARD.decode(text).map_err(|_| "field.base64")
    });
    let message = message_id.optional(&mut errors, "/message_id", None, |text| {
        text.parse::<MessageId>().map_err(|_| "field.message_id")
    });
    let sample = match (raw, message) {
        (Some(raw), None) => Some(Sample::Raw(raw)),
        (None, Some(id)) => Some(Sample::Message(id)),
        _ => None,
    };
    if sample.is_none() && errors.is_empty() {
        errors.add("/raw_base64", "field.raw_or_message");
    }
    let sample = errors.finish_with(sample)?;
    let found = messages::rehearse(&app, id, sample, handlers.value()).await?;
    Ok(answer::ok(&RehearsalView::from(found)))
}
