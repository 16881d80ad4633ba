//! How a callback fails.
//!
//! [`MountError`] is the author's answer to "this page cannot be shown"; [`CallbackError`] is the
//! one boxed error of the crate: whatever a later callback propagates with `?`. Neither implements
//! [`std::error::Error`], which is what lets `?` accept every type that does. What the browser is
//! told of each is decided in `http` and `runtime`.

use std::any::type_name;
use std::error::Error;
use std::{fmt, io};

use http::StatusCode;

/// What the callbacks after `mount` return.
pub type Result<T = (), E = CallbackError> = std::result::Result<T, E>;

/// Any error of a callback after `mount`: the view lives on with the state it has.
///
/// The runtime marks the callback's span, tells the log of errors of its type in this view, once a minute, and hands it
/// to [`LiveView::handle_error`](crate::LiveView::handle_error).
#[derive(Debug)]
pub struct CallbackError {
    cause: Box<dyn Error + Send + Sync>,
    /// The type of the cause.
    type_name: &'static str,
    meaning: Meaning,
}

/// What an error says of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    Busy,
    Full,
    Other,
}

impl CallbackError {
    /// The error that the callback propagated.
    #[must_use]
    pub fn cause(&self) -> &(dyn Error + Send + Sync + 'static) {
        &*self.cause
    }

    /// Whether the same may succeed in a moment: the server is busy
    /// ([`LiveConfig::is_busy`](crate::LiveConfig::is_busy)). Known once the callback has returned it.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.meaning == Meaning::Busy
    }

    /// Whether the server has no room to save anything ([`LiveConfig::is_full`](crate::LiveConfig::is_full)). Known
    /// once the callback has returned it.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.meaning == Meaning::Full
    }

    pub(crate) fn meaning(&self) -> Meaning {
        self.meaning
    }

    pub(crate) fn type_name(&self) -> &'static str {
        self.type_name
    }

    /// The `error.type` of the failure, in spans.
    pub(crate) fn kind(&self) -> &'static str {
        match self.meaning {
            Meaning::Busy => "busy",
            Meaning::Full => "full",
            Meaning::Other => "callback",
        }
    }

    /// Looks what it says of the server: it, or what caused it.
    pub(crate) fn look(
        &mut self,
        is_busy: fn(&(dyn Error + 'static)) -> bool,
        is_full: fn(&(dyn Error + 'static)) -> bool,
    ) {
        self.meaning = match () {
            () if self.any(is_busy) => Meaning::Busy,
            () if self.any(is_full) => Meaning::Full,
            () => Meaning::Other,
        };
    }

    /// Whether a disk has no room: it says so, or what caused it.
    pub(crate) fn is_of_full_disk(&self) -> bool {
        self.any(|error| error.downcast_ref().is_some_and(is_of_full_disk))
    }

    /// Whether it is so of the error, or of one that caused it.
    fn any(&self, is_it: impl Fn(&(dyn Error + 'static)) -> bool) -> bool {
        let mut next: Option<&(dyn Error + 'static)> = Some(&*self.cause);
        while let Some(error) = next {
            if is_it(error) {
                return true;
            }
            next = error.source();
        }
        false
    }

    /// The error itself, if it is an `E`.
    pub(crate) fn downcast<E: Error + 'static>(self) -> std::result::Result<E, Self> {
        let Self { cause, type_name, meaning } = self;
        cause.downcast().map(|error| *error).map_err(|cause| Self { cause, type_name, meaning })
    }
}

impl fmt::Display for CallbackError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_chain(formatter, &*self.cause)
    }
}

impl<E: Into<Box<dyn Error + Send + Sync>>> From<E> for CallbackError {
    fn from(cause: E) -> Self {
        Self { cause: cause.into(), type_name: type_name::<E>(), meaning: Meaning::Other }
    }
}

/// Why a view was not mounted.
///
/// On the page this is an HTTP answer; at a join it becomes the reply that makes the browser load
/// the page again and see that answer.
///
/// What `mount` and `handle_params` share with later callbacks, such as loading what the page shows, returns a
/// [`Result`] as those do:
///
/// ```
/// # use belvedere::{LiveEvent, LiveView, MountError, Render, Result, Socket, live};
/// # async fn count() -> std::io::Result<u32> { Ok(7) }
/// # #[derive(LiveEvent)] enum Event { Refresh }
/// struct Tasks { n_tasks: u32 }
///
/// impl Tasks {
///     async fn load(&mut self) -> Result {
///         self.n_tasks = count().await?;
///         Ok(())
///     }
/// }
///
/// impl LiveView for Tasks {
/// #   type Extract = ();
/// #   type Params = ();
/// #   type Event = Event;
/// #   type Message = ();
///     async fn mount(_: (), _: &mut Socket<Self>) -> Result<Self, MountError> {
///         let mut tasks = Self { n_tasks: 0 };
///         tasks.load().await?;
///         Ok(tasks)
///     }
///
///     async fn handle_event(&mut self, _: Event, _: &mut Socket<Self>) -> Result {
///         self.load().await
///     }
/// #   fn render(&self) -> impl Render { live! { p { (self.n_tasks) } } }
/// }
/// ```
#[derive(Debug)]
pub enum MountError {
    /// The page answers with this status, e.g. 404.
    Status(StatusCode),
    /// The browser is sent to this local path, e.g. `/login`.
    Redirect(String),
    /// Something failed: the page answers 500 and the cause is logged, never shown; where the server
    /// [is busy](crate::LiveConfig::is_busy), 503 with `Retry-After`; where it
    /// [has no room](crate::LiveConfig::is_full), 507.
    Failed(CallbackError),
}

impl MountError {
    /// The `error.type` of the failure, in metrics and spans.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Status(_) => "refused",
            Self::Redirect(_) => "redirected",
            Self::Failed(error) if error.meaning() == Meaning::Other => "mount",
            Self::Failed(error) => error.kind(),
        }
    }

    /// There is no such page for this visitor: 404.
    #[must_use]
    pub fn not_found() -> Self {
        Self::Status(StatusCode::NOT_FOUND)
    }

    /// This visitor may not see the page: 403.
    #[must_use]
    pub fn forbidden() -> Self {
        Self::Status(StatusCode::FORBIDDEN)
    }

    /// Send the browser to `to`, a path of this application.
    #[must_use]
    pub fn redirect(to: impl Into<String>) -> Self {
        Self::Redirect(to.into())
    }
}

impl<E: Into<Box<dyn Error + Send + Sync>>> From<E> for MountError {
    fn from(cause: E) -> Self {
        Self::Failed(CallbackError::from(cause))
    }
}

impl From<CallbackError> for MountError {
    fn from(error: CallbackError) -> Self {
        Self::Failed(error)
    }
}

fn is_of_full_disk(error: &io::Error) -> bool {
    // An error within another is no source of it.
    let inner = || error.get_ref().and_then(|inner| inner.downcast_ref());
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
        || inner().is_some_and(is_of_full_disk)
}

/// One line for an error and what caused it: `loading users: connection refused`.
fn write_chain(formatter: &mut fmt::Formatter<'_>, error: &dyn Error) -> fmt::Result {
    write!(formatter, "{error}")?;
    let mut source = error.source();
    while let Some(cause) = source {
        write!(formatter, ": {cause}")?;
        source = cause.source();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("loading users")]
    struct Loading(#[source] std::fmt::Error);

    #[test]
    fn question_mark_takes_any_error_and_keeps_its_causes() {
        fn callback() -> Result {
            Err(Loading(std::fmt::Error))?;
            Ok(())
        }
        let error = callback().unwrap_err();
        assert_eq!(
            error.to_string(),
            "loading users: an error occurred when formatting an argument"
        );
    }
}
