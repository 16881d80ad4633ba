//! A server that goes away: what was asked is answered, then browsers reconnect elsewhere.

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use belvedere::pub_sub::PubSubOptions;
use belvedere::testing::Outcome;
use belvedere::{
    Heard, Joined, LiveConfig, LiveRouter, LiveRuntime, LiveView, MountError, PubSub, Render,
    Result, Socket, Topic, live,
};
use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio::time::{Instant, sleep};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::socket::{Server, close_code, join, receive, send};
use crate::views::{Counter, Gate, Keeper, config, served};

fn gates(keeper: &Keeper) -> Router {
    Router::new().live::<Gate>("/gate").with_state(keeper.clone())
}

#[tokio::test]
async fn a_callback_under_way_and_what_waits_behind_it_are_answered_first() {
    let keeper = Keeper::default();
    let server = Server::serve(config(), gates(&keeper)).await;
    let (mut socket, topic) = join(&server, "/gate").await;
    let pass = json!({"type": "click", "event": "pass", "value": {}});
    send(&mut socket, json!(["4", "8", topic, "event", pass])).await;
    send(&mut socket, json!(["4", "9", topic, "event", pass])).await;
    send(&mut socket, json!([null, "10", "phoenix", "heartbeat", {}])).await;
    keeper.arrival().await;
    // Answered by the connection, which has thus read the frames before it.
    assert_eq!(receive(&mut socket).await["response"], json!({}));

    let browser = async {
        keeper.admit();
        keeper.admit();
        assert_eq!(receive(&mut socket).await["response"]["diff"]["0"], "1");
        assert_eq!(receive(&mut socket).await["response"]["diff"]["0"], "2");
        assert_eq!(close_code(&mut socket).await, CloseCode::Restart);
    };
    tokio::join!(server.live.drain(), browser);
}

#[tokio::test(start_paused = true)]
async fn a_callback_that_does_not_answer_is_waited_for_no_longer_than_configured() {
    let keeper = Keeper::default();
    let live = LiveRuntime::new(config());
    let app = served(live.clone(), gates(&keeper));
    let mut gate = app.get("/gate").await.join().await;
    gate.send_at_once("event", json!({"type": "click", "event": "pass", "value": {}})).await;
    keeper.arrival().await;
    let began = Instant::now();
    live.drain().await;
    assert_eq!(began.elapsed(), Duration::from_secs(2));
    keeper.admit();
    gate.settle().await;
    assert_eq!(*gate.outcome(), Outcome::Disconnected(1012));
}

#[tokio::test(start_paused = true)]
async fn times_without_end_are_long_ones() {
    const ENDLESS: Duration = Duration::MAX;
    let mut config = LiveConfig {
        page_hold: ENDLESS,
        reconnect_grace: ENDLESS,
        idle_timeout: ENDLESS,
        join_timeout: ENDLESS,
        send_timeout: ENDLESS,
        drain_timeout: ENDLESS,
        drain_within: ENDLESS,
        ..config()
    };
    config.snapshots.interval = ENDLESS;
    let live = LiveRuntime::new(config);
    let app = served(live.clone(), Router::new().live::<Counter>("/counter"));
    let mut counter = app.get("/counter").await.join().await;
    counter.disconnect().await;
    counter.reconnect().await;
    live.drain().await;
    counter.settle().await;
    assert_eq!(*counter.outcome(), Outcome::Disconnected(1012));
}

#[tokio::test(start_paused = true)]
async fn views_that_were_asked_nothing_are_not_waited_for() {
    let live = LiveRuntime::new(config());
    let app = served(live.clone(), gates(&Keeper::default()));
    let mut tabs = [app.get("/gate").await.join().await, app.get("/gate").await.join().await];
    let began = Instant::now();
    live.drain().await;
    assert_eq!(began.elapsed(), Duration::ZERO);
    for tab in &mut tabs {
        tab.settle().await;
        assert_eq!(*tab.outcome(), Outcome::Disconnected(1012));
    }
}

#[tokio::test(start_paused = true)]
async fn sockets_are_told_to_move_some_at_a_time_and_go_on_until_then() {
    let live = LiveRuntime::new(LiveConfig { drain_per_second: 20, ..config() });
    let app = served(live.clone(), Router::new().live::<Counter>("/counter"));
    let mut tabs = Vec::new();
    for _ in 0..20 {
        tabs.push(app.get("/counter").await.join().await);
    }
    let drained = tokio::spawn({
        let live = live.clone();
        async move { live.drain().await }
    });
    sleep(Duration::from_millis(450)).await;
    assert!(live.is_draining());
    let mut n_told = 0;
    for tab in &mut tabs {
        tab.settle().await;
        if *tab.outcome() == Outcome::Disconnected(1012) {
            n_told += 1;
        } else {
            tab.click("#inc").await;
            assert_eq!(tab.text("output"), "1");
        }
    }
    assert_eq!(n_told, 10, "two in each tenth of a second");
    let began = Instant::now();
    drained.await.unwrap();
    assert!(began.elapsed() <= Duration::from_millis(500), "{:?}", began.elapsed());
    for tab in &mut tabs {
        tab.settle().await;
        assert_eq!(*tab.outcome(), Outcome::Disconnected(1012));
    }
}

#[tokio::test(start_paused = true)]
async fn all_are_told_in_time_however_many_they_are() {
    let config =
        LiveConfig { drain_per_second: 1, drain_within: Duration::from_secs(3), ..config() };
    let live = LiveRuntime::new(config);
    let app = served(live.clone(), Router::new().live::<Counter>("/counter"));
    let mut tabs = Vec::new();
    for _ in 0..100 {
        tabs.push(app.get("/counter").await.join().await);
    }
    let began = Instant::now();
    live.drain().await;
    assert!(began.elapsed() <= Duration::from_secs(3), "{:?}", began.elapsed());
}

const BELL: Topic<u32> = Topic::new("bell");

/// Tells its browser when the bell rings.
struct Porter {
    pub_sub: PubSub,
}

impl LiveView for Porter {
    type Extract = State<PubSub>;
    type Params = ();
    type Event = ();
    type Message = Heard<u32>;

    async fn mount(
        State(pub_sub): Self::Extract,
        _: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        Ok(Self { pub_sub })
    }

    async fn connected(&mut self, _: Joined, socket: &mut Socket<Self>) -> Result {
        Ok(socket.subscribe_to(&self.pub_sub, &BELL, |heard| heard)?)
    }

    async fn handle_message(&mut self, heard: Self::Message, socket: &mut Socket<Self>) -> Result {
        let Heard::Message(n) = heard else { return Ok(()) };
        socket.push_event("rings", &n)?;
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! { p {} }
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_message_has_asked_for_is_sent_first_at_whatever_rate() {
    let pub_sub = PubSub::new();
    let live = LiveRuntime::new(LiveConfig { max_pushes_per_second: 1, ..config() });
    let router = Router::new().live::<Porter>("/").with_state(pub_sub.clone());
    let mut porter = served(live.clone(), router).get("/").await.join().await;
    pub_sub.publish(&BELL, 1).unwrap();
    porter.settle().await;
    pub_sub.publish(&BELL, 2).unwrap();
    live.drain().await;
    porter.settle().await;
    let rung: Vec<_> = porter.events().iter().map(|(_, n)| n.clone()).collect();
    assert_eq!(rung, [json!(1), json!(2)]);
    assert_eq!(*porter.outcome(), Outcome::Disconnected(1012));
}

#[tokio::test]
async fn numbers_without_end_are_no_bounds() {
    let pub_sub = PubSub::with(PubSubOptions { max_waiting: usize::MAX, ..Default::default() });
    let mut config = LiveConfig { max_frame_bytes: usize::MAX, ..config() };
    config.snapshots.max_bytes = usize::MAX;
    let router = Router::new().live::<Porter>("/").with_state(pub_sub.clone());
    let server = Server::serve(config.clone(), router.clone()).await;
    let (mut socket, _) = join(&server, "/").await;
    socket.send(Message::Ping("still there?".into())).await.unwrap();
    assert!(matches!(socket.next().await, Some(Ok(Message::Pong(_)))));
    pub_sub.publish(&BELL, 1).unwrap();
    assert_eq!(receive(&mut socket).await["e"], json!([["rings", 1]]));
    let mut porter = served(LiveRuntime::new(config), router).get("/").await.open();
    porter.join_with(|payload| payload["params"]["_snapshot"] = json!("no snapshot")).await;
    assert!(porter.is_joined());
}
