//! Names and contents of secrets. The contents never implement `Serialize` or a telling `Debug`.

use std::fmt;

use aws_lc_rs::digest;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    types::ids::{GrantId, IntegrationId, MailboxId},
};

/// Which secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SecretName {
    /// The client secret of an integration.
    Integration(IntegrationId),
    /// The tokens of a grant: [`GrantTokens`].
    Grant(GrantId),
    /// The password of a mailbox.
    Mailbox(MailboxId),
}

impl fmt::Display for SecretName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integration(id) => write!(f, "integration/{id}"),
            Self::Grant(id) => write!(f, "grant/{id}"),
            Self::Mailbox(id) => write!(f, "mailbox/{id}"),
        }
    }
}

/// One version of a secret: 64 hexadecimal characters, chosen by the writer, so that a repeated write is recognised.
/// AWS calls it ClientRequestToken (32 to 64 characters).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SecretVersion(String);

impl SecretVersion {
    /// A version from random bytes, for secrets that a person types.
    pub fn random(bytes: &[u8; 32]) -> Self {
        Self(hex::encode(bytes))
    }

    /// A version read back from the vault.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same text gives the same version.
    pub(super) fn digest(text: &str) -> Self {
        Self(hex::encode(digest::digest(&digest::SHA256, text.as_bytes())))
    }
}

/// The tokens of a grant, as they lie in the vault.
#[derive(Clone)]
pub struct GrantTokens {
    /// The fence of the refresh (or consent) that wrote them.
    pub fence: u64,
    /// The bearer token (RFC 6750).
    pub access_token: SecretString,
    /// The refresh token (RFC 6749 section 1.5).
    pub refresh_token: SecretString,
    /// When the provider stops accepting the access token.
    pub expires_at: Timestamp,
    /// When it was issued.
    pub issued_at: Timestamp,
}

impl fmt::Debug for GrantTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GrantTokens")
            .field("fence", &self.fence)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// The vault held something that is not a grant's tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the stored secret is not a grant's tokens")]
pub struct InvalidTokens;

impl GrantTokens {
    /// The JSON text for the vault.
    pub fn to_secret(&self) -> SecretString {
        let json = serde_json::json!({
            "v": 1,
            "fence": self.fence,
            "access_token": self.access_token.expose_secret(),
            "refresh_token": self.refresh_token.expose_secret(),
            "expires_at": self.expires_at,
            "issued_at": self.issued_at,
        });
        SecretString::from(json.to_string())
    }

    /// Reads what [`GrantTokens::to_secret`] wrote.
    pub fn from_secret(secret: &SecretString) -> Result<Self, InvalidTokens> {
        #[derive(Deserialize)]
        struct Stored {
            fence: u64,
            access_token: String,
            refresh_token: String,
            expires_at: Timestamp,
            issued_at: Timestamp,
        }
        let stored: Stored = serde_json::from_str(secret.expose_secret()).map_err(|_| InvalidTokens)?;
        Ok(Self {
            fence: stored.fence,
            access_token: stored.access_token.into(),
            refresh_token: stored.refresh_token.into(),
            expires_at: stored.expires_at,
            issued_at: stored.issued_at,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_survive_the_vault_and_do_not_show() {
        let at = Timestamp::from_second(1_790_000_000).unwrap();
        let tokens = GrantTokens {
            fence: 3,
            access_token: "CANARY-a".into(),
            refresh_token: "CANARY-r".into(),
            expires_at: at,
            issued_at: at,
        };
        let back = GrantTokens::from_secret(&tokens.to_secret()).unwrap();
        assert_eq!(back.refresh_token.expose_secret(), "CANARY-r");
        assert!(!format!("{back:?} {:?}", tokens.to_secret()).contains("CANARY"));
        assert!(GrantTokens::from_secret(&"{}".into()).is_err());
    }
}
