//! What mail servers may be connected to, and how.

use std::time::Duration;

use intake::ports::Gate;
use tokio_rustls::rustls::pki_types::{CertificateDer, pem::PemObject};

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

impl TimeLimits {
    /// Of each step the shorter time.
    pub(crate) fn at_most(self, other: Self) -> Self {
        Self {
            connect: self.connect.min(other.connect),
            handshake: self.handshake.min(other.handshake),
            sign_in: self.sign_in.min(other.sign_in),
            idle: self.idle.min(other.idle),
            open: self.open.min(other.open),
            close: self.close.min(other.close),
        }
    }
}

/// The certificates of a PEM file. None in it is an error too.
pub fn certificates(pem: &str) -> intake::Result<Vec<Certificate>> {
    let unusable = || intake::Error::told(intake::Kind::Installation, "extra_ca_unusable");
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    found.ok().filter(|found| !found.is_empty()).ok_or_else(unusable)
}

/// What mail servers may be connected to, and how.
pub struct SourceConfig {
    /// Which addresses.
    pub gate: Gate,
    /// Trusted beside the platform's roots.
    pub extra_roots: Vec<Certificate>,
    /// Time limits.
    pub limits: TimeLimits,
}

impl SourceConfig {
    /// The usual limits.
    pub fn new(gate: Gate, extra_roots: Vec<Certificate>) -> Self {
        Self { gate, extra_roots, limits: TimeLimits::default() }
    }
}
