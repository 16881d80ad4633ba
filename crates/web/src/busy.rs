//! A database that has no place or no turn for one more plain request just now: its visitor is asked to come
//! again, and the log is told now and then. What live views ask is looked at by the runtime
//! ([`LiveConfig::is_busy`](belvedere::LiveConfig::is_busy)).

use belvedere::telemetry::Told;
use belvedere_diesel::QueryError;
use http::StatusCode;

/// Visitors can make it so busy as often as they like.
static TOLD: Told = Told::new();

/// They send as many forms while its disk is full.
static FULL: Told = Told::new();

/// And while it is away.
static FAILED: Told = Told::new();

/// The status of a plain request whose query has failed for no reason of its own. `what` says what did not
/// happen.
pub(crate) fn status(error: &QueryError, what: &'static str) -> StatusCode {
    match error {
        error if error.is_busy() => {
            if let Some(times) = TOLD.again() {
                tracing::warn!(
                    %error,
                    times,
                    "the database is busy, so visitors are asked to come again"
                );
            }
            StatusCode::SERVICE_UNAVAILABLE
        }
        QueryError::DiskFull => {
            if let Some(times) = FULL.again() {
                tracing::error!(%error, times, "{what}");
            }
            StatusCode::INSUFFICIENT_STORAGE
        }
        error => {
            if let Some(times) = FAILED.again() {
                tracing::error!(%error, times, "{what}");
            }
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}
