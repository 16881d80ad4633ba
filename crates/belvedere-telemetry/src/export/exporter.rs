//! The OTLP exporter of traces, run on the application's runtime and watched.

use std::sync::{Arc, mpsc};
use std::time::Duration;

use opentelemetry::Context;
use opentelemetry::context::FutureExt;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use tokio::runtime::Handle;
use tracing::instrument::WithSubscriber;

use super::DeliveryState;
use super::refusals::{Refusals, Refused};
use super::traces::Batch;

#[derive(Debug)]
pub(super) struct Exporter {
    pub(super) inner: Arc<opentelemetry_otlp::SpanExporter>,
    pub(super) endpoint: String,
    pub(super) timeout: Duration,
    pub(super) state: Arc<DeliveryState>,
    pub(super) refusals: Refusals,
    pub(super) runtime: Handle,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sent {
    Whole,
    /// The collector refused some of the spans.
    InPart,
    InVain,
}

impl Exporter {
    /// Sends whole traces in one request; only what no request has room for in several. The first of
    /// these that does not arrive takes the rest with it. Blocks, so not to be called within the
    /// runtime.
    pub(super) fn deliver(&self, mut batch: Batch) -> Sent {
        let mut sent = Sent::Whole;
        while !batch.spans.is_empty() {
            let rest = batch.split_off_rest();
            let n_spans = batch.spans.len();
            let outcome = self.export(batch.spans);
            let n_settled = if outcome.is_err() { n_spans + rest.spans.len() } else { n_spans };
            self.state.finish(&self.endpoint, n_settled, &outcome);
            match outcome {
                Err(_) => return Sent::InVain,
                Ok(Some(_)) => sent = Sent::InPart,
                Ok(None) => {}
            }
            batch = rest;
        }
        sent
    }

    fn export(&self, spans: Vec<SpanData>) -> Result<Option<Refused>, String> {
        let (inner, timeout) = (Arc::clone(&self.inner), self.timeout);
        self.state.set_cause(None);
        let (done, outcome) = mpsc::sync_channel(1);
        let export = async move {
            // The exporter's own time-out does not end a request under way.
            let outcome = tokio::time::timeout(timeout, inner.export(spans)).await;
            let _ = done.send(outcome);
        };
        let export = export.with_subscriber(self.refusals.listener(&self.state));
        let quiet = Context::current().with_telemetry_suppressed();
        self.runtime.spawn(export.with_context(quiet));
        match outcome.recv() {
            Ok(Ok(Ok(()))) => Ok(self.refusals.take()),
            Ok(Ok(Err(error))) => Err(self.state.take_cause().unwrap_or(error.to_string())),
            Ok(Err(_elapsed)) => {
                let cause = self.state.take_cause();
                Err(cause.unwrap_or_else(|| format!("no answer within {timeout:?}")))
            }
            Err(_) => {
                Err("the export was cut off: the program stops, or the exporter panicked"
                    .to_owned())
            }
        }
    }
}
