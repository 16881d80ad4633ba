//! A served router nested in another one, and two of them side by side.

use axum::Router;
use axum::body::Body;
use axum::middleware::from_fn;
use belvedere::http::error_pages;
use belvedere::testing::{Outcome, TestApp, TestPage};
use belvedere::{
    BasePath, LiveConfig, LiveRouter, LiveRuntime, LiveView, MountError, Render, Result,
    SecretKeyBase, Socket, flash, live,
};
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use tower::ServiceExt;

use crate::diff::duplicates::Log;
use crate::views::{Senders, config, router};

fn at(path: &str) -> LiveConfig {
    let secret_key_base = SecretKeyBase::random();
    LiveConfig { base_path: BasePath::new(path).unwrap(), secret_key_base, ..config() }
}

/// What the page's scripts are loaded from.
fn scripts(page: &TestPage) -> Vec<String> {
    let sources = page.html.split(" src=\"").skip(1);
    sources.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_nested_router_has_its_scripts_its_socket_its_cookie_and_its_joins() {
    let senders = Senders::default();
    let live = LiveRuntime::new(at("/tools"));
    let served = Router::new().nest("/tools", live.clone().serve(router(senders.clone())));
    let app = TestApp::new(&live, served.clone());
    let page = app.get("/tools/inbox").await;
    assert_eq!(page.status, 200);
    let scripts = scripts(&page);
    assert_eq!(scripts.len(), 4);
    for script in scripts {
        assert!(script.starts_with("/tools/live/client/"), "{script}");
        assert_eq!(app.get(&script).await.status, 200, "{script}");
    }
    assert!(page.html.contains(" data-live-path=\"/tools/live\""), "{}", page.html);
    let cookie = page.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("; Path=/tools; "), "{cookie}");
    let socket = Request::get("/tools/live/websocket").body(Body::empty()).unwrap();
    let answer = served.oneshot(socket).await.unwrap();
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "it answers upgrades only");

    let mut inbox = page.join().await;
    assert_eq!(senders.0.lock().unwrap().len(), 1, "the page's view was adopted");
    inbox.reconnect().await;
    assert_eq!(inbox.text("#joins"), "2");
    live.disconnect(inbox.session());
    inbox.reconnect().await;
    assert_eq!((inbox.text("#joins"), senders.0.lock().unwrap().len()), ("1".into(), 2));
}

#[tokio::test]
async fn a_path_outside_of_the_base_is_none_of_its_pages() {
    let live = LiveRuntime::new(at("/tools"));
    let served = Router::new().nest("/tools", live.clone().serve(router(Senders::default())));
    let app = TestApp::new(&live, served);
    assert_eq!(app.get("/counter").await.status, 404);
    let mut view = app.get("/tools/counter").await.open();
    view.join_with(|payload| payload["url"] = "http://app.test/counter".into()).await;
    let Outcome::Refused(refusal) = view.outcome() else { panic!("{:?}", view.outcome()) };
    assert_eq!(refusal["status"], 404);
}

#[tokio::test]
async fn two_runtimes_stand_side_by_side_and_one_within_the_other() {
    let [root, tools, more] = ["/", "/tools", "/tools/more"].map(|path| LiveRuntime::new(at(path)));
    let serve = |live: &LiveRuntime| live.clone().serve(router(Senders::default()));
    let existing = serve(&root).nest("/tools", serve(&tools)).nest("/tools/more", serve(&more));
    // One browser: the cookies of all three are in its jar.
    let visitor = TestApp::new(&root, existing);
    let mut counters = Vec::new();
    for round in 0..2 {
        for (live, path) in
            [(&root, "/counter"), (&tools, "/tools/counter"), (&more, "/tools/more/counter")]
        {
            let page = visitor.of(live).get(path).await;
            assert_eq!(page.headers.contains_key("set-cookie"), round == 0, "{path}");
            let mut counter = page.join().await;
            counter.click("#inc").await;
            counter.reconnect().await;
            assert_eq!(counter.text("output"), "1", "{path}");
            counters.push(counter);
        }
    }
}

#[tokio::test]
async fn a_runtime_within_another_says_its_own_of_long_polls() {
    let outer = LiveRuntime::new(LiveConfig { long_poll_after: None, ..at("/") });
    let inner = LiveRuntime::new(at("/tools"));
    let within = Router::new().nest("/tools", inner.clone().serve(router(Senders::default())));
    let page = TestApp::new(&inner, outer.serve(within)).get("/tools/counter").await;
    assert_eq!(page.status, 200);
    assert!(!page.html.contains("data-long-poll-after"), "{}", page.html);
}

#[tokio::test]
async fn a_router_that_stands_elsewhere_says_so() {
    let status = async |base: &str, nested: Option<&str>| {
        let pages = router(Senders::default()).layer(from_fn(error_pages));
        let served = LiveRuntime::new(at(base)).serve(pages);
        let (app, path) = match nested {
            Some(at) => (Router::new().nest(at, served), format!("{at}/counter")),
            None => (served, "/counter".to_owned()),
        };
        let answer = app
            .oneshot(Request::get(path).header("accept", "text/html").body(Body::empty()).unwrap())
            .await
            .unwrap();
        let status = answer.status();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    };
    assert_eq!(status("", None).await.0, StatusCode::OK);
    assert_eq!(status("/tools", Some("/tools")).await.0, StatusCode::OK);
    for (base, nested, words) in [
        (
            "",
            Some("/tools"),
            "stands at `/tools`, but its pages look for their scripts and their socket at the root",
        ),
        (
            "/tools",
            None,
            "stands at the root, but its pages look for their scripts and their socket at `/tools`",
        ),
        ("/tools", Some("/other"), "stands at `/other`"),
    ] {
        let (status, body) = status(base, nested).await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(body.contains(words) && body.contains("LiveConfig::base_path"), "{body}");
    }
}

#[test]
#[should_panic(expected = "this router has the socket of a `LiveRuntime` already")]
fn a_router_that_is_served_is_not_served_again() {
    let served = LiveRuntime::new(config()).serve(router(Senders::default()));
    let _ = LiveRuntime::new(config()).serve(served);
}

#[test]
#[should_panic(expected = "a `LiveRuntime` serves one router")]
fn a_runtime_serves_one_router() {
    let live = LiveRuntime::new(config());
    let _ = live.clone().serve(Router::new());
    let _ = live.serve(Router::new());
}

#[test]
#[should_panic(expected = "a route of its own at `/live/websocket`")]
fn a_route_of_the_application_in_the_place_of_the_socket_is_named() {
    let router = Router::new().route("/live/websocket", axum::routing::get(|| async {}));
    let _ = LiveRuntime::new(config()).serve(router);
}

#[tokio::test]
async fn two_runtimes_at_one_place_are_told_before_they_are_merged() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let [one, other, two] =
        ["/here/1", "/here/2", "/here/1"].map(|path| LiveRuntime::new(at(path)));
    let told = || log.text().matches("served at one base path").count();
    let _served = [one.serve(Router::new()), other.serve(Router::new())];
    assert_eq!(told(), 0);
    let _again = two.serve(Router::new());
    assert_eq!(told(), 1);
}

/// Shows what it was sent; asked to go, it sends a word to the page beside it.
struct Herald;

impl LiveView for Herald {
    type Extract = ();
    type Params = ();
    type Event = ();
    type Message = ();

    async fn mount((): (), socket: &mut Socket<Self>) -> Result<Self, MountError> {
        let to = socket.path().strip_suffix("/go").map(|base| format!("{base}/shown"));
        match to {
            Some(to) => {
                socket.put_flash("info", "Saved.");
                Err(MountError::redirect(to))
            }
            None => Ok(Self),
        }
    }

    fn render(&self) -> impl Render {
        live! { main { (flash()) } }
    }
}

fn heralds(live: &LiveRuntime) -> Router {
    live.clone().serve(Router::new().live::<Herald>("/go").live::<Herald>("/shown"))
}

#[tokio::test]
async fn a_flash_waits_for_the_page_of_its_own_runtime() {
    let (root, tools) = (LiveRuntime::new(at("/")), LiveRuntime::new(at("/tools")));
    let router = heralds(&root).nest("/tools", heralds(&tools));
    let in_root = TestApp::new(&root, router);
    let in_tools = in_root.of(&tools);
    for (own, other, base, beside) in
        [(&in_root, &in_tools, "", "/tools"), (&in_tools, &in_root, "/tools", "")]
    {
        assert_eq!(own.get(&format!("{base}/go")).await.status, StatusCode::FOUND);
        let beside = other.get(&format!("{beside}/shown")).await;
        assert_eq!(beside.texts(".flash"), [""; 0]);
        let shown = format!("{base}/shown");
        assert_eq!(own.get(&shown).await.texts(".flash"), ["Saved."]);
        assert_eq!(own.get(&shown).await.texts(".flash"), [""; 0], "it is shown once");
    }
}

#[tokio::test]
async fn a_flash_of_a_site_of_https_travels_by_https_alone() {
    for (url, is_secure) in [("https://app.test", true), ("http://app.test", false)] {
        let live =
            LiveRuntime::new(LiveConfig { public_url: Some(url.to_owned()), ..at("/tools") });
        let app = TestApp::new(&live, Router::new().nest("/tools", heralds(&live)));
        let page = app.get("/tools/go").await;
        let mut cookies = page.headers.get_all("set-cookie").iter();
        let flash =
            cookies.find_map(|cookie| cookie.to_str().unwrap().strip_prefix("__phoenix_flash__="));
        let flash = flash.unwrap();
        assert!(flash.contains("; Path=/tools;"), "{flash}");
        assert_eq!(flash.ends_with("; Secure"), is_secure, "{flash}");
    }
}
