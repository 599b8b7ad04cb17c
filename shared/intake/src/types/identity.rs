//! The company's identity provider: who may sign in to the console there, and as what.

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::{
    Error, Kind, Result, Sentence,
    types::{
        audit::Role,
        host::{AddressPolicy, MailHost},
        integration::Provider,
        presets,
    },
};

/// How the names of its settings begin.
const PREFIX: &str = "MAILDOCKET_OIDC_";
/// The one that is no text for the eye.
const SECRET: &str = "CLIENT_SECRET";
/// Microsoft's words for accounts of everybody, in the place of a tenant.
const EVERYBODY: [&str; 3] = ["common", "organizations", "consumers"];
/// The settings of roles, the highest first.
const ROLES: [(&str, Role); 3] =
    [("ADMINISTRATORS", Role::Administrator), ("AGENTS", Role::Agent), ("READERS", Role::Reader)];

/// An OpenID Connect provider of one company, and what its people may do here.
#[derive(Debug, Clone)]
pub struct IdentityProvider {
    /// One issuer, and never that of everybody's accounts.
    pub issuer: Url,
    /// The client that we are there.
    pub client_id: String,
    /// Its secret.
    pub client_secret: ClientSecret,
    /// The highest first.
    roles: Vec<(Role, Vec<Who>)>,
}

/// The secret of the client that we are at the identity provider.
#[derive(Debug, Clone)]
pub enum ClientSecret {
    /// A setting.
    Told(SecretString),
    /// In the vault, where whoever installs has put it; read when somebody signs in.
    InVault,
}

/// Whom a role is for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Who {
    /// Everybody in a group, by its name or identifier.
    Group(String),
    /// One person, by the subject.
    Subject(String),
    /// One person, by an address that the provider has checked.
    Address(String),
}

impl Who {
    /// `sub:…` and `email:…` say what they are, so that nobody becomes a group by choosing its name as their own.
    fn of(text: &str) -> Self {
        match text.split_once(':') {
            Some(("sub", subject)) => Self::Subject(subject.trim().to_owned()),
            Some(("email", address)) => Self::Address(address.trim().to_owned()),
            _ => Self::Group(text.to_owned()),
        }
    }

    fn is(&self, claims: &Claims) -> bool {
        match self {
            Self::Group(group) => claims.groups.contains(group),
            Self::Subject(subject) => claims.subject == *subject,
            Self::Address(address) => {
                let told = claims.address.as_deref().filter(|_| claims.address_is_verified);
                told.is_some_and(|told| told.eq_ignore_ascii_case(address))
            }
        }
    }
}

/// What an ID token says, whose signature is the provider's. Whether it is meant for us, and now, is looked at later.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Claims {
    /// Who issued it; empty where it does not say.
    pub issuer: String,
    /// For whom.
    pub audience: Vec<String>,
    /// Who asked for it, where that is said.
    pub authorized_party: Option<String>,
    /// When it ends, in seconds since 1970.
    pub expires_at: i64,
    /// What we sent.
    pub nonce: Option<String>,
    /// The person's stable identifier; empty where it does not say.
    pub subject: String,
    /// The person's name.
    pub name: Option<String>,
    /// The person's address.
    pub address: Option<String>,
    /// Whether the provider has checked that the address is the person's.
    pub address_is_verified: bool,
    /// Names or identifiers of groups, and of roles at the provider.
    pub groups: Vec<String>,
    /// The provider left the groups out, because there are too many.
    pub groups_left_out: bool,
}

impl IdentityProvider {
    /// As it is set up: `MAILDOCKET_OIDC_ISSUER`, `_CLIENT_ID` and `_CLIENT_SECRET`; and in `_ADMINISTRATORS`, `_AGENTS` and
    /// `_READERS` for whom roles are, with commas between, or semicolons where a name has commas. None where nothing is
    /// set up; `Kind::Installation` with the name of what is missing or wrong.
    pub fn from_settings(
        setting: &dyn Fn(&str) -> Option<SecretString>,
        addresses: AddressPolicy,
    ) -> Result<Option<Self>> {
        let secret = setting(&format!("{PREFIX}{SECRET}"));
        let secret = secret.filter(|secret| !secret.expose_secret().trim().is_empty());
        let text = texts(setting);
        if secret.is_none() && is_not_set_up(&text) {
            return Ok(None);
        }
        let secret = || secret.ok_or_else(|| wrong(SECRET, "identity_setting_wrong.missing"));
        Self::read(&text, addresses, || Ok(ClientSecret::Told(secret()?))).map(Some)
    }

    /// The same where the client's secret is no setting: it lies in the vault, and is read when somebody signs in.
    pub fn with_secret_in_vault(
        setting: &dyn Fn(&str) -> Option<SecretString>,
        addresses: AddressPolicy,
    ) -> Result<Option<Self>> {
        let text = texts(setting);
        if is_not_set_up(&text) {
            return Ok(None);
        }
        Self::read(&text, addresses, || Ok(ClientSecret::InVault)).map(Some)
    }

    fn read(
        text: &dyn Fn(&str) -> Option<String>,
        addresses: AddressPolicy,
        secret: impl FnOnce() -> Result<ClientSecret>,
    ) -> Result<Self> {
        let needed = |name: &str| text(name).ok_or_else(|| wrong(name, "identity_setting_wrong.missing"));
        let issuer = issuer(&needed("ISSUER")?, addresses)?;
        let roles: Vec<_> =
            ROLES.iter().map(|(name, role)| (*role, whom(&text(name).unwrap_or_default()))).collect();
        if roles.iter().all(|(_, whom)| whom.is_empty()) {
            return Err(wrong("ADMINISTRATORS", "identity_setting_wrong.nobody"));
        }
        let by_address = |(_, whom): &(Role, Vec<Who>)| whom.iter().any(|who| matches!(who, Who::Address(_)));
        // At Microsoft Entra administrators of any tenant write what they like into an address.
        if presets::owner(&issuer) == Some(Provider::Microsoft) && roles.iter().any(by_address) {
            return Err(wrong("ISSUER", "identity_setting_wrong.address"));
        }
        Ok(Self { issuer, client_id: needed("CLIENT_ID")?, client_secret: secret()?, roles })
    }

    /// Whether this is its issuer.
    pub fn is_issuer(&self, issuer: &str) -> bool {
        issuer.trim_end_matches('/') == self.issuer.as_str().trim_end_matches('/')
    }

    /// What a person may do: the highest of their roles. None: nothing.
    pub fn role_of(&self, claims: &Claims) -> Option<Role> {
        let has = |(_, whom): &&(Role, Vec<Who>)| whom.iter().any(|who| who.is(claims));
        self.roles.iter().find(has).map(|(role, _)| *role)
    }
}

/// Settings without blanks around them, by what follows the prefix of their names.
fn texts(setting: &dyn Fn(&str) -> Option<SecretString>) -> impl Fn(&str) -> Option<String> {
    move |name| {
        let value = setting(&format!("{PREFIX}{name}"))?;
        let value = value.expose_secret().trim();
        (!value.is_empty()).then(|| value.to_owned())
    }
}

fn is_not_set_up(text: &dyn Fn(&str) -> Option<String>) -> bool {
    let names = ["ISSUER", "CLIENT_ID"].into_iter().chain(ROLES.map(|(name, _)| name));
    names.into_iter().all(|name| text(name).is_none())
}

fn wrong(name: &str, key: &'static str) -> Error {
    Error::told(Kind::Installation, Sentence::new(key).with("setting", format!("{PREFIX}{name}")))
}

fn whom(list: &str) -> Vec<Who> {
    let separator = if list.contains(';') { ';' } else { ',' };
    let entries = list.split([separator, '\n']).map(str::trim).filter(|entry| !entry.is_empty());
    entries.map(Who::of).collect()
}

fn issuer(text: &str, addresses: AddressPolicy) -> Result<Url> {
    let url = Url::parse(text).map_err(|_| wrong("ISSUER", "identity_setting_wrong.issuer"))?;
    let host = url.host_str().and_then(|host| MailHost::new(host).ok());
    let is_local = || host.is_some_and(|host| host.ip().is_some() || host.is_local_name());
    let is_open = url.scheme() == "http" && addresses.allow_private && is_local();
    let bare = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    if !bare || !(url.scheme() == "https" || is_open) {
        return Err(wrong("ISSUER", "identity_setting_wrong.issuer"));
    }
    let first = url.path_segments().and_then(|mut parts| parts.next()).unwrap_or_default();
    let is_everybody = EVERYBODY.iter().any(|word| first.eq_ignore_ascii_case(word));
    if presets::owner(&url) == Some(Provider::Microsoft) && is_everybody {
        return Err(wrong("ISSUER", "identity_setting_wrong.everybody"));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn read(changes: &[(&str, &str)]) -> Result<Option<IdentityProvider>> {
        let mut all = BTreeMap::from([
            ("ISSUER", "https://id.example"),
            ("CLIENT_ID", "docket"),
            ("CLIENT_SECRET", "canary"),
            ("ADMINISTRATORS", "it, sub:ada"),
            ("READERS", "CN=All,OU=Staff;email:Bob@example.com"),
        ]);
        all.extend(changes.iter().copied());
        let setting = |name: &str| {
            all.get(name.strip_prefix(PREFIX)?).map(|value| SecretString::from((*value).to_owned()))
        };
        IdentityProvider::from_settings(&setting, AddressPolicy { allow_private: false })
    }

    fn of(groups: &[&str]) -> Claims {
        Claims { groups: groups.iter().map(|group| (*group).to_owned()).collect(), ..Claims::default() }
    }

    #[test]
    fn groups_subjects_and_checked_addresses_decide() {
        let identity = read(&[]).unwrap().unwrap();
        assert!(!format!("{identity:?}").contains("canary"));
        let bob = Claims { address: Some("bob@example.com".to_owned()), ..Claims::default() };
        for (claims, role) in [
            (of(&["it", "CN=All,OU=Staff"]), Some(Role::Administrator)),
            (of(&["CN=All,OU=Staff"]), Some(Role::Reader)),
            (of(&["IT", "sub:ada", "ada"]), None),
            (Claims { subject: "ada".to_owned(), ..of(&[]) }, Some(Role::Administrator)),
            // Nobody becomes a group by the name of their own.
            (Claims { subject: "it".to_owned(), name: Some("it".to_owned()), ..of(&[]) }, None),
            (bob.clone(), None),
            (Claims { address_is_verified: true, ..bob }, Some(Role::Reader)),
        ] {
            assert_eq!(identity.role_of(&claims), role, "{claims:?}");
        }
    }

    #[test]
    fn the_issuer_is_one_and_never_that_of_everybody() {
        assert!(read(&[("ISSUER", "https://login.microsoftonline.com/x/v2.0"), ("READERS", "")]).is_ok());
        for (name, value, key) in [
            ("ISSUER", "https://login.microsoftonline.com/common/v2.0", "everybody"),
            ("ISSUER", "https://login.microsoftonline.com/Organizations/v2.0", "everybody"),
            // There the list has an address.
            ("ISSUER", "https://login.microsoftonline.com/x/v2.0", "address"),
            ("ISSUER", "http://id.example", "issuer"),
            ("ISSUER", "https://id.example?x=y", "issuer"),
            ("ISSUER", "id.example", "issuer"),
            ("ISSUER", " ", "missing"),
            ("CLIENT_ID", "", "missing"),
            ("CLIENT_SECRET", "", "missing"),
        ] {
            let told = Sentence::variant("identity_setting_wrong", key);
            let told = told.with("setting", format!("{PREFIX}{name}")).message(Default::default());
            assert_eq!(read(&[(name, value)]).unwrap_err().message, told, "{name} {value}");
        }
        assert!(read(&[("ADMINISTRATORS", ""), ("READERS", " ;")]).is_err(), "nobody could sign in");
    }

    #[test]
    fn what_is_not_set_up_is_not_there() {
        let addresses = AddressPolicy { allow_private: false };
        let blank = |_: &str| Some(SecretString::from(" "));
        for read in [IdentityProvider::from_settings, IdentityProvider::with_secret_in_vault] {
            assert!(read(&|_| None, addresses).unwrap().is_none());
            assert!(read(&blank, addresses).unwrap().is_none());
        }
    }

    #[test]
    fn a_secret_in_the_vault_is_no_setting() {
        let of = |name: &str| match name.strip_prefix(PREFIX)? {
            "ISSUER" => Some("https://id.example"),
            "CLIENT_ID" => Some("docket"),
            "READERS" => Some("it"),
            _ => None,
        };
        let setting = |name: &str| of(name).map(SecretString::from);
        let addresses = AddressPolicy { allow_private: false };
        let identity = IdentityProvider::with_secret_in_vault(&setting, addresses).unwrap().unwrap();
        assert!(matches!(identity.client_secret, ClientSecret::InVault));
        assert!(IdentityProvider::from_settings(&setting, addresses).is_err());
    }
}
