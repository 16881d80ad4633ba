//! Who is on a page, as everybody there sees it; on one server, and on two that share a bus.

use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use belvedere::pub_sub::{Presence, PubSubOptions, PublishError, TrackError};
use belvedere::testing::{TestApp, TestBus, TestView};
use belvedere::{
    Heard, Joined, LiveConfig, LiveEvent, LiveRouter, LiveRuntime, LiveView, MountError, PubSub,
    Render, Result, Socket, Topic, live,
};

use crate::views::{config, served};

mod leaving;
mod reading;

const HERE: Topic<Presence<String>> = Topic::new("here");
const NEWS: Topic<String> = Topic::new("news");

/// A page of a person, who is named in its path.
struct Lounge {
    pub_sub: PubSub,
    name: String,
    /// In brackets once the person has said so.
    mood: String,
    here: Vec<String>,
    heard: Vec<String>,
}

enum Message {
    Here(Heard<Presence<String>>),
    News(Heard<String>),
}

#[derive(LiveEvent)]
enum Event {
    Tired,
    Tell,
    Panic,
}

impl Lounge {
    fn look(&mut self) {
        self.here = self.pub_sub.present(&HERE).into_iter().map(|person| person.who).collect();
    }

    fn show(&self, socket: &mut Socket<Self>) -> Result<(), TrackError> {
        let who = format!("{}{}", self.name, self.mood);
        socket.track(&self.pub_sub, &HERE, &self.name, &who)
    }
}

impl LiveView for Lounge {
    type Extract = (State<PubSub>, Path<String>);
    type Params = ();
    type Event = Event;
    type Message = Message;

    async fn mount(
        (State(pub_sub), Path(name)): Self::Extract,
        socket: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        let (mood, here, heard) = (String::new(), Vec::new(), Vec::new());
        let this = Self { pub_sub, name, mood, here, heard };
        // Too early, and harmless: nobody looks yet.
        this.show(socket)?;
        Ok(this)
    }

    async fn connected(&mut self, _: Joined, socket: &mut Socket<Self>) -> Result {
        socket.subscribe_to(&self.pub_sub, &HERE, Message::Here)?;
        socket.subscribe_to(&self.pub_sub, &NEWS, Message::News)?;
        self.show(socket)?;
        self.look();
        Ok(())
    }

    async fn handle_event(&mut self, event: Event, socket: &mut Socket<Self>) -> Result {
        match event {
            Event::Tired => {
                self.mood = " (tired)".to_owned();
                self.show(socket)?;
            }
            Event::Tell => self.pub_sub.publish(&NEWS, format!("{} says", self.name))?,
            Event::Panic => panic!("an event panics on purpose"),
        }
        Ok(())
    }

    async fn handle_message(&mut self, message: Message, _: &mut Socket<Self>) -> Result {
        match message {
            Message::Here(heard) => {
                let said = match heard {
                    Heard::Message(Presence::Here(person)) => format!("+{}", person.who),
                    Heard::Message(Presence::Gone(person)) => format!("-{}", person.who),
                    Heard::Missed => "?".to_owned(),
                };
                self.heard.push(said);
                self.look();
            }
            Message::News(Heard::Message(news)) => self.heard.push(news),
            Message::News(Heard::Missed) => self.heard.push("missed".to_owned()),
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            p #here { (self.here.join(", ")) }
            p #heard { (self.heard.join(" ")) }
            button #tired phx-click=(Event::Tired) {}
            button #tell phx-click=(Event::Tell) {}
            button #panic phx-click=(Event::Panic) {}
        }
    }
}

fn lounge(pub_sub: &PubSub, config: LiveConfig) -> TestApp {
    let router = Router::new().live::<Lounge>("/{name}").with_state(pub_sub.clone());
    served(LiveRuntime::new(config), router)
}

async fn here(view: &mut TestView) -> String {
    view.settle().await;
    view.text("#here")
}

async fn heard(view: &mut TestView) -> String {
    view.settle().await;
    view.text("#heard")
}

#[tokio::test(start_paused = true)]
async fn two_people_see_each_other_come_and_go() {
    let app = lounge(&PubSub::new(), config());
    let mut ann = app.get("/Ann").await.join().await;
    assert_eq!(here(&mut ann).await, "Ann");
    let page = app.another_visitor().get("/Bob").await;
    assert_eq!(here(&mut ann).await, "Ann", "a page alone is nobody");
    let mut bob = page.join().await;
    assert_eq!(here(&mut bob).await, "Ann, Bob", "at once");
    assert_eq!(here(&mut ann).await, "Ann, Bob");
    bob.click("#tired").await;
    assert_eq!(here(&mut ann).await, "Ann, Bob (tired)");
    bob.close().await;
    assert_eq!(here(&mut ann).await, "Ann", "at once");
    assert_eq!(heard(&mut ann).await, "+Bob +Bob (tired) -Bob (tired)");
}

#[tokio::test(start_paused = true)]
async fn who_has_two_tabs_is_there_once() {
    let app = lounge(&PubSub::new(), config());
    let mut ann = app.get("/Ann").await.join().await;
    let mut first = app.another_visitor().get("/Bob").await.join().await;
    let mut second = app.another_visitor().get("/Bob").await.join().await;
    assert_eq!(here(&mut ann).await, "Ann, Bob");
    first.send("phx_leave", serde_json::json!({})).await;
    assert_eq!(here(&mut ann).await, "Ann, Bob");
    second.send("phx_leave", serde_json::json!({})).await;
    assert_eq!(here(&mut ann).await, "Ann");
    assert_eq!(heard(&mut ann).await, "+Bob -Bob");
}

#[tokio::test(start_paused = true)]
async fn nobody_sees_a_reconnect_or_a_crash() {
    let grace = Duration::from_secs(5);
    let app = lounge(&PubSub::new(), config());
    let mut ann = app.get("/Ann").await.join().await;
    let mut bob = app.another_visitor().get("/Bob").await.join().await;
    bob.disconnect().await;
    tokio::time::sleep(grace / 2).await;
    bob.reconnect().await;
    tokio::time::sleep(grace).await;
    bob.click("#panic").await;
    bob.join().await;
    tokio::time::sleep(grace).await;
    assert_eq!(heard(&mut ann).await, "+Bob");
    bob.disconnect().await;
    tokio::time::sleep(grace * 2).await;
    assert_eq!(heard(&mut ann).await, "+Bob -Bob", "who is not back in time is gone");
    bob.reconnect().await;
    assert_eq!(heard(&mut ann).await, "+Bob -Bob +Bob", "and here again");
}

/// A server among others.
struct Server {
    pub_sub: PubSub,
    live: LiveRuntime,
    app: TestApp,
}

impl Server {
    async fn start(bus: &TestBus) -> Self {
        let pub_sub =
            PubSub::over(bus.clone(), &config().secret_key_base, PubSubOptions::default());
        let live = LiveRuntime::new(LiveConfig { pub_sub: pub_sub.clone(), ..config() });
        let router = Router::new().live::<Lounge>("/{name}").with_state(pub_sub.clone());
        let app = served(live.clone(), router);
        let this = Self { pub_sub, live, app };
        this.pub_sub.settle().await;
        this
    }
}

/// All servers have heard of all.
async fn settle(servers: &[&Server], bus: &TestBus) {
    // An answer may be due to what was heard.
    for _ in 0..3 {
        for server in servers {
            server.pub_sub.settle().await;
        }
        bus.settle().await;
    }
}

#[tokio::test(start_paused = true)]
async fn people_on_two_servers_see_and_hear_each_other() {
    let bus = TestBus::default();
    let (one, two) = (Server::start(&bus).await, Server::start(&bus).await);
    let mut ann = one.app.get("/Ann").await.join().await;
    let mut bob = two.app.get("/Bob").await.join().await;
    settle(&[&one, &two], &bus).await;
    assert_eq!(here(&mut ann).await, "Ann, Bob");
    assert_eq!(here(&mut bob).await, "Ann, Bob");
    ann.click("#tell").await;
    settle(&[&one, &two], &bus).await;
    assert_eq!(heard(&mut bob).await, "Ann says");
    assert_eq!(heard(&mut ann).await, "+Bob Ann says", "once");
    bob.send("phx_leave", serde_json::json!({})).await;
    settle(&[&one, &two], &bus).await;
    assert_eq!(here(&mut ann).await, "Ann");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_comes_later_learns_who_is_there() {
    let bus = TestBus::default();
    let one = Server::start(&bus).await;
    let _ann = one.app.get("/Ann").await.join().await;
    let two = Server::start(&bus).await;
    let mut bob = two.app.get("/Bob").await.join().await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    settle(&[&one, &two], &bus).await;
    assert_eq!(here(&mut bob).await, "Ann, Bob", "with the next beat");
}

#[tokio::test(start_paused = true)]
async fn the_people_of_a_killed_server_go_within_seconds() {
    let bus = TestBus::default();
    let (one, two) = (Server::start(&bus).await, Server::start(&bus).await);
    let mut ann = one.app.get("/Ann").await.join().await;
    let bob = two.app.get("/Bob").await.join().await;
    settle(&[&one, &two], &bus).await;
    assert_eq!(here(&mut ann).await, "Ann, Bob");
    two.pub_sub.kill();
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(here(&mut ann).await, "Ann, Bob", "a slow one is not dead");
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert_eq!(here(&mut ann).await, "Ann");
    let heard = heard(&mut ann).await;
    assert!(heard.contains("missed"), "its last words may be lost: {heard}");
    drop(bob);
}

#[tokio::test(start_paused = true)]
async fn the_people_of_a_server_that_stops_have_their_grace_and_nobody_reads_anew() {
    let bus = TestBus::default();
    let (one, two) = (Server::start(&bus).await, Server::start(&bus).await);
    let mut ann = one.app.get("/Ann").await.join().await;
    let mut bob = two.app.get("/Bob").await.join().await;
    let _eve = two.app.another_visitor().get("/Eve").await.join().await;
    settle(&[&one, &two], &bus).await;
    two.live.drain().await;
    two.pub_sub.kill();
    bob.reconnect_to(&one.app).await;
    settle(&[&one], &bus).await;
    assert_eq!(here(&mut ann).await, "Ann, Bob, Eve");
    tokio::time::sleep(Duration::from_millis(5_500)).await;
    assert_eq!(here(&mut ann).await, "Ann, Bob");
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(heard(&mut ann).await, "+Bob +Eve -Eve");
}

#[tokio::test(start_paused = true)]
async fn people_of_a_process_in_which_one_of_two_runtimes_stops_stay() {
    let bus = TestBus::default();
    let (one, two) = (Server::start(&bus).await, Server::start(&bus).await);
    let mut ann = one.app.get("/Ann").await.join().await;
    let _bob = two.app.get("/Bob").await.join().await;
    let beside = LiveRuntime::new(LiveConfig { pub_sub: two.pub_sub.clone(), ..config() });
    beside.drain().await;
    for _ in 0..6 {
        tokio::time::sleep(Duration::from_secs(2)).await;
        settle(&[&one, &two], &bus).await;
    }
    assert_eq!(here(&mut ann).await, "Ann, Bob");
    assert_eq!(heard(&mut ann).await, "+Bob");
}

#[tokio::test(start_paused = true)]
async fn a_bus_that_dies_and_comes_back_has_all_read_anew() {
    let bus = TestBus::default();
    let (one, two) = (Server::start(&bus).await, Server::start(&bus).await);
    let mut ann = one.app.get("/Ann").await.join().await;
    let mut bob = two.app.get("/Bob").await.join().await;
    settle(&[&one, &two], &bus).await;
    bus.stop();
    ann.click("#tell").await;
    let mut eve = two.app.get("/Eve").await.join().await;
    assert_eq!(heard(&mut ann).await, "+Bob Ann says", "each server goes on by itself");
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert_eq!(here(&mut ann).await, "Ann, Bob", "nobody is taken for dead meanwhile");
    bus.start();
    tokio::time::sleep(Duration::from_secs(20)).await;
    settle(&[&one, &two], &bus).await;
    assert_eq!(bus.n_connections(), 2);
    assert_eq!(here(&mut ann).await, "Ann, Bob, Eve");
    assert!(heard(&mut bob).await.contains("missed"), "{}", bob.text("#heard"));
    assert_eq!(here(&mut eve).await, "Ann, Bob, Eve");
}

#[tokio::test(start_paused = true)]
async fn what_is_lost_on_the_way_is_noticed() {
    let bus = TestBus::default();
    let (one, two) = (Server::start(&bus).await, Server::start(&bus).await);
    let mut ann = one.app.get("/Ann").await.join().await;
    let mut bob = two.app.get("/Bob").await.join().await;
    settle(&[&one, &two], &bus).await;
    bus.lose_next();
    one.pub_sub.publish(&NEWS, "lost".to_owned()).unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    settle(&[&one, &two], &bus).await;
    let heard = heard(&mut bob).await;
    assert!(heard.contains("missed") && !heard.contains("lost"), "{heard}");
    assert_eq!(here(&mut ann).await, "Ann, Bob");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_cannot_send_keeps_little_and_says_too_large_at_once() {
    let bus = TestBus::default();
    let options = PubSubOptions { max_unsent_bytes: 10_000, ..Default::default() };
    let pub_sub = PubSub::over(bus.clone(), &config().secret_key_base, options);
    let two = Server::start(&bus).await;
    let mut bob = two.app.get("/Bob").await.join().await;
    pub_sub.settle().await;
    settle(&[&two], &bus).await;
    let mut own = pub_sub.subscribe(&NEWS);
    let error = pub_sub.publish(&NEWS, "x".repeat(8_000)).unwrap_err();
    assert!(matches!(error, PublishError::TooLarge { topic: "news", max_bytes: 7_999, .. }));
    assert_eq!(futures_util::FutureExt::now_or_never(own.next()), None, "nobody has heard it");
    bus.stop();
    for number in 0..1_000 {
        pub_sub.publish(&NEWS, format!("{number} while the bus is gone")).unwrap();
    }
    bus.start();
    tokio::time::sleep(Duration::from_secs(20)).await;
    pub_sub.settle().await;
    settle(&[&two], &bus).await;
    let heard = heard(&mut bob).await;
    assert!(heard.contains("missed"), "{heard}");
    assert!(!heard.contains("0 while"), "{heard}");
}

#[tokio::test(start_paused = true)]
async fn a_session_that_ends_on_one_server_ends_on_all() {
    const COOKIE: &str = "_live_view_session";
    let bus = TestBus::default();
    let (one, two) = (Server::start(&bus).await, Server::start(&bus).await);
    let first = one.app.get("/Ann").await.join().await;
    let cookie = one.app.cookie(COOKIE).unwrap();
    two.app.set_cookie(COOKIE, &cookie);
    let mut second = two.app.get("/Ann").await.join().await;
    assert_eq!(second.session(), first.session());
    one.live.end_session(first.session());
    settle(&[&one, &two], &bus).await;
    second.settle().await;
    second.disconnected().await;
    assert!(two.pub_sub.present(&HERE).is_empty(), "at once");
    let page = two.app.get("/Ann").await;
    assert_ne!(page.join().await.session(), first.session(), "its cookie is believed no more");
}
