//! A database that has no place or no turn for one more request just now: its visitor is asked to come again,
//! and the log is told now and then.

use belvedere::telemetry::Told;
use belvedere_diesel::{ConnectError, QueryError};
use http::StatusCode;

/// Visitors can make it so busy as often as they like.
static TOLD: Told = Told::new();

/// Whether the same request may succeed in a moment: others write, or have all connections.
fn is_busy(error: &QueryError) -> bool {
    matches!(
        error,
        QueryError::Locked
            | QueryError::Serialization
            | QueryError::Connect(ConnectError::PoolExhausted { .. })
    )
}

/// The status of a plain request whose query has failed for no reason of its own. `what` says what did not
/// happen.
pub(crate) fn status(error: &QueryError, what: &'static str) -> StatusCode {
    if !is_busy(error) {
        tracing::error!(%error, "{what}");
        return StatusCode::INTERNAL_SERVER_ERROR;
    }
    if let Some(times) = TOLD.again() {
        tracing::warn!(%error, times, "the database is busy, so visitors are asked to come again");
    }
    StatusCode::SERVICE_UNAVAILABLE
}
