//! Queries as spans: a decorator around a connection, [`Traced`].
//!
//! The span is written once, when the query is over, with its true start and end, through the
//! OpenTelemetry API: `tracing` could neither parent it to the task that asked nor end it in the
//! past. When the caller's span is not recorded there is none, and a query is measured only. Bind
//! values never come near a span; names come from `shape` only, keys from [`attributes`] only.

pub mod attributes;
mod duration;
mod recorder;
pub(crate) mod shape;

use std::future::Future;
use std::net::SocketAddr;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use diesel::QueryResult;
use diesel::query_builder::{AsQuery, QueryFragment, QueryId};
use diesel_async::{AsyncConnectionCore, SimpleAsyncConnection};
use futures_util::Stream;
use opentelemetry::metrics::Histogram;
use pin_project_lite::pin_project;

use crate::repo::QueryCount;
pub(crate) use duration::histogram as duration_histogram;
use recorder::Recorder;
pub(crate) use recorder::{record_no_connection, scope};
use shape::{Dialect, Shape};

/// The database as spans describe it.
#[derive(Debug)]
pub(crate) struct Target {
    /// `db.system.name`.
    pub(crate) system: &'static str,
    /// `db.namespace`: the database, or SQLite's file.
    pub(crate) namespace: Arc<str>,
    /// `server.address` and `server.port`, where there is a server.
    pub(crate) server: Option<(Arc<str>, u16)>,
    /// The tables that may stand in the name of a query without a fixed type.
    pub(crate) tables: &'static [&'static str],
    /// How long its queries take.
    pub(crate) duration: Histogram<f64>,
}

/// What is known of a query before it is sent.
#[derive(Debug)]
pub(crate) struct Probe {
    pub(crate) target: Arc<Target>,
    pub(crate) count: Option<Arc<QueryCount>>,
    /// Who asked the [`Repo`](crate::Repo).
    pub(crate) caller: &'static Location<'static>,
    /// How long the connection was waited for; taken by the first query.
    pub(crate) queue_time: Option<Duration>,
    /// How long was waited in place of a network; taken by the first query.
    pub(crate) simulated: Option<Duration>,
    /// The other end of the connection, where it is a network's.
    pub(crate) peer: Option<SocketAddr>,
}

/// A connection whose queries are counted and written as spans.
///
/// It derefs to nothing, so that no query can go around it.
#[derive(Debug)]
pub struct Traced<C> {
    inner: C,
    probe: Probe,
}

impl<C> Traced<C> {
    pub(crate) fn new(inner: C, probe: Probe) -> Self {
        Self { inner, probe }
    }

    #[cfg(feature = "postgres")]
    pub(crate) fn inner(&self) -> &C {
        &self.inner
    }

    pub(crate) fn into_inner(self) -> C {
        self.inner
    }

    pub(crate) fn set_caller(&mut self, caller: &'static Location<'static>) {
        self.probe.caller = caller;
    }
}

impl<C: SimpleAsyncConnection + Send> Traced<C> {
    /// Runs one of the statements that begin or end a transaction: `sql`, which may have settings beside it.
    pub(crate) async fn control(&mut self, statement: Control, sql: &str) -> QueryResult<()> {
        let shape = || Arc::new(Shape::control(statement));
        let mut recorder = Recorder::start(&mut self.probe, shape);
        let result = self.inner.batch_execute(sql).await;
        recorder.finish(result.as_ref().err());
        result
    }
}

/// A statement that begins or ends a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Control {
    #[cfg(feature = "postgres")]
    Begin,
    /// SQLite's `BEGIN` that takes the write lock at once, instead of failing half-way.
    #[cfg(feature = "sqlite")]
    BeginImmediate,
    Commit,
    Rollback,
}

impl Control {
    pub(crate) fn sql(self) -> &'static str {
        match self {
            #[cfg(feature = "postgres")]
            Self::Begin => "BEGIN",
            #[cfg(feature = "sqlite")]
            Self::BeginImmediate => "BEGIN IMMEDIATE",
            Self::Commit => "COMMIT",
            Self::Rollback => "ROLLBACK",
        }
    }
}

impl<C: SimpleAsyncConnection + Send> SimpleAsyncConnection for Traced<C> {
    /// Not traced: only set-up runs whole scripts.
    async fn batch_execute(&mut self, query: &str) -> QueryResult<()> {
        self.inner.batch_execute(query).await
    }
}

impl<C> AsyncConnectionCore for Traced<C>
where
    C: AsyncConnectionCore,
    C::Backend: Dialect,
{
    type ExecuteFuture<'conn, 'query> = TracedExecute<C::ExecuteFuture<'conn, 'query>>;
    type LoadFuture<'conn, 'query> = TracedLoad<C::LoadFuture<'conn, 'query>>;
    type Stream<'conn, 'query> = TracedRows<C::Stream<'conn, 'query>>;
    type Row<'conn, 'query> = C::Row<'conn, 'query>;
    type Backend = C::Backend;

    fn load<'conn, 'query, T>(&'conn mut self, source: T) -> Self::LoadFuture<'conn, 'query>
    where
        T: AsQuery + 'query,
        T::Query: QueryFragment<Self::Backend> + QueryId + 'query,
    {
        let query = source.as_query();
        let tables = self.probe.target.tables;
        let shape = || shape::of::<C::Backend, _>(&query, tables);
        let recorder = Recorder::start(&mut self.probe, shape);
        TracedLoad { inner: self.inner.load(query), recorder: Some(recorder) }
    }

    fn execute_returning_count<'conn, 'query, T>(
        &'conn mut self,
        source: T,
    ) -> Self::ExecuteFuture<'conn, 'query>
    where
        T: QueryFragment<Self::Backend> + QueryId + 'query,
    {
        let tables = self.probe.target.tables;
        let shape = || shape::of::<C::Backend, _>(&source, tables);
        let recorder = Recorder::start(&mut self.probe, shape);
        TracedExecute { inner: self.inner.execute_returning_count(source), recorder }
    }
}

pin_project! {
    /// A statement under way; its span ends with it.
    #[derive(Debug)]
    pub struct TracedExecute<F> {
        #[pin]
        inner: F,
        recorder: Recorder,
    }
}

impl<F: Future<Output = QueryResult<usize>>> Future for TracedExecute<F> {
    type Output = QueryResult<usize>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let result = ready!(this.inner.poll(context));
        this.recorder.finish(result.as_ref().err());
        Poll::Ready(result)
    }
}

pin_project! {
    /// A query under way; its span lives on in the rows.
    #[derive(Debug)]
    pub struct TracedLoad<F> {
        #[pin]
        inner: F,
        recorder: Option<Recorder>,
    }
}

impl<F, S> Future for TracedLoad<F>
where
    F: Future<Output = QueryResult<S>>,
{
    type Output = QueryResult<TracedRows<S>>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let result = ready!(this.inner.poll(context));
        let mut recorder = this.recorder.take().expect("a future is not polled after it is ready");
        Poll::Ready(match result {
            Ok(rows) => {
                recorder.answered();
                Ok(TracedRows { inner: rows, recorder })
            }
            Err(error) => {
                recorder.finish(Some(&error));
                Err(error)
            }
        })
    }
}

pin_project! {
    /// The rows of a query; its span ends with the last of them.
    #[derive(Debug)]
    pub struct TracedRows<S> {
        #[pin]
        inner: S,
        recorder: Recorder,
    }
}

impl<S, R> Stream for TracedRows<S>
where
    S: Stream<Item = QueryResult<R>>,
{
    type Item = QueryResult<R>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.project();
        let polled = this.inner.poll_next(context);
        match &polled {
            Poll::Pending => this.recorder.waiting(),
            Poll::Ready(Some(Ok(_))) => this.recorder.row(),
            Poll::Ready(Some(Err(error))) => this.recorder.finish(Some(error)),
            Poll::Ready(None) => this.recorder.finish(None),
        }
        polled
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner.size_hint()
    }
}
