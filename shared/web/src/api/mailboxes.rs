//! Mailboxes.

mod input;

use std::time::Duration;

use axum::extract::State;
use intake::{
    App,
    flows::mailboxes::{self, Shown},
    types::{
        ids::MailboxId,
        mailbox::{MailAuth, Mailbox, Run, Start},
        policy::{RateLimits, SenderPolicy},
    },
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    after_import::{AfterImportView, ErrandsView},
    handlers::{HandlerView, Handlers, RateLimitsView, SenderPolicyView},
    last_error::ErrorView,
    watch::WatchView,
};
use crate::{
    Web,
    answer::{self, List, Time},
    auth::Administrator,
    error::ApiResult,
    extract::{Body, Id, IdempotencyKey, IfMatch, IfMatchHeader, Paging, Params},
};

pub(super) use input::{AuthRequest, MailboxPatch, MailboxRequest};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(list_mailboxes, create_mailbox)).routes(routes!(
        get_mailbox,
        patch_mailbox,
        delete_mailbox
    ))
}

/// A mailbox: an incoming mail server account and folder that is polled.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Mailbox)]
pub(super) struct View {
    id: String,
    name: String,
    /// `imap` or `pop3`.
    protocol: &'static str,
    host: String,
    port: u16,
    /// `implicit`, `starttls` or `none`.
    tls: &'static str,
    folder: String,
    auth: AuthView,
    poll_interval_seconds: u32,
    start: StartView,
    project: String,
    after_import: AfterImportView,
    /// What its mails become.
    #[schema(value_type = Vec<HandlerView>)]
    handlers: Handlers,
    #[schema(value_type = SenderPolicyView)]
    sender_policy: SenderPolicy,
    #[schema(value_type = RateLimitsView)]
    rate_limits: RateLimits,
    enabled: bool,
    state: StateView,
    created_at: Time,
    updated_at: Time,
}

/// How it signs in; the password never leaves.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MailboxAuth)]
struct AuthView {
    /// `oauth2` or `password`.
    method: &'static str,
    #[schema(required)]
    integration_id: Option<String>,
    /// Null while it waits for consent.
    #[schema(required)]
    grant_id: Option<String>,
    /// The mailbox that is opened: typed, or the grant's account.
    #[schema(required)]
    username: Option<String>,
}

/// What the first poll imports.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MailboxStart)]
struct StartView {
    /// `new_only`, `all` or `since`.
    mode: &'static str,
    #[schema(required)]
    since: Option<Time>,
}

/// How the last polls went.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MailboxState)]
struct StateView {
    /// `new`, `ok`, `importing`, `failing`, `needs_consent`, `needs_attention`, `paused` or `deleting`.
    status: &'static str,
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

fn state(run: Run, status: &'static str, age: Option<Duration>) -> StateView {
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

fn auth(mailbox: &Mailbox, username: Option<String>) -> AuthView {
    AuthView {
        method: match mailbox.auth {
            MailAuth::OAuth2 { .. } => "oauth2",
            MailAuth::Password { .. } => "password",
        },
        integration_id: mailbox.integration_id().map(|id| id.to_string()),
        grant_id: mailbox.grant_id().map(|id| id.to_string()),
        username,
    }
}

pub(super) fn view(shown: Shown) -> View {
    let Shown { mailbox: m, run, username, status, oldest_unprocessed_age } = shown;
    let since = match m.start {
        Start::Since { since } => Some(Time(since)),
        Start::NewOnly | Start::All => None,
    };
    View {
        id: m.id.to_string(),
        auth: auth(&m, username),
        name: m.name.to_string(),
        protocol: m.server.protocol.as_str(),
        host: m.server.host.to_string(),
        port: m.server.port,
        tls: m.server.tls.as_str(),
        folder: m.folder,
        poll_interval_seconds: m.poll_interval_seconds,
        start: StartView { mode: m.start.mode().as_str(), since },
        project: m.project.to_string(),
        after_import: AfterImportView::from(m.after_import),
        handlers: m.handlers,
        sender_policy: m.sender_policy,
        rate_limits: m.rate_limits,
        enabled: m.enabled,
        state: state(run, status.as_str(), oldest_unprocessed_age),
        created_at: Time(m.created_at),
        updated_at: Time(m.updated_at),
    }
}

/// Creates a mailbox. With `integration_id` it waits for an authorization with its `mailbox_id`.
#[utoipa::path(post, path = "/mailboxes", tag = "mailboxes",
    params(IdempotencyKey), request_body = MailboxRequest, responses((status = 201, body = View)))]
async fn create_mailbox(
    State(app): State<App>,
    Administrator(actor): Administrator,
    body: Body<MailboxRequest>,
) -> ApiResult {
    let once = body.once(&app, &actor)?;
    let shown = mailboxes::create(&app, &actor, body.value.into(), once.as_ref()).await?;
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
    let shown = mailboxes::patch(&app, &actor, id, &expect, body.value.into()).await?;
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
