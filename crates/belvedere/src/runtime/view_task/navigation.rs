//! Where a view goes: to other URLs of its own, asked for by its callbacks or its browser, and away.

use std::any::TypeId;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures_util::FutureExt;
use http::StatusCode;
use tokio::time::{Instant, timeout};
use tracing::{Instrument, Span};

use crate::ended::Ended;
use crate::error::{CallbackError, MountError};
use crate::navigation::{History, LocalPath};
use crate::runtime::Runtime;
use crate::runtime::attachment::{RouteParams, ShownUrl};
use crate::runtime::client::{Client, MAX_JOINS_SENT_ON};
use crate::runtime::client_frame::Request;
use crate::runtime::inspect::Handling;
use crate::runtime::mounting::has_params;
use crate::runtime::routes::{Asking, RouteAnswer, RouteAsk};
use crate::runtime::transport::text;
use crate::runtime::view_task::{Flow, ViewTask};
use crate::socket::pending::Going;
use crate::telemetry::{self, Act};
use crate::view::LiveView;
use crate::wire::keys;
use crate::wire::reply;
use crate::wire::response::{self, JoinRefusal, Navigation};
use crate::wire::token::ReloadToken;

/// Patches that one act may make: more in a row are taken for a loop.
const MAX_PATCHES: usize = 20;

/// How long layers and extractors may take to read a URL. The view does nothing else meanwhile, and the
/// client gives up after 30 seconds.
const PATCH_TIMEOUT: Duration = Duration::from_secs(10);

/// Where a view sends its browser.
pub(super) struct Departure {
    going: Going,
    flash: Option<String>,
}

/// What has become of what callbacks have asked for.
pub(super) enum Followed {
    Stayed,
    /// The view shows another URL, and is to be rendered whole.
    Moved,
    Departs(Departure),
}

/// What becomes of a patch.
enum Patched {
    /// The view shows the URL.
    Shown,
    /// The browser is to go here instead.
    Goes(Going, Option<String>),
    /// The URL is another page's.
    NotThisView,
    /// The view stays what it was.
    Failed(CallbackError),
}

/// Why a URL is not shown.
#[derive(Debug, thiserror::Error)]
enum Unshown {
    #[error("the route of `{0}` has failed, or did not answer within {PATCH_TIMEOUT:?}")]
    Route(LocalPath),
    #[error("no request can be made for `{0}`")]
    NotAUrl(LocalPath),
    #[error("a URL of {n_bytes} bytes is longer than `LiveConfig::max_url_bytes`, {max_bytes}")]
    TooLong { n_bytes: usize, max_bytes: usize },
}

impl<V: LiveView> ViewTask<V> {
    /// Patches as callbacks have asked, until they ask for nothing more or the browser is to leave.
    pub(super) async fn follow(&mut self) -> Result<Followed, Flow> {
        if self.socket.pending.going.is_none() || self.channel.is_none() {
            return Ok(Followed::Stayed);
        }
        Box::pin(self.follow_on()).await
    }

    async fn follow_on(&mut self) -> Result<Followed, Flow> {
        let mut n_patches = 0;
        while let Some(going) = self.socket.pending.going.take() {
            let (url, history) = match going {
                Going::Patch(url, history) if self.socket.identity.depth > 0 => {
                    self.ask_page(url, history);
                    continue;
                }
                Going::Patch(url, history) if self.has_url() => (url, history),
                Going::Patch(url, history) => {
                    return Ok(Followed::Departs(self.departure(Going::Navigate(url, history))));
                }
                Going::Navigate(..) if self.socket.identity.is_in_layout() => {
                    self.sends_page_on(going);
                    continue;
                }
                going => return Ok(Followed::Departs(self.departure(going))),
            };
            n_patches += 1;
            if n_patches > MAX_PATCHES {
                return Err(self.goes_in_circles(&url));
            }
            self.socket.flash.clear_shown();
            let span = telemetry::params_span(V::name());
            match self.patch(&url).instrument(span.clone()).await {
                Patched::Shown => self.say_patched(&url, history),
                Patched::Goes(going, flash) => {
                    return Ok(Followed::Departs(self.departure_with(going, flash)));
                }
                Patched::NotThisView => {
                    return Ok(Followed::Departs(self.departure(Going::Navigate(url, history))));
                }
                Patched::Failed(error) => self.settle_result(Err(error), &span),
            }
        }
        Ok(Followed::Moved)
    }

    /// Whether the view has a URL that is state.
    fn has_url(&self) -> bool {
        self.socket.identity.depth == 0 && has_params::<V>()
    }

    /// The browser shows another URL of its page, by a link or by its history.
    pub(super) async fn patch_asked(
        &mut self,
        url: LocalPath,
        request: Request,
        queued: Instant,
    ) -> Flow {
        let message_ref = request.message_ref();
        if !self.has_url() {
            return self.reply(message_ref, response::write_link_redirect);
        }
        let handling = Handling::begin(None, Act::Params.callback());
        let span = self.begin_act(Act::Params, handling.since(queued));
        let flow = async {
            let _panic = telemetry::FailOnPanic::new(&span, "handle_params");
            let flash = std::mem::take(&mut self.socket.flash);
            match self.patch(&url).await {
                Patched::Shown => self.reply_asked(message_ref, &url).await,
                Patched::Goes(going, flash) => {
                    let departure = self.departure_with(going, flash);
                    self.reply_departing(message_ref, &departure)
                }
                Patched::NotThisView => {
                    self.socket.flash = flash;
                    self.reply(message_ref, response::write_link_redirect)
                }
                Patched::Failed(error) => {
                    self.settle_result(Err(error), &span);
                    self.reply_asked(message_ref, &url).await
                }
            }
        }
        .instrument(span.clone())
        .await;
        self.socket.mailbox.figures.handled(handling);
        flow
    }

    /// The browser that joins shows another URL than the view, because a script has changed it or a
    /// message was lost.
    pub(super) async fn show(&mut self, shown: ShownUrl) {
        if shown.url == self.socket.identity.url {
            return;
        }
        let span = telemetry::params_span(V::name());
        match self.apply(&shown.url, shown.params).instrument(span.clone()).await {
            Patched::Shown | Patched::NotThisView => {}
            Patched::Goes(going, _) => self.socket.pending.goes(going),
            Patched::Failed(error) => {
                self.settle_result(Err(error), &span);
                self.moved = Some((self.socket.identity.url.clone(), History::Replace));
            }
        }
    }

    /// Asks the application's router for `url`, and tells the view what that says.
    async fn patch(&mut self, url: &LocalPath) -> Patched {
        let url = &url.without_fragment();
        let max_bytes = self.runtime.config.max_url_bytes;
        let n_bytes = url.as_str().len();
        if n_bytes > max_bytes {
            return Patched::Failed(Unshown::TooLong { n_bytes, max_bytes }.into());
        }
        let Some(client) = self.channel.as_ref().map(|channel| Arc::clone(&channel.client)) else {
            return Patched::Failed(Unshown::Route(url.clone()).into());
        };
        let (view, group) = (TypeId::of::<V>(), self.socket.identity.group);
        let asking = Asking::Patch { view, group, visit: self.socket.identity.visit.clone() };
        let runtime = Arc::clone(&self.runtime);
        match ask(&runtime, &client, &RouteAsk::new(url.clone(), asking)).await {
            Ok(params) => self.apply(url, params).await,
            Err(RouteAnswer::Redirect { to, flash }) => Patched::Goes(Going::Redirect(to), flash),
            // The browser loads the page, which says why.
            Err(RouteAnswer::Refused(_)) => Patched::Goes(Going::Redirect(url.clone()), None),
            Err(RouteAnswer::NotThisView) => Patched::NotThisView,
            Err(RouteAnswer::NotAUrl) => Patched::Failed(Unshown::NotAUrl(url.clone()).into()),
            Err(_) => Patched::Failed(Unshown::Route(url.clone()).into()),
        }
    }

    /// Tells the view what a URL says. One that fails keeps the URL that it has.
    async fn apply(&mut self, url: &LocalPath, told: RouteParams) -> Patched {
        let Ok(params) = told.params.downcast::<V::Params>() else {
            return Patched::Failed(Unshown::Route(url.clone()).into());
        };
        let asked_before = self.socket.pending.going.clone();
        let identity = &mut self.socket.identity;
        let old_url = std::mem::replace(&mut identity.url, url.clone());
        let old_route = std::mem::replace(&mut identity.route, told.route);
        let old_visit = std::mem::replace(&mut identity.visit, told.visit);
        let handled = {
            let _panic = telemetry::FailOnPanic::part(None, "handle_params");
            self.view.handle_params(*params, &mut self.socket).await
        };
        let error = match handled {
            Ok(()) => {
                let Self { runtime, socket, number, .. } = self;
                let identity = &socket.identity;
                identity.address.set(url, &identity.route, &identity.visit);
                runtime.views.patched(&identity.topic, *number, url, &identity.route);
                return Patched::Shown;
            }
            Err(error) => error,
        };
        self.socket.pending.going = asked_before;
        let identity = &mut self.socket.identity;
        (identity.url, identity.route, identity.visit) = (old_url, old_route, old_visit);
        match error {
            MountError::Status(_) => Patched::Goes(Going::Redirect(url.clone()), None),
            MountError::Redirect(to) => match LocalPath::new(to) {
                Ok(to) => Patched::Goes(Going::Redirect(to), None),
                Err(error) => Patched::Failed(error.into()),
            },
            MountError::Failed(error) => Patched::Failed(error),
        }
    }

    /// Tells the browser the URL that the view shows now: at once, or with the answer to its join.
    /// Of several with one join the browser hears the last; one that adds to its history still does.
    fn say_patched(&mut self, url: &LocalPath, history: History) {
        if self.joining {
            let adds = matches!(self.moved, Some((_, History::Push)));
            self.moved = Some((url.clone(), if adds { History::Push } else { history }));
            return;
        }
        let Some(channel) = &self.channel else { return };
        let to = Navigation::Patch { to: url.as_str(), kind: history };
        self.send(text(|out| {
            reply::write_push(out, &channel.address, keys::LIVE_PATCH, |out| to.write(out));
        }));
    }

    /// Ends a view whose patches never end; its browser joins anew.
    fn goes_in_circles(&mut self, url: &LocalPath) -> Flow {
        tracing::error!(
            view = V::name(),
            %url,
            "a view has patched {MAX_PATCHES} times in a row and asks for more; its state is lost and \
             its browser joins anew"
        );
        telemetry::fail(&Span::current(), "patch loop", "the view patches without end");
        self.runtime.views.ended(&self.socket.identity.topic, self.number);
        match self.channel.take() {
            Some(channel) if self.joining => channel.refuse_join(&JoinRefusal::Crashed),
            Some(channel) => channel.crashed(),
            None => {}
        }
        self.end(Ended::Crashed)
    }

    /// What the browser is told, with the flash that a route gave, or else that of this view.
    fn departure_with(&mut self, going: Going, flash: Option<String>) -> Departure {
        match flash {
            Some(_) => Departure { going, flash },
            None => self.departure(going),
        }
    }

    /// What the browser is told, with the flash that travels along.
    pub(super) fn departure(&mut self, going: Going) -> Departure {
        let flash = std::mem::take(&mut self.socket.flash);
        let flash = match going {
            Going::Site(_) => None,
            _ => flash.into_token(&self.runtime.keys, SystemTime::now()),
        };
        Departure { going, flash }
    }

    /// Answers a request with where the browser is to go.
    pub(super) fn reply_departing(
        &mut self,
        message_ref: Option<&str>,
        departure: &Departure,
    ) -> Flow {
        self.push_pending();
        self.reply(message_ref, |out| {
            out.push('{');
            departure.navigation().write_member(out);
            out.push('}');
        });
        self.departs(departure)
    }

    /// Sends the browser where it is to go.
    pub(super) fn push_departing(&mut self, departure: &Departure) -> Flow {
        self.push_pending();
        self.push_departure(departure);
        self.departs(departure)
    }

    pub(super) fn push_departure(&self, departure: &Departure) {
        let Some(channel) = &self.channel else { return };
        let to = departure.navigation();
        self.send(text(|out| {
            reply::write_push(out, &channel.address, to.key(), |out| to.write(out));
        }));
    }

    /// Answers a join with where the view sends the browser, or with an error page once it has been sent
    /// on and on: `asked` is the URL that it then loads.
    pub(super) fn join_departs(&mut self, departure: &Departure, asked: &LocalPath) -> Flow {
        let Some(channel) = self.channel.take() else { return self.end(Ended::Navigated) };
        if !matches!(departure.going, Going::Navigate(..)) || channel.client.moves_on() {
            channel.refuse_join(&JoinRefusal::Navigate(departure.navigation()));
            return self.end(Ended::Navigated);
        }
        tracing::error!(
            view = V::name(),
            to = departure.navigation().to(),
            "{MAX_JOINS_SENT_ON} views in a row have sent their browser on when it joined; the last is \
             answered with an error page"
        );
        telemetry::fail(&Span::current(), "navigation loop", "views send their browser on and on");
        let (status, page) =
            (StatusCode::LOOP_DETECTED.as_u16(), ReloadToken::page_of(asked.as_str()));
        let token = ReloadToken { status, page: Some(page) };
        let token = token.sign(&self.runtime.keys, SystemTime::now());
        channel.refuse_join(&JoinRefusal::Reload { status, token: &token });
        self.end(Ended::Navigated)
    }

    /// A view that the browser leaves for another ends when it has: until then the client counts on its
    /// channel.
    fn departs(&mut self, departure: &Departure) -> Flow {
        if matches!(departure.going, Going::Navigate(..)) {
            self.clean();
            self.is_left = true;
            return Flow::Continue;
        }
        self.sent_elsewhere(Ended::Navigated)
    }
}

/// What the application's router says of a URL. A layer that panics ends a page, not a view that has
/// been shown.
async fn ask(
    runtime: &Runtime,
    client: &Client,
    ask: &RouteAsk,
) -> Result<RouteParams, RouteAnswer> {
    let routes = runtime.routes().ok_or(RouteAnswer::Failed)?;
    let asked = AssertUnwindSafe(routes.ask(client, ask)).catch_unwind();
    let answer = match timeout(PATCH_TIMEOUT, asked).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) | Err(_) => RouteAnswer::Failed,
    };
    match (answer, ask.take_params()) {
        (RouteAnswer::Accepted, Some(params)) => Ok(params),
        (answer, _) => Err(answer),
    }
}

impl Departure {
    pub(super) fn navigation(&self) -> Navigation<'_> {
        let flash = self.flash.as_deref();
        match &self.going {
            Going::Patch(to, kind) => Navigation::Patch { to: to.as_str(), kind: *kind },
            Going::Navigate(to, kind) => {
                Navigation::Navigate { to: to.as_str(), kind: *kind, flash }
            }
            Going::Redirect(to) => Navigation::Redirect { to: to.as_str(), flash },
            Going::Site(url) => Navigation::Redirect { to: url.as_str(), flash: None },
        }
    }
}
