use std::sync::{Arc, Mutex};

use axum::extract::State;
use belvedere::{Joined, LiveView, MessageSender, MountError, Render, Result, Socket, live};

/// Shows the messages it was sent, and how often a browser has joined.
pub(crate) struct Inbox {
    texts: Vec<String>,
    joins: u32,
}

/// A sender to every inbox mounted, in order.
#[derive(Clone, Default)]
pub(crate) struct Senders(pub(crate) Arc<Mutex<Vec<MessageSender<String>>>>);

impl LiveView for Inbox {
    type Extract = State<Senders>;
    type Params = ();
    type Event = ();
    type Message = String;

    async fn mount(
        State(senders): State<Senders>,
        socket: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        senders.0.lock().expect("no test panics with it").push(socket.sender());
        socket.set_title("Inbox");
        Ok(Self { texts: Vec::new(), joins: 0 })
    }

    async fn connected(&mut self, _: Joined, socket: &mut Socket<Self>) -> Result {
        self.joins += 1;
        socket.push_event("joined", &self.joins)?;
        Ok(())
    }

    async fn handle_message(&mut self, text: String, _: &mut Socket<Self>) -> Result {
        self.texts.push(text);
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            p #joins { (self.joins) }
            ul { @for text in &self.texts { li { (text) } } }
        }
    }
}
