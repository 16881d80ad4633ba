//! Work that a callback starts beside its view.

use std::future::Future;
use std::time::Duration;

use crate::runtime::mailbox::Inbox;
use crate::socket::{Socket, TooManyTasks};
use crate::telemetry::Act;
use crate::view::LiveView;

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
