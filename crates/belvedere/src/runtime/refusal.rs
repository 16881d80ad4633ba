//! Why a mount hands out no view, and what the visitor gets instead.

use http::StatusCode;
use tracing::Span;

use crate::error::{Meaning, MountError};
use crate::flash::Flash;
use crate::navigation::{LocalPath, SiteUrl};
use crate::socket::pending::Going;
use crate::telemetry;

/// What the visitor gets instead of the view.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// A page with this status.
    Status(StatusCode),
    /// Another page, which shows this flash.
    Redirect { to: LocalPath, flash: Flash },
    /// Another site.
    Site(SiteUrl),
}

impl Refusal {
    /// The server failed.
    pub(crate) const FAILED: Self = Self::Status(StatusCode::INTERNAL_SERVER_ERROR);

    /// What an error of this view's mount means. Causes are marked on the span, never shown.
    pub(crate) fn of(view: &'static str, error: MountError, flash: Flash, span: &Span) -> Self {
        let kind = error.kind();
        match error {
            MountError::Status(status) => Self::Status(status),
            MountError::Redirect(to) => match LocalPath::new(to) {
                Ok(to) => Self::Redirect { to, flash },
                Err(error) => {
                    tracing::error!(view, %error, "mount redirects off the site");
                    telemetry::fail(span, "redirect", "mount redirects off the site");
                    Self::FAILED
                }
            },
            MountError::Failed(error) => {
                telemetry::fail(span, kind, &error.to_string());
                Self::Status(match error.meaning() {
                    Meaning::Busy => StatusCode::SERVICE_UNAVAILABLE,
                    Meaning::Full => StatusCode::INSUFFICIENT_STORAGE,
                    Meaning::Other => StatusCode::INTERNAL_SERVER_ERROR,
                })
            }
        }
    }

    /// Where a view sends a browser that has nothing of it yet.
    pub(crate) fn of_going(going: Going, flash: Flash) -> Self {
        match going {
            Going::Patch(to, _) | Going::Navigate(to, _) | Going::Redirect(to) => {
                Self::Redirect { to, flash }
            }
            Going::Site(url) => Self::Site(url),
        }
    }

    /// Whether a browser that asks again in a moment may be answered otherwise.
    pub(crate) fn may_pass(&self) -> bool {
        matches!(self, Self::Status(status) if is_passing(*status))
    }

    /// The status of the answer to a join.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Status(status) => *status,
            Self::Redirect { .. } | Self::Site(_) => StatusCode::SEE_OTHER,
        }
    }
}

/// Whether a status may be another a moment later.
pub(crate) fn is_passing(status: StatusCode) -> bool {
    let is_for_now = matches!(
        status,
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS
    );
    is_for_now || !status.is_client_error()
}
