//! The way to the provider's consent page: an attempt, and each opening of its start page.

use std::time::Duration;

use url::Url;

use crate::{
    App, Timestamp,
    app::sha256_hex,
    error::{Error, Kind, Result},
    flows::{
        change::{Committed, Deed, Diff, Once, made_before, shown},
        integrations,
    },
    ports::{AuthorizationRequest, Change},
    types::{
        attempt::{Attempt, AttemptStatus, Opening},
        audit::Actor,
        ids::{AttemptId, GrantId, IntegrationId, MailboxId},
        integration::Integration,
        mailbox::{MailAuth, Mailbox},
    },
};

/// How long a person has for the consent, where nothing else is wished.
pub const ATTEMPT_LIFE: Duration = Duration::from_secs(15 * 60);
/// The shortest that may be wished.
pub const SHORTEST_LIFE: Duration = Duration::from_secs(60);
/// The longest: that of a link that is sent to a mailbox's owner.
pub const LONGEST_LIFE: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// How long one opening of the start page is good.
const OPENING_LIFE: Duration = Duration::from_secs(10 * 60);
/// The purpose of the keyed hash in a start URL.
const TICKET: &str = "authorization-start";
/// The purpose of the keyed hash that is the PKCE verifier.
const VERIFIER: &str = "pkce-verifier";

/// For whom consent is asked.
#[derive(Debug, Clone, Default)]
pub struct AuthorizationInput {
    /// The account to suggest.
    pub login_hint: Option<String>,
    /// Consent again for this grant.
    pub grant_id: Option<GrantId>,
    /// The mailbox that waits for it.
    pub mailbox_id: Option<MailboxId>,
    /// For how long its link can be opened; [`ATTEMPT_LIFE`] where that is not said.
    pub valid_for: Option<Duration>,
}

/// An attempt that can be begun in a browser.
#[derive(Debug, Clone)]
pub struct Begun {
    /// The attempt.
    pub attempt: Attempt,
    /// Opened in a browser, it leads to the consent page.
    pub start_url: Url,
}

/// What the start page does: a cookie for this browser, and on to the provider.
#[derive(Debug, Clone)]
pub struct Start {
    /// The consent page.
    pub consent_url: Url,
    /// The secret of this browser.
    pub cookie: String,
    /// Tells the cookies of several openings in one browser apart: see [`cookie_tag`].
    pub cookie_tag: String,
    /// How long it is good.
    pub cookie_life: Duration,
}

/// How an attempt stands, its end in time included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttemptState {
    /// As recorded.
    Recorded(AttemptStatus),
    /// Nobody came back in time.
    Expired,
}

/// Begins an attempt.
pub async fn begin(
    app: &App,
    actor: &Actor,
    id: IntegrationId,
    input: AuthorizationInput,
    once: Option<&Once>,
) -> Result<Begun> {
    let integration = integrations::get(app, id).await?;
    if let Some(object) = made_before(app, once).await? {
        return begun_before(app, &object).await;
    }
    if integrations::is_stale(app, &integration) {
        return Err(Error::told(Kind::Conflict, "redirect_url_stale.sign_in"));
    }
    let grant = check_grant(app, id, input.grant_id).await?;
    let mailbox = check_mailbox(app, id, input.mailbox_id).await?;
    let now = app.now();
    let life = input.valid_for.unwrap_or(ATTEMPT_LIFE).clamp(SHORTEST_LIFE, LONGEST_LIFE);
    let attempt = Attempt {
        id: AttemptId::from_parts(now, app.id_bits()),
        integration_id: id,
        integration_version: integration.version,
        provider: integration.provider,
        endpoints: integration.endpoints,
        client_id: integration.client_id,
        client_authentication: integration.client_authentication,
        prompt: integration.prompt,
        issuer: integration.issuer,
        iss_in_callback: integration.iss_in_callback,
        redirect_url: integration.redirect_url,
        scopes: integration.scopes,
        grant_id: input.grant_id,
        mailbox_id: input.mailbox_id,
        // Who must sign in is suggested, so that nobody signs in as another by accident.
        login_hint: input.login_hint.or(grant).or(mailbox),
        actor: actor.clone(),
        status: AttemptStatus::Pending,
        expires_at: now.checked_add(life).unwrap_or(Timestamp::MAX),
        created_at: now,
    };
    let told = Diff::default()
        .field("integration_id", "", id)
        .field("grant_id", "", shown(attempt.grant_id))
        .field("mailbox_id", "", shown(attempt.mailbox_id));
    let committed = Deed::new(app, actor, "authorization.begun", attempt.id)
        .tells(told)
        .change(Change::CreateAttempt(Box::new(attempt.clone())))
        .once(once)
        .commit()
        .await?;
    match committed {
        Committed::Now => Ok(Begun { start_url: start_url(app, attempt.id)?, attempt }),
        Committed::Before(object) => begun_before(app, &object).await,
    }
}

async fn begun_before(app: &App, object: &str) -> Result<Begun> {
    let id = object.parse().map_err(|_| Error::not_found("authorization"))?;
    let (attempt, _) = get(app, id).await?;
    Ok(Begun { start_url: start_url(app, attempt.id)?, attempt })
}

/// The account that must consent, where it is known.
async fn check_grant(
    app: &App,
    integration: IntegrationId,
    grant: Option<GrantId>,
) -> Result<Option<String>> {
    let Some(id) = grant else { return Ok(None) };
    match app.store.grant(id).await? {
        Some(grant) if grant.integration_id == integration => Ok(grant.account),
        _ => Err(Error::field("/grant_id", "field.not_of_integration")),
    }
}

/// The same: the account that the mailbox is read with, or was before it waited.
async fn check_mailbox(
    app: &App,
    integration: IntegrationId,
    mailbox: Option<MailboxId>,
) -> Result<Option<String>> {
    let Some(id) = mailbox else { return Ok(None) };
    let found = app.store.mailbox(id).await?;
    let found = found.filter(|mailbox| mailbox.integration_id() == Some(integration));
    let wrong = || Error::field("/mailbox_id", "field.not_signing_in");
    let Mailbox { auth, known_as, .. } = found.ok_or_else(wrong)?;
    match auth {
        MailAuth::OAuth2 { grant_id: Some(id), .. } => {
            Ok(app.store.grant(id).await?.and_then(|grant| grant.account))
        }
        // A mailbox that is named by hand may be opened by others; a login name is no account.
        MailAuth::OAuth2 { username: None, .. } => Ok(known_as.filter(|name| name.contains('@'))),
        _ => Ok(None),
    }
}

/// What is opened in a browser to consent; also sent to whoever has to.
pub fn start_url(app: &App, id: AttemptId) -> Result<Url> {
    let tag = app.mac.tag(TICKET, &id.to_string());
    app.settings
        .base_url
        .join(&format!("/oauth2/start/{id}.{tag}"))
        .map_err(|_| Error::internal("the base URL takes no path"))
}

/// An attempt and how it stands.
pub async fn get(app: &App, id: AttemptId) -> Result<(Attempt, AttemptState)> {
    let attempt = app.store.attempt(id).await?.ok_or_else(|| Error::not_found("authorization"))?;
    let state = state(&attempt, app.now());
    Ok((attempt, state))
}

/// Whether a link was made for sending: it lives longer than a person takes who has just asked for it.
pub fn is_for_sending(attempt: &Attempt) -> bool {
    attempt.created_at.checked_add(ATTEMPT_LIFE).is_ok_and(|end| end < attempt.expires_at)
}

/// Whether somebody may still consent. A link that was sent is not used up by one who cancelled, or chose another account.
pub fn is_open(attempt: &Attempt, state: &AttemptState) -> bool {
    match state {
        AttemptState::Recorded(AttemptStatus::Pending) => true,
        AttemptState::Recorded(AttemptStatus::Failed { .. }) => is_for_sending(attempt),
        AttemptState::Recorded(AttemptStatus::Done { .. }) | AttemptState::Expired => false,
    }
}

/// What decides where the code goes has to be as it was when the link was made: that is told before anybody signs in.
pub(super) async fn check_integration(app: &App, attempt: &Attempt) -> Result<Integration> {
    let integration = app.store.integration(attempt.integration_id).await?;
    let integration = integration.filter(|found| found.version == attempt.integration_version);
    integration.ok_or_else(|| Error::told(Kind::Conflict, "integration_changed"))
}

/// How an attempt stands at this time.
pub fn state(attempt: &Attempt, now: Timestamp) -> AttemptState {
    let is_over = attempt.expires_at <= now;
    match &attempt.status {
        AttemptStatus::Pending if is_over => AttemptState::Expired,
        // What went wrong at a link that can be opened no more is over, too.
        AttemptStatus::Failed { .. } if is_over && is_for_sending(attempt) => AttemptState::Expired,
        status => AttemptState::Recorded(status.clone()),
    }
}

/// Opens the start page: each opening has its own state, nonce and browser, because link previews and scanners open
/// links before people do.
pub async fn start(app: &App, ticket: &str) -> Result<Start> {
    let unknown = || Error::told(Kind::NotFound, "authorization_unknown");
    let (id, tag) = ticket.split_once('.').ok_or_else(unknown)?;
    let id: AttemptId = id.parse().map_err(|_| unknown())?;
    if !app.mac.verify(TICKET, &id.to_string(), tag) {
        return Err(unknown());
    }
    let (attempt, state) = get(app, id).await.map_err(|_| unknown())?;
    if !is_open(&attempt, &state) {
        return Err(Error::told(Kind::Conflict, "authorization_ended"));
    }
    check_integration(app, &attempt).await?;
    let (oauth_state, nonce, cookie) = (app.random_text(), app.random_text(), app.random_text());
    let cookie_tag = cookie_tag(&oauth_state);
    let opening = Opening {
        state_hash: sha256_hex(&oauth_state),
        attempt_id: id,
        nonce: nonce.clone(),
        browser_hash: sha256_hex(&cookie),
        expires_at: app.after(OPENING_LIFE).min(attempt.expires_at),
    };
    app.write(&[Change::Opening(opening)]).await?;
    let consent_url = app.oauth.authorization_url(&AuthorizationRequest {
        provider: attempt.provider,
        authorization_endpoint: attempt.endpoints.authorization,
        client_id: attempt.client_id,
        redirect_url: attempt.redirect_url,
        scopes: attempt.scopes,
        code_verifier: verifier(app, &oauth_state),
        state: oauth_state,
        nonce,
        login_hint: attempt.login_hint,
        prompt: attempt.prompt,
    });
    Ok(Start { consent_url, cookie, cookie_tag, cookie_life: OPENING_LIFE })
}

/// The part of a cookie's name that belongs to a state: 16 hexadecimal characters.
pub fn cookie_tag(state: &str) -> String {
    sha256_hex(&format!("cookie {state}")).chars().take(16).collect()
}

/// The PKCE verifier of a state (RFC 7636: 43 characters). Derived, so that it is stored nowhere.
pub(super) fn verifier(app: &App, state: &str) -> String {
    app.mac.tag(VERIFIER, state)
}
