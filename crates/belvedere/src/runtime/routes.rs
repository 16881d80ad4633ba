//! The application's router as joins use it: what it is asked, and what it answers.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use http::StatusCode;

use crate::flash::Flash;
use crate::navigation::LocalPath;
use crate::runtime::attachment::Attachment;
use crate::runtime::client::Client;
use crate::runtime::refusal::Refusal;
use crate::wire::token::{Keys, PageToken};

/// The application's router, as joins use it.
pub(crate) trait Routes: Send + Sync {
    /// Sends an internal `GET` for the join's URL.
    fn join<'a>(
        &'a self,
        client: &'a Client,
        ask: &'a JoinAsk,
    ) -> Pin<Box<dyn Future<Output = RouteAnswer> + Send + 'a>>;
}

/// What the route's handler is asked at a join: a private extension of the internal request.
#[derive(Clone)]
pub(crate) struct JoinAsk(Arc<AskInner>);

struct AskInner {
    page: PageToken,
    url: LocalPath,
    flash: Flash,
    mounts: u32,
    /// Filled by the handler that accepts.
    prepared: Mutex<Option<Box<dyn PreparedView>>>,
}

impl JoinAsk {
    /// A join that nobody has accepted yet.
    pub(crate) fn new(page: PageToken, url: LocalPath, flash: Flash, mounts: u32) -> Self {
        let prepared = Mutex::new(None);
        Self(Arc::new(AskInner { page, url, flash, mounts, prepared }))
    }

    /// The page that the browser shows, as its token says.
    pub(crate) fn page(&self) -> &PageToken {
        &self.0.page
    }

    /// Path and query to mount for.
    pub(crate) fn url(&self) -> &LocalPath {
        &self.0.url
    }

    /// The flash that the page was rendered with.
    pub(crate) fn flash(&self) -> &Flash {
        &self.0.flash
    }

    /// How often the page's view has been joined before.
    pub(crate) fn mounts(&self) -> u32 {
        self.0.mounts
    }

    /// The handler's answer.
    pub(crate) fn accept(&self, view: Box<dyn PreparedView>) {
        *self.0.prepared.lock().unwrap_or_else(PoisonError::into_inner) = Some(view);
    }

    /// Whether the handler has accepted.
    pub(crate) fn is_accepted(&self) -> bool {
        self.0.prepared.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// The view that was accepted.
    pub(crate) fn take(&self) -> Option<Box<dyn PreparedView>> {
        self.0.prepared.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl fmt::Debug for JoinAsk {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("JoinAsk").field("url", &self.0.url).finish_non_exhaustive()
    }
}

/// A view that is ready to be joined: freshly mounted, held since the page, or still running.
pub(crate) trait PreparedView: Send {
    /// Lets the view answer the join.
    fn attach(self: Box<Self>, attachment: Box<Attachment>);
}

/// What the application's router made of the internal request, or a nested view's mount of its join.
#[derive(Debug)]
pub(crate) enum RouteAnswer {
    /// The live handler accepted, and every layer let its answer pass.
    Accepted,
    /// A redirect to a path of this application, with the signed flash it carries.
    Redirect { to: LocalPath, flash: Option<String> },
    /// Refused with 401, 403, 404 or 410.
    Refused(u16),
    /// An ordinary page, or another view: the browser has to load it.
    NotThisView,
    /// The browser is about to hear that its page shows this nested view no more.
    Removed,
    /// The server failed.
    Failed,
}

impl RouteAnswer {
    /// What a status means that is neither success nor redirect.
    pub(crate) fn of_failure(status: StatusCode) -> Self {
        match status {
            StatusCode::UNAUTHORIZED
            | StatusCode::FORBIDDEN
            | StatusCode::NOT_FOUND
            | StatusCode::GONE => Self::Refused(status.as_u16()),
            _ => Self::Failed,
        }
    }

    /// What a nested view's refusal means.
    pub(crate) fn of_refusal(refusal: Refusal, keys: &Keys) -> Self {
        match refusal {
            Refusal::Status(status) => Self::of_failure(status),
            Refusal::Redirect { to, flash } => {
                Self::Redirect { to, flash: flash.into_token(keys, SystemTime::now()) }
            }
        }
    }
}
