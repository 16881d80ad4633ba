//! Each way in which a view ends, as what its author leaves behind for that is told.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use belvedere::testing::{TestApp, TestView};
use belvedere::{
    Ended, HoldLimits, LiveConfig, LiveEvent, LiveRouter, LiveRuntime, LiveView, MessageSender,
    MountError, Render, Restream, Result, Socket, live, nested,
};
use serde_json::json;

use crate::nested::ends::without_waiting;
use crate::views::{config, served};

/// What has ended, and why, in order.
type Ends = Arc<Mutex<Vec<(&'static str, Ended)>>>;

/// Ends as it is told to, with one nested view in it.
struct Mortal {
    ends: Ends,
    sender: MessageSender<Ended>,
    has_inner: bool,
    heard: Vec<Ended>,
}

#[derive(LiveEvent)]
enum Event {
    Panic,
    Leave,
    Drop,
    Nap,
}

impl LiveView for Mortal {
    type Extract = (Path<String>, State<Ends>);
    type Params = ();
    type Event = Event;
    type Message = Ended;

    async fn mount(
        (Path(kind), State(ends)): Self::Extract,
        socket: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        let has_ended = !ends.lock().unwrap().is_empty();
        note("outer", &ends, socket);
        match kind.as_str() {
            "missing" => return Err(MountError::not_found()),
            "panics" => panic!("a mount panics on purpose"),
            "slow" => tokio::time::sleep(Duration::from_secs(5)).await,
            "flood" if !has_ended => while socket.sender().send(Ended::Left).is_ok() {},
            "once" if has_ended => panic!("another mount panics on purpose"),
            _ => {}
        }
        let (has_inner, heard) = (kind != "alone", Vec::new());
        Ok(Self { ends, sender: socket.sender(), has_inner, heard })
    }

    async fn handle_event(&mut self, event: Event, socket: &mut Socket<Self>) -> Result {
        match event {
            Event::Panic => panic!("an event panics on purpose"),
            Event::Leave => socket.redirect("/elsewhere")?,
            Event::Drop => self.has_inner = false,
            Event::Nap => tokio::time::sleep(Duration::from_secs(5)).await,
        }
        Ok(())
    }

    async fn handle_message(&mut self, why: Ended, _: &mut Socket<Self>) -> Result {
        self.heard.push(why);
        Ok(())
    }

    fn render(&self) -> impl Render {
        let sender = &self.sender;
        live! {
            p { @for why in &self.heard { (format!("{why:?} ")) } }
            @if self.has_inner {
                (nested::<Inner>("inner", Arc::clone(&self.ends)).on_end({
                    let sender = sender.clone();
                    move |why| drop(sender.send(why))
                }))
            }
        }
    }
}

struct Inner;

impl LiveView for Inner {
    type Extract = Ends;
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount(ends: Ends, socket: &mut Socket<Self>) -> Result<Self, MountError> {
        note("inner", &ends, socket);
        Ok(Self)
    }

    async fn handle_event(&mut self, event: Event, socket: &mut Socket<Self>) -> Result {
        match event {
            Event::Panic => panic!("an event panics on purpose"),
            Event::Leave => socket.redirect("/elsewhere")?,
            Event::Drop | Event::Nap => {}
        }
        Ok(())
    }

    async fn restream(&mut self, _: &mut Socket<Self>) -> Result<Restream> {
        Ok(Restream::Done)
    }

    fn render(&self) -> impl Render {
        live! { b { "inner" } }
    }
}

fn note<V: LiveView>(name: &'static str, ends: &Ends, socket: &mut Socket<V>) {
    let ends = Arc::clone(ends);
    socket.on_end(move |why| ends.lock().unwrap().push((name, why)));
}

fn app_with(config: LiveConfig) -> (TestApp, Ends, LiveRuntime) {
    let ends = Ends::default();
    let live = LiveRuntime::new(config);
    let router = Router::new().live::<Mortal>("/{kind}").with_state(Arc::clone(&ends));
    (served(live.clone(), router), ends, live)
}

fn app() -> (TestApp, Ends, LiveRuntime) {
    app_with(config())
}

async fn joined(app: &TestApp) -> (TestView, TestView) {
    let outer = app.get("/both").await.join().await;
    let inner = outer.child("inner").await;
    (outer, inner)
}

/// What has ended so far, in no order.
fn ended(ends: &Ends) -> Vec<(&'static str, Ended)> {
    let mut ended = ends.lock().unwrap().clone();
    ended.sort_by_key(|(name, _)| *name);
    ended
}

async fn act(view: &mut TestView, event: &str) {
    view.send_event("click", event, json!({}), None).await;
}

#[tokio::test]
async fn a_view_that_does_not_come_to_be_is_cleaned_up_after() {
    for kind in ["missing", "panics"] {
        let (app, ends, _) = app();
        app.get(&format!("/{kind}")).await;
        assert_eq!(ended(&ends), [("outer", Ended::NotMounted)], "{kind}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_that_nobody_joins_is_cleaned_up_after() {
    let (app, ends, _) = app();
    app.get("/both").await;
    assert_eq!(ended(&ends), []);
    tokio::time::sleep(Duration::from_secs(11)).await;
    assert_eq!(ended(&ends), [("inner", Ended::NotJoined), ("outer", Ended::NotJoined)]);
}

#[tokio::test]
async fn a_browser_that_leaves_is_told_from_one_that_is_sent_away() {
    let (app, ends, _) = app();
    let (mut outer, mut inner) = joined(&app).await;
    outer.send("phx_leave", json!({})).await;
    inner.settle().await;
    assert_eq!(ended(&ends), [("inner", Ended::Removed), ("outer", Ended::Left)]);

    let (app, ends, _) = self::app();
    let (mut outer, mut inner) = joined(&app).await;
    act(&mut outer, "leave").await;
    inner.settle().await;
    assert_eq!(ended(&ends), [("inner", Ended::Removed), ("outer", Ended::Navigated)]);
}

#[tokio::test]
async fn a_crash_is_cleaned_up_after() {
    let (app, ends, _) = app();
    let (mut outer, mut inner) = joined(&app).await;
    act(&mut outer, "panic").await;
    inner.settle().await;
    assert_eq!(ended(&ends), [("inner", Ended::Removed), ("outer", Ended::Crashed)]);
}

#[tokio::test(start_paused = true)]
async fn a_browser_that_does_not_return_is_cleaned_up_after() {
    let (app, ends, _) = app();
    let (mut outer, _inner) = joined(&app).await;
    outer.disconnect().await;
    tokio::time::advance(Duration::from_secs(59)).await;
    outer.settle().await;
    assert_eq!(ended(&ends), []);
    tokio::time::sleep(Duration::from_secs(2)).await;
    let [(_, inner), outer] = ended(&ends)[..] else { panic!("{:?}", ended(&ends)) };
    assert_eq!(outer, ("outer", Ended::NotReturned));
    assert!(matches!(inner, Ended::NotReturned | Ended::Removed), "{inner:?}");
}

#[tokio::test]
async fn a_session_that_is_ended_ends_its_views() {
    let (app, ends, live) = app();
    let mut outer = app.get("/alone").await.join().await;
    live.disconnect(outer.session());
    outer.disconnected().await;
    assert_eq!(ended(&ends), [("outer", Ended::SessionEnded)]);
}

#[tokio::test(start_paused = true)]
async fn a_browser_that_leaves_before_the_view_is_mounted_is_no_failure_of_it() {
    let (app, ends, _) = app();
    let mut outer = app.get("/slow").await.open();
    tokio::time::sleep(Duration::from_secs(11)).await;
    ends.lock().unwrap().clear();
    without_waiting(outer.join()).await;
    without_waiting(outer.send_now("phx_leave", json!({}))).await;
    outer.settle().await;
    assert_eq!(ended(&ends), [("outer", Ended::NotJoined)]);

    let (app, ends, _) = self::app();
    without_waiting(app.get("/slow")).await;
    assert_eq!(ended(&ends), [("outer", Ended::NotJoined)]);
}

#[tokio::test(start_paused = true)]
async fn a_mount_that_panics_at_a_join_is_told_so() {
    let (app, ends, _) = app();
    let mut outer = app.get("/once").await.join().await;
    act(&mut outer, "drop").await;
    act(&mut outer, "panic").await;
    ends.lock().unwrap().retain(|(name, _)| *name == "outer");
    outer.join().await;
    assert_eq!(ended(&ends), [("outer", Ended::Crashed), ("outer", Ended::NotMounted)]);
}

#[tokio::test(start_paused = true)]
async fn a_view_whose_topic_another_has_taken_is_replaced() {
    let (app, ends, _) = app();
    let page = app.get("/alone").await;
    let html = page.html.clone();
    let mut outer = page.join().await;
    without_waiting(act(&mut outer, "nap")).await;
    without_waiting(outer.disconnect()).await;
    let mut copy = app.get("/alone").await;
    copy.html = html;
    let mut copy = copy.open();
    without_waiting(copy.join()).await;
    assert_eq!(ended(&ends), []);
    copy.settle().await;
    assert!(copy.is_joined());
    assert_eq!(ended(&ends), [("outer", Ended::Replaced)]);
}

#[tokio::test]
async fn a_page_that_the_server_gives_up_is_told_so() {
    let given_up = [("inner", Ended::GivenUp), ("outer", Ended::GivenUp)];
    let (app, ends, _) = app_with(LiveConfig { mailbox_capacity: 3, ..config() });
    app.get("/flood").await.join().await;
    assert_eq!(ended(&ends), given_up, "a message to it was lost");

    let page_hold_limits = HoldLimits { per_session: 1, ..HoldLimits::default() };
    let (app, ends, _) = app_with(LiveConfig { page_hold_limits, ..config() });
    app.get("/both").await;
    app.get("/both").await;
    assert_eq!(ended(&ends), given_up, "another page came");

    let (app, ends, live) = self::app();
    let page = app.get("/both").await;
    live.disconnect(page.open().session());
    let why = Ended::SessionEnded;
    assert_eq!(ended(&ends), [("inner", why), ("outer", why)]);
}

#[tokio::test]
async fn a_nested_view_that_its_page_shows_without_events_is_told_so() {
    let (app, ends, _) = app_with(LiveConfig { max_joins_per_socket: 1, ..config() });
    let mut outer = app.get("/both").await.join().await;
    outer.settle().await;
    assert_eq!(ended(&ends), [("inner", Ended::Inert)]);
    assert_eq!(outer.text("p"), "Inert");
}

#[tokio::test]
async fn a_server_that_goes_away_cleans_up() {
    let (app, ends, live) = app();
    let mut outer = app.get("/alone").await.join().await;
    live.drain().await;
    outer.settle().await;
    assert_eq!(ended(&ends), [("outer", Ended::ServerStopped)]);
}

#[test]
fn a_runtime_that_is_dropped_cleans_up() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (app, ends, _live) = app();
    let outer = runtime.block_on(async { app.get("/alone").await.join().await });
    drop(runtime);
    assert_eq!(ended(&ends), [("outer", Ended::ServerStopped)]);
    drop(outer);
}

#[tokio::test]
async fn the_view_around_a_nested_one_hears_why_it_has_ended() {
    let (app, ends, _) = app();
    let (mut outer, mut inner) = joined(&app).await;
    act(&mut inner, "panic").await;
    inner.join().await;
    outer.settle().await;
    assert_eq!(outer.text("p"), "Crashed");
    act(&mut outer, "drop").await;
    inner.settle().await;
    outer.settle().await;
    assert_eq!(outer.text("p"), "Crashed Removed");
    assert_eq!(ended(&ends), [("inner", Ended::Crashed), ("inner", Ended::Removed)]);
}
