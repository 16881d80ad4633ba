//! The trait an author implements: one page's state and its callbacks.
//!
//! No transport here: which task runs a view, who holds it and how its frames travel is `runtime`.

use std::any::type_name;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::container::Container;
use crate::error::{CallbackError, Meaning, MountError, Result};
use crate::event::{EventError, LiveEvent};
use crate::snapshot::Snapshot;
use crate::socket::Socket;
use crate::stream::Restream;
use crate::telemetry;
use crate::template::Render;
use crate::upload::UploadEntry;

/// A page whose state lives on the server, in one task per browser tab.
///
#[doc = include_str!("docs/live_view.md")]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a live view",
    note = "implement `LiveView` for `{Self}`; a `LiveComponent` is placed by \
            `component::<…>(id, props)`"
)]
pub trait LiveView: Sized + Send + 'static {
    /// What [`mount`](Self::mount) is given: any axum `FromRequestParts`, a tuple of several, or
    /// `()`. It is extracted for the page and again for the join, so an extractor that refuses
    /// a visitor refuses both. A view that is only [`nested`](crate::nested()) is given it by the
    /// view around it, and any type will do.
    type Extract: Send + 'static;

    /// What the view reads of its URL, path and query: any axum `FromRequestParts`, such as
    /// `Query<Filter>` or a type with [`LivePath`](crate::LivePath); `()` for a page whose URL is no
    /// state. Each change of it is given to [`handle_params`](Self::handle_params).
    type Params: Send + 'static;

    /// What the page's elements may ask for; `()` for a page without events.
    type Event: LiveEvent;

    /// What the rest of the server may send to this view; `()` when nothing does.
    type Message: Send + 'static;

    /// Builds the state. Runs once per visit: the page is rendered from it, and the browser's join
    /// adopts the same view.
    ///
    /// # Errors
    ///
    /// [`MountError`] says what the visitor gets instead of the page; any other error becomes 500.
    fn mount(
        extract: Self::Extract,
        socket: &mut Socket<Self>,
    ) -> impl Future<Output = Result<Self, MountError>> + Send;

    /// The URL has been read: once after [`mount`](Self::mount), and again whenever the browser shows
    /// another URL of this view: after a link or a callback that patches, after the back button, and
    /// at a reconnect of a page whose URL a script has changed. Not called for `Params` that are `()`,
    /// nor for a [`nested`](crate::nested()) view, which has no URL.
    ///
    /// # Errors
    ///
    /// [`MountError`] says what the visitor gets instead, as from `mount`. With a status or a redirect
    /// the browser loads that; any other error is given to [`handle_error`](Self::handle_error), and the
    /// view keeps its state and its URL, if it was mounted before.
    fn handle_params(
        &mut self,
        params: Self::Params,
        socket: &mut Socket<Self>,
    ) -> impl Future<Output = Result<(), MountError>> + Send {
        let _ = (params, socket);
        if cfg!(debug_assertions) {
            tracing::warn!(
                view = Self::name(),
                params = std::any::type_name::<Self::Params>(),
                "a view was given what its URL says and does nothing with it; implement \
                 `handle_params`, or have `Params = ()`"
            );
        }
        std::future::ready(Ok(()))
    }

    /// The page as the state describes it. Pure: no query, no lock, no clock.
    fn render(&self) -> impl Render;

    /// A browser has joined: this view for the first time, or again after its connection was lost.
    /// Timers, [subscriptions](Socket::subscribe) and pushed events belong here, since only now is
    /// anybody listening.
    ///
    /// # Errors
    ///
    /// Any error is given to [`handle_error`](Self::handle_error); the join succeeds all the same.
    fn connected(
        &mut self,
        joined: Joined,
        socket: &mut Socket<Self>,
    ) -> impl Future<Output = Result> + Send {
        let _ = (joined, socket);
        std::future::ready(Ok(()))
    }

    /// The connection was lost, and the view waits for its browser to come back
    /// ([`LiveConfig::reconnect_grace`](crate::LiveConfig::reconnect_grace)): what only somebody who
    /// looks needs can be put aside. Either [`connected`](Self::connected) follows or the view's end.
    ///
    /// Not called when the browser leaves the page, which is the view's end at once, nor when it is
    /// back before the loss was noticed.
    ///
    /// # Errors
    ///
    /// Any error is given to [`handle_error`](Self::handle_error); the view keeps its state.
    fn disconnected(&mut self, socket: &mut Socket<Self>) -> impl Future<Output = Result> + Send {
        let _ = socket;
        LeftOut
    }

    /// An element of the page asked for something. A view without events, whose `Event` is `()`,
    /// needs none; one that has events and lacks it is not built (`cargo check` does not notice).
    ///
    /// ```compile_fail
    /// # use axum::Router;
    /// # use belvedere::{LiveEvent, LiveRouter, LiveView, MountError, Render, Result, Socket, live};
    /// #[derive(LiveEvent)]
    /// enum Event { Save }
    ///
    /// struct Forgetful;
    ///
    /// impl LiveView for Forgetful {
    ///     type Event = Event;
    /// #     type Extract = ();
    /// #     type Message = ();
    /// #     async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> { Ok(Self) }
    ///
    ///     fn render(&self) -> impl Render {
    ///         live! { button phx-click=(Event::Save) { "Save" } }
    ///     }
    /// }
    ///
    /// let app: Router = Router::new().live::<Forgetful>("/");
    /// ```
    ///
    /// # Errors
    ///
    /// Any error is given to [`handle_error`](Self::handle_error); the view keeps its state.
    fn handle_event(
        &mut self,
        event: Self::Event,
        socket: &mut Socket<Self>,
    ) -> impl Future<Output = Result> + Send {
        const {
            assert!(
                Self::Event::NAMES.is_empty(),
                "this live view has events and nothing that handles them: write `async fn \
                 handle_event(&mut self, event: Self::Event, socket: &mut Socket<Self>) -> Result`, \
                 or `type Event = ()` for a view without events"
            );
        }
        let _ = (event, socket);
        std::future::ready(Ok(()))
    }

    /// The server side sent something, through a [`MessageSender`](crate::MessageSender).
    ///
    /// # Errors
    ///
    /// Any error is given to [`handle_error`](Self::handle_error); the view keeps its state.
    fn handle_message(
        &mut self,
        message: Self::Message,
        socket: &mut Socket<Self>,
    ) -> impl Future<Output = Result> + Send {
        let _ = (message, socket);
        if cfg!(debug_assertions) {
            tracing::warn!(
                view = Self::name(),
                message = std::any::type_name::<Self::Message>(),
                "a message came to a view that does nothing with it; implement `handle_message`"
            );
        }
        std::future::ready(Ok(()))
    }

    /// A file of an [`Upload`](crate::Upload) has come to its end: all of it [is
    /// here](UploadEntry::is_done) and can be [taken](crate::Upload::take), or it has
    /// [failed](UploadEntry::error), which the page shows. For files that are sent as soon as they are
    /// chosen; those of a form that is sent are mostly taken with its event.
    ///
    /// # Errors
    ///
    /// Any error is given to [`handle_error`](Self::handle_error); the view keeps its state.
    fn handle_upload(
        &mut self,
        entry: UploadEntry,
        socket: &mut Socket<Self>,
    ) -> impl Future<Output = Result> + Send {
        let _ = (entry, socket);
        LeftOut
    }

    /// A browser joins again and has nothing: puts the items of the view's streams into them anew,
    /// with [`LiveStream::reset`](crate::LiveStream::reset). Called before
    /// [`connected`](Self::connected), and only when items were sent before, which the view no
    /// longer has; also when a stream was given more than may wait for a frame. The default cannot,
    /// and the page is mounted anew.
    ///
    /// # Errors
    ///
    /// Any error is given to [`handle_error`](Self::handle_error), and the page is mounted anew.
    fn restream(
        &mut self,
        socket: &mut Socket<Self>,
    ) -> impl Future<Output = Result<Restream>> + Send {
        let _ = socket;
        std::future::ready(Ok(Restream::Unable))
    }

    /// A callback failed; the error is already logged and on its span. The default shows an error
    /// flash, visible where the template splices [`flash`](crate::flash()), with other words where the
    /// server [is busy](CallbackError::is_busy), or [has no room](CallbackError::is_full).
    fn handle_error(&mut self, error: &CallbackError, socket: &mut Socket<Self>) {
        let words = match error.meaning() {
            Meaning::Busy => "The server is busy just now. Please try again in a moment.",
            Meaning::Full => {
                "The server has no room to save anything now. Please try again in a moment."
            }
            Meaning::Other => "Something went wrong. Please try again.",
        };
        socket.put_flash("error", words);
    }

    /// An event came that could not be read: a field is empty, or no number, or the text is too
    /// long. It is already logged and counted, and reaches no other callback. The default,
    /// [`Socket::put_unread`], shows a flash with [`EventError::for_visitor`], which goes when the
    /// same event can be read; a debug build shows what is wrong in the author's words as well, also
    /// where no template splices [`flash`](crate::flash()).
    fn handle_unread(&mut self, error: &EventError, socket: &mut Socket<Self>) {
        socket.put_unread(error);
    }

    /// The browser left the page, or did not come back in time. Not called after a panic, nor for a
    /// view that no browser has joined: what must happen after any end is a guard's, which
    /// [`Socket::on_end`] takes.
    fn terminate(&mut self, socket: &mut Socket<Self>) -> impl Future<Output = ()> + Send {
        let _ = socket;
        std::future::ready(())
    }

    /// What of the state outlives the server: nothing by default.
    ///
    /// When the server is replaced by the next build, or is lost, the browser joins a view that is mounted
    /// anew: `mount` and [`handle_params`](Self::handle_params) run as ever, and then what was kept is put
    /// in, before [`connected`](Self::connected) and [`render`](Self::render). See [`Snapshot`].
    #[must_use]
    fn snapshot() -> Snapshot<Self> {
        Snapshot::none()
    }

    /// The element that the view's content stands in: of the page, and wherever the view is
    /// [`nested`](crate::nested()), unless it is placed with another. A `div` by default.
    #[must_use]
    fn container() -> Container {
        Container::new()
    }

    /// The name of this view in spans, logs and tokens: the type's own name by default.
    #[must_use]
    fn name() -> &'static str {
        telemetry::short_name::<Self>()
    }
}

/// A callback that its author has left out, and that the runtime need not call.
struct LeftOut;

impl Future for LeftOut {
    type Output = Result;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result> {
        Poll::Ready(Ok(()))
    }
}

/// Whether a callback that is about to run is the trait's own, which does nothing: no author can name
/// its type.
pub(crate) fn is_left_out<F: Future>(_callback: &F) -> bool {
    type_name::<F>() == type_name::<LeftOut>()
}

/// Which join of its view a browser has made; what [`LiveView::connected`] is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Joined {
    /// The first of this view. Also that of a view mounted anew, whose state is new as well, but for
    /// what its [snapshot](LiveView::snapshot) has kept: after a panic, when the one before did not wait
    /// long enough, or when its server is another one.
    First,
    /// The browser had joined this view before and lost its connection. The state is as it was.
    Again,
}
