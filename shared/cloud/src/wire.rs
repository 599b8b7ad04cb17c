//! The only place that names the adapters of the cloud.

use std::{fs, sync::Arc};

use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use intake::{App, Error, Kind, Result, Sentence, Settings as AppSettings, StopSignal, app::MacKey};
use machine::{SystemClock, SystemEntropy};
use mail_source::{MailServers, SourceConfig};
use oauth_provider::{HttpProvider, ProviderConfig};
use store::{Bucket, DynamoStore, ObjectBlobs};
use vault::SecretsManagerVault;

use crate::{Settings, https::Https};

/// Told in the names of cookies with a loopback base URL, which the cloud does not have.
const INSTANCE: &str = "cloud";

/// What AWS's clients need. A function's region and credentials are among its settings: looking for them, as the SDK's own
/// loader does, would cost time at each start and a tenth of the program's size.
fn sdk(settings: &Settings) -> SdkConfig {
    let mut sdk = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(settings.region.clone()))
        .credentials_provider(SharedCredentialsProvider::new(settings.credentials.clone()))
        .retry_config(RetryConfig::standard())
        .http_client(Https::default());
    sdk.set_endpoint_url(settings.endpoint.clone());
    sdk.build()
}

/// The adapters of one process. None of them decides anything before the installation's key is known: an [`App`] is made
/// with it, or not at all.
pub struct Cloud {
    /// For further clients.
    pub sdk: SdkConfig,
    store: Arc<DynamoStore>,
    blobs: Arc<ObjectBlobs>,
    vault: Arc<SecretsManagerVault>,
    mail: Arc<MailServers>,
    oauth: Arc<HttpProvider>,
    settings: AppSettings,
}

impl Cloud {
    /// Builds them, without talking to anybody.
    pub fn new(settings: &Settings) -> Result<Self> {
        let sdk = sdk(settings);
        let roots = settings.extra_ca_file.as_deref().map(fs::read_to_string).transpose();
        let roots = roots.map_err(|error| {
            Error::told(Kind::Installation, Sentence::new("extra_ca_unusable.layer").with("io_error", error))
        })?;
        let certificates = roots.as_deref().map(mail_source::certificates).transpose()?.unwrap_or_default();
        // Requests come as events: nothing listens.
        let gate = machine::gate(settings.addresses);
        let provider = ProviderConfig::new(gate.clone(), roots.map(String::into_bytes));
        let bucket = Bucket {
            name: &settings.bucket,
            region: &settings.region,
            endpoint: settings.endpoint.as_deref(),
            credentials: &settings.credentials,
        };
        Ok(Self {
            store: Arc::new(DynamoStore::from_config(
                &sdk,
                &settings.table,
                Arc::new(SystemEntropy),
                Arc::new(SystemClock),
            )),
            blobs: Arc::new(ObjectBlobs::bucket(&bucket)?),
            vault: Arc::new(SecretsManagerVault::from_config(&sdk, &settings.secret_prefix)),
            mail: Arc::new(MailServers::new(SourceConfig::new(gate.clone(), certificates))),
            oauth: Arc::new(HttpProvider::new(provider)?),
            settings: AppSettings {
                base_url: settings.base_url.clone(),
                addresses: settings.addresses,
                own: gate.own,
                instance: INSTANCE.to_owned(),
                identity: settings.identity.clone(),
            },
            sdk,
        })
    }

    /// The ports and settings with the installation's key, which is read from the vault: one call.
    pub async fn app(&self) -> Result<App> {
        Ok(self.with_key(self.vault.installation_key().await?))
    }

    /// The same, and the administrator's token that the template made is one that is known.
    pub async fn administered_app(&self) -> Result<App> {
        let secrets = self.vault.installation().await?;
        let app = self.with_key(secrets.mac_key);
        intake::flows::tokens::ensure_admin_token(&app, Some(&secrets.admin_token)).await?;
        Ok(app)
    }

    fn with_key(&self, mac: MacKey) -> App {
        App {
            store: self.store.clone(),
            blobs: self.blobs.clone(),
            vault: self.vault.clone(),
            mail: self.mail.clone(),
            oauth: self.oauth.clone(),
            discovery: self.oauth.clone(),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            mac,
            credentials: Arc::default(),
            leases: Arc::default(),
            disk: Arc::default(),
            places: Arc::default(),
            parse: mail::Options::default(),
            stop: StopSignal::default(),
            settings: self.settings.clone(),
        }
    }
}
