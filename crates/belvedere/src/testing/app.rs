//! [`TestApp`], one visitor of an application, and [`TestPage`], a page that this visitor opened.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::panic::Location;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::{Extensions, HeaderMap, HeaderValue, Request, StatusCode, header};
use http_body_util::BodyExt;
#[cfg(feature = "otel")]
use opentelemetry::TraceId;
use tower::ServiceExt;

use crate::http::LiveRuntime;
use crate::http::client_of;
use crate::runtime::Runtime;
use crate::runtime::connection::Connection;
use crate::runtime::in_flight::InFlight;
#[cfg(feature = "otel")]
use crate::telemetry::PageTrace;
use crate::testing::dom::{Dom, text_of};
use crate::testing::tab::Tab;
use crate::testing::transport;
use crate::testing::view::TestView;
use crate::wire::token::PageToken;

/// The host of every request; an origin equal to it is the application's own.
pub(super) const HOST: &str = "app.test";

/// Where visitors connect from, at their addresses.
const PORT: u16 = 50_000;

/// What a browser that goes to a page asks for.
const ACCEPTED: HeaderValue = HeaderValue::from_static("text/html,*/*;q=0.8");

/// Name and value of the largest cookie that browsers keep, in bytes.
const MAX_COOKIE_BYTES: usize = 4096;

/// One visitor of an application, with a cookie jar of its own.
#[derive(Clone)]
pub struct TestApp {
    router: Router,
    pub(super) runtime: Arc<Runtime>,
    /// By name and path.
    cookies: Arc<Mutex<BTreeMap<(String, String), String>>>,
    /// Where the visitor connects from, if the server knows.
    address: Option<SocketAddr>,
}

impl TestApp {
    /// A visitor of the application that `live` serves; `router` is what
    /// [`LiveRuntime::serve`] returned, with whatever was added to it.
    #[must_use]
    pub fn new(live: &LiveRuntime, router: Router) -> Self {
        let runtime = Arc::clone(live.runtime());
        Self { router, runtime, cookies: Arc::default(), address: None }
    }

    /// The same visitor, who looks at what another runtime serves in the same router.
    #[must_use]
    pub fn of(&self, live: &LiveRuntime) -> Self {
        Self { runtime: Arc::clone(live.runtime()), ..self.clone() }
    }

    /// This application as the visitor of another one sees it, who brings cookies along.
    pub(super) fn of_visitor(&self, other: &Self) -> Self {
        Self { cookies: Arc::clone(&other.cookies), ..self.clone() }
    }

    /// Another visitor of the same application, without cookies.
    #[must_use]
    pub fn another_visitor(&self) -> Self {
        Self { cookies: Arc::default(), ..self.clone() }
    }

    /// Another visitor, without cookies, who connects from this address, as a server tells it
    /// (`ConnectInfo`). Of the others nobody knows where they are.
    #[must_use]
    pub fn visitor_at(&self, address: IpAddr) -> Self {
        Self { address: Some(SocketAddr::new(address, PORT)), ..self.another_visitor() }
    }

    /// Opens `path`, without following redirects.
    ///
    /// # Panics
    ///
    /// When `path` is no path.
    pub async fn get(&self, path: &str) -> TestPage {
        self.get_with(path, &[]).await
    }

    /// Opens `path` with these request headers besides the usual ones.
    ///
    /// # Panics
    ///
    /// When `path` is no path, or a header is no header.
    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> TestPage {
        let mut request = Request::get(path).header(header::HOST, HOST);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::empty()).expect("the path and headers are valid")).await
    }

    /// Sends a plain form with these fields to `path`, without following redirects.
    ///
    /// # Panics
    ///
    /// When `path` is no path.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> TestPage {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        let request = Request::post(path)
            .header(header::HOST, HOST)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form.finish()));
        self.send(request.expect("the path is valid")).await
    }

    async fn send(&self, mut request: Request<Body>) -> TestPage {
        request.headers_mut().entry(header::ACCEPT).or_insert(ACCEPTED);
        let path = request.uri().to_string();
        let cookies = self.cookie_header(request.uri().path());
        request.headers_mut().extend(cookies);
        request.extensions_mut().extend(self.peer());
        let response = match self.router.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let (parts, body) = response.into_parts();
        self.keep_cookies(&parts.headers);
        let body = body.collect().await.expect("the body is in memory").to_bytes();
        TestPage {
            app: self.clone(),
            path,
            status: parts.status,
            headers: parts.headers,
            html: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    /// Waits until this process has no work under way, for whichever page.
    pub async fn settle(&self) {
        InFlight::settled(&self.runtime.in_flight).await;
    }

    /// Sets a cookie, as the browser client does for the next page. One that is too large is dropped,
    /// as browsers do.
    pub fn set_cookie(&self, name: &str, value: &str) {
        self.keep_cookie(name, "/", value);
    }

    /// The value of a cookie, of the longest path that has it.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<String> {
        let jar = self.jar();
        jar.iter().rev().find(|((own, _), _)| own == name).map(|(_, value)| value.clone())
    }

    /// Browsers keep no cookie of more than a few KiB.
    fn keep_cookie(&self, name: &str, path: &str, value: &str) {
        if name.len() + value.len() <= MAX_COOKIE_BYTES {
            self.jar().insert((name.to_owned(), path.to_owned()), value.to_owned());
        }
    }

    /// Opens a socket as the page's script does.
    pub(super) fn connect(&self, csrf_token: Option<&str>) -> Tab {
        let path = self.runtime.config.base_path.path("/live/websocket");
        let mut request = Request::get(&path).header(header::HOST, HOST);
        if let Some(headers) = request.headers_mut() {
            headers.extend(self.cookie_header(&path));
        }
        let request = request.body(()).expect("a fixed request");
        let (mut parts, ()) = request.into_parts();
        parts.extensions.extend(self.peer());
        let client = Arc::new(client_of(&self.runtime, &parts, csrf_token));
        let (server, browser) = transport::pair();
        let mut connection = Connection::new(server, Arc::clone(&self.runtime), client);
        tokio::spawn(async move { connection.run().await });
        Tab::new(browser)
    }

    /// What the server says of the connection.
    fn peer(&self) -> Extensions {
        let mut extensions = Extensions::new();
        if let Some(address) = self.address {
            extensions.insert(ConnectInfo(address));
        }
        extensions
    }

    /// The cookies for a path; of two with one name, that of the longer path first.
    fn cookie_header(&self, path: &str) -> Option<(header::HeaderName, HeaderValue)> {
        let jar = self.jar();
        let belongs = |of: &str| {
            let rest = path.strip_prefix(of.trim_end_matches('/'));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let sent = jar.iter().rev().filter(|((_, of), _)| belongs(of));
        let pairs: Vec<_> = sent.map(|((name, _), value)| format!("{name}={value}")).collect();
        let value = HeaderValue::try_from(pairs.join("; ")).ok()?;
        (!pairs.is_empty()).then_some((header::COOKIE, value))
    }

    fn keep_cookies(&self, headers: &HeaderMap) {
        for cookie in headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap_or_default();
            let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let mut attributes = attributes.split(';').map(str::trim);
            let path = attributes.clone().find_map(|attribute| attribute.strip_prefix("Path="));
            let path = path.unwrap_or("/");
            if attributes.any(|attribute| attribute == "Max-Age=0") {
                self.jar().remove(&(name.to_owned(), path.to_owned()));
            } else {
                self.keep_cookie(name, path, value);
            }
        }
    }

    fn jar(&self) -> std::sync::MutexGuard<'_, BTreeMap<(String, String), String>> {
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for TestApp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("TestApp").finish_non_exhaustive()
    }
}

/// What the server answered to a `GET`.
#[derive(Debug)]
pub struct TestPage {
    pub(super) app: TestApp,
    /// Path and query that were asked for.
    pub path: String,
    /// Status of the response.
    pub status: StatusCode,
    /// Headers of the response.
    pub headers: HeaderMap,
    /// Body of the response.
    pub html: String,
}

impl TestPage {
    /// Text of the only element that matches a CSS selector.
    ///
    /// # Panics
    ///
    /// When none or several match.
    #[must_use]
    #[track_caller]
    pub fn text(&self, selector: &str) -> String {
        text_of(Dom::of(&self.html).one(selector))
    }

    /// Text of every element that matches a CSS selector, in document order.
    #[must_use]
    #[track_caller]
    pub fn texts(&self, selector: &str) -> Vec<String> {
        Dom::of(&self.html).texts(selector)
    }

    /// Value of an attribute of the only element that matches a CSS selector.
    ///
    /// # Panics
    ///
    /// When none or several match.
    #[must_use]
    #[track_caller]
    pub fn attribute(&self, selector: &str, name: &str) -> Option<String> {
        Dom::of(&self.html).one(selector).attr(name).map(str::to_owned)
    }

    /// The trace of this page: zero when tracing was off. Needs the feature `otel`.
    ///
    /// # Panics
    ///
    /// When the page holds no live view of this application.
    #[cfg(feature = "otel")]
    #[must_use]
    #[track_caller]
    pub fn trace_id(&self) -> TraceId {
        self.must_be_live();
        let token = self.attribute("[data-phx-main]", "data-phx-session");
        trace_of(&page_token(&self.app.runtime, &token.unwrap_or_default()))
    }

    /// Joins the page's live view, as the browser does when its script has loaded.
    ///
    /// # Panics
    ///
    /// When the page holds no live view, or the join is refused.
    #[track_caller]
    pub fn join(self) -> impl Future<Output = TestView> {
        self.open().joined_at(Location::caller())
    }

    /// Opens the page's socket without joining; for tests of joins that are refused.
    ///
    /// # Panics
    ///
    /// When the page holds no live view.
    #[must_use]
    #[track_caller]
    pub fn open(self) -> TestView {
        self.must_be_live();
        TestView::open(self)
    }

    /// Fails with what the page is instead of one of a live view.
    #[track_caller]
    fn must_be_live(&self) {
        let Self { path, status, html, .. } = self;
        let leads_to = self.headers.get(header::LOCATION).map(|to| format!(", to {to:?}"));
        let leads_to = leads_to.unwrap_or_default();
        let is_live = Dom::of(html).all("[data-phx-main]").next().is_some();
        assert!(is_live, "{path} shows no live view: {status}{leads_to}\n{html}");
    }
}

/// What a page's signed token says.
///
/// # Panics
///
/// When it is not this application's.
pub(super) fn page_token(runtime: &Runtime, token: &str) -> PageToken {
    let now = SystemTime::now();
    PageToken::verify(token, &runtime.keys, now)
        .or_else(|_| PageToken::verify_nested(token, &runtime.keys, now))
        .or_else(|_| PageToken::verify_in_layout(token, &runtime.keys, now))
        .expect("the page carries this application's token")
}

/// The page's trace, as its token names it.
#[cfg(feature = "otel")]
pub(super) fn trace_of(token: &PageToken) -> TraceId {
    PageTrace::from_bytes(token.trace).trace_id()
}
