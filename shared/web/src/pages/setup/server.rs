//! The mail server of an address, as it goes from page to page: a URL such as `imaps://imap.example.com:993`.

use intake::types::{
    host::MailHost,
    mailbox::{MailServer, Protocol, Tls},
    presets::Preset,
};
use url::Url;

use super::trip::{Answer, Trip};

/// What it is called in a URL, and what that means.
const SCHEMES: [(&str, Protocol, Tls); 4] = [
    ("imaps", Protocol::Imap, Tls::Implicit),
    ("imap", Protocol::Imap, Tls::Starttls),
    ("pop3s", Protocol::Pop3, Tls::Implicit),
    ("pop", Protocol::Pop3, Tls::Starttls),
];

/// As an answer. Empty where it is in clear text, which nobody guesses.
pub(super) fn told(server: &MailServer) -> String {
    let is_it =
        |(_, protocol, tls): &&(&str, Protocol, Tls)| (*protocol, *tls) == (server.protocol, server.tls);
    let scheme = SCHEMES.iter().find(is_it).map(|(scheme, ..)| scheme);
    scheme.map(|scheme| format!("{scheme}://{}:{}", server.host, server.port)).unwrap_or_default()
}

/// That of the provider, else the one that the address's domain told.
pub(super) fn of(trip: &Trip, preset: Option<&Preset>) -> Option<MailServer> {
    preset.and_then(Preset::mail_server).or_else(|| read(trip.get(Answer::Server)))
}

fn read(text: &str) -> Option<MailServer> {
    let url = Url::parse(text).ok()?;
    let (_, protocol, tls) = SCHEMES.into_iter().find(|(scheme, ..)| *scheme == url.scheme())?;
    Some(MailServer { protocol, host: MailHost::new(url.host_str()?).ok()?, port: url.port()?, tls })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_goes_from_page_to_page() {
        for text in ["imaps://imap.example.com:993", "imap://mail.example.com:143", "pop3s://192.0.2.1:995"] {
            assert_eq!(read(text).as_ref().map(told).as_deref(), Some(text));
        }
        for text in ["", "imap.example.com", "https://example.com:443", "imaps://imap.example.com"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
