//! Who consented: an account is its issuer and its subject (OpenID Connect Core section 5.7). An address is not enough,
//! because another issuer may give it to anybody.

use std::pin::pin;

use futures::TryStreamExt;

use super::refusal::Refusal;
use crate::{
    App, Sentence, Timestamp,
    error::{Error, Kind, Result},
    flows::change::Diff,
    lists,
    ports::{IdToken, UnreadableIdToken},
    types::{
        attempt::{Attempt, Opening},
        grant::{Grant, GrantStatus},
        integration::Provider,
    },
};

/// How far the provider's clock may differ from ours, in seconds.
const LEEWAY: i64 = 5 * 60;

/// An account at a provider.
pub(super) struct Account {
    /// Issuer and subject, as grants keep them.
    pub(super) subject: String,
    /// Its address, where the provider tells it.
    pub(super) address: Option<String>,
}

/// Whose a grant is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// This account's, or nobody knows whose.
    Same,
    /// Another account's.
    Another,
    /// Nobody told who consented, and it is known whose it is.
    Untold,
}

/// The account that consented. None where the provider sent no ID token; one that does not fit the sign-in is refused
/// (OpenID Connect Core section 3.1.3.7).
pub(super) fn of(
    attempt: &Attempt,
    opening: &Opening,
    token: Option<&Result<IdToken, UnreadableIdToken>>,
    now: Timestamp,
) -> Result<Option<Account>> {
    let Some(token) = token else { return Ok(None) };
    let token = token.as_ref().map_err(|why| match why {
        UnreadableIdToken::TooLarge => refused("id_token_invalid.too_large"),
        UnreadableIdToken::NoClaims => refused("id_token_invalid.unreadable"),
    })?;
    if token.issuer.is_empty() {
        return Err(refused("id_token_invalid.no_issuer"));
    }
    if token.subject.is_empty() {
        return Err(refused("id_token_invalid.no_subject"));
    }
    if !token.audience.contains(&attempt.client_id) {
        return Err(refused("id_token_invalid.audience"));
    }
    if token.expires_at.saturating_add(LEEWAY) < now.as_second() {
        return Err(refused("id_token_invalid.expired"));
    }
    if token.nonce.as_deref() != Some(opening.nonce.as_str()) {
        return Err(refused("id_token_invalid.nonce"));
    }
    if !is_issuer(attempt, &token.issuer) {
        return Err(refused("id_token_invalid.issuer"));
    }
    let subject = format!("{}#{}", token.issuer, token.subject);
    Ok(Some(Account { subject, address: token.account.clone() }))
}

fn is_issuer(attempt: &Attempt, told: &str) -> bool {
    match &attempt.issuer {
        Some(issuer) => issuer == told,
        // With `common` the issuer has the account's own tenant in it.
        None if attempt.provider == Provider::Microsoft => {
            told.starts_with("https://login.microsoftonline.com/")
        }
        None => true,
    }
}

fn refused(key: &'static str) -> Error {
    Error::told(Kind::Forbidden, Sentence::new(key))
}

/// Whose a grant is, to the one who consented.
pub(super) fn whose(grant: &Grant, account: Option<&Account>) -> Whose {
    match (&grant.subject, &grant.account, account) {
        (None, None, _) => Whose::Same,
        (_, _, None) => Whose::Untold,
        (Some(known), _, Some(account)) if *known == account.subject => Whose::Same,
        (Some(_), _, Some(_)) => Whose::Another,
        // Of an older Maildocket, or of a former provider of the integration: the address is all that is known.
        (None, Some(known), Some(account)) => match &account.address {
            Some(address) if known.eq_ignore_ascii_case(address) => Whose::Same,
            Some(_) => Whose::Another,
            None => Whose::Untold,
        },
    }
}

/// The grant that this consent mends: the one asked for, or one of the same account.
pub(super) async fn find_grant(
    app: &App,
    attempt: &Attempt,
    account: Option<&Account>,
) -> Result<Option<Grant>, Refusal> {
    if let Some(id) = attempt.grant_id {
        let grant = app.store.grant(id).await?.filter(|grant| grant.status != GrantStatus::Revoked);
        let grant = grant.ok_or_else(|| Error::not_found("grant"))?;
        check(&grant, account)?;
        return Ok(Some(grant));
    }
    let Some(account) = account else { return Ok(None) };
    let id = attempt.integration_id;
    let mut grants = pin!(lists::entries(200, |page| async move { app.store.grants(Some(id), &page).await }));
    while let Some(grant) = grants.try_next().await? {
        let is_live = !matches!(grant.status, GrantStatus::Revoked | GrantStatus::Pending);
        if is_live && grant.subject.as_ref() == Some(&account.subject) {
            // Lists may lag: the record itself decides.
            return Ok(app.store.grant(grant.id).await?);
        }
    }
    Ok(None)
}

/// A grant is mended by its own account only.
pub(super) fn check(grant: &Grant, account: Option<&Account>) -> Result<(), Refusal> {
    let known = grant.account.as_deref();
    match whose(grant, account) {
        Whose::Same => Ok(()),
        Whose::Another => Err(wrong_account("wrong_account", account, known)),
        Whose::Untold => Err(account_unknown("account_unknown.grant", known)),
    }
}

/// Both are named, to the person and in the audit trail.
pub(super) fn wrong_account(key: &'static str, account: Option<&Account>, known: Option<&str>) -> Refusal {
    let signed_in = account.and_then(|account| account.address.as_deref());
    let sentence = Sentence::new(key).with("account", name(signed_in)).with("known", name(known));
    let told = Diff::default().field("account", name(known), name(signed_in));
    Refusal { error: Box::new(Error::told(Kind::Conflict, sentence)), told }
}

/// Somebody signed in, and it is not known who.
pub(super) fn account_unknown(key: &'static str, known: Option<&str>) -> Refusal {
    let sentence = Sentence::new(key).with("known", name(known));
    let told = Diff::default().field("account", name(known), "");
    Refusal { error: Box::new(Error::told(Kind::Configuration, sentence)), told }
}

fn name(address: Option<&str>) -> &str {
    address.unwrap_or("(address not told)")
}
