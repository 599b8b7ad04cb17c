//! Handlers of a mailbox: what its mails become, and a look at what they would become.

use std::time::Duration;

use axum::extract::{FromRequest, Request, State};
use base64::{Engine, engine::general_purpose::STANDARD};
use intake::{
    App, Error, Sentence,
    error::FieldErrors,
    flows::{
        mailboxes::{self, MailboxInput},
        messages::{self, Compared, Difference, Fate, Rehearsal, Sample},
    },
    one_of, request,
    types::{
        given::Given,
        handler::Handler,
        ids::{MailboxId, MessageId},
        message::{Reason, TraceStep},
    },
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{calls::calls, messages::told};
use crate::{
    answer,
    auth::Administrator,
    error::{ApiError, ApiResult},
    extract::{Body, Id, IfMatch, IfMatchHeader, read_json, strictly},
};

/// Mails that are compared where no number is given.
const COMPARED: u32 = 200;
/// The longest that a comparison takes.
const TIME: Duration = Duration::from_secs(20);

calls!(get_handlers, put_handlers, dry_run_handlers, compare_handlers);

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
        #[schema(value_type = String, format = Byte)]
        raw_base64: String,
        /// … or one that came: msg_…
        #[schema(value_type = String)]
        message_id: String,
        /// In the place of the mailbox's.
        #[schema(value_type = Vec<Handler>)]
        handlers: Vec<Handler>,
    }
}

one_of!(Decision: "create", "comment", "skip", "hold");

/// What a mail would become.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DryRun)]
struct RehearsalView {
    /// What would become of it.
    #[schema(value_type = Decision)]
    decision: &'static str,
    /// Why it would be skipped or held.
    #[schema(required)]
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

request! {
    /// Other handlers, and over how many mails they are compared with the present ones.
    struct CompareRequest {
        /// In the place of the mailbox's.
        #[schema(value_type = Vec<Handler>, required)]
        handlers: Vec<Handler>,
        /// The last so many mails, 1 to 500; 200 by default.
        #[schema(value_type = i64, minimum = 1, maximum = 500)]
        last: i64,
    }
}

/// What other handlers would change.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HandlersCompared)]
struct ComparedView {
    /// Mails that would become the same.
    same: u64,
    /// Those that would not, newest first.
    different: Vec<DifferenceView>,
    /// Mails that cannot be decided on again: their bytes are not there, or are more than 8 MiB.
    left_out: u64,
    /// False: the time was over before all were looked at.
    complete: bool,
}

/// A mail that would become something else.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HandlersDifference)]
struct DifferenceView {
    message_id: String,
    /// By the present handlers.
    before: FateView,
    /// By the others.
    after: FateView,
}

/// What a mail would become if it came now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Fate)]
struct FateView {
    /// What would become of it.
    #[schema(value_type = Decision)]
    decision: &'static str,
    /// Why.
    reason: Reason,
    /// Where an issue would be made, or is.
    #[schema(required)]
    project: Option<String>,
    /// The issue that would get the comment.
    #[schema(required)]
    issue_key: Option<String>,
    /// The address of the one who counts as its writer.
    #[schema(required)]
    reporter: Option<String>,
    /// The type of a new issue.
    #[serde(rename = "type")]
    #[schema(required)]
    issue_type: Option<String>,
    /// Of a new issue.
    #[schema(required)]
    priority: Option<String>,
    /// Of a new issue.
    #[schema(required)]
    assignee: Option<String>,
    /// Of a new issue.
    labels: Vec<String>,
    /// Who would follow a new issue: so many.
    watchers: usize,
    /// So many files.
    files: usize,
    /// So many characters of new text; the rest is folded or cut.
    text_chars: usize,
}

impl From<Fate> for FateView {
    fn from(fate: Fate) -> Self {
        let looks = fate.issue;
        let (issue_type, priority, assignee, labels, watchers) = match looks {
            Some(looks) => {
                (Some(looks.issue_type), looks.priority, looks.assignee, looks.labels, looks.watchers.len())
            }
            None => (None, None, None, Vec::new(), 0),
        };
        Self {
            decision: fate.decision,
            reason: fate.reason,
            project: fate.project,
            issue_key: fate.issue_key.map(|key| key.to_string()),
            reporter: fate.reporter.map(|person| person.address),
            issue_type,
            priority,
            assignee,
            labels,
            watchers,
            files: fate.files.len(),
            text_chars: fate.text.map_or(0, |text| text.chars().count()),
        }
    }
}

impl From<Compared> for ComparedView {
    fn from(compared: Compared) -> Self {
        let difference = |Difference { message, before, after }| DifferenceView {
            message_id: message.id.to_string(),
            before: before.into(),
            after: after.into(),
        };
        let Compared { same, different, left_out, complete } = compared;
        Self { same, different: different.into_iter().map(difference).collect(), left_out, complete }
    }
}

/// The handlers of a mailbox, in their order. The `ETag` is the mailbox's.
#[utoipa::path(get, path = "/mailboxes/{id}/handlers", tag = "mailboxes",
    params(("id" = String, Path, description = "mbx_…")), responses((status = 200, body = Vec<Handler>)))]
async fn get_handlers(State(app): State<App>, _: Administrator, Id(id): Id<MailboxId>) -> ApiResult {
    let shown = mailboxes::get(&app, id).await?;
    Ok(answer::versioned(shown.mailbox.version, &shown.mailbox.handlers))
}

/// Replaces the whole list. An empty one: every mail is an issue, or a comment where it belongs to one; what machines write
/// by themselves, for certain and outside of a thread, is recorded and makes nothing.
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

/// What the last mails would become by other handlers, beside what they become by the present ones. Each by itself, as if
/// it came now; for at most 20 seconds. Writes nothing.
#[utoipa::path(post, path = "/mailboxes/{id}/handlers/compare", tag = "mailboxes",
    params(("id" = String, Path, description = "mbx_…")), request_body = CompareRequest,
    responses((status = 200, body = ComparedView)))]
async fn compare_handlers(
    State(app): State<App>,
    _: Administrator,
    Id(id): Id<MailboxId>,
    body: Body<CompareRequest>,
) -> ApiResult {
    let CompareRequest { handlers, last } = body.value;
    let mut errors = FieldErrors::default();
    let handlers = handlers.required(&mut errors, "/handlers", None, Ok::<_, &str>);
    let most = i64::from(messages::MAX_COMPARED);
    let wanted = Sentence::new("field.number").with("min", 1).with("max", most);
    let last = last.required(&mut errors, "/last", Some(COMPARED), |last| {
        u32::try_from(last).ok().filter(|_| (1..=most).contains(&last)).ok_or(wanted)
    });
    let (handlers, last) = errors.finish_with(handlers.zip(last))?;
    let compared = messages::compare(&app, id, handlers, last, TIME).await?;
    Ok(answer::ok(&ComparedView::from(compared)))
}
