//! Hosts that people type, and which network addresses may be connected to.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use serde::{Deserialize, Serialize};

/// A host name (RFC 1123, lower case, no trailing dot) or an IP address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MailHost(String);

/// The text is not a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a host name such as imap.example.com")]
pub struct InvalidHost;

impl MailHost {
    /// A checked host. International names are converted to their ASCII form (IDNA); numeric forms such as
    /// `0x7f.1` are understood as the addresses that they are.
    pub fn new(text: &str) -> Result<Self, InvalidHost> {
        let text = text.trim().trim_end_matches('.');
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

    /// True for names that only a local network resolves: `localhost`, single labels, `.local`, `.internal` and the like.
    pub fn is_local_name(&self) -> bool {
        const LOCAL: [&str; 8] =
            ["localhost", "local", "internal", "intranet", "lan", "home", "corp", "arpa"];
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

/// What kind of network an address is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// Reachable by everybody.
    Public,
    /// Loopback, RFC 1918 or unique local: opened by the private-network switch.
    Private,
    /// Link-local, metadata, multicast, reserved, documentation: never opened.
    Forbidden,
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
            Some(Network::Forbidden) => "is a reserved address, to which nothing is ever sent",
            _ => {
                "is private: use a public name, or start Maildocket with --allow-private-network if it is in your own network"
            }
        }
    }
}

/// The network of an address, after unwrapping every form in which IPv6 carries an IPv4 address.
pub fn network_of(address: IpAddr) -> Network {
    match address {
        IpAddr::V4(v4) => network_of_v4(v4),
        IpAddr::V6(v6) => network_of_v6(v6),
    }
}

fn network_of_v4(a: Ipv4Addr) -> Network {
    let [x, y, z, _] = a.octets();
    match (x, y, z) {
        (127, ..) | (10, ..) | (192, 168, _) => Network::Private,
        (172, 16..=31, _) => Network::Private,
        (0, ..) | (224..=255, ..) | (169, 254, _) | (100, 64..=127, _) => Network::Forbidden,
        (192, 0, 0 | 2) | (198, 18 | 19, _) | (198, 51, 100) | (203, 0, 113) | (192, 88, 99) => {
            Network::Forbidden
        }
        _ => Network::Public,
    }
}

fn network_of_v6(a: Ipv6Addr) -> Network {
    let s = a.segments();
    let tail = |hi: u16, lo: u16| Ipv4Addr::from((u32::from(hi) << 16) | u32::from(lo));
    if a == Ipv6Addr::LOCALHOST {
        return Network::Private;
    }
    match s {
        // IPv4-mapped, IPv4-compatible (which also holds `::`), NAT64 and 6to4: as the IPv4 address inside.
        [0, 0, 0, 0, 0, 0xffff, hi, lo] | [0x64, 0xff9b, 0, 0, 0, 0, hi, lo] => network_of_v4(tail(hi, lo)),
        [0, 0, 0, 0, 0, 0, hi, lo] => match network_of_v4(tail(hi, lo)) {
            Network::Public => Network::Forbidden,
            other => other,
        },
        [0x2002, hi, lo, ..] => network_of_v4(tail(hi, lo)),
        // The metadata service's IPv6 address lies inside the unique local range.
        [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254] => Network::Forbidden,
        [0x2001, 0x0000..=0x01ff, ..] | [0x2001, 0xdb8, ..] | [0x100, 0, 0, 0, ..] | [0x64, 0xff9b, ..] => {
            Network::Forbidden
        }
        [first, ..] if first & 0xfe00 == 0xfc00 => Network::Private,
        [first, ..] if first & 0xe000 == 0x2000 => Network::Public,
        _ => Network::Forbidden,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_told_apart_after_numeric_parsing() {
        let cases = [
            ("8.8.8.8", Network::Public),
            ("2606:4700::1", Network::Public),
            ("127.0.0.1", Network::Private),
            ("10.1.2.3", Network::Private),
            ("172.31.0.1", Network::Private),
            ("172.32.0.1", Network::Public),
            ("192.168.1.1", Network::Private),
            ("::1", Network::Private),
            ("fd12::1", Network::Private),
            ("::ffff:127.0.0.1", Network::Private),
            ("169.254.169.254", Network::Forbidden),
            ("::ffff:169.254.169.254", Network::Forbidden),
            ("64:ff9b::a9fe:a9fe", Network::Forbidden),
            ("2002:a9fe:a9fe::1", Network::Forbidden),
            ("fd00:ec2::254", Network::Forbidden),
            ("fe80::1", Network::Forbidden),
            ("fe81::1", Network::Forbidden),
            ("ff02::1", Network::Forbidden),
            ("::", Network::Forbidden),
            ("0.0.0.0", Network::Forbidden),
            ("100.64.0.1", Network::Forbidden),
            ("224.0.0.1", Network::Forbidden),
            ("255.255.255.255", Network::Forbidden),
            ("2001:db8::1", Network::Forbidden),
            ("2001::1", Network::Forbidden),
        ];
        for (address, network) in cases {
            assert_eq!(network_of(address.parse().unwrap()), network, "{address}");
        }
    }

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
