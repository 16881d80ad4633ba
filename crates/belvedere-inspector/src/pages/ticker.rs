//! Telling a view to look again: often enough to seem live, and never more often than people see.

use std::time::Duration;

use belvedere::MessageSender;
use belvedere_telemetry::store::TraceStore;
use tokio::task::AbortHandle;
use tokio::time::{MissedTickBehavior, interval, sleep};

/// Shortest time between two looks at the traces; they may arrive by the thousand.
const TRACES_PERIOD: Duration = Duration::from_millis(250);

/// Time between two looks at the live views.
const VIEWS_PERIOD: Duration = Duration::from_secs(1);

/// Look again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tick;

/// A task that sends [`Tick`]s. It ends with this value, and with the view.
#[derive(Debug)]
pub(super) struct Ticker(AbortHandle);

impl Ticker {
    /// A tick after the list of traces has changed since `seen`, at most one in a quarter of a
    /// second.
    pub(super) fn of_traces(store: &TraceStore, seen: u64, sender: MessageSender<Tick>) -> Self {
        let mut version = store.subscribe();
        let task = tokio::spawn(async move {
            // What came between the page and this moment counts as well.
            let missed = *version.borrow_and_update() != seen;
            if missed && sender.send(Tick).is_err() {
                return;
            }
            while version.changed().await.is_ok() {
                if sender.send(Tick).is_err() {
                    return;
                }
                sleep(TRACES_PERIOD).await;
            }
        });
        Self(task.abort_handle())
    }

    /// A tick every second.
    pub(super) fn of_views(sender: MessageSender<Tick>) -> Self {
        let task = tokio::spawn(async move {
            let mut timer = interval(VIEWS_PERIOD);
            timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
            while sender.send(Tick).is_ok() {
                timer.tick().await;
            }
        });
        Self(task.abort_handle())
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.0.abort();
    }
}
