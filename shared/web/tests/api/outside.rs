//! What is outside of these tests: a vault in memory, a clock that is moved by hand, and no network.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use intake::{
    Error, Result, Timestamp,
    ports::{
        AuthorizationRequest, BlobRead, BlobWriter, Blobs, Client, Clock, CodeExchange, Credentials,
        Discovered, Entropy, Follower, MailDiscovery, MailError, MailFault, MailSource, MailTarget,
        OAuthError, OAuthFault, OAuthProvider, Obstacle, OpenedFolder, Reached, Sight, Stage, TokenAnswer,
        Unreached, Untold, Vault,
    },
    types::{
        errand::MailAction,
        host::MailHost,
        identity::Claims,
        integration::Endpoints,
        issue::BlobKey,
        mailbox::MailServer,
        secret::{SecretName, SecretVersion},
    },
};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// Blobs that browsers may fetch by a link, as those of a bucket: `https://files.example/NAME`.
pub(crate) struct Linked(pub(crate) store::ObjectBlobs);

#[async_trait]
impl Blobs for Linked {
    async fn put(&self, key: &BlobKey, bytes: Bytes) -> Result<()> {
        self.0.put(key, bytes).await
    }

    async fn stage(&self, key: &BlobKey, bytes: Bytes) -> Result<()> {
        self.0.stage(key, bytes).await
    }

    async fn flush(&self) -> Result<()> {
        self.0.flush().await
    }

    async fn writer(&self, key: &BlobKey) -> Result<Box<dyn BlobWriter>> {
        self.0.writer(key).await
    }

    async fn read(&self, key: &BlobKey) -> Result<BlobRead> {
        self.0.read(key).await
    }

    async fn link(&self, key: &BlobKey, _: &str, _: Duration) -> Result<Option<Url>> {
        Ok(Url::parse(&format!("https://files.example/{}", key.as_str())).ok())
    }

    async fn list(&self, prefix: &str) -> Result<Vec<BlobKey>> {
        self.0.list(prefix).await
    }

    async fn delete_prefix(&self, prefix: &str) -> Result<()> {
        self.0.delete_prefix(prefix).await
    }
}

/// Secrets in memory.
#[derive(Default)]
pub(crate) struct MemoryVault(Mutex<BTreeMap<String, Vec<(SecretVersion, SecretString)>>>);

impl MemoryVault {
    /// The names of all secrets.
    pub(crate) fn names(&self) -> Vec<String> {
        self.0.lock().unwrap().keys().cloned().collect()
    }
}

#[async_trait]
impl Vault for MemoryVault {
    async fn put(
        &self,
        name: SecretName,
        version: &SecretVersion,
        value: &SecretString,
    ) -> Result<Vec<SecretVersion>> {
        let mut all = self.0.lock().unwrap();
        let versions = all.entry(name.to_string()).or_default();
        let beside = versions.iter().map(|(version, _)| version.clone()).collect();
        versions.push((version.clone(), value.clone()));
        Ok(beside)
    }

    async fn get(&self, name: SecretName, version: &SecretVersion) -> Result<SecretString> {
        let all = self.0.lock().unwrap();
        let found = all.get(&name.to_string()).and_then(|all| all.iter().find(|(v, _)| v == version));
        found.map(|(_, value)| value.clone()).ok_or_else(|| Error::not_found("secret"))
    }

    async fn settled(&self, _: SecretName) -> Result<Option<(SecretVersion, SecretString)>> {
        Ok(None)
    }

    async fn settle(&self, name: SecretName, _: &SecretVersion, gone: &[SecretVersion]) -> Result<()> {
        let mut all = self.0.lock().unwrap();
        if let Some(versions) = all.get_mut(&name.to_string()) {
            versions.retain(|(version, _)| !gone.contains(version));
        }
        Ok(())
    }

    async fn discard(&self, name: SecretName, version: &SecretVersion) -> Result<()> {
        let mut all = self.0.lock().unwrap();
        if let Some(versions) = all.get_mut(&name.to_string()) {
            versions.retain(|(there, _)| there != version);
        }
        // A name without a secret is not there.
        all.retain(|_, versions| !versions.is_empty());
        Ok(())
    }

    async fn delete(&self, name: SecretName) -> Result<()> {
        self.0.lock().unwrap().remove(&name.to_string());
        Ok(())
    }

    async fn writable(&self) -> Result<()> {
        Ok(())
    }
}

/// A clock that starts in 2026 and is moved by hand.
pub(crate) struct HandClock(AtomicI64);

impl Default for HandClock {
    fn default() -> Self {
        Self(AtomicI64::new(1_795_000_000_000))
    }
}

impl HandClock {
    /// Moves it.
    pub(crate) fn advance(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

#[async_trait]
impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.fetch_add(1, Ordering::SeqCst)).unwrap()
    }

    async fn sleep(&self, delay: Duration) {
        self.advance(delay);
    }
}

/// Random enough to be unique.
#[derive(Default)]
pub(crate) struct Counting(AtomicU64);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let n = self.0.fetch_add(1, Ordering::SeqCst).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            chunk.copy_from_slice(&n.to_le_bytes()[..chunk.len()]);
        }
    }
}

/// A network on which nothing answers, but for the issuer `https://issuer.example`.
pub(crate) struct NoNetwork;

fn unreachable() -> OAuthError {
    OAuthError {
        fault: OAuthFault::Temporary { after: None },
        context: "connect".into(),
        error: None,
        description: None,
        host: None,
        tried: Vec::new(),
    }
}

fn no_connection() -> MailError {
    MailError { fault: MailFault::Unreachable, context: "connect".to_owned(), server_text: None }
}

#[async_trait]
impl MailSource for NoNetwork {
    async fn open(&self, _: &MailTarget, _: &Credentials) -> Result<OpenedFolder, MailError> {
        Err(no_connection())
    }

    async fn probe(
        &self,
        _: &MailTarget,
        _: &Credentials,
        _: Option<&MailAction>,
        _: Duration,
        follower: Follower,
    ) -> Sight {
        follower.tell(Stage::Connect, &Sight::default());
        Sight { end: Some((Stage::Connect, no_connection())), ..Sight::default() }
    }
}

#[async_trait]
impl OAuthProvider for NoNetwork {
    fn authorization_url(&self, request: &AuthorizationRequest) -> Url {
        let mut url = request.authorization_endpoint.clone();
        url.query_pairs_mut().append_pair("state", &request.state).append_pair("nonce", &request.nonce);
        url
    }

    async fn exchange_code(&self, _: &Client, _: &CodeExchange) -> Result<TokenAnswer, OAuthError> {
        Err(unreachable())
    }

    /// A code says what the claims are: `SUBJECT,GROUP,NONCE`.
    async fn identify(
        &self,
        client: &Client,
        exchange: &CodeExchange,
        _: &Url,
    ) -> Result<Claims, OAuthError> {
        let code = exchange.code.expose_secret();
        let mut parts = code.split(',').map(str::to_owned);
        let mut next = || parts.next().unwrap_or_default();
        Ok(Claims {
            issuer: "https://issuer.example/".to_owned(),
            audience: vec![client.id.clone()],
            expires_at: 4_000_000_000,
            subject: next(),
            groups: vec![next()],
            nonce: Some(next()),
            ..Claims::default()
        })
    }

    async fn refresh(&self, _: &Client, _: &SecretString, _: &[String]) -> Result<TokenAnswer, OAuthError> {
        Err(unreachable())
    }

    async fn revoke(&self, _: &Client, _: &SecretString) -> Result<bool, OAuthError> {
        Ok(false)
    }

    async fn discover(&self, issuer: &Url) -> Result<Discovered, OAuthError> {
        if issuer.host_str() != Some("issuer.example") {
            let fault = OAuthFault::NotAnEndpoint;
            return Err(OAuthError { fault, ..unreachable() });
        }
        let url = |path| issuer.join(path).unwrap();
        Ok(Discovered {
            issuer: issuer.to_string(),
            endpoints: Endpoints {
                authorization: url("/auth"),
                token: url("/token"),
                revocation: None,
                authentication: Vec::new(),
            },
            iss_in_callback: false,
            keys: Some(url("/keys")),
            scopes: Vec::new(),
        })
    }
    async fn reach(&self, _: &Url) -> Result<Reached, Unreached> {
        Err(Unreached { obstacle: Obstacle::Tcp, seen: "no connection could be made".to_owned() })
    }
}

#[async_trait]
impl MailDiscovery for NoNetwork {
    async fn mail_exchangers(&self, domain: &MailHost) -> Result<Vec<MailHost>, Untold> {
        let google = MailHost::new("aspmx.l.google.com").map_err(|_| Untold)?;
        Ok([google].into_iter().filter(|_| domain.is_within(&["workspace.example"])).collect())
    }

    async fn mail_servers(&self, _: &MailHost) -> Result<Vec<MailServer>, Untold> {
        Err(Untold)
    }

    /// Domains of filters have a tenant behind them.
    async fn tenant(&self, domain: &MailHost) -> Result<Option<String>, Untold> {
        let is_filtered = domain.is_within(&["filtered.example"]);
        Ok(is_filtered.then(|| "6babcaad-604b-40ac-a9d7-9fd97c0b779f".to_owned()))
    }
}
