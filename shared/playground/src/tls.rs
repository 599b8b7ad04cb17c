//! A certificate authority of its own and one certificate for loopback.

use std::io;
use std::sync::Arc;

use jiff::{ToSpan, tz::TimeZone};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::clock::Clock;

/// Days before and after the start in which the certificates are valid.
const VALID_DAYS: (i64, i64) = (2, 90);
/// The names in the servers' certificate, where none are wanted.
pub(crate) const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// A new authority's certificate and what servers on loopback show.
pub struct Identity {
    /// The authority's certificate (PEM).
    pub ca_pem: String,
    chain: Vec<CertificateDer<'static>>,
    key: Vec<u8>,
    certificate_pem: String,
    key_pem: String,
}

impl Identity {
    /// A new authority, and a certificate of it for `localhost`, 127.0.0.1 and ::1.
    ///
    /// # Errors
    /// If keys or certificates cannot be made.
    pub fn new() -> io::Result<Self> {
        Self::for_names(NAMES.map(str::to_owned).to_vec())
    }

    /// A new authority, and a certificate of it for these names and addresses.
    pub(crate) fn for_names(names: Vec<String>) -> io::Result<Self> {
        build(names).map_err(io::Error::other)
    }

    /// The servers' certificate (PEM).
    pub fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    /// The servers' private key (PEM, PKCS #8).
    pub fn key_pem(&self) -> &str {
        &self.key_pem
    }

    /// For a listener that speaks one protocol by ALPN (`http/1.1`), or none.
    ///
    /// # Errors
    /// If the certificate cannot be used.
    pub fn acceptor(&self, alpn: Option<&str>) -> io::Result<TlsAcceptor> {
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.clone()));
        let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|config| config.with_no_client_auth().with_single_cert(self.chain.clone(), key))
            .map_err(io::Error::other)?;
        config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

fn build(names: Vec<String>) -> Result<Identity, rcgen::Error> {
    let mut authority = CertificateParams::new(Vec::new())?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.distinguished_name.push(DnType::CommonName, "Maildocket playground authority");
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    limit_validity(&mut authority);
    let authority_key = KeyPair::generate()?;
    let authority_certificate = authority.self_signed(&authority_key)?;
    let issuer = Issuer::new(authority, authority_key);

    let mut server = CertificateParams::new(names)?;
    server.distinguished_name.push(DnType::CommonName, "localhost");
    server.use_authority_key_identifier_extension = true;
    server.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    limit_validity(&mut server);
    let key = KeyPair::generate()?;
    let certificate = server.signed_by(&key, &issuer)?;

    Ok(Identity {
        ca_pem: authority_certificate.pem(),
        chain: vec![certificate.der().clone()],
        key: key.serialize_der(),
        certificate_pem: certificate.pem(),
        key_pem: key.serialize_pem(),
    })
}

/// Short lives: some platforms refuse certificates that are valid for many years.
fn limit_validity(params: &mut CertificateParams) {
    let today = Clock::default().now().to_zoned_datetime(TimeZone::UTC).date();
    let (before, after) = VALID_DAYS;
    let ymd = |date: jiff::civil::Date| {
        let part = |value: i8| u8::try_from(value).expect("a month and a day are positive");
        rcgen::date_time_ymd(i32::from(date.year()), part(date.month()), part(date.day()))
    };
    params.not_before = ymd(today.saturating_sub(before.days()));
    params.not_after = ymd(today.saturating_add(after.days()));
}
