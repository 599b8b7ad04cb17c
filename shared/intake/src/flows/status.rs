//! The state of everything in one look: what runs, what waits, and what a person should do.

use futures::{FutureExt, StreamExt, TryStreamExt, future::BoxFuture, stream};

use crate::{
    App, Error, Result, Timestamp,
    flows::{integrations, mailboxes, mailboxes::Shown},
    ports::MessageFilter,
    types::{
        Page, PageRequest,
        grant::{Grant, GrantStatus},
        integration::Integration,
        mailbox::MailboxStatus,
        message::MessageState,
    },
};

/// The most mailboxes, grants and integrations that are looked at.
const MAX: usize = 2_000;
/// The most stored messages counted per mailbox.
const MAX_COUNTED: u32 = 200;
/// How many mailboxes are counted at once.
const AT_ONCE: usize = 8;

/// Everything in one look.
#[derive(Debug, Clone)]
pub struct Status {
    /// All mailboxes, newest first.
    pub mailboxes: Vec<Shown>,
    /// All signed-in accounts, newest first.
    pub grants: Vec<Grant>,
    /// Mails that are stored and not decided yet. A minimum where a mailbox has more than 200.
    pub backlog: u64,
    /// When the oldest mail that has no final state was received.
    pub oldest_unprocessed_at: Option<Timestamp>,
    /// What a person should look at.
    pub warnings: Vec<Notice>,
}

/// Something that a person should look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Stable, `snake_case`.
    pub code: String,
    /// The identifier of what it is about; empty where it is about the installation.
    pub subject: String,
    /// What is wrong and what to do.
    pub message: String,
}

impl Notice {
    fn new(code: &str, subject: impl ToString, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), subject: subject.to_string(), message: message.into() }
    }
}

/// Looks at everything.
pub async fn status(app: &App) -> Result<Status> {
    let mailboxes = all(|page| async move { mailboxes::list(app, &page).await }.boxed()).await?;
    let grants = all(|page| async move { app.store.grants(None, &page).await }.boxed()).await?;
    let integrations = all(|page| async move { app.store.integrations(&page).await }.boxed()).await?;
    let grants: Vec<_> = grants.into_iter().filter(|grant| grant.status != GrantStatus::Pending).collect();
    let mut warnings = installation_warnings(app);
    warnings.extend(integrations.iter().flat_map(|integration| integration_warnings(app, integration)));
    warnings.extend(grants.iter().filter_map(grant_warning));
    warnings.extend(mailboxes.iter().filter_map(mailbox_warning));
    Ok(Status {
        backlog: backlog(app, &mailboxes).await?,
        oldest_unprocessed_at: mailboxes.iter().filter_map(|m| m.run.oldest_unprocessed_at).min(),
        mailboxes,
        grants,
        warnings,
    })
}

async fn all<'a, T>(list: impl Fn(PageRequest) -> BoxFuture<'a, Result<Page<T>>>) -> Result<Vec<T>> {
    let mut page = PageRequest::first(200);
    let mut all = Vec::new();
    loop {
        let Page { items, next } = list(page.clone()).await?;
        all.extend(items);
        match next {
            Some(next) if all.len() < MAX => page.cursor = Some(next),
            _ => return Ok(all),
        }
    }
}

/// Only mailboxes with an unprocessed mail are counted.
async fn backlog(app: &App, mailboxes: &[Shown]) -> Result<u64> {
    let behind: Vec<_> = mailboxes
        .iter()
        .filter(|shown| shown.run.oldest_unprocessed_at.is_some())
        .map(|shown| shown.mailbox.id)
        .collect();
    stream::iter(behind)
        .map(|mailbox_id| async move {
            let filter = MessageFilter { mailbox_id, state: Some(MessageState::Stored) };
            let page = app.store.messages(&filter, &PageRequest::first(MAX_COUNTED)).await?;
            Ok::<_, Error>(page.items.len() as u64)
        })
        .buffer_unordered(AT_ONCE)
        .try_fold(0, async |sum, count| Ok(sum + count))
        .await
}

fn installation_warnings(app: &App) -> Vec<Notice> {
    let mut warnings = Vec::new();
    if app.settings.addresses.allow_private {
        warnings.push(Notice::new(
            "private_network_allowed",
            "",
            "Connections to private networks are allowed. Switch that off where no server of yours needs it.",
        ));
    }
    warnings
}

fn integration_warnings(app: &App, integration: &Integration) -> Vec<Notice> {
    let mut warnings = Vec::new();
    let name = &integration.name;
    if integrations::is_stale(app, integration) {
        warnings.push(Notice::new(
            "redirect_url_stale",
            integration.id,
            format!("The redirect URL of {name} is out of date. Generate it again and register it at the provider."),
        ));
    }
    if let Some(end) = integrations::SecretEnd::of(app, integration) {
        let code = if end.step.is_some() { "client_secret_expires_soon" } else { "client_secret_expired" };
        warnings.push(Notice::new(code, integration.id, end.sentence(name)));
    }
    warnings
}

fn grant_warning(grant: &Grant) -> Option<Notice> {
    let who = grant.account.as_deref().unwrap_or("An account");
    let why = grant.last_error.as_ref().map(|e| format!(" {}", e.message)).unwrap_or_default();
    match grant.status {
        GrantStatus::NeedsConsent => {
            Some(Notice::new("grant_needs_consent", grant.id, format!("{who} has to sign in again.{why}")))
        }
        GrantStatus::Failing => Some(Notice::new(
            "grant_failing",
            grant.id,
            format!("The tokens of {who} could not be refreshed; it is tried again.{why}"),
        )),
        GrantStatus::Pending | GrantStatus::Active | GrantStatus::Revoked => None,
    }
}

fn mailbox_warning(shown: &Shown) -> Option<Notice> {
    let (id, name) = (shown.mailbox.id, &shown.mailbox.name);
    let why = shown.run.last_error.as_ref().map(|e| format!(" {} {}", e.message, e.action));
    let why = why.as_deref().map(str::trim_end).unwrap_or_default();
    match shown.status {
        MailboxStatus::NeedsConsent => Some(Notice::new(
            "mailbox_needs_consent",
            id,
            format!("{name} waits for somebody to sign in.{why}"),
        )),
        MailboxStatus::NeedsAttention => {
            Some(Notice::new("mailbox_needs_attention", id, format!("{name} cannot be read.{why}")))
        }
        MailboxStatus::Failing => Some(Notice::new(
            "mailbox_failing",
            id,
            format!("{name} could not be read; it is tried again.{why}"),
        )),
        _ => None,
    }
}
