//! An OTLP receiver in this process: HTTP and gRPC on one port, plain or TLS.

use std::collections::VecDeque;
use std::io::Read;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{OriginalUri, State};
use axum::routing::post;
use http::{HeaderMap, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc};
use tokio_rustls::TlsAcceptor;
use tonic::codec::CompressionEncoding;

/// Longest a test waits for something to arrive.
const PATIENCE: Duration = Duration::from_secs(10);

/// One batch, as it arrived.
pub(crate) struct Batch {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) request: ExportTraceServiceRequest,
    /// Of metrics; `request` is empty then.
    pub(crate) metrics: ExportMetricsServiceRequest,
}

impl Batch {
    pub(crate) fn spans(&self) -> Vec<Span> {
        let scopes = self.request.resource_spans.iter().flat_map(|resource| &resource.scope_spans);
        scopes.flat_map(|scope| scope.spans.clone()).collect()
    }

    /// Who made the first of its spans.
    pub(crate) fn scope(&self) -> InstrumentationScope {
        let scope = &self.request.resource_spans[0].scope_spans[0];
        scope.scope.clone().unwrap()
    }

    pub(crate) fn schema_url(&self) -> &str {
        &self.request.resource_spans[0].scope_spans[0].schema_url
    }

    /// A text attribute of the resource.
    pub(crate) fn resource(&self, key: &str) -> Option<String> {
        use opentelemetry_proto::tonic::common::v1::any_value::Value;
        let resource = self.request.resource_spans.first()?.resource.as_ref()?;
        let attribute = resource.attributes.iter().find(|attribute| attribute.key == key)?;
        match attribute.value.as_ref()?.value.as_ref()? {
            Value::StringValue(text) => Some(text.clone()),
            other => panic!("{key} is no text: {other:?}"),
        }
    }
}

/// What the receiver was asked to do.
#[derive(Default)]
pub(crate) struct Options {
    /// Where to listen; `127.0.0.1:0` by default.
    pub(crate) address: Option<SocketAddr>,
    /// Refusals of the first HTTP batches, before all are accepted.
    pub(crate) refusals: VecDeque<StatusCode>,
    pub(crate) tls: Option<TlsAcceptor>,
    /// Batches over HTTP are answered only with a permit of it.
    pub(crate) gate: Option<Arc<Semaphore>>,
    /// How many spans or data points of each batch are said to be refused, [`REASON`] given.
    pub(crate) refused: i64,
}

/// Why a part of a batch is refused.
pub(crate) const REASON: &str = "attributes are too long";

pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    batches: mpsc::Receiver<Batch>,
    metrics: mpsc::Receiver<Batch>,
}

impl Receiver {
    pub(crate) async fn start(options: Options) -> Self {
        let address = options.address.unwrap_or(([127, 0, 0, 1], 0).into());
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (traces_sender, batches) = mpsc::channel(64);
        let (metrics_sender, metrics) = mpsc::channel(64);
        let sender = Sender { traces: traces_sender, metrics: metrics_sender };
        let refusals = Arc::new(Mutex::new(options.refusals));
        let answer = ExportTraceServiceResponse {
            partial_success: (options.refused > 0).then(|| ExportTracePartialSuccess {
                rejected_spans: options.refused,
                error_message: REASON.to_owned(),
            }),
        };
        let app = router(Inbox { sender, refusals, gate: options.gate, answer });
        tokio::spawn(accept(listener, options.tls, app));
        Self { address, batches, metrics }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The next batch of traces.
    pub(crate) async fn batch(&mut self) -> Batch {
        next(&mut self.batches).await
    }

    /// The next batch of metrics.
    pub(crate) async fn metrics(&mut self) -> Batch {
        next(&mut self.metrics).await
    }

    /// Whether no traces arrived since the last batch that was taken.
    pub(crate) fn is_idle(&mut self) -> bool {
        self.batches.try_recv().is_err()
    }
}

async fn next(batches: &mut mpsc::Receiver<Batch>) -> Batch {
    let batch = tokio::time::timeout(PATIENCE, batches.recv()).await;
    batch.expect("a batch arrives in time").expect("the receiver runs")
}

/// Where batches go, by signal.
#[derive(Clone)]
struct Sender {
    traces: mpsc::Sender<Batch>,
    metrics: mpsc::Sender<Batch>,
}

#[derive(Clone)]
struct Inbox {
    sender: Sender,
    refusals: Arc<Mutex<VecDeque<StatusCode>>>,
    gate: Option<Arc<Semaphore>>,
    /// To each batch; that to metrics has the same fields.
    answer: ExportTraceServiceResponse,
}

fn router(inbox: Inbox) -> Router {
    let grpc = TraceServiceServer::new(inbox.clone())
        .accept_compressed(CompressionEncoding::Gzip)
        .send_compressed(CompressionEncoding::Gzip);
    let http = Router::new().fallback(post(receive)).with_state(inbox);
    let grpc = tonic::service::Routes::new(grpc).into_axum_router().reset_fallback();
    grpc.merge(http)
}

async fn receive(
    State(inbox): State<Inbox>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, Vec<u8>) {
    if uri.path().starts_with("/opentelemetry.") {
        return (StatusCode::NOT_FOUND, Vec::new());
    }
    if let Some(gate) = &inbox.gate {
        gate.acquire().await.unwrap().forget();
    }
    if let Some(refusal) = inbox.refusals.lock().unwrap().pop_front() {
        return (refusal, Vec::new());
    }
    let mut plain = Vec::new();
    let body = if headers.get("content-encoding").is_some_and(|coding| coding == "gzip") {
        flate2::read::GzDecoder::new(&*body).read_to_end(&mut plain).unwrap();
        &plain[..]
    } else {
        &body[..]
    };
    let mut batch = Batch {
        path: uri.path().to_owned(),
        headers,
        request: ExportTraceServiceRequest::default(),
        metrics: ExportMetricsServiceRequest::default(),
    };
    if uri.path() == "/v1/metrics" {
        batch.metrics = ExportMetricsServiceRequest::decode(body).unwrap();
        // Most tests have no use for them.
        let _ = inbox.sender.metrics.try_send(batch);
    } else {
        batch.request = ExportTraceServiceRequest::decode(body).unwrap();
        inbox.sender.traces.send(batch).await.unwrap();
    }
    (StatusCode::OK, inbox.answer.encode_to_vec())
}

#[tonic::async_trait]
impl TraceService for Inbox {
    async fn export(
        &self,
        request: tonic::Request<ExportTraceServiceRequest>,
    ) -> Result<tonic::Response<ExportTraceServiceResponse>, tonic::Status> {
        let headers = request.metadata().clone().into_headers();
        let batch = Batch {
            path: "grpc".to_owned(),
            headers,
            request: request.into_inner(),
            metrics: ExportMetricsServiceRequest::default(),
        };
        self.sender.traces.send(batch).await.unwrap();
        Ok(tonic::Response::new(self.answer.clone()))
    }
}

pub(crate) async fn accept(listener: TcpListener, tls: Option<TlsAcceptor>, app: Router) {
    while let Ok((stream, _)) = listener.accept().await {
        let (tls, app) = (tls.clone(), app.clone());
        tokio::spawn(async move {
            match tls {
                None => serve(stream, app).await,
                // A client that does not trust us ends the handshake; the test sees its side.
                Some(tls) => {
                    if let Ok(stream) = tls.accept(stream).await {
                        serve(stream, app).await;
                    }
                }
            }
        });
    }
}

async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, app: Router) {
    let service = TowerToHyperService::new(app);
    let server = auto::Builder::new(TokioExecutor::new());
    let _ = server.serve_connection(TokioIo::new(stream), service).await;
}
