//! What the log has been told of late: strangers can repeat some things without end, and each line
//! would cost a disk.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How long the log says nothing more of the same thing.
pub(crate) const TOLD_FOR: Duration = Duration::from_secs(60);

/// One thing that is told once a minute at most.
#[derive(Debug, Default)]
pub(crate) struct Told(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    last: Option<Instant>,
    /// How often it has happened since, untold.
    n_untold: u64,
}

impl Told {
    /// It has happened again. If it is to be told now: how often, since it was told last.
    pub(crate) fn again(&self) -> Option<u64> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.n_untold += 1;
        if state.last.is_some_and(|last| last.elapsed() < TOLD_FOR) {
            return None;
        }
        state.last = Some(Instant::now());
        Some(std::mem::take(&mut state.n_untold))
    }
}

/// What strangers can do to one runtime as often as they like.
#[derive(Debug, Default)]
pub(crate) struct Tellings {
    /// Open a socket from another site.
    pub(crate) origins: Told,
    /// Open one when there is no room.
    pub(crate) sockets: Told,
    /// Poll when there is no room.
    pub(crate) polls: Told,
    /// Poll a session of another server.
    pub(crate) polls_elsewhere: Told,
    /// Send large headers.
    pub(crate) headers: Told,
    /// Ask for a long URL.
    pub(crate) urls: Told,
    /// Send more than views handle.
    pub(crate) waiting: Told,
    /// Join with too long a message.
    pub(crate) joins: Told,
    /// Send a message in too many pieces.
    pub(crate) pieces: Told,
    /// Join a view that the layout does not place.
    pub(crate) unplaced: Told,
    /// Leave files to be taken, which nobody takes.
    pub(crate) untaken: Told,
    /// End sessions, more than are remembered.
    pub(crate) ended_sessions: Told,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_happens_often_is_told_once_a_minute_with_its_number() {
        let told = Told::default();
        assert_eq!(told.again(), Some(1));
        for _ in 0..9 {
            assert_eq!(told.again(), None);
        }
        tokio::time::advance(TOLD_FOR).await;
        assert_eq!(told.again(), Some(10));
        assert_eq!(told.again(), None);
    }
}
