//! Guards of events: what they see, what comes of what they refuse, and which pages they are on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use belvedere::http::guard_events;
use belvedere::testing::{Outcome, TestApp, TestView};
use belvedere::{EventGuard, EventRefusal, GuardedEvent, LiveConfig, LiveRouter, LiveRuntime};
use serde_json::json;

use crate::diff::duplicates::Log;
use crate::views::{Book, Desk, config, radio, served};

mod law;

/// Writes down whom it sees, and says what a test has told it to.
#[derive(Clone, Default)]
struct Porter {
    seen: Arc<Mutex<Vec<String>>>,
    order: Arc<Mutex<Order>>,
}

#[derive(Clone, Copy, Debug, Default)]
enum Order {
    #[default]
    Pass,
    Flash,
    Silent,
    Redirect,
    Navigate,
    NoPath,
    Fail,
    Panic,
}

impl Porter {
    fn orders(&self, order: Order) {
        *self.order.lock().unwrap() = order;
    }

    fn seen(&self) -> Vec<String> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }
}

impl EventGuard for Porter {
    async fn check(&self, event: &GuardedEvent<'_>) -> Result<(), EventRefusal> {
        // A query, as far as the runtime can tell.
        tokio::task::yield_now().await;
        let GuardedEvent { name, view, component, path, route, only_reads, .. } = event;
        let of = component.map(|component| format!(" {component}")).unwrap_or_default();
        let does = if *only_reads { "reads" } else { "writes" };
        self.seen.lock().unwrap().push(format!("{view}{of} {name} {does} at {path} of {route}"));
        let order = *self.order.lock().unwrap();
        match order {
            Order::Pass => Ok(()),
            Order::Flash => Err(EventRefusal::flash("error", "Not here.")),
            Order::Silent => Err(EventRefusal::silent()),
            Order::Redirect => Err(EventRefusal::redirect("/out").with_flash("info", "Goodbye.")),
            Order::Navigate => Err(EventRefusal::navigate("/free").with_flash("info", "Go on.")),
            Order::NoPath => Err(EventRefusal::redirect("https://elsewhere.example/")),
            Order::Fail => Err(std::io::Error::other("the porter is asleep").into()),
            Order::Panic => panic!("on purpose"),
        }
    }
}

/// `/desk/{tab}` has a porter, `/free/{tab}` none.
fn app() -> (TestApp, Porter) {
    app_with(config())
}

fn app_with(config: LiveConfig) -> (TestApp, Porter) {
    let porter = Porter::default();
    let guarded = Router::new().live::<Desk>("/desk/{tab}").layer(guard_events(porter.clone()));
    let router = guarded.live::<Desk>("/free/{tab}").live::<Desk>("/free");
    (served(LiveRuntime::new(config), router), porter)
}

async fn desk(app: &TestApp) -> TestView {
    app.get("/desk/a").await.join().await
}

#[tokio::test]
async fn a_guard_sees_every_event_of_its_pages() {
    let (app, porter) = app();
    let mut desk = desk(&app).await;
    desk.click("#write").await;
    desk.click("#look").await;
    desk.change("#form", "text", &[("text", "a")]).await;
    desk.submit("#form", &[("text", "b")]).await;
    desk.send_event("keyup", "key", json!({ "key": "x" }), None).await;
    desk.click("#stamp").await;
    let mut memo = desk.child("memo").await;
    memo.click("#tear").await;
    let at = "at /desk/a of /desk/{tab}";
    assert_eq!(
        porter.seen(),
        [
            format!("Desk write writes {at}"),
            format!("Desk look reads {at}"),
            format!("Desk typed reads {at}"),
            format!("Desk save writes {at}"),
            format!("Desk key writes {at}"),
            format!("Desk Stamp press writes {at}"),
            format!("Memo tear writes {at}"),
        ]
    );
    desk.settle().await;
    assert_eq!(desk.text("#done"), "write look typed:a save:b key:x");
    assert_eq!(
        (desk.text("#stamp"), desk.child("memo").await.text("#torn")),
        ("1".into(), "1".into())
    );
}

#[tokio::test]
async fn a_dismissed_flash_and_an_event_that_nobody_declares_pass_no_guard() {
    let (app, porter) = app();
    let mut desk = desk(&app).await;
    desk.send_event("click", "lv:clear-flash", json!({ "key": "info" }), None).await;
    desk.send_event("click", "sneak", json!({}), None).await;
    desk.send_event("click", "save", json!({}), None).await;
    assert_eq!(porter.seen(), [""; 0]);
}

#[tokio::test]
async fn a_refused_event_is_answered_and_the_view_lives_on() {
    let (app, porter) = app();
    let mut desk = desk(&app).await;
    desk.click("#write").await;
    porter.orders(Order::Flash);
    desk.click("#write").await;
    assert_eq!(desk.replies().len(), 2, "the element can be used again");
    assert_eq!(desk.replies()[1]["status"], "ok");
    assert_eq!(
        (desk.text("#done"), desk.text(".flash.error")),
        ("write".into(), "Not here.".into())
    );

    porter.orders(Order::Silent);
    desk.click("#write").await;
    let told = &desk.replies()[2]["response"]["diff"]["e"];
    assert_eq!((told[0][0].as_str(), &told[0][2]), (Some("live_view:refused"), &json!(true)));

    porter.orders(Order::Pass);
    desk.click("#write").await;
    assert_eq!(desk.text("#done"), "write write");
}

#[tokio::test]
async fn a_refused_event_of_a_component_or_a_nested_view_is_said_where_it_belongs() {
    let (app, porter) = app();
    let mut desk = desk(&app).await;
    let mut memo = desk.child("memo").await;
    porter.orders(Order::Flash);
    desk.click("#stamp").await;
    memo.click("#tear").await;
    assert_eq!((desk.text("#stamp"), desk.text(".flash.error")), ("0".into(), "Not here.".into()));
    assert_eq!((memo.text("#torn"), memo.text(".flash.error")), ("0".into(), "Not here.".into()));
}

#[tokio::test]
async fn a_guard_sends_the_browser_elsewhere() {
    let (app, porter) = app();
    porter.orders(Order::Redirect);
    let mut leaves = desk(&app).await;
    leaves.click("#stamp").await;
    assert_eq!(*leaves.outcome(), Outcome::Redirected("/out".into()));

    let mut moves = desk(&app).await;
    porter.orders(Order::Navigate);
    moves.click("#write").await;
    assert_eq!((moves.path(), moves.loads()), ("/free", 1));
    assert_eq!((moves.text(".flash.info"), moves.text("#done")), ("Go on.".into(), String::new()));
    moves.click("#write").await;
    assert_eq!(moves.text("#done"), "write", "the page it came to has no guard");
}

#[tokio::test]
async fn an_error_of_a_guard_keeps_the_event_out_and_is_the_views_to_show() {
    let log = Log::default();
    let _log = tracing::subscriber::set_default(log.clone());
    let (app, porter) = app();
    let mut desk = desk(&app).await;
    porter.orders(Order::Fail);
    desk.click("#write").await;
    desk.click("#stamp").await;
    assert_eq!((desk.text("#done"), desk.text("#stamp")), (String::new(), "0".into()));
    assert_eq!(desk.text(".flash.error"), "Something went wrong. Please try again.");
    assert_eq!(log.text().matches("the porter is asleep").count(), 1);

    porter.orders(Order::NoPath);
    desk.click("#write").await;
    assert_eq!((desk.text("#done"), desk.outcome()), (String::new(), &Outcome::Open));

    porter.orders(Order::Panic);
    desk.click("#write").await;
    assert_eq!(*desk.outcome(), Outcome::Crashed);
    porter.orders(Order::Pass);
    desk.join().await;
    desk.click("#write").await;
    assert_eq!(desk.text("#done"), "write");
}

#[tokio::test]
async fn a_view_has_the_guards_of_the_route_that_it_shows() {
    let (app, porter) = app();
    let mut desk = app.get("/free/a").await.join().await;
    let mut memo = desk.child("memo").await;
    porter.orders(Order::Flash);
    desk.click("#write").await;
    memo.click("#tear").await;
    assert_eq!(porter.seen(), [""; 0]);

    desk.click("#to-desk").await;
    assert_eq!((desk.path(), desk.loads()), ("/desk/b", 1));
    desk.click("#write").await;
    memo.click("#tear").await;
    assert_eq!(
        porter.seen(),
        [
            "Desk write writes at /desk/b of /desk/{tab}",
            "Memo tear writes at /desk/b of /desk/{tab}"
        ]
    );
    desk.reconnect().await;
    desk.click("#write").await;
    desk.join().await;
    desk.click("#write").await;
    assert_eq!((desk.text("#done"), porter.seen().len()), ("write".into(), 2));

    desk.click("#to-free").await;
    desk.click("#write").await;
    assert_eq!((desk.text("#done"), porter.seen().len()), ("write write".into(), 0));
}

#[tokio::test]
async fn a_view_in_the_layout_has_the_guards_of_the_page_that_the_browser_shows() {
    let with_player =
        || LiveConfig { layout: radio(&Book::default(), &["player"], "-"), ..config() };
    let (app, porter) = app_with(with_player());
    let mut desk = app.get("/free/a").await.join().await;
    let mut player = desk.in_layout("player").await;
    player.click(".play").await;
    player.child("volume").await.click(".play").await;
    assert_eq!(porter.seen(), [""; 0]);

    desk.click("#to-desk").await;
    player.click(".play").await;
    player.child("volume").await.click(".play").await;
    let seen = "Player play writes at /desk/b of /desk/{tab}";
    assert_eq!(porter.seen(), [seen, seen]);

    let (other, porter) = app_with(with_player());
    desk.reconnect_to(&other).await;
    desk.send("phx_leave", json!({})).await;
    let mut player = desk.in_layout("player").await;
    player.click(".play").await;
    assert_eq!(porter.seen(), [seen], "also before the page itself is back");
}

#[tokio::test]
async fn an_event_passes_the_outer_guard_first_and_then_the_inner_one() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let refuses = Arc::new(AtomicBool::new(false));
    let guard = |name: &'static str| {
        let (asked, refuses) = (Arc::clone(&asked), Arc::clone(&refuses));
        guard_events(move |_: &GuardedEvent<'_>| {
            asked.lock().unwrap().push(name);
            match refuses.load(Ordering::Relaxed) {
                true => Err(EventRefusal::silent()),
                false => Ok(()),
            }
        })
    };
    let inner = Router::new().live::<Desk>("/desk/{tab}").layer(guard("inner"));
    let outer = Router::new().nest("/in", inner).live::<Desk>("/free").layer(guard("outer"));
    let app = served(LiveRuntime::new(config()), outer);
    let mut desk = app.get("/in/desk/a").await.join().await;
    let said = async |desk: &mut TestView| {
        desk.click("#write").await;
        std::mem::take(&mut *asked.lock().unwrap())
    };
    assert_eq!(said(&mut desk).await, ["outer", "inner"]);
    refuses.store(true, Ordering::Relaxed);
    assert_eq!(said(&mut desk).await, ["outer"]);
    let mut free = app.get("/free").await.join().await;
    assert_eq!(said(&mut free).await, ["outer"]);
}

#[tokio::test]
async fn a_flash_that_no_template_shows_is_said_in_the_log_of_a_debug_build() {
    let log = Log::default();
    let _log = tracing::subscriber::set_default(log.clone());
    let read_only = guard_events(|event: &GuardedEvent<'_>| match event.only_reads {
        true => Ok(()),
        false => Err(EventRefusal::flash("error", "Read only.")),
    });
    let router = Router::new().live::<crate::views::Counter>("/counter").layer(read_only);
    let app = served(LiveRuntime::new(config()), router);
    let mut counter = app.get("/counter").await.join().await;
    counter.click("#inc").await;
    assert_eq!(counter.text("output"), "0");
    assert_eq!(log.text().matches("splice `(flash())`").count(), 1);
}
