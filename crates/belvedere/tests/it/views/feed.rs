use axum::extract::{Path, State};
use belvedere::{
    LiveEvent, LiveStream, LiveView, MountError, Render, Restream, Result, Socket, StreamLimit,
    live,
};

use super::Senders;

/// Messages that the server forgets; tells the first again only where the path says `again`. A text
/// such as `flood 3` or `fill 3` is three messages, put in one by one or at once. Starts with two, or
/// with none where the path says `empty`.
pub(crate) struct Feed {
    can_restream: bool,
    next: u32,
    messages: LiveStream<Message>,
}

pub(crate) struct Message {
    id: u32,
    text: String,
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    Pin,
    Delete { id: u32 },
    Clear,
}

impl Feed {
    fn message(&mut self, text: impl Into<String>) -> Message {
        self.next += 1;
        Message { id: self.next, text: text.into() }
    }

    fn fill(&mut self) {
        self.next = 0;
        let first = [self.message("one"), self.message("two")];
        self.messages.reset(first);
    }
}

impl LiveView for Feed {
    type Extract = (Path<String>, State<Senders>);
    type Params = ();
    type Event = Event;
    type Message = String;

    async fn mount(
        (Path(path), State(senders)): Self::Extract,
        socket: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        senders.0.lock().expect("no test panics with it").push(socket.sender());
        let messages = LiveStream::new("messages", |message: &Message| message.id)
            .with_limit(StreamLimit::Last(4));
        let mut feed = Self { can_restream: path == "again", next: 0, messages };
        if path != "empty" {
            feed.fill();
        }
        Ok(feed)
    }

    async fn restream(&mut self, _: &mut Socket<Self>) -> Result<Restream> {
        if !self.can_restream {
            return Ok(Restream::Unable);
        }
        self.fill();
        Ok(Restream::Done)
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        match event {
            Event::Pin => {
                let pinned = self.message("pinned");
                self.messages.prepend(pinned);
            }
            Event::Delete { id } => self.messages.delete(id),
            Event::Clear => self.messages.reset([]),
        }
        Ok(())
    }

    async fn handle_message(&mut self, text: String, _: &mut Socket<Self>) -> Result {
        match text.split_once(' ').map(|(what, n)| (what, n.parse())) {
            Some(("flood", Ok(n))) => (0..n).for_each(|_: u32| {
                let message = self.message("flood");
                self.messages.append(message);
            }),
            Some(("fill", Ok(n))) => {
                let messages: Vec<_> = (0..n).map(|_| self.message("fill")).collect();
                self.messages.extend(messages);
            }
            _ => {
                let message = self.message(text);
                self.messages.append(message);
            }
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            p #count { (self.next) }
            ul #messages phx-update="stream" {
                @for (id, message) in &self.messages {
                    li id=(id) {
                        (message.text)
                        button phx-click=(Event::Delete { id: message.id }) {}
                    }
                }
            }
            button #pin phx-click=(Event::Pin) {}
            button #clear phx-click=(Event::Clear) {}
        }
    }
}
