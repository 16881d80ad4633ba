//! [`Async`]: what a piece of work beside a view has come to, as its state shows it.
//!
//! The value and how a piece is to be run stand here. Running it is `socket::pieces`'s; putting its
//! outcome where the template reads it is the view's own task's, between two callbacks.

use std::any::Any;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::task::AbortHandle;

mod error;

pub use error::AsyncError;

/// A piece of work of a view, or of a component: loading, done or failed.
///
/// It is a field of the state, made by [`Socket::load`](crate::Socket::load) and shown by the template:
///
/// ```
/// use belvedere::AsyncState::{Done, Failed, Loading};
/// use belvedere::{Async, Render, live};
///
/// fn figure(total: &Async<u64>) -> impl Render {
///     live! {
///         @match total.state() {
///             Loading(None) => p aria-busy="true" { "Counting…" }
///             Loading(Some(earlier)) => p aria-busy="true" { (earlier) }
///             Done(total) => p { (total) }
///             Failed(_) => p role="alert" { "This could not be counted." }
///         }
///     }
/// }
/// # assert!(matches!(Async::<u64>::default().state(), Loading(None)));
/// ```
///
/// The work belongs to this value: dropping it, with its view or by putting another in its place, ends
/// the work. The default is a piece that was not started; it is shown as loading.
#[must_use = "dropping it ends the work"]
pub struct Async<T> {
    slot: Option<Arc<Slot<T>>>,
    _running: Running,
}

/// What [`Async::state`] says.
#[derive(Debug)]
pub enum AsyncState<'a, T> {
    /// The work goes on, or has not begun. With the value that it had before it was started again, if it
    /// was ever done.
    Loading(Option<&'a T>),
    /// It is done.
    Done(&'a T),
    /// It has failed. What the error says is for the author; it is logged already.
    Failed(&'a AsyncError),
}

impl<T> Async<T> {
    pub(crate) fn new(slot: Arc<Slot<T>>, task: Option<AbortHandle>) -> Self {
        Self { slot: Some(slot), _running: Running(task) }
    }

    /// Loading, done or failed.
    #[must_use]
    pub fn state(&self) -> AsyncState<'_, T> {
        match self.slot.as_ref().and_then(|slot| slot.outcome.get()) {
            None => AsyncState::Loading(self.value()),
            Some(Ok(value)) => AsyncState::Done(value),
            Some(Err(error)) => AsyncState::Failed(error),
        }
    }

    /// The last value that is known: also of before, while the work goes on again or after it has failed.
    #[must_use]
    pub fn value(&self) -> Option<&T> {
        let slot = self.slot.as_ref()?;
        value_of(&slot.outcome).or_else(|| value_of(slot.earlier.as_ref()?))
    }

    /// Whether the work goes on, or has not begun.
    #[must_use]
    pub fn is_loading(&self) -> bool {
        matches!(self.state(), AsyncState::Loading(_))
    }
}

impl<T> Default for Async<T> {
    fn default() -> Self {
        Self { slot: None, _running: Running(None) }
    }
}

impl<T: fmt::Debug> fmt::Debug for Async<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.state().fmt(formatter)
    }
}

/// How a piece of work is to be run. A name alone will do, `socket.load("totals", …)`:
///
/// ```
/// use std::time::Duration;
/// use belvedere::Load;
///
/// const TOTALS: Load =
///     Load::named("totals").within(Duration::from_millis(150)).timeout(Duration::from_secs(5));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    pub(crate) name: &'static str,
    pub(crate) within: Option<Duration>,
    pub(crate) timeout: Option<Duration>,
}

impl Load {
    /// A piece of this name, which tells it from the others of its view, or of its component, and names
    /// its span: `Dashboard async totals`. Nothing waits for it, and it may take as long as it likes.
    #[must_use]
    pub const fn named(name: &'static str) -> Self {
        Self { name, within: None, timeout: None }
    }

    /// The first response, of the page or of the join that mounts the view, waits up to this long for it,
    /// counted from its start. What it has waited for others before is taken off, so that the waits for a
    /// view and its components are no sum. What is not there by then comes after the join, and nothing waits
    /// for what begins later.
    #[must_use]
    pub const fn within(self, time: Duration) -> Self {
        Self { within: Some(time), ..self }
    }

    /// It is ended, and has failed, after this long.
    #[must_use]
    pub const fn timeout(self, time: Duration) -> Self {
        Self { timeout: Some(time), ..self }
    }
}

impl From<&'static str> for Load {
    fn from(name: &'static str) -> Self {
        Self::named(name)
    }
}

/// What a piece has come to, once it is known. Written once, by the view's own task.
type Outcome<T> = OnceLock<Result<T, AsyncError>>;

/// Where the outcome of a piece is put and the template finds it.
pub(crate) struct Slot<T> {
    outcome: Arc<Outcome<T>>,
    /// Of the last piece of this name that was done. Shared by itself, so that it keeps none before it.
    earlier: Option<Arc<Outcome<T>>>,
}

impl<T> Slot<T> {
    /// For a piece in the place of `before`.
    pub(crate) fn after(before: Option<&Self>) -> Self {
        let earlier = before.and_then(|before| match value_of(&before.outcome) {
            Some(_) => Some(Arc::clone(&before.outcome)),
            None => before.earlier.clone(),
        });
        Self { outcome: Arc::default(), earlier }
    }

    /// Says what the piece has come to, unless that is known.
    pub(crate) fn settle(&self, outcome: Result<T, AsyncError>) {
        // One that was cancelled stays so.
        let _ = self.outcome.set(outcome);
    }
}

impl<T: Send + Sync + 'static> Slot<T> {
    /// Settles it with what `then` makes of the work's outcome.
    pub(crate) fn settle_with<W>(
        self: Arc<Self>,
        outcome: Result<W, AsyncError>,
        then: impl FnOnce(Result<W, AsyncError>) -> Result<T, AsyncError>,
    ) -> FailedLate {
        let was_done = outcome.is_ok();
        let made = then(outcome);
        let is_news = was_done && made.is_err();
        self.settle(made);
        is_news.then_some(self as Arc<dyn AnySlot>)
    }
}

/// A slot for a value of any type.
pub(crate) trait AnySlot: Any + Send + Sync {
    /// The piece has failed, unless its outcome is known: then false.
    fn fail(&self, error: AsyncError) -> bool;

    /// Why the piece has failed, if it has.
    fn error(&self) -> Option<&AsyncError>;
}

impl<T: Send + Sync + 'static> AnySlot for Slot<T> {
    fn fail(&self, error: AsyncError) -> bool {
        self.outcome.set(Err(error)).is_ok()
    }

    fn error(&self) -> Option<&AsyncError> {
        self.outcome.get().and_then(|outcome| outcome.as_ref().err())
    }
}

/// The slot of a piece that was done, and then failed by what was done with its value: that is to be logged.
pub(crate) type FailedLate = Option<Arc<dyn AnySlot>>;

fn value_of<T>(outcome: &Outcome<T>) -> Option<&T> {
    outcome.get().and_then(|outcome| outcome.as_ref().ok())
}

/// Work that ends when this is dropped.
struct Running(Option<AbortHandle>);

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}
