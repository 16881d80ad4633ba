//! A chat between browser tabs: a stream, whose messages the server sends and forgets, and messages
//! from one view to all others. Served on http://localhost:4000.
//!
//! Run it with `cargo run -p belvedere --example chat`, and open it twice. Another port is an argument,
//! as in `cargo run -p belvedere --example chat -- 4001`.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::State;
use belvedere::{
    Heard, Joined, LiveConfig, LiveEvent, LiveRouter, LiveRuntime, LiveStream, LiveView,
    MountError, PubSub, Render, Restream, Result, SecretKeyBase, Socket, StreamLimit, Topic, flash,
    live,
};
use serde::{Deserialize, Serialize};

/// What is said in the room.
const SAID: Topic<Message> = Topic::new("chat.said");

/// How many messages a page shows, and the room remembers.
const SHOWN: u32 = 50;

/// The longest message, in characters: the room keeps it, and so does every browser.
const MAX_LETTERS: usize = 500;

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Message {
    id: u64,
    text: String,
}

/// What was said last, and where the next is heard.
#[derive(Clone, Default)]
pub(crate) struct Room {
    last: Arc<Mutex<VecDeque<Message>>>,
    pub_sub: PubSub,
}

impl Room {
    fn last(&self) -> Vec<Message> {
        self.lock().iter().cloned().collect()
    }

    fn say(&self, text: String) -> Result {
        let mut last = self.lock();
        let message = Message { id: last.back().map_or(0, |message| message.id) + 1, text };
        last.push_back(message.clone());
        if last.len() > SHOWN as usize {
            last.pop_front();
        }
        // Within the lock: all hear it in this order.
        Ok(self.pub_sub.publish(&SAID, message)?)
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Message>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) struct Chat {
    room: Room,
    messages: LiveStream<Message>,
    /// Counts what was said here: the field changes with it, and is empty again.
    n_said: u32,
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    Say(Said),
}

#[derive(Deserialize)]
pub(crate) struct Said {
    text: String,
}

impl LiveView for Chat {
    type Extract = State<Room>;
    type Params = ();
    type Event = Event;
    type Message = Heard<Message>;

    async fn mount(
        State(room): State<Room>,
        socket: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        socket.set_title("Chat");
        let messages = LiveStream::new("messages", |message: &Message| message.id);
        let mut messages = messages.with_limit(StreamLimit::Last(SHOWN));
        messages.extend(room.last());
        Ok(Self { room, messages, n_said: 0 })
    }

    /// Now somebody looks: most pages that robots ask for are never joined, and have nothing to hear.
    async fn connected(&mut self, joined: Joined, socket: &mut Socket<Self>) -> Result {
        socket.subscribe_to(&self.room.pub_sub, &SAID, |heard| heard)?;
        if joined == Joined::First {
            // First the room, then its messages: one said in between comes twice, and is shown once.
            self.messages.reset(self.room.last());
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
                self.room.say(text)?;
            }
        }
        Ok(())
    }

    async fn handle_message(&mut self, heard: Heard<Message>, _: &mut Socket<Self>) -> Result {
        match heard {
            Heard::Message(message) => self.messages.append(message),
            Heard::Missed => self.messages.reset(self.room.last()),
        }
        Ok(())
    }

    async fn restream(&mut self, _: &mut Socket<Self>) -> Result<Restream> {
        self.messages.reset(self.room.last());
        Ok(Restream::Done)
    }

    fn render(&self) -> impl Render {
        live! {
            h1 { "Chat" }
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
