//! Messages: what became of each mail, and the mails themselves.

use axum::{extract::State, response::Response, routing::any};
use intake::{
    App,
    flows::messages,
    ports::MessageFilter,
    types::{
        Version,
        ids::{MailboxId, MessageId},
        message::{Message, MessageState, Reason},
    },
};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{after_import::ErrandView, files::download};
use crate::{
    Web,
    answer::{self, Bytes, List, Time},
    auth::Administrator,
    error::{ApiError, ApiResult},
    extract::{Id, Paging, Params},
};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list_messages))
        .routes(routes!(get_message))
        .routes(routes!(get_raw_message))
        // Not a message's id, and not a call yet.
        .route("/messages/redrive", any(async || ApiError::no_such_path()))
}

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
    /// `stored`, `applied`, `skipped`, `held` or `failed`.
    #[schema(value_type = String)]
    state: MessageState,
    /// Why, as a stable word.
    #[schema(value_type = String)]
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
    /// What was decided, and from what.
    trace: Vec<TraceStepView>,
    /// What is done to it on the server; null: nothing.
    #[schema(required)]
    after_import: Option<ErrandView>,
}

/// One step of what was decided.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TraceStep)]
struct TraceStepView {
    step: String,
    detail: String,
}

fn view(message: Message) -> View {
    View {
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
        trace: message
            .trace
            .into_iter()
            .map(|step| TraceStepView { step: step.step, detail: step.detail })
            .collect(),
        after_import: message.after_import.map(ErrandView::from),
    }
}

/// Which messages.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "read from the query by `list_messages`")]
struct MessageQuery {
    /// mbx_…
    mailbox_id: String,
    /// `stored`, `applied`, `skipped`, `held` or `failed`.
    state: Option<String>,
}

const STATES: [(&str, MessageState); 5] = [
    ("stored", MessageState::Stored),
    ("applied", MessageState::Applied),
    ("skipped", MessageState::Skipped),
    ("held", MessageState::Held),
    ("failed", MessageState::Failed),
];

/// A mailbox's messages, newest first.
#[utoipa::path(get, path = "/messages", tag = "messages",
    params(MessageQuery, Paging), responses((status = 200, body = List<View>)))]
async fn list_messages(State(app): State<App>, _: Administrator, mut params: Params) -> ApiResult {
    if !params.has("mailbox_id") {
        params.refuse("mailbox_id", "is required");
    }
    let mailbox_id = params.take::<MailboxId>("mailbox_id", "a mailbox's id, such as mbx_…");
    let state = params.word("state", &STATES);
    let page = params.page()?;
    let Some(mailbox_id) = mailbox_id else {
        return Err(intake::Error::internal("a message list without a mailbox").into());
    };
    let page = messages::list(&app, &MessageFilter { mailbox_id, state }, &page).await?;
    Ok(answer::ok(&List::of(page, view)))
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
