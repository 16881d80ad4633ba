//! What a browser does when its page moves on: links, patches, navigation, history, full loads.

use http::header;
use scraper::ElementRef;
use serde_json::{Map, Value, json};

use crate::http::{FLASH_COOKIE, RELOAD_COOKIE};
use crate::navigation::History;
use crate::runtime::recipient::Detached;
use crate::runtime::transport::Incoming;
use crate::testing::app::{TestApp, TestPage};
use crate::testing::dom::Dom;
use crate::testing::files::Files;
use crate::testing::form::typed::TypedInputs;
use crate::testing::outcome::Outcome;
use crate::testing::view::TestView;
use crate::testing::view::journey::{Journey, Kind, absolute, path_of};
use crate::wire::keys;

/// Redirects that a browser follows in a row.
const MAX_REDIRECTS: usize = 20;

/// A patch that the server has not answered.
#[derive(Debug)]
pub(super) struct PendingLink {
    message_ref: String,
    url: String,
    /// None of a step through the history, which has the URL already.
    history: Option<History>,
}

/// A page to which the client is sent by live navigation.
#[derive(Debug)]
pub(super) struct Destination {
    url: String,
    /// None of a step through the history.
    history: Option<History>,
    flash: Option<String>,
}

impl Way {
    /// Of an element that is a link, live or not.
    pub(in crate::testing) fn of_link(element: ElementRef<'_>) -> Option<Self> {
        let href = element.attr("href")?.to_owned();
        let Some(kind) = element.attr("data-phx-link") else {
            return Some(Self { href, history: History::Push, kind: None });
        };
        let history = match element.attr("data-phx-link-state") {
            Some("push") => History::Push,
            Some("replace") => History::Replace,
            other => panic!("`data-phx-link-state` is neither push nor replace: {other:?}"),
        };
        Some(Self { href, history, kind: Some(kind.to_owned()) })
    }

    /// Of a command, if it is one that goes somewhere.
    pub(in crate::testing) fn of_command(op: &str, arguments: &Map<String, Value>) -> Option<Self> {
        let kind = match op {
            "patch" => "patch",
            "navigate" => "redirect",
            _ => return None,
        };
        let text = |name: &str| arguments.get(name).and_then(Value::as_str).unwrap_or_default();
        let replaces = arguments.get("replace").and_then(Value::as_bool) == Some(true);
        let history = if replaces { History::Replace } else { History::Push };
        Some(Self { href: text("href").to_owned(), history, kind: Some(kind.to_owned()) })
    }

    /// Whether the client handles it, so that the element's commands follow.
    pub(in crate::testing) fn is_live(&self) -> bool {
        self.kind.is_some()
    }

    /// Whether the page's view is left.
    pub(in crate::testing) fn leaves(&self) -> bool {
        self.kind.as_deref() != Some("patch")
    }
}

impl TestView {
    /// Path and query in the address bar.
    ///
    /// # Panics
    ///
    /// For a nested view, which has none.
    #[must_use]
    #[track_caller]
    pub fn path(&self) -> &str {
        path_of(self.journey().url())
    }

    /// How many documents the tab has loaded: one, as long as all navigation has stayed on the socket.
    ///
    /// # Panics
    ///
    /// For a nested view, which has none.
    #[must_use]
    #[track_caller]
    pub fn loads(&self) -> usize {
        self.journey().n_loads
    }

    /// Follows a patch link to `path`, as [`click`](Self::click) does.
    pub async fn patch(&mut self, path: &str) {
        self.patch_to(path, Some(History::Push)).await;
    }

    /// Follows a navigation link to `path`, as [`click`](Self::click) does. Where the server does not
    /// let it stay on the socket, the page is loaded.
    pub async fn navigate(&mut self, path: &str) {
        let url = absolute(path);
        self.go(Destination { url, history: Some(History::Push), flash: None }).await;
    }

    /// Loads `path` in this tab, as an ordinary link does, and joins its view if it has one.
    pub async fn load(&mut self, path: &str) {
        self.load_url(&absolute(path), false).await;
    }

    /// Loads the page that the server has sent the browser to by a redirect.
    ///
    /// # Panics
    ///
    /// When it has not.
    #[track_caller]
    pub fn follow(&mut self) -> impl Future<Output = ()> {
        let Outcome::Redirected(to) = self.outcome.clone() else {
            panic!("the browser was not redirected: {:?}", self.outcome);
        };
        async move { self.load(&to).await }
    }

    /// Presses the back button.
    ///
    /// # Panics
    ///
    /// When there is nothing to go back to.
    #[track_caller]
    pub fn back(&mut self) -> impl Future<Output = ()> {
        self.step(false)
    }

    /// Presses the forward button.
    ///
    /// # Panics
    ///
    /// When there is nothing to go forward to.
    #[track_caller]
    pub fn forward(&mut self) -> impl Future<Output = ()> {
        self.step(true)
    }

    /// Changes the address bar alone, as a script does with `history.replaceState`.
    pub fn rewrite_url(&mut self, path: &str) {
        self.journey_mut().rewrite(path);
        self.tab.shows(self.journey().url());
    }

    #[track_caller]
    fn step(&mut self, is_forward: bool) -> impl Future<Output = ()> {
        let pop = self.journey_mut().step(is_forward).expect("there is an entry to go to");
        async move {
            match pop.kind {
                Kind::Load => self.load_url(&pop.url, true).await,
                Kind::Patch if self.is_joined() => self.patch_to(&pop.url, None).await,
                Kind::Patch | Kind::Navigation => {
                    self.go(Destination { url: pop.url, history: None, flash: None }).await;
                }
            }
        }
    }

    pub(super) async fn patch_to(&mut self, url: &str, history: Option<History>) {
        let (message_ref, url) = (self.next_ref().to_string(), absolute(url));
        let payload = json!({ "url": url });
        let frame = json!([self.join_ref, message_ref, self.topic, keys::LIVE_PATCH, payload]);
        self.pending_link = Some(PendingLink { message_ref, url, history });
        Box::pin(self.send_text(frame.to_string())).await;
    }

    /// The server has answered a patch, if it is one.
    pub(super) fn patch_answered(&mut self, message_ref: &str, response: &Value) {
        let Some(pending) = self.pending_link.take_if(|link| link.message_ref == message_ref)
        else {
            return;
        };
        let PendingLink { url, history, .. } = pending;
        if response.get(keys::LINK_REDIRECT).is_some() {
            self.destination = Some(Destination { url, history, flash: None });
        } else if response.get(keys::REDIRECT).is_none() {
            if let Some(history) = history {
                self.journey_mut().go(&url, Kind::Patch, history);
            }
            self.url = Some(url);
        }
    }

    /// The server says another URL while the page may be on its way to one, which it is still.
    pub(super) fn patched_beside(&mut self, patch: &Value) {
        let pending = self.pending_link.take();
        // Of a step through the history the browser shows the URL already.
        if pending.as_ref().is_none_or(|link| link.history.is_some()) {
            self.patched(patch);
        }
        self.pending_link = pending;
    }

    /// The server says that the view shows another URL.
    pub(super) fn patched(&mut self, patch: &Value) {
        self.pending_link = None;
        let url = absolute(text(patch, keys::TO));
        self.journey_mut().go(&url, Kind::Patch, history_of(patch));
        self.url = Some(url);
    }

    /// The server sends the browser to another view.
    pub(super) fn sent_on(&mut self, redirect: &Value) {
        if self.journey.is_none() {
            // The client moves the page, whichever view says so.
            self.tab.send_page(redirect.clone());
            return;
        }
        self.destination = Some(Destination {
            url: absolute(text(redirect, keys::TO)),
            history: Some(history_of(redirect)),
            flash: redirect[keys::FLASH].as_str().map(str::to_owned),
        });
    }

    /// The server says the title. The client takes none for the one that the page's layout gives to views
    /// without, if it does.
    pub(super) fn titled(&mut self, title: String) {
        if !title.trim().is_empty() {
            self.title = Some(title);
            return;
        }
        let page = Dom::of(&self.first_html);
        let default =
            page.all("title").find_map(|title| title.attr("data-default").map(str::to_owned));
        self.title = default.or(self.title.take());
    }

    /// The server says in which element a live navigation shows its view.
    pub(super) fn reskinned(&mut self, response: &mut Value) {
        let container = response.get_mut(keys::CONTAINER).map(Value::take);
        self.container = container.or(self.container.take());
    }

    /// Goes where the server has sent the browser.
    pub(super) async fn travel(&mut self) {
        if self.journey.is_some()
            && let Some(redirect) = self.tab.page_goes()
        {
            self.sent_on(&redirect);
        }
        if let Some(destination) = self.destination.take() {
            Box::pin(self.go(destination)).await;
        }
        if let Some(journey) = &self.journey {
            self.tab.shows(journey.url());
        }
    }

    async fn go(&mut self, destination: Destination) {
        let Destination { url, history, flash } = destination;
        let leave =
            json!([self.join_ref, self.next_ref().to_string(), self.topic, keys::LEAVE, {}]);
        let referer = self.journey().url().to_owned();
        Box::pin(self.send_text(leave.to_string())).await;
        self.forget_kept();
        self.tree = None;
        // It stood in elements of the page before.
        (self.typed, self.files) = (TypedInputs::default(), Files::default());
        self.mounts = 0;
        self.n_navigations += 1;
        let own = self.n_navigations;
        self.navigates = true;
        self.url = Some(url.clone());
        let join = self.join_with(|payload| {
            payload["params"]["_live_referer"] = referer.into();
            if let Some(flash) = flash {
                payload[keys::FLASH] = flash.into();
            }
        });
        Box::pin(join).await;
        if self.destination.is_some() || self.n_navigations != own {
            // The view has sent the browser on.
            return;
        }
        let Outcome::Refused(response) = self.outcome.clone() else {
            if let Some(history) = history {
                self.journey_mut().go(&url, Kind::Navigation, history);
            }
            return;
        };
        match response[keys::REASON].as_str() {
            Some("unauthorized" | "stale") => self.load_url(&url, history.is_none()).await,
            Some("reload") => {
                self.app.set_cookie(RELOAD_COOKIE, text(&response, keys::TOKEN));
                self.load_url(&url, history.is_none()).await;
            }
            _ => {
                if let Some(redirect) = response.get(keys::REDIRECT) {
                    self.keep_flash(redirect);
                    let to = absolute(text(redirect, keys::TO));
                    self.load_url(&to, history.is_none()).await;
                }
            }
        }
    }

    pub(super) fn keep_flash(&self, redirect: &Value) {
        if let Some(flash) = redirect[keys::FLASH].as_str() {
            self.app.set_cookie(FLASH_COOKIE, flash);
        }
    }

    /// Leaves the page for another one of the same tab.
    async fn load_url(&mut self, url: &str, is_pop: bool) {
        self.tab.send(Incoming::Closed(Detached::Left)).await;
        self.tab.closed().await;
        let page = open(&self.app, path_of(url)).await;
        let mut journey = self.journey().clone();
        journey.load(&page.path, is_pop);
        let is_live = page.html.contains("data-phx-main");
        if is_live {
            let view = Self::open(page);
            *self = Self { journey: Some(journey), n_navigations: self.n_navigations, ..view };
            Box::pin(self.join()).await;
        } else {
            self.journey = Some(journey);
            self.tree = None;
            self.outcome = Outcome::Loaded(page.status.as_u16());
            self.first_html = page.html.into();
        }
    }

    /// What the element would do by itself: a live link, a command that goes somewhere, a plain link.
    pub(in crate::testing) async fn go_way(&mut self, way: Way) {
        let Way { href, history, kind } = way;
        match kind.as_deref() {
            Some("patch") => self.patch_to(&href, Some(history)).await,
            Some(_) => {
                let url = absolute(&href);
                self.go(Destination { url, history: Some(history), flash: None }).await;
            }
            None => self.load(&href).await,
        }
    }

    #[track_caller]
    pub(super) fn journey(&self) -> &Journey {
        self.journey.as_ref().expect("a nested view has no URL")
    }

    #[track_caller]
    pub(super) fn journey_mut(&mut self) -> &mut Journey {
        self.journey.as_mut().expect("a nested view has no URL")
    }
}

/// Where an element leads.
pub(in crate::testing) struct Way {
    href: String,
    history: History,
    /// None of a plain link.
    kind: Option<String>,
}

/// The page at `path`, after the redirects that lead on from there.
async fn open(app: &TestApp, path: &str) -> TestPage {
    let mut page = app.get(path).await;
    for _ in 0..MAX_REDIRECTS {
        let location = page.headers.get(header::LOCATION);
        let location = location.filter(|_| page.status.is_redirection());
        let Some(location) = location.and_then(|to| to.to_str().ok()) else { return page };
        page = app.get(location).await;
    }
    panic!("{path} redirects without end");
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

fn history_of(value: &Value) -> History {
    if value[keys::KIND] == "replace" { History::Replace } else { History::Push }
}
