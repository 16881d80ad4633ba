//! [`EventGuard`]: what events may do, said in one place for a group of routes.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;

use serde::de::DeserializeOwned;

use super::Visit;
use crate::error::CallbackError;
use crate::navigation::History;
use crate::telemetry::attribute;

/// Sees every event of the pages of some routes before the view does, or one of its components, and
/// lets it pass or not. [`guard_events`](crate::http::guard_events) puts it on the routes.
///
/// A closure that decides without waiting is one:
///
/// ```
/// use axum::Router;
/// use belvedere::http::guard_events;
/// use belvedere::{EventRefusal, GuardedEvent};
///
/// let read_only = guard_events(|event: &GuardedEvent<'_>| match event.only_reads {
///     true => Ok(()),
///     false => Err(EventRefusal::flash("error", "Nothing can be changed here today.")),
/// });
/// let pages: Router = Router::new().layer(read_only);
/// ```
///
/// The [guide](crate::_guards) shows one that asks a database.
pub trait EventGuard: Send + Sync + 'static {
    /// Lets an event pass, or says what comes of it instead. Whatever that is, the view lives on with
    /// its state and the event is answered, so that the element which sent it can be used again.
    ///
    /// Its queries belong to the trace of the event. A panic ends the view, as one in
    /// [`handle_event`](crate::LiveView::handle_event).
    ///
    /// # Errors
    ///
    /// [`EventRefusal`] keeps the event from the view. Any error that `?` is given does so too, and goes
    /// to the view's [`handle_error`](crate::LiveView::handle_error).
    fn check(
        &self,
        event: &GuardedEvent<'_>,
    ) -> impl Future<Output = Result<(), EventRefusal>> + Send;
}

impl<F> EventGuard for F
where
    F: Fn(&GuardedEvent<'_>) -> Result<(), EventRefusal> + Send + Sync + 'static,
{
    fn check(
        &self,
        event: &GuardedEvent<'_>,
    ) -> impl Future<Output = Result<(), EventRefusal>> + Send {
        std::future::ready(self(event))
    }
}

/// An event that asks to be let through.
#[derive(Debug)]
#[non_exhaustive]
pub struct GuardedEvent<'a> {
    /// Its declared name.
    pub name: &'static str,
    /// It was declared to change nothing, by `#[live_event(reads)]`. An event of which nothing is said
    /// may change anything.
    pub only_reads: bool,
    /// Name of the view that has sent it, or whose component has.
    pub view: &'static str,
    /// Name of the component that it is for, if it is for one.
    pub component: Option<&'static str>,
    /// Path and query that the page shows.
    pub path: &'a str,
    /// Template of the page's route: `/users/{id}`.
    pub route: &'a str,
    pub(crate) visit: &'a Visit,
}

impl GuardedEvent<'_> {
    /// The [`name`](Self::name) under which files are asked for: before they are sent, and before
    /// [`handle_upload`](crate::LiveView::handle_upload) is given one that has come.
    pub const UPLOAD: &'static str = "belvedere:upload";

    /// What the application keeps with the visitor's session
    /// ([`Visitor::start_session`](crate::http::Visitor::start_session)), if there is such a value.
    #[must_use]
    pub fn session_value<T: DeserializeOwned>(&self) -> Option<T> {
        self.visit.session_value()
    }

    /// What the pages of these routes [share](crate::http::share), if they share a `T`.
    #[must_use]
    pub fn shared<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.visit.shared()?.get_ref()
    }
}

/// Why an event does not reach its view, and what the visitor sees of it.
///
/// ```
/// use belvedere::EventRefusal;
///
/// let stays = EventRefusal::flash("error", "Only editors may do this.");
/// let leaves = EventRefusal::redirect("/sign-in").with_flash("info", "Please sign in again.");
/// # let _ = (stays, leaves);
/// ```
#[derive(Debug)]
pub struct EventRefusal {
    flash: Option<(String, String)>,
    what: Refused,
}

/// What comes of a refused event.
#[derive(Debug)]
pub(crate) enum Refused {
    /// The page stays.
    Stays,
    /// A full load of another page.
    Redirect(String),
    /// Another view on the same socket.
    Navigate(String, History),
    /// The guard itself has failed.
    Failed(CallbackError),
}

impl EventRefusal {
    /// The page stays as it is, with this flash; see [`Socket::put_flash`](crate::Socket::put_flash).
    #[must_use]
    pub fn flash(kind: impl Into<String>, text: impl Into<String>) -> Self {
        Self::of(Refused::Stays).with_flash(kind, text)
    }

    /// The page stays as it is, and nothing is said: for events that no visitor has meant, such as those
    /// of a timer.
    #[must_use]
    pub fn silent() -> Self {
        Self::of(Refused::Stays)
    }

    /// The browser loads `to`, a path of this application; see
    /// [`Socket::redirect`](crate::Socket::redirect).
    #[must_use]
    pub fn redirect(to: impl Into<String>) -> Self {
        Self::of(Refused::Redirect(to.into()))
    }

    /// The browser goes to the live view at `to`, on the same socket; see
    /// [`Socket::navigate`](crate::Socket::navigate).
    #[must_use]
    pub fn navigate(to: impl Into<String>) -> Self {
        Self::of(Refused::Navigate(to.into(), History::Push))
    }

    /// Says why, on this page or on the one that the browser goes to.
    #[must_use]
    pub fn with_flash(mut self, kind: impl Into<String>, text: impl Into<String>) -> Self {
        self.flash = Some((kind.into(), text.into()));
        self
    }

    fn of(what: Refused) -> Self {
        Self { flash: None, what }
    }

    /// What the span of the guards says of it.
    pub(crate) fn outcome(&self) -> &'static str {
        match self.what {
            Refused::Stays => attribute::OUTCOME_REFUSED,
            Refused::Redirect(_) | Refused::Navigate(..) => attribute::OUTCOME_REDIRECTED,
            Refused::Failed(_) => attribute::OUTCOME_FAILED,
        }
    }

    pub(crate) fn into_parts(self) -> (Option<(String, String)>, Refused) {
        (self.flash, self.what)
    }
}

impl<E: Into<Box<dyn Error + Send + Sync>>> From<E> for EventRefusal {
    fn from(cause: E) -> Self {
        Self::of(Refused::Failed(CallbackError::from(cause)))
    }
}

/// A guard at work.
type Checking<'a> = Pin<Box<dyn Future<Output = Result<(), EventRefusal>> + Send + 'a>>;

/// A guard of any type.
pub(crate) trait AnyGuard: Send + Sync {
    fn check<'a>(&'a self, event: &'a GuardedEvent<'_>) -> Checking<'a>;
}

impl<G: EventGuard> AnyGuard for G {
    fn check<'a>(&'a self, event: &'a GuardedEvent<'_>) -> Checking<'a> {
        Box::pin(EventGuard::check(self, event))
    }
}

impl fmt::Debug for dyn AnyGuard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("EventGuard").finish_non_exhaustive()
    }
}
