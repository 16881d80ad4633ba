//! Encryption of PostgreSQL connections with rustls.
//!
//! The cryptography is ring's, named explicitly, so that no process-wide default has to be set.

use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::connection::ConnectError;
use crate::database_url::{RootCertificates, TlsMode};

/// The connector for a mode, or none when the mode never encrypts.
pub(crate) fn connector(mode: &TlsMode) -> Result<Option<MakeRustlsConnect>, ConnectError> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .expect("ring's provider supports TLS 1.2 and 1.3");
    let config = match mode {
        TlsMode::Disable => return Ok(None),
        TlsMode::Prefer | TlsMode::Require => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AcceptAnyCertificate(provider)))
            .with_no_client_auth(),
        TlsMode::VerifyFull(roots) => {
            builder.with_root_certificates(load_roots(roots)?).with_no_client_auth()
        }
    };
    Ok(Some(MakeRustlsConnect::new(config)))
}

fn load_roots(roots: &RootCertificates) -> Result<RootCertStore, ConnectError> {
    let (from, certificates) = match roots {
        RootCertificates::System => ("the operating system".to_owned(), load_system_roots()?),
        RootCertificates::File(path) => (path.display().to_string(), load_root_file(path)?),
    };
    let mut store = RootCertStore::empty();
    let (n_added, _) = store.add_parsable_certificates(certificates);
    if n_added == 0 {
        return Err(ConnectError::RootCertificates { from, reason: "it holds none".to_owned() });
    }
    Ok(store)
}

fn load_system_roots() -> Result<Vec<CertificateDer<'static>>, ConnectError> {
    let mut loaded = rustls_native_certs::load_native_certs();
    match loaded.errors.pop() {
        Some(error) if loaded.certs.is_empty() => Err(ConnectError::RootCertificates {
            from: "the operating system".to_owned(),
            reason: error.to_string(),
        }),
        _ => Ok(loaded.certs),
    }
}

fn load_root_file(path: &Path) -> Result<Vec<CertificateDer<'static>>, ConnectError> {
    CertificateDer::pem_file_iter(path).and_then(Iterator::collect).map_err(|error| {
        ConnectError::RootCertificates {
            from: path.display().to_string(),
            reason: error.to_string(),
        }
    })
}

/// Encrypts without asking who is at the other end, which is what `sslmode=require` means.
#[derive(Debug)]
struct AcceptAnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AcceptAnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
