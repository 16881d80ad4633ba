//! What is said of a person is read by the application's own code, which may ask who is there.

use std::cell::RefCell;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use belvedere::pub_sub::Presence;
use belvedere::{
    Heard, LiveConfig, LiveRouter, LiveRuntime, LiveView, MountError, PubSub, Render, Socket,
    Topic, live,
};
use serde::{Deserialize, Deserializer, Serialize};

use crate::paused::in_paused_time;
use crate::views::{config, served};

/// Looks who is there while it is read, as the code of an application may.
#[derive(Clone, PartialEq, Eq, Serialize)]
struct Looks(String);

const LOOKED_AT: Topic<Presence<Looks>> = Topic::new("looked_at");

thread_local! {
    static LOOKS_AT: RefCell<Option<PubSub>> = const { RefCell::new(None) };
}

impl<'de> Deserialize<'de> for Looks {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let n_present = LOOKS_AT.with_borrow(|pub_sub| {
            pub_sub.as_ref().map_or(0, |pub_sub| pub_sub.n_present(&LOOKED_AT))
        });
        Ok(Self(format!("{name} of {n_present}")))
    }
}

struct Watched;

impl LiveView for Watched {
    type Extract = State<PubSub>;
    type Params = ();
    type Event = ();
    type Message = ();

    async fn mount(
        State(pub_sub): State<PubSub>,
        socket: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        socket.track(&pub_sub, &LOOKED_AT, "ann", &Looks("ann".to_owned()))?;
        Ok(Self)
    }

    fn render(&self) -> impl Render {
        live! { p { "watched" } }
    }
}

#[test]
fn what_is_read_of_a_person_may_look_who_is_there() {
    let (says, said) = channel();
    // A thread of its own: one that waits for itself would never end.
    thread::spawn(move || {
        in_paused_time(async move {
            let pub_sub = PubSub::new();
            LOOKS_AT.set(Some(pub_sub.clone()));
            let mut heard = pub_sub.subscribe(&LOOKED_AT);
            let live = LiveRuntime::new(LiveConfig { pub_sub: pub_sub.clone(), ..config() });
            let router = Router::new().live::<Watched>("/watched").with_state(pub_sub);
            let _watched = served(live, router).get("/watched").await.join().await;
            let Heard::Message(Presence::Here(ann)) = heard.next().await else { panic!("missed") };
            says.send(ann.who.0).expect("the test waits");
        });
    });
    let who = said.recv_timeout(Duration::from_secs(60)).expect("nobody waits for itself");
    assert_eq!(who, "ann of 1");
}
