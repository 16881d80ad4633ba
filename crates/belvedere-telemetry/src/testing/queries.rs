//! Assertions on the queries of a trace, which fail with the statements and how often each ran.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use opentelemetry::trace::{SpanId, TraceId};
use opentelemetry_sdk::trace::SpanData;

use super::recorder;
use crate::n_plus_one::{Finding, Watch};
use crate::settings::N_PLUS_ONE_THRESHOLD;
use crate::statement::Statement;

/// Something that has a trace: its id, for which the [`recorder`] is asked, or its spans.
pub trait AsTrace {
    /// The finished spans, in the order they ended.
    fn spans(&self) -> Vec<SpanData>;
}

impl AsTrace for TraceId {
    fn spans(&self) -> Vec<SpanData> {
        recorder().trace(*self)
    }
}

impl AsTrace for [SpanData] {
    fn spans(&self) -> Vec<SpanData> {
        self.to_vec()
    }
}

impl AsTrace for Vec<SpanData> {
    fn spans(&self) -> Vec<SpanData> {
        self.clone()
    }
}

impl<T: AsTrace + ?Sized> AsTrace for &T {
    fn spans(&self) -> Vec<SpanData> {
        (**self).spans()
    }
}

/// Asserts how many queries a trace holds, statements that begin and end transactions included.
///
/// The trace is anything [`AsTrace`](crate::testing::AsTrace): the id of a page's trace holds what
/// its mount ran, [`Recorder::latest_act`](crate::testing::Recorder::latest_act) what the last
/// event, message or join did.
///
/// # Panics
/// When the number is another, with a table of the statements.
///
/// ```
/// use belvedere::testing::TestApp;
/// use belvedere_telemetry::testing::recorder;
/// # use belvedere::{LiveConfig, LiveEvent, LiveRouter, LiveRuntime, LiveView, MountError, Render};
/// # use belvedere::{Result, SecretKeyBase, Socket, live};
/// # use opentelemetry::{KeyValue, trace::{Span, Tracer}};
/// # /// What the connection of an application does for each query.
/// # fn query(text: &'static str) {
/// #     let mut span = opentelemetry::global::tracer("app").start("query");
/// #     span.set_attribute(KeyValue::new("db.query.text", text));
/// # }
/// # struct Users;
/// # #[derive(LiveEvent)] enum Event { Refresh }
/// # impl LiveView for Users {
/// #     type Extract = ();
/// #     type Params = ();
/// #     type Event = Event;
/// #     type Message = ();
/// #     async fn mount(_: (), _: &mut Socket<Self>) -> Result<Self, MountError> {
/// #         query("SELECT name FROM users");
/// #         Ok(Self)
/// #     }
/// #     async fn handle_event(&mut self, _: Event, _: &mut Socket<Self>) -> Result {
/// #         (0..20).for_each(|_| query("SELECT count(*) FROM items WHERE user_id = $1"));
/// #         Ok(())
/// #     }
/// #     fn render(&self) -> impl Render { live! { button phx-click=(Event::Refresh) { } } }
/// # }
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// # let secret = SecretKeyBase::new(&"x".repeat(64)).expect("64 bytes are enough");
/// # let live = LiveRuntime::new(LiveConfig::new(secret));
/// # let router = live.clone().serve(axum::Router::new().live::<Users>("/users"));
/// let recorder = recorder(); // before the page, or nothing is recorded
/// let app = TestApp::new(&live, router);
/// let mut view = app.get("/users").await.join().await;
/// belvedere_telemetry::assert_queries!(view.trace_id(), 1);
/// belvedere_telemetry::assert_no_n_plus_one!(view.trace_id());
///
/// view.click("button").await;
/// let refresh = recorder.latest_act(view.trace_id());
/// belvedere_telemetry::assert_queries!(refresh, 20);
/// let failure = std::panic::catch_unwind(|| belvedere_telemetry::assert_no_n_plus_one!(refresh));
/// assert!(failure.is_err(), "twenty times the same query");
/// # }
/// ```
#[macro_export]
macro_rules! assert_queries {
    ($trace:expr, $expected:expr $(,)?) => {
        $crate::testing::check_queries(&$trace, $expected)
    };
}

/// Asserts that no callback of a trace, nor the pieces of work that it started together, runs the same
/// `SELECT` three times or more, as the [`Detector`](crate::Detector) counts them. The trace is as for
/// [`assert_queries!`].
///
/// # Panics
/// When one does, with the advice and a table of the statements.
#[macro_export]
macro_rules! assert_no_n_plus_one {
    ($trace:expr $(,)?) => {
        $crate::testing::check_no_n_plus_one(&$trace)
    };
}

/// What [`assert_queries!`](crate::assert_queries) calls.
///
/// # Panics
/// As the macro.
#[doc(hidden)]
#[track_caller]
pub fn check_queries(trace: &(impl AsTrace + ?Sized), expected: usize) {
    let spans = trace.spans();
    let queries: Vec<_> = spans.iter().filter_map(Statement::of).collect();
    let n_queries = queries.len();
    assert!(
        n_queries == expected,
        "{} ran {}, {expected} expected\n{}",
        subject(&spans),
        counted(n_queries),
        table(&queries)
    );
}

/// What [`assert_no_n_plus_one!`](crate::assert_no_n_plus_one) calls.
///
/// # Panics
/// As the macro.
#[doc(hidden)]
#[track_caller]
pub fn check_no_n_plus_one(trace: &(impl AsTrace + ?Sized)) {
    let spans = trace.spans();
    if let Some((callback, Finding { statement, count })) = first_finding(&spans) {
        let queries: Vec<_> = spans.iter().filter_map(Statement::of).collect();
        panic!(
            "{callback} ran `{statement}` {count} times; load them in one query: group by, a join, or \
             a list of ids\n{}",
            table(&queries)
        );
    }
}

fn first_finding(spans: &[SpanData]) -> Option<(&str, Finding)> {
    let mut watch = Watch::default();
    spans.iter().find_map(|span| {
        let tally = watch.see(span, Statement::of(span))?;
        Some((&*span.name, tally.finding(N_PLUS_ONE_THRESHOLD)?))
    })
}

/// What the spans are about: the root of their trace.
fn subject(spans: &[SpanData]) -> &str {
    let root = spans.iter().rev().find(|span| span.parent_span_id == SpanId::INVALID);
    root.or(spans.last()).map_or("a trace without spans", |span| &span.name)
}

fn counted(n_queries: usize) -> String {
    if n_queries == 1 { "1 query".to_owned() } else { format!("{n_queries} queries") }
}

/// The statements, the most frequent first.
fn table(queries: &[Statement]) -> String {
    let mut counts = BTreeMap::<&Statement, usize>::new();
    for query in queries {
        *counts.entry(query).or_default() += 1;
    }
    let mut rows: Vec<_> = counts.into_iter().collect();
    rows.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let mut table = String::new();
    if !rows.is_empty() {
        table.push_str("\n  count  statement");
    }
    for (statement, count) in rows {
        // Writing to a string cannot fail.
        let _ = write!(table, "\n  {count:>5}  {statement}");
    }
    table
}
