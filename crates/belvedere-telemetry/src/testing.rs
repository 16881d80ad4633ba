//! A process-wide recorder of finished spans, for tests.
//!
//! Tests run in parallel in one process and share the subscriber, so each reads only the traces it
//! caused: it sends a [`Caller`]'s `traceparent` with its request, by which the server's trace is
//! found, and from there the acts that link to it.
//!
//! ```
//! # async fn example() {
//! let recorder = belvedere_telemetry::testing::recorder();
//! let caller = belvedere_telemetry::testing::Caller::new();
//! // … a request with the header `traceparent: caller.traceparent()` …
//! # tracing::Span::none().in_scope(|| ());
//! let page = recorder.page_of(&caller, |spans| spans.len() >= 3).await;
//! assert!(page.iter().any(|span| span.name == "UsersSlow mount"));
//! # }
//! ```

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use opentelemetry::trace::{SpanId, TraceId};
use opentelemetry::{Context, Value};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{
    IdGenerator, RandomIdGenerator, SdkTracerProvider, Span, SpanData, SpanProcessor,
};
use tokio::sync::watch;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;

use crate::providers::span_layer;
use crate::settings::{N_PLUS_ONE_THRESHOLD, Sampling};
use crate::store::TraceStore;
use crate::{Detector, PageSampler};

mod queries;

pub use crate::{assert_no_n_plus_one, assert_queries};
pub use queries::AsTrace;
#[doc(hidden)]
pub use queries::{check_no_n_plus_one, check_queries};

/// Longest a test waits for its spans before it fails.
const PATIENCE: Duration = Duration::from_secs(10);

/// All spans that finished in this process since [`recorder`] was first called.
#[derive(Debug)]
pub struct Recorder {
    /// Each with its place in the order of ending.
    traces: Mutex<HashMap<TraceId, Vec<(u64, SpanData)>>>,
    finished: watch::Sender<u64>,
    feeds: Mutex<Vec<Feed>>,
}

/// The recorder, which the first call installs as the process's subscriber and tracer provider. What is
/// logged as a warning or an error stands in the output of the test, which `cargo test` shows when it fails.
///
/// # Panics
/// When the process has another subscriber, whose spans it would not see.
pub fn recorder() -> &'static Recorder {
    static RECORDER: OnceLock<Recorder> = OnceLock::new();
    static INSTALLED: OnceLock<()> = OnceLock::new();
    let recorder = RECORDER.get_or_init(|| Recorder {
        traces: Mutex::default(),
        finished: watch::Sender::new(0),
        feeds: Mutex::default(),
    });
    INSTALLED.get_or_init(|| {
        let provider = SdkTracerProvider::builder()
            .with_sampler(PageSampler::new(Sampling::default()))
            .with_span_processor(Detector::new(N_PLUS_ONE_THRESHOLD, vec![Box::new(Tap(recorder))]))
            .build();
        let log = tracing_subscriber::fmt::layer().with_test_writer().without_time();
        let subscriber = tracing_subscriber::registry()
            .with(span_layer(&provider))
            .with(log.with_filter(LevelFilter::WARN));
        tracing::subscriber::set_global_default(subscriber)
            .expect("no other subscriber is installed in a process that records spans");
        opentelemetry::global::set_tracer_provider(provider);
    });
    recorder
}

impl Recorder {
    /// Hands `store`, from now on, the traces of requests that carry this caller's `traceparent`,
    /// and what their pages do later: each whole, when its root ends.
    pub fn feed(&self, store: TraceStore, caller: &Caller) {
        let feed = Feed { store, causes: HashSet::from([caller.trace_id]) };
        self.feeds.lock().unwrap_or_else(PoisonError::into_inner).push(feed);
    }

    /// The finished spans of one trace, in the order they ended.
    #[must_use]
    pub fn trace(&self, trace_id: TraceId) -> Vec<SpanData> {
        let traces = self.traces();
        let spans = traces.get(&trace_id).into_iter().flatten();
        spans.map(|(_, span)| span.clone()).collect()
    }

    /// The finished spans of any trace that link into `trace_id`, in the order they ended.
    #[must_use]
    pub fn linked_to(&self, trace_id: TraceId) -> Vec<SpanData> {
        let links_there = |span: &SpanData| {
            span.links.iter().any(|link| link.span_context.trace_id() == trace_id)
        };
        let mut spans: Vec<_> = self
            .traces()
            .values()
            .flatten()
            .filter(|(_, span)| links_there(span))
            .cloned()
            .collect();
        spans.sort_by_key(|(place, _)| *place);
        spans.into_iter().map(|(_, span)| span).collect()
    }

    /// The whole trace of the act that ended last among those of the page `page`: a join, an event,
    /// a message. Empty when there was none.
    #[must_use]
    pub fn latest_act(&self, page: TraceId) -> Vec<SpanData> {
        let latest = self.linked_to(page).pop();
        latest.map(|act| self.trace(act.span_context.trace_id())).unwrap_or_default()
    }

    /// The whole trace of the request that carried the caller's `traceparent`, once its server span
    /// has ended and `complete` says so.
    ///
    /// A response reaches its client a moment before the server's span ends, hence the wait.
    ///
    /// # Panics
    /// When that does not happen within ten seconds, with the spans there are.
    pub async fn page_of(
        &self,
        caller: &Caller,
        complete: impl Fn(&[SpanData]) -> bool,
    ) -> Vec<SpanData> {
        self.until(|recorder| {
            let server = recorder.linked_to(caller.trace_id).into_iter().next()?;
            let spans = recorder.trace(server.span_context.trace_id());
            complete(&spans).then_some(spans)
        })
        .await
    }

    /// What `find` finds, tried anew whenever a span has ended.
    ///
    /// # Panics
    /// When it finds nothing within ten seconds.
    pub async fn until<T>(&self, find: impl Fn(&Self) -> Option<T>) -> T {
        let mut finished = self.finished.subscribe();
        let search = async {
            loop {
                if let Some(found) = find(self) {
                    return found;
                }
                finished.changed().await.expect("the recorder lives as long as the process");
            }
        };
        tokio::time::timeout(PATIENCE, search).await.expect("the spans a test waits for end")
    }

    fn traces(&self) -> std::sync::MutexGuard<'_, HashMap<TraceId, Vec<(u64, SpanData)>>> {
        self.traces.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A store of an application under test, and which traces belong to it.
#[derive(Debug)]
struct Feed {
    store: TraceStore,
    /// Traces from which those of the store follow: the caller's, and the store's own.
    causes: HashSet<TraceId>,
}

impl Feed {
    /// Passes a trace on when the last of its spans is a root that follows from one known here.
    fn pass_on(&mut self, spans: &[(u64, SpanData)]) {
        let Some((_, root)) = spans.last() else { return };
        let follows =
            root.links.iter().any(|link| self.causes.contains(&link.span_context.trace_id()));
        if root.parent_span_id == SpanId::INVALID && follows {
            self.causes.insert(root.span_context.trace_id());
            for (_, span) in spans {
                self.store.on_end(span.clone());
            }
        }
    }
}

/// A made-up client whose trace leads to the request it sends.
#[derive(Clone, Copy, Debug)]
pub struct Caller {
    trace_id: TraceId,
    span_id: SpanId,
}

impl Caller {
    /// A caller like no other.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "a default would not be a new one each time")]
    pub fn new() -> Self {
        let ids = RandomIdGenerator::default();
        Self { trace_id: ids.new_trace_id(), span_id: ids.new_span_id() }
    }

    /// The header to send.
    #[must_use]
    pub fn traceparent(&self) -> String {
        format!("00-{}-{}-01", self.trace_id, self.span_id)
    }

    /// The caller's trace, which the server's becomes where it trusts its callers.
    #[must_use]
    pub fn trace_id(&self) -> TraceId {
        self.trace_id
    }

    /// The caller's span.
    #[must_use]
    pub fn span_id(&self) -> SpanId {
        self.span_id
    }
}

/// The value of a span's attribute.
#[must_use]
pub fn attribute<'a>(span: &'a SpanData, key: &str) -> Option<&'a Value> {
    // The last one counts: recording an attribute again appends it.
    let mut attributes = span.attributes.iter().rev();
    attributes.find(|attribute| attribute.key.as_str() == key).map(|attribute| &attribute.value)
}

/// Hands finished spans to the recorder.
#[derive(Debug)]
struct Tap(&'static Recorder);

impl SpanProcessor for Tap {
    fn on_start(&self, _span: &mut Span, _context: &Context) {}

    fn on_end(&self, span: SpanData) {
        let trace_id = span.span_context.trace_id();
        let mut traces = self.0.traces();
        let place = *self.0.finished.borrow();
        let spans = traces.entry(trace_id).or_default();
        spans.push((place, span));
        for feed in self.0.feeds.lock().unwrap_or_else(PoisonError::into_inner).iter_mut() {
            feed.pass_on(spans);
        }
        // Told while the map is locked, so that places are never taken twice.
        self.0.finished.send_modify(|count| *count += 1);
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        Ok(())
    }
}
