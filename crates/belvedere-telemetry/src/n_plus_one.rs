//! Finds the N+1: one `SELECT` run again and again within one callback of a live view.
//!
//! [`Detector`] stands between the tracer and whatever receives its spans. Children end before
//! their parents, so by the time a callback's span ends its queries are counted, and what was found
//! goes onto that span as attributes: every receiver, a collector or a store in this process, sees
//! the same. Each finding is also said once in the log, with the advice.
//!
//! A candidate is the same `SELECT`, whatever its parameters, run [`Settings::n_plus_one_threshold`]
//! times or more below one callback, directly or through spans of the author's own. Pieces of work that
//! one callback has started count together, so that a row that loads its own data beside its page is no
//! way around it: each piece from the one on that was too many says how often it has been so far. What no
//! callback ran belongs to the root of its trace: the request of a plain handler, a job. There is no
//! floor of time: on a developer's machine each of the queries is fast. Writes are counted in
//! [`QUERIES`] but not flagged: a loop of inserts is often what was meant.
//!
//! A query is any span with OpenTelemetry's attributes for databases, the stable ones
//! (`db.query.text`) or those before (`db.statement`), whoever wrote it; and each query of `sqlx`.
//!
//! [`Settings::n_plus_one_threshold`]: crate::Settings::n_plus_one_threshold

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use opentelemetry::trace::TraceContextExt;
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{Span, SpanData, SpanProcessor};

use crate::conventions;
use crate::statement::Statement;

mod announced;
mod pieces;
mod watch;

use announced::Announced;
pub(crate) use watch::{Finding, Watch};

/// On a callback's span: `true` when it is an N+1 candidate; absent otherwise.
pub const N_PLUS_ONE: &str = "live_view.n_plus_one";
/// Beside [`N_PLUS_ONE`]: the statement that ran most often, letter for letter the `db.query.text`
/// (or `db.statement`) of the first of its spans, so that they can be searched by it.
pub const STATEMENT: &str = "live_view.n_plus_one.statement";
/// Beside [`N_PLUS_ONE`]: how often that statement ran.
pub const COUNT: &str = "live_view.n_plus_one.count";
/// Beside [`N_PLUS_ONE`]: the statement's first table, where its spans name it.
pub const TABLE: &str = "live_view.n_plus_one.table";
/// On a callback's span: how many statements it ran, writes included; absent when none.
pub const QUERIES: &str = "live_view.queries";

/// Looks at every finished span, then hands it on.
///
/// Memory is bounded: a fixed number of callbacks under way and of statements within each, with
/// those left out first that have waited longest for their callback's end.
#[derive(Debug)]
pub struct Detector {
    processors: Vec<Box<dyn SpanProcessor>>,
    threshold: u32,
    watch: Mutex<Watch>,
    announced: Mutex<Announced>,
}

impl Detector {
    /// A detector in front of `processors`, all of which receive every span.
    ///
    /// `threshold` is how often a `SELECT` runs until it is a candidate, at least 2.
    #[must_use]
    pub fn new(threshold: u32, processors: Vec<Box<dyn SpanProcessor>>) -> Self {
        let (watch, announced) = (Mutex::default(), Mutex::default());
        Self { processors, threshold: threshold.max(2), watch, announced }
    }

    /// Counts a query, or puts on a callback's span what its queries came to.
    fn look_at(&self, span: &mut SpanData) {
        let statement = Statement::of(span);
        let Some(tally) = self.watch().see(span, statement) else { return };
        span.attributes.push(KeyValue::new(QUERIES, i64::from(tally.queries())));
        if let Some(finding) = tally.finding(self.threshold) {
            span.attributes.extend(attributes(&finding));
            self.announce(span, &finding);
        }
    }

    /// Says what was found, once in a while for each callback and statement.
    fn announce(&self, span: &SpanData, finding: &Finding) {
        let key = (&*span.name, &*finding.statement.text);
        let mut announced = self.announced.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = announced.is_due(key, Instant::now());
        drop(announced);
        if !is_due {
            return;
        }
        // The span has ended already; this way the line still names its trace.
        let of_span = Context::new().with_remote_span_context(span.span_context.clone());
        let _attached = of_span.attach();
        tracing::warn!(
            parent: None,
            count = finding.count,
            table = finding.statement.table,
            "{} ran `{}` {} times; load them in one query: group by, a join, or a list of ids",
            span.name,
            finding.statement,
            finding.count,
        );
    }

    fn watch(&self) -> std::sync::MutexGuard<'_, Watch> {
        self.watch.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn attributes(finding: &Finding) -> impl Iterator<Item = KeyValue> + use<> {
    let Statement { recorded, table, .. } = finding.statement.clone();
    let attributes = [
        KeyValue::new(N_PLUS_ONE, true),
        KeyValue::new(STATEMENT, recorded),
        KeyValue::new(COUNT, i64::from(finding.count)),
    ];
    attributes.into_iter().chain(table.map(|table| KeyValue::new(TABLE, table)))
}

impl SpanProcessor for Detector {
    fn on_start(&self, span: &mut Span, context: &Context) {
        for processor in &self.processors {
            processor.on_start(span, context);
        }
    }

    fn on_end(&self, mut span: SpanData) {
        conventions::modernise(&mut span.attributes);
        self.look_at(&mut span);
        if let Some((last, others)) = self.processors.split_last() {
            for processor in others {
                processor.on_end(span.clone());
            }
            last.on_end(span);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        all(self.processors.iter().map(|processor| processor.force_flush()))
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        let started = Instant::now();
        all(self.processors.iter().map(|processor| {
            processor.shutdown_with_timeout(timeout.saturating_sub(started.elapsed()))
        }))
    }

    fn set_resource(&mut self, resource: &Resource) {
        for processor in &mut self.processors {
            processor.set_resource(resource);
        }
    }
}

/// The first failure, after all were asked.
fn all(results: impl Iterator<Item = OTelSdkResult>) -> OTelSdkResult {
    let results: Vec<_> = results.collect();
    results.into_iter().collect()
}
