#![doc = include_str!("../README.md")]

mod names;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use async_trait::async_trait;
use intake::{
    Timestamp,
    ports::{Clock, Entropy, Gate, Resolve},
    types::host::{AddressPolicy, OwnListener},
};

/// The machine's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the owner")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    async fn sleep(&self, delay: Duration) {
        tokio::time::sleep(delay).await;
    }
}

/// The same clock, late by so much: for the demo, which lives some weeks again.
#[derive(Debug, Clone, Copy)]
pub struct LateClock(pub Duration);

#[async_trait]
impl Clock for LateClock {
    fn now(&self) -> Timestamp {
        SystemClock.now().checked_sub(self.0).unwrap_or(Timestamp::MIN)
    }

    async fn sleep(&self, delay: Duration) {
        SystemClock.sleep(delay).await;
    }
}

/// The operating system's random bytes.
#[derive(Debug, Clone, Copy)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        aws_lc_rs::rand::fill(bytes).expect("the operating system gives random bytes");
    }
}

/// The operating system's resolver, and the name servers that it is configured with.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver {
    /// The one name server to ask for records that are no addresses, in the place of those configured.
    pub name_server: Option<SocketAddr>,
}

impl SystemResolver {
    async fn name_servers(&self) -> io::Result<Vec<SocketAddr>> {
        match self.name_server {
            Some(one) => Ok(vec![one]),
            None => names::configured().await,
        }
    }
}

#[async_trait]
impl Resolve for SystemResolver {
    #[expect(clippy::disallowed_methods, reason = "the owner")]
    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        Ok(tokio::net::lookup_host((host, port)).await?.collect())
    }

    async fn mail_exchangers(&self, domain: &str) -> io::Result<Vec<String>> {
        names::mail_exchangers(&self.name_servers().await?, domain).await
    }

    async fn services(&self, name: &str) -> io::Result<Vec<(String, u16)>> {
        names::services(&self.name_servers().await?, name).await
    }
}

/// The gate of a process that does not listen.
pub fn gate(addresses: AddressPolicy) -> Gate {
    Gate { addresses, own: OwnListener::default(), resolver: Arc::new(SystemResolver::default()) }
}
