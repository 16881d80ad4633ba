//! The page around a view, and the one in its place.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequestParts, Path, Request};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use belvedere::http::error_pages;
use belvedere::http::page::{ErrorPage, Layout, Page, PageError};
use belvedere::testing::TestApp;
use belvedere::{
    LiveConfig, LiveRouter, LiveRuntime, LiveView, MountError, Render, Result, Socket, live,
};
use futures_util::{Stream, StreamExt, stream};
use http::StatusCode;
use http::request::Parts;
use http_body_util::BodyExt;
use maud::{Markup, html};
use tower::ServiceExt;

use crate::diff::duplicates::Log;
use crate::views::{Counter, config, served};

#[derive(Clone)]
struct SignedIn(&'static str);

fn layout(page: &Page<'_>) -> Markup {
    let who = page.extensions.get::<SignedIn>().map_or("nobody", |user| user.0);
    html! { p #who { (who) } p #path { (page.path) } (page.view) }
}

fn error_page(error: &PageError<'_>) -> Markup {
    let who = error.extensions.get::<SignedIn>().map_or("nobody", |user| user.0);
    html! { p #failed { (error.status.as_u16()) " at " (error.path) " for " (who) } }
}

/// Shows the number in its path.
struct Numbered(u8);

impl LiveView for Numbered {
    type Extract = Path<u8>;
    type Params = ();
    type Event = ();
    type Message = ();

    async fn mount(Path(number): Path<u8>, _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self(number))
    }

    fn render(&self) -> impl Render {
        live! { output { (self.0) } }
    }
}

/// What it is to show is never there.
struct Unready;

impl LiveView for Unready {
    type Extract = Missing;
    type Params = ();
    type Event = ();
    type Message = ();

    async fn mount(_: Missing, _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self)
    }

    fn render(&self) -> impl Render {
        live! {}
    }
}

#[derive(Clone)]
struct Missing;

impl<S: Sync> FromRequestParts<S> for Missing {
    type Rejection = (StatusCode, &'static str);

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Err((StatusCode::NOT_IMPLEMENTED, "it is not there"))
    }
}

async fn ann(mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(SignedIn("Ann"));
    next.run(request).await
}

/// Words of which only the first have come.
fn slow() -> impl Stream<Item = Result<&'static str, Infallible>> {
    stream::iter([Ok("it broke, ")]).chain(stream::pending())
}

fn app() -> TestApp {
    let config = LiveConfig {
        layout: Layout::new(layout),
        error_page: ErrorPage::new(error_page),
        ..config()
    };
    served(LiveRuntime::new(config), router())
}

fn router() -> Router {
    let private = Router::new()
        .live::<Counter>("/private")
        .live::<Unready>("/unready/{number}")
        .route("/broken", get(async || (StatusCode::INTERNAL_SERVER_ERROR, "it broke")))
        .route("/long", get(async || (StatusCode::BAD_GATEWAY, "it ä".repeat(400))))
        .route("/slow", get(async || (StatusCode::BAD_GATEWAY, Body::from_stream(slow()))))
        .route("/forbidden", get(async || (StatusCode::FORBIDDEN, "not for you")))
        .route(
            "/json",
            get(async || (StatusCode::CONFLICT, [("content-type", "application/json")], "1")),
        )
        .route(
            "/panic",
            get(async || {
                if true {
                    panic!("on purpose")
                }
            }),
        );
    let plain = Layout::new(|page| html! { p #plain {} (page.view) });
    Router::new()
        .merge(private)
        .live::<Counter>("/")
        .live::<Numbered>("/number/{number}")
        .merge(Router::new().live::<Counter>("/plain").layer(Extension(plain)))
        .layer(middleware::from_fn(error_pages))
        .layer(middleware::from_fn(ann))
}

#[tokio::test]
async fn a_layout_sees_the_extensions_and_a_group_of_routes_has_its_own() {
    let app = app();
    let page = app.get("/private?page=2").await;
    assert_eq!((page.text("#who"), page.text("#path")), ("Ann".into(), "/private".into()));
    let plain = app.get("/plain").await;
    assert_eq!((plain.texts("#plain").len(), plain.texts("#who").len()), (1, 0));
}

#[tokio::test]
async fn what_an_extractor_refuses_and_what_is_not_there_has_the_error_page() {
    let app = app();
    assert_eq!(app.get("/number/7").await.text("output"), "7");
    for (path, status) in
        [("/number/many", 400), ("/nowhere", 404), ("/forbidden", 403), ("/panic", 500)]
    {
        let page = app.get(path).await;
        assert_eq!(page.status.as_u16(), status, "{path}");
        assert!(page.html.contains("id=\"failed\""), "{path}: {}", page.html);
        assert_eq!(page.text("#failed"), format!("{status} at {path} for Ann"));
        assert!(page.headers["content-type"].to_str().unwrap().starts_with("text/html"));
    }
    let posted = app.post("/", &[]).await;
    assert_eq!(
        (posted.status.as_u16(), posted.headers["allow"].to_str().unwrap()),
        (405, "GET,HEAD")
    );
    assert_eq!(posted.text("#failed"), "405 at / for Ann");
}

#[tokio::test(start_paused = true)]
async fn what_fails_again_and_again_is_said_once_a_minute_for_each_route() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let app = app();
    let failures = async || {
        for path in ["/unready/1", "/unready/2", "/broken", "/broken", "/unready/3"] {
            assert!(app.get(path).await.status.is_server_error(), "{path}");
        }
        let said = log.take();
        let lines = said.split("ERROR ").skip(1);
        lines
            .map(|line| line.split("DEBUG ").next().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    let first = failures().await;
    assert_eq!(first.len(), 2, "{first:?}");
    assert!(first[0].contains("times=1") && first[0].contains("refused: it is not there"));
    assert!(first[1].contains("times=1") && first[1].contains("refused: it broke"));
    assert!(failures().await.is_empty());
    tokio::time::advance(Duration::from_secs(60)).await;
    let later = failures().await;
    assert!(later[0].contains("times=6") && later[1].contains("times=4"), "{later:?}");
}

const PROGRAM: [(&str, &str); 1] = [("accept", "*/*")];

#[tokio::test]
async fn of_long_words_the_log_has_the_beginning_whoever_asked() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let words = "it ä".repeat(400);
    // The 1,024th byte is the first of two of an `ä`.
    let told = format!("refused: {}it …", "it ä".repeat(204));
    let page = app().get("/long").await;
    assert_eq!(page.text("#failed"), "502 at /long for Ann");
    assert!(log.take().contains(&told));
    let answer = app().get_with("/long", &PROGRAM).await;
    assert_eq!(answer.html, words);
    assert_eq!(answer.headers["content-length"], words.len().to_string());
    assert!(log.text().contains(&told), "{}", log.text());
}

#[tokio::test]
async fn answers_to_programs_stay_as_they_are() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let app = app();
    assert_eq!(app.get("/json").await.html, "1");
    let plain = app.get_with("/forbidden", &PROGRAM).await;
    assert_eq!((plain.status.as_u16(), &*plain.html), (403, "not for you"));
    assert!(!log.text().contains("not for you"));
    assert_eq!(app.get_with("/broken", &PROGRAM).await.html, "it broke");
    assert!(log.take().contains("refused: it broke"));
}

#[tokio::test]
async fn what_is_streamed_to_a_program_arrives_as_it_comes() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let request = Request::get("/slow").body(Body::empty()).unwrap();
    let served = LiveRuntime::new(config()).serve(router());
    let response = served.oneshot(request).await.unwrap();
    let mut body = response.into_body();
    let first = body.frame().await.unwrap().unwrap();
    assert_eq!(first.into_data().unwrap(), "it broke, ");
    drop(body);
    assert!(log.text().contains("refused: it broke, "), "{}", log.text());
}

#[tokio::test]
async fn a_layout_or_an_error_page_that_panics_is_an_error_page_and_a_sentence_in_the_log() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let broken = LiveConfig { layout: Layout::new(|_| panic!("a layout panics")), ..config() };
    let router = || Router::new().live::<Counter>("/");
    let live = LiveRuntime::new(broken.clone());
    let page = served(live.clone(), router()).get("/").await;
    assert_eq!((page.status.as_u16(), page.text("h1")), (500, "500 Internal Server Error".into()));
    assert!(log.text().contains("the layout panicked, so that its page is answered with 500"));
    assert_eq!(live.n_views(), 0);

    let error_page = ErrorPage::new(|_| panic!("an error page panics"));
    let page =
        served(LiveRuntime::new(LiveConfig { error_page, ..broken }), router()).get("/").await;
    assert_eq!((page.status.as_u16(), page.text("h1")), (500, "500 Internal Server Error".into()));
    assert!(log.text().contains("the error page panicked, and the default one is shown"));
}
