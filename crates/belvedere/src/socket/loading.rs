//! Pieces of work whose outcomes are state of a view.

use std::any::Any;
use std::future::Future;
use std::sync::{Arc, Weak};

use crate::error::Result;
use crate::load::{Async, AsyncError, FailedLate, Load, Slot};
use crate::runtime::mailbox::Inbox;
use crate::socket::Socket;
use crate::socket::pieces::Beginning;
use crate::view::LiveView;

/// What the view's task does when a piece of the view has come to its end.
pub(crate) struct Settle<V: LiveView>(pub(crate) Box<Then<V>>);

type Then<V> = dyn FnOnce(&mut V, &mut Socket<V>) -> FailedLate + Send;

impl<V: LiveView> Socket<V> {
    /// Starts `work` beside the view, which goes on answering meanwhile, and gives what the state keeps of
    /// it: [`Async`], which the template shows as loading, done or failed. The [guide](crate::_async)
    /// tells more.
    ///
    /// `load` is the name of the piece, or a [`Load`] that says more of it. One of the same name that goes
    /// on is ended, and its outcome never shown; the value that was known is
    /// [shown](crate::AsyncState::Loading) until the new one is there.
    ///
    /// An error or a panic of `work` is logged once, marks its span, and is
    /// [`Failed`](crate::AsyncState::Failed) on the page; the view lives on. It is not given to
    /// [`handle_error`](LiveView::handle_error). Where the view has 64 tasks, timers and subscriptions under
    /// way, the piece [fails](AsyncError::TooManyTasks) and never begins.
    ///
    /// The span, `Dashboard async totals`, is a child of the callback's, and the queries of the work are
    /// children of it. Within the work, a bare `tokio::spawn` loses the trace, see [`spawn`](Self::spawn).
    ///
    /// ```
    /// use axum::extract::State;
    /// use belvedere::AsyncState::{Done, Failed, Loading};
    /// use belvedere::{Async, LiveView, MountError, Render, Socket, live};
    /// # use belvedere::Result;
    /// # #[derive(Clone)] struct Repo;
    /// # impl Repo { async fn n_users(&self) -> std::io::Result<u64> { Ok(42) } }
    ///
    /// struct Dashboard { users: Async<u64> }
    ///
    /// impl LiveView for Dashboard {
    ///     type Extract = State<Repo>;
    ///     # type Params = ();
    ///     # type Event = ();
    ///     # type Message = ();
    ///
    ///     async fn mount(
    ///         State(repo): State<Repo>,
    ///         socket: &mut Socket<Self>,
    ///     ) -> Result<Self, MountError> {
    ///         Ok(Self { users: socket.load("users", async move { Ok(repo.n_users().await?) }) })
    ///     }
    ///
    ///     fn render(&self) -> impl Render {
    ///         live! {
    ///             @match self.users.state() {
    ///                 Loading(_) => p { "…" }
    ///                 Done(users) => p { (users) " users" }
    ///                 Failed(_) => p { "The users could not be counted." }
    ///             }
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// The work is aborted at its next `.await` when the view ends, when the [`Async`] is dropped, when
    /// another piece of its name is started, and when it is [cancelled](Self::cancel).
    pub fn load<T: Send + Sync + 'static>(
        &mut self,
        load: impl Into<Load>,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Async<T> {
        self.start(load.into(), work, |_, outcome, _| outcome)
    }

    /// As [`load`](Self::load), and does something with the outcome, in the view's own task: fills a stream,
    /// shows a flash. What `then` returns is what the state keeps, its error that of the piece. It is not
    /// called for a piece that was ended before.
    ///
    /// ```
    /// # use belvedere::{Async, LiveView, MountError, Render, Result, Socket, live};
    /// # struct Dashboard { n_rows: Async<usize>, rows: Vec<String> }
    /// # async fn load_rows() -> std::io::Result<Vec<String>> { Ok(Vec::new()) }
    /// # impl LiveView for Dashboard {
    /// #     type Extract = ();
    /// #     type Params = ();
    /// #     type Event = ();
    /// #     type Message = ();
    /// # async fn mount(_: (), socket: &mut Socket<Self>) -> Result<Self, MountError> {
    /// let rows = async { Ok(load_rows().await?) };
    /// let n_rows = socket.load_then("rows", rows, |view: &mut Self, rows, socket| {
    ///     let rows = rows.inspect_err(|_| socket.put_flash("error", "No rows today."))?;
    ///     view.rows = rows;
    ///     Ok(view.rows.len())
    /// });
    /// # Ok(Self { n_rows, rows: Vec::new() })
    /// # }
    /// #     fn render(&self) -> impl Render { live! { p { (self.n_rows.value().unwrap_or(&0)) } } }
    /// # }
    /// ```
    pub fn load_then<T: Send + 'static, U: Send + Sync + 'static>(
        &mut self,
        load: impl Into<Load>,
        work: impl Future<Output = Result<T>> + Send + 'static,
        then: impl FnOnce(&mut V, Result<T, AsyncError>, &mut Self) -> Result<U> + Send + 'static,
    ) -> Async<U> {
        self.start(load.into(), work, |view, outcome, socket| {
            then(view, outcome, socket).map_err(AsyncError::of)
        })
    }

    /// Ends the piece of work of this name, if one goes on: it has [failed](AsyncError::Cancelled), and its
    /// outcome never comes.
    pub fn cancel(&mut self, name: &'static str) {
        self.pieces.cancel(None, name);
    }

    fn start<T: Send + 'static, U: Send + Sync + 'static>(
        &mut self,
        load: Load,
        work: impl Future<Output = Result<T>> + Send + 'static,
        then: impl FnOnce(&mut V, Result<T, AsyncError>, &mut Self) -> Result<U, AsyncError>
        + Send
        + 'static,
    ) -> Async<U> {
        let inbox = Arc::clone(&self.mailbox) as Arc<dyn Inbox>;
        let identity = self.identity.for_spans::<V>();
        let beginning = Beginning { load, component: None, identity, inbox };
        let settle = |outcome, slot: Weak<Slot<U>>| {
            Box::new(Settle::<V>(Box::new(move |view, socket| {
                slot.upgrade()?.settle_with(outcome, |outcome| then(view, outcome, socket))
            }))) as Box<dyn Any + Send>
        };
        self.pieces.start(&mut self.tasks, beginning, work, settle)
    }
}
