//! A join: from the client's tokens, through the application's own router, to the view that answers.
//!
//! The tokens say which page was rendered for whom. Whether that visitor may still see it, and what
//! it shows, is the router's word: the same middleware, extractors and handler that serve the page
//! (`http::routes`). For a nested view it is its parent's, which has passed them: a join finds what a
//! running view places, and nothing else.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use http::StatusCode;

use crate::flash::Flash;
use crate::navigation::LocalPath;
use crate::runtime::Runtime;
use crate::runtime::attachment::{Again, Attachment, Channel};
use crate::runtime::backlog::Load;
use crate::runtime::client::Client;
use crate::runtime::in_flight::Ticket;
use crate::runtime::nested::Child;
use crate::runtime::refusal::Refusal;
use crate::wire::message::JoinPayload;
use crate::wire::response::{JoinRefusal, Navigation};
use crate::wire::token::{Keys, PageToken, ReloadToken};

mod verify;

/// A join as the client sent it, freed from its frame.
pub(crate) struct JoinRequest {
    /// Dropped with the request when the client leaves before the join begins, which refuses it.
    attachment: Attachment,
    /// The URL that the browser shows; absent for a nested view and for a navigation.
    url: Option<String>,
    /// The client navigates without a full load.
    is_navigation: bool,
    session: String,
    static_token: Option<String>,
    mounts: u32,
    tracked_assets: Vec<String>,
    /// Until the join is given to its view.
    _load: Load,
}

impl JoinRequest {
    pub(crate) fn new(
        channel: Channel,
        payload: &JoinPayload<'_>,
        ticket: Ticket,
        load: Load,
    ) -> Self {
        let tracked = payload.params.track_static.iter();
        Self {
            attachment: Attachment::new(channel, payload.params.mounts > 0, ticket),
            url: payload.url.as_ref().map(ToString::to_string),
            is_navigation: payload.redirect.is_some(),
            session: payload.session.to_string(),
            static_token: payload.static_token.as_ref().map(ToString::to_string),
            mounts: payload.params.mounts,
            tracked_assets: tracked.map(ToString::to_string).collect(),
            _load: load,
        }
    }
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

    fn take(&self) -> Option<Box<dyn PreparedView>> {
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

    fn of_refusal(refusal: Refusal, keys: &Keys) -> Self {
        match refusal {
            Refusal::Status(status) => Self::of_failure(status),
            Refusal::Redirect { to, flash } => {
                Self::Redirect { to, flash: flash.into_token(keys, SystemTime::now()) }
            }
        }
    }
}

/// The application's router, as joins use it.
pub(crate) trait Routes: Send + Sync {
    /// Sends an internal `GET` for the join's URL.
    fn join<'a>(
        &'a self,
        client: &'a Client,
        ask: &'a JoinAsk,
    ) -> Pin<Box<dyn Future<Output = RouteAnswer> + Send + 'a>>;
}

/// Runs one join to its reply. Dropped when the client leaves first, which refuses the join.
pub(crate) async fn run(runtime: Arc<Runtime>, client: Arc<Client>, request: JoinRequest) {
    let assets_changed = runtime.assets_changed(&request.tracked_assets);
    let asked = match verify::verify(&runtime, &client, &request) {
        Ok(asked) => asked,
        Err(refusal) => {
            runtime.join_refused(refusal.reason());
            request.attachment.refuse(&refusal);
            return;
        }
    };
    let mut attachment = request.attachment;
    // The page says once that it is outdated, not each view in it again.
    attachment.assets_changed = assets_changed && matches!(asked, Asked::Route(_));
    let join = JoinAgain { runtime, client, asked };
    attachment.again = Some(Box::new(join.clone()));
    join.run(attachment).await;
}

/// What a verified join is for.
#[derive(Clone)]
enum Asked {
    Route(JoinAsk),
    Nested {
        child: Arc<Child>,
        flash: Flash,
        mounts: u32,
    },
    /// A nested view that its parent, which runs, places no more.
    Removed,
}

impl Asked {
    /// Asks the application's router, or mounts what a running view places.
    async fn find(
        self,
        runtime: &Arc<Runtime>,
        client: &Client,
    ) -> Result<Box<dyn PreparedView>, RouteAnswer> {
        match self {
            Self::Route(ask) => {
                let routes = runtime.routes().ok_or(RouteAnswer::Failed)?;
                match (routes.join(client, &ask).await, ask.take()) {
                    (RouteAnswer::Accepted, Some(view)) => Ok(view),
                    (answer, _) => Err(answer),
                }
            }
            Self::Nested { child, flash, mounts } => {
                let joined = child.seed().join(runtime, &child, flash, mounts).await;
                if child.was_removed(runtime) {
                    return Err(RouteAnswer::Removed);
                }
                joined.map_err(|refusal| RouteAnswer::of_refusal(refusal, &runtime.keys))
            }
            Self::Removed => Err(RouteAnswer::Removed),
        }
    }
}

/// A verified join, kept until its view has accepted it.
#[derive(Clone)]
struct JoinAgain {
    runtime: Arc<Runtime>,
    client: Arc<Client>,
    asked: Asked,
}

impl JoinAgain {
    /// Hands the join to the view it leads to.
    async fn run(self, attachment: Attachment) {
        let Self { runtime, client, asked } = self;
        match asked.find(&runtime, &client).await {
            Ok(view) => view.attach(Box::new(attachment)),
            Err(answer) => refuse(&runtime, attachment, &answer),
        }
    }
}

impl Again for JoinAgain {
    fn join(self: Box<Self>, attachment: Attachment) {
        tokio::spawn(self.run(attachment));
    }
}

fn refuse(runtime: &Runtime, attachment: Attachment, answer: &RouteAnswer) {
    let token;
    let refusal = match answer {
        RouteAnswer::Redirect { to, flash } => {
            JoinRefusal::Navigate(Navigation::Redirect { to: to.as_str(), flash: flash.as_deref() })
        }
        RouteAnswer::Refused(status) => {
            token = ReloadToken { status: *status }.sign(&runtime.keys, SystemTime::now());
            JoinRefusal::Reload { status: *status, token: &token }
        }
        RouteAnswer::NotThisView => JoinRefusal::Unauthorized,
        RouteAnswer::Removed => return attachment.answer_blank(),
        RouteAnswer::Accepted | RouteAnswer::Failed => JoinRefusal::Crashed,
    };
    runtime.join_refused(refusal.reason());
    attachment.refuse(&refusal);
}
