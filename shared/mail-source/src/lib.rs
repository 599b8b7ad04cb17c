#![doc = include_str!("../README.md")]

mod approach;
mod certificate;
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
mod resolve;
mod sasl;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use intake::{
    ports::{Credentials, MailError, MailFault, MailSource, MailTarget, OpenedFolder, Sight},
    types::{
        errand::MailAction,
        host::{AddressPolicy, OwnListener},
        mailbox::Protocol,
    },
};
use tokio::time::{Instant, timeout_at};
use tokio_rustls::rustls::pki_types::{CertificateDer, pem::PemObject};

use error::mail_error;
pub use resolve::{Resolve, SystemResolver};
/// A certificate, in DER.
pub type Certificate = CertificateDer<'static>;

/// How long each step may take.
#[derive(Debug, Clone, Copy)]
pub struct TimeLimits {
    /// Resolving and TCP.
    pub connect: Duration,
    /// TLS, and each line before the sign-in.
    pub handshake: Duration,
    /// The sign-in: servers delay refusals.
    pub sign_in: Duration,
    /// Between two parts of an answer that were asked for; a command whose answer has one part has no more in all.
    pub idle: Duration,
    /// From the name of the host to the opened folder.
    pub open: Duration,
    /// The good-bye.
    pub close: Duration,
}

impl Default for TimeLimits {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            connect: seconds(10),
            handshake: seconds(10),
            sign_in: seconds(20),
            idle: seconds(60),
            open: seconds(90),
            close: seconds(1),
        }
    }
}

/// The certificates of a PEM file. None in it is an error too.
pub fn certificates(pem: &str) -> intake::Result<Vec<CertificateDer<'static>>> {
    let unusable = || {
        intake::Error::new(
            intake::Kind::Installation,
            "extra_ca_unusable",
            "These are not certificates in PEM form.",
        )
    };
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    found.ok().filter(|found| !found.is_empty()).ok_or_else(unusable)
}

/// What mail servers may be connected to, and how.
pub struct SourceConfig {
    /// Which addresses.
    pub addresses: AddressPolicy,
    /// Where this process listens, which is never connected to.
    pub own: OwnListener,
    /// Trusted beside the platform's roots.
    pub extra_roots: Vec<CertificateDer<'static>>,
    /// Time limits.
    pub limits: TimeLimits,
    /// How names are resolved.
    pub resolver: Arc<dyn Resolve>,
}

impl SourceConfig {
    /// The system's resolver and the usual limits.
    pub fn new(addresses: AddressPolicy, extra_roots: Vec<CertificateDer<'static>>) -> Self {
        Self {
            addresses,
            own: OwnListener::default(),
            extra_roots,
            limits: TimeLimits::default(),
            resolver: Arc::new(SystemResolver),
        }
    }
}

/// Mail servers, in the protocol that the target names.
pub struct MailServers {
    connector: connect::Connector,
    limits: TimeLimits,
}

impl MailServers {
    /// A source with these settings. `Kind::Installation` where the platform's roots cannot be used.
    pub fn new(config: SourceConfig) -> intake::Result<Self> {
        Ok(Self { limits: config.limits, connector: connect::Connector::new(config)? })
    }
}

#[async_trait]
impl MailSource for MailServers {
    async fn open(&self, target: &MailTarget, credentials: &Credentials) -> Result<OpenedFolder, MailError> {
        let now = Instant::now();
        let end = now + target.life;
        let opened = async {
            let connector = &self.connector;
            match target.server.protocol {
                Protocol::Imap => imap::open(connector, self.limits, target, credentials, end).await,
                Protocol::Pop3 => pop3::open(connector, self.limits, target, credentials, end).await,
            }
        };
        let too_long = |_| {
            let place = format!("{}:{}", target.server.host, target.server.port);
            mail_error(MailFault::TimedOut, format!("connect to {place} and sign in: it took too long"))
        };
        timeout_at(end.min(now + self.limits.open), opened).await.map_err(too_long)?
    }

    async fn probe(
        &self,
        target: &MailTarget,
        credentials: &Credentials,
        after_import: Option<&MailAction>,
        within: Duration,
    ) -> Sight {
        probe::probe(self, target, credentials, after_import, within).await
    }
}
