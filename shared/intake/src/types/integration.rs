//! Integrations: a registration of this installation at an OAuth 2.0 provider.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::{
    Timestamp,
    types::{Version, ids::IntegrationId, name::Name, secret::SecretVersion, words::words},
};

words! {
    /// Whose consent page and token endpoint are used.
    pub enum Provider {
        /// Google accounts and Google Workspace.
        Google = "google",
        /// Microsoft 365 and outlook.com.
        Microsoft = "microsoft",
        /// Any other provider, with typed endpoints.
        Custom = "custom",
    }
}

/// The addresses of a provider, each checked to be `https` (or `http` to a loopback host where allowed).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoints {
    /// Where the browser is sent (RFC 6749 section 3.1).
    pub authorization: Url,
    /// Where codes and refresh tokens are exchanged (RFC 6749 section 3.2).
    pub token: Url,
    /// Where a token is ended (RFC 7009): for Custom, where the issuer's metadata names it. None for the others, whose
    /// adapter knows it.
    #[serde(default)]
    pub revocation: Option<Url>,
    /// How clients may authenticate at the token endpoint, as far as we can, where the issuer's metadata says so (RFC 8414:
    /// `token_endpoint_auth_methods_supported`). Empty where nothing is said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authentication: Vec<ClientAuthentication>,
}

words! {
    /// How the client authenticates at the token endpoint (RFC 6749 section 2.3.1).
    #[derive(Default)]
    pub enum ClientAuthentication {
        /// Client id and secret as form fields.
        #[default]
        ClientSecretPost = "client_secret_post",
        /// Client id and secret in an `Authorization: Basic` header.
        ClientSecretBasic = "client_secret_basic",
    }
}

impl ClientAuthentication {
    /// The other way.
    pub fn other(self) -> Self {
        match self {
            Self::ClientSecretPost => Self::ClientSecretBasic,
            Self::ClientSecretBasic => Self::ClientSecretPost,
        }
    }

    /// The way at a provider whose metadata says this; where it says nothing, RFC 8414 section 2 means
    /// `client_secret_basic`.
    pub fn of_metadata(told: &[Self]) -> Self {
        match told {
            [] => Self::ClientSecretBasic,
            [first, ..] => *told.iter().find(|way| **way == Self::default()).unwrap_or(first),
        }
    }
}

/// What the consent page is asked to show (OpenID Connect Core section 3.1.2.1); empty: the parameter is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Prompt(String);

impl Prompt {
    const WORDS: [&str; 4] = ["none", "login", "consent", "select_account"];

    /// One word or several with a blank between them; `none` stands alone.
    pub fn new(text: &str) -> Result<Self, &'static str> {
        let words: Vec<_> = text.split_ascii_whitespace().collect();
        let known = words.iter().all(|word| Self::WORDS.contains(word));
        if !known || (words.len() > 1 && words.contains(&"none")) {
            return Err("field.prompt");
        }
        Ok(Self(words.join(" ")))
    }

    /// The parameter's value; empty where it is left out.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A registration at a provider. Its client secret is in the vault under [`crate::types::secret::SecretName::Integration`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Integration {
    /// Our identifier.
    pub id: IntegrationId,
    /// Rises with each change; the ETag.
    pub version: Version,
    /// Google, Microsoft or Custom.
    pub provider: Provider,
    /// Unique among integrations.
    pub name: Name,
    /// Free text, at most 2,000 characters.
    pub description: String,
    /// The client identifier, byte for byte as typed.
    pub client_id: String,
    /// The version of the client secret that counts.
    pub client_secret_version: SecretVersion,
    /// When the client secret was last typed. None in records of a time that did not keep it.
    #[serde(default)]
    pub client_secret_changed_at: Option<Timestamp>,
    /// The client secret begins or ends with blanks: often a mistake of the clipboard.
    #[serde(default)]
    pub client_secret_has_blanks: bool,
    /// The last day on which the provider accepts the client secret, where a person has typed it.
    pub client_secret_expires_on: Option<jiff::civil::Date>,
    /// The scopes that consent asks for.
    pub scopes: Vec<String>,
    /// Microsoft's tenant word or identifier.
    pub tenant: Option<String>,
    /// The issuer identifier (OpenID Connect Discovery), which `iss` and ID tokens are compared with.
    pub issuer: Option<String>,
    /// Where people consent and tokens are made.
    pub endpoints: Endpoints,
    /// The issuer's metadata says that every callback carries `iss` (RFC 9207).
    #[serde(default)]
    pub iss_in_callback: bool,
    /// How the client authenticates at the token endpoint.
    #[serde(default)]
    pub client_authentication: ClientAuthentication,
    /// What the consent page is asked to show; None: what the provider needs by our knowledge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<Prompt>,
    /// The redirect URL made by the last Generate.
    pub redirect_url: Url,
    /// When it was created.
    pub created_at: Timestamp,
    /// When its configuration last changed.
    pub updated_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_is_made_of_the_words_of_the_standard() {
        for text in ["", "none", "login", "consent", "select_account", "login consent"] {
            assert_eq!(Prompt::new(text).unwrap().as_str(), text);
        }
        for text in ["always", "none login", "consent,login", "Consent"] {
            assert!(Prompt::new(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_way_to_authenticate_follows_the_metadata() {
        use ClientAuthentication::{ClientSecretBasic as Basic, ClientSecretPost as Post};
        assert_eq!(ClientAuthentication::of_metadata(&[]), Basic);
        assert_eq!(ClientAuthentication::of_metadata(&[Basic]), Basic);
        assert_eq!(ClientAuthentication::of_metadata(&[Post]), Post);
        assert_eq!(ClientAuthentication::of_metadata(&[Basic, Post]), Post, "as ever");
    }
}
