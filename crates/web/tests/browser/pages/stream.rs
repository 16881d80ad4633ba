use axum::extract::Path;
use belvedere::{
    LiveEvent, LiveStream, LiveView, MountError, Render, Restream, Result, Socket, StreamLimit,
    live,
};

/// A stream that holds `a`, `b` and `c` at first; the path says how many items a browser keeps,
/// negative for the last ones and 0 for all.
pub(crate) struct Stream {
    items: LiveStream<Item>,
    is_shown: bool,
    /// Changes beside the stream.
    acts: u32,
}

struct Item {
    key: char,
    text: String,
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    Append {
        keys: String,
    },
    Prepend {
        keys: String,
    },
    InsertAt {
        index: u32,
        key: char,
    },
    /// Shows a text in place of an item that is there.
    Update {
        key: char,
        text: String,
    },
    /// Appends or shows in place.
    Put {
        key: char,
        text: String,
    },
    Delete {
        keys: String,
    },
    Reset {
        keys: String,
    },
    /// Deletes one and appends others.
    Replace {
        deleted: char,
        keys: String,
    },
    Hide,
    Show,
    /// Deletes an item and puts it in again, at the start.
    ToTheTop {
        key: char,
    },
}

fn item(key: char) -> Item {
    Item { key, text: format!("item {key}") }
}

impl Stream {
    fn fill(&mut self) {
        self.items.reset("abc".chars().map(item));
    }
}

impl LiveView for Stream {
    type Extract = Path<i32>;
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount(Path(limit): Path<i32>, _: &mut Socket<Self>) -> Result<Self, MountError> {
        let items = LiveStream::new("items", |item: &Item| item.key);
        let items = match limit {
            0 => items,
            1.. => items.with_limit(StreamLimit::First(limit.unsigned_abs())),
            _ => items.with_limit(StreamLimit::Last(limit.unsigned_abs())),
        };
        let mut stream = Self { items, is_shown: true, acts: 0 };
        stream.fill();
        Ok(stream)
    }

    async fn restream(&mut self, _: &mut Socket<Self>) -> Result<Restream> {
        self.fill();
        Ok(Restream::Done)
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        self.acts += 1;
        match event {
            Event::Append { keys } => self.items.extend(keys.chars().map(item)),
            Event::Prepend { keys } => keys.chars().for_each(|key| self.items.prepend(item(key))),
            Event::InsertAt { index, key } => self.items.insert_at(index, item(key)),
            Event::Update { key, text } => self.items.update(Item { key, text }),
            Event::Put { key, text } => self.items.append(Item { key, text }),
            Event::Delete { keys } => keys.chars().for_each(|key| self.items.delete(key)),
            Event::Reset { keys } => self.items.reset(keys.chars().map(item)),
            Event::Replace { deleted, keys } => {
                self.items.delete(deleted);
                self.items.extend(keys.chars().map(item));
            }
            Event::Hide => self.is_shown = false,
            Event::Show => {
                self.is_shown = true;
                self.fill();
            }
            Event::ToTheTop { key } => {
                self.items.delete(key);
                self.items.prepend(item(key));
            }
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            (super::actor())
            p #acts { (self.acts) }
            @if self.is_shown {
                ul #items phx-update="stream" {
                    @for (id, item) in &self.items { li id=(id) { (item.text) input; } }
                }
            }
        }
    }
}
