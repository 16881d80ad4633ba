//! Connections to the collector: one connector for HTTP and gRPC, plain or TLS.
//!
//! Names resolve through the system's resolver to IPv4 and IPv6 alike and both are tried, so an
//! IPv6-only name works.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use http::{Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use opentelemetry_http::{Bytes, HttpClient, HttpError};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

use super::{DeliveryState, ExportError};
use crate::settings::Collector;

/// Most that is read of an answer; the protocol's own limit.
const MAX_ANSWER_BYTES: usize = 4 * 1024 * 1024;

type Connector = HttpsConnector<HttpConnector>;

/// The HTTP client of the exporter.
#[derive(Debug)]
pub(super) struct OtlpHttp {
    client: Client<Connector, Full<Bytes>>,
    state: Arc<DeliveryState>,
}

impl OtlpHttp {
    pub(super) fn new(
        collector: &Collector,
        state: &Arc<DeliveryState>,
    ) -> Result<Self, ExportError> {
        let builder = HttpsConnectorBuilder::new().with_tls_config(tls_config(collector)?);
        let connector = builder.https_or_http().enable_http1().wrap_connector(tcp());
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Ok(Self { client, state: Arc::clone(state) })
    }

    async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (head, body) = self.client.request(request.map(Full::new)).await?.into_parts();
        let body = Limited::new(body, MAX_ANSWER_BYTES).collect().await?.to_bytes();
        Ok(Response::from_parts(head, body))
    }
}

#[async_trait]
impl HttpClient for OtlpHttp {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let result = self.exchange(request).await;
        self.state.set_cause(match &result {
            Ok(response) if response.status().is_success() => None,
            Ok(response) if is_unknown(response.status()) => {
                self.state.set_unsupported();
                Some(format!("the collector answered {}", response.status()))
            }
            Ok(response) => Some(format!("the collector answered {}", response.status())),
            Err(error) => Some(with_sources(error.as_ref())),
        });
        result
    }
}

/// Whether the collector says that it has no such address.
fn is_unknown(status: StatusCode) -> bool {
    let unknown =
        [StatusCode::NOT_FOUND, StatusCode::METHOD_NOT_ALLOWED, StatusCode::NOT_IMPLEMENTED];
    unknown.contains(&status)
}

/// A gRPC channel that connects when it is first used. To be called inside the runtime.
pub(super) fn grpc_channel(
    collector: &Collector,
) -> Result<tonic::transport::Channel, ExportError> {
    let builder = HttpsConnectorBuilder::new().with_tls_config(tls_config(collector)?);
    let connector = builder.https_or_http().enable_http2().wrap_connector(tcp());
    let endpoint = tonic::transport::Endpoint::new(collector.endpoint.clone())?;
    Ok(endpoint.timeout(collector.timeout).connect_with_connector_lazy(connector))
}

fn tcp() -> HttpConnector {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp
}

fn tls_config(collector: &Collector) -> Result<ClientConfig, ExportError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(authorities(collector)?);
    let Some(identity) = collector.identity.as_ref().filter(|_| is_https(&collector.endpoint))
    else {
        return Ok(builder.with_no_client_auth());
    };
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        move |source| ExportError::Identity { path, source }
    };
    let chain = CertificateDer::pem_file_iter(&identity.certificate)
        .and_then(Iterator::collect)
        .map_err(unreadable(&identity.certificate))?;
    let key = PrivateKeyDer::from_pem_file(&identity.key).map_err(unreadable(&identity.key))?;
    Ok(builder.with_client_auth_cert(chain, key)?)
}

/// Those of the configured file; otherwise the system's; otherwise, as in a bare container, those
/// compiled in. Plain HTTP needs none.
fn authorities(collector: &Collector) -> Result<RootCertStore, ExportError> {
    let mut roots = RootCertStore::empty();
    if !is_https(&collector.endpoint) {
        return Ok(roots);
    }
    if let Some(path) = &collector.authorities {
        let unreadable = |source| ExportError::Authorities { path: path.clone(), source };
        for certificate in CertificateDer::pem_file_iter(path).map_err(unreadable)? {
            roots.add(certificate.map_err(unreadable)?)?;
        }
        if roots.is_empty() {
            return Err(unreadable(rustls::pki_types::pem::Error::NoItemsFound));
        }
        return Ok(roots);
    }
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    Ok(roots)
}

fn is_https(endpoint: &Uri) -> bool {
    endpoint.scheme_str() == Some("https")
}

/// An error with all it was caused by, in one line.
fn with_sources(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
