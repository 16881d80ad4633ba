//! `/listen`: shows the number that was published last on a topic, and how many there were.

use axum::extract::State;
use belvedere::{Heard, Joined, LiveView, MountError, PubSub, Render, Result, Socket, Topic, live};

/// Counts what is published.
pub const NUMBERS: Topic<u64> = Topic::new("numbers");

/// What one browser has heard.
#[derive(Debug)]
pub struct Listener {
    pub_sub: PubSub,
    n_heard: u64,
    latest: u64,
}

impl LiveView for Listener {
    type Extract = State<PubSub>;
    type Params = ();
    type Event = ();
    type Message = Heard<u64>;

    async fn mount(
        State(pub_sub): State<PubSub>,
        _: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        Ok(Self { pub_sub, n_heard: 0, latest: 0 })
    }

    async fn connected(&mut self, _: Joined, socket: &mut Socket<Self>) -> Result {
        Ok(socket.subscribe_to(&self.pub_sub, &NUMBERS, |heard| heard)?)
    }

    async fn handle_message(&mut self, heard: Heard<u64>, _: &mut Socket<Self>) -> Result {
        self.n_heard += 1;
        self.latest = heard.message().unwrap_or(self.latest);
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            h1 { "Listen" }
            p { "Heard: " span { (self.n_heard) } }
            p { "Latest: " output { (self.latest) } }
        }
    }
}
