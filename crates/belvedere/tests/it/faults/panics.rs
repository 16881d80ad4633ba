//! A panic in each place where an author's code runs: one view goes, or one piece of work; all else goes on,
//! the page is back, and the log says where it was.

use std::time::Duration;

use axum::Router;
use belvedere::http::guard_events;
use belvedere::pub_sub::PubSub;
use belvedere::testing::{Outcome, TestApp, TestFile, TestPage, TestView};
use belvedere::{LiveRouter, LiveRuntime};
use serde_json::json;

use super::pane::{Fuse, Pane, guard};
use crate::diff::duplicates::Log;
use crate::views::{Counter, prompt, served};

fn server() -> (TestApp, LiveRuntime) {
    let pub_sub = PubSub::new();
    let live = LiveRuntime::new(prompt());
    let panes = Router::new().live::<Pane>("/pane").layer(guard_events(guard));
    let router = panes.live::<Counter>("/counter").with_state(pub_sub);
    (served(live.clone(), router), live)
}

/// What a fault leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    /// The view is lost, and its browser joins anew.
    Crashes,
    /// The view goes on.
    Stays,
    /// It has ended already.
    Gone,
}

/// What the log says: the callback, and the component.
type Said = (&'static str, Option<&'static str>);

/// A page with a fuse in a place, and the words of the log, beside those of another view that nothing
/// happens to.
struct Scene {
    app: TestApp,
    live: LiveRuntime,
    bystander: TestView,
    log: Log,
    fuse: Fuse,
}

impl Scene {
    async fn begin(log: &Log) -> Self {
        let (app, live) = server();
        let bystander = app.another_visitor().get("/counter").await.join().await;
        Self { app, live, bystander, log: log.clone(), fuse: Fuse::own() }
    }

    async fn page(&self) -> TestPage {
        let page = self.app.get("/pane").await;
        assert_eq!(page.status, 200);
        page
    }

    /// The panic has come, once; it is in the log with its place, once; nobody else has noticed.
    async fn end(mut self, place: &str, said: Option<Said>) {
        assert_eq!(self.fuse.left(), [""; 0], "{place}");
        let log = self.log.take();
        let (callback, component) = said.unzip();
        let component = component.flatten();
        let lines: Vec<_> = log.split("ERROR ").filter(|line| line.contains("callback=")).collect();
        let is_said = |line: &str| {
            line.contains("view=\"Pane\"")
                && callback.is_some_and(|name| line.contains(&format!("callback=\"{name}\"")))
                && match component {
                    Some(name) => line.contains(&format!("component=\"{name}\"")),
                    None => !line.contains("component="),
                }
        };
        assert_eq!(lines.len(), usize::from(said.is_some()), "{place}: {log}");
        assert!(lines.iter().all(|line| is_said(line)), "{place}: {log}");
        self.bystander.click("#inc").await;
        assert_eq!(self.bystander.text("output"), "1", "{place}");
        // Every registry answers.
        assert!(!self.live.views(10).is_empty());
        let mut view = self.page().await.join().await;
        view.click("#ok").await;
        assert_eq!(view.text("output"), "1", "{place}");
    }
}

/// Its join fails, and the next one does not.
async fn joins_when_it_asks_again(view: &mut TestView, place: &str) {
    view.join().await;
    assert!(!view.is_joined(), "{place}");
    view.join().await;
    assert!(view.is_joined(), "{place}: {:?}", view.outcome());
}

/// Does what leads to `place`.
async fn act(view: &mut TestView, place: &str) {
    let event =
        |name: &'static str| ("event", json!({"type": "click", "event": name, "value": {}}));
    let (kind, payload) = match place {
        "handle_params" => event("patch"),
        "handle_error" => event("fail"),
        "handle_unread" => event("unread"),
        "handle_message" | "message drop" => event("send"),
        "wrap" | "serialize" => event("publish"),
        "badge mount" => event("badge"),
        "badge handle_message" => event("poke"),
        "work" => event("load"),
        "then" => event("load_then"),
        "spawned" => event("spawn"),
        "subscription" => event("subscribe"),
        "terminate" | "on_end" | "drop" => ("phx_leave", json!({})),
        "handle_event" | "guard" => event("panic"),
        "badge handle_event" => return view.click("b").await,
        "check" | "open" | "write" | "finish" | "handle_upload" => {
            let file = TestFile::new("a.txt", "text ".repeat(5_000));
            return view.form("#files").choose_files("Files", [file]).await;
        }
        "writer drop" => {
            let file = TestFile::new("a.txt", "text ".repeat(5_000)).stalling_after(1);
            view.form("#files").choose_files("Files", [file]).await;
            return view.click(".cancel").await;
        }
        _ => event("ok"),
    };
    view.send(kind, payload).await;
}

/// A place, what a panic there leaves, and what the log says.
type Case = (&'static str, Then, Option<Said>);

/// The places in callbacks of a joined view, and beside it.
fn cases() -> Vec<Case> {
    use Then::{Crashes, Gone, Stays};
    let own = |place: &'static str, then| (place, then, Some((place, None)));
    let badge = |place: &'static str, then| {
        (place, then, Some((place.trim_start_matches("badge "), Some("Badge"))))
    };
    vec![
        own("handle_event", Crashes),
        own("guard", Crashes),
        own("handle_error", Crashes),
        own("handle_unread", Crashes),
        own("handle_params", Crashes),
        own("handle_message", Crashes),
        own("render", Crashes),
        own("then", Crashes),
        own("handle_upload", Crashes),
        own("terminate", Gone),
        own("on_end", Gone),
        own("drop", Gone),
        ("hole", Crashes, Some(("render", None))),
        ("keep", Crashes, Some(("snapshot", None))),
        ("check", Crashes, Some(("upload check", None))),
        ("serialize", Crashes, Some(("handle_event", None))),
        ("wrap", Crashes, Some(("handle_message", None))),
        ("message drop", Crashes, Some(("handle_message", None))),
        badge("badge mount", Crashes),
        badge("badge render", Crashes),
        badge("badge handle_event", Crashes),
        badge("badge handle_message", Crashes),
        ("badge update", Crashes, Some(("update", Some("Badge")))),
        ("badge update_many", Crashes, Some(("update", Some("Badge")))),
        ("open", Stays, Some(("write", None))),
        own("write", Stays),
        own("finish", Stays),
        ("writer drop", Stays, None),
        ("work", Stays, None),
        ("spawned", Stays, None),
        ("subscription", Stays, None),
    ]
}

#[tokio::test]
async fn in_a_callback_of_a_joined_view() {
    use Then::{Crashes, Gone, Stays};
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    for (place, then, said) in cases() {
        let scene = Scene::begin(&log).await;
        let mut view = scene.page().await.join().await;
        scene.fuse.set(&[place]);
        act(&mut view, place).await;
        view.settle().await;
        match then {
            Crashes => {
                assert_eq!(*view.outcome(), Outcome::Crashed, "{place}");
                view.join().await;
            }
            Gone => {}
            Stays => assert!(view.is_joined(), "{place}: {:?}", view.outcome()),
        }
        if then != Gone {
            let before: u32 = view.text("output").parse().unwrap();
            view.click("#ok").await;
            assert_eq!(view.text("output"), (before + 1).to_string(), "{place}");
        }
        drop(view);
        scene.end(place, said).await;
    }
}

#[tokio::test]
async fn in_the_first_response_of_a_page() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    for (place, said) in [
        ("mount", ("mount", None)),
        ("handle_params", ("handle_params", None)),
        ("render", ("render", None)),
        ("badge mount", ("mount", Some("Badge"))),
        ("badge update", ("update", Some("Badge"))),
        ("badge render", ("render", Some("Badge"))),
    ] {
        let scene = Scene::begin(&log).await;
        scene.fuse.set(&[place]);
        let page = scene.app.get("/pane").await;
        assert_eq!(page.status, 500, "{place}");
        assert!(!page.html.contains("on purpose"), "{place}");
        scene.end(place, Some(said)).await;
    }
}

#[tokio::test]
async fn at_a_join() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    for (place, callback) in
        [("connected", "connected"), ("render", "render"), ("keep", "snapshot")]
    {
        let scene = Scene::begin(&log).await;
        let mut view = scene.page().await.open();
        scene.fuse.set(&[place]);
        joins_when_it_asks_again(&mut view, place).await;
        scene.end(place, Some((callback, None))).await;
    }
}

#[tokio::test]
async fn when_a_view_is_mounted_anew() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    for (place, callback) in
        [("mount", "mount"), ("handle_params", "handle_params"), ("give", "snapshot")]
    {
        let scene = Scene::begin(&log).await;
        let mut view = scene.page().await.join().await;
        view.click("#ok").await;
        scene.fuse.set(&["handle_event", place]);
        act(&mut view, "handle_event").await;
        assert_eq!(*view.outcome(), Outcome::Crashed, "{place}");
        log.take();
        joins_when_it_asks_again(&mut view, place).await;
        scene.end(place, Some((callback, None))).await;
    }
}

#[tokio::test]
async fn when_a_browser_goes_and_comes_back() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    for place in ["disconnected", "restream"] {
        let scene = Scene::begin(&log).await;
        let mut view = scene.page().await.join().await;
        scene.fuse.set(&[place]);
        view.disconnect().await;
        view.reconnect().await;
        if !view.is_joined() {
            view.join().await;
        }
        assert!(view.is_joined(), "{place}: {:?}", view.outcome());
        scene.end(place, Some((place, None))).await;
    }
}

#[tokio::test(start_paused = true)]
async fn in_the_destructor_of_a_view_that_nobody_joins() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let scene = Scene::begin(&log).await;
    let pages = [scene.page().await, scene.page().await];
    scene.fuse.set(&["drop"]);
    tokio::time::sleep(Duration::from_secs(15)).await;
    assert_eq!(scene.fuse.left(), [""; 0], "the time of both is over");
    assert_eq!(log.take().matches("callback=\"drop\"").count(), 1);
    // What ends them goes on.
    let page = scene.page().await;
    scene.fuse.set(&["on_end"]);
    tokio::time::sleep(Duration::from_secs(15)).await;
    drop((pages, page));
    scene.end("on_end", Some(("on_end", None))).await;
}
