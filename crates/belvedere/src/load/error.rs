//! [`AsyncError`]: how a piece of work fails.

use std::any::Any;
use std::time::Duration;

use tracing::Span;

use crate::error::{CallbackError, Meaning};
use crate::returned::ReturnedErrors;
use crate::socket::tasks::TooManyTasks;
use crate::telemetry;

/// Why a piece of work has no value; what it says is for the author, and may name what no visitor
/// should read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AsyncError {
    /// It returned this error, or what was done with its value did.
    #[error("{0}")]
    Returned(CallbackError),
    /// It panicked, with this message.
    #[error("the work panicked: {0}")]
    Panicked(Box<str>),
    /// It took longer than its [`timeout`](crate::Load::timeout).
    #[error("the work took longer than {0:?}")]
    TimedOut(Duration),
    /// It was not started.
    #[error(transparent)]
    TooManyTasks(#[from] TooManyTasks),
    /// It was [cancelled](crate::Socket::cancel), or another of its name was started.
    #[error("the work was cancelled")]
    Cancelled,
    /// It was started for a component, by its type and id, that the view does not have.
    #[error("the work was started for a component that is not there")]
    NoComponent,
}

impl AsyncError {
    /// What was propagated: the error of the work itself, or another.
    pub(crate) fn of(error: CallbackError) -> Self {
        error.downcast().unwrap_or_else(Self::Returned)
    }

    pub(crate) fn of_panic(panic: &(dyn Any + Send)) -> Self {
        let text = panic.downcast_ref::<&str>().copied();
        let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        Self::Panicked(text.unwrap_or("no message").into())
    }

    /// Logs that this piece of work of a view, or of a component of it, has failed, and marks `span`.
    pub(crate) fn report(
        &self,
        span: &Span,
        view: &'static str,
        component: Option<&'static str>,
        work: &'static str,
        returned: &ReturnedErrors,
    ) {
        let is_told = matches!(self, Self::Returned(error) if error.meaning() != Meaning::Other);
        if !is_told && let Some(times) = returned.work_failed(view, work) {
            tracing::error!(parent: span, view, component, work, error = %self, times, "async work failed");
        }
        telemetry::fail(span, self.kind(), &self.to_string());
    }

    /// Whether the same may succeed in a moment: the server is busy
    /// ([`LiveConfig::is_busy`](crate::LiveConfig::is_busy)).
    #[must_use]
    pub fn is_busy(&self) -> bool {
        matches!(self, Self::Returned(error) if error.is_busy())
    }

    /// Whether the server has no room to save anything ([`LiveConfig::is_full`](crate::LiveConfig::is_full)).
    #[must_use]
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Returned(error) if error.is_full())
    }

    /// The `error.type` of the failure, in spans.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Returned(error) => error.kind(),
            Self::Panicked(_) => "panic",
            Self::TimedOut(_) => "timeout",
            Self::TooManyTasks(_) => "too_many_tasks",
            Self::Cancelled => "cancelled",
            Self::NoComponent => "no_component",
        }
    }
}
