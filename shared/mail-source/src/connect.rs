//! From a host to a connection: resolve, check every address, connect to a checked one, TLS with its certificate checked.

use std::{
    fmt, io,
    net::SocketAddr,
    sync::{Arc, OnceLock},
    time::Duration,
};

use intake::{
    Error, Kind,
    ports::{MailError, MailFault},
    types::{
        host::{AddressPolicy, Network, OwnListener, network_of},
        mailbox::{MailServer, Tls},
    },
};
use rustls_platform_verifier::Verifier;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        self, CertificateError, ClientConfig,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, ServerName},
    },
};

use crate::{Resolve, SourceConfig, TimeLimits, error::mail_error};

/// A connection, in clear text or not.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send + fmt::Debug {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + fmt::Debug> Stream for S {}

/// Makes connections.
pub(crate) struct Connector {
    addresses: AddressPolicy,
    own: OwnListener,
    resolver: Arc<dyn Resolve>,
    limits: TimeLimits,
    extra_roots: Vec<CertificateDer<'static>>,
    /// Made at the first TLS connection: reading the platform's roots takes a while.
    tls: OnceLock<TlsConnector>,
}

impl Connector {
    pub(crate) fn new(config: SourceConfig) -> intake::Result<Self> {
        let SourceConfig { addresses, own, extra_roots, limits, resolver } = config;
        Ok(Self { addresses, own, resolver, limits, extra_roots, tls: OnceLock::new() })
    }

    fn tls(&self) -> Result<&TlsConnector, MailError> {
        if let Some(tls) = self.tls.get() {
            return Ok(tls);
        }
        let made = tls_connector(self.extra_roots.clone()).map_err(|error| {
            mail_error(
                MailFault::Tls,
                format!("read the trusted certificates of this machine: {}", error.message),
            )
        })?;
        Ok(self.tls.get_or_init(|| made))
    }

    /// A TCP connection to a checked address of this server.
    pub(crate) async fn tcp(&self, server: &MailServer) -> Result<TcpStream, MailError> {
        let place = format!("{}:{}", server.host, server.port);
        match timeout(self.limits.connect, self.reach(server, &place)).await {
            Ok(result) => result,
            Err(_) => Err(mail_error(
                MailFault::Unreachable,
                format!("connect to {place}: no answer within {} seconds", self.limits.connect.as_secs()),
            )),
        }
    }

    async fn reach(&self, server: &MailServer, place: &str) -> Result<TcpStream, MailError> {
        let found = self.resolver.resolve(server.host.as_str(), server.port).await;
        let found =
            found.map_err(|_| mail_error(MailFault::NotResolved, format!("resolve {}", server.host)))?;
        if found.is_empty() {
            return Err(mail_error(MailFault::NotResolved, format!("resolve {}", server.host)));
        }
        let allowed: Vec<SocketAddr> =
            found.iter().copied().filter(|address| self.permits(server.tls, *address)).collect();
        // One forbidden address among good ones is how a hostile name server begins: all must be good.
        if allowed.len() != found.len() {
            return Err(mail_error(
                MailFault::AddressRefused,
                format!("connect to {place}: its address is not one that may be connected to"),
            ));
        }
        let mut last = None;
        for address in allowed {
            match TcpStream::connect(address).await {
                Ok(stream) => {
                    // A missing option of the system costs milliseconds, nothing else.
                    let _ = stream.set_nodelay(true);
                    return Ok(stream);
                }
                Err(error) => last = Some(error),
            }
        }
        let why = last.map(|error| error.kind().to_string()).unwrap_or_default();
        Err(mail_error(MailFault::Unreachable, format!("connect to {place}: {why}")))
    }

    /// Clear text goes to private addresses only, and only where they are allowed; nothing goes to ourselves.
    fn permits(&self, tls: Tls, address: SocketAddr) -> bool {
        let private = network_of(address.ip()) == Network::Private;
        self.addresses.permits(address.ip()) && (tls != Tls::None || private) && !self.own.is_at(address)
    }

    /// TLS over a connection; the name is the one that was typed.
    pub(crate) async fn secure(
        &self,
        server: &MailServer,
        stream: TcpStream,
    ) -> Result<Box<dyn Stream>, MailError> {
        let context = format!("start TLS with {}:{}", server.host, server.port);
        let name = ServerName::try_from(server.host.as_str().to_owned())
            .map_err(|_| mail_error(MailFault::Tls, context.clone()))?;
        match timeout(self.limits.handshake, self.tls()?.connect(name, stream)).await {
            Ok(Ok(stream)) => Ok(Box::new(stream)),
            Ok(Err(error)) => Err(tls_error(&error, &context)),
            Err(_) => Err(mail_error(MailFault::TimedOut, context)),
        }
    }

    /// How long a line before the sign-in may take.
    pub(crate) fn line_time(&self) -> Duration {
        self.limits.handshake
    }
}

fn tls_connector(extra_roots: Vec<CertificateDer<'static>>) -> intake::Result<TlsConnector> {
    let unusable =
        |error: rustls::Error| Error::new(Kind::Configuration, "trust_roots_unusable", error.to_string());
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = Verifier::new_with_extra_roots(extra_roots, provider.clone()).map_err(unusable)?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(unusable)?;
    let config =
        config.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

fn tls_error(error: &io::Error, context: &str) -> MailError {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match inner {
        Some(rustls::Error::InvalidCertificate(why)) => {
            mail_error(MailFault::Certificate, format!("{context}: {}", certificate(why)))
        }
        Some(other) => mail_error(MailFault::Tls, format!("{context}: {other}")),
        None => mail_error(MailFault::Tls, format!("{context}: {}", error.kind())),
    }
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
        // A bad signature is that of another authority that has the name of a trusted one.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "its certificate is not signed by an authority that this machine trusts".to_owned()
        }
        CertificateError::Revoked => "its certificate was revoked".to_owned(),
        other => format!("its certificate is not valid ({other:?})").chars().take(200).collect(),
    }
}
