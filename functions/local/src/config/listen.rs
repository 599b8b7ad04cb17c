//! Where to listen, as people write it.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    str::FromStr,
};

/// Where to listen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listen {
    /// One address.
    Address(SocketAddr),
    /// Loopback, both families.
    Loopback(u16),
}

impl FromStr for Listen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(port) = text.parse() {
            return Ok(Self::Loopback(port));
        }
        if let Some(port) = text.strip_prefix("localhost:").and_then(|port| port.parse().ok()) {
            return Ok(Self::Loopback(port));
        }
        text.parse()
            .map(Self::Address)
            .map_err(|_| "must be ADDRESS:PORT such as 127.0.0.1:8025, or a port".to_owned())
    }
}

impl Listen {
    /// The addresses to bind, the first of which must succeed.
    pub(crate) fn addresses(self) -> Vec<SocketAddr> {
        match self {
            Self::Address(address) => vec![address],
            Self::Loopback(port) => {
                let on = |ip| SocketAddr::new(ip, port);
                vec![on(IpAddr::V4(Ipv4Addr::LOCALHOST)), on(IpAddr::V6(Ipv6Addr::LOCALHOST))]
            }
        }
    }
}
