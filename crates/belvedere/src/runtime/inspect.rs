//! What a view looks like from outside: the figures that its task leaves behind, for an inspector.
//!
//! A view's task writes them in passing, into atomics and one short list; whoever looks reads them
//! without waking the task. An idle view costs nothing beyond their few words.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use crate::telemetry::PageTrace;

/// Events remembered of each view: enough to see what somebody did last.
const MAX_EVENTS: usize = 5;

/// What a running view is called, for those who look.
#[derive(Clone)]
pub(crate) struct Portrait {
    pub(crate) name: &'static str,
    pub(crate) route: Arc<str>,
    /// The mount of its page.
    pub(crate) page: PageTrace,
}

/// One running view, at one moment.
#[derive(Clone, Debug)]
pub struct ViewSnapshot {
    /// The view's name: `Counter`.
    pub name: &'static str,
    /// Template of the route that leads to it: `/users/{id}`.
    pub route: Arc<str>,
    /// The topic it answers on.
    pub topic: Box<str>,
    /// Whether a browser is joined; else the view waits for one to come back.
    pub is_connected: bool,
    /// What the runtime keeps for it, beside its own state.
    pub memory: ViewMemory,
    /// Frames and messages waiting for it.
    pub mailbox_depth: usize,
    /// Its live components.
    pub n_components: usize,
    /// Its last events, newest first, at most five.
    pub events: Vec<RecentEvent>,
}

/// What the runtime remembers for a view, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ViewMemory {
    /// Of the last render and those of its components, to tell what changed since.
    pub diff_bytes: usize,
    /// A frame that the socket has not taken yet.
    pub buffer_bytes: usize,
    /// The mailbox: room for what waits.
    pub mailbox_bytes: usize,
}

impl ViewMemory {
    /// All that it takes.
    #[must_use]
    pub fn total_bytes(&self) -> usize {
        self.diff_bytes + self.buffer_bytes + self.mailbox_bytes
    }
}

/// An event that a view or one of its components has handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecentEvent {
    /// Type name of the component, where the event was one's.
    pub component: Option<&'static str>,
    /// Its declared name.
    pub name: &'static str,
    /// When it was handled.
    pub at: SystemTime,
    /// How long the callback and its render took.
    pub took: Duration,
}

/// An event that is being handled.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Handling {
    /// Type name of the component that handles it.
    pub(crate) component: Option<&'static str>,
    /// Its declared name.
    pub(crate) name: &'static str,
    started: Instant,
}

impl Handling {
    pub(crate) fn begin(component: Option<&'static str>, name: &'static str) -> Self {
        Self { component, name, started: Instant::now() }
    }

    /// How long after `earlier` it began.
    pub(crate) fn since(&self, earlier: Instant) -> Duration {
        self.started.saturating_duration_since(earlier)
    }
}

/// An event that was handled.
#[derive(Clone, Copy, Debug)]
struct Handled {
    handling: Handling,
    took: Duration,
}

impl Handled {
    /// As it looks at this time.
    fn at(&self, now: SystemTime) -> RecentEvent {
        let Self { handling: Handling { component, name, started }, took } = *self;
        RecentEvent { component, name, at: now - started.elapsed(), took }
    }
}

/// What a view's task leaves behind. Part of its mailbox, which the registry knows.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    diff_bytes: AtomicUsize,
    component_bytes: AtomicUsize,
    n_components: AtomicUsize,
    frame_bytes: AtomicUsize,
    events: Mutex<VecDeque<Handled>>,
}

/// What a mailbox says about itself and its view.
#[derive(Debug)]
pub(crate) struct Inspection {
    pub(crate) memory: ViewMemory,
    pub(crate) mailbox_depth: usize,
    pub(crate) n_components: usize,
    pub(crate) events: Vec<RecentEvent>,
}

impl Figures {
    /// A frame was sent; `diff_bytes` are remembered of its render.
    pub(crate) fn sent(&self, diff_bytes: usize, frame_bytes: usize) {
        self.diff_bytes.store(diff_bytes, Ordering::Relaxed);
        self.frame_bytes.store(frame_bytes, Ordering::Relaxed);
    }

    /// So many components are there; `diff_bytes` are remembered of their renders.
    pub(crate) fn components(&self, n_components: usize, diff_bytes: usize) {
        self.n_components.store(n_components, Ordering::Relaxed);
        self.component_bytes.store(diff_bytes, Ordering::Relaxed);
    }

    /// The browser is gone, and what was remembered for it.
    pub(crate) fn detached(&self) {
        self.sent(0, 0);
        self.component_bytes.store(0, Ordering::Relaxed);
    }

    /// An event was handled; how long that took.
    pub(crate) fn handled(&self, handling: Handling) -> Duration {
        let took = handling.started.elapsed();
        let mut events = self.events();
        events.truncate(MAX_EVENTS - 1);
        events.reserve_exact(1);
        events.push_front(Handled { handling, took });
        took
    }

    pub(crate) fn inspection(
        &self,
        mailbox_depth: usize,
        mailbox_bytes: usize,
        frame_waits: bool,
    ) -> Inspection {
        let frame_bytes = self.frame_bytes.load(Ordering::Relaxed);
        let component_bytes = self.component_bytes.load(Ordering::Relaxed);
        let memory = ViewMemory {
            diff_bytes: self.diff_bytes.load(Ordering::Relaxed) + component_bytes,
            buffer_bytes: if frame_waits { frame_bytes } else { 0 },
            mailbox_bytes,
        };
        let n_components = self.n_components.load(Ordering::Relaxed);
        let now = SystemTime::now();
        let events = self.events().iter().map(|handled| handled.at(now)).collect();
        Inspection { memory, mailbox_depth, n_components, events }
    }

    fn events(&self) -> MutexGuard<'_, VecDeque<Handled>> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_events_are_remembered() {
        let figures = Figures::default();
        let names = ["a", "b", "c", "d", "e", "f", "g"];
        for name in names {
            figures.handled(Handling::begin(None, name));
        }
        let events = figures.inspection(0, 0, false).events;
        assert_eq!(events.iter().map(|event| event.name).collect::<String>(), "gfedc");
    }

    #[test]
    fn a_frame_counts_while_the_socket_has_not_taken_it() {
        let figures = Figures::default();
        figures.sent(64, 900);
        figures.components(3, 32);
        assert_eq!(figures.inspection(2, 100, true).memory.total_bytes(), 1096);
        assert_eq!(figures.inspection(0, 100, false).memory.total_bytes(), 196);
        figures.detached();
        assert_eq!(figures.inspection(0, 100, true).memory.total_bytes(), 100);
    }
}
