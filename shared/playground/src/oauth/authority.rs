//! What was registered and granted. No HTTP here.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::scopes::{MAIL_SCOPE, SCOPES};
use crate::script::{CallbackIssuer, IdTokenTrick, RefreshTokens, Rotation};
use crate::secrets;

/// Seconds in which a code must be exchanged.
const CODE_LIFE: i64 = 600;
/// Live codes, tokens and grants of each kind; more are refused.
const MAX_LIVE: usize = 50_000;

/// Rules that a script can change.
pub(crate) struct Policy {
    pub(crate) access_token_life: Duration,
    pub(crate) told_refresh_token_life: Option<Duration>,
    pub(crate) rotation: Rotation,
    pub(crate) refresh_tokens: RefreshTokens,
    pub(crate) id_token: IdTokenTrick,
    pub(crate) callback_issuer: CallbackIssuer,
    pub(crate) withheld: BTreeSet<String>,
}

impl Policy {
    fn without_withheld(&self, mut scopes: BTreeSet<String>) -> BTreeSet<String> {
        scopes.retain(|scope| !self.withheld.contains(scope));
        scopes
    }
}

/// A registered application.
pub(crate) struct Client {
    pub(crate) secret: String,
    pub(crate) redirect_uris: BTreeSet<String>,
}

/// What a consent is about, frozen in its code.
#[derive(Clone)]
pub(crate) struct CodeTerms {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: String,
    pub(crate) nonce: Option<String>,
    pub(crate) scopes: BTreeSet<String>,
    pub(crate) account: String,
}

struct Code {
    terms: CodeTerms,
    expires_at: i64,
    /// Set by the exchange: a second one ends this grant.
    grant: Option<u64>,
}

struct Grant {
    client_id: String,
    account: String,
    scopes: BTreeSet<String>,
    revoked: bool,
}

struct Access {
    grant: u64,
    expires_at: i64,
}

struct Refresh {
    grant: u64,
    superseded: bool,
}

/// Why there are no tokens.
#[derive(Debug)]
pub(crate) enum Refused {
    /// The code or token is not, or no longer, one that can be exchanged: why.
    Grant(&'static str),
    /// Too many are live.
    Overloaded,
}

/// Tokens as an application receives them.
#[derive(Clone)]
pub struct IssuedTokens {
    /// For IMAP and userinfo.
    pub access_token: String,
    /// Seconds that the access token lives.
    pub expires_in: u64,
    /// None where the rules give none, and on a refresh without rotation.
    pub refresh_token: Option<String>,
    pub(crate) scopes: BTreeSet<String>,
    pub(crate) account: String,
    pub(crate) nonce: Option<String>,
}

/// Everything the provider remembers.
pub(crate) struct Authority {
    pub(crate) policy: Policy,
    clients: BTreeMap<String, Client>,
    codes: BTreeMap<String, Code>,
    grants: BTreeMap<u64, Grant>,
    access: BTreeMap<String, Access>,
    refresh: BTreeMap<String, Refresh>,
    last_grant: u64,
}

impl Authority {
    pub(crate) fn new(policy: Policy) -> Self {
        Self {
            policy,
            clients: BTreeMap::new(),
            codes: BTreeMap::new(),
            grants: BTreeMap::new(),
            access: BTreeMap::new(),
            refresh: BTreeMap::new(),
            last_grant: 0,
        }
    }

    /// Adds a redirect URI to a client and sets its secret.
    pub(crate) fn register(&mut self, id: &str, secret: &str, redirect_uri: &str) {
        let client = self
            .clients
            .entry(id.to_owned())
            .or_insert_with(|| Client { secret: String::new(), redirect_uris: BTreeSet::new() });
        secret.clone_into(&mut client.secret);
        client.redirect_uris.insert(redirect_uri.to_owned());
    }

    pub(crate) fn client(&self, id: &str) -> Option<&Client> {
        self.clients.get(id)
    }

    /// A person agreed: a code for these terms. None if too many are open.
    pub(crate) fn give_code(&mut self, mut terms: CodeTerms, now: i64) -> Option<String> {
        self.codes.retain(|_, code| code.expires_at > now);
        if self.codes.len() >= MAX_LIVE {
            return None;
        }
        terms.scopes = self.policy.without_withheld(terms.scopes);
        let code = secrets::token("playground-code");
        self.codes.insert(code.clone(), Code { terms, expires_at: now + CODE_LIFE, grant: None });
        Some(code)
    }

    /// RFC 6749, section 4.1.3. A code works once; its second use ends what came of the first.
    pub(crate) fn exchange(
        &mut self,
        client_id: &str,
        code: &str,
        redirect_uri: &str,
        verifier: &str,
        now: i64,
    ) -> Result<IssuedTokens, Refused> {
        let refused = || Refused::Grant("Malformed auth code.");
        let entry = self.codes.get(code).ok_or_else(refused)?;
        if let Some(grant) = entry.grant {
            self.revoke_grant(grant);
            return Err(Refused::Grant("The code was used before."));
        }
        let terms = entry.terms.clone();
        if entry.expires_at <= now || terms.client_id != client_id || terms.redirect_uri != redirect_uri {
            return Err(refused());
        }
        if terms.challenge != secrets::pkce_challenge(verifier) {
            return Err(Refused::Grant("Invalid code verifier."));
        }
        let grant = self.open_grant(&terms)?;
        if let Some(entry) = self.codes.get_mut(code) {
            entry.grant = Some(grant);
        }
        let with_refresh = match self.policy.refresh_tokens {
            RefreshTokens::Always => true,
            RefreshTokens::WithOfflineScope => terms.scopes.contains("offline_access"),
            RefreshTokens::Never => false,
        };
        self.issue(grant, with_refresh, terms.nonce, now)
    }

    /// RFC 6749, section 6.
    pub(crate) fn refresh(
        &mut self,
        client_id: &str,
        token: &str,
        now: i64,
    ) -> Result<IssuedTokens, Refused> {
        let refused = || Refused::Grant("Token has been expired or revoked.");
        let entry = self.refresh.get(token).ok_or_else(refused)?;
        let (grant, superseded) = (entry.grant, entry.superseded);
        let live =
            self.grants.get(&grant).is_some_and(|grant| !grant.revoked && grant.client_id == client_id);
        if !live {
            return Err(refused());
        }
        if superseded && self.policy.rotation == Rotation::Strict {
            self.revoke_grant(grant);
            return Err(refused());
        }
        let rotate = self.policy.rotation != Rotation::Off;
        let issued = self.issue(grant, rotate, None, now)?;
        if rotate && let Some(old) = self.refresh.get_mut(token) {
            old.superseded = true;
        }
        Ok(issued)
    }

    /// A grant without any page.
    pub(crate) fn grant_directly(
        &mut self,
        client_id: &str,
        account: &str,
        now: i64,
    ) -> Option<IssuedTokens> {
        self.clients.get(client_id)?;
        let terms = CodeTerms {
            client_id: client_id.to_owned(),
            redirect_uri: String::new(),
            challenge: String::new(),
            nonce: None,
            scopes: self.policy.without_withheld(SCOPES.map(str::to_owned).into()),
            account: account.to_owned(),
        };
        let grant = self.open_grant(&terms).ok()?;
        self.issue(grant, true, None, now).ok()
    }

    /// RFC 7009: either token ends the whole grant; an unknown one is no error.
    pub(crate) fn revoke(&mut self, client_id: &str, token: &str) {
        let grant = self
            .refresh
            .get(token)
            .map(|entry| entry.grant)
            .or_else(|| self.access.get(token).map(|entry| entry.grant));
        if let Some(id) = grant
            && self.grants.get(&id).is_some_and(|grant| grant.client_id == client_id)
        {
            self.revoke_grant(id);
        }
    }

    pub(crate) fn revoke_account(&mut self, address: &str) {
        for grant in self.grants.values_mut().filter(|grant| grant.account.eq_ignore_ascii_case(address)) {
            grant.revoked = true;
        }
    }

    pub(crate) fn expire_access_tokens(&mut self, address: &str) {
        let grants = &self.grants;
        self.access.retain(|_, access| {
            grants.get(&access.grant).is_some_and(|grant| !grant.account.eq_ignore_ascii_case(address))
        });
    }

    /// The account and scopes of a live access token.
    pub(crate) fn holder(&self, token: &str, now: i64) -> Option<(&str, &BTreeSet<String>)> {
        let access = self.access.get(token).filter(|access| access.expires_at > now)?;
        let grant = self.grants.get(&access.grant).filter(|grant| !grant.revoked)?;
        Some((&grant.account, &grant.scopes))
    }

    /// Whether this token opens this mailbox.
    pub(crate) fn opens(&self, token: &str, address: &str, now: i64) -> bool {
        self.holder(token, now).is_some_and(|(account, scopes)| {
            account.eq_ignore_ascii_case(address) && scopes.contains(MAIL_SCOPE)
        })
    }

    fn open_grant(&mut self, terms: &CodeTerms) -> Result<u64, Refused> {
        if self.grants.len() >= MAX_LIVE {
            return Err(Refused::Overloaded);
        }
        self.last_grant += 1;
        let grant = Grant {
            client_id: terms.client_id.clone(),
            account: terms.account.clone(),
            scopes: terms.scopes.clone(),
            revoked: false,
        };
        self.grants.insert(self.last_grant, grant);
        Ok(self.last_grant)
    }

    fn issue(
        &mut self,
        id: u64,
        with_refresh: bool,
        nonce: Option<String>,
        now: i64,
    ) -> Result<IssuedTokens, Refused> {
        self.access.retain(|_, access| access.expires_at > now);
        if self.access.len() >= MAX_LIVE || self.refresh.len() >= MAX_LIVE {
            return Err(Refused::Overloaded);
        }
        let grant = self.grants.get(&id).ok_or(Refused::Overloaded)?;
        let life = self.policy.access_token_life.as_secs();
        let issued = IssuedTokens {
            access_token: secrets::token("playground-access"),
            expires_in: life,
            refresh_token: with_refresh.then(|| secrets::token("playground-refresh")),
            scopes: grant.scopes.clone(),
            account: grant.account.clone(),
            nonce,
        };
        let expires_at = now.saturating_add(i64::try_from(life).unwrap_or(i64::MAX));
        self.access.insert(issued.access_token.clone(), Access { grant: id, expires_at });
        if let Some(token) = &issued.refresh_token {
            self.refresh.insert(token.clone(), Refresh { grant: id, superseded: false });
        }
        Ok(issued)
    }

    fn revoke_grant(&mut self, id: u64) {
        if let Some(grant) = self.grants.get_mut(&id) {
            grant.revoked = true;
        }
    }
}
