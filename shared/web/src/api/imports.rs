//! Before and after an import: what it would bring, what is missing, and what is fetched later.

use std::time::Duration;

use axum::extract::State;
use intake::{
    App, Timestamp,
    error::FieldErrors,
    flows::{
        mailboxes::StartInput,
        survey::{self, Preview, Reconciliation},
    },
    ports::Listed,
    request,
    types::ids::MailboxId,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{calls::calls, probes::PollView};
use crate::{
    answer::{self, Time},
    auth::Administrator,
    error::ApiResult,
    extract::{Body, Id},
};

/// The longest that each of these calls takes; what is left follows with the next.
const TIME: Duration = Duration::from_secs(20);

calls!(preview_mailbox, reconcile_mailbox, backfill_mailbox);

request! {
    /// What a preview is asked with.
    struct PreviewRequest {
        /// Another start than the mailbox's.
        #[schema(value_type = StartInput)]
        start: StartInput,
    }
}

request! {
    /// What a reconciliation is asked with.
    struct ReconcileRequest {
        /// True: also import what is missing. False by default.
        #[schema(value_type = bool)]
        import: bool,
    }
}

request! {
    /// Which mails are imported later.
    struct BackfillRequest {
        /// Received at or after this time, by the server's date.
        #[schema(value_type = String, format = DateTime, required)]
        since: String,
        /// And before this one; open by default.
        #[schema(value_type = String, format = DateTime)]
        before: String,
    }
}

/// What a first import would bring.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Preview)]
struct PreviewView {
    /// How many mails.
    count: u64,
    /// Their size, as the server announces it.
    bytes: u64,
    #[schema(required)]
    oldest_received_at: Option<Time>,
    #[schema(required)]
    newest_received_at: Option<Time>,
    /// How many mails the folder holds.
    folder_count: u64,
    /// False: the time was over before all were counted.
    complete: bool,
}

impl From<Preview> for PreviewView {
    fn from(preview: Preview) -> Self {
        Self {
            count: preview.count,
            bytes: preview.bytes,
            oldest_received_at: preview.oldest_received_at.map(Time),
            newest_received_at: preview.newest_received_at.map(Time),
            folder_count: preview.folder_count,
            complete: preview.complete,
        }
    }
}

/// The server's list against our records: `on_server` is the sum of `recorded`, `not_imported` and `missing`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Reconciliation)]
struct ReconciliationView {
    /// Mails that the folder shows.
    on_server: u64,
    /// Mails that the server counts and does not show.
    not_listed: u64,
    /// Those that have a record.
    recorded: u64,
    /// Those without one that the mailbox's start leaves out; a backfill imports them.
    not_imported: u64,
    /// Those without one that should have it, or get it with the next poll.
    missing: u64,
    /// Up to a hundred of the missing.
    missing_ids: Vec<MissingView>,
    /// Records whose mails are not in the folder any more, also because of the mailbox's own `after_import`.
    gone: u64,
    /// False: the time was over before all were compared.
    complete: bool,
    /// With `import`: what that did. Call again while `more` is true.
    #[schema(required)]
    imported: Option<PollView>,
}

/// A mail that has no record.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MissingMail)]
struct MissingView {
    /// `imap:0000000042`, or `pop3:…`
    server_id: String,
    /// By the server's date.
    received_at: Time,
    /// In bytes, as the server announces it.
    size: u64,
}

impl From<Listed> for MissingView {
    fn from(mail: Listed) -> Self {
        Self { server_id: mail.server_id.to_string(), received_at: Time(mail.received()), size: mail.size }
    }
}

impl From<Reconciliation> for ReconciliationView {
    fn from(found: Reconciliation) -> Self {
        Self {
            on_server: found.on_server,
            not_listed: found.not_listed,
            recorded: found.recorded,
            not_imported: found.not_imported,
            missing: found.missing,
            missing_ids: found.missing_mails.into_iter().map(MissingView::from).collect(),
            gone: found.gone,
            complete: found.complete,
            imported: found.imported.map(PollView::from),
        }
    }
}

/// Counts what a first import would bring, with this start or the mailbox's own; for at most 20 seconds. Changes nothing.
#[utoipa::path(post, path = "/mailboxes/{id}/preview", tag = "mailboxes",
    params(("id" = String, Path, description = "mbx_…")), request_body = PreviewRequest,
    responses((status = 200, body = PreviewView)))]
async fn preview_mailbox(
    State(app): State<App>,
    _: Administrator,
    Id(id): Id<MailboxId>,
    body: Body<PreviewRequest>,
) -> ApiResult {
    let start = body.value.start.value();
    Ok(answer::ok(&PreviewView::from(survey::preview(&app, id, start, TIME).await?)))
}

/// Compares the server's list with the records, and imports what is missing where that is wanted.
#[utoipa::path(post, path = "/mailboxes/{id}/reconcile", tag = "mailboxes",
    params(("id" = String, Path, description = "mbx_…")), request_body = ReconcileRequest,
    responses((status = 200, body = ReconciliationView)))]
async fn reconcile_mailbox(
    State(app): State<App>,
    Administrator(actor): Administrator,
    Id(id): Id<MailboxId>,
    body: Body<ReconcileRequest>,
) -> ApiResult {
    let import = body.value.import.value().unwrap_or(false);
    let found = survey::reconcile(&app, &actor, id, import, TIME).await?;
    Ok(answer::ok(&ReconciliationView::from(found)))
}

/// Imports the mails of a span of time that have no record, also those that the mailbox's start left out. For at most 20
/// seconds: then `more` is true, and the same call goes on.
#[utoipa::path(post, path = "/mailboxes/{id}/backfill", tag = "mailboxes",
    params(("id" = String, Path, description = "mbx_…")), request_body = BackfillRequest,
    responses((status = 200, body = PollView)))]
async fn backfill_mailbox(
    State(app): State<App>,
    Administrator(actor): Administrator,
    Id(id): Id<MailboxId>,
    body: Body<BackfillRequest>,
) -> ApiResult {
    let BackfillRequest { since, before } = body.value;
    let mut errors = FieldErrors::default();
    let time = |text: String| text.parse::<Timestamp>().map_err(|_| "field.time");
    let since: Option<Timestamp> = since.required(&mut errors, "/since", None, time);
    let before = before.optional(&mut errors, "/before", None, time);
    errors.finish()?;
    let since = since.ok_or_else(|| intake::Error::internal("a backfill without a time"))?;
    let report = survey::backfill(&app, &actor, id, survey::span(since, before)?, TIME).await?;
    Ok(answer::ok(&PollView::from(report)))
}
