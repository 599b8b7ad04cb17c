//! The mail server of an address: known, or guessed from its domain as most are named.

use intake::types::{
    mailbox::{Protocol, Tls},
    presets::{self, Preset},
};

/// A server as it stands in the form.
pub(super) struct Server {
    pub(super) protocol: Protocol,
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) tls: Tls,
}

/// That of the preset, else a guess. None: the address is none.
pub(super) fn guess(preset: Option<&Preset>, address: &str) -> Option<Server> {
    if let Some(known) = preset.and_then(|preset| preset.mail_servers.first()) {
        let (protocol, host, port, tls) = (known.protocol, known.host.to_owned(), known.port, known.tls);
        return Some(Server { protocol, host, port, tls });
    }
    let domain = presets::domain_of(address)?;
    Some(Server { protocol: Protocol::Imap, host: format!("imap.{domain}"), port: 993, tls: Tls::Implicit })
}
