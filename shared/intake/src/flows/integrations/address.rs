//! Which URLs may be saved as an endpoint or issuer: their text, their host, and that they do not lead to ourselves.

use url::{Host, Url};

use crate::{
    App, Sentence, Settings,
    types::{
        host::{AddressPolicy, MailHost, Network, network_of},
        integration::Endpoints,
        presets,
    },
};

/// The longest endpoint or issuer, in bytes.
const MAX_URL: usize = 2_000;

/// What a URL is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Endpoint,
    Issuer,
}

/// Why a URL cannot be saved.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused {
    detail: &'static str,
    /// Its address, not its form, is the reason.
    pub(super) not_allowed: bool,
}

impl From<Refused> for Sentence {
    fn from(refused: Refused) -> Self {
        Self::new(refused.detail)
    }
}

fn wrong(detail: &'static str) -> Refused {
    Refused { detail, not_allowed: false }
}

fn refused(detail: &'static str) -> Refused {
    Refused { detail, not_allowed: true }
}

/// A URL that may be saved. What its name resolves to is checked at each connection.
pub(super) fn endpoint(app: &App, text: &str, shape: Shape) -> Result<Url, Refused> {
    checked(&app.settings, text, shape)
}

fn checked(settings: &Settings, text: &str, shape: Shape) -> Result<Url, Refused> {
    if text.len() > MAX_URL {
        return Err(wrong("field.url_length"));
    }
    let url = parsed(text)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("field.url_credentials"));
    }
    if url.fragment().is_some() || (shape == Shape::Issuer && url.query().is_some()) {
        return Err(wrong("field.url_parts"));
    }
    let host = host_of(&url).ok_or(wrong("field.url_host"))?;
    let port = url.port_or_known_default().filter(|port| *port > 0).ok_or(wrong("field.url_port"))?;
    let private = host.ip().map_or(host.is_local_name(), |ip| network_of(ip) == Network::Private);
    match url.scheme() {
        "https" => {}
        "http" if private && settings.addresses.allow_private => {}
        _ => return Err(wrong("field.url_https")),
    }
    if settings.is_ourselves(&host, port) {
        return Err(refused("field.ourselves"));
    }
    if !settings.addresses.permits_host(&host) {
        return Err(refused(AddressPolicy::refusal(&host)));
    }
    Ok(url)
}

/// Parsers of URLs repair what browsers get to see: blanks, backslashes, missing slashes. Here such a text is a mistake, or
/// somebody's trick.
fn parsed(text: &str) -> Result<Url, Refused> {
    let strange = |c: char| c.is_whitespace() || c.is_control() || c == '\\';
    if text.contains(strange) {
        return Err(wrong("field.url_blanks"));
    }
    let form = wrong("field.url");
    let rest = text.split_once("://").map(|(_, rest)| rest);
    match (rest, Url::parse(text)) {
        (Some(rest), Ok(url)) if !rest.starts_with('/') => Ok(url),
        _ => Err(form),
    }
}

fn host_of(url: &Url) -> Option<MailHost> {
    let text = match url.host()? {
        Host::Domain(name) => name.to_owned(),
        Host::Ipv4(address) => address.to_string(),
        Host::Ipv6(address) => address.to_string(),
    };
    MailHost::new(&text).ok()
}

/// Whether one endpoint belongs to Google or Microsoft and the other does not: then codes or secrets of one provider would
/// go to another.
pub(super) fn is_mixed(endpoints: &Endpoints) -> bool {
    presets::owner(&endpoints.authorization) != presets::owner(&endpoints.token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::host::OwnListener;

    fn settings(base_url: &str, own: &[&str]) -> Settings {
        Settings {
            base_url: base_url.parse().unwrap(),
            addresses: AddressPolicy { allow_private: true },
            own: OwnListener::new(own.iter().map(|own| own.parse().unwrap()).collect()),
            instance: "abcd1234".to_owned(),
            identity: None,
        }
    }

    #[test]
    fn our_own_listener_is_refused_however_it_is_written() {
        let settings = settings("https://docket.example", &["127.0.0.1:8025", "[::1]:8025"]);
        for text in [
            "https://docket.example/token",
            "https://DOCKET.example.:443/token",
            "http://localhost:8025/token",
            "http://localhost.:8025/token",
            "http://a.localhost:8025/token",
            "http://127.0.0.1:8025/token",
            "http://127.1:8025/token",
            "http://0x7f000001:8025/token",
            "http://127.9.9.9:8025/token",
            "http://[::1]:8025/token",
            "http://[::ffff:127.0.0.1]:8025/token",
        ] {
            let told = checked(&settings, text, Shape::Endpoint);
            assert_eq!(told, Err(refused("field.ourselves")), "{text}");
        }
        for text in ["http://localhost:8026/token", "https://docket.example:8443/token"] {
            assert!(checked(&settings, text, Shape::Endpoint).is_ok(), "{text}");
        }
    }

    #[test]
    fn what_a_parser_would_repair_is_refused() {
        let settings = settings("https://docket.example", &[]);
        for text in [
            " https://login.example/t",
            "https://login.example/t\n",
            "https://login.exa\tmple/t",
            "https:\\\\login.example\\t",
            "https://login.example\\@evil.example/",
            "https:login.example/t",
            "https:///login.example/t",
            "https://",
            "//login.example/t",
            "login.example",
            "https://login.example:65536/t",
            "https://login.example:0/t",
            "https://login.example:x/t",
        ] {
            assert!(checked(&settings, text, Shape::Endpoint).is_err(), "{text:?}");
        }
        assert!(checked(&settings, "https://login.example/t?x=1", Shape::Endpoint).is_ok());
        assert!(checked(&settings, "https://login.example/t?x=1", Shape::Issuer).is_err());
    }

    #[test]
    fn well_known_providers_are_not_mixed_with_others() {
        let mixed = |authorization: &str, token: &str| {
            let url = |host: &str| Url::parse(&format!("https://{host}/x")).unwrap();
            is_mixed(&Endpoints {
                authorization: url(authorization),
                token: url(token),
                revocation: None,
                authentication: Vec::new(),
            })
        };
        assert!(mixed("accounts.google.com", "login.example"));
        assert!(mixed("login.example", "oauth2.googleapis.com"));
        assert!(mixed("login.microsoftonline.com", "login.microsoftonline.com.evil.example"));
        assert!(mixed("accounts.google.com", "login.microsoftonline.com"));
        assert!(mixed("login.microsoftonline.us.", "evil.example"));
        assert!(!mixed("accounts.google.com", "oauth2.googleapis.com"));
        assert!(!mixed("login.microsoftonline.us", "login.microsoftonline.us"));
        assert!(!mixed("login.notgoogle.com", "login.example"));
    }
}
