//! A database that has no place or no turn for one more request just now: its visitor is asked to come again,
//! and the log is told now and then.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use belvedere_diesel::{ConnectError, QueryError};
use http::StatusCode;
use tokio::time::Instant;

/// How long the log is told nothing more: visitors can make it so busy as often as they like.
const TOLD_FOR: Duration = Duration::from_secs(60);

/// What the log was told of all requests that were refused.
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

/// Something that is told once a minute at most.
#[derive(Debug)]
struct Told(Mutex<State>);

#[derive(Debug)]
struct State {
    last: Option<Instant>,
    /// How often it has happened since, untold.
    n_untold: u64,
}

impl Told {
    const fn new() -> Self {
        Self(Mutex::new(State { last: None, n_untold: 0 }))
    }

    /// It has happened again. If it is to be told now: how often since it was told last.
    fn again(&self) -> Option<u64> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.n_untold += 1;
        if state.last.is_some_and(|last| last.elapsed() < TOLD_FOR) {
            return None;
        }
        state.last = Some(Instant::now());
        Some(std::mem::take(&mut state.n_untold))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_happens_often_is_told_once_a_minute_with_its_number() {
        let told = Told::new();
        assert_eq!(told.again(), Some(1));
        assert_eq!((told.again(), told.again()), (None, None));
        tokio::time::advance(TOLD_FOR).await;
        assert_eq!((told.again(), told.again()), (Some(3), None));
    }
}
