use std::net::SocketAddr;

use async_trait::async_trait;

/// Resolves names. A port, so that tests can answer as a hostile name server would.
#[async_trait]
pub trait Resolve: Send + Sync {
    /// The addresses of a name, or the address itself where one is given; each with this port.
    async fn resolve(&self, host: &str, port: u16) -> std::io::Result<Vec<SocketAddr>>;
}
