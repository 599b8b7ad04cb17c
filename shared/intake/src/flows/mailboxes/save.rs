//! Creating and changing mailboxes.

use super::{Shown, auth::Resolved, get, input, input::MailboxInput, told::MailboxTold};
use crate::{
    App, Error, Result,
    flows::{
        change::{Committed, Deed, Diff, Expect, Once, made_before},
        secrets::{self, Stored},
    },
    ports::{Change, RunChange, Write},
    types::{
        audit::Actor,
        ids::MailboxId,
        mailbox::{AuthMethod, MailAuth, Mailbox, MailboxStatus, Run},
        secret::SecretName,
    },
};

/// Makes a mailbox. A password goes to the vault first, under a version that nothing names yet.
pub async fn create(app: &App, actor: &Actor, input: MailboxInput, once: Option<&Once>) -> Result<Shown> {
    if let Some(object) = made_before(app, once).await? {
        return by_text(app, &object).await;
    }
    let (mailbox, Resolved { password, .. }) = input::check(app, input, None).await?;
    let stored = put_password(app, &mailbox, password.as_ref()).await?;
    let committed = Deed::new(app, actor, "mailbox.created", mailbox.id)
        .tells(Diff::of(None, &told(&mailbox)).secret("password", false, password.is_some()))
        .change(Change::Mailbox(Write::Create(mailbox.clone())))
        .once(once)
        .commit()
        .await
        .map_err(Error::from);
    match (&committed, stored) {
        (Ok(Committed::Before(_)), Some(stored)) => stored.refused().await,
        (committed, Some(stored)) => stored.settle(committed, None).await,
        (_, None) => {}
    }
    match committed? {
        Committed::Now => {
            let run = Run::new(mailbox.id);
            super::show(app, mailbox, run).await
        }
        Committed::Before(object) => by_text(app, &object).await,
    }
}

async fn by_text(app: &App, id: &str) -> Result<Shown> {
    get(app, id.parse().map_err(|_| Error::not_found("mailbox"))?).await
}

async fn put_password<'a>(
    app: &'a App,
    mailbox: &Mailbox,
    password: Option<&secrecy::SecretString>,
) -> Result<Option<Stored<'a>>> {
    match (&mailbox.auth, password) {
        (MailAuth::Password { secret_version, .. }, Some(password)) => {
            secrets::store(app, SecretName::Mailbox(mailbox.id), secret_version, password).await.map(Some)
        }
        _ => Ok(None),
    }
}

/// Changes what is given. Going from a password to OAuth 2.0 keeps cursor and history.
pub async fn patch(
    app: &App,
    actor: &Actor,
    id: MailboxId,
    expect: &Expect,
    input: MailboxInput,
) -> Result<Shown> {
    let Shown { mailbox: old, run, username: old_username, .. } = get(app, id).await?;
    expect.check(old.version)?;
    if old.deleting {
        return Err(Error::told(crate::Kind::Conflict, "being_deleted"));
    }
    let (mut new, Resolved { password, username, .. }) = input::check(app, input, Some(&old)).await?;
    let before = old_username.or_else(|| old.known_as.clone());
    // On another server it is another mailbox, and nobody's yet.
    let stays = new.server.host == old.server.host;
    let waits = matches!(new.auth, MailAuth::OAuth2 { grant_id: None, .. });
    new.known_as = username.clone().or_else(|| before.clone().filter(|_| stays)).filter(|_| waits);
    if password.is_none()
        && (Mailbox { version: old.version, updated_at: old.updated_at, ..new.clone() }) == old
    {
        return get(app, id).await;
    }
    let stored = put_password(app, &new, password.as_ref()).await?;
    let another = is_another(&old, &new, before.as_deref(), username.as_deref());
    let touched = old.server != new.server || old.auth != new.auth || old.folder != new.folder;
    let had_password = old.auth.method() == AuthMethod::Password;
    let diff = Diff::of(Some(&told(&old)), &told(&new));
    let mut deed = Deed::new(app, actor, "mailbox.changed", id)
        .tells(diff.secret("password", had_password, password.is_some()))
        .change(Change::Mailbox(Write::Replace { new: new.clone(), old: old.clone() }));
    if another || touched || (new.enabled && !old.enabled) {
        deed = deed.change(Change::Run(start_again(app, &run, &new, another)));
    } else if old.after_import != new.after_import {
        // What kept the errands waiting may be mended by this.
        deed = deed.change(Change::Run(RunChange { errands_trouble: Some(None), ..RunChange::of(id) }));
    }
    let committed = deed.commit().await.map_err(Error::from);
    let before = old.auth.secret_version();
    if let Some(stored) = stored {
        stored.settle(&committed, before).await;
    }
    committed?;
    if let (Some(before), None) = (before, new.auth.secret_version()) {
        secrets::discard(app, SecretName::Mailbox(id), before).await;
    }
    get(app, id).await
}

/// As the audit trail tells it: with the user name that was typed.
fn told(mailbox: &Mailbox) -> MailboxTold {
    let typed = match &mailbox.auth {
        MailAuth::OAuth2 { username, .. } => username.clone(),
        MailAuth::Password { username, .. } => Some(username.clone()),
    };
    MailboxTold::of(mailbox, typed)
}

/// Whether the cursor says nothing about the mails that are now looked at.
fn is_another(old: &Mailbox, new: &Mailbox, before: Option<&str>, after: Option<&str>) -> bool {
    let same_method = std::mem::discriminant(&old.auth) == std::mem::discriminant(&new.auth);
    // While it waits, what is known may be a login name from before.
    let another_user = is_another_user(before, after, same_method && old.known_as.is_none());
    old.server.host != new.server.host
        || old.server.protocol != new.server.protocol
        || old.folder != new.folder
        || another_user
}

/// Whether these are two users. A login name and an account's address are written differently and may mean the same
/// mailbox; names of the same kind are compared as they are.
pub(in crate::flows) fn is_another_user(before: Option<&str>, after: Option<&str>, same_kind: bool) -> bool {
    match (before, after) {
        (Some(before), Some(after)) if same_kind || (before.contains('@') && after.contains('@')) => {
            !before.eq_ignore_ascii_case(after)
        }
        _ => false,
    }
}

/// What was shown of the old settings says nothing about the new ones.
fn start_again(app: &App, run: &Run, new: &Mailbox, another: bool) -> RunChange {
    let waiting = matches!(new.auth, MailAuth::OAuth2 { grant_id: None, .. });
    RunChange {
        status: Some(if waiting { MailboxStatus::NeedsConsent } else { MailboxStatus::New }),
        last_error: Some(None),
        consecutive_failures: Some(0),
        epoch: another.then_some(run.epoch + 1),
        errands_trouble: Some(None),
        not_before: Some(app.now()),
        ..RunChange::of(new.id)
    }
}
