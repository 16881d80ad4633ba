//! Time that stands still, for tests of many runs: each has a runtime of its own.

use tokio::runtime::Builder;

/// What a run comes to, in which all waiting is over at once.
pub(crate) fn in_paused_time<F: Future>(run: F) -> F::Output {
    let runtime = Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(run)
}
