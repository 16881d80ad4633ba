//! Work beside a view: tasks and timers that end with it.

use std::fmt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::task::AbortHandle;
use tracing::{Instrument, Span};

use crate::runtime::in_flight::Ticket;
use crate::runtime::mailbox::Inbox;
use crate::socket::{MessageSender, SendError, Socket};
use crate::telemetry::{self, Act, PageTrace, ViewIdentity};
use crate::view::LiveView;

/// Most tasks and timers that one view may have at once: a page needs a handful, and a browser that
/// starts one with each click must not fill the memory.
const MAX_TASKS: usize = 64;

/// The view has as many tasks and timers under way as it may have, 64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the view has {MAX_TASKS} tasks and timers under way already")]
pub struct TooManyTasks;

/// What runs beside a view; dropping it ends all of it.
#[derive(Default)]
pub(crate) struct Tasks(Vec<AbortHandle>);

impl Tasks {
    /// Whether one more may start.
    fn has_room(&mut self) -> Result<(), TooManyTasks> {
        if self.0.len() >= MAX_TASKS {
            self.0.retain(|task| !task.is_finished());
        }
        if self.0.len() < MAX_TASKS { Ok(()) } else { Err(TooManyTasks) }
    }

    /// Runs `work` as the act `act`; `ticket` stands for it.
    pub(crate) fn spawn(
        &mut self,
        identity: &ViewIdentity<'_>,
        act: Act,
        ticket: impl FnOnce() -> Ticket,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), TooManyTasks> {
        self.has_room()?;
        let span = telemetry::act_span(identity, act);
        telemetry::link_spawner(&span, PageTrace::current());
        let (view, ticket) = (identity.view, ticket());
        let work = async move {
            if AssertUnwindSafe(work).catch_unwind().await.is_err() {
                tracing::error!(view, work = act.name(), "spawned work panicked");
                telemetry::fail(&Span::current(), "panic", "spawned work panicked");
            }
        };
        self.start(async move {
            // Kept to the end: everything is quiet only when the span has ended, too.
            let _ticket = ticket;
            work.instrument(span).await;
        });
        Ok(())
    }

    /// Sends `message` after `delay`.
    pub(crate) fn send_after<M: Send + 'static>(
        &mut self,
        view: &'static str,
        sender: MessageSender<M>,
        delay: Duration,
        message: M,
    ) -> Result<(), TooManyTasks> {
        self.has_room()?;
        let publisher = PageTrace::current();
        self.start(async move {
            tokio::time::sleep(delay).await;
            if let Err(SendError::Full(_)) = sender.send_from(message, publisher) {
                tracing::warn!(view, "a timer's message is lost: the mailbox is full");
            }
        });
        Ok(())
    }

    fn start(&mut self, work: impl Future<Output = ()> + Send + 'static) {
        self.0.push(tokio::spawn(work).abort_handle());
    }
}

impl Drop for Tasks {
    fn drop(&mut self) {
        for task in &self.0 {
            task.abort();
        }
    }
}

impl fmt::Debug for Tasks {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Tasks").field(&self.0.len()).finish()
    }
}

impl<V: LiveView> Socket<V> {
    /// Runs `work` beside the view, which goes on answering meanwhile. Results come back as
    /// messages, through a [`sender`](Self::sender).
    ///
    /// The work has a trace of its own, `UsersSlow async <name>`, linked to the page and to the
    /// callback that started it; its queries stand in that trace. It is for work that ends by
    /// itself, since a span is seen only then; what is to happen later or again and again belongs
    /// into [`send_after`](Self::send_after). A panic ends the work alone and is logged.
    ///
    /// Within the work, a bare `tokio::spawn` loses the trace; `.in_current_span()` of
    /// `tracing::Instrument` keeps it, and for `spawn_blocking` a `Span::current()` entered there.
    ///
    /// ```
    /// # use belvedere::{LiveView, MountError, Render, Result, Socket, live};
    /// # struct Report { text: Option<String> }
    /// # async fn compute() -> String { "42".to_owned() }
    /// # impl LiveView for Report {
    /// #     type Extract = ();
    /// #     type Event = ();
    /// type Message = String;
    ///
    /// async fn handle_event(&mut self, (): (), socket: &mut Socket<Self>) -> Result {
    ///     let sender = socket.sender();
    ///     socket.spawn("compute", async move {
    ///         // A view that has ended meanwhile needs no result.
    ///         let _ = sender.send(compute().await);
    ///     })?;
    ///     Ok(())
    /// }
    ///
    /// async fn handle_message(&mut self, text: String, _: &mut Socket<Self>) -> Result {
    ///     self.text = Some(text);
    ///     Ok(())
    /// }
    /// #     async fn mount(_: (), _: &mut Socket<Self>) -> Result<Self, MountError> {
    /// #         Ok(Self { text: None })
    /// #     }
    /// #     fn render(&self) -> impl Render { live! { p { "…" } } }
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`TooManyTasks`] when the view has 64 tasks and timers under way.
    ///
    /// # Cancel safety
    ///
    /// The work is aborted at its next `.await` when the view ends: when the browser left, did not
    /// come back in time or never came, or when the view panicked.
    pub fn spawn(
        &mut self,
        name: &'static str,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), TooManyTasks> {
        let identity = self.identity.for_spans::<V>();
        self.tasks.spawn(&identity, Act::Spawned(name), || self.mailbox.ticket(), work)
    }

    /// Sends `message` to this view after `delay`, unless it has ended by then. A timer that
    /// repeats is set anew in `handle_message`.
    ///
    /// The act that handles the message links to the callback that set the timer. Nothing is traced
    /// while it waits.
    ///
    /// # Errors
    ///
    /// [`TooManyTasks`] when the view has 64 tasks and timers under way.
    pub fn send_after(&mut self, delay: Duration, message: V::Message) -> Result<(), TooManyTasks> {
        self.tasks.send_after(V::name(), self.sender(), delay, message)
    }
}
