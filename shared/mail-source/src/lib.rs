#![doc = include_str!("../README.md")]

mod approach;
mod certificate;
mod config;
mod connect;
mod error;
#[cfg(any(fuzzing, test))]
#[doc(hidden)]
pub mod fuzzing;
mod happy_eyeballs;
mod imap;
mod judgement;
mod life;
mod notes;
mod pop3;
mod probe;
mod sasl;

use std::time::Duration;

use async_trait::async_trait;
use intake::{
    ports::{Credentials, Follower, MailError, MailFault, MailSource, MailTarget, OpenedFolder, Sight},
    types::{errand::MailAction, mailbox::Protocol},
};
use tokio::time::{Instant, timeout, timeout_at};

use approach::begin;
pub use config::{Certificate, SourceConfig, TimeLimits, certificates};
use connect::Connector;
use error::mail_error;

/// Mail servers, in the protocol that the target names.
pub struct MailServers(Connector);

impl MailServers {
    /// A source with these settings.
    pub fn new(config: SourceConfig) -> Self {
        Self(Connector::new(config))
    }
}

#[async_trait]
impl MailSource for MailServers {
    async fn open(&self, target: &MailTarget, credentials: &Credentials) -> Result<OpenedFolder, MailError> {
        open(&self.0, target, credentials).await
    }

    async fn probe(
        &self,
        target: &MailTarget,
        credentials: &Credentials,
        after_import: Option<&MailAction>,
        within: Duration,
        follower: Follower,
    ) -> Sight {
        let (connector, notes) = self.0.noting(probe::LIMITS, follower);
        let target = MailTarget { life: within, ..target.clone() };
        let tried = async {
            let opened = open(&connector, &target, credentials).await?;
            probe::look(&connector, opened, after_import).await
        };
        let tried = timeout(within, tried).await;
        let too_long = || mail_error(MailFault::TimedOut, "try the mail server: no time was left");
        notes.end(tried.unwrap_or_else(|_| Err(too_long())).err())
    }
}

/// Connects, signs in and opens the folder.
async fn open(
    connector: &Connector,
    target: &MailTarget,
    credentials: &Credentials,
) -> Result<OpenedFolder, MailError> {
    let now = Instant::now();
    let end = now + target.life;
    let who = (target, credentials);
    let opened = async {
        match target.server.protocol {
            Protocol::Imap => begin(|approach| imap::open(connector, who, approach, end)).await,
            Protocol::Pop3 => begin(|approach| pop3::open(connector, who, approach, end)).await,
        }
    };
    let too_long = |_| {
        let place = format!("{}:{}", target.server.host, target.server.port);
        mail_error(MailFault::TimedOut, format!("connect to {place} and sign in: it took too long"))
    };
    timeout_at(end.min(now + connector.limits.open), opened).await.map_err(too_long)?
}
