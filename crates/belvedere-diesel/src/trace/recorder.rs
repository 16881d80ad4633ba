//! Follows one query from start to end, measures it and writes its span.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use diesel::result::Error;
use opentelemetry::trace::{Span, SpanBuilder, SpanKind, Status, TraceContextExt, Tracer};
use opentelemetry::{Context, InstrumentationScope, KeyValue, StringValue, Value, global};

use crate::connection::ConnectError;
use crate::repo::{self, QueryCount};
use crate::trace::shape::Shape;
use crate::trace::{Probe, Target, attributes, duration};

/// The instrumentation scope of all that this crate tells of its queries.
pub(crate) fn scope() -> InstrumentationScope {
    InstrumentationScope::builder(env!("CARGO_PKG_NAME"))
        .with_version(env!("CARGO_PKG_VERSION"))
        .with_schema_url("https://opentelemetry.io/schemas/1.37.0")
        .build()
}

/// One query under way. Dropped before its end, it counts as cancelled.
#[derive(Debug)]
pub(crate) struct Recorder {
    count: Option<Arc<QueryCount>>,
    /// Empty once the query is over.
    asked: Option<Asked>,
    open: Option<Box<Open>>,
    /// Whether the caller was last seen waiting for the database.
    waiting: bool,
}

/// What was asked of whom.
#[derive(Debug)]
struct Asked {
    target: Arc<Target>,
    peer: Option<SocketAddr>,
    shape: Arc<Shape>,
    started: Instant,
}

/// What the span will be made of; only there when the caller's span is recorded.
#[derive(Debug)]
struct Open {
    parent: Context,
    caller: &'static std::panic::Location<'static>,
    queue_time: Option<Duration>,
    simulated: Option<Duration>,
    started_at: SystemTime,
    answered: Option<Duration>,
    n_rows: Option<i64>,
}

impl Recorder {
    /// Starts the clock.
    pub(crate) fn start(probe: &mut Probe, shape: impl FnOnce() -> Arc<Shape>) -> Self {
        let queue_time = probe.queue_time.take();
        let simulated = probe.simulated.take();
        // It belongs to the query, and is over already.
        let before = simulated.unwrap_or_default();
        let parent = Context::current();
        let open = parent.span().is_recording().then(|| {
            Box::new(Open {
                caller: probe.caller,
                queue_time,
                simulated,
                started_at: SystemTime::now() - before,
                answered: None,
                n_rows: None,
                parent: parent.clone(),
            })
        });
        let asked = Asked {
            target: Arc::clone(&probe.target),
            peer: probe.peer,
            shape: shape(),
            started: Instant::now().checked_sub(before).unwrap_or_else(Instant::now),
        };
        Self { count: probe.count.clone(), asked: Some(asked), open, waiting: true }
    }

    /// The database has answered; rows follow.
    pub(crate) fn answered(&mut self) {
        self.waiting = false;
        if let (Some(open), Some(asked)) = (&mut self.open, &self.asked) {
            open.answered = Some(asked.started.elapsed());
            open.n_rows = Some(0);
        }
    }

    /// A row has come.
    pub(crate) fn row(&mut self) {
        self.waiting = false;
        if let Some(open) = &mut self.open {
            open.n_rows = open.n_rows.map(|n_rows| n_rows + 1);
        }
    }

    /// The caller waits for the next row.
    pub(crate) fn waiting(&mut self) {
        self.waiting = true;
    }

    /// The query is over. Only the first call has an effect.
    pub(crate) fn finish(&mut self, error: Option<&Error>) {
        self.end(error.map(|error| Failure {
            kind: repo::error_type(error),
            status_code: repo::status_code(error),
            message: repo::describe(error),
        }));
    }

    fn end(&mut self, failure: Option<Failure>) {
        let Some(asked) = self.asked.take() else { return };
        let took = asked.started.elapsed();
        if let Some(count) = self.count.take() {
            count.add(took);
        }
        let Asked { target, peer, shape, .. } = &asked;
        let failed = failure.iter().flat_map(Failure::described);
        duration::record(target, *peer, shape, failed, took);
        if let Some(open) = self.open.take() {
            open.write(&asked, took, failure);
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        // A caller that has the rows it wanted drops the rest while nothing is being waited for.
        self.end(self.waiting.then_some(Failure {
            kind: Cow::Borrowed(attributes::CANCELLED),
            status_code: None,
            message: Cow::Borrowed("the caller went away before the query was answered"),
        }));
    }
}

/// How a query went wrong, in words that hold no value of it.
struct Failure {
    kind: Cow<'static, str>,
    /// The database's own code.
    status_code: Option<Cow<'static, str>>,
    message: Cow<'static, str>,
}

impl Failure {
    /// What both a span and a measure say of it.
    fn described(&self) -> impl Iterator<Item = KeyValue> {
        let code = self.status_code.clone();
        let code = code.map(|code| KeyValue::new(attributes::DB_RESPONSE_STATUS_CODE, code));
        [KeyValue::new(attributes::ERROR_TYPE, self.kind.clone())].into_iter().chain(code)
    }
}

impl Open {
    fn write(self, asked: &Asked, took: Duration, failure: Option<Failure>) {
        let mut values = asked.statement();
        values.push(KeyValue::new(attributes::CODE_FILE_PATH, self.caller.file()));
        values.push(KeyValue::new(attributes::CODE_LINE_NUMBER, i64::from(self.caller.line())));
        values.extend(self.times(took));
        if let Some(n_rows) = self.n_rows {
            values.push(KeyValue::new(attributes::DB_RESPONSE_RETURNED_ROWS, n_rows));
        }
        values.extend(failure.iter().flat_map(Failure::described));
        let builder = SpanBuilder::from_name(asked.shape.name.to_string())
            .with_kind(SpanKind::Client)
            .with_start_time(self.started_at)
            .with_attributes(values);
        let tracer = global::tracer_with_scope(scope());
        let mut span = tracer.build_with_context(builder, &self.parent);
        if let Some(failure) = failure {
            span.set_status(Status::error(failure.message));
        }
        span.end_with_timestamp(self.started_at + took);
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
        if let Some(simulated) = self.simulated {
            values.push(KeyValue::new(attributes::SIMULATED_TIME, microseconds(simulated)));
        }
        if let Some(answered) = self.answered {
            let decode_time = took.saturating_sub(answered);
            values.push(KeyValue::new(attributes::DECODE_TIME, microseconds(decode_time)));
        }
        values
    }
}

impl Asked {
    fn statement(&self) -> Vec<KeyValue> {
        let mut values = Vec::with_capacity(20);
        values.push(KeyValue::new(attributes::DB_QUERY_TEXT, Arc::clone(&self.shape.text)));
        values.extend(described(&self.target, self.peer, &self.shape));
        values
    }
}

/// What both a span and a measure say of a query.
pub(crate) fn described(
    target: &Target,
    peer: Option<SocketAddr>,
    shape: &Shape,
) -> impl Iterator<Item = KeyValue> {
    let text = |text: &Arc<str>| Value::from(StringValue::from(Arc::clone(text)));
    let pairs = [
        (attributes::DB_SYSTEM_NAME, Some(target.system.into())),
        (attributes::DB_NAMESPACE, Some(text(&target.namespace))),
        (attributes::DB_OPERATION_NAME, Some(shape.operation.into())),
        (attributes::DB_QUERY_SUMMARY, Some(text(&shape.name))),
        (attributes::DB_COLLECTION_NAME, shape.collection.as_ref().map(text)),
        (attributes::SERVER_ADDRESS, target.server.as_ref().map(|(address, _)| text(address))),
        (attributes::SERVER_PORT, target.server.as_ref().map(|(_, port)| i64::from(*port).into())),
        (attributes::NETWORK_PEER_ADDRESS, peer.map(|peer| peer.ip().to_string().into())),
        (attributes::NETWORK_PEER_PORT, peer.map(|peer| i64::from(peer.port()).into())),
    ];
    pairs.into_iter().filter_map(|(key, value)| Some(KeyValue::new(key, value?)))
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
