//! Mailboxes.

use std::time::Duration;

use axum::extract::State;
use intake::{
    App,
    flows::mailboxes::{self, AuthInput, MailboxInput, Shown},
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
    after_import::{AfterImportRequest, AfterImportView, ErrandsView},
    handlers::{HandlerView, Handlers, Limits, Policy, RateLimitsView, SenderPolicyView},
    last_error::ErrorView,
    start::StartRequest,
    watch::WatchView,
};
use crate::{
    Web,
    answer::{self, List, Time},
    auth::Administrator,
    error::ApiResult,
    extract::{Body, Id, IdempotencyKey, IfMatch, IfMatchHeader, Paging, Params, Secret, request},
};

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
    let (mode, since) = match m.start {
        Start::NewOnly => ("new_only", None),
        Start::All => ("all", None),
        Start::Since { since } => ("since", Some(Time(since))),
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
        start: StartView { mode, since },
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

request! {
    /// How a mailbox signs in: `{method: "oauth2", grant_id | integration_id, username?}` or
    /// `{method: "password", username, password}`.
    struct AuthRequest {
        /// `oauth2` or `password`.
        #[schema(value_type = String, required)]
        method: String,
        /// A signed-in account, or …
        #[schema(value_type = String)]
        grant_id: String,
        /// … an integration under which an account is going to sign in.
        #[schema(value_type = String)]
        integration_id: String,
        /// The grant's account by default; the login name with a password.
        #[schema(value_type = String)]
        username: String,
        #[schema(value_type = String, format = Password)]
        password: Secret,
    }
}

request! {
    /// What makes a mailbox. In a PATCH absent fields stay.
    struct MailboxRequest {
        /// 1 to 100 characters; unique without regard to case and width.
        #[schema(value_type = String, required)]
        name: String,
        /// `imap`.
        #[schema(value_type = String, required)]
        protocol: String,
        /// Google's and Microsoft's accounts: the provider's own mail hosts only.
        #[schema(value_type = String, required)]
        host: String,
        /// 1 to 65535.
        #[schema(value_type = i64, required)]
        port: i64,
        /// `implicit`, `starttls`, or `none` to a private address where private networks are allowed.
        #[schema(value_type = String, required)]
        tls: String,
        /// `INBOX` by default.
        #[schema(value_type = String)]
        folder: String,
        #[schema(value_type = AuthRequest, required)]
        auth: AuthRequest,
        /// 60 (default) to 86400.
        #[schema(value_type = i64)]
        poll_interval_seconds: i64,
        #[schema(value_type = StartRequest)]
        start: StartRequest,
        /// A project's key.
        #[schema(value_type = String, required)]
        project: String,
        /// Nothing by default.
        #[schema(value_type = AfterImportRequest)]
        after_import: AfterImportRequest,
        /// The whole list, from top to bottom; none by default.
        #[schema(value_type = Vec<HandlerView>)]
        handlers: Handlers,
        /// What is done about senders that may be forged.
        #[schema(value_type = SenderPolicyView)]
        sender_policy: Policy,
        /// 1 to 1000 each; what comes above is held. Not for a first import, a backfill, an import or a redrive.
        #[schema(value_type = RateLimitsView)]
        rate_limits: Limits,
        /// True by default.
        #[schema(value_type = bool)]
        enabled: bool,
    }
}

request! {
    /// What changes a mailbox: absent fields stay.
    struct MailboxPatch {
        #[schema(value_type = String)]
        name: String,
        #[schema(value_type = String)]
        protocol: String,
        #[schema(value_type = String)]
        host: String,
        #[schema(value_type = i64)]
        port: i64,
        #[schema(value_type = String)]
        tls: String,
        #[schema(value_type = String)]
        folder: String,
        /// Merged with what is there while the method stays. A changed protocol, host, port or tls needs the password
        /// again.
        #[schema(value_type = AuthRequest)]
        auth: AuthRequest,
        #[schema(value_type = i64)]
        poll_interval_seconds: i64,
        #[schema(value_type = StartRequest)]
        start: StartRequest,
        #[schema(value_type = String)]
        project: String,
        #[schema(value_type = AfterImportRequest)]
        after_import: AfterImportRequest,
        #[schema(value_type = Vec<HandlerView>)]
        handlers: Handlers,
        #[schema(value_type = SenderPolicyView)]
        sender_policy: Policy,
        #[schema(value_type = RateLimitsView)]
        rate_limits: Limits,
        #[schema(value_type = bool)]
        enabled: bool,
    }
}

impl From<AuthRequest> for AuthInput {
    fn from(auth: AuthRequest) -> Self {
        Self {
            method: auth.method,
            grant_id: auth.grant_id,
            integration_id: auth.integration_id,
            username: auth.username,
            password: auth.password.map(|secret| secret.0),
        }
    }
}

impl From<MailboxRequest> for MailboxInput {
    fn from(new: MailboxRequest) -> Self {
        Self {
            name: new.name,
            protocol: new.protocol,
            host: new.host,
            port: new.port,
            tls: new.tls,
            folder: new.folder,
            auth: new.auth.map(AuthInput::from),
            poll_interval_seconds: new.poll_interval_seconds,
            start: new.start.map(StartRequest::into),
            project: new.project,
            after_import: new.after_import.map(AfterImportRequest::into),
            handlers: new.handlers,
            sender_policy: new.sender_policy,
            rate_limits: new.rate_limits,
            enabled: new.enabled,
        }
    }
}

impl From<MailboxPatch> for MailboxInput {
    fn from(patch: MailboxPatch) -> Self {
        MailboxRequest {
            name: patch.name,
            protocol: patch.protocol,
            host: patch.host,
            port: patch.port,
            tls: patch.tls,
            folder: patch.folder,
            auth: patch.auth,
            poll_interval_seconds: patch.poll_interval_seconds,
            start: patch.start,
            project: patch.project,
            after_import: patch.after_import,
            handlers: patch.handlers,
            sender_policy: patch.sender_policy,
            rate_limits: patch.rate_limits,
            enabled: patch.enabled,
        }
        .into()
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
