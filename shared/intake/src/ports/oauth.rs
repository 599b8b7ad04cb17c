use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use url::Url;

use crate::{
    Sentence, Timestamp,
    types::{
        identity::Claims,
        integration::{ClientAuthentication, Endpoints, Prompt, Provider},
    },
};

/// The client that we are at a provider.
#[derive(Debug, Clone)]
pub struct Client {
    /// For habits that differ by provider.
    pub provider: Provider,
    /// Where to go.
    pub endpoints: Endpoints,
    /// The client identifier.
    pub id: String,
    /// The client secret.
    pub secret: SecretString,
    /// How it authenticates. At Custom the other way is tried once where this one is refused and the metadata does not say
    /// that it is right.
    pub authentication: ClientAuthentication,
}

/// What makes the URL of the provider's consent page.
#[derive(Debug, Clone)]
pub struct AuthorizationRequest {
    /// For extra parameters that differ by provider.
    pub provider: Provider,
    /// RFC 6749 section 3.1.
    pub authorization_endpoint: Url,
    /// The client identifier.
    pub client_id: String,
    /// Exactly as registered.
    pub redirect_url: Url,
    /// Asked for.
    pub scopes: Vec<String>,
    /// 43 characters.
    pub state: String,
    /// For the ID token.
    pub nonce: String,
    /// RFC 7636; the challenge (S256) is made from it.
    pub code_verifier: String,
    /// The account to suggest.
    pub login_hint: Option<String>,
    /// What the page is asked to show; None: what the provider needs.
    pub prompt: Option<Prompt>,
}

/// A code to exchange for tokens.
#[derive(Debug, Clone)]
pub struct CodeExchange {
    /// From the callback.
    pub code: SecretString,
    /// RFC 7636.
    pub code_verifier: SecretString,
    /// The same as in the authorization request.
    pub redirect_url: Url,
}

/// Tokens from the token endpoint.
#[derive(Debug, Clone)]
pub struct TokenAnswer {
    /// RFC 6750.
    pub access_token: SecretString,
    /// Absent where the provider keeps the old one.
    pub refresh_token: Option<SecretString>,
    /// How long the access token lives; a missing, zero or negative number counts as one hour.
    pub expires_in: Duration,
    /// How long the refresh token lives, where told: not in RFC 6749, but Google and others say it.
    pub refresh_expires_in: Option<Duration>,
    /// The granted scopes, where told.
    pub scopes: Option<Vec<String>>,
    /// How the client was accepted: another way than it was asked for where that was refused.
    pub authentication: ClientAuthentication,
    /// The ID token as it was sent.
    pub signed: Option<SecretString>,
    /// The ID token's claims, decoded and not yet checked; None where none was sent. Received from the token endpoint over TLS, so the signature
    /// need not be checked (OpenID Connect Core section 3.1.3.7, item 6).
    pub id_token: Option<Result<IdToken, UnreadableIdToken>>,
}

/// Why an ID token that was sent says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnreadableIdToken {
    /// It has more than 16 KiB.
    TooLarge,
    /// It is not a JSON Web Token with claims.
    NoClaims,
}

/// The claims of an ID token that we use.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IdToken {
    /// Who issued it; empty where it does not say.
    pub issuer: String,
    /// For whom.
    pub audience: Vec<String>,
    /// When it ends, in seconds since 1970.
    pub expires_at: i64,
    /// What we sent.
    pub nonce: Option<String>,
    /// The account's stable identifier; empty where it does not say.
    pub subject: String,
    /// The account's address: `email`, else `preferred_username`, else `upn`.
    pub account: Option<String>,
}

/// What went wrong at a provider, as far as callers act on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OAuthFault {
    /// Unreachable, 408, 425, 429, 5xx: try again. Nothing is known about the grant.
    Temporary {
        /// `Retry-After`, at most one hour.
        after: Option<Duration>,
    },
    /// The connection broke or the time ended after the request was sent: try again. Whether it was carried out, and a
    /// token was spent by it, is not known.
    AnswerLost,
    /// `invalid_grant` and its kin: the code or refresh token is not good (any more).
    GrantRefused,
    /// `invalid_client`: the client id or secret is refused.
    ClientRefused,
    /// The provider's administrator has to act.
    Administrator,
    /// Another error of the provider: a setting is wrong.
    Configuration,
    /// Whatever answers is not a token endpoint: HTML, a redirect, more than 64 KiB, no JSON.
    NotAnEndpoint,
    /// The host does not resolve, or only to addresses that may not be connected to, or its certificate is not good.
    Address,
}

/// A fault with the provider's own words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{context}")]
pub struct OAuthError {
    /// What callers act on.
    pub fault: OAuthFault,
    /// What was being done. Holds no secret.
    pub context: Box<str>,
    /// The provider's `error`, printable, at most 100 characters.
    pub error: Option<String>,
    /// The provider's `error_description` (or `error_subtype`), printable, at most 300 characters.
    pub description: Option<String>,
    /// The host that was asked; None for what a browser brought.
    pub host: Option<Box<str>>,
    /// How the client had signed in, in order, where that is what was refused.
    pub tried: Vec<ClientAuthentication>,
}

/// What discovery tells (OpenID Connect Discovery, RFC 8414).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discovered {
    /// Equal to the issuer asked for.
    pub issuer: String,
    /// Where people consent, and tokens are made and ended.
    pub endpoints: Endpoints,
    /// `iss` will be in the callback (RFC 9207).
    pub iss_in_callback: bool,
    /// Where the keys are with which ID tokens are signed (RFC 7517).
    pub keys: Option<Url>,
    /// Which scopes it says that there are.
    pub scopes: Vec<String>,
}

/// A host that answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// The time that it says it is (`Date`, to the second); None where it says none.
    pub date: Option<Timestamp>,
}

/// A host that cannot be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreached {
    /// Where the way ends.
    pub obstacle: Obstacle,
    /// What was seen there, as the rest of a sentence.
    pub seen: String,
}

impl Unreached {
    /// What keeps from the host, and what to do about it.
    pub fn sentence(&self, host: &str) -> Sentence {
        let told = Sentence::variant("provider_unreachable", self.obstacle.as_str());
        told.with("host", host).with("why", &self.seen)
    }

    /// The same as the fault of a call to this host.
    pub fn to_error(&self, context: &str, host: &str) -> OAuthError {
        let fault = match self.obstacle {
            Obstacle::Name | Obstacle::Address | Obstacle::Certificate => OAuthFault::Address,
            Obstacle::Tcp | Obstacle::Tls => OAuthFault::Temporary { after: None },
            Obstacle::Answer => OAuthFault::AnswerLost,
        };
        let context = format!("{context}: {}", self.seen).into();
        let host = Some(host.into());
        OAuthError { fault, context, error: None, description: None, host, tried: Vec::new() }
    }
}

/// What keeps from a host, from the name to the first answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// It does not resolve.
    Name,
    /// It resolves to an address that may not be connected to.
    Address,
    /// Nothing accepts the connection.
    Tcp,
    /// What accepts it does not speak TLS, or another kind of it.
    Tls,
    /// Its certificate is for another host, not valid now, or not trusted.
    Certificate,
    /// The connection is good, and no answer came.
    Answer,
}

impl Obstacle {
    /// Which sentence of the catalogue says what to do about it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name | Self::Address => "name",
            Self::Tcp => "tcp",
            Self::Tls | Self::Answer => "tls",
            Self::Certificate => "certificate",
        }
    }
}

/// OAuth 2.0 providers. Every call is bounded in time and size, follows no redirect, and connects only to permitted
/// addresses.
#[async_trait]
pub trait OAuthProvider: Send + Sync {
    /// The URL of the consent page: authorization code grant with PKCE S256, and what the provider needs to give a
    /// refresh token. Makes no call.
    fn authorization_url(&self, request: &AuthorizationRequest) -> Url;
    /// Exchanges a code. Never retried: codes are single use.
    async fn exchange_code(
        &self,
        client: &Client,
        exchange: &CodeExchange,
    ) -> Result<TokenAnswer, OAuthError>;
    /// Exchanges a code for what the ID token says, whose signature is one of the keys' at this address.
    async fn identify(
        &self,
        client: &Client,
        exchange: &CodeExchange,
        keys: &Url,
    ) -> Result<Claims, OAuthError>;
    /// Refreshes. Not to be cancelled once begun: a rotating provider may have spent the old token.
    async fn refresh(
        &self,
        client: &Client,
        refresh_token: &SecretString,
        scopes: &[String],
    ) -> Result<TokenAnswer, OAuthError>;
    /// Revokes at the provider, where it can (RFC 7009); Ok(false) where it has no such endpoint.
    async fn revoke(&self, client: &Client, token: &SecretString) -> Result<bool, OAuthError>;
    /// Reads the provider's metadata. Its issuer must be the one that was asked for.
    async fn discover(&self, issuer: &Url) -> Result<Discovered, OAuthError>;
    /// Whether a host can be reached as all calls reach it: name, address, TCP, TLS and certificate. What it answers
    /// does not matter.
    async fn reach(&self, url: &Url) -> Result<Reached, Unreached>;
}
