//! Where a connection may go: names are resolved and checked here, and the checked address is the one connected to.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use async_trait::async_trait;
use intake::{
    ports::Resolve,
    types::host::{AddressPolicy, MailHost, Network, OwnListener, network_of},
};
use reqwest::dns::{Addrs, Name, Resolving};
use url::{Host, Url};

/// The operating system's resolver.
pub(crate) struct SystemResolver;

#[async_trait]
impl Resolve for SystemResolver {
    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        Ok(tokio::net::lookup_host((host, port)).await?.collect())
    }
}

/// The address of a URL, or one that its name resolves to, is not one that may be connected to.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the address is not one that may be connected to")]
pub(crate) struct Refused;

/// The name does not resolve.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the host does not resolve")]
pub(crate) struct NotResolved;

/// What connections of one kind may go to. reqwest tells a resolver no more than the name, so that what depends on the
/// rest of the URL is told here: each kind has a client of its own.
#[derive(Clone)]
pub(crate) struct Gate {
    addresses: AddressPolicy,
    own: OwnListener,
    resolver: Arc<dyn Resolve>,
    kind: GateKind,
}

/// What a URL tells beside its host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct GateKind {
    /// `http`: to private addresses only.
    clear_text: bool,
    /// The port is one that we listen on: not to ourselves.
    own_port: bool,
}

impl GateKind {
    /// How many kinds there are.
    pub(crate) const COUNT: usize = 4;

    /// Its number.
    pub(crate) fn index(self) -> usize {
        usize::from(self.clear_text) + 2 * usize::from(self.own_port)
    }
}

impl Gate {
    pub(crate) fn new(addresses: AddressPolicy, own: OwnListener, resolver: Arc<dyn Resolve>) -> Self {
        Self { addresses, own, resolver, kind: GateKind::default() }
    }

    /// The gate for this URL. Refused where its address, or its scheme, can be told to be wrong without resolving.
    pub(crate) fn for_url(&self, url: &Url) -> Result<Self, Refused> {
        let port = url.port_or_known_default().ok_or(Refused)?;
        let clear_text = match url.scheme() {
            "https" => false,
            "http" if self.addresses.allow_private => true,
            _ => return Err(Refused),
        };
        let gate = Self { kind: GateKind { clear_text, own_port: self.own.has_port(port) }, ..self.clone() };
        let permitted = match url.host().ok_or(Refused)? {
            Host::Ipv4(ip) => gate.permits(IpAddr::V4(ip)),
            Host::Ipv6(ip) => gate.permits(IpAddr::V6(ip)),
            // Names of everybody are asked for at the name server; their clear text would be refused afterwards.
            Host::Domain(name) => {
                let local = || MailHost::new(name).is_ok_and(|host| host.is_local_name());
                !clear_text || local()
            }
        };
        if permitted { Ok(gate) } else { Err(Refused) }
    }

    pub(crate) fn kind(&self) -> GateKind {
        self.kind
    }

    fn permits(&self, ip: IpAddr) -> bool {
        self.addresses.permits(ip)
            && (!self.kind.clear_text || network_of(ip) == Network::Private)
            && !(self.kind.own_port && self.own.is_on(ip))
    }
}

impl reqwest::dns::Resolve for Gate {
    fn resolve(&self, name: Name) -> Resolving {
        let gate = self.clone();
        Box::pin(async move {
            let found = gate.resolver.resolve(name.as_str(), 0).await.map_err(|_| NotResolved)?;
            if found.is_empty() {
                return Err(NotResolved.into());
            }
            // One forbidden address among good ones is how a hostile name server begins: all must be good.
            if found.iter().any(|address| !gate.permits(address.ip())) {
                return Err(Refused.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
