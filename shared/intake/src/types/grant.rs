//! Grants: the standing consent of one account under an integration.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    types::{
        Problem, Version,
        ahead::is_ahead,
        ids::{GrantId, IntegrationId},
        secret::{SecretName, SecretVersion},
        words::words,
    },
};

words! {
    /// What a grant is good for.
    pub enum GrantStatus {
        /// The record exists, its secret may not: a crash between the two leaves this, and a sweep finishes it. Not shown.
        Pending = "pending",
        /// Tokens are good.
        Active = "active",
        /// The last refreshes failed for a temporary reason; tried again by itself.
        Failing = "failing",
        /// Only a person can mend it, at the consent page.
        NeedsConsent = "needs_consent",
        /// Ended by us; being deleted.
        Revoked = "revoked",
    }
}

/// The longest time between two refreshes of a grant.
pub const LONGEST_REFRESH_PAUSE: Duration = Duration::from_secs(40 * 24 * 60 * 60);

impl Grant {
    /// Whether the refresher's turn has come.
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.next_refresh_at.is_some_and(|due| !is_ahead(due, now, LONGEST_REFRESH_PAUSE))
    }
}

/// A refresh that has begun: as long as its end is not known, the refresh token may have been spent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshStarted {
    /// The fence of the lease under which it began.
    pub fence: u64,
    /// When.
    pub at: Timestamp,
}

impl SecretVersion {
    /// The version of the tokens that this refresh brings. Its time belongs to it: a table that was restored counts its
    /// fences a second time, and the vault beside it holds what the first ones wrote.
    pub fn of_refresh(id: GrantId, refresh: &RefreshStarted) -> Self {
        let RefreshStarted { fence, at } = refresh;
        Self::digest(&format!("{}#{fence}#{}", SecretName::Grant(id), at.as_millisecond()))
    }
}

/// What is known of the life of a consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct GrantLife {
    /// When the present refresh token was issued. None in old items: the consent's time counts.
    #[serde(default)]
    pub issued_at: Option<Timestamp>,
    /// When the refresh token ends, where the provider says so.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    /// How many hours the consent lived that the provider ended last. Kept when the account consents again.
    #[serde(default)]
    pub ended_after_hours: Option<u32>,
}

impl GrantLife {
    /// After an answer of the token endpoint: with a new refresh token or the old one, and with its end, where told.
    #[must_use]
    pub fn answered(self, now: Timestamp, renewed: bool, expires_at: Option<Timestamp>) -> Self {
        match (renewed, expires_at) {
            (true, _) => Self { issued_at: Some(now), expires_at, ..self },
            (false, Some(_)) => Self { expires_at, ..self },
            (false, None) => self,
        }
    }
}

/// The standing consent of one account. Its tokens are in the vault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Our identifier.
    pub id: GrantId,
    /// Rises with each write of this record.
    pub version: Version,
    /// The integration whose client the consent was given to.
    pub integration_id: IntegrationId,
    /// The account's address, where the provider tells it.
    pub account: Option<String>,
    /// The account's stable identifier at the provider (`sub`, with the issuer), where the provider tells it.
    pub subject: Option<String>,
    /// The scopes that the provider says it granted.
    pub scopes_granted: Vec<String>,
    /// What it is good for.
    pub status: GrantStatus,
    /// The version of the tokens that counts. None where none does: before the first, and after the token endpoint was
    /// changed. Then nothing of the vault is used, or sent anywhere.
    pub secret_version: Option<SecretVersion>,
    /// When the access token ends.
    pub access_token_expires_at: Option<Timestamp>,
    /// When tokens were last written.
    pub refreshed_at: Option<Timestamp>,
    /// When the refresher is due. None while only a person can help.
    pub next_refresh_at: Option<Timestamp>,
    /// Refreshes that failed since the last good one.
    pub consecutive_failures: u32,
    /// Why the last refresh failed.
    pub last_error: Option<Problem>,
    /// A refresh under way, or one whose end was lost.
    pub refresh_started: Option<RefreshStarted>,
    /// How long it lives, as far as that is known.
    #[serde(default)]
    pub life: GrantLife,
    /// When it was created.
    pub created_at: Timestamp,
    /// When a person last consented.
    pub consented_at: Timestamp,
}
