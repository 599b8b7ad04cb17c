//! What is known about providers: endpoints, scopes, mail hosts and issuers, and how one gets along with each.

mod catalogue;
mod domains;

use url::{Host, Url};

pub use catalogue::{CATALOGUE, Guide, MailHostPreset, Preset};
pub use domains::{domain_of, of_address, of_exchanger, of_id, of_server};

use crate::types::{
    host::MailHost,
    integration::{Endpoints, Provider},
};

/// The tenant word that lets work, school and personal accounts in.
pub const DEFAULT_TENANT: &str = "common";

/// Microsoft's words for a tenant, and the sentence that says who can sign in with each. A tenant's id or domain lets in its own accounts only.
pub const TENANT_WORDS: [(&str, &str); 3] = [
    (DEFAULT_TENANT, "page.tenant.common"),
    ("organizations", "page.tenant.organizations"),
    ("consumers", "page.tenant.consumers"),
];

/// Where people consent and tokens are made. `tenant` is Microsoft's, checked before. None for Custom.
pub fn endpoints(provider: Provider, tenant: Option<&str>) -> Option<Endpoints> {
    let (authorization, token) = match provider {
        Provider::Google => (
            "https://accounts.google.com/o/oauth2/v2/auth".to_owned(),
            "https://oauth2.googleapis.com/token".to_owned(),
        ),
        Provider::Microsoft => {
            let tenant = tenant.unwrap_or(DEFAULT_TENANT);
            let base = format!("https://login.microsoftonline.com/{tenant}/oauth2/v2.0");
            (format!("{base}/authorize"), format!("{base}/token"))
        }
        Provider::Custom => return None,
    };
    let (authorization, token) = (Url::parse(&authorization).ok()?, Url::parse(&token).ok()?);
    Some(Endpoints { authorization, token, revocation: None, authentication: Vec::new() })
}

/// The well-known provider that a URL belongs to, also where it was typed for Custom: Microsoft's national clouds are.
pub fn owner(url: &Url) -> Option<Provider> {
    const GOOGLE: [&str; 3] = ["google.com", "googleapis.com", "googlemail.com"];
    const MICROSOFT: [&str; 13] = [
        "microsoftonline.com",
        "microsoftonline.us",
        "microsoftonline.cn",
        "microsoftonline.de",
        "microsoftonline-p.com",
        "chinacloudapi.cn",
        "microsoft.com",
        "windows.net",
        "live.com",
        "office.com",
        "office365.com",
        "office365.us",
        "outlook.com",
    ];
    let Host::Domain(name) = url.host()? else { return None };
    // Without the dot at its end.
    let host = MailHost::new(name).ok()?;
    if host.is_within(&GOOGLE) {
        return Some(Provider::Google);
    }
    host.is_within(&MICROSOFT).then_some(Provider::Microsoft)
}

/// IMAP and POP3 have one scope; the others tell the account.
const GOOGLE_SCOPES: &[&str] = &["https://mail.google.com/", "openid", "email"];

/// Mail scopes with the full Outlook URL: the short form gives a token for another service.
const MICROSOFT_SCOPES: &[&str] = &[
    "https://outlook.office.com/IMAP.AccessAsUser.All",
    "https://outlook.office.com/POP.AccessAsUser.All",
    "offline_access",
    "openid",
    "email",
    "profile",
];

/// What consent asks for, so that IMAP and POP3 work, a refresh token comes, and the account becomes known.
pub fn scopes(provider: Provider) -> &'static [&'static str] {
    match provider {
        Provider::Google => GOOGLE_SCOPES,
        Provider::Microsoft => MICROSOFT_SCOPES,
        Provider::Custom => &[],
    }
}

/// The only mail hosts that a token of this provider may go to. None: any.
pub fn mail_hosts(provider: Provider) -> Option<&'static [&'static str]> {
    match provider {
        Provider::Google => {
            Some(&["imap.gmail.com", "pop.gmail.com", "imap.googlemail.com", "pop.googlemail.com"])
        }
        Provider::Microsoft => {
            Some(&["outlook.office365.com", "outlook.office.com", "imap-mail.outlook.com"])
        }
        Provider::Custom => None,
    }
}

/// The issuer identifier, where one fixed value exists: Microsoft's has the tenant's id in it.
pub fn issuer(provider: Provider, tenant: Option<&str>) -> Option<String> {
    match provider {
        Provider::Google => Some("https://accounts.google.com".to_owned()),
        Provider::Microsoft => tenant
            .filter(|tenant| is_uuid(tenant))
            .map(|tenant| format!("https://login.microsoftonline.com/{tenant}/v2.0")),
        Provider::Custom => None,
    }
}

/// Whether a text has the form of a tenant's id (RFC 9562).
pub fn is_uuid(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').map(str::len).collect();
    parts == [8, 4, 4, 4, 12] && text.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
}
