//! Ports that fail, or do something beside, when a test says so.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;
use futures::future::BoxFuture;
use intake::{
    Error, Result, Timestamp,
    ports::{
        AuthorizationRequest, Client, Clock, CodeExchange, Discovered, OAuthError, OAuthProvider, Reached,
        TokenAnswer, Unreached, Vault,
    },
    types::secret::{SecretName, SecretVersion},
};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// How a write to the vault goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PutFault {
    /// It fails, and nothing is written.
    Refused,
    /// The process dies before it.
    CrashBefore,
    /// The process dies after it.
    CrashAfter,
}

/// A vault with faults.
pub struct FaultyVault {
    inner: Arc<dyn Vault>,
    puts: Mutex<VecDeque<PutFault>>,
    read_only: AtomicBool,
}

impl FaultyVault {
    /// Around this vault; without faults at first.
    pub fn new(inner: Arc<dyn Vault>) -> Arc<Self> {
        Arc::new(Self { inner, puts: Mutex::default(), read_only: AtomicBool::new(false) })
    }

    /// The next write without a fault gets this one.
    pub fn fail_next_put(&self, fault: PutFault) {
        self.puts().push_back(fault);
    }

    /// Whether it says that it cannot be written.
    pub fn set_read_only(&self, read_only: bool) {
        self.read_only.store(read_only, Ordering::Relaxed);
    }

    fn puts(&self) -> std::sync::MutexGuard<'_, VecDeque<PutFault>> {
        self.puts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn unreachable() -> Error {
    Error::retry("vault_unreachable")
}

#[async_trait]
impl Vault for FaultyVault {
    async fn put(
        &self,
        name: SecretName,
        version: &SecretVersion,
        value: &SecretString,
    ) -> Result<Vec<SecretVersion>> {
        let fault = self.puts().pop_front();
        match fault {
            None => self.inner.put(name, version, value).await,
            Some(PutFault::Refused) => Err(unreachable()),
            Some(PutFault::CrashBefore) => panic!("the process dies before it writes the secret"),
            Some(PutFault::CrashAfter) => {
                self.inner.put(name, version, value).await?;
                panic!("the process dies after it wrote the secret")
            }
        }
    }

    async fn get(&self, name: SecretName, version: &SecretVersion) -> Result<SecretString> {
        self.inner.get(name, version).await
    }

    async fn settled(&self, name: SecretName) -> Result<Option<(SecretVersion, SecretString)>> {
        self.inner.settled(name).await
    }

    async fn settle(&self, name: SecretName, now: &SecretVersion, gone: &[SecretVersion]) -> Result<()> {
        self.inner.settle(name, now, gone).await
    }

    async fn discard(&self, name: SecretName, version: &SecretVersion) -> Result<()> {
        self.inner.discard(name, version).await
    }

    async fn delete(&self, name: SecretName) -> Result<()> {
        self.inner.delete(name).await
    }

    async fn writable(&self) -> Result<()> {
        if self.read_only.load(Ordering::Relaxed) { Err(unreachable()) } else { self.inner.writable().await }
    }
}

/// Something that happens while a refresh is on its way.
type Meanwhile = BoxFuture<'static, ()>;

/// A provider client that is watched, and in whose refreshes something else happens.
pub struct WatchedProvider {
    inner: Arc<dyn OAuthProvider>,
    before_refresh: Mutex<Option<Meanwhile>>,
    revoked: Mutex<Vec<String>>,
    crash_at_revocation: AtomicBool,
}

impl WatchedProvider {
    /// Around this client.
    pub fn new(inner: Arc<dyn OAuthProvider>) -> Arc<Self> {
        Arc::new(Self {
            inner,
            before_refresh: Mutex::default(),
            revoked: Mutex::default(),
            crash_at_revocation: AtomicBool::new(false),
        })
    }

    /// The next refresh waits for this before it asks.
    pub fn before_next_refresh(&self, meanwhile: impl Future<Output = ()> + Send + 'static) {
        *self.before() = Some(Box::pin(meanwhile));
    }

    /// The process dies before the next token is revoked.
    pub fn crash_at_next_revocation(&self) {
        self.crash_at_revocation.store(true, Ordering::Relaxed);
    }

    /// The tokens that were revoked so far.
    pub fn revoked(&self) -> Vec<String> {
        self.tokens().clone()
    }

    fn tokens(&self) -> std::sync::MutexGuard<'_, Vec<String>> {
        self.revoked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn before(&self) -> std::sync::MutexGuard<'_, Option<Meanwhile>> {
        self.before_refresh.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl OAuthProvider for WatchedProvider {
    fn authorization_url(&self, request: &AuthorizationRequest) -> Url {
        self.inner.authorization_url(request)
    }

    async fn exchange_code(
        &self,
        client: &Client,
        exchange: &CodeExchange,
    ) -> Result<TokenAnswer, OAuthError> {
        self.inner.exchange_code(client, exchange).await
    }

    async fn identify(
        &self,
        client: &Client,
        exchange: &CodeExchange,
        keys: &Url,
    ) -> Result<intake::types::identity::Claims, OAuthError> {
        self.inner.identify(client, exchange, keys).await
    }

    async fn refresh(
        &self,
        client: &Client,
        refresh_token: &SecretString,
        scopes: &[String],
    ) -> Result<TokenAnswer, OAuthError> {
        let meanwhile = self.before().take();
        if let Some(meanwhile) = meanwhile {
            meanwhile.await;
        }
        self.inner.refresh(client, refresh_token, scopes).await
    }

    async fn revoke(&self, client: &Client, token: &SecretString) -> Result<bool, OAuthError> {
        let crash = self.crash_at_revocation.swap(false, Ordering::Relaxed);
        assert!(!crash, "the process dies before it revokes the token");
        self.tokens().push(token.expose_secret().to_owned());
        self.inner.revoke(client, token).await
    }

    async fn discover(&self, issuer: &Url) -> Result<Discovered, OAuthError> {
        self.inner.discover(issuer).await
    }

    async fn reach(&self, url: &Url) -> Result<Reached, Unreached> {
        self.inner.reach(url).await
    }
}

/// A clock that tells when somebody waits.
pub struct WatchedClock {
    inner: Arc<dyn Clock>,
    waits: tokio::sync::Notify,
}

impl WatchedClock {
    /// Around this clock.
    pub fn new(inner: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self { inner, waits: tokio::sync::Notify::new() })
    }

    /// Until somebody begins to wait.
    pub async fn waits(&self) {
        self.waits.notified().await;
    }
}

#[async_trait]
impl Clock for WatchedClock {
    fn now(&self) -> Timestamp {
        self.inner.now()
    }

    async fn sleep(&self, delay: std::time::Duration) {
        self.waits.notify_one();
        self.inner.sleep(delay).await;
    }
}
