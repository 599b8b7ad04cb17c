//! Creating and changing mailboxes.

use super::{
    Shown, auth,
    auth::{Present, Resolved},
    get, input,
    input::{Checked, MailboxInput},
};
use crate::{
    App, Error, Result,
    error::FieldErrors,
    flows::{
        change::{Committed, Deed, Diff, Expect, Once, made_before, shown},
        secrets::{self, Stored},
    },
    ports::{Change, RunChange, Write},
    types::{
        Version,
        audit::Actor,
        errand::MailAction,
        handler::{self, Handler},
        ids::MailboxId,
        mailbox::{MailAuth, Mailbox, MailboxStatus, Run, Start},
        policy::{RateLimits, SenderPolicy},
        project::ProjectKey,
        secret::SecretName,
    },
};

/// Makes a mailbox. A password goes to the vault first, under a version that nothing names yet.
pub async fn create(app: &App, actor: &Actor, mut input: MailboxInput, once: Option<&Once>) -> Result<Shown> {
    if let Some(object) = made_before(app, once).await? {
        return by_text(app, &object).await;
    }
    let mut errors = FieldErrors::default();
    let auth = std::mem::take(&mut input.auth);
    let checked = input::check(app, input, None, &mut errors);
    let resolved = auth::resolve(app, auth, checked.server.as_ref(), None, &mut errors).await?;
    check_project(app, checked.project.as_ref(), &mut errors).await?;
    check_handlers(app, &checked.handlers, &mut errors).await?;
    errors.finish()?;
    let now = app.now();
    let id = MailboxId::from_parts(now, app.id_bits());
    let Resolved { auth, password, username: _ } = resolved;
    let mailbox = build(checked, auth, |parts| Mailbox {
        id,
        version: Version::FIRST,
        name: parts.name,
        server: parts.server,
        folder: parts.folder,
        auth: parts.auth,
        known_as: None,
        poll_interval_seconds: parts.poll_interval_seconds,
        start: parts.start,
        project: parts.project,
        after_import: parts.after_import,
        handlers: parts.handlers,
        sender_policy: parts.sender_policy,
        rate_limits: parts.rate_limits,
        enabled: parts.enabled,
        deleting: false,
        created_at: now,
        updated_at: now,
    })?;
    let stored = put_password(app, &mailbox, password.as_ref()).await?;
    let committed = Deed::new(app, actor, "mailbox.created", id)
        .tells(diff(None, &mailbox, password.is_some()))
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
        Committed::Now => super::show(app, mailbox, Run::new(id)).await,
        Committed::Before(object) => by_text(app, &object).await,
    }
}

async fn by_text(app: &App, id: &str) -> Result<Shown> {
    get(app, id.parse().map_err(|_| Error::not_found("mailbox"))?).await
}

struct Parts {
    name: crate::types::name::Name,
    server: crate::types::mailbox::MailServer,
    folder: String,
    auth: MailAuth,
    poll_interval_seconds: u32,
    start: Start,
    project: ProjectKey,
    after_import: Option<MailAction>,
    handlers: Vec<Handler>,
    sender_policy: SenderPolicy,
    rate_limits: RateLimits,
    enabled: bool,
}

/// Everything is there when no error was noted.
fn build(checked: Checked, auth: Option<MailAuth>, make: impl FnOnce(Parts) -> Mailbox) -> Result<Mailbox> {
    let whole = || {
        Some(Parts {
            name: checked.name?,
            server: checked.server?,
            folder: checked.folder?,
            auth: auth?,
            poll_interval_seconds: checked.poll_interval_seconds?,
            start: checked.start?,
            project: checked.project?,
            after_import: checked.after_import,
            handlers: checked.handlers,
            sender_policy: checked.sender_policy,
            rate_limits: checked.rate_limits,
            enabled: checked.enabled,
        })
    };
    whole().map(make).ok_or_else(|| Error::internal("a required field without an error and without a value"))
}

async fn check_project(app: &App, key: Option<&ProjectKey>, errors: &mut FieldErrors) -> Result<()> {
    if let Some(key) = key
        && app.store.project(key).await?.is_none()
    {
        errors.add("/project", "there is no such project");
    }
    Ok(())
}

/// The projects that handlers name exist.
pub(in crate::flows) async fn check_handlers(
    app: &App,
    handlers: &[Handler],
    errors: &mut FieldErrors,
) -> Result<()> {
    for key in handler::projects(handlers) {
        if app.store.project(key).await?.is_none() {
            errors.add("/handlers", format!("name the project {key}, which does not exist"));
        }
    }
    Ok(())
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
    mut input: MailboxInput,
) -> Result<Shown> {
    let Shown { mailbox: old, run, username: old_username, .. } = get(app, id).await?;
    expect.check(old.version)?;
    if old.deleting {
        return Err(Error::new(crate::Kind::Conflict, "being_deleted", "This mailbox is being deleted."));
    }
    let mut errors = FieldErrors::default();
    let auth = std::mem::take(&mut input.auth);
    let checked = input::check(app, input, Some(&old), &mut errors);
    let present = Present { auth: &old.auth, server: &old.server };
    let resolved = auth::resolve(app, auth, checked.server.as_ref(), Some(present), &mut errors).await?;
    if checked.project.as_ref() != Some(&old.project) {
        check_project(app, checked.project.as_ref(), &mut errors).await?;
    }
    if checked.handlers != old.handlers {
        check_handlers(app, &checked.handlers, &mut errors).await?;
    }
    errors.finish()?;
    let Resolved { auth, password, username } = resolved;
    let before = old_username.or_else(|| old.known_as.clone());
    let waits = matches!(auth, Some(MailAuth::OAuth2 { grant_id: None, .. }));
    // On another server it is another mailbox, and nobody's yet.
    let stays = checked.server.as_ref().is_some_and(|server| server.host == old.server.host);
    let known_as = username.clone().or_else(|| before.clone().filter(|_| stays)).filter(|_| waits);
    let new = build(checked, auth, |parts| Mailbox {
        version: old.version.next(),
        name: parts.name,
        server: parts.server,
        folder: parts.folder,
        auth: parts.auth,
        known_as,
        poll_interval_seconds: parts.poll_interval_seconds,
        start: parts.start,
        project: parts.project,
        after_import: parts.after_import,
        handlers: parts.handlers,
        sender_policy: parts.sender_policy,
        rate_limits: parts.rate_limits,
        enabled: parts.enabled,
        updated_at: app.now(),
        ..old.clone()
    })?;
    if password.is_none()
        && (Mailbox { version: old.version, updated_at: old.updated_at, ..new.clone() }) == old
    {
        return get(app, id).await;
    }
    let stored = put_password(app, &new, password.as_ref()).await?;
    let another = is_another(&old, &new, before.as_deref(), username.as_deref());
    let touched = old.server != new.server || old.auth != new.auth || old.folder != new.folder;
    let mut deed = Deed::new(app, actor, "mailbox.changed", id)
        .tells(diff(Some(&old), &new, password.is_some()))
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

/// The text of one field.
type Field = fn(&Mailbox) -> String;

fn diff(old: Option<&Mailbox>, new: &Mailbox, password: bool) -> Diff {
    let fields: [(&str, Field); 14] = [
        ("name", |m| m.name.to_string()),
        ("protocol", |m| m.server.protocol.as_str().to_owned()),
        ("host", |m| m.server.host.to_string()),
        ("port", |m| m.server.port.to_string()),
        ("tls", |m| m.server.tls.as_str().to_owned()),
        ("folder", |m| m.folder.clone()),
        ("auth", |m| match &m.auth {
            MailAuth::OAuth2 { integration_id, grant_id, .. } => {
                format!("oauth2 {integration_id} {}", shown(*grant_id))
            }
            MailAuth::Password { .. } => "password".to_owned(),
        }),
        ("poll_interval_seconds", |m| m.poll_interval_seconds.to_string()),
        ("project", |m| m.project.to_string()),
        ("after_import", |m| match &m.after_import {
            Some(MailAction::Move { folder }) => format!("move {folder}"),
            Some(action) => action.as_str().to_owned(),
            None => "none".to_owned(),
        }),
        ("handlers", |m| as_json(&m.handlers)),
        ("sender_policy", |m| as_json(&m.sender_policy)),
        ("rate_limits", |m| as_json(&m.rate_limits)),
        ("enabled", |m| m.enabled.to_string()),
    ];
    let had_password = old.is_some_and(|old| matches!(old.auth, MailAuth::Password { .. }));
    fields
        .into_iter()
        .fold(Diff::default(), |diff, (name, field)| diff.field(name, shown(old.map(field)), field(new)))
        .field("username", shown(old.and_then(login)), shown(login(new)))
        .field("start", shown(old.map(|m| first_import(m.start))), first_import(new.start))
        .secret("password", had_password, password)
}

fn as_json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// The user name that was typed.
fn login(mailbox: &Mailbox) -> Option<&str> {
    match &mailbox.auth {
        MailAuth::OAuth2 { username, .. } => username.as_deref(),
        MailAuth::Password { username, .. } => Some(username),
    }
}

fn first_import(start: Start) -> String {
    match start {
        Start::Since { since } => format!("since {since}"),
        Start::NewOnly | Start::All => start.mode().as_str().to_owned(),
    }
}
