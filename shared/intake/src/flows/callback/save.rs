//! Keeping what a consent brought.

use super::{
    identity::{self, Account},
    mailbox::Connected,
    refusal::Refusal,
};
use crate::{
    App, Sentence,
    error::{Error, Kind, Result},
    flows::{
        change::{Deed, Diff, shown},
        refresh, secrets, waiting,
    },
    ports::{Change, StoreError, TokenAnswer, Write},
    types::{
        Version,
        attempt::{Attempt, AttemptStatus},
        grant::{Grant, GrantLife, GrantStatus},
        ids::GrantId,
        integration::Provider,
        secret::{GrantTokens, SecretName, SecretVersion},
    },
};

/// What a consent brought, checked: who gave it, and what it is for.
pub(super) struct Consent {
    pub(super) answer: TokenAnswer,
    /// Where the provider told.
    pub(super) account: Option<Account>,
    /// The grant that it mends.
    pub(super) old: Option<Grant>,
    /// The mailbox that is read with it from now on.
    pub(super) mailbox: Option<Connected>,
}

/// Makes a grant, or mends the one that is there.
pub(super) async fn save(app: &App, attempt: &Attempt, consent: Consent) -> Result<(), Refusal> {
    match &consent.old {
        Some(grant) => mend(app, attempt, grant.id, consent).await,
        None => {
            let pending = create_pending(app, attempt, consent.account.as_ref()).await?;
            Ok(activate(app, attempt, pending, consent).await?)
        }
    }
}

/// In turn with the refreshers: the tokens of a refresh that is on its way must not come after those of the consent.
async fn mend(app: &App, attempt: &Attempt, id: GrantId, consent: Consent) -> Result<(), Refusal> {
    let lease = refresh::take_turn(app, id).await?;
    let saved = mend_in_turn(app, attempt, id, consent).await;
    let released = match &lease {
        Some(lease) => app.store.release_lease(lease).await,
        None => Ok(()),
    };
    saved?;
    Ok(released?)
}

async fn mend_in_turn(app: &App, attempt: &Attempt, id: GrantId, consent: Consent) -> Result<(), Refusal> {
    let grant = app.store.grant(id).await?.filter(|grant| grant.status != GrantStatus::Revoked);
    let grant = grant.ok_or_else(|| Error::not_found("grant"))?;
    // Another consent may have told whose it is.
    identity::check(&grant, consent.account.as_ref())?;
    Ok(activate(app, attempt, grant, consent).await?)
}

/// Record `pending`, then the secret, then `active` with everything that depends on it: a crash leaves nothing unowned.
async fn activate(app: &App, attempt: &Attempt, old: Grant, consent: Consent) -> Result<()> {
    let Consent { answer, account: consented, mailbox, .. } = consent;
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
    let (subject, address) = consented.map(|account| (account.subject, account.address)).unzip();
    let account = address.flatten().or(old.account.clone());
    let new = Grant {
        version: old.version.next(),
        account: account.clone(),
        subject: subject.or(old.subject.clone()),
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
    if let Some(mailbox) = mailbox {
        deed = deed.changes(mailbox.with(app, new.id));
    }
    let committed = deed.commit().await.map_err(Error::from);
    stored.settle(&committed, named.as_ref()).await;
    committed?;
    waiting::wake(app, new.id).await
}

async fn create_pending(app: &App, attempt: &Attempt, account: Option<&Account>) -> Result<Grant> {
    let now = app.now();
    let grant = Grant {
        id: GrantId::from_parts(now, app.id_bits()),
        version: Version::FIRST,
        integration_id: attempt.integration_id,
        account: account.and_then(|account| account.address.clone()),
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

pub(super) fn no_refresh_token(provider: Provider) -> Error {
    let key = match provider {
        Provider::Google => "no_refresh_token.google",
        Provider::Microsoft => "no_refresh_token.microsoft",
        Provider::Custom => "no_refresh_token",
    };
    Error::told(Kind::Configuration, Sentence::new(key))
}
