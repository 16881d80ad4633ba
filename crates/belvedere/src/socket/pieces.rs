//! The pieces of work that a view and its components have started by name: which there are, and how one
//! is run. Where their outcomes go is said by whoever starts them, who knows the types.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Weak};
use std::time::Duration;

use futures_util::FutureExt;
use tokio::task::AbortHandle;
use tokio::time::Instant;
use tracing::{Instrument, Span};

use crate::component::id::Name;
use crate::config::LONGEST;
use crate::error::{CallbackError, Result};
use crate::load::{AnySlot, Async, AsyncError, Load, Slot};
use crate::returned::ReturnedErrors;
use crate::runtime::mailbox::{Arrival, Inbox};
use crate::socket::tasks::Tasks;
use crate::telemetry::{self, EventOutcome, PageTrace, ViewIdentity};

/// The pieces of a view and of its components, the last of each name.
#[derive(Default)]
pub(crate) struct Pieces {
    known: Vec<Piece>,
    /// The last number given out; none is used twice.
    last: u64,
    /// How long the first response has waited: so much less it waits for what begins later.
    waited: Duration,
    /// The view was shown: nothing waits any more.
    is_shown: bool,
    /// What errors say of the server, and the log of errors.
    pub(crate) returned: Arc<ReturnedErrors>,
}

struct Piece {
    /// The component whose piece it is; none for the view's own.
    owner: Option<Name>,
    name: &'static str,
    number: u64,
    /// Gone with the state that shows it.
    slot: Weak<dyn AnySlot>,
    /// None when it could not be started.
    task: Option<AbortHandle>,
    /// Until when the first response waits for it.
    awaited: Option<Instant>,
    stage: Stage,
}

/// How far a piece has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    UnderWay,
    Arrived,
    Cancelled,
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
    /// None yet, of a view of an application whose errors `returned` knows.
    pub(crate) fn new(returned: Arc<ReturnedErrors>) -> Self {
        Self { returned, ..Self::default() }
    }

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
        let before = self.take(owner, load.name).map(|slot| slot as Arc<dyn Any + Send + Sync>);
        inbox.drop_arrivals(&|number| self.is_expected(number));
        let before = before.and_then(|slot| slot.downcast::<Slot<U>>().ok());
        let slot = Arc::new(Slot::after(before.as_deref()));
        self.last += 1;
        let number = self.last;
        let weak = Arc::downgrade(&slot);
        let arrival = move |outcome: Result<T, AsyncError>, took| {
            Box::new(Arrival {
                number,
                owner,
                component,
                name: load.name,
                outcome: EventOutcome::of(&outcome.as_ref().map(|_| true)),
                took,
                settle: settle(outcome, weak),
            })
        };
        let returned = Arc::clone(&self.returned);
        let running = Running { load, component, view: identity.view, returned };
        let task = match tasks.has_room() {
            Ok(()) => {
                let span = telemetry::async_span(identity.view, component, load.name);
                let (trace, admission) = (PageTrace::of(&span), inbox.admission(load.name));
                Some(tasks.start(async move {
                    // Kept to the end: everything is quiet only when the outcome waits for its view.
                    let _ticket = admission.begin().await;
                    let begun = Instant::now();
                    let outcome = running.run(work).instrument(span).await;
                    inbox.post_arrival(arrival(outcome, begun.elapsed()), trace);
                }))
            }
            Err(error) => {
                let Running { view, load: Load { name, .. }, .. } = running;
                tracing::error!(view, component, work = name, %error, "async work was not started");
                let arrival = arrival(Err(error.into()), Duration::ZERO);
                inbox.post_arrival(arrival, PageTrace::current());
                None
            }
        };
        let awaited = load.within.filter(|_| !self.is_shown).and_then(|within| {
            Instant::now().checked_add(within.min(LONGEST).saturating_sub(self.waited))
        });
        let shown: Arc<dyn AnySlot> = Arc::clone(&slot) as _;
        self.known.push(Piece {
            owner,
            name: load.name,
            number,
            slot: Arc::downgrade(&shown),
            task: task.clone(),
            awaited,
            stage: Stage::UnderWay,
        });
        Async::new(slot, task)
    }

    /// Ends the piece of this name, if one goes on. What is known of an earlier one stays known.
    pub(crate) fn cancel(&mut self, owner: Option<Name>, name: &'static str) {
        if let Some(at) = self.position(owner, name) {
            self.known[at].end();
        }
    }

    /// Ends the piece of this name, and forgets it with those that nobody shows. Where its outcome stands,
    /// if it is shown.
    fn take(&mut self, owner: Option<Name>, name: &'static str) -> Option<Arc<dyn AnySlot>> {
        self.known.retain(Piece::is_shown);
        let mut piece = self.known.swap_remove(self.position(owner, name)?);
        piece.end();
        piece.slot.upgrade()
    }

    fn is_expected(&self, number: u64) -> bool {
        self.known.iter().any(|piece| piece.number == number && piece.is_under_way())
    }

    fn position(&self, owner: Option<Name>, name: &'static str) -> Option<usize> {
        self.known.iter().position(|piece| (piece.owner, piece.name) == (owner, name))
    }

    /// Notes that the outcome of a piece has come; false when nobody waits for it any more.
    pub(crate) fn arrives(&mut self, number: u64) -> bool {
        let is_it = |piece: &&mut Piece| piece.number == number && piece.stage != Stage::Cancelled;
        self.known.iter_mut().find(is_it).is_some_and(|piece| {
            piece.stage = Stage::Arrived;
            piece.is_shown()
        })
    }

    /// Makes sure that what has come is known, and so never shown as loading: false when it was not.
    pub(crate) fn is_settled(&self, number: u64) -> bool {
        let piece = self.known.iter().find(|piece| piece.number == number);
        let slot = piece.and_then(|piece| piece.slot.upgrade());
        slot.is_none_or(|slot| !slot.fail(AsyncError::NoComponent))
    }

    /// Whether some are to come yet.
    pub(crate) fn are_under_way(&self) -> bool {
        self.known.iter().any(Piece::is_under_way)
    }

    /// The number of the last piece that the first response waits for, so that what is started meanwhile
    /// holds nothing up. None once the view was shown.
    pub(crate) fn last_awaited(&self) -> Option<u64> {
        (!self.is_shown).then_some(self.last)
    }

    /// The first response has waited so long.
    pub(crate) fn waited(&mut self, time: Duration) {
        self.waited += time;
    }

    /// Until when the first response waits for a piece, with a number up to `last`, that has not come yet.
    pub(crate) fn awaited_until(&self, last: u64) -> Option<Instant> {
        let due =
            |piece: &Piece| piece.awaited.filter(|_| piece.number <= last && piece.is_under_way());
        let now = Instant::now();
        self.known.iter().filter_map(due).max().filter(|until| *until > now)
    }

    /// The view was shown for the first time, or nobody is to wait: what comes now comes later.
    pub(crate) fn shown(&mut self) {
        self.is_shown = true;
    }
}

impl Piece {
    /// Its outcome never comes, unless it is there.
    fn end(&mut self) {
        if !self.is_under_way() {
            return;
        }
        self.stage = Stage::Cancelled;
        if let Some(task) = &self.task {
            task.abort();
        }
        if let Some(slot) = self.slot.upgrade() {
            slot.fail(AsyncError::Cancelled);
        }
    }

    fn is_under_way(&self) -> bool {
        self.stage == Stage::UnderWay && self.is_shown()
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
    returned: Arc<ReturnedErrors>,
}

impl Running {
    /// Runs `work` to its end, or to its bound of time. A failure is logged once, and marks the span.
    async fn run<T>(self, work: impl Future<Output = Result<T>>) -> Result<T, AsyncError> {
        // All that is the author's runs within: the work, its destructor, and what its error says.
        let whole = async {
            let outcome = match self.load.timeout {
                None => work.await.map_err(|error| self.looked_at(error)),
                Some(time) => match tokio::time::timeout(time, work).await {
                    Ok(outcome) => outcome.map_err(|error| self.looked_at(error)),
                    Err(_) => Err(AsyncError::TimedOut(time)),
                },
            };
            outcome.inspect_err(|error| self.report(error))
        };
        AssertUnwindSafe(whole).catch_unwind().await.unwrap_or_else(|panic| {
            let error = AsyncError::of_panic(&*panic);
            self.report(&error);
            Err(error)
        })
    }

    fn looked_at(&self, mut error: CallbackError) -> AsyncError {
        self.returned.look(self.view, &mut error);
        AsyncError::of(error)
    }

    fn report(&self, error: &AsyncError) {
        let Self { load: Load { name, .. }, component, view, .. } = self;
        error.report(&Span::current(), view, *component, name, &self.returned);
    }
}
