//! Export over TLS, with an authority of our own.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio_rustls::TlsAcceptor;

use crate::export::{start, work};
use crate::receiver::{Options, Receiver};

/// A server for `localhost` and `127.0.0.1`, and the PEM of the authority that vouches for it.
fn server() -> (TlsAcceptor, String) {
    let (tls, authority) = server_of(Asks::Nobody);
    (tls, authority.pem())
}

/// Whom a server lets in.
#[derive(PartialEq, Eq)]
enum Asks {
    Nobody,
    /// Clients that its own authority vouches for.
    ForCertificates,
}

fn server_of(asks: Asks) -> (TlsAcceptor, CertifiedIssuer<'static, KeyPair>) {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();

    let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &authority).unwrap();

    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap();
    let builder = if asks == Asks::ForCertificates {
        let mut roots = RootCertStore::empty();
        roots.add(authority.der().clone()).unwrap();
        let verifier =
            WebPkiClientVerifier::builder_with_provider(roots.into(), provider).build().unwrap();
        builder.with_client_cert_verifier(verifier)
    } else {
        builder.with_no_client_auth()
    };
    let mut config = builder.with_single_cert(vec![certificate.der().clone()], key).unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    (TlsAcceptor::from(Arc::new(config)), authority)
}

#[tokio::test]
async fn spans_and_headers_arrive_over_https_by_either_protocol() {
    let (tls, authority) = server();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("authority.pem");
    std::fs::write(&file, authority).unwrap();
    let mut receiver = Receiver::start(Options { tls: Some(tls), ..Options::default() }).await;
    let port = receiver.address.port();
    for protocol in ["http/protobuf", "grpc"] {
        for host in ["127.0.0.1", "localhost"] {
            let (telemetry, subscriber) = start(&[
                ("OTLP_ENDPOINT", &format!("https://{host}:{port}")),
                ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
                ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Basic%20abc"),
                ("SSL_CERT_FILE", file.to_str().unwrap()),
            ]);
            work(&subscriber);
            assert_eq!(telemetry.shutdown().await.delivered, 2, "{protocol} {host}");
            let batch = receiver.batch().await;
            assert_eq!(batch.headers["authorization"], "Basic abc");
            assert_eq!(batch.spans().len(), 2, "{protocol} {host}");
        }
    }
}

#[tokio::test]
async fn an_unknown_authority_is_not_trusted() {
    let (tls, _) = server();
    let mut receiver = Receiver::start(Options { tls: Some(tls), ..Options::default() }).await;
    for protocol in ["http/protobuf", "grpc"] {
        let (telemetry, subscriber) = start(&[
            ("OTLP_ENDPOINT", &format!("https://{}", receiver.address)),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
            ("RUST_LOG", "off"),
        ]);
        work(&subscriber);
        let delivery = telemetry.shutdown().await;
        assert_eq!((delivery.delivered, delivery.lost), (0, 2), "{protocol}");
    }
    assert!(receiver.is_idle());
}

#[tokio::test]
async fn a_file_without_authorities_is_an_error_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "").unwrap();
    for file in [&empty, &folder.path().join("missing.pem")] {
        let path = file.to_str().unwrap();
        let settings = belvedere_telemetry::Settings::from_vars("web", |name| match name {
            "OTLP_ENDPOINT" => Some("https://host".to_owned()),
            "OTEL_EXPORTER_OTLP_CERTIFICATE" => Some(path.to_owned()),
            _ => None,
        });
        let extras = belvedere_telemetry::Extras::default();
        let error = belvedere_telemetry::build(&settings.unwrap(), extras).unwrap_err();
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert_eq!(cause, format!("cannot read trusted certificates from {path}"));
    }
}

#[tokio::test]
async fn a_collector_that_asks_who_is_there_is_told() {
    let (tls, authority) = server_of(Asks::ForCertificates);
    let key = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(["web".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.into_os_string().into_string().unwrap()
    };
    let authority = file("authority.pem", authority.pem());
    let certificate = file("web.pem", certificate.pem());
    let key = file("web.key", key.serialize_pem());
    let mut receiver = Receiver::start(Options { tls: Some(tls), ..Options::default() }).await;
    for protocol in ["http/protobuf", "grpc"] {
        let endpoint = format!("https://{}", receiver.address);
        let stranger = [
            ("OTLP_ENDPOINT", endpoint.as_str()),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
            ("OTEL_EXPORTER_OTLP_CERTIFICATE", &authority),
            ("OTEL_METRICS_EXPORTER", "none"),
            ("RUST_LOG", "off"),
        ];
        let known = [
            ("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", certificate.as_str()),
            ("OTEL_EXPORTER_OTLP_CLIENT_KEY", &key),
        ];
        let (telemetry, subscriber) = start(&[&stranger[..], &known].concat());
        work(&subscriber);
        assert_eq!(telemetry.shutdown().await.delivered, 2, "{protocol}");
        assert_eq!(receiver.batch().await.spans().len(), 2, "{protocol}");
        let (telemetry, subscriber) = start(&stranger);
        work(&subscriber);
        assert_eq!(telemetry.shutdown().await.delivered, 0, "{protocol}");
    }
}
