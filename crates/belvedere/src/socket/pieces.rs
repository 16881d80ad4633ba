//! The pieces of work that a view and its components have started by name: which there are, and how one
//! is run. Where their outcomes go is said by whoever starts them, who knows the types.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Weak};

use futures_util::FutureExt;
use tokio::task::AbortHandle;
use tokio::time::Instant;
use tracing::{Instrument, Span};

use crate::component::id::Name;
use crate::error::Result;
use crate::load::{AnySlot, Async, AsyncError, Load, Slot};
use crate::runtime::mailbox::{Arrival, Inbox};
use crate::socket::tasks::Tasks;
use crate::telemetry::{self, EventOutcome, PageTrace, ViewIdentity};

/// The pieces of a view and of its components, the last of each name.
#[derive(Default)]
pub(crate) struct Pieces {
    known: Vec<Piece>,
    /// The last number given out; none is used twice.
    last: u64,
}

struct Piece {
    /// The component whose piece it is; none for the view's own.
    owner: Option<Name>,
    name: &'static str,
    number: u64,
    /// Gone with the state that shows it.
    slot: Weak<dyn AnySlot>,
    task: AbortHandle,
    /// Until when the first response waits for it.
    awaited: Option<Instant>,
    has_arrived: bool,
    is_cancelled: bool,
}

/// A piece about to begin.
pub(crate) struct Beginning<'a> {
    pub(crate) load: Load,
    /// The component whose piece it is, and what that is called.
    pub(crate) component: Option<(Name, &'static str)>,
    pub(crate) identity: ViewIdentity<'a>,
    pub(crate) inbox: Arc<dyn Inbox>,
}

impl Pieces {
    /// Starts `work` in the place of an earlier piece of this name. `settle` makes of its outcome what the
    /// view's task does with it.
    pub(crate) fn start<T: Send + 'static, U: Send + Sync + 'static>(
        &mut self,
        tasks: &mut Tasks,
        beginning: Beginning<'_>,
        work: impl Future<Output = Result<T>> + Send + 'static,
        settle: impl FnOnce(Result<T, AsyncError>, Weak<Slot<U>>) -> Box<dyn Any + Send>
        + Send
        + 'static,
    ) -> Async<U> {
        let Beginning { load, component, identity, inbox } = beginning;
        let (owner, component) = component.unzip();
        let before =
            self.take(tasks, owner, load.name).map(|slot| slot as Arc<dyn Any + Send + Sync>);
        let before = before.and_then(|slot| slot.downcast::<Slot<U>>().ok());
        let slot = Arc::new(Slot::after(before.as_deref()));
        if let Err(error) = tasks.has_room() {
            let (view, work) = (identity.view, load.name);
            tracing::error!(view, component, work, %error, "async work was not started");
            slot.settle(Err(error.into()));
            return Async::new(slot, None);
        }
        self.last += 1;
        let number = self.last;
        let weak = Arc::downgrade(&slot);
        let running = Running { load, component, view: identity.view };
        let span = telemetry::async_span(identity.view, component, load.name);
        let (trace, admission) = (PageTrace::of(&span), inbox.admission(load.name));
        let task = tasks.start(async move {
            // Kept to the end: everything is quiet only when the outcome waits for its view.
            let _ticket = admission.begin().await;
            let begun = Instant::now();
            let outcome = running.run(work).instrument(span).await;
            let arrival = Arrival {
                number,
                owner,
                component,
                name: load.name,
                outcome: EventOutcome::of(&outcome.as_ref().map(|_| true)),
                took: begun.elapsed(),
                settle: settle(outcome, weak),
            };
            inbox.post_arrival(Box::new(arrival), trace);
        });
        let awaited = load.within.map(|within| Instant::now() + within);
        let shown: Arc<dyn AnySlot> = Arc::clone(&slot) as _;
        self.known.push(Piece {
            owner,
            name: load.name,
            number,
            slot: Arc::downgrade(&shown),
            task: task.clone(),
            awaited,
            has_arrived: false,
            is_cancelled: false,
        });
        Async::new(slot, Some(task))
    }

    /// Ends the piece of this name, if one goes on. What is known of an earlier one stays known.
    pub(crate) fn cancel(&mut self, tasks: &mut Tasks, owner: Option<Name>, name: &'static str) {
        if let Some(at) = self.position(owner, name) {
            self.known[at].end(tasks);
        }
    }

    /// Ends the piece of this name, and forgets it with those that nobody shows. Where its outcome stands,
    /// if it is shown.
    fn take(
        &mut self,
        tasks: &mut Tasks,
        owner: Option<Name>,
        name: &'static str,
    ) -> Option<Arc<dyn AnySlot>> {
        self.known.retain(Piece::is_shown);
        let mut piece = self.known.swap_remove(self.position(owner, name)?);
        piece.end(tasks);
        piece.slot.upgrade()
    }

    fn position(&self, owner: Option<Name>, name: &'static str) -> Option<usize> {
        self.known.iter().position(|piece| (piece.owner, piece.name) == (owner, name))
    }

    /// Notes that the outcome of a piece has come; false when nobody waits for it any more.
    pub(crate) fn arrives(&mut self, number: u64) -> bool {
        let is_it = |piece: &&mut Piece| piece.number == number && !piece.is_cancelled;
        self.known.iter_mut().find(is_it).is_some_and(|piece| {
            piece.has_arrived = true;
            piece.is_shown()
        })
    }

    /// Until when the first response waits for a piece that has not come yet.
    pub(crate) fn awaited_until(&self) -> Option<Instant> {
        let due = |piece: &Piece| piece.awaited.filter(|_| piece.is_under_way());
        let now = Instant::now();
        self.known.iter().filter_map(due).max().filter(|until| *until > now)
    }
}

impl Piece {
    /// Its outcome never comes, unless it is there.
    fn end(&mut self, tasks: &mut Tasks) {
        if !self.is_under_way() {
            return;
        }
        self.is_cancelled = true;
        tasks.end(&self.task);
        if let Some(slot) = self.slot.upgrade() {
            slot.cancel();
        }
    }

    fn is_under_way(&self) -> bool {
        !self.has_arrived && !self.is_cancelled && self.is_shown()
    }

    fn is_shown(&self) -> bool {
        self.slot.strong_count() > 0
    }
}

impl fmt::Debug for Pieces {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Pieces").field(&self.known.len()).finish()
    }
}

/// What the log says of a piece under way.
struct Running {
    load: Load,
    component: Option<&'static str>,
    view: &'static str,
}

impl Running {
    /// Runs `work` to its end, or to its bound of time. A failure is logged once, and marks the span.
    async fn run<T>(self, work: impl Future<Output = Result<T>>) -> Result<T, AsyncError> {
        let work = AssertUnwindSafe(work).catch_unwind();
        let ended = match self.load.timeout {
            None => Ok(work.await),
            Some(time) => tokio::time::timeout(time, work).await.map_err(|_| time),
        };
        let outcome = match ended {
            Ok(Ok(outcome)) => outcome.map_err(AsyncError::of),
            Ok(Err(panic)) => Err(AsyncError::of_panic(&*panic)),
            Err(time) => Err(AsyncError::TimedOut(time)),
        };
        if let Err(error) = &outcome {
            let Self { load: Load { name, .. }, component, view } = self;
            tracing::error!(view, component, work = name, %error, "async work failed");
            telemetry::fail(&Span::current(), error.kind(), &error.to_string());
        }
        outcome
    }
}
