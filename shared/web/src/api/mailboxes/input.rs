//! What people send of a mailbox.

use intake::flows::mailboxes::{AuthInput, MailboxInput};

use crate::{
    api::{
        after_import::AfterImportRequest,
        handlers::{HandlerView, Handlers, Limits, Policy, RateLimitsView, SenderPolicyView},
        start::StartRequest,
    },
    extract::{Secret, request},
};

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
