//! The URL as state: patches from links, from callbacks and from the history; navigation; redirects.

use axum::extract::{Path, Request};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Extension, Router};
use belvedere::http::page::Layout;
use belvedere::testing::{Outcome, TestApp, TestView};
use belvedere::{
    LiveConfig, LiveRouter, LiveRuntime, LiveView, MountError, Render, Result, Socket, live,
};
use http::StatusCode;
use maud::html;
use serde_json::json;

use crate::views::{Calls, Catalog, Counter, config, served};

fn app() -> (TestApp, Calls) {
    let calls = Calls::default();
    let router = Router::new()
        .live::<Catalog>("/catalog")
        .live::<Catalog>("/catalog/{whatever}")
        .live::<Counter>("/counter")
        .route("/plain", get(|| async { "<h1>plain</h1>" }))
        .layer(middleware::from_fn(guard))
        .with_state(calls.clone());
    (served(LiveRuntime::new(config()), router), calls)
}

/// Refuses what the URL says.
async fn guard(request: Request, next: Next) -> Response {
    match request.uri().query().unwrap_or_default() {
        query if query.contains("teapot") => StatusCode::IM_A_TEAPOT.into_response(),
        query if query.contains("secret") => Redirect::to("/plain").into_response(),
        query if query.contains("broken") => StatusCode::BAD_GATEWAY.into_response(),
        query if query.contains("never") => std::future::pending().await,
        query if query.contains("panic") => panic!("a layer"),
        _ => next.run(request).await,
    }
}

async fn event(view: &mut TestView, name: &str, value: serde_json::Value) {
    view.send_event("click", name, value, None).await;
}

/// A layout that says where it is.
fn layout_of(name: &'static str) -> Layout {
    Layout::new(move |page| {
        html! { meta name="csrf-token" content=(page.csrf_token); h6 { (name) } (page.view) }
    })
}

#[tokio::test]
async fn closures_that_one_function_makes_are_no_group_without_a_name() {
    let parts = |shop: Layout, admin: Layout| {
        let calls = Calls::default();
        let shop = Router::new()
            .live::<Catalog>("/catalog")
            .live::<Counter>("/counter")
            .layer(Extension(shop));
        let admin = Router::new()
            .live::<Catalog>("/catalog/admin")
            .live::<Counter>("/counter/{start}")
            .layer(Extension(admin));
        let router = shop.merge(admin).with_state(calls);
        served(LiveRuntime::new(config()), router)
    };
    for (is_named, name, to, loads) in [
        (false, "navigate", "/counter/7", 2),
        (false, "go", "/catalog/admin", 2),
        (false, "go", "/catalog?page=2", 1),
        (true, "navigate", "/counter/7", 2),
        (true, "navigate", "/counter", 1),
    ] {
        let (shop, admin) = (layout_of("shop"), layout_of("admin"));
        let (shop, admin) = match is_named {
            true => (shop.group("shop"), admin.group("admin")),
            false => (shop, admin),
        };
        let app = parts(shop, admin);
        let mut view = app.get("/catalog").await.join().await;
        event(&mut view, name, json!({"to": to})).await;
        assert_eq!((view.path(), view.loads()), (to, loads), "{is_named} {name}");
    }
}

#[tokio::test]
async fn the_applications_layout_has_the_group_that_it_is_given() {
    let calls = Calls::default();
    let other = Router::new()
        .live::<Counter>("/counter")
        .layer(Extension(layout_of("other").group("shop")));
    let router = Router::new().live::<Catalog>("/catalog").merge(other).with_state(calls);
    let layout = layout_of("shop").group("shop");
    let app = served(LiveRuntime::new(LiveConfig { layout, ..config() }), router);
    let mut view = app.get("/catalog").await.join().await;
    event(&mut view, "navigate", json!({"to": "/counter"})).await;
    assert_eq!((view.path(), view.loads()), ("/counter", 1));
}

#[tokio::test]
async fn the_url_is_read_once_after_the_mount_and_not_again_by_the_join() {
    let (app, calls) = app();
    let page = app.get("/catalog?q=tea&page=2").await;
    assert_eq!(page.text("h1"), "tea 2");
    let catalog = page.join().await;
    assert_eq!(calls.take(), ["mount", "params /catalog?q=tea&page=2"]);
    assert_eq!((catalog.text("h1"), catalog.path()), ("tea 2".to_owned(), "/catalog?q=tea&page=2"));
}

#[tokio::test]
async fn a_link_patches_and_the_history_leads_back_and_forward() {
    let (app, calls) = app();
    let mut catalog = app.get("/catalog").await.join().await;
    catalog.click("#click").await;
    calls.take();
    catalog.click("#next").await;
    catalog.click("#next").await;
    assert_eq!((catalog.text("h1"), catalog.path()), ("2".to_owned(), "/catalog?page=2"));
    assert_eq!(catalog.title(), Some("Page 2"));
    catalog.back().await;
    assert_eq!((catalog.text("h1"), catalog.path()), ("1".to_owned(), "/catalog?page=1"));
    catalog.back().await;
    assert_eq!((catalog.text("h1"), catalog.path()), ("0".to_owned(), "/catalog"));
    catalog.forward().await;
    assert_eq!((catalog.text("h1"), catalog.path()), ("1".to_owned(), "/catalog?page=1"));
    assert_eq!((catalog.text("output"), catalog.loads()), ("1".to_owned(), 1), "one view");
    assert!(calls.take().iter().all(|call| call.starts_with("params")));
}

#[tokio::test]
async fn callbacks_of_view_and_component_patch_the_view() {
    let (app, _) = app();
    let mut catalog = app.get("/catalog?page=3").await.join().await;
    event(&mut catalog, "go", json!({"to": "/catalog?page=5"})).await;
    assert_eq!((catalog.text("h1"), catalog.path()), ("5".to_owned(), "/catalog?page=5"));
    catalog.click("#first").await;
    assert_eq!((catalog.text("h1"), catalog.path()), ("0".to_owned(), "/catalog"));
    catalog.click("#later").await;
    assert_eq!((catalog.text("h1"), catalog.path()), ("later 0".to_owned(), "/catalog?q=later"));
    catalog.back().await;
    catalog.back().await;
    assert_eq!(catalog.path(), "/catalog?page=5");
    catalog.submit("#search", &[("q", "tea")]).await;
    assert_eq!(catalog.path(), "/catalog?q=tea");
    catalog.back().await;
    assert_eq!(catalog.path(), "/catalog?page=3", "the search took the place of an entry");
}

#[tokio::test]
async fn a_patch_leaves_only_the_flash_that_was_put_with_it() {
    let (app, _) = app();
    let mut catalog = app.get("/catalog").await.join().await;
    catalog.click("#click").await;
    catalog.submit("#search", &[("q", "tea")]).await;
    assert_eq!(catalog.texts(".flash"), ["Searched."]);
    catalog.click("#next").await;
    assert!(catalog.texts(".flash").is_empty());
}

#[tokio::test]
async fn a_view_patches_on_from_a_url_that_it_does_not_show() {
    let (app, _) = app();
    let page = app.get("/catalog?page=12").await;
    assert_eq!(
        (page.status, &page.headers["location"]),
        (StatusCode::FOUND, &"/catalog?page=9".parse().unwrap())
    );

    let mut catalog = app.get("/catalog").await.join().await;
    catalog.patch("/catalog?page=99").await;
    assert_eq!((catalog.text("h1"), catalog.path()), ("9".to_owned(), "/catalog?page=9"));
    catalog.join_with(|payload| payload["url"] = "http://app.test/catalog?page=77".into()).await;
    assert_eq!((catalog.text("h1"), catalog.path()), ("9".to_owned(), "/catalog?page=9"));
}

/// Goes on to the next number when it is asked for the one that it shows.
struct Further(Option<u32>);

impl LiveView for Further {
    type Extract = ();
    type Params = Path<u32>;
    type Event = ();
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self(None))
    }

    async fn handle_params(
        &mut self,
        Path(number): Path<u32>,
        socket: &mut Socket<Self>,
    ) -> Result<(), MountError> {
        if self.0.replace(number) == Some(number) {
            socket.patch(format!("/next/{}", number + 1))?;
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! { output { (self.0.unwrap_or_default()) } }
    }
}

#[tokio::test]
async fn a_link_to_the_url_that_is_shown_from_which_the_view_goes_on_leaves_it_in_the_history() {
    let router = Router::new().live::<Further>("/next/{number}");
    let mut next = served(LiveRuntime::new(config()), router).get("/next/1").await.join().await;
    next.patch("/next/1").await;
    assert_eq!((next.text("output"), next.path()), ("2".to_owned(), "/next/2"));
    next.back().await;
    assert_eq!((next.text("output"), next.path()), ("1".to_owned(), "/next/1"));
    next.forward().await;
    assert_eq!((next.text("output"), next.path()), ("2".to_owned(), "/next/2"));
}

#[tokio::test]
async fn a_route_of_the_same_view_is_patched_and_its_layers_are_asked() {
    let (app, calls) = app();
    let mut catalog = app.get("/catalog").await.join().await;
    calls.take();
    catalog.patch("/catalog/7?page=4").await;
    assert_eq!((catalog.text("h1"), catalog.loads()), ("4".to_owned(), 1));
    assert_eq!(calls.take(), ["params /catalog/7?page=4"]);

    catalog.patch("/catalog?q=secret").await;
    assert_eq!(catalog.outcome(), &Outcome::Redirected("/plain".to_owned()));
    catalog.follow().await;
    assert_eq!((catalog.text("h1"), catalog.path()), ("plain".to_owned(), "/plain"));
}

#[tokio::test]
async fn a_url_that_is_refused_is_loaded_and_says_why() {
    let (app, _) = app();
    for (url, status) in
        [("/catalog?page=many", 400), ("/catalog?q=teapot", 418), ("/catalog?q=missing", 404)]
    {
        let mut catalog = app.get("/catalog").await.join().await;
        catalog.patch(url).await;
        catalog.follow().await;
        assert_eq!(catalog.outcome(), &Outcome::Loaded(status), "{url}");
        assert_eq!(catalog.path(), url);
        catalog.back().await;
        assert_eq!((catalog.text("h1"), catalog.path()), ("0".to_owned(), "/catalog"));
    }
    let mut catalog = app.get("/catalog").await.join().await;
    catalog.patch("/catalog?q=elsewhere").await;
    assert_eq!(catalog.outcome(), &Outcome::Redirected("/plain".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_url_that_fails_or_never_answers_leaves_the_view_and_its_url_as_they_were() {
    let (app, calls) = app();
    let mut catalog = app.get("/catalog?page=1").await.join().await;
    catalog.click("#click").await;
    let long = format!("/catalog?q={}", "x".repeat(20_000));
    for to in ["failing", "broken", "never", "panic"]
        .map(|q| format!("/catalog?q={q}"))
        .iter()
        .chain([&long])
    {
        calls.take();
        catalog.patch(to).await;
        assert_eq!((catalog.text("h1"), catalog.text("output")), ("1".into(), "1".into()), "{to}");
        assert_eq!(catalog.path(), "/catalog?page=1", "{to}");
        assert_eq!(catalog.texts(".flash"), ["Something went wrong. Please try again."]);

        event(&mut catalog, "go", json!({"to": to})).await;
        assert_eq!((catalog.text("h1"), catalog.path()), ("1".to_owned(), "/catalog?page=1"));
        assert_eq!(catalog.texts(".flash.error").len(), 1);
    }
    catalog.click("#next").await;
    assert_eq!((catalog.path(), catalog.texts(".flash").len()), ("/catalog?page=2", 0));
}

#[tokio::test]
async fn a_view_that_patches_for_ever_is_ended_and_its_page_says_so() {
    let (app, _) = app();
    let mut catalog = app.get("/catalog").await.join().await;
    catalog.patch("/catalog?q=for+ever").await;
    assert_eq!(catalog.outcome(), &Outcome::Crashed);
    catalog.join().await;
    assert_eq!(catalog.outcome(), &Outcome::Refused(json!({"reason": "join crashed"})));
    assert_eq!(app.get("/catalog?q=itself").await.status, StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn only_paths_of_the_application_are_patched_and_only_sites_are_sites() {
    let (app, _) = app();
    let mut catalog = app.get("/catalog").await.join().await;
    for hostile in ["//evil.test", "https://evil.test/", "/\\evil.test", "javascript:alert(1)"] {
        for name in ["go", "navigate", "redirect"] {
            event(&mut catalog, name, json!({"to": hostile})).await;
            assert!(catalog.is_joined(), "{name} {hostile}");
            assert_eq!(catalog.texts(".flash.error").len(), 1);
        }
    }
    event(&mut catalog, "site", json!({"url": "javascript:alert(1)"})).await;
    assert!(catalog.is_joined());
    event(&mut catalog, "site", json!({"url": "https://docs.test/a"})).await;
    assert_eq!(catalog.outcome(), &Outcome::Redirected("https://docs.test/a".to_owned()));
}

#[tokio::test]
async fn a_lost_socket_comes_back_to_the_state_and_the_url_that_the_browser_shows() {
    let (app, calls) = app();
    let mut catalog = app.get("/catalog").await.join().await;
    catalog.click("#click").await;
    catalog.click("#next").await;
    calls.take();
    catalog.reconnect().await;
    assert_eq!((catalog.text("h1"), catalog.text("output")), ("1".into(), "1".into()));
    assert!(calls.take().is_empty(), "nothing is read again");

    catalog.rewrite_url("/catalog?q=script&page=6");
    catalog.reconnect().await;
    assert_eq!((catalog.text("h1"), catalog.text("output")), ("script 6".into(), "1".into()));
    assert_eq!(calls.take(), ["params /catalog?q=script&page=6"]);

    catalog.rewrite_url("/catalog?q=failing");
    catalog.reconnect().await;
    assert_eq!((catalog.text("h1"), catalog.text("output")), ("script 6".into(), "1".into()));
    assert_eq!(catalog.path(), "/catalog?q=script&page=6");
}
