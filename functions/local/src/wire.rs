//! The only place that names adapters.

use std::{fs, sync::Arc};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use embedded::Embedded;
use intake::{
    App, Settings as AppSettings, StopSignal,
    ports::{Entropy, OAuthProvider, Reached},
    types::host::{AddressPolicy, OwnListener},
};
use machine::{SystemClock, SystemEntropy};
use mail_source::{MailServers, SourceConfig};
use oauth_provider::{HttpProvider, ProviderConfig};
use store::{DynamoStore, ObjectBlobs};
use url::Url;
use vault::{MasterKey, SealedVault};
use web::WebSettings;

use crate::{
    config::Settings,
    data::DataFolder,
    failure::{Failure, Outcome},
};

/// The table's name in the embedded database.
const TABLE: &str = "maildocket";

/// What the demo adds to the settings.
#[derive(Debug, Default)]
pub(crate) struct Extra {
    /// Further trusted roots, PEM.
    pub(crate) roots_pem: Option<String>,
    /// A link that signs in once.
    pub(crate) one_time_link: Option<web::OneTimeLink>,
}

/// The adapters of one process.
pub(crate) struct Wired {
    pub(crate) app: App,
    embedded: Embedded,
    trusted_proxy: bool,
    one_time_link: Option<web::OneTimeLink>,
}

/// 43 random characters, safe in a URL: 256 bits.
pub(crate) fn random_text() -> String {
    let mut bytes = [0; 32];
    SystemEntropy.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Builds everything over a data folder. `own` is where the process listens.
pub(crate) async fn build(
    settings: &Settings,
    data: &DataFolder,
    base_url: Url,
    own: OwnListener,
    extra: Extra,
) -> Outcome<Wired> {
    let embedded =
        Embedded::open(&data.file("maildocket.db")).map_err(|error| Failure::new(error.to_string()))?;
    let client = embedded.client();
    store::ensure_table(&client, TABLE).await?;
    let store = DynamoStore::new(client, TABLE);
    let key_file = settings.master_key_file().cloned().unwrap_or_else(|| data.file("master-key"));
    let key = MasterKey::open_or_create(&key_file)?;
    let addresses = AddressPolicy { allow_private: settings.allow_private_network };
    let one_time_link = extra.one_time_link;
    let roots_pem = roots(settings, extra.roots_pem)?;
    // Of the installation, not of the process: a restart signs nobody out.
    let instance = key.mac_key().tag("instance", "").chars().take(8).collect();
    let app = App {
        vault: Arc::new(SealedVault::new(Arc::new(store.clone()), &key)?),
        store: Arc::new(store),
        blobs: Arc::new(ObjectBlobs::folder(&data.file("blobs"))?),
        mail: Arc::new(MailServers::new(SourceConfig {
            own: own.clone(),
            ..SourceConfig::new(addresses, certificates(roots_pem.as_deref())?)
        })?),
        oauth: Arc::new(HttpProvider::new(ProviderConfig {
            own: own.clone(),
            ..ProviderConfig::new(addresses, roots_pem.map(String::into_bytes))
        })?),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        mac: key.mac_key(),
        credentials: Arc::default(),
        leases: Arc::default(),
        parse: mail::Options::default(),
        stop: StopSignal::default(),
        settings: AppSettings { base_url, addresses, own, instance },
    };
    Ok(Wired { app, embedded, trusted_proxy: settings.trusted_proxy, one_time_link })
}

/// The file of `--extra-ca-file` and what the demo adds.
fn roots(settings: &Settings, extra: Option<String>) -> Outcome<Option<String>> {
    let Some(path) = &settings.extra_ca_file else { return Ok(extra) };
    let file = fs::read_to_string(path)
        .map_err(|error| Failure::because(format!("The file {} cannot be read", path.display()), error))?;
    Ok(Some(file + extra.as_deref().unwrap_or_default()))
}

/// How many certificates the file of `--extra-ca-file` holds.
pub(crate) fn extra_roots(settings: &Settings) -> Outcome<usize> {
    Ok(certificates(roots(settings, None)?.as_deref())?.len())
}

fn certificates(pem: Option<&str>) -> Outcome<Vec<mail_source::Certificate>> {
    let Some(pem) = pem else { return Ok(Vec::new()) };
    mail_source::certificates(pem)
        .map_err(|_| Failure::new("The extra trusted roots are not certificates in PEM form."))
}

/// Whether the host of a provider can be reached from here, as `serve` reaches it.
pub(crate) async fn reach(settings: &Settings, host: &str) -> Outcome<Reached> {
    let addresses = AddressPolicy { allow_private: settings.allow_private_network };
    let roots_pem = roots(settings, None)?.map(String::into_bytes);
    let provider = HttpProvider::new(ProviderConfig::new(addresses, roots_pem))?;
    let url = Url::parse(&format!("https://{host}/"))
        .map_err(|error| Failure::because(format!("{host} is not a host"), error))?;
    provider.reach(&url).await.map_err(|unreached| {
        Failure::new(format!(
            "Its accounts cannot be connected from here, because {}. {}",
            unreached.seen,
            unreached.obstacle.action()
        ))
    })
}

impl Wired {
    /// Everything that is answered over HTTP.
    pub(crate) fn router(&self, listen: Vec<std::net::SocketAddr>) -> web::Router {
        web::router(
            self.app.clone(),
            WebSettings {
                listen,
                trusted_proxy: self.trusted_proxy,
                one_time_link: self.one_time_link.clone(),
            },
        )
    }

    /// Deletes expired records. Blocks.
    pub(crate) fn sweeper(&self) -> impl Fn() + Send + Sync + 'static {
        let embedded = self.embedded.clone();
        move || {
            if let Err(error) = embedded.sweep_ttl() {
                tracing::error!(code = "sweep_failed", %error, "Expired records could not be deleted.");
            }
        }
    }
}
