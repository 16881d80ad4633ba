//! What is published on a topic, and who hears it.

use axum::Router;
use axum::extract::State;
use belvedere::pub_sub::{PubSubOptions, PublishError};
use belvedere::testing::{Outcome, TestApp, TestView};
use belvedere::{
    Heard, Joined, LiveConfig, LiveEvent, LiveRouter, LiveRuntime, LiveView, MountError, PubSub,
    Render, Result, Socket, Topic, live,
};
use serde::{Deserialize, Serialize};

use crate::diff::duplicates::Log;
use crate::views::{config, served};

const NUMBERS: Topic<u32> = Topic::new("numbers");

/// Shows what it hears, and publishes.
struct Ear {
    pub_sub: PubSub,
    heard: Vec<Heard<u32>>,
}

#[derive(LiveEvent)]
enum Event {
    Say {
        number: u32,
    },
    /// To all but itself.
    Whisper,
    Deaf,
    /// Says a number and listens no more.
    Last {
        number: u32,
    },
    /// Publishes so many numbers in one callback.
    Flood {
        n: u32,
    },
    Many,
    Panic,
}

impl LiveView for Ear {
    type Extract = State<PubSub>;
    type Params = ();
    type Event = Event;
    type Message = Heard<u32>;

    async fn mount(
        State(pub_sub): State<PubSub>,
        socket: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        socket.subscribe_to(&pub_sub, &NUMBERS, |heard| heard)?;
        Ok(Self { pub_sub, heard: Vec::new() })
    }

    async fn connected(&mut self, _: Joined, socket: &mut Socket<Self>) -> Result {
        Ok(socket.subscribe_to(&self.pub_sub, &NUMBERS, |heard| heard)?)
    }

    async fn handle_event(&mut self, event: Event, socket: &mut Socket<Self>) -> Result {
        match event {
            Event::Say { number } => self.pub_sub.publish(&NUMBERS, number)?,
            Event::Whisper => socket.publish_to_others(&self.pub_sub, &NUMBERS, 8)?,
            Event::Deaf => socket.unsubscribe_from(&self.pub_sub, &NUMBERS),
            Event::Last { number } => {
                self.pub_sub.publish(&NUMBERS, number)?;
                socket.unsubscribe_from(&self.pub_sub, &NUMBERS);
            }
            Event::Flood { n } => {
                for number in 0..n {
                    self.pub_sub.publish(&NUMBERS, number)?;
                }
            }
            Event::Many => {
                for key in 0..100 {
                    let topic = Topic::keyed("numbers", key);
                    socket.subscribe_to(&self.pub_sub, &topic, |heard| heard)?;
                }
            }
            Event::Panic => panic!("an event panics on purpose"),
        }
        Ok(())
    }

    async fn handle_message(&mut self, heard: Heard<u32>, _: &mut Socket<Self>) -> Result {
        self.heard.push(heard);
        Ok(())
    }

    fn render(&self) -> impl Render {
        let heard = self.heard.iter().map(|heard| match heard {
            Heard::Message(number) => number.to_string(),
            Heard::Missed => "missed".to_owned(),
        });
        let heard = heard.collect::<Vec<_>>().join(" ");
        live! {
            output { (heard) }
            button #say phx-click=(Event::Say { number: 7 }) {}
            button #whisper phx-click=(Event::Whisper) {}
            button #deaf phx-click=(Event::Deaf) {}
            button #flood phx-click=(Event::Flood { n: 100 }) {}
            button #many phx-click=(Event::Many) {}
            button #panic phx-click=(Event::Panic) {}
        }
    }
}

fn ears(config: LiveConfig) -> (TestApp, PubSub) {
    let pub_sub = PubSub::new();
    let router = Router::new().live::<Ear>("/").with_state(pub_sub.clone());
    (served(LiveRuntime::new(config), router), pub_sub)
}

async fn shown(view: &mut TestView) -> String {
    view.settle().await;
    view.text("output")
}

#[tokio::test]
async fn two_people_hear_what_one_of_them_says_in_its_order() {
    let (app, pub_sub) = ears(config());
    let mut ann = app.get("/").await.join().await;
    let mut bob = app.another_visitor().get("/").await.join().await;
    ann.click("#say").await;
    for number in 0..5 {
        pub_sub.publish(&NUMBERS, number).unwrap();
    }
    assert_eq!(shown(&mut ann).await, "7 0 1 2 3 4");
    assert_eq!(shown(&mut bob).await, "7 0 1 2 3 4");
    ann.click("#whisper").await;
    assert_eq!(shown(&mut ann).await, "7 0 1 2 3 4");
    assert_eq!(shown(&mut bob).await, "7 0 1 2 3 4 8");
}

#[tokio::test]
async fn a_view_that_listens_at_mount_and_at_every_join_hears_each_message_once() {
    let (app, pub_sub) = ears(config());
    let page = app.get("/").await;
    pub_sub.publish(&NUMBERS, 1).unwrap();
    let mut ear = page.join().await;
    assert_eq!(shown(&mut ear).await, "1", "said between the page and the join");
    ear.disconnect().await;
    pub_sub.publish(&NUMBERS, 2).unwrap();
    ear.reconnect().await;
    pub_sub.publish(&NUMBERS, 3).unwrap();
    assert_eq!(shown(&mut ear).await, "1 2 3");
    assert_eq!(pub_sub.n_listeners(&NUMBERS), 1);
}

#[tokio::test]
async fn a_view_listens_until_it_ends_or_before() {
    let (app, pub_sub) = ears(config());
    let mut ear = app.get("/").await.join().await;
    ear.click("#deaf").await;
    assert_eq!(pub_sub.n_listeners(&NUMBERS), 0);
    ear.reconnect().await;
    assert_eq!(pub_sub.n_listeners(&NUMBERS), 1, "it is made anew");
    ear.click("#panic").await;
    ear.settle().await;
    assert_eq!(pub_sub.n_listeners(&NUMBERS), 0, "the view has crashed");
    ear.join().await;
    assert_eq!(pub_sub.n_listeners(&NUMBERS), 1);
    ear.send("phx_leave", serde_json::json!({})).await;
    assert_eq!(pub_sub.n_listeners(&NUMBERS), 0, "the page is left");
    pub_sub.publish(&NUMBERS, 1).unwrap();
}

#[tokio::test]
async fn a_publisher_in_a_loop_is_not_slowed_and_who_cannot_follow_reads_anew() {
    let (app, pub_sub) = ears(LiveConfig { mailbox_capacity: 8, ..config() });
    let mut ear = app.get("/").await.join().await;
    for number in 0..100_000 {
        // The view runs on this thread, so it hears nothing before the loop has ended.
        pub_sub.publish(&NUMBERS, number).unwrap();
    }
    assert_eq!(shown(&mut ear).await, "missed");
    pub_sub.publish(&NUMBERS, 5).unwrap();
    assert_eq!(shown(&mut ear).await, "missed 5", "and goes on from there");
    ear.click("#flood").await;
    assert_eq!(shown(&mut ear).await, "missed 5 missed", "also of what it says itself");
    assert!(ear.is_joined(), "its mailbox takes 8, which is none of the topic's business");
}

#[tokio::test]
async fn as_many_messages_wait_as_may() {
    let pub_sub = PubSub::with(PubSubOptions { max_waiting: 3, ..Default::default() });
    let router = Router::new().live::<Ear>("/").with_state(pub_sub.clone());
    let app = served(LiveRuntime::new(config()), router);
    let mut ear = app.get("/").await.join().await;
    let mut other = pub_sub.subscribe(&NUMBERS);
    for number in 0..3 {
        pub_sub.publish(&NUMBERS, number).unwrap();
    }
    assert_eq!(shown(&mut ear).await, "0 1 2");
    for number in 0..3 {
        assert_eq!(other.next().await, Heard::Message(number));
    }
    for number in 3..7 {
        pub_sub.publish(&NUMBERS, number).unwrap();
    }
    assert_eq!(shown(&mut ear).await, "0 1 2 missed");
    assert_eq!(other.next().await, Heard::Missed);
    pub_sub.publish(&NUMBERS, 9).unwrap();
    assert_eq!(other.next().await, Heard::Message(9));
}

#[tokio::test]
async fn a_page_that_nobody_joins_keeps_no_more_than_a_view() {
    let (app, pub_sub) = ears(config());
    let page = app.get("/").await;
    for number in 0..65 {
        pub_sub.publish(&NUMBERS, number).unwrap();
    }
    let mut ear = page.join().await;
    assert_eq!(shown(&mut ear).await, "missed");
}

#[tokio::test]
async fn topics_of_one_view_are_bounded() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let (app, pub_sub) = ears(config());
    let mut ear = app.get("/").await.join().await;
    ear.click("#many").await;
    assert!(log.text().contains("the view listens to 64 topics already"), "{}", log.text());
    pub_sub.publish(&Topic::keyed("numbers", 62), 1_u32).unwrap();
    pub_sub.publish(&Topic::keyed("numbers", 63), 2_u32).unwrap();
    assert_eq!(shown(&mut ear).await, "1", "the view goes on");
}

#[tokio::test]
async fn two_topics_of_one_name_and_two_types_are_the_authors_mistake() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let (app, pub_sub) = ears(config());
    let mut ear = app.get("/").await.join().await;
    let words: Topic<String> = Topic::new("numbers");
    let mut unheard = pub_sub.subscribe(&words);
    pub_sub.publish(&words, "seven".to_owned()).unwrap();
    assert_eq!(shown(&mut ear).await, "");
    assert!(log.text().contains("two topics have one name"), "{}", log.text());
    let next = futures_util::FutureExt::now_or_never(unheard.next());
    assert_eq!(next, None);
    drop(unheard);
    ear.click("#say").await;
    assert_eq!(shown(&mut ear).await, "7");
}

/// Cannot be written as JSON.
#[derive(Clone, Serialize, Deserialize)]
struct Odd(std::collections::BTreeMap<(u32, u32), u32>);

#[tokio::test]
async fn what_cannot_travel_is_heard_by_nobody() {
    const ODD: Topic<Odd> = Topic::new("odd");
    let pub_sub = PubSub::new();
    let error = pub_sub.publish(&ODD, Odd([((1, 2), 3)].into())).unwrap_err();
    assert!(matches!(error, PublishError::Json { topic: "odd", .. }));
    assert_eq!(error.to_string(), "a message on the topic `odd` cannot be written as JSON");
}

/// Takes no message for granted but those that it wants.
struct Fragile {
    heard: u32,
}

impl LiveView for Fragile {
    type Extract = State<PubSub>;
    type Params = ();
    type Event = ();
    type Message = u32;

    async fn mount(
        State(pub_sub): State<PubSub>,
        socket: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        socket.subscribe_to(&pub_sub, &NUMBERS, |heard| match heard.message() {
            Some(13) => panic!("a message that cannot be made"),
            heard => heard.expect("nothing is ever missed"),
        })?;
        Ok(Self { heard: 0 })
    }

    async fn handle_message(&mut self, heard: u32, _: &mut Socket<Self>) -> Result {
        self.heard = heard;
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! { output { (self.heard) } }
    }
}

#[tokio::test]
async fn a_message_that_cannot_be_made_ends_its_view_and_troubles_nobody_else() {
    let pub_sub = PubSub::new();
    let router = Router::new().live::<Fragile>("/fragile").live::<Ear>("/");
    let app = served(LiveRuntime::new(config()), router.with_state(pub_sub.clone()));
    // The first to hear is the one that cannot.
    let mut fragile = app.get("/fragile").await.join().await;
    let mut ear = app.get("/").await.join().await;
    pub_sub.publish(&NUMBERS, 13).unwrap();
    pub_sub.publish(&NUMBERS, 1).unwrap();
    assert_eq!(shown(&mut ear).await, "13 1");
    fragile.settle().await;
    assert_eq!(fragile.outcome(), &Outcome::Crashed);
    fragile.join().await;
    // Likewise what says that something was missed.
    for number in 20..100 {
        pub_sub.publish(&NUMBERS, number).unwrap();
    }
    assert_eq!(shown(&mut ear).await, "13 1 missed");
    fragile.settle().await;
    assert_eq!(fragile.outcome(), &Outcome::Crashed);
    fragile.join().await;
    pub_sub.publish(&NUMBERS, 5).unwrap();
    assert_eq!(
        (shown(&mut fragile).await, shown(&mut ear).await),
        ("5".into(), "13 1 missed 5".into())
    );
}

#[tokio::test]
async fn nothing_is_heard_of_a_topic_that_was_left() {
    let (app, pub_sub) = ears(config());
    let mut ear = app.get("/").await.join().await;
    ear.send_event("click", "last", serde_json::json!({ "number": 3 }), None).await;
    assert_eq!(shown(&mut ear).await, "");
    ear.reconnect().await;
    pub_sub.publish(&NUMBERS, 4).unwrap();
    assert_eq!(shown(&mut ear).await, "4");
}

#[tokio::test]
async fn what_waits_of_many_topics_is_bounded_together() {
    let (app, pub_sub) = ears(config());
    let mut ear = app.get("/").await.join().await;
    ear.click("#many").await;
    for key in 0..63 {
        for number in 0..10_u32 {
            pub_sub.publish(&Topic::keyed("numbers", key), number).unwrap();
        }
    }
    let heard = shown(&mut ear).await;
    assert!(heard.starts_with("0 1 2 3 4 5 6 7 8 9 0 1"), "{heard}");
    assert!(heard.ends_with("missed"), "{heard}");
    assert!(heard.split(' ').count() <= 4 * 64 + 63, "{heard}");
    pub_sub.publish(&Topic::keyed("numbers", 62), 5_u32).unwrap();
    assert!(shown(&mut ear).await.ends_with("missed 5"), "it goes on from there");
}
