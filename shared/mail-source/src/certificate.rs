//! What a certificate says, for people. Whether it is good, the verifier decides.

use std::net::{Ipv4Addr, Ipv6Addr};

use intake::{Timestamp, ports::Certificate};
use tokio_rustls::rustls::pki_types::CertificateDer;
use x509_parser::{
    certificate::X509Certificate, extensions::GeneralName, prelude::FromDer, time::ASN1Time, x509::X509Name,
};

/// The most names that are told.
const MAX_NAMES: usize = 10;
/// The longest name or issuer that is told, in characters.
const MAX_NAME: usize = 100;

/// Reads a certificate (RFC 5280). None where it cannot be read.
pub(crate) fn read(der: &CertificateDer<'_>) -> Option<Certificate> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let validity = certificate.validity();
    Some(Certificate {
        issuer: issuer(certificate.issuer()),
        names: names(&certificate),
        not_before: time(validity.not_before)?,
        not_after: time(validity.not_after)?,
    })
}

fn time(time: ASN1Time) -> Option<Timestamp> {
    Timestamp::from_second(time.timestamp()).ok()
}

fn issuer(name: &X509Name<'_>) -> String {
    let parts = name.iter_common_name().chain(name.iter_organization());
    parts
        .filter_map(|part| part.as_str().ok())
        .map(printable)
        .find(|part| !part.is_empty())
        .unwrap_or_default()
}

/// The alternative names; clients look at nothing else (RFC 9525 section 6.3).
fn names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let found = certificate.subject_alternative_name().ok().flatten();
    let names = found.iter().flat_map(|names| names.value.general_names.iter());
    names.filter_map(name).take(MAX_NAMES).collect()
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some(printable(name)),
        GeneralName::IPAddress(bytes) => {
            let v4 = <[u8; 4]>::try_from(*bytes).map(|octets| Ipv4Addr::from(octets).to_string());
            v4.or_else(|_| <[u8; 16]>::try_from(*bytes).map(|octets| Ipv6Addr::from(octets).to_string())).ok()
        }
        _ => None,
    }
}

fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(MAX_NAME).collect()
}
