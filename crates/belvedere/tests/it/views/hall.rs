use belvedere::{
    ComponentId, ComponentSocket, LiveComponent, LiveEvent, LiveStream, LiveView, MountError,
    Render, Restream, Result, Socket, StreamLimit, component, live, template::Element,
};
use serde::{Deserialize, Serialize};

/// A room and those within it, of which each id is there once. What the id divided by three leaves
/// says of its notes: none, some that it can tell again, some that it cannot.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub(crate) struct Room {
    pub(crate) id: u32,
    pub(crate) inner: Vec<Self>,
}

/// Ids of rooms in rows begin here.
pub(crate) const FIRST_ROW: u32 = 30;
/// How many rows the page keeps.
pub(crate) const MAX_ROWS: usize = 3;

/// Rooms that come and go, in places of the page and in the rows of a stream.
pub(crate) struct Hall {
    rooms: Vec<Room>,
    heading: String,
    rows: LiveStream<u32>,
    row_ids: Vec<u32>,
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    Show {
        rooms: Vec<Room>,
    },
    Head {
        text: String,
    },
    /// Puts a row in, or in its place again.
    Put {
        id: u32,
    },
    Take {
        id: u32,
    },
    /// Takes a row out and puts it in at the end.
    Move {
        id: u32,
    },
    Reset {
        ids: Vec<u32>,
    },
}

impl LiveView for Hall {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        let rows = LiveStream::new("rows", |id: &u32| *id);
        let rows = rows.with_limit(StreamLimit::Last(MAX_ROWS as u32));
        Ok(Self { rooms: Vec::new(), heading: String::new(), rows, row_ids: Vec::new() })
    }

    async fn restream(&mut self, _: &mut Socket<Self>) -> Result<Restream> {
        self.rows.reset(self.row_ids.clone());
        Ok(Restream::Done)
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        match event {
            Event::Show { rooms } => self.rooms = rooms,
            Event::Head { text } => self.heading = text,
            Event::Put { id } => {
                self.rows.append(id);
                if !self.row_ids.contains(&id) {
                    self.row_ids.push(id);
                }
            }
            Event::Take { id } => {
                self.rows.delete(id);
                self.row_ids.retain(|known| *known != id);
            }
            Event::Move { id } => {
                self.rows.delete(id);
                self.rows.append(id);
                self.row_ids.retain(|known| *known != id);
                self.row_ids.push(id);
            }
            Event::Reset { ids } => {
                self.rows.reset(ids.clone());
                self.row_ids = ids;
            }
        }
        let n_beyond = self.row_ids.len().saturating_sub(MAX_ROWS);
        self.row_ids.drain(..n_beyond);
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            h1 { (self.heading) }
            @for room in &self.rooms, key=(room.id) { (framed(placed(room))) }
            ul #rows phx-update="stream" {
                @for (id, row) in &self.rows {
                    li id=(id) { (placed(&Room { id: *row, inner: Vec::new() })) }
                }
            }
        }
    }
}

fn placed(room: &Room) -> impl Render {
    component::<Shown>(room.id, room.clone())
}

fn framed(content: impl Render) -> impl Render {
    live! { div { (content) } }
}

/// A room with a state of its own: its clicks, and a note for each.
pub(crate) struct Shown {
    room: Room,
    clicks: u32,
    notes: LiveStream<u32>,
}

#[derive(LiveEvent)]
pub(crate) enum RoomEvent {
    Click,
}

impl LiveComponent for Shown {
    type Props = Room;
    type Event = RoomEvent;
    type Message = ();

    fn mount(room: &Room) -> Self {
        let mut notes = LiveStream::new(format!("notes-{}", room.id), |note: &u32| *note);
        notes.append(0);
        Self { room: room.clone(), clicks: 0, notes }
    }

    async fn update(&mut self, room: Room, _: &mut ComponentSocket<'_>) -> Result {
        self.room = room;
        Ok(())
    }

    async fn restream(&mut self, _: &mut ComponentSocket<'_>) -> Result<Restream> {
        if self.room.id % 3 == 2 {
            return Ok(Restream::Unable);
        }
        self.notes.reset(0..=self.clicks);
        Ok(Restream::Done)
    }

    async fn handle_event(&mut self, event: RoomEvent, _: &mut ComponentSocket<'_>) -> Result {
        match event {
            RoomEvent::Click => {
                self.clicks += 1;
                self.notes.append(self.clicks);
            }
        }
        Ok(())
    }

    fn render(&self, target: ComponentId) -> impl Element {
        live! {
            section #{ "room-" (self.room.id) } data-number=(target) {
                b { (self.room.id) ":" (self.clicks) }
                button phx-click=(RoomEvent::Click) phx-target=(target) {}
                @if !self.room.id.is_multiple_of(3) {
                    ol #{ "notes-" (self.room.id) "-list" } phx-update="stream" {
                        @for (id, note) in &self.notes { li id=(id) { (note) } }
                    }
                }
                @for room in &self.room.inner, key=(room.id) { (framed(placed(room))) }
            }
        }
    }
}
