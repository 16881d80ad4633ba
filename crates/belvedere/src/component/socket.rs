//! [`ComponentSocket`]: what a component's callback may ask of the runtime.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::LiveComponent;
use super::id::name;
use crate::error::Result;
use crate::flash::Flash;
use crate::js::Js;
use crate::navigation::{History, NotASite, NotLocal};
use crate::runtime::mailbox::Inbox;
use crate::socket::pending::{Pending, PushError};
use crate::socket::pieces::Pieces;
use crate::socket::sender::MessageSender;
use crate::socket::tasks::{Tasks, TooManyTasks};
use crate::telemetry::{Act, ViewIdentity};
use crate::template::Key;
use crate::visit::{Shared, Visit};

/// The handle given to a component's callbacks.
pub struct ComponentSocket<'a> {
    pub(crate) pending: &'a mut Pending,
    pub(crate) flash: &'a mut Flash,
    pub(crate) provided: &'a http::Extensions,
    pub(crate) visit: &'a Visit,
    pub(crate) tasks: &'a mut Tasks,
    pub(crate) pieces: &'a mut Pieces,
    /// The mailbox of the view.
    pub(crate) inbox: Arc<dyn Inbox>,
    pub(crate) identity: ViewIdentity<'a>,
    /// Id of the view's container.
    pub(crate) view_dom_id: &'a str,
    /// Name of the component's type.
    pub(crate) component: &'static str,
}

impl ComponentSocket<'_> {
    /// What the view has given its components with [`Socket::provide`](crate::Socket::provide).
    #[must_use]
    pub fn provided<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.provided.get()
    }

    /// As [`Socket::shared`](crate::Socket::shared).
    #[must_use]
    pub fn shared<T: Send + Sync + 'static>(&self) -> Option<Shared<T>> {
        self.visit.shared()?.get()
    }

    /// As [`Socket::push_event`](crate::Socket::push_event).
    ///
    /// # Errors
    ///
    /// [`PushError`] when `payload` cannot be written as JSON, or the browser is too far behind.
    pub fn push_event(&mut self, name: &str, payload: &impl Serialize) -> Result<(), PushError> {
        self.pending.push_event(name, payload)
    }

    /// As [`Socket::push_js`](crate::Socket::push_js). An event among the commands goes to the view, unless
    /// its [target](crate::js::Push::target) is the component.
    ///
    /// # Errors
    ///
    /// [`PushError::Full`] when the browser is too far behind.
    pub fn push_js(&mut self, js: Js) -> Result<(), PushError> {
        self.pending.push_js(self.view_dom_id, &js)
    }

    /// As [`Socket::reply`](crate::Socket::reply).
    ///
    /// # Errors
    ///
    /// When `value` cannot be written as JSON.
    pub fn reply(&mut self, value: &impl Serialize) -> Result<(), serde_json::Error> {
        self.pending.reply(value)
    }

    /// As [`Socket::put_flash`](crate::Socket::put_flash): the view shows it.
    pub fn put_flash(&mut self, kind: impl Into<String>, text: impl Into<String>) {
        self.flash.put(kind.into(), text.into());
    }

    /// As [`Socket::patch`](crate::Socket::patch): the view is patched.
    ///
    /// # Errors
    ///
    /// [`NotLocal`] when `to` is not a path of this application.
    pub fn patch(&mut self, to: impl Into<String>) -> Result<(), NotLocal> {
        self.patch_with(to, History::Push)
    }

    /// As [`Socket::patch_with`](crate::Socket::patch_with).
    ///
    /// # Errors
    ///
    /// [`NotLocal`] when `to` is not a path of this application.
    pub fn patch_with(&mut self, to: impl Into<String>, history: History) -> Result<(), NotLocal> {
        self.pending.patch(to, history)
    }

    /// As [`Socket::navigate`](crate::Socket::navigate).
    ///
    /// # Errors
    ///
    /// [`NotLocal`] when `to` is not a path of this application.
    pub fn navigate(&mut self, to: impl Into<String>) -> Result<(), NotLocal> {
        self.navigate_with(to, History::Push)
    }

    /// As [`Socket::navigate_with`](crate::Socket::navigate_with).
    ///
    /// # Errors
    ///
    /// [`NotLocal`] when `to` is not a path of this application.
    pub fn navigate_with(
        &mut self,
        to: impl Into<String>,
        history: History,
    ) -> Result<(), NotLocal> {
        self.pending.navigate(to, history)
    }

    /// As [`Socket::redirect_to_site`](crate::Socket::redirect_to_site).
    ///
    /// # Errors
    ///
    /// [`NotASite`] when `url` is not an absolute address of the web.
    pub fn redirect_to_site(&mut self, url: impl Into<String>) -> Result<(), NotASite> {
        self.pending.redirect_to_site(url)
    }

    /// As [`Socket::redirect`](crate::Socket::redirect).
    ///
    /// # Errors
    ///
    /// [`NotLocal`] when `to` is not a path of this application.
    pub fn redirect(&mut self, to: impl Into<String>) -> Result<(), NotLocal> {
        self.pending.redirect(to)
    }

    /// A handle by which other tasks send messages to the component of this type and id in the same
    /// view: `socket.component_sender::<Self>(self.id)` for this one. Each message changes that
    /// component alone, and the browser is sent its diff.
    ///
    /// They wait in the view's mailbox, within its bound, and are dropped when the page does not
    /// show the component any more.
    #[must_use]
    pub fn component_sender<C: LiveComponent>(&self, id: impl Key) -> MessageSender<C::Message> {
        MessageSender::to_component(Arc::clone(&self.inbox), name::<C>(&id))
    }

    /// Runs `work` beside the view, as [`Socket::spawn`](crate::Socket::spawn) does, with a trace of
    /// its own: `UsersFast UserRow async <name>`. Results come back as messages, through a
    /// [`component_sender`](Self::component_sender).
    ///
    /// # Errors
    ///
    /// [`TooManyTasks`] when the view, with its components, has 64 tasks, timers and subscriptions under way.
    ///
    /// # Cancel safety
    ///
    /// The work is aborted at its next `.await` when the view ends. It outlives a component that the
    /// page no longer shows.
    pub fn spawn(
        &mut self,
        name: &'static str,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), TooManyTasks> {
        let act = Act::ComponentSpawned(self.component, name);
        self.tasks.spawn(&self.identity, act, || self.inbox.ticket(), work)
    }

    /// Sends `message` to the component of this type and id after `delay`, as
    /// [`Socket::send_after`](crate::Socket::send_after) does.
    ///
    /// # Errors
    ///
    /// [`TooManyTasks`] when the view, with its components, has 64 tasks, timers and subscriptions under way.
    pub fn send_after<C: LiveComponent>(
        &mut self,
        id: impl Key,
        delay: Duration,
        message: C::Message,
    ) -> Result<(), TooManyTasks> {
        let sender = self.component_sender::<C>(id);
        self.tasks.send_after(self.identity.view, sender, delay, message)
    }
}

impl fmt::Debug for ComponentSocket<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ComponentSocket")
            .field("component", &self.component)
            .finish_non_exhaustive()
    }
}
