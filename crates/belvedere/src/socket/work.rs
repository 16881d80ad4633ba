//! Work that a callback starts beside its view.

use std::future::Future;
use std::time::Duration;

use futures_util::Stream;

use crate::runtime::mailbox::Inbox;
use crate::socket::{Socket, TooManyTasks};
use crate::telemetry::Act;
use crate::view::LiveView;

impl<V: LiveView> Socket<V> {
    /// Runs `work` beside the view, which goes on answering meanwhile. Results come back as
    /// messages, through a [`sender`](Self::sender). What the page shows of it while it goes on, and when it
    /// fails, is simpler with [`load`](Self::load).
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
    /// #     type Params = ();
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
    /// [`TooManyTasks`] when the view has 64 tasks, timers and subscriptions under way.
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
    /// [`TooManyTasks`] when the view has 64 tasks, timers and subscriptions under way.
    pub fn send_after(&mut self, delay: Duration, message: V::Message) -> Result<(), TooManyTasks> {
        self.tasks.send_after(V::name(), self.sender(), delay, message)
    }

    /// Sends what `stream` yields to this view, each item a message, for as long as both go on:
    /// subscribes to a channel, a database's notifications, a sensor.
    ///
    /// `key` tells the view's subscriptions apart. While one of this key goes on, a second call does
    /// nothing and drops its stream, so [`connected`](LiveView::connected) subscribes without asking
    /// whether it is the first time, and nothing that came while the connection was lost is missed. One
    /// whose stream has ended is made anew. [`unsubscribe`](Self::unsubscribe) ends one.
    ///
    /// The stream is asked for more only while at most half of the view's mailbox
    /// ([`LiveConfig::mailbox_capacity`](crate::LiveConfig)) is taken, so a fast one waits rather than
    /// end the view: what to do with what it cannot hold is for its source to say. A receiver of
    /// `tokio::sync::broadcast`, for example, says that it has missed some. A stream that panics is over
    /// and logged; the view goes on.
    ///
    /// ```
    /// # use belvedere::{Joined, LiveView, MountError, Render, Result, Socket, live};
    /// use axum::extract::State;
    /// use futures_util::stream;
    /// use tokio::sync::watch;
    ///
    /// # struct Prices { prices: watch::Receiver<i64>, shown: i64 }
    /// # impl LiveView for Prices {
    /// #     type Extract = State<watch::Receiver<i64>>;
    /// #     type Params = ();
    /// #     type Event = ();
    /// type Message = i64;
    ///
    /// async fn connected(&mut self, _: Joined, socket: &mut Socket<Self>) -> Result {
    ///     let changes = stream::unfold(self.prices.clone(), async |mut prices| {
    ///         prices.changed().await.ok()?;
    ///         let price = *prices.borrow_and_update();
    ///         Some((price, prices))
    ///     });
    ///     Ok(socket.subscribe("prices", changes)?)
    /// }
    ///
    /// async fn handle_message(&mut self, price: i64, _: &mut Socket<Self>) -> Result {
    ///     self.shown = price;
    ///     Ok(())
    /// }
    /// #     async fn mount(
    /// #         State(prices): Self::Extract,
    /// #         _: &mut Socket<Self>,
    /// #     ) -> Result<Self, MountError> {
    /// #         let shown = *prices.borrow();
    /// #         Ok(Self { shown, prices })
    /// #     }
    /// #     fn render(&self) -> impl Render { live! { p { (self.shown) } } }
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`TooManyTasks`] when the view has 64 tasks, timers and subscriptions under way.
    ///
    /// # Cancel safety
    ///
    /// The stream is dropped when the view ends, at whichever `.await` it stands.
    pub fn subscribe(
        &mut self,
        key: impl AsRef<str>,
        stream: impl Stream<Item = V::Message> + Send + 'static,
    ) -> Result<(), TooManyTasks> {
        self.tasks.subscribe(V::name(), &self.mailbox, key.as_ref(), stream)
    }

    /// Ends the subscription of this key, if there is one. What it has sent before is still handled.
    pub fn unsubscribe(&mut self, key: impl AsRef<str>) {
        self.tasks.unsubscribe(key.as_ref());
    }
}
