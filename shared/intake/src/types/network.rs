//! What kind of network an address is in: after numeric parsing, never by its text.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

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

/// The network of an address, after unwrapping every form in which IPv6 carries an IPv4 address.
pub fn network_of(address: IpAddr) -> Network {
    match address {
        IpAddr::V4(v4) => network_of_v4(v4),
        IpAddr::V6(v6) => network_of_v6(v6),
    }
}

fn network_of_v4(a: Ipv4Addr) -> Network {
    match a.octets() {
        [127, ..] | [10, ..] | [192, 168, ..] | [172, 16..=31, ..] => Network::Private,
        [0, ..] | [224..=255, ..] | [169, 254, ..] | [100, 64..=127, ..] => Network::Forbidden,
        [192, 0, 0 | 2, _] | [198, 18 | 19, ..] | [198, 51, 100, _] | [203, 0, 113, _] | [192, 88, 99, _] => {
            Network::Forbidden
        }
        // A public address that means the host of a virtual machine on Azure: agent, health, metadata.
        [168, 63, 129, 16] => Network::Forbidden,
        _ => Network::Public,
    }
}

fn network_of_v6(a: Ipv6Addr) -> Network {
    let tail = |hi: u16, lo: u16| Ipv4Addr::from((u32::from(hi) << 16) | u32::from(lo));
    // A translator or relay may carry such an address anywhere: only what is public inside is public.
    let carried = |v4| match network_of_v4(v4) {
        Network::Public => Network::Public,
        Network::Private | Network::Forbidden => Network::Forbidden,
    };
    match a.segments() {
        [0, 0, 0, 0, 0, 0, 0, 1] => Network::Private,
        // IPv4-mapped: the kernel connects to the IPv4 address itself.
        [0, 0, 0, 0, 0, 0xffff, hi, lo] => network_of_v4(tail(hi, lo)),
        // NAT64 (RFC 6052) and 6to4 (RFC 3056). IPv4-compatible ones, and NAT64 of a local prefix, are reserved below.
        [0x64, 0xff9b, 0, 0, 0, 0, hi, lo] | [0x2002, hi, lo, ..] => carried(tail(hi, lo)),
        // Metadata services inside the unique local range: of AWS, Google Cloud and Oracle.
        [0xfd00, 0xec2, ..] | [0xfd20, 0xce, ..] | [0xfd00, 0xc1, ..] => Network::Forbidden,
        // Protocol assignments with Teredo (RFC 2928), and documentation (RFC 3849, RFC 9637).
        [0x2001, 0x0000..=0x01ff, ..] | [0x2001, 0xdb8, ..] | [0x3fff, 0x0000..=0x0fff, ..] => {
            Network::Forbidden
        }
        [first, ..] if first & 0xfe00 == 0xfc00 => Network::Private,
        // Global unicast (RFC 3587); everything else is reserved, link-local, site-local or multicast.
        [first, ..] if first & 0xe000 == 0x2000 => Network::Public,
        _ => Network::Forbidden,
    }
}

/// Where this process listens: nothing outside is ever connected to there, whatever the switch says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OwnListener(Vec<SocketAddr>);

impl OwnListener {
    /// These addresses; none where the process does not listen.
    pub fn new(addresses: Vec<SocketAddr>) -> Self {
        Self(addresses)
    }

    /// Whether a connection to this address would be answered by ourselves. Loopback counts as one address, and a
    /// listener on all addresses as every private one: which of them are this machine's is not known.
    pub fn is_at(&self, address: SocketAddr) -> bool {
        self.0.iter().any(|own| own.port() == address.port() && listens_on(own.ip(), address.ip()))
    }

    /// Whether it has this port anywhere.
    pub fn has_port(&self, port: u16) -> bool {
        self.0.iter().any(|own| own.port() == port)
    }
}

fn listens_on(own: IpAddr, ip: IpAddr) -> bool {
    let (own, ip) = (own.to_canonical(), ip.to_canonical());
    own == ip
        || (own.is_loopback() && ip.is_loopback())
        || (own.is_unspecified() && network_of(ip) == Network::Private)
}

#[cfg(test)]
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
            ("::ffff:8.8.8.8", Network::Public),
            ("64:ff9b::8.8.8.8", Network::Public),
            ("2002:808:808::1", Network::Public),
            ("64:ff9b::10.0.0.1", Network::Forbidden),
            ("2002:a00:1::1", Network::Forbidden),
            ("169.254.169.254", Network::Forbidden),
            ("168.63.129.16", Network::Forbidden),
            ("::ffff:169.254.169.254", Network::Forbidden),
            ("64:ff9b::a9fe:a9fe", Network::Forbidden),
            ("64:ff9b:1::8.8.8.8", Network::Forbidden),
            ("2002:a9fe:a9fe::1", Network::Forbidden),
            ("fd00:ec2::254", Network::Forbidden),
            ("fd00:ec2::23", Network::Forbidden),
            ("fd20:ce::254", Network::Forbidden),
            ("fe80::1", Network::Forbidden),
            ("fe81::1", Network::Forbidden),
            ("fec0::1", Network::Forbidden),
            ("ff02::1", Network::Forbidden),
            ("::", Network::Forbidden),
            ("::127.0.0.1", Network::Forbidden),
            ("::8.8.8.8", Network::Forbidden),
            ("0.0.0.0", Network::Forbidden),
            ("100.64.0.1", Network::Forbidden),
            ("224.0.0.1", Network::Forbidden),
            ("255.255.255.255", Network::Forbidden),
            ("2001:db8::1", Network::Forbidden),
            ("3fff::1", Network::Forbidden),
            ("2001::1", Network::Forbidden),
        ];
        for (address, network) in cases {
            assert_eq!(network_of(address.parse().unwrap()), network, "{address}");
        }
    }

    #[test]
    fn our_own_listener_is_known_under_each_of_its_addresses() {
        let own = |text: &str| OwnListener::new(vec![text.parse().unwrap()]);
        let at = |own: &OwnListener, text: &str| own.is_at(text.parse().unwrap());
        let loopback = own("127.0.0.1:8025");
        for here in ["127.0.0.1:8025", "127.0.0.53:8025", "[::1]:8025", "[::ffff:127.0.0.1]:8025"] {
            assert!(at(&loopback, here), "{here}");
        }
        assert!(!at(&loopback, "127.0.0.1:8026") && !at(&loopback, "10.0.0.5:8025"));
        let all = own("0.0.0.0:8025");
        assert!(at(&all, "10.0.0.5:8025") && at(&all, "[::1]:8025") && !at(&all, "8.8.8.8:8025"));
        assert!(at(&own("10.0.0.5:443"), "10.0.0.5:443"));
        assert!(!at(&OwnListener::default(), "127.0.0.1:8025"));
    }
}
