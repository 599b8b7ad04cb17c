//! Keeping what a consent brought.

use super::{no_refresh_token, subject};
use crate::{
    App,
    error::{Error, Result},
    flows::{
        change::{Deed, Diff, shown},
        mailboxes::is_another_user,
        refresh, secrets, waiting,
    },
    ports::{Change, RunChange, StoreError, TokenAnswer, Write},
    types::{
        Version,
        attempt::{Attempt, AttemptStatus},
        grant::{Grant, GrantLife, GrantStatus},
        ids::GrantId,
        mailbox::{MailAuth, Mailbox},
        secret::{GrantTokens, SecretName, SecretVersion},
    },
};

/// Makes a grant, or mends the one that is there.
pub(super) async fn save(
    app: &App,
    attempt: &Attempt,
    old: Option<Grant>,
    answer: TokenAnswer,
) -> Result<()> {
    match old {
        Some(grant) => mend(app, attempt, grant.id, answer).await,
        None => {
            let pending = create_pending(app, attempt, &answer).await?;
            activate(app, attempt, pending, answer).await
        }
    }
}

/// In turn with the refreshers: the tokens of a refresh that is on its way must not come after those of the consent.
async fn mend(app: &App, attempt: &Attempt, id: GrantId, answer: TokenAnswer) -> Result<()> {
    let lease = refresh::take_turn(app, id).await?;
    let saved = match app.store.grant(id).await? {
        Some(grant) if grant.status != GrantStatus::Revoked => activate(app, attempt, grant, answer).await,
        _ => Err(Error::not_found("grant")),
    };
    let released = match &lease {
        Some(lease) => app.store.release_lease(lease).await,
        None => Ok(()),
    };
    saved.and(released)
}

/// Record `pending`, then the secret, then `active` with everything that depends on it: a crash leaves nothing unowned.
async fn activate(app: &App, attempt: &Attempt, old: Grant, answer: TokenAnswer) -> Result<()> {
    let Some(refresh_token) = answer.refresh_token.clone() else {
        return Err(no_refresh_token(attempt.provider));
    };
    let now = app.now();
    let expires_at = app.after(answer.expires_in);
    let version = SecretVersion::random(&app.random());
    let tokens = GrantTokens {
        fence: 0,
        access_token: answer.access_token.clone(),
        refresh_token,
        expires_at,
        issued_at: now,
    };
    let stored = secrets::store(app, SecretName::Grant(old.id), &version, &tokens.to_secret()).await?;
    let named = old.secret_version.clone();
    let ends = answer.refresh_expires_in.map(|life| app.after(life));
    let life = old.life.answered(now, true, ends);
    let account = answer.id_token.as_ref().and_then(|t| t.account.clone()).or(old.account.clone());
    let new = Grant {
        version: old.version.next(),
        account: account.clone(),
        subject: answer.id_token.as_ref().map(subject).or(old.subject.clone()),
        scopes_granted: answer.scopes.clone().unwrap_or_else(|| attempt.scopes.clone()),
        status: GrantStatus::Active,
        secret_version: Some(version),
        access_token_expires_at: Some(expires_at),
        refreshed_at: Some(now),
        next_refresh_at: Some(refresh::next_refresh(app, now, expires_at, &life)),
        consecutive_failures: 0,
        last_error: None,
        refresh_started: None,
        life,
        consented_at: now,
        ..old.clone()
    };
    // A half-made grant names its account already, and nobody has consented to it before.
    let before = old.account.as_ref().filter(|_| old.status != GrantStatus::Pending);
    let told = Diff::default()
        .field("account", shown(before), shown(account.as_ref()))
        .field("integration_id", "", new.integration_id)
        .field("mailbox_id", "", shown(attempt.mailbox_id))
        .field("scopes_granted", old.scopes_granted.join(" "), new.scopes_granted.join(" "));
    let mut deed = Deed::new(app, &attempt.actor, "grant.consented", new.id)
        .tells(told)
        .change(Change::Grant(Write::Replace { new: new.clone(), old }))
        .change(Change::FinishAttempt { id: attempt.id, status: AttemptStatus::Done { grant_id: new.id } });
    for change in mailbox_changes(app, attempt, new.id, account.as_deref()).await? {
        deed = deed.change(change);
    }
    let committed = deed.commit().await;
    stored.settle(&committed, named.as_ref()).await;
    committed?;
    waiting::wake(app, new.id).await
}

async fn create_pending(app: &App, attempt: &Attempt, answer: &TokenAnswer) -> Result<Grant> {
    let now = app.now();
    let grant = Grant {
        id: GrantId::from_parts(now, app.id_bits()),
        version: Version::FIRST,
        integration_id: attempt.integration_id,
        account: answer.id_token.as_ref().and_then(|t| t.account.clone()),
        subject: None,
        scopes_granted: Vec::new(),
        status: GrantStatus::Pending,
        secret_version: None,
        access_token_expires_at: None,
        refreshed_at: None,
        next_refresh_at: None,
        consecutive_failures: 0,
        last_error: None,
        refresh_started: None,
        life: GrantLife::default(),
        created_at: now,
        consented_at: now,
    };
    app.store
        .commit(&[Change::Grant(Write::Create(grant.clone()))])
        .await
        .map_err(StoreError::unanswerable)?;
    Ok(grant)
}

/// The mailbox that waited gets the grant; its state is told anew at the next poll.
async fn mailbox_changes(
    app: &App,
    attempt: &Attempt,
    grant: GrantId,
    account: Option<&str>,
) -> Result<Vec<Change>> {
    let Some(id) = attempt.mailbox_id else { return Ok(Vec::new()) };
    let Some((old, run)) = app.store.mailbox_and_run(id).await? else { return Ok(Vec::new()) };
    let MailAuth::OAuth2 { integration_id, grant_id, username } = old.auth.clone() else {
        return Ok(Vec::new());
    };
    if grant_id == Some(grant) {
        return Ok(Vec::new());
    }
    let another = match grant_id {
        Some(id) => is_another_account(app, id, username.as_deref(), account).await?,
        None => is_another_user(old.known_as.as_deref(), username.as_deref().or(account), false),
    };
    let auth = MailAuth::OAuth2 { integration_id, grant_id: Some(grant), username };
    let new =
        Mailbox { version: old.version.next(), auth, known_as: None, updated_at: app.now(), ..old.clone() };
    let shown = RunChange {
        mailbox_id: Some(id),
        status: Some(waiting::after_consent(&run)),
        last_error: Some(None),
        not_before: Some(app.now()),
        // Another account is another mailbox: mails are recognised by what they say.
        epoch: another.then(|| run.epoch + 1),
        ..RunChange::default()
    };
    Ok(vec![Change::Mailbox(Write::Replace { new, old }), Change::Run(shown)])
}

/// Whether the account that consented reads another mailbox than the grant that is there. A mailbox with a user name of
/// its own stays the same, whoever opens it; where nobody tells whose it was, it counts as another.
async fn is_another_account(
    app: &App,
    present: GrantId,
    username: Option<&str>,
    account: Option<&str>,
) -> Result<bool> {
    if username.is_some() {
        return Ok(false);
    }
    let before = app.store.grant(present).await?.and_then(|grant| grant.account);
    Ok(before.is_none() || account.is_none() || is_another_user(before.as_deref(), account, true))
}
