//! Starting, using and ending a playground.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use crate::account::Account;
use crate::doors::{Doors, House, Scissors};
use crate::imap;
use crate::oauth::authority::{Authority, Policy};
use crate::oauth::{self, ConsentError, Decision, Endpoints, Provider};
use crate::pop3;
use crate::script::{CallbackIssuer, IdTokenTrick, RefreshTokens, Rotation};
use crate::steering::Script;
use crate::tls::{Identity, NAMES};
use crate::world::World;

/// How long [`Playground::shutdown`] waits for clients before it cuts them.
const GRACE: Duration = Duration::from_secs(2);

/// How a playground starts.
#[derive(Clone, Debug)]
pub struct Options {
    /// Who has a mailbox; the first one is the default choice on the consent page.
    pub accounts: Vec<Account>,
    /// Life of access tokens, in whole seconds from 1 s; 1 h by default.
    pub access_token_life: Duration,
    /// What refreshes do to the refresh token.
    pub rotation: Rotation,
    /// When codes bring a refresh token.
    pub refresh_tokens: RefreshTokens,
    /// Connections at once for each of the four listeners, from 1; further ones wait.
    pub max_connections: usize,
    /// The names and addresses in the servers' certificate; those of loopback by default.
    pub certificate_names: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            accounts: vec![
                Account::new("support@example.test", "Customer support"),
                Account::new("sales@example.test", "Sales"),
            ],
            access_token_life: Duration::from_secs(3600),
            rotation: Rotation::Off,
            refresh_tokens: RefreshTokens::Always,
            max_connections: 64,
            certificate_names: NAMES.map(str::to_owned).to_vec(),
        }
    }
}

/// A running provider and mail server. Dropping it ends all of its tasks.
pub struct Playground {
    world: Arc<World>,
    secure: Provider,
    plain: Provider,
    mail: SocketAddr,
    pop3: SocketAddr,
    ca_pem: String,
    stop: CancellationToken,
    tracker: TaskTracker,
}

impl Playground {
    /// Opens four listeners on free ports of 127.0.0.1 and serves.
    ///
    /// # Errors
    /// If a port cannot be opened or a certificate cannot be made.
    pub async fn start(options: Options) -> io::Result<Self> {
        let identity = Identity::for_names(options.certificate_names.clone())?;
        let (https, secure_url) = listen("https").await?;
        let (http, plain_url) = listen("http").await?;
        let (imap, _) = listen("https").await?;
        let mail = imap.local_addr()?;
        let (maildrops, _) = listen("https").await?;
        let pop3 = maildrops.local_addr()?;

        let (secure, plain) = (Endpoints::at(&secure_url), Endpoints::at(&plain_url));
        let max_connections = options.max_connections.max(1);
        let authority = Authority::new(policy(&options));
        let world = Arc::new(World::new(options.accounts, secure.issuer.clone(), authority));
        let provider = |endpoints| Provider { world: Arc::clone(&world), endpoints: Arc::new(endpoints) };
        let playground = Self {
            secure: provider(secure),
            plain: provider(plain),
            mail,
            pop3,
            ca_pem: identity.ca_pem.clone(),
            stop: CancellationToken::new(),
            tracker: TaskTracker::new(),
            world,
        };
        let doors =
            playground.doors(https, Some(identity.acceptor(Some("http/1.1"))?), max_connections, true)?;
        playground.serve_http(doors, playground.secure.clone());
        let doors = playground.doors(http, None, max_connections, true)?;
        playground.serve_http(doors, playground.plain.clone());
        let doors = playground.doors(imap, Some(identity.acceptor(None)?), max_connections, false)?;
        let tracker = playground.tracker.clone();
        playground.tracker.spawn(imap::serve(doors, Arc::clone(&playground.world), tracker));
        let doors = playground.doors(maildrops, Some(identity.acceptor(None)?), max_connections, false)?;
        let tracker = playground.tracker.clone();
        playground.tracker.spawn(pop3::serve(doors, Arc::clone(&playground.world), tracker));
        Ok(playground)
    }

    fn doors(
        &self,
        listener: TcpListener,
        tls: Option<TlsAcceptor>,
        max_connections: usize,
        provider: bool,
    ) -> io::Result<Doors> {
        let world = Arc::clone(&self.world);
        let bytes_out = if provider { Arc::new(AtomicU64::new(0)) } else { Arc::clone(&world.mail_wire_out) };
        let on_connect = Box::new(move || {
            world.count(|counters| {
                let counter = if provider {
                    &mut counters.provider_connections
                } else {
                    &mut counters.mail_connections
                };
                *counter += 1;
            });
        });
        let house = House {
            tls,
            max_connections,
            closing: self.world.closing.clone(),
            stop: self.stop.clone(),
            tracker: self.tracker.clone(),
            on_connect,
            bytes_out,
        };
        Doors::open(listener, house)
    }

    fn serve_http(&self, doors: Doors, provider: Provider) {
        let closing = self.world.closing.clone().cancelled_owned();
        let service = oauth::router(provider).into_make_service_with_connect_info::<Scissors>();
        let serving = axum::serve(doors, service).with_graceful_shutdown(closing);
        // Its error type cannot happen: accepting never fails for good.
        self.tracker.spawn(async move { serving.await.unwrap_or_default() });
    }

    /// The provider over https, with a certificate of [`Playground::ca_pem`]. Its path is `/`.
    pub fn provider_url(&self) -> Url {
        self.secure.endpoints.root()
    }

    /// The same provider over clear text: browsers do not trust the playground's authority.
    pub fn plain_provider_url(&self) -> Url {
        self.plain.endpoints.root()
    }

    /// The https provider's addresses.
    pub fn endpoints(&self) -> &Endpoints {
        &self.secure.endpoints
    }

    /// The clear-text provider's addresses.
    pub fn plain_endpoints(&self) -> &Endpoints {
        &self.plain.endpoints
    }

    /// The mail server, with TLS from the first byte. Its certificate also fits the name `localhost`.
    pub fn imap_address(&self) -> SocketAddr {
        self.mail
    }

    /// The same mailboxes by POP3, with TLS from the first byte.
    pub fn pop3_address(&self) -> SocketAddr {
        self.pop3
    }

    /// The certificate of the authority that both servers' certificate comes from.
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// Registers an application, or one more redirect URI of it. An empty secret makes a public client.
    pub fn register_client(&self, id: &str, secret: &str, redirect_uri: &str) {
        self.world.authority().register(id, secret, redirect_uri);
    }

    /// Agrees in place of a person, as the account of `login_hint` or the first one.
    ///
    /// # Errors
    /// If the URL is not ours, or the page would show an error and no buttons.
    pub fn consent_automatically(&self, authorize_url: &Url) -> Result<Url, ConsentError> {
        oauth::consent(self.provider_of(authorize_url), authorize_url, None)
    }

    /// Decides in place of a person; the answer is the callback's URL, also of a refusal.
    ///
    /// # Errors
    /// As [`Playground::consent_automatically`], and for an account that does not exist.
    pub fn consent(&self, authorize_url: &Url, decision: &Decision) -> Result<Url, ConsentError> {
        oauth::consent(self.provider_of(authorize_url), authorize_url, Some(decision))
    }

    fn provider_of(&self, url: &Url) -> &Provider {
        if url.origin() == self.plain.endpoints.authorization.origin() { &self.plain } else { &self.secure }
    }

    /// Puts a mail into an INBOX, received now; its UID, or None for an unknown address.
    pub fn deliver(&self, address: &str, raw: impl Into<Bytes>) -> Option<u32> {
        self.deliver_at(address, raw, self.world.clock.now())
    }

    /// Puts a mail into an INBOX, received at a time (INTERNALDATE).
    pub fn deliver_at(&self, address: &str, raw: impl Into<Bytes>, received: Timestamp) -> Option<u32> {
        let uid = self.world.post().deliver(address, raw.into(), received);
        self.world.announce();
        uid
    }

    /// What makes it misbehave, and what it counted.
    pub fn script(&self) -> Script {
        Script { world: Arc::clone(&self.world) }
    }

    /// Says goodbye to clients, waits a little for them, and ends.
    pub async fn shutdown(self) {
        self.tracker.close();
        self.world.closing.cancel();
        if timeout(GRACE, self.tracker.wait()).await.is_err() {
            self.stop.cancel();
            // Cut connections end at once; the limit only guards against the unexpected.
            let _ = timeout(GRACE, self.tracker.wait()).await;
        }
    }
}

impl Drop for Playground {
    fn drop(&mut self) {
        self.world.closing.cancel();
        self.stop.cancel();
    }
}

async fn listen(scheme: &str) -> io::Result<(TcpListener, Url)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let url = Url::parse(&format!("{scheme}://{}", listener.local_addr()?)).map_err(io::Error::other)?;
    Ok((listener, url))
}

fn policy(options: &Options) -> Policy {
    Policy {
        access_token_life: options.access_token_life.max(Duration::from_secs(1)),
        told_refresh_token_life: None,
        rotation: options.rotation,
        refresh_tokens: options.refresh_tokens,
        id_token: IdTokenTrick::default(),
        callback_issuer: CallbackIssuer::default(),
        withheld: std::collections::BTreeSet::new(),
    }
}
