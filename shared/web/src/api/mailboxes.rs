//! Mailboxes.

use std::time::Duration;

use axum::extract::State;
use intake::{
    App,
    flows::mailboxes::{self, MailboxInput, MailboxTold, Shown},
    types::{
        ids::MailboxId,
        mailbox::{MailboxStatus, Run},
    },
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{after_import::ErrandsView, calls::calls, last_error::ErrorView, watch::WatchView};
use crate::{
    answer::{self, List, Time},
    auth::Administrator,
    error::ApiResult,
    extract::{Body, Id, IdempotencyKey, IfMatch, IfMatchHeader, Paging, Params, Patch},
};

calls!(list_mailboxes, create_mailbox, get_mailbox, patch_mailbox, delete_mailbox);

/// A mailbox: an incoming mail server account and folder that is polled.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Mailbox)]
struct View {
    id: String,
    #[serde(flatten)]
    told: MailboxTold,
    state: StateView,
    created_at: Time,
    updated_at: Time,
}

/// How the last polls went.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MailboxState)]
struct StateView {
    status: MailboxStatus,
    #[schema(required)]
    last_poll_at: Option<Time>,
    #[schema(required)]
    last_success_at: Option<Time>,
    #[schema(required)]
    last_error: Option<ErrorView>,
    /// RFC 3501 section 2.3.1.1; null for POP3.
    #[schema(required)]
    uid_validity: Option<u64>,
    /// Everything up to this UID has a record; null for POP3.
    #[schema(required)]
    last_uid: Option<u32>,
    #[schema(required)]
    oldest_unprocessed_at: Option<Time>,
    /// For how many seconds that mail waits.
    #[schema(required)]
    oldest_unprocessed_age_seconds: Option<u64>,
    /// Polls that failed since the last good one.
    consecutive_failures: u32,
    /// The mail server asked to be left alone until then.
    #[schema(required)]
    throttled_until: Option<Time>,
    after_import: ErrandsView,
    /// The daily look at what the server holds, by other commands than imports use; null where none was due yet.
    #[schema(required)]
    watch: Option<WatchView>,
}

fn state(run: Run, status: MailboxStatus, age: Option<Duration>) -> StateView {
    let cursor = run.cursor.filter(|cursor| cursor.maildrop.is_none());
    StateView {
        status,
        oldest_unprocessed_age_seconds: age.map(|age| age.as_secs()),
        consecutive_failures: run.consecutive_failures,
        throttled_until: run.throttled_until.map(Time),
        last_poll_at: run.last_poll_at.map(Time),
        last_success_at: run.last_success_at.map(Time),
        last_error: run.last_error.map(ErrorView::from),
        uid_validity: cursor.map(|cursor| cursor.uid_validity),
        last_uid: cursor.map(|cursor| cursor.next_uid.saturating_sub(1)),
        oldest_unprocessed_at: run.oldest_unprocessed_at.map(Time),
        after_import: ErrandsView::from(run.errands),
        watch: run.watch.map(WatchView::from),
    }
}

fn view(shown: Shown) -> View {
    let told = shown.told();
    let Shown { mailbox, run, status, oldest_unprocessed_age, .. } = shown;
    View {
        id: mailbox.id.to_string(),
        told,
        state: state(run, status, oldest_unprocessed_age),
        created_at: Time(mailbox.created_at),
        updated_at: Time(mailbox.updated_at),
    }
}

type MailboxPatch = Patch<MailboxInput>;

/// Creates a mailbox. With `integration_id` it waits for an authorization with its `mailbox_id`.
#[utoipa::path(post, path = "/mailboxes", tag = "mailboxes",
    params(IdempotencyKey), request_body = MailboxInput, responses((status = 201, body = View)))]
async fn create_mailbox(
    State(app): State<App>,
    Administrator(actor): Administrator,
    body: Body<MailboxInput>,
) -> ApiResult {
    let once = body.once(&app, &actor)?;
    let shown = mailboxes::create(&app, &actor, body.value, once.as_ref()).await?;
    let (path, version) = (format!("/api/v1/mailboxes/{}", shown.mailbox.id), shown.mailbox.version);
    Ok(answer::created(&path, version, &view(shown)))
}

/// All mailboxes, newest first.
#[utoipa::path(get, path = "/mailboxes", tag = "mailboxes",
    params(Paging), responses((status = 200, body = List<View>)))]
async fn list_mailboxes(State(app): State<App>, _: Administrator, params: Params) -> ApiResult {
    answer::part!(params.page()?, page => mailboxes::list(&app, &page).await, item => view(item))
}

/// One mailbox.
#[utoipa::path(get, path = "/mailboxes/{id}", tag = "mailboxes",
    params(("id" = String, Path, description = "mbx_…")), responses((status = 200, body = View)))]
async fn get_mailbox(State(app): State<App>, _: Administrator, Id(id): Id<MailboxId>) -> ApiResult {
    let shown = mailboxes::get(&app, id).await?;
    Ok(answer::versioned(shown.mailbox.version, &view(shown)))
}

/// Changes a mailbox. Going from a password to OAuth 2.0 keeps cursor and history; another protocol, host, folder or
/// user name begins a new epoch.
#[utoipa::path(patch, path = "/mailboxes/{id}", tag = "mailboxes",
    params(("id" = String, Path, description = "mbx_…"), IfMatchHeader),
    request_body = MailboxPatch, responses((status = 200, body = View)))]
async fn patch_mailbox(
    State(app): State<App>,
    Administrator(actor): Administrator,
    Id(id): Id<MailboxId>,
    IfMatch(expect): IfMatch,
    body: Body<MailboxPatch>,
) -> ApiResult {
    let shown = mailboxes::patch(&app, &actor, id, &expect, body.value.0).await?;
    Ok(answer::versioned(shown.mailbox.version, &view(shown)))
}

/// A mailbox that is going.
#[derive(Debug, Serialize, ToSchema)]
struct Deleting {
    id: String,
    /// `deleting`.
    status: &'static str,
}

/// Deletes a mailbox: it is not polled any more, a running poll ends, its messages and raw mails are purged in steps.
/// Issues stay.
#[utoipa::path(delete, path = "/mailboxes/{id}", tag = "mailboxes",
    params(("id" = String, Path, description = "mbx_…"), IfMatchHeader), responses((status = 202, body = Deleting)))]
async fn delete_mailbox(
    State(app): State<App>,
    Administrator(actor): Administrator,
    Id(id): Id<MailboxId>,
    IfMatch(expect): IfMatch,
) -> ApiResult {
    mailboxes::delete(&app, &actor, id, &expect).await?;
    Ok(answer::accepted(&Deleting { id: id.to_string(), status: "deleting" }))
}
