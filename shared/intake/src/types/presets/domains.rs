//! Which provider a mail address belongs to, as far as its domain alone tells.

use super::{CATALOGUE, Preset};
use crate::types::host::MailHost;

/// Domains under which providers give addresses to everybody, by preset. An organisation's own domain tells nothing.
const DOMAINS: [(&str, &[&str]); 7] = [
    ("google", &["gmail.com", "googlemail.com"]),
    (
        "microsoft",
        &[
            "outlook.com",
            "outlook.jp",
            "outlook.de",
            "outlook.fr",
            "hotmail.com",
            "hotmail.co.jp",
            "hotmail.co.uk",
            "hotmail.de",
            "hotmail.fr",
            "live.com",
            "live.jp",
            "live.de",
            "live.co.uk",
            "msn.com",
            "onmicrosoft.com",
        ],
    ),
    (
        "yahoo",
        &[
            "yahoo.com",
            "yahoo.co.uk",
            "yahoo.de",
            "yahoo.fr",
            "yahoo.it",
            "yahoo.es",
            "ymail.com",
            "rocketmail.com",
        ],
    ),
    ("aol", &["aol.com", "aol.de", "aim.com"]),
    ("fastmail", &["fastmail.com", "fastmail.fm"]),
    ("yandex", &["yandex.com", "yandex.ru", "ya.ru"]),
    ("icloud", &["icloud.com", "me.com", "mac.com"]),
];

/// Names under which the providers take mail for organisations' own domains, by preset.
const EXCHANGERS: [(&str, &[&str]); 7] = [
    ("google", &["google.com", "googlemail.com"]),
    ("microsoft", &["mail.protection.outlook.com", "mx.microsoft", "olc.protection.outlook.com"]),
    ("microsoft_us_government", &["mail.protection.office365.us"]),
    ("microsoft_china", &["mail.protection.partner.outlook.cn"]),
    ("fastmail", &["messagingengine.com"]),
    ("yandex", &["yandex.net", "yandex.ru"]),
    ("icloud", &["mail.icloud.com"]),
];

/// The domain of an address, as hosts are written. None: it is no address.
pub fn domain_of(address: &str) -> Option<MailHost> {
    let (local, domain) = address.trim().rsplit_once('@')?;
    let fits = !local.is_empty() && !local.contains(|c: char| c.is_whitespace() || c.is_control());
    let host = MailHost::new(domain).ok().filter(|_| fits)?;
    (host.ip().is_none() && host.as_str().contains('.')).then_some(host)
}

/// The provider that gave this address, where its domain says so.
pub fn of_address(address: &str) -> Option<Preset> {
    let domain = domain_of(address)?;
    let (id, _) = DOMAINS.iter().find(|(_, domains)| domain.is_within(domains))?;
    of_id(id)
}

/// The provider that takes mail at this host, the target of an MX record.
pub fn of_exchanger(host: &MailHost) -> Option<Preset> {
    let (id, _) = EXCHANGERS.iter().find(|(_, names)| host.is_within(names))?;
    of_id(id)
}

/// The provider with this mail server.
pub fn of_server(host: &MailHost) -> Option<Preset> {
    CATALOGUE
        .into_iter()
        .find(|preset| preset.mail_servers.iter().any(|server| host.is_within(&[server.host])))
}

/// The preset with this word.
pub fn of_id(id: &str) -> Option<Preset> {
    CATALOGUE.iter().find(|preset| preset.id == id).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_domains_name_their_provider_and_others_none() {
        let of = |address: &str| of_address(address).map(|preset| preset.id);
        assert_eq!(of("a.b+c@Gmail.com"), Some("google"));
        assert_eq!(of("sales@contoso.onmicrosoft.com"), Some("microsoft"));
        assert_eq!(of("x@icloud.com"), Some("icloud"));
        for other in
            ["x@example.com", "x@notgmail.com", "gmail.com", "@gmail.com", "a b@gmail.com", "x@10.0.0.1", ""]
        {
            assert_eq!(of(other), None, "{other}");
        }
        assert!(DOMAINS.iter().chain(&EXCHANGERS).all(|(id, _)| of_id(id).is_some()));
        assert_eq!(
            domain_of("a@bücher.example").map(|host| host.to_string()),
            Some("xn--bcher-kva.example".to_owned())
        );
    }
}
