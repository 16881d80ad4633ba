//! Errors that say that the server is busy just now, and may not be in a moment.

use std::error::Error;
use std::fmt;

use crate::error::{CallbackError, MountError};
use crate::telemetry::Told;

/// Which errors say so ([`LiveConfig::is_busy`](crate::LiveConfig::is_busy)), and when the log was told of one:
/// visitors can make a server busy as often as they like.
pub(crate) struct BusyErrors {
    is_busy: fn(&(dyn Error + 'static)) -> bool,
    told: Told,
}

impl BusyErrors {
    pub(crate) fn new(is_busy: fn(&(dyn Error + 'static)) -> bool) -> Self {
        Self { is_busy, told: Told::new() }
    }

    /// Marks an error of a callback of this view that says so.
    pub(crate) fn look(&self, view: &'static str, error: &mut CallbackError) {
        if error.is_busy() {
            return;
        }
        error.look(self.is_busy);
        if error.is_busy()
            && let Some(times) = self.told.again()
        {
            tracing::warn!(
                view,
                %error,
                times,
                "the server is busy, so visitors are asked to come again"
            );
        }
    }

    /// The same of an error by which a view is not mounted.
    pub(crate) fn look_at_mount(&self, view: &'static str, error: &mut MountError) {
        if let MountError::Failed(error) = error {
            self.look(view, error);
        }
    }
}

impl Default for BusyErrors {
    /// None.
    fn default() -> Self {
        Self::new(|_| false)
    }
}

impl fmt::Debug for BusyErrors {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("BusyErrors").finish_non_exhaustive()
    }
}
