//! Mailboxes: create, list, read, change, delete.

mod after;
mod auth;
mod counts;
mod delete;
mod folder;
mod input;
mod rules;
mod save;
mod told;

use std::{collections::BTreeMap, time::Duration};

use futures::{StreamExt, TryStreamExt, stream};

pub use after::AfterImportInput;
pub use auth::AuthInput;
pub use counts::{Counts, counts, waiting_errands};
pub use delete::{delete, sweep};
pub(in crate::flows) use input::check_handlers;
pub use input::{MailboxInput, StartInput};
pub(in crate::flows) use save::is_another_user;
pub use save::{create, patch};
pub use told::MailboxTold;

use crate::{
    App, Error, Result, explain,
    types::{
        Page, PageRequest,
        ids::{GrantId, MailboxId},
        integration::Provider,
        mailbox::{AuthMethod, MailAuth, Mailbox, MailboxStatus, Run},
    },
};

/// How many runs of a list are read at once.
const AT_ONCE: usize = 16;

/// A mailbox as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its configuration.
    pub mailbox: Mailbox,
    /// Its moving half.
    pub run: Run,
    /// Whose mailbox is opened: typed, or the grant's account. None where that is not known.
    pub username: Option<String>,
    /// What people are told.
    pub status: MailboxStatus,
    /// For how long the oldest mail without a final state waits.
    pub oldest_unprocessed_age: Option<Duration>,
}

/// One mailbox.
pub async fn get(app: &App, id: MailboxId) -> Result<Shown> {
    let found = app.store.mailbox_and_run(id).await?;
    let (mailbox, run) = found.ok_or_else(|| Error::not_found("mailbox"))?;
    show(app, mailbox, run).await
}

/// All mailboxes, newest first.
pub async fn list(app: &App, page: &PageRequest) -> Result<Page<Shown>> {
    let Page { items, next } = app.store.mailboxes(page).await?;
    let accounts = accounts(app, items.iter().filter_map(Mailbox::grant_id)).await?;
    let items: Vec<Option<(Mailbox, Run)>> = stream::iter(items)
        .map(|mailbox| async move {
            let run = app.store.run(mailbox.id).await?;
            Ok::<_, Error>(run.map(|run| (mailbox, run)))
        })
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    // One that was deleted since the list was made is left out.
    let items =
        items.into_iter().flatten().map(|(mailbox, run)| shown(app, mailbox, run, &accounts)).collect();
    Ok(Page { items, next })
}

async fn show(app: &App, mailbox: Mailbox, run: Run) -> Result<Shown> {
    let accounts = accounts(app, mailbox.grant_id()).await?;
    Ok(shown(app, mailbox, run, &accounts))
}

/// The accounts of these grants; many mailboxes may share one.
async fn accounts(
    app: &App,
    ids: impl IntoIterator<Item = GrantId>,
) -> Result<BTreeMap<GrantId, Option<String>>> {
    let mut accounts: BTreeMap<GrantId, Option<String>> = ids.into_iter().map(|id| (id, None)).collect();
    for (id, account) in &mut accounts {
        *account = app.store.grant(*id).await?.and_then(|grant| grant.account);
    }
    Ok(accounts)
}

/// Whose mailbox is opened, where that is known.
pub(in crate::flows) async fn username(app: &App, mailbox: &Mailbox) -> Result<Option<String>> {
    let accounts = accounts(app, mailbox.grant_id()).await?;
    Ok(username_of(mailbox, &accounts))
}

fn username_of(mailbox: &Mailbox, accounts: &BTreeMap<GrantId, Option<String>>) -> Option<String> {
    match &mailbox.auth {
        MailAuth::Password { username, .. } => Some(username.clone()),
        MailAuth::OAuth2 { username: Some(username), .. } => Some(username.clone()),
        MailAuth::OAuth2 { grant_id, .. } => grant_id.and_then(|id| accounts.get(&id).cloned().flatten()),
    }
}

fn shown(app: &App, mailbox: Mailbox, mut run: Run, accounts: &BTreeMap<GrantId, Option<String>>) -> Shown {
    let username = username_of(&mailbox, accounts);
    // What could not be written is told from memory: a disk that is full does not take that either.
    if let Some(fault) = app.disk.fault() {
        run.status = MailboxStatus::Failing;
        run.last_error = Some(fault.problem());
    }
    let status = status(&mailbox, &run);
    let waits = |since| Duration::try_from(app.now().duration_since(since)).unwrap_or(Duration::ZERO);
    let oldest_unprocessed_age = run.oldest_unprocessed_at.map(waits);
    Shown { mailbox, run, username, status, oldest_unprocessed_age }
}

/// The provider that wants OAuth 2.0 and gets a password: those of Google and Microsoft go, or are gone.
pub fn outdated_password(mailbox: &Mailbox) -> Option<Provider> {
    let signs_in_by_password = mailbox.auth.method() == AuthMethod::Password;
    explain::provider_of(&mailbox.server.host).filter(|_| signs_in_by_password)
}

/// Configuration goes before what the last poll found.
pub fn status(mailbox: &Mailbox, run: &Run) -> MailboxStatus {
    match &mailbox.auth {
        _ if mailbox.deleting => MailboxStatus::Deleting,
        _ if !mailbox.enabled => MailboxStatus::Paused,
        MailAuth::OAuth2 { grant_id: None, .. } => MailboxStatus::NeedsConsent,
        _ => run.status,
    }
}
