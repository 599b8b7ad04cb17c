//! From a host that a person typed to addresses that may be connected to.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use async_trait::async_trait;

use crate::types::host::{AddressPolicy, Network, OwnListener, network_of};

/// Resolves names. A port, so that tests can answer as a hostile name server would.
#[async_trait]
pub trait Resolve: Send + Sync {
    /// The addresses of a name, or the address itself where one is given; each with this port.
    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>>;
    /// Hosts that take a domain's mail, the first choice first (RFC 5321 section 5.1). None: there is no such record.
    async fn mail_exchangers(&self, _domain: &str) -> io::Result<Vec<String>> {
        Err(io::ErrorKind::Unsupported.into())
    }
    /// Hosts and ports of a service, such as `_imaps._tcp.example.com` (RFC 2782, RFC 6186), the first choice first.
    async fn services(&self, _name: &str) -> io::Result<Vec<(String, u16)>> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// Why a host is not connected to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Closed {
    /// Its name has no address.
    #[error("the host does not resolve")]
    NotResolved,
    /// One of these addresses, which are all that it has, is not one that may be connected to.
    #[error("the address is not one that may be connected to")]
    Refused(Vec<IpAddr>),
}

/// Where connections to what people type may go. Adapters ask it before each connection, and connect to an address that it
/// gave.
#[derive(Clone)]
pub struct Gate {
    /// Which addresses.
    pub addresses: AddressPolicy,
    /// Where this process listens, which is never connected to.
    pub own: OwnListener,
    /// How names are resolved.
    pub resolver: Arc<dyn Resolve>,
}

impl Gate {
    /// The addresses of a host, each with this port.
    pub async fn resolve(&self, host: &str, port: u16, clear_text: bool) -> Result<Vec<SocketAddr>, Closed> {
        let found = self.resolver.resolve(host, port).await.unwrap_or_default();
        if found.is_empty() {
            return Err(Closed::NotResolved);
        }
        // One forbidden address among good ones is how a hostile name server begins: all must be good.
        match found.iter().all(|address| self.permits(*address, clear_text)) {
            true => Ok(found),
            false => Err(Closed::Refused(found.iter().map(SocketAddr::ip).collect())),
        }
    }

    /// Whether a connection may go to this address. Clear text goes to private ones only, and only where they are allowed;
    /// nothing goes to ourselves.
    pub fn permits(&self, address: SocketAddr, clear_text: bool) -> bool {
        let private = network_of(address.ip()) == Network::Private;
        self.addresses.permits(address.ip()) && (!clear_text || private) && !self.own.is_at(address)
    }
}
