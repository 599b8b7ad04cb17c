//! Everything a flow needs, in one place.

use std::{
    net::{Ipv4Addr, SocketAddr},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use aws_lc_rs::{digest, hmac};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures::future::{Either, select};
use url::Url;

use crate::{
    Result, Timestamp,
    ports::{
        Blobs, Change, Clock, Entropy, MailDiscovery, MailSource, OAuthProvider, Store, StoreError, Vault,
    },
    types::{
        host::{AddressPolicy, MailHost, OwnListener},
        identity::IdentityProvider,
    },
};

/// What an installation is told at its start.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Scheme, host and port under which browsers and providers reach us; no path.
    pub base_url: Url,
    /// Which addresses may be connected to.
    pub addresses: AddressPolicy,
    /// Where this process listens, which is never connected to.
    pub own: OwnListener,
    /// Told in cookies' names and logs, so that two local instances do not mix: 8 characters.
    pub instance: String,
    /// Where people of the company sign in to the console, beside tokens.
    pub identity: Option<IdentityProvider>,
}

impl Settings {
    /// Whether a host and port, as a person types them, are those of this installation. Names are compared, not
    /// resolved: that is done at each connection.
    pub fn is_ourselves(&self, host: &MailHost, port: u16) -> bool {
        let base = self.base_url.host_str().and_then(|base| MailHost::new(base).ok());
        let loopback = |host: &MailHost| host.ip().map_or(host.is_localhost(), |ip| ip.is_loopback());
        let at_base = self.base_url.port_or_known_default() == Some(port)
            && base.is_some_and(|base| base == *host || (loopback(&base) && loopback(host)));
        let ip = host.ip().or_else(|| host.is_localhost().then_some(Ipv4Addr::LOCALHOST.into()));
        at_base || ip.is_some_and(|ip| self.own.is_at(SocketAddr::new(ip, port)))
    }
}

/// The stack of a runtime's threads, bytes: mail is parsed on them, and this is enough for any nesting that the parser's
/// own limit of depth lets through, many times over.
pub const STACK: usize = 8 * 1024 * 1024;

/// The ports and settings of one process.
#[derive(Clone)]
pub struct App {
    /// Records.
    pub store: Arc<dyn Store>,
    /// Bytes.
    pub blobs: Arc<dyn Blobs>,
    /// Secrets.
    pub vault: Arc<dyn Vault>,
    /// Mail servers.
    pub mail: Arc<dyn MailSource>,
    /// OAuth 2.0 providers.
    pub oauth: Arc<dyn OAuthProvider>,
    /// What domains tell of their mail.
    pub discovery: Arc<dyn MailDiscovery>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// For keyed hashes of this installation.
    pub mac: MacKey,
    /// What mailboxes sign in with, in memory.
    pub credentials: Arc<crate::flows::credentials::CredentialCache>,
    /// Leases that this process holds.
    pub leases: Arc<crate::flows::leases::HeldLeases>,
    /// The disk under the data folder.
    pub disk: Arc<crate::Disk>,
    /// Places for the polls of this process.
    pub places: Arc<crate::flows::places::Places>,
    /// How mails are parsed: tests set a mail that kills the parser here.
    pub parse: mail::Options,
    /// Set when the process is asked to end: long work stops at its next safe point.
    pub stop: StopSignal,
    /// What the installation was told.
    pub settings: Settings,
}

/// Whether the process was asked to end.
#[derive(Debug, Clone, Default)]
pub struct StopSignal(Arc<AtomicBool>);

impl StopSignal {
    /// Asks all long work to stop at its next safe point.
    pub fn request(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether that was asked.
    pub fn requested(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl App {
    /// The time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The time, some seconds from now.
    pub fn after(&self, delay: Duration) -> Timestamp {
        self.now().checked_add(delay).unwrap_or(Timestamp::MAX)
    }

    /// What a call makes of this much time; None where it takes longer, and is dropped.
    pub async fn within<T>(&self, time: Duration, call: impl Future<Output = T>) -> Option<T> {
        match select(pin!(call), self.clock.sleep(time)).await {
            Either::Left((answer, _)) => Some(answer),
            Either::Right(_) => None,
        }
    }

    /// Whether long work that has to end by then stops now.
    pub fn is_over(&self, end: Timestamp) -> bool {
        self.stop.requested() || self.now() >= end
    }

    /// Writes what no other decision can take the place of: all of it, or nothing.
    pub async fn write(&self, changes: &[Change]) -> Result<()> {
        self.store.commit(changes).await.map_err(StoreError::unanswerable)
    }

    /// 32 random bytes.
    pub fn random(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        self.entropy.fill(&mut bytes);
        bytes
    }

    /// 43 random characters, safe in a URL: 256 bits.
    pub fn random_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.random())
    }

    /// The random part of a new identifier.
    pub fn id_bits(&self) -> u128 {
        let mut bytes = [0; 16];
        self.entropy.fill(&mut bytes);
        u128::from_be_bytes(bytes) >> 48
    }
}

/// The key of this installation's keyed hashes (HMAC-SHA-256): start tickets, PKCE verifiers, idempotency.
#[derive(Clone)]
pub struct MacKey(hmac::Key);

impl std::fmt::Debug for MacKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MacKey")
    }
}

impl MacKey {
    /// A key from 32 secret bytes.
    pub fn new(bytes: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, bytes))
    }

    /// The keyed hash of a text for one purpose, as 43 characters that are safe in a URL.
    pub fn tag(&self, purpose: &str, text: &str) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.0, format!("{purpose}\0{text}").as_bytes()).as_ref())
    }

    /// The key of the tokens by which answers find their issue.
    pub fn reply_key(&self) -> mail::thread::ReplyKey {
        let derived = hmac::sign(&self.0, b"reply key\0");
        let mut secret = [0; 32];
        secret.copy_from_slice(derived.as_ref());
        mail::thread::ReplyKey::new(&secret)
    }

    /// Whether this is the keyed hash of the text; takes the same time for every wrong answer.
    pub fn verify(&self, purpose: &str, text: &str, tag: &str) -> bool {
        let Ok(tag) = URL_SAFE_NO_PAD.decode(tag) else { return false };
        hmac::verify(&self.0, format!("{purpose}\0{text}").as_bytes(), &tag).is_ok()
    }
}

/// SHA-256 of a text, in hexadecimal: how tokens, states and cookies are kept.
pub fn sha256_hex(text: &str) -> String {
    hex::encode(digest::digest(&digest::SHA256, text.as_bytes()))
}
