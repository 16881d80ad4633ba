//! A chat between browser tabs: a stream, whose messages the server sends and forgets, and messages
//! from one view to all others. Served on http://localhost:4000.
//!
//! Run it with `cargo run -p belvedere --example chat`, and open it twice. Another port is an argument,
//! as in `cargo run -p belvedere --example chat -- 4001`.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::State;
use belvedere::{LiveConfig, LiveEvent, LiveRouter, LiveRuntime, LiveStream, LiveView, MountError};
use belvedere::{
    MessageSender, Render, Restream, Result, SecretKeyBase, Socket, StreamLimit, flash, live,
};
use serde::Deserialize;

/// How many messages a page shows, and the room remembers.
const SHOWN: u32 = 50;

/// The longest message, in characters: the room keeps it, and so does every browser.
const MAX_LETTERS: usize = 500;

#[derive(Clone)]
struct Message {
    id: u64,
    text: String,
}

/// Who listens, and what was said last.
#[derive(Clone, Default)]
struct Room(Arc<Mutex<RoomState>>);

#[derive(Default)]
struct RoomState {
    listeners: Vec<MessageSender<Message>>,
    last: VecDeque<Message>,
    n_said: u64,
}

impl Room {
    /// Those who have left make room for who comes.
    fn enter(&self, listener: MessageSender<Message>) {
        let mut room = self.lock();
        room.listeners.retain(|listener| !listener.has_ended());
        room.listeners.push(listener);
    }

    fn last(&self) -> Vec<Message> {
        self.lock().last.iter().cloned().collect()
    }

    fn say(&self, text: String) {
        let mut room = self.lock();
        room.n_said += 1;
        let message = Message { id: room.n_said, text };
        // A listener that takes nothing any more has left.
        room.listeners.retain(|listener| listener.send(message.clone()).is_ok());
        room.last.push_back(message);
        if room.last.len() > SHOWN as usize {
            room.last.pop_front();
        }
    }

    fn lock(&self) -> MutexGuard<'_, RoomState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Chat {
    room: Room,
    messages: LiveStream<Message>,
    is_listening: bool,
    /// Counts what was said here: the field changes with it, and is empty again.
    n_said: u32,
}

#[derive(LiveEvent)]
enum Event {
    Say(Said),
}

#[derive(Deserialize)]
struct Said {
    text: String,
}

impl LiveView for Chat {
    type Extract = State<Room>;
    type Event = Event;
    type Message = Message;

    async fn mount(
        State(room): State<Room>,
        socket: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        socket.set_title("Chat");
        let messages = LiveStream::new("messages", |message: &Message| message.id);
        let mut messages = messages.with_limit(StreamLimit::Last(SHOWN));
        messages.extend(room.last());
        Ok(Self { room, messages, is_listening: false, n_said: 0 })
    }

    /// Now somebody looks: most pages that robots ask for are never joined, and have nothing to hear.
    async fn connected(&mut self, socket: &mut Socket<Self>) -> Result {
        if !self.is_listening {
            // First the room, then its messages: one said in between comes twice, and is shown once.
            self.room.enter(socket.sender());
            self.messages.reset(self.room.last());
            self.is_listening = true;
        }
        Ok(())
    }

    async fn handle_event(&mut self, event: Event, socket: &mut Socket<Self>) -> Result {
        match event {
            Event::Say(Said { text }) if text.trim().is_empty() => {}
            Event::Say(Said { text }) if text.chars().count() > MAX_LETTERS => {
                socket.put_flash("error", format!("At most {MAX_LETTERS} letters, please."));
            }
            Event::Say(Said { text }) => {
                self.n_said += 1;
                self.room.say(text);
            }
        }
        Ok(())
    }

    async fn handle_message(&mut self, message: Message, _: &mut Socket<Self>) -> Result {
        self.messages.append(message);
        Ok(())
    }

    async fn restream(&mut self, _: &mut Socket<Self>) -> Result<Restream> {
        self.messages.reset(self.room.last());
        Ok(Restream::Done)
    }

    fn render(&self) -> impl Render {
        live! {
            (flash())
            ol #messages phx-update="stream" {
                @for (id, message) in &self.messages { li id=(id) { (message.text) } }
            }
            form #say phx-submit=(Event::SAY) {
                input #text name="text" autocomplete="off" autofocus phx-patch-focused
                    maxlength=(MAX_LETTERS) data-said=(self.n_said);
                button { "Say" }
            }
        }
    }
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let live = LiveRuntime::new(LiveConfig::new(SecretKeyBase::random()));
    let app = live.serve(Router::new().live::<Chat>("/").with_state(Room::default()));
    let port = std::env::args().nth(1).unwrap_or_else(|| "4000".to_owned());
    let listener = tokio::net::TcpListener::bind(format!("localhost:{port}")).await?;
    axum::serve(listener, app).await
}
