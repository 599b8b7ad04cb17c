//! Refreshing one grant: under a lease, the new secret before the record that names it, and `invalid_grant` believed only
//! after a second look.

mod outcome;

use std::time::Duration;

use secrecy::SecretString;

use crate::{
    App, Timestamp,
    error::{Error, Kind, Result},
    explain,
    flows::{
        learn::learn_authentication,
        secrets::{self, Stored},
        waiting,
    },
    panics,
    ports::{Client, Lease, LeaseOutcome, LeaseTarget, OAuthError, OAuthFault, TokenAnswer},
    types::{
        grant::{Grant, GrantLife, GrantStatus, LONGEST_REFRESH_PAUSE, RefreshStarted},
        ids::GrantId,
        integration::Integration,
        secret::{GrantTokens, SecretName, SecretVersion},
    },
};

pub(super) use outcome::dead;
use outcome::{back_off, failing, lost_tokens, needs_consent, refresh_interrupted, replace};

/// Longer than a call to the provider and the writes after it can take.
const LEASE: Duration = Duration::from_secs(120);
/// Between two looks at a lease that another refresher holds.
const LEASE_RETRY: Duration = Duration::from_millis(100);
/// How long a caller waits for another refresher.
const LEASE_WAIT: Duration = Duration::from_secs(20);
/// A token with less life left is not fresh.
const MIN_LEFT: Duration = Duration::from_secs(60);
/// Between two tries while only the integration's settings can help.
const SLOW: Duration = Duration::from_secs(60 * 60);
/// How often new tokens are tried to be written.
const WRITE_TRIES: u32 = 5;

/// Why a refresh is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The schedule says so.
    Due,
    /// A token is needed now, and the present one ends: whoever refreshes it.
    Expiring,
    /// A person asked: also when the token is fresh.
    OnDemand,
    /// A server refused the token of this version.
    TokenRefused {
        /// Which.
        version: SecretVersion,
    },
}

/// When the refresher is due: at 75 % of the token's life, less up to 10 % of it, so that grants do not come in crowds.
/// Providers end refresh tokens that nobody uses, so a long life counts as 40 days: due within 30. A refresh token that
/// ends earlier than the access token is used before.
pub(super) fn next_refresh(
    app: &App,
    issued_at: Timestamp,
    expires_at: Timestamp,
    whole: &GrantLife,
) -> Timestamp {
    let expires_at = whole.expires_at.map_or(expires_at, |end| end.min(expires_at));
    let life = Duration::try_from(expires_at.duration_since(issued_at)).unwrap_or(Duration::ZERO);
    let life = life.min(LONGEST_REFRESH_PAUSE);
    let jitter = life.mul_f64(f64::from(app.random()[0]) / 2560.0);
    issued_at.checked_add(life.mul_f64(0.75).saturating_sub(jitter)).unwrap_or(expires_at)
}

/// Makes sure that a grant has a fresh token. Exactly one caller asks the provider; the others wait and see.
pub async fn refresh_grant(app: &App, id: GrantId, reason: Reason) -> Result<Grant> {
    let patience = if reason == Reason::Due { Duration::ZERO } else { LEASE_WAIT };
    match take_lease(app, id, patience).await? {
        Some(lease) => in_background(app, id, lease, reason).await,
        None if reason == Reason::Due => found(app, id).await,
        None => Err(Error::told(Kind::Retry { after: None }, "refresh_under_way")),
    }
}

/// Keeps refreshers away while something else writes a grant. None where one has hung for too long: it may have died,
/// and what it still writes is refused by the record's version.
pub(super) async fn take_turn(app: &App, id: GrantId) -> Result<Option<Lease>> {
    take_lease(app, id, LEASE_WAIT).await
}

/// None where another one has it for all of this time.
async fn take_lease(app: &App, id: GrantId, patience: Duration) -> Result<Option<Lease>> {
    let give_up = app.after(patience);
    loop {
        match app.store.take_lease(LeaseTarget::Grant(id), app.now(), LEASE).await? {
            LeaseOutcome::Missing => return Err(Error::not_found("grant")),
            LeaseOutcome::Taken(lease) => return Ok(Some(lease)),
            LeaseOutcome::Busy { .. } if app.now() >= give_up => return Ok(None),
            LeaseOutcome::Busy { .. } => app.clock.sleep(LEASE_RETRY).await,
        }
    }
}

/// On a task of its own: once the provider was asked, a caller that goes away must not take the answer with it.
async fn in_background(app: &App, id: GrantId, lease: Lease, reason: Reason) -> Result<Grant> {
    let task = tokio::spawn({
        let app = app.clone();
        async move {
            let result = match panics::caught(under_lease(&app, id, &lease, reason)).await {
                Err(error) if panics::was_panic(&error) => panics::caught(panicked(&app, id, error)).await,
                result => result,
            };
            let released = app.store.release_lease(&lease).await;
            result.and_then(|grant| released.map(|()| grant))
        }
    });
    task.await.map_err(|_| Error::internal("a refresh ended unexpectedly"))?
}

/// The refresh ended in the middle: what was begun may have come to the provider, and stays noted.
async fn panicked(app: &App, id: GrantId, error: Error) -> Result<Grant> {
    let grant = found(app, id).await?;
    if !matches!(grant.status, GrantStatus::Active | GrantStatus::Failing) {
        return Err(error);
    }
    let (open, pause) = (grant.refresh_started.clone(), back_off(app, grant.consecutive_failures));
    failing(app, &grant, open, error, pause).await
}

async fn found(app: &App, id: GrantId) -> Result<Grant> {
    app.store.grant(id).await?.ok_or_else(|| Error::not_found("grant"))
}

async fn under_lease(app: &App, id: GrantId, lease: &Lease, reason: Reason) -> Result<Grant> {
    let grant = found(app, id).await?;
    if matches!(grant.status, GrantStatus::Pending | GrantStatus::Revoked) {
        return Err(Error::not_found("grant"));
    }
    if grant.secret_version.is_none() {
        return Err(dead(&grant));
    }
    let Some((version, tokens)) = tokens(app, &grant).await? else {
        return needs_consent(app, &grant, grant.life, lost_tokens()).await;
    };
    if is_enough(app, &grant, &version, &tokens, &reason) {
        return mend(app, &grant, &version, &tokens).await;
    }
    // The record names what is spent now: a crash below must not leave it with what was spent before.
    let grant = if grant.secret_version.as_ref() == Some(&version) {
        grant
    } else {
        mend(app, &grant, &version, &tokens).await?
    };
    let integration =
        app.store.integration(grant.integration_id).await?.ok_or_else(|| Error::not_found("integration"))?;
    app.vault.writable().await?;
    let interrupted = grant.refresh_started.clone();
    let begun = RefreshStarted { fence: lease.fence, at: app.now() };
    let started = Grant { refresh_started: Some(begun.clone()), ..grant.clone() };
    let grant = replace(app, &grant, started).await?;
    let client = client(app, &integration).await?;
    match app.oauth.refresh(&client, &tokens.refresh_token, &integration.scopes).await {
        Ok(answer) => {
            let accepted = answer.authentication;
            let kept = keep(app, &grant, &begun, &tokens, answer).await;
            if accepted != integration.client_authentication {
                learn_authentication(app, integration.id, integration.version, accepted).await;
            }
            kept
        }
        Err(error) => refused(app, &grant, &integration, &version, interrupted, error).await,
    }
}

/// The newest tokens that count, and their version: those that the record names, or those of a refresh that ended before
/// its record was written, or after the moment that its record was restored to. None where the record names none, or they
/// are not there (any more).
pub(super) async fn tokens(app: &App, grant: &Grant) -> Result<Option<(SecretVersion, GrantTokens)>> {
    let Some(named) = &grant.secret_version else { return Ok(None) };
    let name = SecretName::Grant(grant.id);
    let settled = app.vault.settled(name).await?;
    let mut others = Vec::new();
    if settled.as_ref().is_none_or(|(version, _)| version != named) {
        others.push(named.clone());
    }
    others.extend(grant.refresh_started.as_ref().map(|begun| SecretVersion::of_refresh(grant.id, begun)));
    let mut found: Vec<(SecretVersion, SecretString)> = settled.into_iter().collect();
    for version in others {
        match app.vault.get(name, &version).await {
            Ok(secret) => found.push((version, secret)),
            Err(error) if error.kind == Kind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    let tokens = found
        .into_iter()
        .filter_map(|(version, secret)| Some((version, GrantTokens::from_secret(&secret).ok()?)));
    Ok(tokens.max_by_key(|(_, tokens)| tokens.issued_at))
}

/// Whether what lies in the vault is good already: a refresher before us may have died after writing it.
fn is_enough(
    app: &App,
    grant: &Grant,
    version: &SecretVersion,
    tokens: &GrantTokens,
    reason: &Reason,
) -> bool {
    let left = Duration::try_from(tokens.expires_at.duration_since(app.now())).unwrap_or(Duration::ZERO);
    match reason {
        _ if left < MIN_LEFT => false,
        Reason::OnDemand => false,
        Reason::Expiring => true,
        Reason::TokenRefused { version: refused } => refused != version,
        Reason::Due => grant.secret_version.as_ref() != Some(version) || !grant.is_due(app.now()),
    }
}

/// Lets the record say what the vault holds.
async fn mend(app: &App, grant: &Grant, version: &SecretVersion, tokens: &GrantTokens) -> Result<Grant> {
    if grant.secret_version.as_ref() == Some(version) && grant.status == GrantStatus::Active {
        return Ok(grant.clone());
    }
    let new = active(app, grant, version.clone(), tokens);
    replace(app, grant, new).await
}

fn active(app: &App, grant: &Grant, version: SecretVersion, tokens: &GrantTokens) -> Grant {
    let next = next_refresh(app, tokens.issued_at, tokens.expires_at, &grant.life);
    Grant {
        status: GrantStatus::Active,
        secret_version: Some(version),
        access_token_expires_at: Some(tokens.expires_at),
        refreshed_at: Some(tokens.issued_at),
        next_refresh_at: Some(next),
        consecutive_failures: 0,
        last_error: None,
        refresh_started: None,
        ..grant.clone()
    }
}

pub(super) async fn client(app: &App, integration: &Integration) -> Result<Client> {
    Ok(Client {
        provider: integration.provider,
        endpoints: integration.endpoints.clone(),
        id: integration.client_id.clone(),
        secret: app
            .vault
            .get(SecretName::Integration(integration.id), &integration.client_secret_version)
            .await?,
        authentication: integration.client_authentication,
    })
}

/// The new secret first, with the rotated refresh token or the old one; then the record.
async fn keep(
    app: &App,
    grant: &Grant,
    begun: &RefreshStarted,
    old: &GrantTokens,
    answer: TokenAnswer,
) -> Result<Grant> {
    let renewed = answer.refresh_token.is_some();
    let tokens = GrantTokens {
        fence: begun.fence,
        access_token: answer.access_token,
        refresh_token: answer.refresh_token.unwrap_or_else(|| old.refresh_token.clone()),
        expires_at: app.after(answer.expires_in),
        issued_at: app.now(),
    };
    let name = SecretName::Grant(grant.id);
    let version = SecretVersion::of_refresh(grant.id, begun);
    let stored = persist(app, name, &version, &tokens).await?;
    let ends = answer.refresh_expires_in.map(|life| app.after(life));
    let life = grant.life.answered(app.now(), renewed, ends);
    let mut new = active(app, &Grant { life, ..grant.clone() }, version, &tokens);
    if let Some(scopes) = answer.scopes {
        new.scopes_granted = scopes;
    }
    let was_dead = grant.status == GrantStatus::NeedsConsent;
    let before = grant.secret_version.clone();
    // Where another one was faster, these tokens stay for it: what it used may be spent by them.
    let grant = replace(app, grant, new).await?;
    stored.settle(&Ok(()), before.as_ref()).await;
    if was_dead {
        waiting::wake(app, grant.id).await?;
    }
    Ok(grant)
}

/// Tried several times: it may hold the only good refresh token.
async fn persist<'a>(
    app: &'a App,
    name: SecretName,
    version: &SecretVersion,
    tokens: &GrantTokens,
) -> Result<Stored<'a>> {
    let secret = tokens.to_secret();
    let mut pause = Duration::from_millis(50);
    for _ in 1..WRITE_TRIES {
        if let Ok(stored) = secrets::store(app, name, version, &secret).await {
            return Ok(stored);
        }
        app.clock.sleep(pause).await;
        pause *= 4;
    }
    secrets::store(app, name, version, &secret).await
}

async fn refused(
    app: &App,
    grant: &Grant,
    integration: &Integration,
    used: &SecretVersion,
    interrupted: Option<RefreshStarted>,
    error: OAuthError,
) -> Result<Grant> {
    let explained = explain::oauth(&error, integration.provider);
    match error.fault {
        OAuthFault::GrantRefused => {
            // The one before us may still have been at it, and have rotated what we used: that one wins.
            let before = Grant { refresh_started: interrupted.clone(), ..grant.clone() };
            if let Some((version, tokens)) = tokens(app, &before).await?
                && version != *used
            {
                return mend(app, grant, &version, &tokens).await;
            }
            let explained = if interrupted.is_some() { refresh_interrupted() } else { explained };
            let lived = app.now().duration_since(grant.consented_at).as_hours();
            let ended_after_hours = u32::try_from(lived).ok();
            needs_consent(app, grant, GrantLife { ended_after_hours, ..grant.life }, explained).await
        }
        OAuthFault::Temporary { after } => {
            let pause = after.unwrap_or_else(|| back_off(app, grant.consecutive_failures));
            failing(app, grant, interrupted, explained, pause).await
        }
        OAuthFault::AnswerLost => {
            let open = interrupted.or_else(|| grant.refresh_started.clone());
            failing(app, grant, open, explained, back_off(app, grant.consecutive_failures)).await
        }
        _ => failing(app, grant, interrupted, explained, SLOW).await,
    }
}
