//! The settings of a function: read from its environment, once, at the start. `infra/template.yaml` sets them.

use std::{env, path::PathBuf};

use aws_credential_types::Credentials;
use intake::{
    Error, Kind, Result, Sentence,
    types::{host::AddressPolicy, identity::IdentityProvider},
};
use secrecy::SecretString;
use url::Url;

/// Set in every Lambda environment, and nowhere else.
const IN_LAMBDA: &str = "AWS_LAMBDA_INITIALIZATION_TYPE";

/// What a function is told.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `AWS_REGION`: set by Lambda.
    pub region: String,
    /// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`: those of its role, set by Lambda.
    pub credentials: Credentials,
    /// `AWS_ENDPOINT_URL`: a stand-in for AWS, in tests.
    pub endpoint: Option<String>,
    /// `MAILDOCKET_TABLE`: the DynamoDB table.
    pub table: String,
    /// `MAILDOCKET_BUCKET`: the S3 bucket of raw mails and files.
    pub bucket: String,
    /// `MAILDOCKET_SECRET_PREFIX`: how the names of our secrets begin, such as `maildocket/prod`.
    pub secret_prefix: String,
    /// `MAILDOCKET_BASE_URL`: scheme and host under which browsers and providers reach the API; https.
    pub base_url: Url,
    /// `MAILDOCKET_QUEUE_URL`: the queue of hints; the poller only.
    pub queue_url: Option<String>,
    /// `MAILDOCKET_EXTRA_CA_FILE`: further trusted roots (PEM), for Custom providers and their mail servers.
    pub extra_ca_file: Option<PathBuf>,
    /// `MAILDOCKET_ALLOW_PRIVATE_NETWORK`: also connect to private addresses. Refused in Lambda: its own runtime answers
    /// on loopback.
    pub addresses: AddressPolicy,
    /// `MAILDOCKET_OIDC_…`: where people of the company sign in; the API only. Their client's secret is in the vault.
    pub identity: Option<IdentityProvider>,
}

impl Settings {
    /// Reads and checks them. `Kind::Installation` with the name of what is missing or wrong.
    #[expect(clippy::disallowed_methods, reason = "the owner")]
    pub fn read() -> Result<Self> {
        Self::from(&|name| env::var(name).ok().filter(|value| !value.is_empty()))
    }

    fn from(variable: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        let needed = |name: &str| variable(name).ok_or_else(|| wrong(name, "setting_wrong"));
        let base_url = needed("MAILDOCKET_BASE_URL")?;
        let allow_private =
            variable("MAILDOCKET_ALLOW_PRIVATE_NETWORK").is_some_and(|value| value != "false");
        if allow_private && variable(IN_LAMBDA).is_some() {
            return Err(wrong("MAILDOCKET_ALLOW_PRIVATE_NETWORK", "setting_wrong.lambda"));
        }
        Ok(Self {
            region: needed("AWS_REGION")?,
            credentials: Credentials::new(
                needed("AWS_ACCESS_KEY_ID")?,
                needed("AWS_SECRET_ACCESS_KEY")?,
                variable("AWS_SESSION_TOKEN"),
                None,
                "environment",
            ),
            endpoint: variable("AWS_ENDPOINT_URL"),
            table: needed("MAILDOCKET_TABLE")?,
            bucket: needed("MAILDOCKET_BUCKET")?,
            secret_prefix: needed("MAILDOCKET_SECRET_PREFIX")?,
            base_url: checked(&base_url, allow_private)?,
            queue_url: variable("MAILDOCKET_QUEUE_URL"),
            extra_ca_file: variable("MAILDOCKET_EXTRA_CA_FILE").map(PathBuf::from),
            addresses: AddressPolicy { allow_private },
            identity: IdentityProvider::with_secret_in_vault(
                &|name| variable(name).map(SecretString::from),
                AddressPolicy { allow_private },
            )?,
        })
    }

    /// The queue of hints, which only some functions need.
    pub fn queue_url(&self) -> Result<&str> {
        self.queue_url.as_deref().ok_or_else(|| wrong("MAILDOCKET_QUEUE_URL", "setting_wrong"))
    }
}

fn checked(text: &str, loopback: bool) -> Result<Url> {
    let url = Url::parse(text).map_err(|_| wrong("MAILDOCKET_BASE_URL", "setting_wrong.url"))?;
    let bare =
        url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    let local =
        loopback && url.scheme() == "http" && matches!(url.host_str(), Some("localhost" | "127.0.0.1"));
    if !bare || !(url.scheme() == "https" || local) {
        return Err(wrong("MAILDOCKET_BASE_URL", "setting_wrong.https"));
    }
    Ok(url)
}

fn wrong(name: &str, sentence: &'static str) -> Error {
    Error::told(Kind::Installation, Sentence::new(sentence).with("setting", name))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn read(changes: &[(&'static str, &'static str)]) -> Result<Settings> {
        let mut all = BTreeMap::from([
            ("AWS_REGION", "eu-central-1"),
            ("AWS_ACCESS_KEY_ID", "id"),
            ("AWS_SECRET_ACCESS_KEY", "canary"),
            ("MAILDOCKET_TABLE", "t"),
            ("MAILDOCKET_BUCKET", "b"),
            ("MAILDOCKET_SECRET_PREFIX", "maildocket/test"),
            ("MAILDOCKET_BASE_URL", "https://mail.example.com"),
        ]);
        all.extend(changes.iter().copied());
        Settings::from(&|name| all.get(name).filter(|v| !v.is_empty()).map(|v| (*v).to_owned()))
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        assert!(!format!("{:?}", read(&[]).unwrap()).contains("canary"));
        for (name, value) in [
            ("AWS_REGION", ""),
            ("AWS_ACCESS_KEY_ID", ""),
            ("AWS_SECRET_ACCESS_KEY", ""),
            ("MAILDOCKET_TABLE", ""),
            ("MAILDOCKET_BUCKET", ""),
            ("MAILDOCKET_SECRET_PREFIX", ""),
            ("MAILDOCKET_BASE_URL", ""),
            ("MAILDOCKET_BASE_URL", "http://mail.example.com"),
            ("MAILDOCKET_BASE_URL", "https://mail.example.com/path"),
            ("MAILDOCKET_BASE_URL", "nonsense"),
        ] {
            let error = read(&[(name, value)]).unwrap_err();
            assert!(error.message.contains(name), "{error:?}");
        }
    }

    #[test]
    fn lambda_connects_to_no_private_address() {
        let switch = ("MAILDOCKET_ALLOW_PRIVATE_NETWORK", "true");
        assert!(read(&[switch]).unwrap().addresses.allow_private);
        let error = read(&[switch, (IN_LAMBDA, "on-demand")]).unwrap_err();
        assert!(error.message.contains("not possible in Lambda"), "{error:?}");
    }
}
