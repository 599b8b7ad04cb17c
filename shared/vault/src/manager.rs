//! Secrets in AWS Secrets Manager, one secret a name. Versions are ClientRequestTokens; the newest is `AWSCURRENT`, asked
//! for by its name.

use async_trait::async_trait;
use aws_lc_rs::digest;
use aws_sdk_secretsmanager::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
};
use intake::{
    Error, Kind, Result,
    app::MacKey,
    ports::Vault,
    types::secret::{SecretName, SecretVersion},
};
use secrecy::{ExposeSecret, SecretString};

use crate::{MAX_SECRET, MasterKey, missing, other_value, too_large};

/// The stage of the newest version.
const CURRENT: &str = "AWSCURRENT";
/// The secret of the installation's key.
const KEY: &str = "key";
/// The secret of the administrator's token.
const ADMIN_TOKEN: &str = "admin-token";
/// Answers where there is no such secret, or it is marked for deletion by hand.
const NOT_THERE: [&str; 2] = ["ResourceNotFoundException", "InvalidRequestException"];

/// What an installation in the cloud has for itself.
pub struct Installation {
    /// The key of keyed hashes.
    pub mac_key: MacKey,
    /// The administrator's token.
    pub admin_token: SecretString,
}

/// A vault in Secrets Manager.
#[derive(Debug, Clone)]
pub struct SecretsManagerVault {
    client: Client,
    prefix: String,
}

impl SecretsManagerVault {
    /// Secrets whose names begin with this prefix, such as `maildocket/prod`.
    pub fn new(client: Client, prefix: &str) -> Self {
        Self { client, prefix: prefix.trim_end_matches('/').to_owned() }
    }

    /// The same with a client of this configuration.
    pub fn from_config(config: &aws_config::SdkConfig, prefix: &str) -> Self {
        Self::new(Client::new(config), prefix)
    }

    /// The key of keyed hashes, from the secret `PREFIX/key` that the template made. In one call.
    pub async fn installation_key(&self) -> Result<MacKey> {
        let name = self.own(KEY);
        let ask = self.client.get_secret_value().secret_id(&name).version_stage(CURRENT);
        let text = match ask.send().await {
            Ok(answer) => answer.secret_string,
            Err(error) if is(&error, &NOT_THERE) => None,
            Err(error) => return Err(meaning(&error)),
        };
        text.map(|text| mac_key(&SecretString::from(text))).ok_or_else(|| not_installed(&name))
    }

    /// What the template made for the installation: `PREFIX/key` and `PREFIX/admin-token`. In one call.
    pub async fn installation(&self) -> Result<Installation> {
        let (key, token) = (self.own(KEY), self.own(ADMIN_TOKEN));
        let ask = self.client.batch_get_secret_value().secret_id_list(&key).secret_id_list(&token);
        let answer = ask.send().await.map_err(|error| meaning(&error))?;
        let find = |name: &str| {
            let found = answer.secret_values().iter().find(|value| value.name() == Some(name));
            let text = found.and_then(|value| value.secret_string()).map(SecretString::from);
            text.ok_or_else(|| not_installed(name))
        };
        Ok(Installation { mac_key: mac_key(&find(&key)?), admin_token: find(&token)? })
    }

    fn own(&self, name: &str) -> String {
        format!("{}/{name}", self.prefix)
    }

    fn id(&self, name: SecretName) -> String {
        format!("{}/{name}", self.prefix)
    }

    async fn read(
        &self,
        name: SecretName,
        version: Option<&SecretVersion>,
    ) -> Result<Option<(SecretVersion, SecretString)>> {
        let get = self.client.get_secret_value().secret_id(self.id(name));
        let get = match version {
            Some(version) => get.version_id(version.as_str()),
            None => get.version_stage(CURRENT),
        };
        match get.send().await {
            Ok(answer) => {
                let (Some(version), Some(text)) = (answer.version_id, answer.secret_string) else {
                    return Ok(None);
                };
                Ok(Some((SecretVersion::from_stored(version), SecretString::from(text))))
            }
            Err(error) if is(&error, &NOT_THERE) => Ok(None),
            Err(error) => Err(meaning(&error)),
        }
    }

    /// A further version. False where there is no such secret yet.
    async fn add(&self, name: SecretName, version: &SecretVersion, value: &SecretString) -> Result<bool> {
        let put =
            self.client.put_secret_value().secret_id(self.id(name)).client_request_token(version.as_str());
        match put.secret_string(value.expose_secret()).send().await {
            Ok(_) => Ok(true),
            Err(error) if is(&error, &["ResourceNotFoundException"]) => Ok(false),
            Err(error) if is(&error, &["ResourceExistsException"]) => Err(other_value()),
            Err(error) => Err(meaning(&error)),
        }
    }

    /// The first version. False where the secret is there already.
    async fn create(&self, name: SecretName, version: &SecretVersion, value: &SecretString) -> Result<bool> {
        let create = self.client.create_secret().name(self.id(name)).client_request_token(version.as_str());
        match create.secret_string(value.expose_secret()).send().await {
            Ok(_) => Ok(true),
            Err(error) if is(&error, &["ResourceExistsException"]) => Ok(false),
            Err(error) => Err(meaning(&error)),
        }
    }
}

fn mac_key(secret: &SecretString) -> MacKey {
    let digest = digest::digest(&digest::SHA256, secret.expose_secret().as_bytes());
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest.as_ref());
    MasterKey::new(bytes).mac_key()
}

fn not_installed(name: &str) -> Error {
    Error::new(
        Kind::Installation,
        "installation_secret_missing",
        format!("The secret {name} is not there, or may not be read."),
    )
    .action("Deploy the template again, or correct MAILDOCKET_SECRET_PREFIX and the permissions.")
}

fn is<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>, codes: &[&str]) -> bool {
    error.as_service_error().and_then(ProvideErrorMetadata::code).is_some_and(|code| codes.contains(&code))
}

fn meaning<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> Error {
    match error.as_service_error().and_then(ProvideErrorMetadata::code) {
        Some("AccessDeniedException" | "UnrecognizedClientException") => {
            Error::new(Kind::Installation, "vault_access_denied", "Secrets Manager refuses access.")
                .action("Check the permissions of this function.")
        }
        Some("ThrottlingException" | "InternalServiceError" | "LimitExceededException") => {
            Error::retry("vault_busy", "Secrets Manager is busy.")
        }
        Some(code) => Error::internal(format!("Secrets Manager answered {code}")),
        None => Error::retry(
            "vault_unreachable",
            "Secrets Manager could not be reached, or did not answer in time.",
        ),
    }
}

#[async_trait]
impl Vault for SecretsManagerVault {
    async fn put(&self, name: SecretName, version: &SecretVersion, value: &SecretString) -> Result<()> {
        if value.expose_secret().len() > MAX_SECRET {
            return Err(too_large());
        }
        // A repeated write is found first: emulators, unlike AWS, overwrite a used token.
        if let Some((_, there)) = self.read(name, Some(version)).await? {
            return if there.expose_secret() == value.expose_secret() { Ok(()) } else { Err(other_value()) };
        }
        let done = self.add(name, version, value).await?
            || self.create(name, version, value).await?
            // Another writer made the secret at the same moment; its next version is ours.
            || self.add(name, version, value).await?;
        if done { Ok(()) } else { Err(Error::retry("vault_busy", "Secrets Manager is busy.")) }
    }

    async fn get(&self, name: SecretName, version: &SecretVersion) -> Result<SecretString> {
        self.read(name, Some(version)).await?.map(|(_, value)| value).ok_or_else(missing)
    }

    async fn newest(&self, name: SecretName) -> Result<Option<(SecretVersion, SecretString)>> {
        self.read(name, None).await
    }

    async fn delete(&self, name: SecretName) -> Result<()> {
        let delete = self.client.delete_secret().secret_id(self.id(name)).force_delete_without_recovery(true);
        match delete.send().await {
            Ok(_) => Ok(()),
            Err(error) if is(&error, &["ResourceNotFoundException"]) => Ok(()),
            Err(error) => Err(meaning(&error)),
        }
    }

    async fn writable(&self) -> Result<()> {
        // Reading the list of versions needs the same network and credentials as a write, and costs nothing.
        match self.client.describe_secret().secret_id(format!("{}/writable", self.prefix)).send().await {
            Ok(_) => Ok(()),
            Err(error) if is(&error, &["ResourceNotFoundException", "AccessDeniedException"]) => Ok(()),
            Err(error) => Err(meaning(&error)),
        }
    }
}
