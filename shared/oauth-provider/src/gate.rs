//! The core's gate, as reqwest asks for one.

use std::net::{IpAddr, SocketAddr};

use intake::{
    ports::{Closed, Gate},
    types::host::MailHost,
};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// What a URL tells beside its host. reqwest tells a resolver no more than the name, so that each kind has a client of its
/// own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Kind {
    clear_text: bool,
    /// Only where we listen on it ourselves, somewhere: 0 stands for all others.
    port: u16,
}

impl Kind {
    /// The kind of a URL. An error where its address, or its scheme, can be told to be wrong without resolving.
    pub(crate) fn of(url: &Url, gate: &Gate) -> Result<Self, Closed> {
        let closed = || Closed::Refused(Vec::new());
        let port = url.port_or_known_default().ok_or_else(closed)?;
        let clear_text = match url.scheme() {
            "https" => false,
            "http" if gate.addresses.allow_private => true,
            _ => return Err(closed()),
        };
        let permits = |ip| gate.permits(SocketAddr::new(ip, port), clear_text);
        let permitted = match url.host().ok_or_else(closed)? {
            Host::Ipv4(ip) => permits(IpAddr::V4(ip)),
            Host::Ipv6(ip) => permits(IpAddr::V6(ip)),
            // Names of everybody are asked for at the name server; their clear text would be refused afterwards.
            Host::Domain(name) => !clear_text || MailHost::new(name).is_ok_and(|host| host.is_local_name()),
        };
        let port = if gate.own.has_port(port) { port } else { 0 };
        if permitted { Ok(Self { clear_text, port }) } else { Err(closed()) }
    }
}

/// Resolves the names of URLs of one kind.
pub(crate) struct Resolver {
    pub(crate) gate: Gate,
    pub(crate) kind: Kind,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (gate, Kind { clear_text, port }) = (self.gate.clone(), self.kind);
        Box::pin(async move {
            let found = gate.resolve(name.as_str(), port, clear_text).await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
