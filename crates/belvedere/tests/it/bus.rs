//! What comes over a bus that was said by nobody of the application, or that its own code cannot bear.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use belvedere::pub_sub::{Bus, BusConnection, BusError, PubSubOptions, Subscription};
use belvedere::testing::TestBus;
use belvedere::{Heard, PubSub, SecretKeyBase, Topic};
use futures_util::FutureExt as _;
use serde::{Deserialize, Serialize};

use crate::diff::duplicates::Log;

const NEWS: Topic<String> = Topic::new("news");

fn server(bus: &TestBus, secret: &str) -> PubSub {
    let secret = SecretKeyBase::new(&secret.repeat(64)).unwrap();
    PubSub::over(bus.clone(), &secret, PubSubOptions::default())
}

/// Time passes only when nothing else is to do, and is more than a beat.
async fn settle() {
    tokio::time::sleep(Duration::from_secs(3)).await;
}

/// All that has been heard.
fn heard<T: belvedere::pub_sub::TopicMessage>(of: &mut Subscription<T>) -> Vec<Heard<T>> {
    std::iter::from_fn(|| of.next().now_or_never()).collect()
}

#[tokio::test(start_paused = true)]
async fn what_no_server_of_the_application_has_signed_is_dropped_and_told_of_once() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let bus = TestBus::default();
    let (one, two, stranger) = (server(&bus, "a"), server(&bus, "a"), server(&bus, "b"));
    settle().await;
    let mut tap = bus.connect().await.unwrap();
    let mut news = two.subscribe(&NEWS);
    one.publish(&NEWS, "rain".to_owned()).unwrap();
    let signed = tap.receive().await.unwrap();
    drop(tap);
    settle().await;
    assert_eq!(heard(&mut news), [Heard::Message("rain".to_owned())]);

    let unsigned = &signed[signed.find('{').unwrap()..];
    let forged = [
        signed.replace("rain", "gold"),
        unsigned.to_owned(),
        unsigned.replace("\"number\":", "\"number\":9"),
        String::new(),
        "é".repeat(100),
        // Once more, which is known by its number.
        signed.clone(),
    ];
    let mut mallory = bus.connect().await.unwrap();
    mallory.send(forged.into()).await.unwrap();
    drop(mallory);
    stranger.publish(&NEWS, "of another application".to_owned()).unwrap();
    settle().await;
    assert_eq!(heard(&mut news), [], "nothing, and nothing is said to be missing");
    assert_eq!(
        log.text().matches("not signed with this server's secret").count(),
        3,
        "once on each"
    );

    one.publish(&NEWS, "sun".to_owned()).unwrap();
    settle().await;
    assert_eq!(heard(&mut news), [Heard::Message("sun".to_owned())]);
}

/// A bus that can be listened to and takes nothing, as a database whose disk is full.
#[derive(Clone, Default)]
struct FullBus {
    bus: TestBus,
    is_full: Arc<AtomicBool>,
    /// It never says so.
    hangs: bool,
}

struct FullBusConnection<C> {
    connection: C,
    bus: FullBus,
}

impl Bus for FullBus {
    type Connection = FullBusConnection<<TestBus as Bus>::Connection>;

    fn max_payload_bytes(&self) -> usize {
        self.bus.max_payload_bytes()
    }

    async fn connect(&self) -> Result<Self::Connection, BusError> {
        let (connection, bus) = (self.bus.connect().await?, self.clone());
        Ok(FullBusConnection { connection, bus })
    }
}

impl<C: BusConnection> BusConnection for FullBusConnection<C> {
    async fn send(&mut self, payloads: Vec<String>) -> Result<(), BusError> {
        if self.bus.is_full.load(Ordering::Relaxed) {
            if self.bus.hangs {
                return pending().await;
            }
            return Err("the disk of the database is full".into());
        }
        self.connection.send(payloads).await
    }

    async fn receive(&mut self) -> Result<String, BusError> {
        self.connection.receive().await
    }
}

#[tokio::test(start_paused = true)]
async fn a_bus_that_takes_nothing_is_lost_until_it_does() {
    is_lost_until_it_takes(FullBus::default()).await;
}

#[tokio::test(start_paused = true)]
async fn a_bus_that_hangs_is_lost_until_it_takes_something() {
    is_lost_until_it_takes(FullBus { hangs: true, ..FullBus::default() }).await;
}

async fn is_lost_until_it_takes(bus: FullBus) {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let secret = SecretKeyBase::new(&"a".repeat(64)).unwrap();
    let server = PubSub::over(bus.clone(), &secret, PubSubOptions::default());
    let mut news = server.subscribe(&NEWS);
    settle().await;
    heard(&mut news);
    bus.is_full.store(true, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(heard(&mut news), [], "nothing is read anew in vain");
    assert_eq!(log.text().matches("the bus between the servers is lost").count(), 1);
    assert_eq!(log.text().matches("the bus between the servers is there").count(), 1);

    bus.is_full.store(false, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert_eq!(heard(&mut news), [Heard::Missed]);
    assert_eq!(log.text().matches("the bus between the servers is there").count(), 2);
}

/// What its author reads with a panic.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Brittle(String);

impl<'de> Deserialize<'de> for Brittle {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        assert_ne!(text, "boom", "a message panics on purpose");
        Ok(Self(text))
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_that_panics_while_it_is_read_ends_nothing() {
    const BRITTLE: Topic<Brittle> = Topic::new("brittle");
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let bus = TestBus::default();
    let (one, two) = (server(&bus, "a"), server(&bus, "a"));
    settle().await;
    let (mut brittle, mut news) = (two.subscribe(&BRITTLE), two.subscribe(&NEWS));
    one.publish(&BRITTLE, Brittle("boom".to_owned())).unwrap();
    settle().await;
    assert_eq!(heard(&mut brittle), [Heard::Missed]);
    one.publish(&BRITTLE, Brittle("whole".to_owned())).unwrap();
    one.publish(&NEWS, "rain".to_owned()).unwrap();
    settle().await;
    assert_eq!(heard(&mut brittle), [Heard::Message(Brittle("whole".to_owned()))]);
    assert_eq!(heard(&mut news), [Heard::Message("rain".to_owned())]);
    assert!(log.text().contains("has panicked; its listeners read anew"), "{}", log.text());
}
