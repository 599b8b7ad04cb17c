//! From a host to a connection: resolve, check every address, connect to a checked one, TLS with its certificate checked.

use std::{
    fmt, io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, OnceLock},
};

use intake::{
    ports::{Closed, Follower, Gate, MailError, MailFault, Sight, Stage},
    types::mailbox::{MailServer, Tls},
};
use rustls_platform_verifier::Verifier;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::{Instant, timeout, timeout_at},
};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        self, AlertDescription, CertificateError, ClientConfig, PeerIncompatible, ProtocolVersion,
        client::danger::ServerCertVerifier,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, ServerName},
    },
};

use crate::{
    config::{SourceConfig, TimeLimits},
    error::mail_error,
    happy_eyeballs::first_to_answer,
    life::Mortal,
    notes::Notes,
};

/// The most addresses of a name that are noted.
const MAX_ADDRESSES: usize = 8;

/// A connection, in clear text or not.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send + fmt::Debug {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + fmt::Debug> Stream for S {}

/// Makes connections.
pub(crate) struct Connector {
    gate: Gate,
    pub(crate) limits: TimeLimits,
    roots: Arc<Roots>,
    tls: OnceLock<TlsConnector>,
    /// Where what is seen is noted, while a connection is tried out.
    notes: Option<Notes>,
}

/// Which authorities are trusted.
struct Roots {
    extra: Vec<CertificateDer<'static>>,
    /// Made at the first TLS connection: reading the platform's roots takes a while.
    verifier: OnceLock<Arc<Verifier>>,
}

impl Roots {
    fn verifier(&self) -> Result<Arc<Verifier>, rustls::Error> {
        if let Some(verifier) = self.verifier.get() {
            return Ok(verifier.clone());
        }
        let provider = Arc::new(aws_lc_rs::default_provider());
        let made = Arc::new(Verifier::new_with_extra_roots(self.extra.clone(), provider)?);
        Ok(self.verifier.get_or_init(|| made).clone())
    }
}

impl Connector {
    pub(crate) fn new(config: SourceConfig) -> Self {
        let SourceConfig { gate, extra_roots, limits } = config;
        let roots = Arc::new(Roots { extra: extra_roots, verifier: OnceLock::new() });
        Self { gate, limits, roots, tls: OnceLock::new(), notes: None }
    }

    /// The same with at most these times, and with notes of what it sees.
    pub(crate) fn noting(&self, limits: TimeLimits, follower: Follower) -> (Self, Notes) {
        let notes = Notes::told_to(follower);
        let noting = Self {
            gate: self.gate.clone(),
            limits: self.limits.at_most(limits),
            roots: self.roots.clone(),
            tls: OnceLock::new(),
            notes: Some(notes.clone()),
        };
        (noting, notes)
    }

    /// Notes that this stage was reached.
    pub(crate) fn reached(&self, stage: Stage) {
        if let Some(notes) = &self.notes {
            notes.reached(stage);
        }
    }

    /// Whether a connection is tried out.
    pub(crate) fn is_noting(&self) -> bool {
        self.notes.is_some()
    }

    /// Notes something, where notes are taken.
    pub(crate) fn note(&self, see: impl FnOnce(&mut Sight)) {
        if let Some(notes) = &self.notes {
            notes.note(see);
        }
    }

    fn tls(&self) -> Result<&TlsConnector, MailError> {
        if let Some(tls) = self.tls.get() {
            return Ok(tls);
        }
        let made = self.tls_connector().map_err(|error| {
            mail_error(MailFault::Tls, format!("read the trusted certificates of this machine: {error}"))
        })?;
        Ok(self.tls.get_or_init(|| made))
    }

    /// A TCP connection to a checked address of this server. It is over at `end`, whatever is being said then.
    pub(crate) async fn tcp(&self, server: &MailServer, end: Instant) -> Result<Mortal, MailError> {
        let place = format!("{}:{}", server.host, server.port);
        let seconds = self.limits.connect.as_secs();
        let too_long = |what: &str| {
            let why = format!("{what} {place}: no answer within {seconds} seconds");
            Err(mail_error(MailFault::Unreachable, why))
        };
        self.reached(Stage::Resolve);
        let allowed = match timeout_at(self.within(end), self.resolve(server, &place)).await {
            Ok(resolved) => resolved?,
            Err(_) => return too_long("resolve"),
        };
        self.reached(Stage::Connect);
        let stream = match timeout_at(self.within(end), connected(allowed, &place)).await {
            Ok(connected) => connected?,
            Err(_) => return too_long("connect to"),
        };
        self.note(|seen| seen.peer = stream.peer_addr().ok());
        self.reached(if server.tls == Tls::None { Stage::Greet } else { Stage::Tls });
        Ok(Mortal::new(stream, end))
    }

    fn within(&self, end: Instant) -> Instant {
        end.min(Instant::now() + self.limits.connect)
    }

    /// The addresses of a server, all of them checked.
    async fn resolve(&self, server: &MailServer, place: &str) -> Result<Vec<SocketAddr>, MailError> {
        let found = self.gate.resolve(server.host.as_str(), server.port, server.tls == Tls::None).await;
        let addresses: Vec<IpAddr> = match &found {
            Ok(good) => good.iter().map(SocketAddr::ip).collect(),
            Err(Closed::Refused(all)) => all.clone(),
            Err(Closed::NotResolved) => Vec::new(),
        };
        self.note(|seen| seen.addresses = addresses.into_iter().take(MAX_ADDRESSES).collect());
        found.map_err(|closed| match closed {
            Closed::NotResolved => mail_error(MailFault::NotResolved, format!("resolve {}", server.host)),
            Closed::Refused(_) => mail_error(
                MailFault::AddressRefused,
                format!("connect to {place}: its address is not one that may be connected to"),
            ),
        })
    }

    /// TLS over a connection; the name is the one that was typed.
    pub(crate) async fn secure(
        &self,
        server: &MailServer,
        stream: impl Stream + 'static,
    ) -> Result<Box<dyn Stream>, MailError> {
        let context = format!("start TLS with {}:{}", server.host, server.port);
        let name = ServerName::try_from(server.host.as_str().to_owned())
            .map_err(|_| mail_error(MailFault::Tls, context.clone()))?;
        match timeout(self.limits.handshake, self.tls()?.connect(name, stream)).await {
            Ok(Ok(stream)) => {
                let version = stream.get_ref().1.protocol_version();
                self.note(|seen| seen.tls_version = version.and_then(version_name));
                self.reached(Stage::Greet);
                Ok(Box::new(stream))
            }
            Ok(Err(error)) => Err(tls_error(&error, &context)),
            Err(_) => Err(mail_error(MailFault::TimedOut, context)),
        }
    }

    fn tls_connector(&self) -> Result<TlsConnector, rustls::Error> {
        let verifier = self.roots.verifier()?;
        let verifier: Arc<dyn ServerCertVerifier> = match &self.notes {
            Some(notes) => Arc::new(notes.watching(verifier)),
            None => verifier,
        };
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?;
        let config = config.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth();
        Ok(TlsConnector::from(Arc::new(config)))
    }
}

async fn connected(addresses: Vec<SocketAddr>, place: &str) -> Result<TcpStream, MailError> {
    let stream = first_to_answer(addresses).await.map_err(|error| {
        mail_error(MailFault::Unreachable, format!("connect to {place}: {}", error.kind()))
    })?;
    // A missing option of the system costs milliseconds, nothing else.
    let _ = stream.set_nodelay(true);
    Ok(stream)
}

fn version_name(version: ProtocolVersion) -> Option<&'static str> {
    match version {
        ProtocolVersion::TLSv1_3 => Some("TLS 1.3"),
        ProtocolVersion::TLSv1_2 => Some("TLS 1.2"),
        _ => None,
    }
}

fn tls_error(error: &io::Error, context: &str) -> MailError {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match inner {
        Some(rustls::Error::InvalidCertificate(why)) => {
            let fault = if is_unknown(why) { MailFault::Untrusted } else { MailFault::Certificate };
            mail_error(fault, format!("{context}: {}", certificate(why)))
        }
        Some(rustls::Error::InvalidMessage(_)) => {
            mail_error(MailFault::NotTls, format!("{context}: it does not answer in TLS"))
        }
        Some(other) if is_outdated(other) => {
            let why =
                format!("{context}: it offers neither TLS 1.2 nor TLS 1.3 in a form that is still safe");
            mail_error(MailFault::TlsOutdated, why)
        }
        Some(other) => mail_error(MailFault::Tls, format!("{context}: {other}")),
        None => mail_error(MailFault::Tls, format!("{context}: {}", error.kind())),
    }
}

/// Whether the other side speaks TLS, and none that is taken here: only versions of before TLS 1.2 (deprecated by RFC 8996), or
/// only ciphers and keys of that time. Servers tell it by these alerts (RFC 5246 section 7.2.2).
fn is_outdated(error: &rustls::Error) -> bool {
    match error {
        rustls::Error::PeerIncompatible(why) => matches!(
            why,
            PeerIncompatible::ServerDoesNotSupportTls12Or13
                | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
                | PeerIncompatible::ExtendedMasterSecretExtensionRequired
                | PeerIncompatible::NoCipherSuitesInCommon
                | PeerIncompatible::NoKxGroupsInCommon
                | PeerIncompatible::NoSignatureSchemesInCommon
        ),
        rustls::Error::AlertReceived(alert) => matches!(
            alert,
            AlertDescription::ProtocolVersion
                | AlertDescription::HandshakeFailure
                | AlertDescription::InsufficientSecurity
        ),
        _ => false,
    }
}

/// A bad signature is that of another authority that has the name of a trusted one.
fn is_unknown(why: &CertificateError) -> bool {
    matches!(why, CertificateError::UnknownIssuer | CertificateError::BadSignature)
}

fn certificate(why: &CertificateError) -> String {
    match why {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "its certificate has expired".to_owned()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "its certificate is not valid yet".to_owned()
        }
        CertificateError::NotValidForName => "its certificate is for another host".to_owned(),
        CertificateError::NotValidForNameContext { presented, .. } => {
            format!(
                "its certificate is for another host ({})",
                presented.iter().take(5).cloned().collect::<Vec<_>>().join(", ")
            )
        }
        why if is_unknown(why) => {
            "its certificate is not signed by an authority that this machine trusts".to_owned()
        }
        CertificateError::Revoked => "its certificate was revoked".to_owned(),
        other => format!("its certificate is not valid ({other:?})").chars().take(200).collect(),
    }
}
