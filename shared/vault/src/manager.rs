//! Secrets in AWS Secrets Manager, one secret a name. Versions are ClientRequestTokens.
//!
//! Secrets Manager may delete what has no staging label, and moves its own labels by itself. So each version has a label
//! of its own from its first moment until no record can name it any more; a first version has `AWSCURRENT`, which is
//! moved only once a record names another: it is what was settled last.
//! A secret has at most 20 labels: attempts whose outcome is unknown leave one each, until the next that succeeds.
//! <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html>

use std::collections::BTreeMap;

use async_trait::async_trait;
use aws_lc_rs::digest;
use aws_sdk_secretsmanager::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    operation::get_secret_value::builders::GetSecretValueFluentBuilder,
};
use intake::{
    Error, Kind, Result, Sentence,
    app::MacKey,
    ports::Vault,
    types::secret::{SecretName, SecretVersion},
};
use secrecy::{ExposeSecret, SecretString};

use crate::{MAX_SECRET, MasterKey, missing, other_value, too_large};

/// The label of the version that counts; a first version is born with it.
const CURRENT: &str = "AWSCURRENT";
/// The secret of the installation's key.
const KEY: &str = "key";
/// The secret of the administrator's token.
const ADMIN_TOKEN: &str = "admin-token";
/// The secret of our client at the company's identity provider: a person puts it there.
const IDENTITY: &str = "oidc-client-secret";
/// Answers where there is no such secret, or it is marked for deletion by hand.
const NOT_THERE: [&str; 2] = [NO_SECRET, "InvalidRequestException"];
/// The answer where there is no such secret.
const NO_SECRET: &str = "ResourceNotFoundException";
/// The answer where there is one already, or another value of this version.
const EXISTS: &str = "ResourceExistsException";
/// Follows by itself to the version that [`CURRENT`] is taken from.
const PREVIOUS: &str = "AWSPREVIOUS";
/// How often a first write is tried that others are in the way of.
const TRIES: u32 = 3;

/// The labels of the versions that have some.
type Labels = BTreeMap<SecretVersion, Vec<String>>;

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
        self.installed(&name).await?.map(|text| mac_key(&text)).ok_or_else(|| not_installed(&name))
    }

    async fn installed(&self, name: &str) -> Result<Option<SecretString>> {
        let ask = self.client.get_secret_value().secret_id(name).version_stage(CURRENT);
        let answer = unless(ask.send().await, &NOT_THERE)?;
        Ok(answer.and_then(|answer| answer.secret_string).map(SecretString::from))
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

    async fn read(&self, ask: GetSecretValueFluentBuilder) -> Result<Option<(SecretVersion, SecretString)>> {
        let Some(answer) = unless(ask.send().await, &NOT_THERE)? else { return Ok(None) };
        let version = answer.version_id.map(SecretVersion::from_stored);
        Ok(version.zip(answer.secret_string.map(SecretString::from)))
    }

    async fn version(&self, name: SecretName, version: &SecretVersion) -> Result<Option<SecretString>> {
        let ask = self.client.get_secret_value().secret_id(self.id(name)).version_id(version.as_str());
        Ok(self.read(ask).await?.map(|(_, value)| value))
    }

    /// None where there is no such secret.
    async fn labels(&self, name: SecretName) -> Result<Option<Labels>> {
        let ask = self.client.describe_secret().secret_id(self.id(name));
        let Some(answer) = unless(ask.send().await, &[NO_SECRET])? else { return Ok(None) };
        let all = answer.version_ids_to_stages.unwrap_or_default();
        let labelled = all.into_iter().filter(|(_, labels)| !labels.is_empty());
        Ok(Some(labelled.map(|(v, labels)| (SecretVersion::from_stored(v), labels)).collect()))
    }

    /// A further version, under this label. False where there is no such secret.
    async fn add(
        &self,
        name: SecretName,
        version: &SecretVersion,
        value: &SecretString,
        label: &str,
    ) -> Result<bool> {
        let put =
            self.client.put_secret_value().secret_id(self.id(name)).client_request_token(version.as_str());
        match put.version_stages(label).secret_string(value.expose_secret()).send().await {
            Err(error) if is(&error, &[EXISTS]) => Err(other_value()),
            put => Ok(unless(put, &[NO_SECRET])?.is_some()),
        }
    }

    /// Takes a label from one version, and gives it to another. Where it is elsewhere by now, or a version is gone,
    /// others were faster, and what they did stands.
    async fn move_label(
        &self,
        name: SecretName,
        label: &str,
        from: Option<&SecretVersion>,
        to: Option<&SecretVersion>,
    ) -> Result<()> {
        const FASTER: [&str; 3] = [NO_SECRET, "InvalidParameterException", "InvalidRequestException"];
        let update = self.client.update_secret_version_stage().secret_id(self.id(name)).version_stage(label);
        let update = update
            .set_remove_from_version_id(from.map(|version| version.as_str().to_owned()))
            .set_move_to_version_id(to.map(|version| version.as_str().to_owned()));
        unless(update.send().await, &FASTER).map(|_| ())
    }

    /// Takes those of these labels from a version that it has.
    async fn strip(
        &self,
        name: SecretName,
        version: &SecretVersion,
        has: &[String],
        labels: &[&str],
    ) -> Result<()> {
        for label in has.iter().filter(|label| labels.contains(&label.as_str())) {
            self.move_label(name, label, Some(version), None).await?;
        }
        Ok(())
    }

    /// The first version. False where the secret is there already.
    async fn create(&self, name: SecretName, version: &SecretVersion, value: &SecretString) -> Result<bool> {
        let create = self.client.create_secret().name(self.id(name)).client_request_token(version.as_str());
        Ok(unless(create.secret_string(value.expose_secret()).send().await, &[EXISTS])?.is_some())
    }
}

fn mac_key(secret: &SecretString) -> MacKey {
    let digest = digest::digest(&digest::SHA256, secret.expose_secret().as_bytes());
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest.as_ref());
    MasterKey::new(bytes).mac_key()
}

fn not_installed(name: &str) -> Error {
    Error::told(Kind::Installation, Sentence::new("installation_secret_missing").with("secret_name", name))
}

/// What came back; None for an answer with one of these codes.
fn unless<T, E: ProvideErrorMetadata, R>(
    answer: std::result::Result<T, SdkError<E, R>>,
    codes: &[&str],
) -> Result<Option<T>> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if is(&error, codes) => Ok(None),
        Err(error) => Err(meaning(&error)),
    }
}

fn is<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>, codes: &[&str]) -> bool {
    error.as_service_error().and_then(ProvideErrorMetadata::code).is_some_and(|code| codes.contains(&code))
}

fn meaning<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> Error {
    match error.as_service_error().and_then(ProvideErrorMetadata::code) {
        Some("AccessDeniedException" | "UnrecognizedClientException") => {
            Error::told(Kind::Installation, "vault_access_denied")
        }
        Some("ThrottlingException" | "InternalServiceError" | "LimitExceededException") => {
            Error::retry("vault_busy")
        }
        Some(code) => Error::internal(format!("Secrets Manager answered {code}")),
        None => Error::retry("vault_unreachable"),
    }
}

/// The label that keeps a version.
fn own_label(version: &SecretVersion) -> String {
    format!("maildocket-{}", version.as_str())
}

/// What takes the place of a version that nothing takes the place of: its name, always the same, and its value.
fn blank(of: &SecretVersion) -> (SecretVersion, SecretString) {
    let digest = digest::digest(&digest::SHA256, format!("blank {}", of.as_str()).as_bytes());
    (SecretVersion::from_stored(hex::encode(digest)), SecretString::from("-"))
}

#[async_trait]
impl Vault for SecretsManagerVault {
    async fn put(
        &self,
        name: SecretName,
        version: &SecretVersion,
        value: &SecretString,
    ) -> Result<Vec<SecretVersion>> {
        if value.expose_secret().len() > MAX_SECRET {
            return Err(too_large());
        }
        for _ in 0..TRIES {
            let Some(mut labels) = self.labels(name).await? else {
                if self.create(name, version, value).await? {
                    return Ok(Vec::new());
                }
                // Another writer made the secret at the same moment.
                continue;
            };
            // A repeated write is found first: emulators, unlike AWS, overwrite a used token.
            if labels.remove(version).is_some()
                && let Some(there) = self.version(name, version).await?
            {
                let same = there.expose_secret() == value.expose_secret();
                return if same { Ok(labels.into_keys().collect()) } else { Err(other_value()) };
            }
            if self.add(name, version, value, &own_label(version)).await? {
                return Ok(labels.into_keys().collect());
            }
        }
        Err(Error::retry("vault_busy"))
    }

    async fn get(&self, name: SecretName, version: &SecretVersion) -> Result<SecretString> {
        self.version(name, version).await?.ok_or_else(missing)
    }

    async fn settled(&self, name: SecretName) -> Result<Option<(SecretVersion, SecretString)>> {
        self.read(self.client.get_secret_value().secret_id(self.id(name)).version_stage(CURRENT)).await
    }

    async fn settle(&self, name: SecretName, now: &SecretVersion, gone: &[SecretVersion]) -> Result<()> {
        let Some(labels) = self.labels(name).await? else { return Ok(()) };
        let current = labels.iter().find(|(_, has)| has.iter().any(|label| label == CURRENT));
        let current = current.map(|(version, _)| version);
        if current != Some(now) {
            self.move_label(name, CURRENT, current, Some(now)).await?;
        }
        for (version, has) in labels.iter().filter(|(version, _)| gone.contains(version)) {
            self.strip(name, version, has, &[&own_label(version)]).await?;
        }
        Ok(())
    }

    async fn discard(&self, name: SecretName, version: &SecretVersion) -> Result<()> {
        let Some(mut labels) = self.labels(name).await? else { return Ok(()) };
        let Some(mut has) = labels.remove(version) else { return Ok(()) };
        if has.iter().any(|label| label == CURRENT) {
            // This label cannot be taken away, only given to another version.
            let (instead, nothing) = blank(version);
            self.add(name, &instead, &nothing, CURRENT).await?;
            has.push(PREVIOUS.to_owned());
        }
        self.strip(name, version, &has, &[&own_label(version), PREVIOUS]).await
    }

    async fn delete(&self, name: SecretName) -> Result<()> {
        let delete = self.client.delete_secret().secret_id(self.id(name)).force_delete_without_recovery(true);
        unless(delete.send().await, &[NO_SECRET]).map(|_| ())
    }

    async fn identity_secret(&self) -> Result<SecretString> {
        let name = self.own(IDENTITY);
        // Whoever puts a file there puts its last line's end there too.
        let text = self.installed(&name).await?.map(|text| text.expose_secret().trim().to_owned());
        let text = text.filter(|text| !text.is_empty()).map(SecretString::from);
        text.ok_or_else(|| {
            Error::told(
                Kind::Installation,
                Sentence::new("identity_secret_missing").with("secret_name", name),
            )
        })
    }

    async fn writable(&self) -> Result<()> {
        // Reading the list of versions needs the same network and credentials as a write, and changes nothing.
        let ask = self.client.describe_secret().secret_id(self.own("writable"));
        unless(ask.send().await, &[NO_SECRET, "AccessDeniedException"]).map(|_| ())
    }
}
