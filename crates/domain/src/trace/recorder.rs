//! Follows one query from start to end and writes its span.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use diesel::result::Error;
use opentelemetry::trace::{Span, SpanBuilder, SpanKind, Status, TraceContextExt, Tracer};
use opentelemetry::{Context, KeyValue, global};

use crate::connection::ConnectError;
use crate::repo::{self, QueryCount};
use crate::trace::shape::Shape;
use crate::trace::{Probe, Target, attributes};

/// The instrumentation scope of all query spans.
const SCOPE: &str = "domain";

/// One query under way. Dropped before its end, it counts as cancelled.
#[derive(Debug)]
pub(crate) struct Recorder {
    count: Option<(Arc<QueryCount>, Instant)>,
    open: Option<Box<Open>>,
}

/// What the span will be made of; only there when the caller's span is recorded.
#[derive(Debug)]
struct Open {
    parent: Context,
    target: Arc<Target>,
    shape: Arc<Shape>,
    caller: &'static std::panic::Location<'static>,
    queue_time: Option<Duration>,
    started_at: SystemTime,
    started: Instant,
    answered: Option<Duration>,
    n_rows: Option<i64>,
    /// Whether the caller was last seen waiting for the database.
    waiting: bool,
}

impl Recorder {
    /// Starts the clock; the shape is only asked for when there will be a span.
    pub(crate) fn start(probe: &mut Probe, shape: impl FnOnce() -> Arc<Shape>) -> Self {
        let queue_time = probe.queue_time.take();
        let count = probe.count.as_ref().map(|count| (Arc::clone(count), Instant::now()));
        let parent = Context::current();
        let open = parent.span().is_recording().then(|| {
            Box::new(Open {
                target: Arc::clone(&probe.target),
                shape: shape(),
                caller: probe.caller,
                queue_time,
                started_at: SystemTime::now(),
                started: Instant::now(),
                answered: None,
                n_rows: None,
                waiting: true,
                parent: parent.clone(),
            })
        });
        Self { count, open }
    }

    /// The database has answered; rows follow.
    pub(crate) fn answered(&mut self) {
        if let Some(open) = &mut self.open {
            open.answered = Some(open.started.elapsed());
            open.n_rows = Some(0);
            open.waiting = false;
        }
    }

    /// A row has come.
    pub(crate) fn row(&mut self) {
        if let Some(open) = &mut self.open {
            open.n_rows = open.n_rows.map(|n_rows| n_rows + 1);
            open.waiting = false;
        }
    }

    /// The caller waits for the next row.
    pub(crate) fn waiting(&mut self) {
        if let Some(open) = &mut self.open {
            open.waiting = true;
        }
    }

    /// The query is over. Only the first call has an effect.
    pub(crate) fn finish(&mut self, error: Option<&Error>) {
        self.end(error.map(|error| Failure {
            kind: repo::error_type(error),
            message: repo::describe(error),
        }));
    }

    fn end(&mut self, failure: Option<Failure>) {
        if let Some((count, started)) = self.count.take() {
            count.add(started.elapsed());
        }
        if let Some(open) = self.open.take() {
            open.write(failure);
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        // A caller that has the rows it wanted drops the rest while nothing is being waited for.
        let cancelled = self.open.as_ref().is_some_and(|open| open.waiting);
        self.end(cancelled.then_some(Failure {
            kind: attributes::CANCELLED,
            message: Cow::Borrowed("the caller went away before the query was answered"),
        }));
    }
}

/// How a query went wrong, in words that hold no value of it.
struct Failure {
    kind: &'static str,
    message: Cow<'static, str>,
}

impl Open {
    fn write(self, failure: Option<Failure>) {
        let took = self.started.elapsed();
        let mut values = self.statement();
        values.extend(self.times(took));
        if let Some(n_rows) = self.n_rows {
            values.push(KeyValue::new(attributes::DB_RESPONSE_RETURNED_ROWS, n_rows));
        }
        if let Some(failure) = &failure {
            values.push(KeyValue::new(attributes::ERROR_TYPE, failure.kind));
        }
        let builder = SpanBuilder::from_name(self.shape.name.clone())
            .with_kind(SpanKind::Client)
            .with_start_time(self.started_at)
            .with_attributes(values);
        let mut span = global::tracer(SCOPE).build_with_context(builder, &self.parent);
        if let Some(failure) = failure {
            span.set_status(Status::error(failure.message));
        }
        span.end_with_timestamp(self.started_at + took);
    }

    fn statement(&self) -> Vec<KeyValue> {
        let (target, shape) = (&self.target, &self.shape);
        let mut values = Vec::with_capacity(16);
        values.push(KeyValue::new(attributes::DB_SYSTEM_NAME, target.system));
        values.push(KeyValue::new(attributes::DB_NAMESPACE, target.namespace.clone()));
        values.push(KeyValue::new(attributes::DB_OPERATION_NAME, shape.operation));
        values.push(KeyValue::new(attributes::DB_QUERY_TEXT, shape.text.clone()));
        values.push(KeyValue::new(attributes::DB_QUERY_SUMMARY, shape.name.clone()));
        if let Some(collection) = &shape.collection {
            values.push(KeyValue::new(attributes::DB_COLLECTION_NAME, collection.clone()));
        }
        if let Some((address, port)) = &target.server {
            values.push(KeyValue::new(attributes::SERVER_ADDRESS, address.clone()));
            values.push(KeyValue::new(attributes::SERVER_PORT, i64::from(*port)));
        }
        values.push(KeyValue::new(attributes::CODE_FILE_PATH, self.caller.file()));
        values.push(KeyValue::new(attributes::CODE_LINE_NUMBER, i64::from(self.caller.line())));
        values
    }

    fn times(&self, took: Duration) -> Vec<KeyValue> {
        let query_time = self.answered.unwrap_or(took);
        let total_time = took + self.queue_time.unwrap_or_default();
        let mut values = vec![
            KeyValue::new(attributes::QUERY_TIME, microseconds(query_time)),
            KeyValue::new(attributes::TOTAL_TIME, microseconds(total_time)),
        ];
        if let Some(queue_time) = self.queue_time {
            values.push(KeyValue::new(attributes::QUEUE_TIME, microseconds(queue_time)));
        }
        if let Some(answered) = self.answered {
            let decode_time = took.saturating_sub(answered);
            values.push(KeyValue::new(attributes::DECODE_TIME, microseconds(decode_time)));
        }
        values
    }
}

/// Notes on the caller's own span that it got no connection, since there is no query to note it.
pub(crate) fn record_no_connection(error: &ConnectError) {
    let context = Context::current();
    let span = context.span();
    if !span.is_recording() {
        return;
    }
    span.add_event(
        attributes::NO_CONNECTION_EVENT,
        vec![KeyValue::new(attributes::ERROR_TYPE, error.kind())],
    );
    span.set_status(Status::error(error.to_string()));
}

fn microseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}
