//! Messages: what became of each mail, and the mails themselves.

use std::time::Duration;

use axum::{extract::State, response::Response};
use intake::{
    App, Error, Timestamp,
    error::FieldErrors,
    flows::messages,
    ports::MessageFilter,
    request,
    types::{
        Version,
        ids::{MailboxId, MessageId},
        message::{Message, MessageState, Reason, TraceStep},
    },
};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::{after_import::ErrandView, calls::calls, files::download};
use crate::{
    answer::{self, Bytes, List, Time},
    auth::Administrator,
    error::ApiResult,
    extract::{Body, Id, NoFields, Paging, Params},
    language,
};

calls!(
    list_messages,
    get_message,
    get_raw_message,
    redrive_messages,
    redrive_message,
    release_message,
    dismiss_message,
);

/// The longest that a redrive of many takes; what is left follows with the next call.
const TIME: Duration = Duration::from_secs(20);

/// Our record of one mail seen.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Message)]
struct View {
    id: String,
    mailbox_id: String,
    /// `imap:0000000042`, `pop3:…` or `file:…`
    server_id: String,
    /// IMAP only.
    #[schema(required)]
    uid: Option<u32>,
    /// Without angle brackets.
    #[schema(required)]
    internet_message_id: Option<String>,
    state: MessageState,
    /// Why.
    reason: Reason,
    subject: String,
    #[schema(required)]
    from: Option<String>,
    /// In bytes.
    size: u64,
    #[schema(required)]
    issue_key: Option<String>,
    #[schema(required)]
    comment_id: Option<String>,
    /// How often it was tried.
    attempts: u32,
    /// By the server's date.
    received_at: Time,
    /// When the record was last changed, what `updated_since` asks for.
    changed_at: Time,
    /// What was decided, and from what.
    trace: Vec<TraceStep>,
    /// What is done to it on the server; null: nothing.
    #[schema(required)]
    after_import: Option<ErrandView>,
}

fn view(message: Message) -> View {
    let changed_at = Time(message.changed_at());
    View {
        changed_at,
        id: message.id.to_string(),
        mailbox_id: message.mailbox_id.to_string(),
        server_id: message.server_id.to_string(),
        uid: message.server_id.uid(),
        internet_message_id: message.internet_message_id,
        state: message.state,
        reason: message.reason,
        subject: message.subject,
        from: message.from,
        size: message.size,
        issue_key: message.issue_key.map(|key| key.to_string()),
        comment_id: message.comment_id.map(|id| id.to_string()),
        attempts: message.attempts.max(message.failed_readings),
        received_at: Time(message.received_at),
        trace: told(message.trace),
        after_import: message.after_import.map(ErrandView::from),
    }
}

/// The steps of a trace in the language of the answer.
pub(super) fn told(trace: Vec<TraceStep>) -> Vec<TraceStep> {
    trace.into_iter().map(|step| step.in_language(language::present())).collect()
}

/// Which messages.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "read from the query by `list_messages`")]
struct MessageQuery {
    /// mbx_…
    mailbox_id: String,
    /// Only those in this state.
    state: Option<MessageState>,
    /// Only those whose record was made or changed at or after this time (`changed_at`).
    #[param(format = DateTime)]
    updated_since: Option<String>,
}

/// A mailbox's messages, newest first.
#[utoipa::path(get, path = "/messages", tag = "messages",
    params(MessageQuery, Paging), responses((status = 200, body = List<View>)))]
async fn list_messages(State(app): State<App>, _: Administrator, mut params: Params) -> ApiResult {
    if !params.has("mailbox_id") {
        params.refuse("mailbox_id", "field.required");
    }
    let mailbox_id = params.take::<MailboxId>("mailbox_id", "field.mailbox_id");
    let state = params.word::<MessageState>("state");
    let since = params.take::<Timestamp>("updated_since", "field.time");
    let page = params.page()?;
    let Some(mailbox_id) = mailbox_id else {
        return Err(intake::Error::internal("a message list without a mailbox").into());
    };
    let filter = MessageFilter { mailbox_id, state };
    answer::part!(page, page => messages::list(&app, &filter, since, &page).await, item => view(item))
}

/// One message.
#[utoipa::path(get, path = "/messages/{id}", tag = "messages",
    params(("id" = String, Path, description = "msg_…")), responses((status = 200, body = View)))]
async fn get_message(State(app): State<App>, _: Administrator, Id(id): Id<MessageId>) -> ApiResult {
    Ok(answer::versioned(Version::FIRST, &view(messages::get(&app, id).await?)))
}

/// The mail as it came, as a download. Noted in the audit trail.
#[utoipa::path(get, path = "/messages/{id}/raw", tag = "messages",
    params(("id" = String, Path, description = "msg_…")),
    responses((status = 200, content_type = "message/rfc822", body = Bytes),
        (status = 303, description = "Above 4 MB in the cloud: a link that works for five minutes.")))]
async fn get_raw_message(
    State(app): State<App>,
    Administrator(actor): Administrator,
    Id(id): Id<MessageId>,
) -> ApiResult<Response> {
    let (message, raw) = messages::raw(&app, &actor, id).await?;
    download(&app, &raw, message.size, &format!("{id}.eml"), "message/rfc822").await
}

request! {
    /// How a mail is worked on again.
    struct RedriveRequest {
        /// Reads its texts in this charset, for a mail that names a wrong one.
        #[schema(value_type = String)]
        charset: String,
    }
}

request! {
    /// Which mails are worked on again.
    struct RedriveManyRequest {
        /// mbx_…
        #[schema(value_type = String, required)]
        mailbox_id: String,
        /// Only those in this state; all by default.
        #[schema(value_type = MessageState)]
        state: String,
        /// Only those with this reason; all by default.
        #[schema(value_type = Reason)]
        reason: String,
        /// The `next_cursor` of the call before.
        #[schema(value_type = String)]
        cursor: String,
    }
}

/// What became of many.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Redriven)]
struct RedrivenView {
    /// Worked on again.
    redriven: u64,
    /// Of them, now in another state or with another reason.
    changed: u64,
    /// Only their header is kept.
    refused: u64,
    /// True: call again with `next_cursor`.
    more: bool,
    #[schema(required)]
    next_cursor: Option<String>,
}

/// Works on a mail again, with today's rules. What it became is replaced in place: text and files, not numbers, status
/// or what people changed. A mail that became nothing is decided on anew.
#[utoipa::path(post, path = "/messages/{id}/redrive", tag = "messages",
    params(("id" = String, Path, description = "msg_…")), request_body = RedriveRequest,
    responses((status = 200, body = View)))]
async fn redrive_message(
    State(app): State<App>,
    Administrator(actor): Administrator,
    Id(id): Id<MessageId>,
    body: Body<RedriveRequest>,
) -> ApiResult {
    let charset = body.value.charset.value();
    let message = messages::redrive(&app, &actor, id, charset.as_deref()).await?;
    Ok(answer::ok(&view(message)))
}

/// Lets a held mail through: nothing holds it any more, all other rules apply.
#[utoipa::path(post, path = "/messages/{id}/release", tag = "messages",
    params(("id" = String, Path, description = "msg_…")), responses((status = 200, body = View)))]
async fn release_message(
    State(app): State<App>,
    Administrator(actor): Administrator,
    Id(id): Id<MessageId>,
    _: Body<NoFields>,
) -> ApiResult {
    Ok(answer::ok(&view(messages::release(&app, &actor, id).await?)))
}

/// Dismisses a held mail: it becomes nothing (`skipped`, `dismissed`). The mail is kept, and can be worked on again.
#[utoipa::path(post, path = "/messages/{id}/dismiss", tag = "messages",
    params(("id" = String, Path, description = "msg_…")), responses((status = 200, body = View)))]
async fn dismiss_message(
    State(app): State<App>,
    Administrator(actor): Administrator,
    Id(id): Id<MessageId>,
    _: Body<NoFields>,
) -> ApiResult {
    Ok(answer::ok(&view(messages::dismiss(&app, &actor, id).await?)))
}

/// Works again on many mails of a mailbox, newest first, for at most 20 seconds.
#[utoipa::path(post, path = "/messages/redrive", tag = "messages",
    request_body = RedriveManyRequest, responses((status = 200, body = RedrivenView)))]
async fn redrive_messages(
    State(app): State<App>,
    Administrator(actor): Administrator,
    body: Body<RedriveManyRequest>,
) -> ApiResult {
    let RedriveManyRequest { mailbox_id, state, reason, cursor } = body.value;
    let mut errors = FieldErrors::default();
    let e = &mut errors;
    let mailbox_id = mailbox_id
        .required(e, "/mailbox_id", None, |text| text.parse::<MailboxId>().map_err(|_| "field.mailbox_id"));
    let state = state.optional(e, "/state", None, |text| text.parse::<MessageState>());
    let reason = reason.optional(e, "/reason", None, |text| text.parse::<Reason>());
    errors.finish()?;
    let mailbox_id = mailbox_id.ok_or_else(|| Error::internal("a redrive without a mailbox"))?;
    let filter = MessageFilter { mailbox_id, state };
    let (done, next) = messages::redrive_many(&app, &actor, &filter, reason, cursor.value(), TIME).await?;
    Ok(answer::ok(&RedrivenView {
        redriven: done.redriven,
        changed: done.changed,
        refused: done.refused,
        more: next.is_some(),
        next_cursor: next,
    }))
}
