//! [`Told`]: what the log is told of once a minute.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How long the log says nothing more of the same thing.
pub(crate) const TOLD_FOR: Duration = Duration::from_secs(60);

/// One thing that the log is told of once a minute at most, such as what strangers can repeat without end.
///
/// ```
/// use belvedere::telemetry::Told;
///
/// static REFUSED: Told = Told::new();
///
/// if let Some(times) = REFUSED.again() {
///     tracing::warn!(times, "visitors are refused");
/// }
/// assert_eq!(REFUSED.again(), None);
/// ```
#[derive(Debug, Default)]
pub struct Told(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    last: Option<Instant>,
    /// How often it has happened since, untold.
    n_untold: u64,
}

impl Told {
    /// Of which nothing was told yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(Mutex::new(State { last: None, n_untold: 0 }))
    }

    /// It has happened again. If it is to be told now: how often, since it was told last.
    pub fn again(&self) -> Option<u64> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.n_untold += 1;
        if state.last.is_some_and(|last| last.elapsed() < TOLD_FOR) {
            return None;
        }
        state.last = Some(Instant::now());
        Some(std::mem::take(&mut state.n_untold))
    }
}

/// The same of each of several things by itself, such as a view and a kind of error: there are as many as the
/// program has names for.
#[derive(Debug)]
pub(crate) struct ToldOf<K = (&'static str, &'static str)>(Mutex<HashMap<K, Told>>);

impl<K: Eq + Hash> ToldOf<K> {
    /// This has happened again, see [`Told::again`].
    pub(crate) fn again(&self, what: K) -> Option<u64> {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.entry(what).or_default().again()
    }
}

impl<K> Default for ToldOf<K> {
    /// Nothing was told yet.
    fn default() -> Self {
        Self(Mutex::default())
    }
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
