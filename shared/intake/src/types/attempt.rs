//! Attempts: one run through the provider's consent page.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::{
    Timestamp,
    types::{
        Problem, Version,
        audit::Actor,
        ids::{AttemptId, GrantId, IntegrationId, MailboxId},
        integration::{ClientAuthentication, Endpoints, Prompt, Provider},
    },
};

/// How an attempt stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum AttemptStatus {
    /// Nobody has come back yet. After `expires_at` it counts as expired.
    Pending,
    /// A grant was made or mended.
    Done {
        /// Which.
        grant_id: GrantId,
    },
    /// It ended without a grant.
    Failed {
        /// Why.
        error: Problem,
    },
}

/// One attempt. Everything that decides where the code goes is frozen when it begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Our identifier.
    pub id: AttemptId,
    /// Under which integration.
    pub integration_id: IntegrationId,
    /// The integration's version when it began: a later one voids the attempt.
    pub integration_version: Version,
    /// Frozen.
    pub provider: Provider,
    /// Frozen.
    pub endpoints: Endpoints,
    /// Frozen.
    pub client_id: String,
    /// Frozen.
    pub client_authentication: ClientAuthentication,
    /// As the integration says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<Prompt>,
    /// Frozen; compared with `iss` (RFC 9207) and with the ID token.
    pub issuer: Option<String>,
    /// Frozen: a callback without `iss` is not this provider's.
    #[serde(default)]
    pub iss_in_callback: bool,
    /// Frozen; the callback must come to exactly this URL.
    pub redirect_url: Url,
    /// Frozen.
    pub scopes: Vec<String>,
    /// Consent again for this grant: the account must be the same.
    pub grant_id: Option<GrantId>,
    /// The mailbox that waits for this consent.
    pub mailbox_id: Option<MailboxId>,
    /// Which account to suggest to the provider.
    pub login_hint: Option<String>,
    /// Who began it; whose right is checked again at the callback.
    pub actor: Actor,
    /// How it stands.
    #[serde(flatten)]
    pub status: AttemptStatus,
    /// After this, no callback is accepted.
    pub expires_at: Timestamp,
    /// When it began.
    pub created_at: Timestamp,
}

/// One opening of an attempt's start page: each has its own state, nonce and browser, because link previews and
/// scanners open links first. Kept under the hash of its state; taken once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// SHA-256 of the `state`, in hexadecimal: the key.
    pub state_hash: String,
    /// Which attempt.
    pub attempt_id: AttemptId,
    /// What the ID token must repeat (OpenID Connect Core section 3.1.2.1).
    pub nonce: String,
    /// SHA-256 of the cookie given to the browser, in hexadecimal.
    pub browser_hash: String,
    /// After this it counts as unknown.
    pub expires_at: Timestamp,
}
