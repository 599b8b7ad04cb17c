//! The only place that names the adapters of the cloud.

use std::{fs, sync::Arc};

use aws_config::{
    BehaviorVersion, Region, SdkConfig, environment::EnvironmentVariableCredentialsProvider,
    retry::RetryConfig,
};
use aws_credential_types::provider::SharedCredentialsProvider;
use intake::{
    App, Error, Kind, Result, Settings as AppSettings, StopSignal, app::MacKey, ports::Entropy,
    types::host::OwnListener,
};
use machine::{SystemClock, SystemEntropy};
use mail_source::{MailServers, SourceConfig};
use oauth_provider::{HttpProvider, ProviderConfig};
use store::{DynamoStore, ObjectBlobs};
use vault::SecretsManagerVault;

use crate::{Settings, https::Https};

/// Told in the names of cookies with a loopback base URL, which the cloud does not have.
const INSTANCE: &str = "cloud";

/// What AWS's clients need. A function's region and credentials are in its environment: looking elsewhere, as the SDK's
/// own loader does, would cost time at each start and a tenth of the program's size.
fn sdk(settings: &Settings) -> SdkConfig {
    let credentials = SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new());
    let mut sdk = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(settings.region.clone()))
        .credentials_provider(credentials)
        .retry_config(RetryConfig::standard())
        .http_client(Https::default());
    sdk.set_endpoint_url(settings.endpoint.clone());
    sdk.build()
}

/// The adapters of one process.
pub struct Cloud {
    /// The ports. The key of keyed hashes is this process's own until [`Cloud::with_installation_key`].
    pub app: App,
    /// For further clients.
    pub sdk: SdkConfig,
    vault: Arc<SecretsManagerVault>,
}

impl Cloud {
    /// Builds them, without talking to anybody.
    pub async fn new(settings: &Settings) -> Result<Self> {
        let sdk = sdk(settings);
        let roots = settings.extra_ca_file.as_deref().map(fs::read_to_string).transpose();
        let roots = roots.map_err(|error| {
            Error::new(
                Kind::Installation,
                "extra_ca_unusable",
                format!("The file of MAILDOCKET_EXTRA_CA_FILE cannot be read: {error}."),
            )
        })?;
        let certificates = roots.as_deref().map(mail_source::certificates).transpose()?.unwrap_or_default();
        let vault = Arc::new(SecretsManagerVault::from_config(&sdk, &settings.secret_prefix));
        let mut random = [0; 32];
        SystemEntropy.fill(&mut random);
        let app = App {
            store: Arc::new(DynamoStore::from_config(&sdk, &settings.table)),
            blobs: Arc::new(ObjectBlobs::bucket(&settings.bucket)?),
            vault: vault.clone(),
            mail: Arc::new(MailServers::new(SourceConfig::new(settings.addresses, certificates))?),
            oauth: Arc::new(HttpProvider::new(ProviderConfig::new(
                settings.addresses,
                roots.map(String::into_bytes),
            ))?),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            mac: MacKey::new(&random),
            credentials: Arc::default(),
            leases: Arc::default(),
            disk: Arc::default(),
            places: Arc::default(),
            parse: mail::Options::default(),
            stop: StopSignal::default(),
            settings: AppSettings {
                base_url: settings.base_url.clone(),
                addresses: settings.addresses,
                // Requests come as events: nothing listens.
                own: OwnListener::default(),
                instance: INSTANCE.to_owned(),
            },
        };
        Ok(Self { app, sdk, vault })
    }

    /// Reads what the template made for the installation: the key of keyed hashes is the same in every process from here
    /// on, and the administrator's token is one that is known.
    pub async fn with_installation_key(mut self) -> Result<App> {
        let secrets = self.vault.installation().await?;
        self.app.mac = secrets.mac_key;
        intake::flows::tokens::ensure_admin_token(&self.app, Some(&secrets.admin_token)).await?;
        Ok(self.app)
    }
}
