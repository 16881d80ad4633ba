use std::sync::{Arc, Mutex};

use axum::extract::State;
use belvedere::{LiveView, MessageSender, MountError, Render, Result, Socket, live};

/// Shows the last number that it was sent.
pub(crate) struct Meter {
    last: u64,
}

/// Sends to the meter that was mounted last.
#[derive(Clone, Default)]
pub(crate) struct Probe(Arc<Mutex<Option<MessageSender<u64>>>>);

impl Probe {
    pub(crate) fn send(&self, number: u64) {
        let sender = self.0.lock().expect("no test panics with it");
        sender.as_ref().expect("a meter is mounted").send(number).expect("it takes all");
    }
}

impl LiveView for Meter {
    type Extract = State<Probe>;
    type Params = ();
    type Event = ();
    type Message = u64;

    async fn mount(
        State(probe): State<Probe>,
        socket: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        *probe.0.lock().expect("no test panics with it") = Some(socket.sender());
        Ok(Self { last: 0 })
    }

    async fn handle_message(&mut self, number: u64, _: &mut Socket<Self>) -> Result {
        self.last = number;
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! { output { (self.last) } }
    }
}
