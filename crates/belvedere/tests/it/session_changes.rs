//! Sessions that change while somebody holds on to the earlier one: layers, views, other runtimes.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use axum::body::Body;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Extension, Form, Router};
use belvedere::http::page::{ErrorPage, Layout, Page};
use belvedere::http::{SessionValue, SessionValueError, Visitor, error_pages};
use belvedere::testing::{Outcome, TestApp, TestPage};
use belvedere::wire::token::{Keys, SessionToken};
use belvedere::{
    BasePath, Ended, LiveConfig, LiveEvent, LiveRouter, LiveRuntime, LiveView, MountError, Render,
    Result, Socket, live,
};
use http::StatusCode;
use maud::html;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tower::ServiceExt;

use crate::diff::duplicates::Log;
use crate::views::{config, minute_old, served};

const COOKIE: &str = "_live_view_session";

#[derive(Clone, Serialize, Deserialize)]
struct User {
    id: u32,
}

/// Of the same form as a user.
#[derive(Serialize)]
struct AwaitsCode {
    id: u32,
}

/// Why views have ended.
#[derive(Clone, Default)]
struct Ends(Arc<Mutex<Vec<Ended>>>);

/// Shows who is signed in, and keeps the visitor.
struct Desk {
    visitor: Visitor,
    problem: String,
}

#[derive(LiveEvent)]
enum Event {
    Start,
    End,
}

impl LiveView for Desk {
    type Extract = (Visitor, Extension<Ends>);
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount(
        (visitor, Extension(ends)): Self::Extract,
        socket: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        socket.on_end(move |why| ends.0.lock().unwrap().push(why));
        Ok(Self { visitor, problem: String::new() })
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        match event {
            Event::Start => {
                let refused = self.visitor.start_session(&User { id: 9 }).unwrap_err();
                assert!(matches!(refused, SessionValueError::NoResponse));
                self.problem = refused.to_string();
            }
            Event::End => self.visitor.end_session(),
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        let user = self.visitor.value::<User>().map_or(0, |user| user.id);
        live! {
            p #user { (user) }
            p #problem { (self.problem) }
            button #start phx-click=(Event::Start) {}
            button #end phx-click=(Event::End) {}
        }
    }
}

async fn user(user: Option<SessionValue<User>>) -> String {
    user.map_or(0, |SessionValue(user)| user.id).to_string()
}

async fn sign_in(mut visitor: Visitor) -> Result<Redirect, SessionValueError> {
    visitor.start_session(&User { id: 1 })?;
    Ok(Redirect::to("/desk"))
}

/// Lets its visitor in and then stumbles over something else.
async fn stumble(mut visitor: Visitor) -> Result<Redirect, StatusCode> {
    visitor.start_session(&User { id: 2 }).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Err(StatusCode::CONFLICT)
}

async fn sign_out(mut visitor: Visitor) -> Redirect {
    visitor.end_session();
    Redirect::to("/desk")
}

async fn await_code(mut visitor: Visitor) -> Response {
    visitor.start_session(&AwaitsCode { id: 3 }).unwrap();
    (visitor, Redirect::to("/desk")).into_response()
}

/// Asks who is there before the handler does, and gives the browser their cookie after it.
async fn holds_on(visitor: Visitor, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    (visitor, response).into_response()
}

/// Gives a session to whoever has none.
async fn guests(mut visitor: Visitor, request: Request, next: Next) -> Response {
    if visitor.value::<User>().is_none() {
        visitor.start_session(&User { id: 7 }).unwrap();
    }
    next.run(request).await
}

fn pages() -> Router {
    pages_with(Ends::default())
}

fn pages_with(ends: Ends) -> Router {
    let layered = Router::new().route("/layered/sign-in", post(sign_in));
    let guest = Router::new().live::<Desk>("/guest").layer(middleware::from_fn(guests));
    Router::new()
        .live::<Desk>("/desk")
        .route("/user", get(user))
        .route("/sign-in", post(sign_in))
        .route("/stumble", post(stumble))
        .route("/sign-out", post(sign_out))
        .route("/await-code", post(await_code))
        .merge(layered.layer(middleware::from_fn(holds_on)))
        .merge(guest)
        .route("/form", post(async |_: Form<User>| "unreachable"))
        .layer(Extension(ends))
        .layer(middleware::from_fn(error_pages))
}

fn app() -> (TestApp, LiveRuntime) {
    let error_page = ErrorPage::new(|error| {
        let user = error.session_value::<User>().map_or(0, |user| user.id);
        html! { p #failed { (error.status.as_u16()) " for " (user) } }
    });
    let live = LiveRuntime::new(LiveConfig { error_page, ..config() });
    (served(live.clone(), pages()), live)
}

fn n_session_cookies(page: &TestPage) -> usize {
    let cookies = page.headers.get_all("set-cookie").iter();
    cookies.filter(|cookie| cookie.as_bytes().starts_with(COOKIE.as_bytes())).count()
}

#[tokio::test]
async fn a_session_is_given_to_the_browser_whoever_forgets_the_visitor() {
    let (app, _) = app();
    app.get("/desk").await;
    let answer = app.post("/sign-in", &[]).await;
    assert_eq!((answer.status, n_session_cookies(&answer)), (StatusCode::SEE_OTHER, 1));
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(app.get("/user").await.html, "1");
    assert_eq!(app.post("/stumble", &[]).await.status, StatusCode::CONFLICT);
    assert_eq!(app.get("/user").await.html, "2");
    app.post("/sign-out", &[]).await;
    assert_eq!(app.get("/user").await.html, "0");
}

#[tokio::test]
async fn all_layers_and_handlers_of_a_request_see_one_session() {
    let (app, _) = app();
    app.get("/desk").await;
    let answer = app.post("/layered/sign-in", &[]).await;
    assert_eq!(n_session_cookies(&answer), 1, "the layer's visitor is the handler's");
    assert_eq!(app.get("/user").await.html, "1");

    let (app, _) = self::app();
    let page = app.get("/guest").await;
    assert_eq!((page.text("#user"), n_session_cookies(&page)), ("7".into(), 1));
    let guest = page.join().await;
    assert!(guest.is_joined(), "the page's tokens are of the session that the layer has started");
}

#[tokio::test]
async fn no_response_gives_out_a_session_that_was_ended_meanwhile() {
    let live = LiveRuntime::new(config());
    let mut visitor = live.visitor(&HeaderMap::new());
    visitor.start_session(&User { id: 1 }).unwrap();
    let mut before = HeaderMap::new();
    visitor.remember(&mut before);
    assert_eq!(before.len(), 2, "its cookie, and that nobody stores it: {before:?}");
    live.end_session(visitor.session());
    let mut after = HeaderMap::new();
    visitor.remember(&mut after);
    assert!(after.is_empty(), "{after:?}");
}

#[tokio::test]
async fn a_session_that_the_application_ends_is_over() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let (app, live) = app();
    app.get("/desk").await;
    app.post("/sign-in", &[]).await;
    let mut desk = app.get("/desk").await.join().await;
    assert_eq!(desk.text("#user"), "1");
    live.end_session(desk.session());
    desk.disconnected().await;
    desk.reconnect().await;
    let refused = |reason| Outcome::Refused(json!({ "reason": reason }));
    assert_eq!(*desk.outcome(), refused("join crashed"), "a new page waits, or it loaded for ever");
    let said = log.take();
    assert!(said.contains("connect all servers by one bus") && !said.contains("secret"), "{said}");
    desk.join_with(|payload| payload["session"] = minute_old(&payload["session"])).await;
    assert_eq!(*desk.outcome(), refused("stale"));
    assert_eq!(app.get("/user").await.html, "0");
}

#[tokio::test]
async fn a_view_signs_out_and_signs_nobody_in() {
    let (app, _) = app();
    app.get("/desk").await;
    app.post("/sign-in", &[]).await;
    let mut desk = app.get("/desk").await.join().await;
    desk.click("#start").await;
    assert!(desk.text("#problem").contains("phx-trigger-action"));
    assert_eq!(desk.text("#user"), "1");
    desk.click("#end").await;
    desk.disconnected().await;
    assert_eq!(app.get("/user").await.html, "0");
}

#[tokio::test]
async fn a_value_is_read_as_the_type_that_was_written() {
    let (app, _) = app();
    app.get("/desk").await;
    app.post("/await-code", &[]).await;
    assert_eq!(app.get("/user").await.html, "0");
    assert_eq!(app.get("/desk").await.text("#user"), "0");
}

#[tokio::test]
async fn two_runtimes_with_one_secret_have_two_sessions() {
    let root = LiveRuntime::new(config());
    let base_path = BasePath::new("/admin").unwrap();
    let admin = LiveRuntime::new(LiveConfig { base_path, ..config() });
    let both = root.clone().serve(pages()).nest("/admin", admin.serve(pages()));
    let app = TestApp::new(&root, both);
    app.get("/desk").await;
    app.post("/sign-in", &[]).await;
    assert_eq!(app.get("/user").await.html, "1");
    assert_eq!(app.get("/admin/user").await.html, "0", "the root's cookie comes along");
    app.post("/admin/stumble", &[]).await;
    assert_eq!(app.get("/admin/user").await.html, "2");
    assert_eq!(app.get("/user").await.html, "1");
}

#[tokio::test]
async fn an_error_page_knows_who_is_signed_in_and_is_stored_nowhere() {
    let (app, _) = app();
    app.get("/desk").await;
    app.post("/sign-in", &[]).await;
    let page = app.get("/nowhere").await;
    assert_eq!(page.text("#failed"), "404 for 1");
    assert_eq!(page.headers["cache-control"], "no-store");
    assert!(page.headers.contains_key("content-security-policy"));
    assert_eq!(page.headers["x-content-type-options"], "nosniff");
}

#[tokio::test]
async fn a_page_that_waits_for_its_browser_is_told_that_its_session_has_ended() {
    let ends = Ends::default();
    let app = served(LiveRuntime::new(config()), pages_with(ends.clone()));
    app.get("/desk").await;
    app.post("/sign-in", &[]).await;
    ends.0.lock().unwrap().clear();
    let mut waiting = app.get("/desk").await.open();
    app.post("/sign-out", &[]).await;
    assert!(ends.0.lock().unwrap().contains(&Ended::SessionEnded));
    waiting.join().await;
    assert!(!waiting.is_joined(), "{:?}", waiting.outcome());
}

#[tokio::test(start_paused = true)]
async fn a_socket_of_a_session_that_has_just_ended_is_refused_and_a_later_one_loads_its_page() {
    let live = LiveRuntime::new(config());
    let router = live.clone().serve(pages());
    let app = TestApp::new(&live, router.clone());
    app.get("/desk").await;
    let cookie = format!("{COOKIE}={}", app.cookie(COOKIE).unwrap());
    let upgrade = async || {
        let request = http::Request::get("/live/websocket?vsn=2.0.0")
            .header("host", "app.test")
            .header("origin", "http://app.test")
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
            .header("cookie", &cookie);
        let request = request.body(Body::empty()).unwrap();
        router.clone().oneshot(request).await.unwrap().status()
    };
    assert_eq!(upgrade().await, StatusCode::UPGRADE_REQUIRED, "the test's server has no sockets");
    app.post("/sign-out", &[]).await;
    tokio::time::advance(Duration::from_secs(9)).await;
    assert_eq!(upgrade().await, StatusCode::FORBIDDEN);
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(
        upgrade().await,
        StatusCode::UPGRADE_REQUIRED,
        "it is let in, to be told to load its page"
    );
}

#[tokio::test]
async fn what_a_visitor_has_filled_in_is_not_logged() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let (app, _) = app();
    let answer = app.post("/form", &[("id", "my-secret-word")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!log.text().contains("my-secret-word"), "{}", log.text());
}

#[tokio::test]
async fn a_navigation_past_half_of_a_sessions_lifetime_loads_the_page_which_prolongs_it() {
    let day = Duration::from_secs(24 * 60 * 60);
    let config = LiveConfig { session_lifetime: Some(day * 30), ..config() };
    let keys = Keys::derive(&config.secret_key_base, "");
    let app = served(LiveRuntime::new(config), pages());
    let page = app.get("/desk").await.open();
    let (id, issued_at) = (page.session(), SystemTime::now() - day * 20);
    let old = SessionToken { id, value: None, issued_at }.sign(&keys);
    app.set_cookie(COOKIE, &old);
    let mut desk = page;
    desk.join().await;
    assert!(desk.is_joined(), "{:?}", desk.outcome());
    desk.reconnect().await;
    desk.navigate("/desk?again").await;
    assert_eq!((desk.loads(), desk.session()), (2, id), "the same session, loaded");
    assert_ne!(app.cookie(COOKIE), Some(old));
    desk.navigate("/desk").await;
    assert_eq!(desk.loads(), 2, "the socket has the new cookie");
}

#[tokio::test]
async fn a_layout_knows_what_the_session_holds_until_it_ends() {
    let layout = Layout::new(|page: &Page<'_>| {
        let user = page.session_value::<User>().map_or(0, |user| user.id);
        html! {
            meta name="csrf-token" content=(page.csrf_token);
            header { (user) }
            (page.view)
        }
    });
    let app = served(LiveRuntime::new(LiveConfig { layout, ..config() }), pages());
    assert_eq!(app.get("/desk").await.text("header"), "0");
    app.post("/sign-in", &[]).await;
    let page = app.get("/desk").await;
    assert_eq!((page.text("header"), page.text("#user")), ("1".into(), "1".into()));
    app.post("/await-code", &[]).await;
    assert_eq!(app.get("/desk").await.text("header"), "0", "the value is of another type");
    app.post("/sign-out", &[]).await;
    assert_eq!(app.get("/desk").await.text("header"), "0");
}

#[tokio::test]
async fn a_sign_out_ends_the_pages_of_all_tabs_and_none_of_them_comes_back_with_what_it_had() {
    let (app, _) = app();
    app.get("/desk").await;
    app.post("/sign-in", &[]).await;
    let (mut one, mut two) =
        (app.get("/desk").await.join().await, app.get("/desk").await.join().await);
    let mut lost = app.get("/desk").await.join().await;
    lost.disconnect().await;
    one.click("#end").await;
    one.disconnected().await;
    two.disconnected().await;
    for tab in [&mut one, &mut two, &mut lost] {
        tab.reconnect().await;
        assert!(!tab.is_joined(), "{:?}", tab.outcome());
    }
    assert_eq!(app.get("/desk").await.text("#user"), "0");
}
