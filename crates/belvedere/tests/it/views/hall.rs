use axum::extract::Path;
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

/// A row with some rooms, each in the one before.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Row {
    pub(crate) id: u32,
    pub(crate) n_rooms: u32,
}

/// Ids of rows begin here, each that of its first room as well.
pub(crate) const FIRST_ROW: u32 = 30;
/// The row that is there at first, with a room in it.
pub(crate) fn first_rows() -> Vec<Row> {
    vec![Row { id: FIRST_ROW, n_rooms: 1 }]
}

/// How many rows the page keeps.
pub(crate) const MAX_ROWS: usize = 3;
/// How many notes of a room it keeps.
pub(crate) const MAX_NOTES: u32 = 2;

/// Rooms that come and go, in places of the page and in the rows of a stream. The path says whether the
/// page keeps the `first` or the `last` of these, or the last and begins `empty`.
pub(crate) struct Hall {
    rooms: Vec<Room>,
    heading: String,
    rows: LiveStream<Row>,
    kept: Vec<Row>,
    keeps_first: bool,
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
        row: Row,
    },
    /// Shows a row as it is now, if it is there.
    Update {
        row: Row,
    },
    Take {
        id: u32,
    },
    /// Takes a row out and puts it in at the end.
    Move {
        row: Row,
    },
    Reset {
        rows: Vec<Row>,
    },
}

impl LiveView for Hall {
    type Extract = Path<String>;
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount(Path(kept): Path<String>, _: &mut Socket<Self>) -> Result<Self, MountError> {
        let keeps_first = kept == "first";
        let n_kept = MAX_ROWS as u32;
        let limit =
            if keeps_first { StreamLimit::First(n_kept) } else { StreamLimit::Last(n_kept) };
        let mut rows = LiveStream::new("rows", |row: &Row| row.id).with_limit(limit);
        let kept = if kept == "empty" { Vec::new() } else { first_rows() };
        rows.extend(kept.clone());
        Ok(Self { rooms: Vec::new(), heading: String::new(), rows, kept, keeps_first })
    }

    async fn restream(&mut self, _: &mut Socket<Self>) -> Result<Restream> {
        self.rows.reset(self.kept.clone());
        Ok(Restream::Done)
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        match event {
            Event::Show { rooms } => self.rooms = rooms,
            Event::Head { text } => self.heading = text,
            Event::Put { row } => {
                self.rows.append(row.clone());
                put(&mut self.kept, row);
            }
            Event::Update { row } => {
                self.rows.update(row.clone());
                update(&mut self.kept, row);
            }
            Event::Take { id } => {
                self.rows.delete(id);
                self.kept.retain(|known| known.id != id);
            }
            Event::Move { row } => {
                self.rows.delete(row.id);
                self.rows.append(row.clone());
                self.kept.retain(|known| known.id != row.id);
                self.kept.push(row);
            }
            Event::Reset { rows } => {
                self.rows.reset(rows.clone());
                self.kept = rows;
            }
        }
        limit(&mut self.kept, self.keeps_first);
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            h1 { (self.heading) }
            @for room in &self.rooms, key=(room.id) { (framed(placed(room))) }
            ul #rows phx-update="stream" {
                @for (id, row) in &self.rows {
                    li id=(id) { @if let Some(room) = row.room() { (placed(&room)) } }
                }
            }
        }
    }
}

/// Puts `row` in the place of the one with its id, if there is one.
pub(crate) fn update(rows: &mut [Row], row: Row) {
    if let Some(known) = rows.iter_mut().find(|known| known.id == row.id) {
        *known = row;
    }
}

/// The same, or at the end.
pub(crate) fn put(rows: &mut Vec<Row>, row: Row) {
    if !rows.iter().any(|known| known.id == row.id) {
        rows.push(row.clone());
    }
    update(rows, row);
}

/// Leaves those that a page keeps.
pub(crate) fn limit(rows: &mut Vec<Row>, keeps_first: bool) {
    if keeps_first {
        rows.truncate(MAX_ROWS);
    } else {
        rows.drain(..rows.len().saturating_sub(MAX_ROWS));
    }
}

impl Row {
    /// The rooms that are in it, from the outermost.
    pub(crate) fn room_ids(&self) -> impl DoubleEndedIterator<Item = u32> {
        (0..self.n_rooms).map(|depth| self.id + depth * FIRST_ROW)
    }

    fn room(&self) -> Option<Room> {
        self.room_ids()
            .rev()
            .fold(None, |inner, id| Some(Room { id, inner: inner.into_iter().collect() }))
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
        let mut notes = LiveStream::new(format!("notes-{}", room.id), |note: &u32| *note)
            .with_limit(StreamLimit::Last(MAX_NOTES));
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
                self.notes.update(0);
                self.notes.update(self.clicks + 1);
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
                        @for (id, note) in &self.notes { li id=(id) { (self.note(*note)) } }
                    }
                }
                @for room in &self.room.inner, key=(room.id) { (framed(placed(room))) }
            }
        }
    }
}

impl Shown {
    fn note(&self, note: u32) -> impl Render {
        component::<Note>((self.room.id, note), note)
    }
}

/// A note of a room.
struct Note(u32);

impl LiveComponent for Note {
    type Props = u32;
    type Event = ();
    type Message = ();

    fn mount(note: &u32) -> Self {
        Self(*note)
    }

    async fn update(&mut self, _: u32, _: &mut ComponentSocket<'_>) -> Result {
        Ok(())
    }

    fn render(&self, _: ComponentId) -> impl Element {
        live! { i { (self.0) } }
    }
}
