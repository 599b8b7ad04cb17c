//! What is told of a provider, and the words that many of them share.

use crate::types::{
    host::MailHost,
    integration::Provider,
    mailbox::{MailServer, Protocol, Tls},
};

/// A provider, as its form is filled in.
#[derive(Debug, Clone, Copy)]
pub struct Preset {
    /// A stable word.
    pub id: &'static str,
    /// As people call it.
    pub name: &'static str,
    /// The integration's provider; None where the provider lets mail programs in by password only.
    pub provider: Option<Provider>,
    /// To be entered for Custom; computed for Google and Microsoft, with the tenant in braces.
    pub authorization_endpoint: Option<&'static str>,
    /// To be entered for Custom; computed for Google and Microsoft, with the tenant in braces.
    pub token_endpoint: Option<&'static str>,
    /// Words for the tenant, and the sentences that say who can sign in with each.
    pub tenants: &'static [(&'static str, &'static str)],
    /// What consent asks for.
    pub scopes: &'static [&'static str],
    /// Its mail servers.
    pub mail_servers: &'static [MailHostPreset],
    /// What to do there, in order.
    pub steps: &'static [Guide],
    /// What it demands of a redirect URL: keys of the catalogue.
    pub redirect_url_rules: &'static [&'static str],
    /// What must be so before one begins: keys of the catalogue.
    pub prerequisites: &'static [&'static str],
}

impl Preset {
    /// Its first mail server; None where it has none.
    pub fn mail_server(&self) -> Option<MailServer> {
        let known = self.mail_servers.first()?;
        let host = MailHost::new(known.host).ok()?;
        Some(MailServer { protocol: known.protocol, host, port: known.port, tls: known.tls })
    }
}

/// A mail server of a provider.
#[derive(Debug, Clone, Copy)]
pub struct MailHostPreset {
    /// IMAP or POP3.
    pub protocol: Protocol,
    /// Its name.
    pub host: &'static str,
    /// Its port.
    pub port: u16,
    /// How it is protected.
    pub tls: Tls,
}

/// A step at the provider.
#[derive(Debug, Clone, Copy)]
pub struct Guide {
    /// What to do: the key of a sentence of the catalogue.
    pub text: &'static str,
    /// Where.
    pub url: Option<&'static str>,
}

pub(super) const fn imap(host: &'static str) -> MailHostPreset {
    MailHostPreset { protocol: Protocol::Imap, host, port: 993, tls: Tls::Implicit }
}

pub(super) const fn pop3(host: &'static str) -> MailHostPreset {
    MailHostPreset { protocol: Protocol::Pop3, host, port: 995, tls: Tls::Implicit }
}

pub(super) const fn at(url: &'static str, text: &'static str) -> Guide {
    Guide { text, url: Some(url) }
}

pub(super) const fn here(text: &'static str) -> Guide {
    Guide { text, url: None }
}

pub(super) const HTTPS: &str = "preset.rule.https";
pub(super) const EXACT: &str = "preset.rule.exact";
pub(super) const COPY_CLIENT: Guide = here("preset.step.copy_client");
