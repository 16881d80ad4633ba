//! The application's router as joins and patches use it: what it is asked, and what it answers.

use std::any::TypeId;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use http::StatusCode;

use crate::flash::Flash;
use crate::navigation::{Group, LocalPath};
use crate::runtime::attachment::{Attachment, JoinCount, RouteParams};
use crate::runtime::client::Client;
use crate::runtime::refusal::{Refusal, is_passing};
use crate::telemetry::PageTrace;
use crate::visit::Visit;
use crate::wire::token::{Keys, PageToken};

/// The application's router, as joins and patches use it.
pub(crate) trait Routes: Send + Sync {
    /// Sends an internal `GET` for the URL that is asked for.
    fn ask<'a>(
        &'a self,
        client: &'a Client,
        ask: &'a RouteAsk,
    ) -> Pin<Box<dyn Future<Output = RouteAnswer> + Send + 'a>>;
}

/// What the route's handler is asked: a private extension of the internal request.
#[derive(Clone)]
pub(crate) struct RouteAsk(Arc<AskInner>);

struct AskInner {
    url: LocalPath,
    what: Asking,
    /// Filled by the handler that accepts.
    given: Mutex<Option<Given>>,
}

/// What is asked of a route.
pub(crate) enum Asking {
    /// The view for a join.
    Join(JoinAsk),
    /// The view for a join that the layout of the route places.
    InLayout(JoinAsk),
    /// What a running view of this type is to know of the URL.
    Patch {
        view: TypeId,
        group: Group,
        /// What the view has from its routes so far.
        visit: Visit,
    },
}

/// A join, as its tokens and its payload tell it.
#[derive(Clone)]
pub(crate) struct JoinAsk {
    /// The page that the browser loaded, or the view in its layout, as the token says.
    pub(crate) page: PageToken,
    /// What the page was rendered with, or what a navigation carries.
    pub(crate) flash: Flash,
    /// How it stands among the joins of the view.
    pub(crate) count: JoinCount,
    /// The browser has come to this view by live navigation: it may be another than its page's.
    pub(crate) navigates: bool,
    /// The page that led to it, if it is the first join of a navigation.
    pub(crate) led_by: PageTrace,
}

/// What the handler gives.
enum Given {
    View(Box<dyn PreparedView>),
    /// The layout places no such view.
    Nothing,
    Params(RouteParams),
}

impl RouteAsk {
    /// What nobody has accepted yet.
    pub(crate) fn new(url: LocalPath, what: Asking) -> Self {
        Self(Arc::new(AskInner { url, what, given: Mutex::new(None) }))
    }

    /// Path and query.
    pub(crate) fn url(&self) -> &LocalPath {
        &self.0.url
    }

    pub(crate) fn what(&self) -> &Asking {
        &self.0.what
    }

    /// The handler accepts a join.
    pub(crate) fn accept(&self, view: Box<dyn PreparedView>) {
        *self.given() = Some(Given::View(view));
    }

    /// The handler has no such view, and that is no reason to load the page.
    pub(crate) fn accept_nothing(&self) {
        *self.given() = Some(Given::Nothing);
    }

    /// The handler accepts a patch.
    pub(crate) fn accept_patch(&self, params: RouteParams) {
        *self.given() = Some(Given::Params(params));
    }

    /// Whether the handler has accepted.
    pub(crate) fn is_accepted(&self) -> bool {
        self.given().is_some()
    }

    /// What was accepted for a join.
    pub(crate) fn take_view(&self) -> Result<Box<dyn PreparedView>, RouteAnswer> {
        match self.given().take() {
            Some(Given::View(view)) => Ok(view),
            Some(Given::Nothing) => Err(RouteAnswer::Removed),
            Some(Given::Params(_)) | None => Err(RouteAnswer::Failed),
        }
    }

    /// What the URL says to the view.
    pub(crate) fn take_params(&self) -> Option<RouteParams> {
        match self.given().take() {
            Some(Given::Params(params)) => Some(params),
            Some(Given::View(_) | Given::Nothing) | None => None,
        }
    }

    fn given(&self) -> MutexGuard<'_, Option<Given>> {
        self.0.given.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for RouteAsk {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("RouteAsk").field("url", &self.0.url).finish_non_exhaustive()
    }
}

/// A view that is ready to be joined: freshly mounted, held since the page, or still running.
pub(crate) trait PreparedView: Send {
    /// Lets the view answer the join.
    fn attach(self: Box<Self>, attachment: Box<Attachment>);
}

/// In place of a view in a layout whose mount has refused: its element shows nothing.
pub(crate) struct Blank;

impl PreparedView for Blank {
    fn attach(self: Box<Self>, attachment: Box<Attachment>) {
        attachment.answer_blank();
    }
}

/// What the application's router made of the internal request, or a nested view's mount of its join.
#[derive(Debug)]
pub(crate) enum RouteAnswer {
    /// The live handler accepted, and every layer let its answer pass.
    Accepted,
    /// A redirect to a path of this application, with the signed flash it carries.
    Redirect { to: LocalPath, flash: Option<String> },
    /// The visitor, or what the URL says, is refused: a status of 4xx.
    Refused(u16),
    /// An ordinary page, or another view: the browser has to load it.
    NotThisView,
    /// The browser is about to hear that its page shows this nested view no more, or the layout does not
    /// place it.
    Removed,
    /// No request can be made for it.
    NotAUrl,
    /// The server is busy.
    Busy,
    /// The server failed.
    Failed,
}

impl RouteAnswer {
    /// What a status means that is neither success nor redirect.
    pub(crate) fn of_failure(status: StatusCode) -> Self {
        match status {
            StatusCode::SERVICE_UNAVAILABLE => Self::Busy,
            status if is_passing(status) => Self::Failed,
            status => Self::Refused(status.as_u16()),
        }
    }

    /// What a nested view's refusal means.
    pub(crate) fn of_refusal(refusal: Refusal, keys: &Keys) -> Self {
        match refusal {
            Refusal::Status(status) => Self::of_failure(status),
            Refusal::Redirect { to, flash } => {
                Self::Redirect { to, flash: flash.into_token(keys, SystemTime::now()) }
            }
            Refusal::Site(_) => Self::NotThisView,
        }
    }
}
