//! A join: from the client's tokens, through the application's own router, to the view that answers.
//!
//! The tokens say which page was rendered for whom. Whether that visitor may still see it, and what
//! it shows, is the router's word: the same middleware, extractors and handler that serve the page
//! (`http::routes`). For a nested view it is its parent's, which has passed them: a join finds what a
//! running view places, and nothing else.

use std::pin::pin;
use std::sync::Arc;
use std::time::SystemTime;

use crate::flash::Flash;
use crate::navigation::LocalPath;
use crate::runtime::Runtime;
use crate::runtime::attachment::{Again, Attachment, Channel, JoinCount};
use crate::runtime::backlog::Load;
use crate::runtime::children::Child;
use crate::runtime::client::Client;
use crate::runtime::in_flight::Ticket;
use crate::runtime::routes::{Asking, PreparedView, RouteAnswer, RouteAsk};
use crate::runtime::seed;
use crate::runtime::shares::{Place, Share, Whose};
use crate::runtime::told::Bound;
use crate::socket::connect_params;
use crate::telemetry;
use crate::wire::message::JoinPayload;
use crate::wire::response::{JoinRefusal, Navigation};
use crate::wire::token::ReloadToken;

mod verify;

/// A join as the client sent it, freed from its frame.
pub(crate) struct JoinRequest {
    /// Dropped with the request when the client leaves before the join begins, which refuses it.
    attachment: Attachment,
    /// The URL that the client asks for; absent for a nested view.
    url: Option<String>,
    /// What stands in the browser's address bar, where the page's script says so.
    shown: Option<String>,
    /// The view was reached by live navigation.
    navigates: bool,
    /// What a live navigation carries.
    flash: Option<String>,
    session: String,
    static_token: Option<String>,
    tracked_assets: Vec<String>,
}

impl JoinRequest {
    pub(crate) fn new(
        channel: Channel,
        payload: &JoinPayload<'_>,
        ticket: Ticket,
        load: Load,
    ) -> Self {
        let tracked = payload.params.track_static.iter();
        let params = &payload.params;
        let count = JoinCount { mounts: params.mounts, number: params.join, seen: params.seen };
        let mut attachment = Attachment::new(channel, count, ticket, load);
        attachment.connect_params = payload.params.own.clone();
        attachment.snapshot = payload.params.snapshot().map(Into::into);
        Self {
            attachment,
            url: payload.redirect.as_ref().or(payload.url.as_ref()).map(ToString::to_string),
            shown: payload.params.url.as_ref().map(ToString::to_string),
            navigates: payload.redirect.is_some(),
            flash: payload.flash.as_ref().map(ToString::to_string),
            session: payload.session.to_string(),
            static_token: payload.static_token.as_ref().map(ToString::to_string),
            tracked_assets: tracked.map(ToString::to_string).collect(),
        }
    }

    /// Whether this is the first join of a live navigation.
    fn is_navigation(&self) -> bool {
        self.navigates && !self.attachment.is_rejoin()
    }
}

/// Runs one join to its reply, when it is its turn. Dropped when the client leaves first, which refuses the join.
pub(crate) async fn run(runtime: Arc<Runtime>, client: Arc<Client>, mut request: JoinRequest) {
    match place(&runtime.shares.of(client.network)).await {
        Ok(place) => request.attachment.has_place(place),
        Err((bound, refusal)) => {
            runtime.told.refused(bound, client.network);
            runtime.join_refused(refusal.reason());
            request.attachment.refuse(&refusal);
            return;
        }
    }
    let assets_changed = runtime.assets_changed(&request.tracked_assets);
    let is_navigation = request.is_navigation();
    let asked = match verify::verify(&runtime, &client, &request) {
        // The browser loads the page, and its new scripts and styles with it.
        Ok(_) if is_navigation && assets_changed => Err(JoinRefusal::Unauthorized),
        verified => verified,
    };
    let asked = match asked {
        Ok(asked) => asked,
        Err(refusal) => {
            runtime.join_refused(refusal.reason());
            request.attachment.refuse(&refusal);
            return;
        }
    };
    let mut attachment = request.attachment;
    // The page says once that it is outdated, not each view in it again.
    attachment.assets_changed = assets_changed && asked.is_page();
    attachment.is_navigation = is_navigation;
    let join = JoinAgain { runtime, client, asked, is_navigation };
    attachment.again = Some(Box::new(join.clone()));
    join.run(attachment).await;
}

/// A place for the view, when it is the join's turn.
async fn place(share: &Share) -> Result<Place, (Bound, JoinRefusal<'static>)> {
    share.turn().await.map_err(|whose| match whose {
        Whose::Address => (Bound::Joins(whose), JoinRefusal::CrowdedAddress),
        Whose::All => (Bound::Joins(whose), JoinRefusal::Crowded),
    })?;
    share.view().map_err(|whose| match whose {
        Whose::Address => (Bound::Views(whose), JoinRefusal::FullAddress),
        Whose::All => (Bound::Views(whose), JoinRefusal::Full),
    })
}

/// What a verified join is for.
#[derive(Clone)]
enum Asked {
    Route(RouteAsk),
    /// A view in the layout, of what the browser shows or else of the document that it has loaded.
    InLayout {
        shown: Option<RouteAsk>,
        document: RouteAsk,
    },
    Nested {
        child: Arc<Child>,
        flash: Flash,
        count: JoinCount,
    },
    /// A nested view that its parent, which runs, places no more.
    Removed,
}

impl Asked {
    /// Whether it is for the page's own view.
    fn is_page(&self) -> bool {
        matches!(self, Self::Route(ask) if matches!(ask.what(), Asking::Join(_)))
    }

    /// The URL of the page.
    fn url(&self) -> Option<LocalPath> {
        match self {
            Self::Route(ask) => Some(ask.url().clone()),
            Self::InLayout { shown, document } => {
                Some(shown.as_ref().unwrap_or(document).url().clone())
            }
            Self::Nested { child, .. } => Some(child.identity.address.url()),
            Self::Removed => None,
        }
    }

    /// Asks the application's router, or mounts what a running view places.
    async fn find(
        self,
        runtime: &Arc<Runtime>,
        client: &Client,
    ) -> Result<Box<dyn PreparedView>, RouteAnswer> {
        match self {
            Self::Route(ask) => ask_route(runtime, client, &ask).await,
            Self::InLayout { shown, document } => {
                find_in_layout(runtime, client, shown.as_ref(), &document).await
            }
            Self::Nested { child, flash, count } => {
                let joined = seed::of(&child.seed).join(runtime, &child, flash, count).await;
                if child.was_removed(&runtime.views) {
                    return Err(RouteAnswer::Removed);
                }
                joined.map_err(|refusal| RouteAnswer::of_refusal(refusal, &runtime.keys))
            }
            Self::Removed => Err(RouteAnswer::Removed),
        }
    }
}

async fn ask_route(
    runtime: &Runtime,
    client: &Client,
    ask: &RouteAsk,
) -> Result<Box<dyn PreparedView>, RouteAnswer> {
    let routes = runtime.routes().ok_or(RouteAnswer::Failed)?;
    match routes.ask(client, ask).await {
        RouteAnswer::Accepted => ask.take_view(),
        answer => Err(answer),
    }
}

/// A view in the layout is what the page that the browser shows places, and what refuses that page refuses
/// the view. One that only the page of the document places stays there.
async fn find_in_layout(
    runtime: &Runtime,
    client: &Client,
    shown: Option<&RouteAsk>,
    document: &RouteAsk,
) -> Result<Box<dyn PreparedView>, RouteAnswer> {
    let mut found = match shown {
        Some(shown) => ask_route(runtime, client, shown).await,
        None => Err(RouteAnswer::NotThisView),
    };
    if matches!(found, Err(RouteAnswer::NotThisView | RouteAnswer::Removed)) {
        let of_document = ask_route(runtime, client, document).await;
        if of_document.is_ok() || matches!(found, Err(RouteAnswer::NotThisView)) {
            found = of_document;
        }
    }
    if let (Err(RouteAnswer::Removed), Asking::InLayout(join)) = (&found, document.what())
        && let Some(times) = runtime.told.unplaced.again()
    {
        let (view, id) = (&join.page.view_name, &join.page.instance);
        tracing::error!(
            times,
            view,
            id,
            url = %document.url(),
            "a layout places no more what it has placed in this page, which shows nothing there: it must \
             not depend on title and view, which are not known at a join"
        );
    }
    found
}

/// A verified join, kept until its view has accepted it.
#[derive(Clone)]
struct JoinAgain {
    runtime: Arc<Runtime>,
    client: Arc<Client>,
    asked: Asked,
    is_navigation: bool,
}

impl JoinAgain {
    /// Hands the join to the view it leads to.
    async fn run(self, attachment: Attachment) {
        let Self { runtime, client, asked, is_navigation } = self;
        let params = attachment.connect_params.clone();
        let url = asked.url();
        let finding = connect_params::with(params, asked.find(&runtime, &client));
        let found = telemetry::caught(pin!(finding)).await;
        let found = found.unwrap_or_else(|_| {
            let path = url.as_ref().and_then(|url| url.as_str().split('?').next());
            tracing::error!(path, "a layer or an extractor panicked at a join, which is refused");
            Err(RouteAnswer::Failed)
        });
        match found {
            Ok(view) => view.attach(Box::new(attachment)),
            // The page is loaded, and says itself what is wrong with it.
            Err(
                RouteAnswer::Failed
                | RouteAnswer::Busy
                | RouteAnswer::Refused(_)
                | RouteAnswer::NotAUrl,
            ) if is_navigation => {
                refuse(&runtime, attachment, &RouteAnswer::NotThisView, &url);
            }
            Err(answer) => refuse(&runtime, attachment, &answer, &url),
        }
    }
}

impl Again for JoinAgain {
    fn join(self: Box<Self>, attachment: Attachment) {
        tokio::spawn(self.run(attachment));
    }
}

/// `url` is the one that the browser loads if it is told to.
fn refuse(
    runtime: &Runtime,
    attachment: Attachment,
    answer: &RouteAnswer,
    url: &Option<LocalPath>,
) {
    let token;
    let refusal = match answer {
        RouteAnswer::Redirect { to, flash } => {
            JoinRefusal::Navigate(Navigation::Redirect { to: to.as_str(), flash: flash.as_deref() })
        }
        RouteAnswer::Refused(status) => {
            let page = url.as_ref().map(|url| ReloadToken::page_of(url.as_str()));
            token = ReloadToken { status: *status, page }.sign(&runtime.keys, SystemTime::now());
            JoinRefusal::Reload { status: *status, token: &token }
        }
        RouteAnswer::NotThisView => JoinRefusal::Unauthorized,
        RouteAnswer::Removed => return attachment.answer_blank(),
        RouteAnswer::Busy => JoinRefusal::Busy,
        RouteAnswer::Accepted | RouteAnswer::Failed | RouteAnswer::NotAUrl => JoinRefusal::Crashed,
    };
    runtime.join_refused(refusal.reason());
    attachment.refuse(&refusal);
}
