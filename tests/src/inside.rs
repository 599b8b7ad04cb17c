//! Maildocket within the test's own process: the real adapters over an embedded store, with a clock that is moved by hand.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use embedded::{Embedded, Faults};
use intake::{
    App, Settings, StopSignal, Timestamp,
    flows::{
        authorize::{self, AttemptState, AuthorizationInput},
        callback::{self, CallbackRequest},
        integrations::{self, IntegrationInput},
        mailboxes::{self, AuthInput, MailboxInput, StartInput},
        projects::{self, ProjectInput},
    },
    ports::{Clock, MailDiscovery, MailSource, OAuthProvider},
    types::{
        Problem,
        attempt::AttemptStatus,
        audit::Actor,
        given::Given,
        host::{AddressPolicy, OwnListener},
        ids::{GrantId, IntegrationId, MailboxId},
        secret::{SecretName, SecretVersion},
    },
};
use machine::SystemEntropy;
use mail_source::{MailServers, SourceConfig};
use oauth_provider::{HttpProvider, ProviderConfig};
use playground::Playground;
use secrecy::SecretString;
use store::{DynamoStore, ObjectBlobs, ensure_table};
use tempfile::TempDir;
use url::Url;
use vault::{MasterKey, SealedVault};

use crate::{
    dovecot::{Account, PASSWORD},
    ledger::Ledger,
};

/// The table in the embedded database.
pub const TABLE: &str = "maildocket";
/// The client at the pretend provider.
pub const CLIENT_ID: &str = "maildocket";
/// Its secret.
pub const CLIENT_SECRET: &str = "a-client-secret-of-the-playground";
/// The project that every mailbox of a test goes to.
pub const PROJECT: &str = "SUP";

/// Playgrounds are on this machine.
const ADDRESSES: AddressPolicy = AddressPolicy { allow_private: true };

/// The time, plus what a test added to it. Waiting waits for as long as it says.
#[derive(Debug, Default)]
pub struct HandClock(AtomicI64);

impl HandClock {
    /// Moves time ahead.
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX), Ordering::Relaxed);
    }

    /// Moves time back, as a clock is that was wrong.
    pub fn set_back(&self, by: Duration) {
        self.0.fetch_sub(i64::try_from(by.as_millis()).unwrap_or(i64::MAX), Ordering::Relaxed);
    }
}

#[async_trait]
impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        let ahead = u64::try_from(self.0.load(Ordering::Relaxed)).unwrap_or(0);
        Timestamp::now().checked_add(Duration::from_millis(ahead)).unwrap_or(Timestamp::MAX)
    }

    async fn sleep(&self, delay: Duration) {
        tokio::time::sleep(delay).await;
    }
}

/// A whole installation in this process.
pub struct Inside {
    /// Its ports; a test may put wrappers around them before it uses them.
    pub app: App,
    /// Its database.
    pub embedded: Embedded,
    /// Its clock.
    pub clock: Arc<HandClock>,
    /// Where its blobs and its database lie.
    pub folder: TempDir,
    ledger: Ledger,
}

/// What leads out of an installation. Copies share it: each would read the platform's roots again.
struct Outside {
    mail: Arc<dyn MailSource>,
    oauth: Arc<dyn OAuthProvider>,
    discovery: Arc<dyn MailDiscovery>,
}

impl Outside {
    fn new(ca_pem: &str) -> Self {
        let roots = mail_source::certificates(ca_pem).expect("a certificate");
        let provider = ProviderConfig::new(machine::gate(ADDRESSES), Some(ca_pem.as_bytes().to_vec()));
        let provider = Arc::new(HttpProvider::new(provider).expect("a provider client"));
        let mail = Arc::new(MailServers::new(SourceConfig::new(machine::gate(ADDRESSES), roots)));
        Self { mail, oauth: provider.clone(), discovery: provider }
    }
}

impl Inside {
    /// Trusts this certificate authority (PEM) beside the platform's, and may connect to loopback.
    pub async fn new(ca_pem: &str) -> Self {
        let this = Self::open(folder(), HandClock::default(), Outside::new(ca_pem)).await;
        let project = ProjectInput { key: text(PROJECT), name: text("Support") };
        projects::create(&this.app, &actor(), project, None).await.expect("a project");
        this
    }

    /// Another installation that begins with all that this one has now. Nothing may be written here meanwhile.
    pub async fn copy(&self) -> Self {
        let to = folder();
        copy_files(self.folder.path(), to.path()).expect("a copy of the data folder");
        let clock = HandClock(AtomicI64::new(self.clock.0.load(Ordering::Relaxed)));
        let App { mail, oauth, discovery, .. } = self.app.clone();
        let outside = Outside { mail, oauth, discovery };
        Self::open(to, clock, outside).await
    }

    /// The same installation after its process was started anew: what was only in memory is gone.
    pub fn restarted(&self) -> App {
        App {
            credentials: Arc::default(),
            leases: Arc::default(),
            places: Arc::default(),
            stop: StopSignal::default(),
            ..self.app.clone()
        }
    }

    async fn open(folder: TempDir, clock: HandClock, outside: Outside) -> Self {
        let embedded = Embedded::open(&folder.path().join("maildocket.db")).expect("a new database");
        ensure_table(&embedded.client(), TABLE).await.expect("a new table");
        let clock = Arc::new(clock);
        let store =
            Arc::new(DynamoStore::new(embedded.client(), TABLE, Arc::new(SystemEntropy), clock.clone()));
        let key = master_key();
        let ledger = Ledger::default();
        let app = App {
            vault: ledger.around(Arc::new(SealedVault::new(store.clone(), &key).expect("a vault"))),
            store,
            blobs: Arc::new(ObjectBlobs::folder(&folder.path().join("blobs")).expect("a folder")),
            mail: outside.mail,
            oauth: outside.oauth,
            discovery: outside.discovery,
            clock: clock.clone(),
            entropy: Arc::new(SystemEntropy),
            mac: key.mac_key(),
            credentials: Arc::default(),
            leases: Arc::default(),
            disk: Arc::default(),
            places: Arc::default(),
            parse: mail::Options::default(),
            stop: StopSignal::default(),
            settings: Settings {
                base_url: Url::parse("http://localhost:8025").expect("a URL"),
                addresses: ADDRESSES,
                own: OwnListener::default(),
                instance: "abcd1234".to_owned(),
                identity: None,
            },
        };
        Self { app, embedded, clock, folder, ledger }
    }

    /// The ports of another process, whose database disturbs its calls.
    pub fn disturbed(&self, faults: Arc<Faults>) -> App {
        let store = Arc::new(DynamoStore::new(
            self.embedded.client_with_faults(faults),
            TABLE,
            self.app.entropy.clone(),
            self.app.clock.clone(),
        ));
        let vault = Arc::new(SealedVault::new(store.clone(), &master_key()).expect("a vault"));
        App { store, vault: self.ledger.around(vault), credentials: Arc::default(), ..self.app.clone() }
    }

    /// The versions of a secret that are in the vault, in order.
    pub async fn versions_of(&self, name: SecretName) -> Vec<SecretVersion> {
        self.ledger.versions_in(&*self.app.vault, name).await
    }

    /// The grants whose tokens are in the vault, in order.
    pub async fn grants_with_secrets(&self) -> Vec<GrantId> {
        self.ledger.grants_in(&*self.app.vault).await
    }

    /// A Custom integration at the playground's provider, registered there.
    pub async fn integration(&self, playground: &Playground) -> IntegrationId {
        let endpoints = playground.endpoints();
        let input = IntegrationInput {
            provider: text("custom"),
            issuer: text(endpoints.issuer.as_str()),
            authorization_endpoint: text(endpoints.authorization.as_str()),
            token_endpoint: text(endpoints.token.as_str()),
            name: text("Playground"),
            client_id: text(CLIENT_ID),
            client_secret: Given::Value(SecretString::from(CLIENT_SECRET)),
            scopes: Given::Value(
                ["openid", "email", "offline_access", playground::MAIL_SCOPE].map(str::to_owned).to_vec(),
            ),
            ..IntegrationInput::default()
        };
        let made = integrations::create(&self.app, &actor(), input, None).await.expect("an integration");
        playground.register_client(CLIENT_ID, CLIENT_SECRET, made.integration.redirect_url.as_str());
        made.integration.id
    }

    /// An IMAP mailbox that waits for consent under the integration; it imports everything.
    pub async fn mailbox(&self, playground: &Playground, integration: IntegrationId) -> MailboxId {
        self.mailbox_named("Support", playground, integration).await
    }

    /// The same with a name of its own.
    pub async fn mailbox_named(
        &self,
        name: &str,
        playground: &Playground,
        integration: IntegrationId,
    ) -> MailboxId {
        let server = playground.imap_address();
        let input = MailboxInput {
            name: text(name),
            protocol: text("imap"),
            host: text(&server.ip().to_string()),
            port: Given::Value(i64::from(server.port())),
            tls: text("implicit"),
            auth: Given::Value(AuthInput {
                method: text("oauth2"),
                integration_id: text(&integration.to_string()),
                ..AuthInput::default()
            }),
            start: Given::Value(StartInput { mode: text("all"), ..StartInput::default() }),
            project: text(PROJECT),
            ..MailboxInput::default()
        };
        mailboxes::create(&self.app, &actor(), input, None).await.expect("a mailbox").mailbox.id
    }

    /// Consents as the account of the hint, or as the playground's first; the grant that comes of it.
    pub async fn consent(
        &self,
        playground: &Playground,
        integration: IntegrationId,
        input: AuthorizationInput,
    ) -> Result<GrantId, Problem> {
        let begun =
            authorize::begin(&self.app, &actor(), integration, input, None).await.expect("an attempt");
        let ticket = begun.start_url.path_segments().and_then(Iterator::last).unwrap_or_default();
        let start = authorize::start(&self.app, ticket).await.expect("an opening");
        let back = playground.consent_automatically(&start.consent_url).expect("a consent page");
        let finished = callback::finish(&self.app, callback_request(&back, start.cookie)).await;
        let attempt = finished.map_err(|error| error.problem())?;
        match authorize::get(&self.app, attempt).await.expect("the attempt").1 {
            AttemptState::Recorded(AttemptStatus::Done { grant_id }) => Ok(grant_id),
            AttemptState::Recorded(AttemptStatus::Failed { error }) => Err(error),
            other => panic!("the attempt is {other:?} after its callback"),
        }
    }
}

fn master_key() -> MasterKey {
    MasterKey::new([7; 32])
}

/// In memory where the machine has such a place: installations of tests sync more than they compute.
fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a temporary folder")
}

fn copy_files(from: &Path, to: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            std::fs::create_dir_all(&target)?;
            copy_files(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// The callback as a browser would make it, with this cookie.
pub fn callback_request(back: &Url, cookie: String) -> CallbackRequest {
    let parameter =
        |name: &str| back.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    let mut url = back.clone();
    url.set_query(None);
    CallbackRequest {
        url,
        state: parameter("state").unwrap_or_default(),
        code: parameter("code").map(SecretString::from),
        error: parameter("error"),
        error_description: parameter("error_description"),
        issuer: parameter("iss"),
        cookie: Some(cookie),
        address: None,
    }
}

/// A mailbox at Dovecot behind this port of `localhost`, signed in by password; it imports everything.
pub fn password_mailbox(account: &Account, port: u16) -> MailboxInput {
    mailbox_by_password(("imap", "localhost", port, "implicit"), (&account.address, PASSWORD))
}

/// A mailbox at this server (protocol, host, port, TLS), signed in by name and password; it imports everything.
pub fn mailbox_by_password(
    (protocol, host, port, tls): (&str, &str, u16, &str),
    (username, password): (&str, &str),
) -> MailboxInput {
    MailboxInput {
        name: text("Support"),
        protocol: text(protocol),
        host: text(host),
        port: Given::Value(port.into()),
        tls: text(tls),
        auth: Given::Value(AuthInput {
            method: text("password"),
            username: text(username),
            password: Given::Value(SecretString::from(password)),
            ..AuthInput::default()
        }),
        start: Given::Value(StartInput { mode: text("all"), ..StartInput::default() }),
        project: text(PROJECT),
        ..MailboxInput::default()
    }
}

/// Who does things in tests.
pub fn actor() -> Actor {
    Actor { name: "test".to_owned(), ..Actor::system() }
}

/// A given text.
pub fn text(value: &str) -> Given<String> {
    Given::Value(value.to_owned())
}
