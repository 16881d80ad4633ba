//! Live components: stateful parts of a page, with properties, events and messages of their own.
//!
//! What an author writes stands here. Which components a view has is [`registry`]'s, running their
//! callbacks whatever their type is [`instance`]'s, placing them in a page [`render`]'s and in one
//! message [`frame`]'s; when that happens is the view task's.

use std::future::Future;

use crate::error::Result;
use crate::event::LiveEvent;
use crate::snapshot::Snapshot;
use crate::stream::Restream;
use crate::telemetry;
use crate::template::{Element, Key, Render, Renderer};
use crate::upload::UploadEntry;

pub(crate) mod frame;
pub(crate) mod id;
pub(crate) mod instance;
mod loading;
pub(crate) mod registry;
pub(crate) mod render;
mod socket;

pub use id::ComponentId;
pub use socket::ComponentSocket;

/// A part of a page with state of its own, in a view or in another component.
///
#[doc = include_str!("docs/live_component.md")]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a live component",
    note = "implement `LiveComponent` for `{Self}`; a `LiveView` is placed by \
            `nested::<…>(id, extract)`, a function that returns a template by calling it"
)]
pub trait LiveComponent: Sized + Send + 'static {
    /// What the parent's template gives; when it differs from the last time, [`update`] runs.
    ///
    /// [`update`]: Self::update
    type Props: Clone + PartialEq + Send + 'static;

    /// What its elements with `phx-target` may ask for; `()` for none.
    type Event: LiveEvent;

    /// What may be sent to it: by its view with
    /// [`Socket::send_component`](crate::Socket::send_component), by anybody with a
    /// [`component_sender`](ComponentSocket::component_sender). `()` for nothing.
    type Message: Send + 'static;

    /// The state before anything is loaded.
    fn mount(props: &Self::Props) -> Self;

    /// Takes properties over and loads what they ask for: right after [`mount`](Self::mount), and
    /// when they have changed. A component without properties, whose `Props` are `()`, needs none;
    /// one that has properties and lacks it does not compile.
    ///
    /// # Errors
    ///
    /// Any error is given to the view's `handle_error`; the component is shown as it is.
    fn update(
        &mut self,
        props: Self::Props,
        socket: &mut ComponentSocket<'_>,
    ) -> impl Future<Output = Result> + Send {
        const {
            assert!(
                size_of::<Self::Props>() == 0,
                "this live component has properties and nothing that takes them over: write `async \
                 fn update(&mut self, props: Self::Props, socket: &mut ComponentSocket<'_>) -> \
                 Result`, or `type Props = ()` for a component without properties"
            );
        }
        let _ = (props, socket);
        std::future::ready(Ok(()))
    }

    /// Updates all components of this type that one render asks for, with one query instead of one
    /// each. Every update comes this way; the default calls [`update`](Self::update) for one after
    /// the other.
    ///
    /// # Errors
    ///
    /// As [`update`](Self::update).
    fn update_many(
        updates: Vec<Update<'_, Self>>,
        socket: &mut ComponentSocket<'_>,
    ) -> impl Future<Output = Result> + Send {
        async move {
            for Update { component, props } in updates {
                component.update(props, socket).await?;
            }
            Ok(())
        }
    }

    /// The component as its state describes it: one element. Pure, as a view's `render`. Elements
    /// that send events to the component carry `phx-target=(target)`.
    fn render(&self, target: ComponentId) -> impl Element;

    /// As [`LiveView::handle_upload`](crate::LiveView::handle_upload), of an upload whose form has
    /// `phx-target=(target)`.
    ///
    /// # Errors
    ///
    /// Any error is given to the view's `handle_error`; the component keeps its state.
    fn handle_upload(
        &mut self,
        entry: UploadEntry,
        socket: &mut ComponentSocket<'_>,
    ) -> impl Future<Output = Result> + Send {
        let _ = (entry, socket);
        std::future::ready(Ok(()))
    }

    /// An element of the component asked for something. A component that has events and lacks it
    /// does not compile.
    ///
    /// # Errors
    ///
    /// Any error is given to the view's `handle_error`; the component keeps its state.
    fn handle_event(
        &mut self,
        event: Self::Event,
        socket: &mut ComponentSocket<'_>,
    ) -> impl Future<Output = Result> + Send {
        const {
            assert!(
                Self::Event::NAMES.is_empty(),
                "this live component has events and nothing that handles them: write `async fn \
                 handle_event(&mut self, event: Self::Event, socket: &mut ComponentSocket<'_>) -> \
                 Result`, or `type Event = ()` for a component without events"
            );
        }
        let _ = (event, socket);
        std::future::ready(Ok(()))
    }

    /// The view, or the server side, sent something.
    ///
    /// # Errors
    ///
    /// Any error is given to the view's `handle_error`; the component keeps its state.
    fn handle_message(
        &mut self,
        message: Self::Message,
        socket: &mut ComponentSocket<'_>,
    ) -> impl Future<Output = Result> + Send {
        let _ = (message, socket);
        if cfg!(debug_assertions) {
            tracing::warn!(
                component = Self::name(),
                message = std::any::type_name::<Self::Message>(),
                "a message came to a component that does nothing with it; implement \
                 `handle_message`"
            );
        }
        std::future::ready(Ok(()))
    }

    /// A browser joins again and has nothing: puts the items of the component's streams into them
    /// anew, with [`LiveStream::reset`](crate::LiveStream::reset). Called only when items were sent
    /// before, which the component no longer has: after the view's own
    /// [`restream`](crate::LiveView::restream), in the order in which the components were first
    /// placed; also when a stream was given more than may wait for a frame. The default cannot, and
    /// the page is mounted anew.
    ///
    /// Called as well when the component comes back to a page that it had left, with its elements gone;
    /// one that cannot is then itself mounted anew.
    ///
    /// # Errors
    ///
    /// Any error is given to the view's `handle_error`, and the page is mounted anew.
    fn restream(
        &mut self,
        socket: &mut ComponentSocket<'_>,
    ) -> impl Future<Output = Result<Restream>> + Send {
        let _ = socket;
        std::future::ready(Ok(Restream::Unable))
    }

    /// What of the component outlives its server, with what its view keeps: as
    /// [`LiveView::snapshot`](crate::LiveView::snapshot), whether or not the view keeps something itself. Nothing by
    /// default.
    ///
    /// It is put in after [`mount`](Self::mount) and the first [`update`](Self::update), when a component of this type and
    /// id is placed in the view that takes the former one's place, before its first [`render`](Self::render). The id has to
    /// be the same in every process, as those of rows are.
    #[must_use]
    fn snapshot() -> Snapshot<Self> {
        Snapshot::none()
    }

    /// The name in spans and logs: the type's own name by default.
    #[must_use]
    fn name() -> &'static str {
        telemetry::short_name::<Self>()
    }
}

/// One component and the properties it is to take over.
#[derive(Debug)]
pub struct Update<'a, C: LiveComponent> {
    /// As it was, or just mounted.
    pub component: &'a mut C,
    /// From its parent.
    pub props: C::Props,
}

/// Places a component in a template: `(component::<UserRow>(user.id, props))`.
///
/// `id` tells it from the others of its type in the view; the same id is the same component from
/// one render to the next. Two at once are the author's mistake: the second shows nothing, and the
/// log says so.
pub fn component<C: LiveComponent>(id: impl Key, props: C::Props) -> impl Render {
    struct Placed<C: LiveComponent, K> {
        id: K,
        props: C::Props,
    }
    impl<C: LiveComponent, K: Key> Render for Placed<C, K> {
        fn render_to(&self, renderer: &mut Renderer) {
            renderer.component::<C, K>(&self.id, &self.props);
        }
    }
    Placed::<C, _> { id, props }
}
