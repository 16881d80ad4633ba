//! What a view hears of its connection and its browser, and what it subscribes to.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use belvedere::testing::TestApp;
use belvedere::{
    Joined, LiveConfig, LiveEvent, LiveRouter, LiveRuntime, LiveView, MountError, Render, Result,
    Socket, live,
};
use futures_util::stream;
use tokio::sync::broadcast;

use crate::diff::duplicates::Log;
use crate::views::{config, served};

/// Numbers for everybody, and what happens to those who listen.
#[derive(Clone)]
struct Channel {
    numbers: broadcast::Sender<u32>,
    told: Arc<Mutex<Vec<String>>>,
}

impl Channel {
    fn new() -> Self {
        Self { numbers: broadcast::Sender::new(1024), told: Arc::default() }
    }

    fn tell(&self, what: impl Into<String>) {
        self.told.lock().unwrap().push(what.into());
    }

    fn told(&self) -> Vec<String> {
        std::mem::take(&mut self.told.lock().unwrap())
    }
}

struct Listener {
    channel: Channel,
    heard: Vec<u32>,
}

#[derive(LiveEvent)]
enum Event {
    Deaf,
    Flood,
    /// As many as are sent in one go, and then as many again.
    Rounds,
    Many,
    Broken,
    Panic,
}

impl LiveView for Listener {
    type Extract = State<Channel>;
    type Params = ();
    type Event = Event;
    type Message = u32;

    async fn mount(
        State(channel): State<Channel>,
        _: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        Ok(Self { channel, heard: Vec::new() })
    }

    async fn connected(&mut self, joined: Joined, socket: &mut Socket<Self>) -> Result {
        self.channel.tell(format!("connected {joined:?}"));
        let numbers = stream::unfold(self.channel.numbers.subscribe(), async |mut numbers| {
            let number = numbers.recv().await.ok()?;
            Some((number, numbers))
        });
        Ok(socket.subscribe("numbers", numbers)?)
    }

    async fn disconnected(&mut self, _: &mut Socket<Self>) -> Result {
        self.channel.tell("disconnected");
        Ok(())
    }

    async fn handle_event(&mut self, event: Event, socket: &mut Socket<Self>) -> Result {
        match event {
            Event::Deaf => socket.unsubscribe("numbers"),
            Event::Flood => socket.subscribe("flood", stream::iter(0..2_000))?,
            Event::Rounds => socket.subscribe("rounds", stream::iter(5_000..5_032))?,
            Event::Many => {
                for key in 0..100 {
                    socket.subscribe(key.to_string(), stream::pending())?;
                }
            }
            Event::Broken => {
                socket.subscribe("broken", stream::once(async { panic!("a stream panics") }))?;
            }
            Event::Panic => panic!("an event panics on purpose"),
        }
        Ok(())
    }

    async fn handle_message(&mut self, number: u32, socket: &mut Socket<Self>) -> Result {
        self.heard.push(number);
        if number == 5_031 {
            socket.subscribe("rounds", stream::iter(6_000..6_032))?;
        }
        Ok(())
    }

    async fn terminate(&mut self, _: &mut Socket<Self>) {
        self.channel.tell("terminate");
    }

    fn render(&self) -> impl Render {
        let heard: Vec<_> = self.heard.iter().map(u32::to_string).collect();
        live! {
            output { (heard.len()) ": " (heard.iter().take(9).cloned().collect::<Vec<_>>().join(" ")) }
            button #deaf phx-click=(Event::Deaf) {}
            button #flood phx-click=(Event::Flood) {}
            button #rounds phx-click=(Event::Rounds) {}
            button #many phx-click=(Event::Many) {}
            button #broken phx-click=(Event::Broken) {}
            button #panic phx-click=(Event::Panic) {}
        }
    }
}

fn listeners(config: LiveConfig) -> (TestApp, Channel) {
    let channel = Channel::new();
    let router = Router::new().live::<Listener>("/").with_state(channel.clone());
    (served(LiveRuntime::new(config), router), channel)
}

#[tokio::test]
async fn a_view_knows_its_first_browser_from_one_that_comes_back() {
    let (app, channel) = listeners(config());
    let mut listener = app.get("/").await.join().await;
    assert_eq!(channel.told(), ["connected First"]);
    listener.reconnect().await;
    assert_eq!(channel.told(), ["disconnected", "connected Again"]);
    listener.click("#panic").await;
    listener.join().await;
    assert_eq!(channel.told(), ["connected First"], "a view mounted anew is a new one");
    listener.send("phx_leave", serde_json::json!({})).await;
    assert_eq!(channel.told(), ["terminate"], "a page that is left is not one that is lost");
}

#[tokio::test]
async fn a_subscription_made_at_every_join_is_one() {
    let (app, channel) = listeners(config());
    let mut listener = app.get("/").await.join().await;
    listener.reconnect().await;
    channel.numbers.send(1).unwrap();
    listener.settle().await;
    assert_eq!(listener.text("output"), "1: 1");
    listener.disconnect().await;
    channel.numbers.send(2).unwrap();
    listener.reconnect().await;
    channel.numbers.send(3).unwrap();
    listener.settle().await;
    assert_eq!(listener.text("output"), "3: 1 2 3", "nothing is missed in between");
    assert_eq!(channel.numbers.receiver_count(), 1);
}

#[tokio::test]
async fn a_subscription_ends_with_its_view_or_before() {
    let (app, channel) = listeners(config());
    let mut listener = app.get("/").await.join().await;
    listener.click("#deaf").await;
    channel.numbers.send(1).unwrap_err();
    listener.reconnect().await;
    assert_eq!(channel.numbers.receiver_count(), 1, "it is made anew");
    listener.click("#panic").await;
    listener.settle().await;
    tokio::task::yield_now().await;
    assert_eq!(channel.numbers.receiver_count(), 0, "the view has crashed");
    listener.join().await;
    channel.numbers.send(2).unwrap();
    listener.settle().await;
    assert_eq!(listener.text("output"), "1: 2");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscription_is_made_anew_by_its_last_message() {
    for _ in 0..20 {
        let (app, _) = listeners(config());
        let mut listener = app.get("/").await.join().await;
        listener.click("#rounds").await;
        listener.settle().await;
        assert!(listener.text("output").starts_with("64: 5000 "), "{}", listener.text("output"));
    }
}

#[tokio::test]
async fn a_fast_stream_waits_for_its_view() {
    let (app, _) = listeners(LiveConfig { mailbox_capacity: 8, ..config() });
    let mut listener = app.get("/").await.join().await;
    listener.click("#flood").await;
    listener.settle().await;
    assert_eq!(listener.text("output"), "2000: 0 1 2 3 4 5 6 7 8");
    assert!(listener.is_joined());
}

#[tokio::test]
async fn subscriptions_are_as_many_as_tasks_and_one_that_panics_is_over() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let (app, channel) = listeners(config());
    let mut listener = app.get("/").await.join().await;
    listener.click("#broken").await;
    listener.settle().await;
    assert!(log.text().contains("the stream of a subscription panicked"), "{}", log.text());
    listener.click("#many").await;
    let logged = log.text();
    assert!(logged.contains("64 tasks, timers and subscriptions"), "{logged}");
    channel.numbers.send(5).unwrap();
    listener.settle().await;
    assert_eq!(listener.text("output"), "1: 5", "the view goes on");
}

/// Shows the width that it was told in `mount` and in `connected`.
struct Wide {
    mounted: String,
    connected: String,
}

#[derive(serde::Deserialize)]
struct Browser {
    window_width: u32,
}

fn width(socket: &Socket<Wide>) -> String {
    match socket.connect_params::<Browser>() {
        Ok(Some(browser)) => browser.window_width.to_string(),
        Ok(None) => "nothing yet".to_owned(),
        Err(error) => error.to_string(),
    }
}

impl LiveView for Wide {
    type Extract = ();
    type Params = ();
    type Event = ();
    type Message = ();

    async fn mount((): (), socket: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { mounted: width(socket), connected: String::new() })
    }

    async fn connected(&mut self, _: Joined, socket: &mut Socket<Self>) -> Result {
        self.connected = width(socket);
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! { p #mounted { (self.mounted) } p #connected { (self.connected) } }
    }
}

#[tokio::test]
async fn what_the_script_tells_of_its_browser_is_known_from_the_join_on() {
    let shown = async |params: serde_json::Value, page_hold: Duration| {
        let live = LiveRuntime::new(LiveConfig { page_hold, ..config() });
        let page = served(live, Router::new().live::<Wide>("/")).get("/").await;
        assert_eq!(page.text("#mounted"), "nothing yet");
        let mut view = page.open();
        let tell = |payload: &mut serde_json::Value| {
            let own = params.as_object().unwrap().clone();
            payload["params"].as_object_mut().unwrap().extend(own);
        };
        view.join_with(tell).await;
        (view.text("#mounted"), view.text("#connected"))
    };
    let (adopted, mounted_anew) = (config().page_hold, Duration::ZERO);
    let told = serde_json::json!({"window_width": 1280, "locale": "de"});
    assert_eq!(shown(told.clone(), adopted).await, ("nothing yet".into(), "1280".into()));
    assert_eq!(shown(told, mounted_anew).await, ("1280".into(), "1280".into()));
    for garbage in [serde_json::json!({}), serde_json::json!({"window_width": ["x"]})] {
        let (_, connected) = shown(garbage, adopted).await;
        assert_eq!(connected, "the connect parameters do not read as the type that is asked for");
    }
    let (_, connected) = shown(serde_json::json!({"notes": "x".repeat(5_000)}), adopted).await;
    assert!(connected.contains("5012 bytes and may have 4096"), "{connected}");
}
