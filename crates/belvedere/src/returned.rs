//! What the errors say that callbacks return, and what the log is told of them: visitors can repeat whatever leads
//! to one as often as they like.

use std::error::Error;
use std::fmt;

use tracing::Span;

use crate::error::{CallbackError, Meaning, MountError};
use crate::telemetry::{Told, ToldOf};

/// Which errors say that the server is busy ([`LiveConfig::is_busy`](crate::LiveConfig::is_busy)), or that it has no room
/// ([`LiveConfig::is_full`](crate::LiveConfig::is_full)), and when the log was told of any.
pub(crate) struct ReturnedErrors {
    is_busy: fn(&(dyn Error + 'static)) -> bool,
    is_full: fn(&(dyn Error + 'static)) -> bool,
    busy: Told,
    full: Told,
    /// By their types.
    mounts: ToldOf,
    callbacks: ToldOf,
    /// By the name of the work.
    work: ToldOf,
}

impl ReturnedErrors {
    pub(crate) fn new(
        is_busy: fn(&(dyn Error + 'static)) -> bool,
        is_full: fn(&(dyn Error + 'static)) -> bool,
    ) -> Self {
        Self {
            is_busy,
            is_full,
            busy: Told::new(),
            full: Told::new(),
            mounts: ToldOf::default(),
            callbacks: ToldOf::default(),
            work: ToldOf::default(),
        }
    }

    /// Looks what an error of a callback of this view says of the server. Of what it says the log is told here.
    pub(crate) fn look(&self, view: &'static str, error: &mut CallbackError) {
        if error.meaning() != Meaning::Other {
            return;
        }
        error.look(self.is_busy, self.is_full);
        match error.meaning() {
            Meaning::Busy => {
                if let Some(times) = self.busy.again() {
                    tracing::warn!(
                        view,
                        %error,
                        times,
                        "the server is busy, so visitors are asked to come again"
                    );
                }
            }
            Meaning::Full => {
                if let Some(times) = self.full.again() {
                    tracing::error!(view, %error, times, "the server has no room to save anything");
                }
            }
            Meaning::Other => {}
        }
    }

    /// The same of an error by which a view is not mounted, of which the log is told whatever it says.
    pub(crate) fn look_at_mount(&self, view: &'static str, error: &mut MountError) {
        let MountError::Failed(error) = error else { return };
        self.look(view, error);
        if error.meaning() == Meaning::Other
            && let Some(times) = self.mounts.again((view, error.type_name()))
        {
            tracing::error!(view, %error, times, "mount failed");
        }
    }

    /// Tells the log of an error of a callback, in its span.
    pub(crate) fn callback_failed(&self, view: &'static str, error: &CallbackError, span: &Span) {
        if let Some(times) = self.callbacks.again((view, error.type_name())) {
            // A line within a span marks that span as failed, which is not the one around a component's.
            tracing::error!(parent: span, view, %error, times, "a callback failed");
        }
    }

    /// How often it is to be told that this work beside the view has failed, if now.
    pub(crate) fn work_failed(&self, view: &'static str, work: &'static str) -> Option<u64> {
        self.work.again((view, work))
    }
}

impl Default for ReturnedErrors {
    /// None says anything.
    fn default() -> Self {
        Self::new(|_| false, |_| false)
    }
}

impl fmt::Debug for ReturnedErrors {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ReturnedErrors").finish_non_exhaustive()
    }
}
