//! What is published on topics, as traces and metrics show it.

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use belvedere::http::{TraceOptions, trace_layer};
use belvedere::pub_sub::{Bus as _, BusConnection as _, PubSubOptions};
use belvedere::telemetry::attribute;
use belvedere::testing::{TestApp, TestBus};
use belvedere::{
    Heard, LiveConfig, LiveEvent, LiveRouter, LiveRuntime, LiveView, MountError, PubSub, Render,
    Result, SecretKeyBase, Socket, Topic, live,
};
use belvedere_telemetry::testing::recorder;

use crate::live::{acts, event};
use crate::meters::{meters, series};

const SAID: Topic<u32> = Topic::new("test.said");

struct Room {
    pub_sub: PubSub,
}

#[derive(LiveEvent)]
enum Event {
    Say,
}

impl LiveView for Room {
    type Extract = State<PubSub>;
    type Params = ();
    type Event = Event;
    type Message = Heard<u32>;

    async fn mount(
        State(pub_sub): State<PubSub>,
        socket: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        socket.subscribe_to(&pub_sub, &SAID, |heard| heard)?;
        Ok(Self { pub_sub })
    }

    async fn handle_event(&mut self, Event::Say: Event, _: &mut Socket<Self>) -> Result {
        Ok(self.pub_sub.publish(&SAID, 1)?)
    }

    async fn handle_message(&mut self, _: Heard<u32>, _: &mut Socket<Self>) -> Result {
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! { p {} }
    }
}

#[tokio::test]
async fn whoever_hears_a_message_links_to_the_act_that_published_it() {
    recorder();
    meters();
    let pub_sub = PubSub::new();
    let live = LiveRuntime::new(LiveConfig::new(SecretKeyBase::new(&"m".repeat(64)).unwrap()));
    let router = Router::new().live::<Room>("/").layer(trace_layer(TraceOptions::default()));
    let app = TestApp::new(&live, live.clone().serve(router.with_state(pub_sub.clone())));
    let mut ann = app.get("/").await.join().await;
    let bob = app.another_visitor().get("/").await.join().await;
    event(&mut ann, "say").await;
    let said = acts(ann.trace_id());
    let said = said.iter().find(|act| act.name == "Room handle_event say").unwrap();
    for person in [&ann, &bob] {
        let acts = acts(person.trace_id());
        let heard = acts.iter().find(|act| act.name == "Room handle_message").unwrap();
        let link = &heard.links[1];
        assert_eq!(link.span_context.span_id(), said.span_context.span_id());
        assert_eq!(link.attributes[0].value.as_str(), attribute::LINK_PUBLISHER);
    }
    for _ in 0..100 {
        pub_sub.publish(&SAID, 2).unwrap();
    }
    let count = |name: &str| {
        let series = series();
        series[&format!("live_view.pub_sub.{name} {{live_view.pub_sub.topic=test.said}}")]
    };
    assert_eq!(count("published"), 101.0);
    assert_eq!(count("delivered"), 2.0 + 2.0 * 64.0);
    assert_eq!(count("missed"), 2.0 * 100.0, "what waited too");
}

#[tokio::test(start_paused = true)]
async fn what_comes_over_the_bus_and_is_not_signed_is_counted() {
    meters();
    let bus = TestBus::default();
    let pub_sub = PubSub::over(bus.clone(), &SecretKeyBase::random(), PubSubOptions::default());
    // Time passes only when nothing else is to do.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let mut stranger = bus.connect().await.unwrap();
    stranger.send(vec!["{}".to_owned(); 3]).await.unwrap();
    drop(stranger);
    tokio::time::sleep(Duration::from_secs(1)).await;
    drop(pub_sub);
    assert_eq!(series()["live_view.pub_sub.refused {}"], 3.0);
}
