//! A join: from the client's tokens, through the application's own router, to the view that answers.
//!
//! The tokens say which page was rendered for whom. Whether that visitor may still see it, and what
//! it shows, is the router's word: the same middleware, extractors and handler that serve the page
//! (`http::routes`).

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use crate::flash::Flash;
use crate::navigation::LocalPath;
use crate::runtime::Runtime;
use crate::runtime::attachment::{Attachment, Channel};
use crate::runtime::client::Client;
use crate::runtime::in_flight::Ticket;
use crate::wire::keys;
use crate::wire::message::JoinPayload;
use crate::wire::response::{JoinRefusal, Navigation};
use crate::wire::token::{PageToken, ReloadToken, StaticToken};

/// A join as the client sent it, freed from its frame.
pub(crate) struct JoinRequest {
    channel: Channel,
    /// The URL that the browser shows.
    url: Option<String>,
    session: String,
    static_token: Option<String>,
    mounts: u32,
    tracked_assets: Vec<String>,
    ticket: Ticket,
}

impl JoinRequest {
    pub(crate) fn new(channel: Channel, payload: &JoinPayload<'_>, ticket: Ticket) -> Self {
        let tracked = payload.params.track_static.iter();
        Self {
            channel,
            url: payload.url.as_ref().map(ToString::to_string),
            session: payload.session.to_string(),
            static_token: payload.static_token.as_ref().map(ToString::to_string),
            mounts: payload.params.mounts,
            tracked_assets: tracked.map(ToString::to_string).collect(),
            ticket,
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

/// What the application's router made of the internal request.
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
    /// The server failed.
    Failed,
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
    let ask = match verify(&runtime, &client, &request) {
        Ok(ask) => ask,
        Err(refusal) => {
            runtime.join_refused(refusal.reason());
            request.channel.refuse_join(&refusal);
            return;
        }
    };
    let (url, rejoin) = (ask.url().clone(), ask.mounts() > 0);
    let mut attachment =
        Attachment::new(request.channel, url, assets_changed, rejoin, request.ticket);
    let join = JoinAgain { runtime, client, ask };
    attachment.again = Some(join.clone());
    join.run(attachment).await;
}

/// A verified join, kept until its view has accepted it.
#[derive(Clone)]
pub(crate) struct JoinAgain {
    runtime: Arc<Runtime>,
    client: Arc<Client>,
    ask: JoinAsk,
}

impl JoinAgain {
    /// Asks the application's router, and hands the join to the view it leads to.
    pub(crate) async fn run(self, attachment: Attachment) {
        let Self { runtime, client, ask } = self;
        let answer = match runtime.routes() {
            Some(routes) => routes.join(&client, &ask).await,
            None => RouteAnswer::Failed,
        };
        match (answer, ask.take()) {
            (RouteAnswer::Accepted, Some(view)) => view.attach(Box::new(attachment)),
            (answer, _) => refuse(&runtime, attachment, &answer),
        }
    }
}

/// Checks the tokens against each other, the topic and the session of the socket.
fn verify(
    runtime: &Runtime,
    client: &Client,
    request: &JoinRequest,
) -> Result<JoinAsk, JoinRefusal<'static>> {
    let session = match client.session {
        Some(session) => session,
        // A browser that refuses cookies would load the page again and again at full speed; this
        // answer makes it wait between attempts.
        None if client.without_cookie => return Err(JoinRefusal::Crashed),
        None => return Err(JoinRefusal::Stale),
    };
    let now = SystemTime::now();
    let stale = |_| JoinRefusal::Stale;
    let page = PageToken::verify(&request.session, &runtime.keys, now).map_err(stale)?;
    let id = request.channel.topic.strip_prefix(keys::TOPIC_VIEW_PREFIX);
    if id != Some(&*page.view_id) || page.session_id != session {
        return Err(JoinRefusal::Stale);
    }
    let mut flash = Flash::default();
    if let Some(token) = &request.static_token {
        let token = StaticToken::verify(token, &runtime.keys, now).map_err(stale)?;
        if token.view_id != page.view_id {
            return Err(JoinRefusal::Stale);
        }
        if request.mounts == 0 {
            flash = Flash::from_pairs(token.flash);
        }
    }
    // Without `url` the client asks for a child view or a navigation, which no route of this
    // runtime offers: the browser loads the page.
    let url = request.url.as_deref().ok_or(JoinRefusal::Unauthorized)?;
    let url = LocalPath::of_url(url).map_err(|_| JoinRefusal::Unauthorized)?;
    let prepared = Mutex::new(None);
    Ok(JoinAsk(Arc::new(AskInner { page, url, flash, mounts: request.mounts, prepared })))
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
        RouteAnswer::Accepted | RouteAnswer::Failed => JoinRefusal::Crashed,
    };
    runtime.join_refused(refusal.reason());
    attachment.refuse(&refusal);
}
