//! [`Socket`]: what a callback may ask of the runtime.
//!
//! Requests are noted here and carried out by the view task after the callback, in the frame that
//! answers it. Nothing here touches the network.

use std::fmt::{self, Write as _};
use std::sync::Arc;

use serde::Serialize;

use crate::component::LiveComponent;
use crate::component::id::name;
use crate::component::registry::Components;
use crate::ended::{Ended, Endings};
use crate::flash::Flash;
use crate::http::content_security_policy::needs::Noted;
use crate::js::Js;
use crate::navigation::{Group, LocalPath};
use crate::returned::ReturnedErrors;
use crate::runtime::inspect::Portrait;
use crate::runtime::mailbox::{Inbox, Mailbox};
use crate::runtime::seats::Seats;
use crate::telemetry::{PageTrace, ViewIdentity};
use crate::template::Key;
use crate::upload::slot::ShownUploads;
use crate::view::LiveView;
use crate::visit::{Shared, Visit};
use crate::wire::json::write_json_string;
use crate::wire::keys;
use crate::wire::message::OwnParams;
use crate::wire::response::JoinRefusal;
use crate::wire::token::SessionId;

pub(crate) mod connect_params;
mod going;
pub(crate) mod loading;
mod page_address;
pub(crate) mod pending;
pub(crate) mod pieces;
mod presence;
pub(crate) mod sender;
pub(crate) mod subscription;
pub(crate) mod tasks;
mod topics;
mod unread;
mod work;

pub use connect_params::ConnectParamsError;
pub(crate) use page_address::PageAddress;
use pending::Pending;
pub use pending::PushError;
use pieces::Pieces;
use presence::TrackedPeople;
pub use sender::{MessageSender, SendError};
use tasks::Tasks;
pub use tasks::TooManyTasks;
use topics::OwnTopic;
pub use topics::TooManyTopics;
use unread::Unread;

/// The handle given to every callback of a view.
pub struct Socket<V: LiveView> {
    /// Where the server side and the connection put what this view has to handle.
    pub(crate) mailbox: Arc<Mailbox<V::Message>>,
    pub(crate) identity: Identity,
    pub(crate) flash: Flash,
    /// What the flash says of an event that could not be read, until it can be.
    pub(crate) unread: Option<Unread>,
    /// A template of the view has spliced the flash. Only known in a debug build.
    pub(crate) shows_flash: bool,
    /// Templates of the first response that need something of its policy. Only known in a debug build.
    pub(crate) noted: Vec<Noted>,
    pub(crate) title: Option<String>,
    pub(crate) pending: Pending,
    pub(crate) tasks: Tasks,
    /// What it listens to.
    topics: Vec<OwnTopic>,
    /// Of the tasks, those that were started by name, and what they have come to.
    pub(crate) pieces: Pieces,
    /// Who is seen to look at it.
    pub(crate) people: TrackedPeople,
    /// Absent until a template places one.
    pub(crate) components: Components,
    /// What the view gives its components.
    pub(crate) provided: http::Extensions,
    /// The view's own streams have forgotten items that a browser has.
    pub(crate) has_streamed: bool,
    /// Its state began with what a snapshot has kept.
    pub(crate) is_restored: bool,
    /// Uploads whose inputs the page has shown.
    pub(crate) uploads: ShownUploads,
    /// What is to happen when the view ends.
    pub(crate) endings: Endings,
    /// Of the last join; absent before the first.
    pub(crate) connect_params: Option<OwnParams>,
}

/// Who a view is: fixed from the page's request to the end of the view.
#[derive(Clone)]
pub(crate) struct Identity {
    /// `lv:` and what tells this view from all others: the container's id, unless its author chose
    /// one.
    pub(crate) topic: Box<str>,
    /// The container's id where its author chose it: other tabs have the same.
    pub(crate) chosen_id: Option<Box<str>>,
    pub(crate) session: SessionId,
    /// The route template, e.g. `/users/{id}`.
    pub(crate) route: Arc<str>,
    /// The routes to which its page may navigate.
    pub(crate) group: Group,
    /// Path and query the view shows now. A nested view has a copy of what its page shows.
    pub(crate) url: LocalPath,
    /// What the page shows, for the views nested in it.
    pub(crate) address: Arc<PageAddress>,
    /// The page's mount span.
    pub(crate) page: PageTrace,
    /// How many views are around this one.
    pub(crate) depth: u8,
    /// Shared with the other views of the page.
    pub(crate) seats: Arc<Seats>,
    /// What the page's routes give. A nested view has a copy of what its page has.
    pub(crate) visit: Visit,
}

impl Identity {
    /// Learns what the page shows now, if this is a view nested in it.
    pub(crate) fn look_at_page(&mut self) {
        if self.depth > 0 {
            (self.url, self.route, self.visit) = self.address.shown();
        }
    }

    /// Whether it stands in the layout, at some depth: it stays while the page moves on.
    pub(crate) fn is_in_layout(&self) -> bool {
        self.address.is_of_layout
    }

    /// What the page's routes give, once it is known.
    pub(crate) fn visits(&mut self, visit: Visit) {
        self.visit = visit;
        self.address.set(&self.url, &self.route, &self.visit);
    }

    /// What a view `V` is called, for those who look.
    pub(crate) fn portrait<V: LiveView>(&self) -> Portrait {
        Portrait { name: V::name(), route: Arc::clone(&self.route), page: self.page }
    }

    /// The id of the container, which the browser makes the topic of.
    pub(crate) fn dom_id(&self) -> &str {
        self.chosen_id.as_deref().unwrap_or_else(|| self.instance())
    }

    /// The id of its container, if it is nested.
    pub(crate) fn nested_id(&self) -> Option<&str> {
        (self.depth > 0).then(|| self.dom_id())
    }

    /// What tells this view from all others.
    pub(crate) fn instance(&self) -> &str {
        self.topic.strip_prefix(keys::TOPIC_VIEW_PREFIX).unwrap_or_default()
    }

    /// What a browser is told whose join the view did not live to answer: a page is loaded anew at
    /// once, a nested view is joined again, since it must not take its page along.
    pub(crate) fn unanswered(&self) -> JoinRefusal<'static> {
        if self.depth == 0 { JoinRefusal::Stale } else { JoinRefusal::Crashed }
    }

    /// What every span of a view `V` repeats.
    pub(crate) fn for_spans<V: LiveView>(&self) -> ViewIdentity<'_> {
        ViewIdentity { view: V::name(), route: &self.route, view_id: &self.topic, page: self.page }
    }
}

impl<V: LiveView> Socket<V> {
    pub(crate) fn new(
        mailbox: Arc<Mailbox<V::Message>>,
        identity: Identity,
        flash: Flash,
        returned: Arc<ReturnedErrors>,
    ) -> Self {
        Self {
            mailbox,
            identity,
            flash,
            unread: None,
            shows_flash: false,
            noted: Vec::new(),
            title: None,
            pending: Pending::default(),
            tasks: Tasks::default(),
            topics: Vec::new(),
            pieces: Pieces::new(returned),
            people: TrackedPeople::default(),
            components: Components::default(),
            provided: http::Extensions::default(),
            has_streamed: false,
            is_restored: false,
            uploads: ShownUploads::default(),
            endings: Endings::default(),
            connect_params: connect_params::current(),
        }
    }

    /// Sets the page's title: in the first response, and in the browser's window from then on. A nested
    /// view sets none, so that one which has a page of its own as well may stand in another's.
    pub fn set_title(&mut self, title: impl Into<String>) {
        if self.identity.depth > 0 {
            return;
        }
        let title = title.into();
        if self.title.as_ref() != Some(&title) {
            self.title = Some(title);
            self.pending.title = true;
        }
    }

    /// Shows `text` as the flash message of this kind, e.g. `info` or `error`, replacing an
    /// earlier one. It is visible where the template splices [`flash`](crate::flash()). Over a
    /// redirect it travels in a cookie, which takes about 3,000 bytes: a longer one is cut, with an
    /// ellipsis on the page and a warning in the log.
    pub fn put_flash(&mut self, kind: impl Into<String>, text: impl Into<String>) {
        self.flash.put(kind.into(), text.into());
    }

    /// The flash messages now shown.
    #[must_use]
    pub fn flash(&self) -> &Flash {
        &self.flash
    }

    /// Sends an event to the browser: scripts hear it as a window event named `phx:` and `name`,
    /// with `payload` as its detail, after the page has been updated.
    ///
    /// # Errors
    ///
    /// [`PushError`] when `payload` cannot be written as JSON, or the browser is too far behind.
    pub fn push_event(&mut self, name: &str, payload: &impl Serialize) -> Result<(), PushError> {
        self.pending.push_event(name, payload)
    }

    /// Has the browser run commands, after the page has been updated: `socket.push_js(Js::new()
    /// .focus("#name"))` when a form was refused. [`Target::This`](crate::js::Target::This) is the
    /// view's container. What is a matter of the template, such as a dialog that takes the focus when it
    /// comes, is better said there.
    ///
    /// # Errors
    ///
    /// [`PushError::Full`] when the browser is too far behind.
    pub fn push_js(&mut self, js: Js) -> Result<(), PushError> {
        self.pending.push_js(self.identity.dom_id(), &js)
    }

    /// Answers the hook that pushed the event being handled; its promise resolves with `value`.
    ///
    /// # Errors
    ///
    /// When `value` cannot be written as JSON.
    pub fn reply(&mut self, value: &impl Serialize) -> Result<(), serde_json::Error> {
        self.pending.reply(value)
    }

    /// Does something when the view ends, in whichever way, once: takes a name off a list, releases
    /// what the view holds outside of itself.
    ///
    /// `guard` is called with the reason, after the view itself has been dropped: also when `mount`
    /// fails later on, when a callback panics, when no browser ever comes, and when the server stops.
    /// Nothing but the loss of the process keeps it from running. It must not block; several run in
    /// the order in which they were given. For a view that ends in an orderly way,
    /// [`terminate`](LiveView::terminate) runs before, with the view and its socket at hand.
    ///
    /// ```
    /// use std::sync::{Arc, Mutex};
    /// # use belvedere::{Ended, LiveView, MountError, Render, Result, Socket, live};
    ///
    /// type Present = Arc<Mutex<Vec<String>>>;
    /// # struct Room;
    /// # impl LiveView for Room {
    /// #     type Extract = (String, Present);
    /// #     type Params = ();
    /// #     type Event = ();
    /// #     type Message = ();
    ///
    /// async fn mount(
    ///     (name, present): (String, Present),
    ///     socket: &mut Socket<Self>,
    /// ) -> Result<Self, MountError> {
    ///     present.lock().expect("nothing panics with it").push(name.clone());
    ///     socket.on_end(move |_why: Ended| {
    ///         present.lock().expect("nothing panics with it").retain(|other| *other != name);
    ///     });
    ///     Ok(Self)
    /// }
    /// #     fn render(&self) -> impl Render { live! { p { "…" } } }
    /// # }
    /// ```
    pub fn on_end(&mut self, guard: impl FnOnce(Ended) + Send + 'static) {
        self.endings.add(V::name(), guard);
    }

    /// Gives every component of this view a value, such as a database handle, which they find with
    /// [`ComponentSocket::provided`](crate::ComponentSocket::provided). One per type.
    pub fn provide<T: Clone + Send + Sync + 'static>(&mut self, value: T) {
        self.provided.insert(value);
    }

    /// What the pages of this route [share](crate::http::share), if they share a `T`.
    #[must_use]
    pub fn shared<T: Send + Sync + 'static>(&self) -> Option<Shared<T>> {
        self.identity.visit.shared()?.get()
    }

    /// Sends a message to a component, handled before the next frame. Dropped when the view has no
    /// component of this type and id.
    pub fn send_component<C: LiveComponent>(&mut self, id: impl Key, message: C::Message) {
        self.pending.to_components.push((name::<C>(&id), Box::new(message)));
    }

    /// A handle by which other tasks send messages to this view.
    #[must_use]
    pub fn sender(&self) -> MessageSender<V::Message> {
        MessageSender::to_view(Arc::clone(&self.mailbox))
    }

    /// A handle by which other tasks send messages to one component of this view; see
    /// [`ComponentSocket::component_sender`](crate::ComponentSocket::component_sender).
    #[must_use]
    pub fn component_sender<C: LiveComponent>(&self, id: impl Key) -> MessageSender<C::Message> {
        let inbox = Arc::clone(&self.mailbox) as Arc<dyn Inbox>;
        MessageSender::to_component(inbox, name::<C>(&id))
    }

    /// Appends what is pending as members of a diff object: title, events, reply.
    pub(crate) fn write_pending(&mut self, out: &mut String) {
        let mut member = |key: &str, value: &mut dyn FnMut(&mut String)| {
            if !out.ends_with('{') {
                out.push(',');
            }
            let _ = write!(out, "\"{key}\":");
            value(out);
        };
        if std::mem::take(&mut self.pending.title) {
            let title = self.title.as_deref().unwrap_or_default();
            member(keys::TITLE, &mut |out| write_json_string(out, title));
        }
        let events = std::mem::take(&mut self.pending.events);
        if !events.is_empty() {
            member(keys::EVENTS, &mut |out| {
                let _ = write!(out, "[{events}]");
            });
        }
        if let Some(reply) = self.pending.reply.take() {
            member(keys::REPLY_VALUE, &mut |out| out.push_str(&reply));
        }
    }

    /// Whether the view was given what a [snapshot](LiveView::snapshot) has kept of an earlier one, on
    /// another server or in another build. True from [`connected`](LiveView::connected) on, where what
    /// belongs to the state and is not kept can be loaded.
    #[must_use]
    pub const fn is_restored(&self) -> bool {
        self.is_restored
    }

    /// The path and query that the page shows.
    #[must_use]
    pub fn path(&self) -> &str {
        self.identity.url.as_str()
    }
}

impl<V: LiveView> Drop for Socket<V> {
    /// The view is gone: senders learn it, and what still waits is dropped.
    fn drop(&mut self) {
        self.mailbox.close();
        self.people.ended(self.endings.why);
    }
}

impl<V: LiveView> fmt::Debug for Socket<V> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Socket")
            .field("view", &V::name())
            .field("topic", &self.identity.topic)
            .finish_non_exhaustive()
    }
}
