//! Notes of what a connection sees while it is tried out, also of certificates that are refused.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use intake::ports::{Follower, MailError, MailFault, Sight, Stage};
use rustls_platform_verifier::Verifier;
use tokio_rustls::rustls::{
    DigitallySignedStruct, Error, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    pki_types::{CertificateDer, ServerName, UnixTime},
};

use crate::certificate;

/// What was seen so far, shared by everything that sees something.
#[derive(Debug, Clone)]
pub(crate) struct Notes(Arc<Mutex<Noted>>);

#[derive(Debug)]
struct Noted {
    stage: Stage,
    sight: Sight,
    follower: Follower,
}

impl Notes {
    pub(crate) fn told_to(follower: Follower) -> Self {
        let (stage, sight) = (Stage::default(), Sight::default());
        Self(Arc::new(Mutex::new(Noted { stage, sight, follower })))
    }

    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn reached(&self, stage: Stage) {
        let mut noted = self.noted();
        noted.stage = stage;
        noted.follower.tell(stage, &noted.sight);
    }

    pub(crate) fn note(&self, see: impl FnOnce(&mut Sight)) {
        see(&mut self.noted().sight);
    }

    /// Everything, with the stage at which the error ended it.
    pub(crate) fn end(&self, error: Option<MailError>) -> Sight {
        let noted = self.noted();
        let end = error.map(|error| (stage_of(&error.fault, noted.stage), error));
        Sight { end, ..noted.sight.clone() }
    }

    /// A verifier whose certificates are noted.
    pub(crate) fn watching(&self, verifier: Arc<Verifier>) -> Watching {
        Watching { verifier, notes: self.clone() }
    }
}

/// Where a fault belongs: most tell it themselves, the others happen where the connection was.
fn stage_of(fault: &MailFault, noted: Stage) -> Stage {
    match fault {
        _ if noted == Stage::AfterImport => noted,
        MailFault::NotResolved | MailFault::AddressRefused => Stage::Resolve,
        MailFault::Certificate
        | MailFault::Untrusted
        | MailFault::NotTls
        | MailFault::Tls
        | MailFault::TlsOutdated => Stage::Tls,
        MailFault::NoMechanism => Stage::Greet,
        MailFault::AuthenticationRefused { .. } | MailFault::SignInBlocked => Stage::SignIn,
        MailFault::NoFolder => Stage::Folder,
        MailFault::NotPermitted => noted.max(Stage::SignIn),
        _ => noted,
    }
}

/// The platform's verifier, watched: its word counts.
#[derive(Debug)]
pub(crate) struct Watching {
    verifier: Arc<Verifier>,
    notes: Notes,
}

impl ServerCertVerifier for Watching {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.notes.note(|seen| seen.certificate = certificate::read(end_entity));
        self.verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}
