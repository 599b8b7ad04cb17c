//! Hosts that people type, and which network addresses may be connected to.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
};

use serde::{Deserialize, Serialize};

use crate::Sentence;

pub use super::network::{Network, OwnListener, network_of};

/// A host name (RFC 1123, lower case, no trailing dot) or an IP address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MailHost(String);

/// The text is not a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a host name such as imap.example.com")]
pub struct InvalidHost;

impl From<InvalidHost> for Sentence {
    fn from(_: InvalidHost) -> Self {
        Self::new("field.host")
    }
}

impl MailHost {
    /// A checked host. International names are converted to their ASCII form (IDNA); numeric forms such as
    /// `0x7f.1` are understood as the addresses that they are.
    pub fn new(text: &str) -> Result<Self, InvalidHost> {
        let text = text.trim();
        let text = text.strip_suffix('.').unwrap_or(text);
        let bare = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(text);
        if let Ok(address) = bare.parse::<Ipv6Addr>() {
            return Ok(Self(address.to_string()));
        }
        match url::Host::parse(bare) {
            Ok(url::Host::Ipv4(address)) => Ok(Self(address.to_string())),
            Ok(url::Host::Domain(name)) if is_name(&name) => Ok(Self(name)),
            _ => Err(InvalidHost),
        }
    }

    /// The name or address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address, where an address and not a name was typed.
    pub fn ip(&self) -> Option<IpAddr> {
        self.0.parse().ok()
    }

    /// Whether it is one of these domains, or lies below one.
    pub fn is_within(&self, domains: &[&str]) -> bool {
        domains.iter().any(|domain| {
            let rest = self.0.strip_suffix(domain);
            rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        })
    }

    /// True for `localhost` and all names below it (RFC 6761 section 6.3).
    pub fn is_localhost(&self) -> bool {
        self.0 == "localhost" || self.0.ends_with(".localhost")
    }

    /// True for names that only a local network resolves: `localhost`, single labels, `.local`, `.internal` and the like
    /// (RFC 6761, RFC 6762, RFC 8375, and what ICANN keeps for private use).
    pub fn is_local_name(&self) -> bool {
        const LOCAL: [&str; 11] = [
            "localhost",
            "localdomain",
            "local",
            "internal",
            "intranet",
            "private",
            "lan",
            "home",
            "corp",
            "mail",
            "arpa",
        ];
        self.ip().is_none()
            && (!self.0.contains('.') || LOCAL.iter().any(|tld| self.0.rsplit('.').next() == Some(*tld)))
    }
}

fn is_name(name: &str) -> bool {
    let label = |l: &str| {
        !l.is_empty()
            && l.len() <= 63
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    name.len() <= 253 && name.split('.').all(label)
}

impl fmt::Display for MailHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for MailHost {
    type Error = InvalidHost;

    fn try_from(text: String) -> Result<Self, InvalidHost> {
        Self::new(&text)
    }
}

impl From<MailHost> for String {
    fn from(host: MailHost) -> Self {
        host.0
    }
}

/// Which addresses an outside connection may go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressPolicy {
    /// The private-network switch.
    pub allow_private: bool,
}

impl AddressPolicy {
    /// Whether a connection to this address is allowed.
    pub fn permits(self, address: IpAddr) -> bool {
        match network_of(address) {
            Network::Public => true,
            Network::Private => self.allow_private,
            Network::Forbidden => false,
        }
    }

    /// Whether a host may be saved: an address or a local name must be permitted now; other names are checked at each
    /// connection.
    pub fn permits_host(self, host: &MailHost) -> bool {
        match host.ip() {
            Some(address) => self.permits(address),
            None => self.allow_private || !host.is_local_name(),
        }
    }

    /// Why a host that is not permitted may not be saved, and what to do.
    pub fn refusal(host: &MailHost) -> &'static str {
        match host.ip().map(network_of) {
            Some(Network::Forbidden) => "field.reserved",
            _ => "field.private",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numeric_forms_are_addresses_and_local_names_are_local() {
        assert_eq!(MailHost::new("0x7f.1").unwrap().as_str(), "127.0.0.1");
        assert_eq!(MailHost::new("2130706433").unwrap().as_str(), "127.0.0.1");
        assert_eq!(MailHost::new("[::1]").unwrap().ip(), Some(IpAddr::V6(Ipv6Addr::LOCALHOST)));
        assert_eq!(MailHost::new("IMAP.Example.COM.").unwrap().as_str(), "imap.example.com");
        assert!(MailHost::new("localhost").unwrap().is_local_name());
        assert!(MailHost::new("mail.internal").unwrap().is_local_name());
        assert!(!MailHost::new("imap.gmail.com").unwrap().is_local_name());
        for bad in ["", "a b", "imap.example.com:993", "https://x", "-x.com", "user@host"] {
            assert!(MailHost::new(bad).is_err(), "{bad}");
        }
    }
}
