//! Queries and the pool as metrics, by OpenTelemetry's conventions for database clients.
//!
//! Without a meter provider the instruments do nothing; the provider must be set before the
//! database is opened.

use std::fmt;
use std::sync::Weak;
use std::time::Duration;

use deadpool::Status;
use opentelemetry::metrics::{AsyncInstrument, Counter, Histogram};
use opentelemetry::{KeyValue, global};

use super::pool::{Connections, Pool, Shared};
use crate::connection::ConnectError;
use crate::trace::{self, Target};

/// How long queries took, in seconds; by database, table, operation, summary, server and
/// `error.type`.
pub const OPERATION_DURATION: &str = "db.client.operation.duration";
/// Connections, `{connection}`; by pool and [`STATE`].
pub const CONNECTION_COUNT: &str = "db.client.connection.count";
/// Most connections that the pool may have, `{connection}`; by pool.
pub const CONNECTION_MAX: &str = "db.client.connection.max";
/// Callers that wait for a connection now, or to write to SQLite for their turn before it, `{request}`; by pool.
pub const CONNECTION_PENDING_REQUESTS: &str = "db.client.connection.pending_requests";
/// How long callers waited for a connection that they got, with the wait for their turn, in seconds; by pool.
pub const CONNECTION_WAIT_TIME: &str = "db.client.connection.wait_time";
/// Callers that got no connection in time, or no turn, `{timeout}`; by pool.
pub const CONNECTION_TIMEOUTS: &str = "db.client.connection.timeouts";
/// The pool's name: that of its database.
pub const POOL_NAME: &str = "db.client.connection.pool.name";
/// `idle` or `used`.
pub const STATE: &str = "db.client.connection.state";

/// Bounds of the buckets of waits, in seconds.
const WAIT_SECONDS: [f64; 10] = [0.0001, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0];

/// What is recorded of each check-out.
pub(super) struct PoolMetrics {
    wait_time: Histogram<f64>,
    timeouts: Counter<u64>,
    pool: [KeyValue; 1],
}

impl PoolMetrics {
    /// Instruments of `pool`, which is looked at for as long as it is used.
    pub(super) fn new(pool: &Pool, target: &Target) -> Self {
        let meter = global::meter_with_scope(trace::scope());
        let name = KeyValue::new(POOL_NAME, target.namespace.to_string());
        let state = |state: &'static str| vec![name.clone(), KeyValue::new(STATE, state)];
        let (idle, used) = (state("idle"), state("used"));
        let observed = pool.downgrade();
        meter
            .i64_observable_up_down_counter(CONNECTION_COUNT)
            .with_description("Connections that are idle or used now.")
            .with_unit("{connection}")
            .with_callback(move |observer| {
                observe(&observed, observer, |status| {
                    // A connection is neither while it is handed over; never show fewer than none.
                    let n_idle = status.available.min(status.size);
                    vec![(n_idle, &idle[..]), (status.size - n_idle, &used[..])]
                });
            })
            .build();
        let plain = vec![name.clone()];
        let simple = |metric, unit, description, figure: fn(Status) -> usize| {
            let (observed, plain) = (pool.downgrade(), plain.clone());
            meter
                .i64_observable_up_down_counter(metric)
                .with_description(description)
                .with_unit(unit)
                .with_callback(move |observer| {
                    observe(&observed, observer, |status| vec![(figure(status), &plain[..])]);
                })
                .build();
        };
        let most = "Most connections that the pool may have.";
        simple(CONNECTION_MAX, "{connection}", most, |status| status.max_size);
        let pending = "Callers that wait for a connection now, or for their turn to write.";
        simple(CONNECTION_PENDING_REQUESTS, "{request}", pending, |status| status.waiting);
        let wait_time = meter
            .f64_histogram(CONNECTION_WAIT_TIME)
            .with_description(
                "How long callers waited for a connection that they got, and for their turn.",
            )
            .with_unit("s");
        let timeouts = meter
            .u64_counter(CONNECTION_TIMEOUTS)
            .with_description("Callers that got no connection in time, or no turn to write.")
            .with_unit("{timeout}");
        Self {
            wait_time: wait_time.with_boundaries(WAIT_SECONDS.into()).build(),
            timeouts: timeouts.build(),
            pool: [name],
        }
    }

    /// A connection was had.
    pub(super) fn waited(&self, time: Duration) {
        self.wait_time.record(time.as_secs_f64(), &self.pool);
    }

    /// No connection was had.
    pub(super) fn refused(&self, error: &ConnectError) {
        if error.is_exhausted() || matches!(error, ConnectError::TimedOut { .. }) {
            self.timeouts.add(1, &self.pool);
        }
    }
}

impl Shared {
    /// How many connections there are, how many of them are free, and how many callers wait for one, or for their
    /// turn to write.
    pub(super) fn status(&self) -> Status {
        match self.connections {
            #[cfg(feature = "sqlite")]
            Connections::Sqlite(ref pool) => {
                let status = pool.status();
                Status { waiting: status.waiting + pool.manager().n_waiting(), ..status }
            }
            #[cfg(feature = "postgres")]
            Connections::Postgres(ref pool) => pool.status(),
        }
    }
}

fn observe<'a>(
    pool: &Weak<Shared>,
    observer: &dyn AsyncInstrument<i64>,
    figures: impl FnOnce(Status) -> Vec<(usize, &'a [KeyValue])>,
) {
    let Some(pool) = pool.upgrade() else { return };
    for (figure, series) in figures(pool.status()) {
        observer.observe(i64::try_from(figure).unwrap_or(i64::MAX), series);
    }
}

impl fmt::Debug for PoolMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PoolMetrics").field("pool", &self.pool).finish_non_exhaustive()
    }
}
