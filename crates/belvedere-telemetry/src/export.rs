//! From a finished span to the collector: a bounded queue of whole traces, the exporter, and one line
//! of log when the collector goes away or comes back.
//!
//! ```text
//! span ends ─▶ traces (whole or dropped) ─▶ queue's thread ─▶ Exporter, in the runtime ─▶ collector
//! interval  ─▶ the SDK's thread ─▶ metrics, polled within the runtime ─▶ collector
//! ```
//!
//! Both threads are outside any async runtime. So an export of traces runs as a task of the
//! application's runtime and the thread merely waits for it: timers and sockets find their runtime,
//! and a panic or the runtime's end is an ordinary failed batch.
//!
//! HTTP goes through a client of our own ([`client`]) on hyper-util and hyper-rustls, and gRPC
//! through the same connector. The alternatives were weighed: the exporter's `hyper-client` feature
//! panics on that thread, where all traces are lost without a word; reqwest works, but brings some
//! thirty crates, its own idea of TLS roots, and hides why a connection failed.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use http::Uri;
use opentelemetry_otlp::{ExporterBuildError, WithExportConfig, WithHttpConfig, WithTonicConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SpanExporter, SpanProcessor};
use tokio::runtime::Handle;
use tracing::Dispatch;
use tracing::dispatcher::WeakDispatch;

use crate::settings::{Batch, Collector, Compression, Protocol};

use exporter::Exporter;
use queue::Queue;
use refusals::{Refusals, Refused};

mod client;
mod exporter;
pub mod figures;
pub(crate) mod metrics;
mod queue;
mod refusals;
mod traces;
mod within;

/// Why there can be no exporter.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The file of trusted authorities cannot be read, or holds none.
    #[error("cannot read trusted certificates from {}", path.display())]
    Authorities {
        /// The file's path.
        path: std::path::PathBuf,
        /// What is wrong with it.
        #[source]
        source: rustls::pki_types::pem::Error,
    },
    /// The client's certificate or its key cannot be read.
    #[error("cannot read the client's certificate or key from {}", path.display())]
    Identity {
        /// The file's path.
        path: std::path::PathBuf,
        /// What is wrong with it.
        #[source]
        source: rustls::pki_types::pem::Error,
    },
    /// A certificate of that file is malformed, or TLS cannot be set up.
    #[error("cannot set up TLS")]
    Tls(#[from] rustls::Error),
    /// The address is none a gRPC channel can use.
    #[error("cannot use the collector's address")]
    Address(#[from] tonic::transport::Error),
    /// There is no thread to export from.
    #[error("cannot start the thread that exports traces")]
    Thread(#[source] std::io::Error),
    /// The exporter refuses its configuration.
    #[error("cannot build the exporter")]
    Exporter(#[from] ExporterBuildError),
}

/// What became of the spans so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// Accepted by the collector.
    pub delivered: u64,
    /// Sent in vain: the collector was away or refused them, those refused within a batch that it took
    /// included.
    pub lost: u64,
    /// Never sent, because the queue was full.
    pub overflowed: u64,
    /// Traces that those belong to, each dropped as a whole.
    pub dropped_traces: u64,
    /// Neither sent nor given up yet.
    pub waiting: u64,
}

/// Counts, and whether the collector can be reached, shared by queue and exporter.
#[derive(Debug)]
pub(crate) struct DeliveryState {
    /// What is delivered, for log lines: `traces`.
    signal: &'static str,
    /// Whose absence is said instead of this one's: a collector that is away is one warning.
    leader: Option<Arc<Self>>,
    /// The collector knows nothing of this signal.
    is_unsupported: AtomicBool,
    waiting: AtomicUsize,
    dropped_traces: AtomicU64,
    delivered: AtomicU64,
    lost: AtomicU64,
    overflowed: AtomicU64,
    is_away: AtomicBool,
    /// The collector takes only a part of what it is sent.
    is_choosy: AtomicBool,
    lost_when_left: AtomicU64,
    /// Cause of the latest failure, which the HTTP exporter does not pass on.
    cause: Mutex<Option<String>>,
    /// Whom to tell: the exporter's threads are not the ones a scoped subscriber is set for.
    subscriber: OnceLock<WeakDispatch>,
}

impl DeliveryState {
    pub(crate) fn traces() -> Arc<Self> {
        Arc::new(Self::new("traces", None))
    }

    /// The metrics of an application whose traces are delivered as `traces` says.
    pub(crate) fn metrics(traces: &Arc<Self>) -> Arc<Self> {
        Arc::new(Self::new("metrics", Some(Arc::clone(traces))))
    }

    fn new(signal: &'static str, leader: Option<Arc<Self>>) -> Self {
        Self {
            signal,
            leader,
            is_unsupported: AtomicBool::new(false),
            waiting: AtomicUsize::new(0),
            dropped_traces: AtomicU64::new(0),
            delivered: AtomicU64::new(0),
            lost: AtomicU64::new(0),
            overflowed: AtomicU64::new(0),
            is_away: AtomicBool::new(false),
            is_choosy: AtomicBool::new(false),
            lost_when_left: AtomicU64::new(0),
            cause: Mutex::default(),
            subscriber: OnceLock::new(),
        }
    }

    pub(crate) fn snapshot(&self) -> Delivery {
        Delivery {
            delivered: self.delivered.load(Ordering::Relaxed),
            lost: self.lost.load(Ordering::Relaxed),
            overflowed: self.overflowed.load(Ordering::Relaxed),
            dropped_traces: self.dropped_traces.load(Ordering::Relaxed),
            waiting: self.waiting.load(Ordering::Relaxed) as u64,
        }
    }

    /// Whether the last attempt to deliver failed.
    pub(crate) fn is_away(&self) -> bool {
        self.is_away.load(Ordering::Acquire)
    }

    fn set_waiting(&self, n_spans: usize) {
        self.waiting.store(n_spans, Ordering::Relaxed);
    }

    /// The queue had no room.
    fn overflowed(&self, n_traces: u64, n_spans: u64) {
        self.dropped_traces.fetch_add(n_traces, Ordering::Relaxed);
        self.overflowed.fetch_add(n_spans, Ordering::Relaxed);
    }

    /// Names the subscriber that log lines about delivery go to.
    pub(crate) fn report_to(&self, subscriber: &Dispatch) {
        let _ = self.subscriber.set(subscriber.downgrade());
    }

    /// Runs `log` where its lines reach that subscriber.
    pub(crate) fn report(&self, log: impl FnOnce()) {
        match self.subscriber.get() {
            Some(own) => {
                if let Some(subscriber) = own.upgrade() {
                    tracing::dispatcher::with_default(&subscriber, log);
                }
            }
            // The application's own, which is the process's.
            None => log(),
        }
    }

    /// Whether a change is to be said, as opposed to being said already.
    fn speaks(&self) -> bool {
        self.leader.as_ref().is_none_or(|leader| !leader.is_away.load(Ordering::Acquire))
    }

    fn missed(&self) -> u64 {
        let Delivery { lost, overflowed, .. } = self.snapshot();
        lost + overflowed
    }

    fn set_cause(&self, cause: Option<String>) {
        *self.cause.lock().unwrap_or_else(PoisonError::into_inner) = cause;
    }

    fn set_unsupported(&self) {
        self.is_unsupported.store(true, Ordering::Release);
    }

    fn take_cause(&self) -> Option<String> {
        self.cause.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Counts a batch and says so when the collector's state changed.
    fn finish(&self, endpoint: &str, spans: usize, outcome: &Result<Option<Refused>, String>) {
        let spans = u64::try_from(spans).unwrap_or(u64::MAX);
        let signal = self.signal;
        match outcome {
            Ok(refused) => {
                let n_refused = refused.as_ref().map_or(0, |refused| refused.count.min(spans));
                self.delivered.fetch_add(spans - n_refused, Ordering::Relaxed);
                if self.is_away.swap(false, Ordering::AcqRel) && self.speaks() {
                    let missed_spans = self.missed() - self.lost_when_left.load(Ordering::Relaxed);
                    self.report(|| {
                        tracing::info!(endpoint, missed_spans, "{signal} are delivered again");
                    });
                }
                self.lost.fetch_add(n_refused, Ordering::Relaxed);
                self.refused(endpoint, refused.as_ref());
            }
            Err(cause) => {
                if !self.is_away.swap(true, Ordering::AcqRel) {
                    self.lost_when_left.store(self.missed(), Ordering::Relaxed);
                    if self.speaks() {
                        self.report(|| {
                            tracing::warn!(endpoint, cause, "{signal} cannot be delivered");
                        });
                    }
                }
                self.lost.fetch_add(spans, Ordering::Relaxed);
            }
        }
    }

    /// Says when the collector begins to refuse a part of what it takes.
    fn refused(&self, endpoint: &str, refused: Option<&Refused>) {
        let was_choosy = self.is_choosy.swap(refused.is_some(), Ordering::AcqRel);
        let Some(Refused { count, reason }) = refused.filter(|_| !was_choosy) else { return };
        let signal = self.signal;
        self.report(|| {
            tracing::warn!(
                endpoint,
                refused = count,
                reason,
                "{signal} arrive only in part: the collector refuses some, for the reason it gives; \
                 look at its limits"
            );
        });
    }
}

/// The queue in front of an exporter to `collector`. To be called inside the runtime.
pub(crate) fn processor(
    collector: &Collector,
    batch: Batch,
    resource: &Resource,
    state: &Arc<DeliveryState>,
    runtime: Handle,
) -> Result<impl SpanProcessor + 'static, ExportError> {
    let mut inner = otlp_exporter(collector, state)?;
    inner.set_resource(resource);
    let exporter = Exporter {
        inner: Arc::new(inner),
        endpoint: display_endpoint(&collector.endpoint),
        timeout: collector.timeout,
        state: Arc::clone(state),
        refusals: Refusals::default(),
        runtime,
    };
    let max_batch_spans = batch.max_batch_spans.min(batch.max_queue_spans);
    Queue::start(exporter, Batch { max_batch_spans, ..batch }).map_err(ExportError::Thread)
}

/// The collector's address without the credentials a URL may carry.
pub(crate) fn display_endpoint(endpoint: &Uri) -> String {
    let scheme = endpoint.scheme_str().unwrap_or("http");
    let authority = endpoint.authority().map_or("", http::uri::Authority::as_str);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}://{host}{}", endpoint.path())
}

fn otlp_exporter(
    collector: &Collector,
    state: &Arc<DeliveryState>,
) -> Result<opentelemetry_otlp::SpanExporter, ExportError> {
    let builder = opentelemetry_otlp::SpanExporter::builder();
    Ok(match collector.protocol {
        Protocol::HttpProtobuf => over_http(builder.with_http(), collector, state)?.build()?,
        Protocol::Grpc => over_grpc(builder.with_tonic(), collector)?.build()?,
    })
}

/// The settings of an exporter of any signal over HTTP.
fn over_http<B: WithExportConfig + WithHttpConfig>(
    builder: B,
    collector: &Collector,
    state: &Arc<DeliveryState>,
) -> Result<B, ExportError> {
    let headers = collector
        .headers
        .iter()
        .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())));
    let builder = builder
        .with_http_client(client::OtlpHttp::new(collector, state)?)
        .with_protocol(opentelemetry_otlp::Protocol::HttpBinary)
        .with_endpoint(collector.endpoint.to_string())
        .with_timeout(collector.timeout)
        .with_headers(headers.collect());
    Ok(match collector.compression {
        Compression::None => builder,
        Compression::Gzip => builder.with_compression(opentelemetry_otlp::Compression::Gzip),
    })
}

/// The settings of an exporter of any signal over gRPC.
fn over_grpc<B: WithExportConfig + WithTonicConfig>(
    builder: B,
    collector: &Collector,
) -> Result<B, ExportError> {
    let headers = collector.headers.iter().cloned().collect();
    let builder = builder
        .with_channel(client::grpc_channel(collector)?)
        .with_timeout(collector.timeout)
        .with_metadata(tonic::metadata::MetadataMap::from_headers(headers));
    Ok(match collector.compression {
        Compression::None => builder,
        Compression::Gzip => builder.with_compression(opentelemetry_otlp::Compression::Gzip),
    })
}
