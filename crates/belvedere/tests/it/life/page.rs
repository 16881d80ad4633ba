//! A page with a bit of everything.

use std::cell::Cell;
use std::sync::{Arc, Mutex};

use axum::extract::{Query, State};
use belvedere::template::Element;
use belvedere::{
    Async, ComponentId, ComponentSocket, LiveComponent, LiveEvent, LiveStream, LiveView,
    MountError, Render, Restream, Result, Snapshot, Socket, component, live, nested,
};
use serde::{Deserialize, Serialize};

thread_local! {
    /// The build of the server that mounts next.
    static BUILD: Cell<u32> = const { Cell::new(1) };
}

/// What is mounted from now on is of this build. The second keeps more, and reads what the first has kept.
pub(super) fn deploy(build: u32) {
    BUILD.set(build);
}

/// The database, which all servers share.
#[derive(Clone, Default)]
pub(super) struct Store(Arc<Mutex<Vec<u32>>>);

impl Store {
    pub(super) fn rows(&self) -> Vec<u32> {
        self.0.lock().unwrap().clone()
    }
}

/// What the URL says.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Turned {
    page: u32,
}

pub(super) struct Life {
    store: Store,
    number: u32,
    mark: u32,
    note: String,
    /// In no snapshot.
    fleeting: u32,
    page: u32,
    rows: LiveStream<u32>,
    rooms: Vec<u32>,
    piece: Async<u32>,
}

#[derive(LiveEvent)]
pub(super) enum Event {
    Inc,
    Mark,
    Fleet,
    Note(Note),
    Put { id: u32 },
    Take { id: u32 },
    Room { id: u32 },
    Load { value: u32 },
    Go { page: u32 },
    Crash,
}

#[derive(Deserialize)]
pub(super) struct Note {
    text: String,
}

#[derive(Serialize, Deserialize)]
struct First {
    number: u32,
    note: String,
}

#[derive(Serialize, Deserialize)]
struct Second {
    number: u32,
    note: String,
    mark: u32,
}

impl LiveView for Life {
    type Extract = State<Store>;
    type Params = Query<Turned>;
    type Event = Event;
    type Message = ();

    async fn mount(State(store): State<Store>, _: &mut Socket<Self>) -> Result<Self, MountError> {
        let mut rows = LiveStream::new("rows", |row: &u32| *row);
        rows.reset(store.rows());
        Ok(Self {
            store,
            number: 0,
            mark: 0,
            note: String::new(),
            fleeting: 0,
            page: 0,
            rows,
            rooms: Vec::new(),
            piece: Async::default(),
        })
    }

    async fn handle_params(
        &mut self,
        Query(turned): Query<Turned>,
        _: &mut Socket<Self>,
    ) -> Result<(), MountError> {
        self.page = turned.page;
        Ok(())
    }

    fn snapshot() -> Snapshot<Self> {
        let first = |view: &mut Self, First { number, note }| {
            (view.number, view.note) = (number, note);
        };
        if BUILD.get() == 1 {
            let take = |view: &Self| First { number: view.number, note: view.note.clone() };
            return Snapshot::version(1, take, first);
        }
        let take =
            |view: &Self| Second { number: view.number, note: view.note.clone(), mark: view.mark };
        let give = |view: &mut Self, Second { number, note, mark }| {
            (view.number, view.note, view.mark) = (number, note, mark);
        };
        Snapshot::version(2, take, give).older(1, first)
    }

    async fn restream(&mut self, _: &mut Socket<Self>) -> Result<Restream> {
        self.rows.reset(self.store.rows());
        Ok(Restream::Done)
    }

    async fn handle_event(&mut self, event: Event, socket: &mut Socket<Self>) -> Result {
        match event {
            Event::Inc => self.number += 1,
            Event::Mark => self.mark += 1,
            Event::Fleet => self.fleeting += 1,
            Event::Note(Note { text }) => self.note = text,
            Event::Put { id } => {
                self.store.0.lock().unwrap().push(id);
                self.rows.append(id);
            }
            Event::Take { id } => {
                self.store.0.lock().unwrap().retain(|row| *row != id);
                self.rows.delete(id);
            }
            Event::Room { id } if self.rooms.contains(&id) => {
                self.rooms.retain(|room| *room != id);
            }
            Event::Room { id } => self.rooms.push(id),
            Event::Load { value } => {
                self.piece = socket.load("piece", async move {
                    tokio::task::yield_now().await;
                    Ok(value)
                });
            }
            Event::Go { page } => socket.patch(format!("/life?page={page}"))?,
            Event::Crash => panic!("a life crashes"),
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            output #number { (self.number) }
            output #mark { (self.mark) }
            output #fleeting { (self.fleeting) }
            output #page { (self.page) }
            output #piece { @if let Some(value) = self.piece.value() { (value) } @else { "none" } }
            output #note-shown { (self.note) }
            form #note phx-change=(Event::NOTE) {
                label { "Note" input name="text" value=(self.note.as_str()); }
            }
            ul #rows phx-update="stream" {
                @for (row, id) in &self.rows { li id=(row) { (id) } }
            }
            @for room in &self.rooms, key=(room) { (component::<Room>(*room, *room)) }
            (nested::<Guest>("guest", ()))
        }
    }
}

/// Counts its clicks.
pub(super) struct Room {
    id: u32,
    clicks: u32,
}

#[derive(LiveEvent)]
pub(super) enum RoomEvent {
    Click,
}

impl LiveComponent for Room {
    type Props = u32;
    type Event = RoomEvent;
    type Message = ();

    fn mount(id: &u32) -> Self {
        Self { id: *id, clicks: 0 }
    }

    async fn update(&mut self, _: u32, _: &mut ComponentSocket<'_>) -> Result {
        Ok(())
    }

    async fn handle_event(&mut self, _: RoomEvent, _: &mut ComponentSocket<'_>) -> Result {
        self.clicks += 1;
        Ok(())
    }

    fn render(&self, target: ComponentId) -> impl Element {
        live! {
            section #{ "room-" (self.id) } {
                b { (self.id) ":" (self.clicks) }
                button phx-click=(RoomEvent::Click) phx-target=(target) {}
            }
        }
    }
}

/// A view of its own within the page.
pub(super) struct Guest {
    said: u32,
}

#[derive(LiveEvent)]
pub(super) enum GuestEvent {
    Say,
    Crash,
}

impl LiveView for Guest {
    type Extract = ();
    type Params = ();
    type Event = GuestEvent;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { said: 0 })
    }

    fn snapshot() -> Snapshot<Self> {
        Snapshot::version(1, |guest: &Self| guest.said, |guest, said| guest.said = said)
    }

    async fn handle_event(&mut self, event: GuestEvent, _: &mut Socket<Self>) -> Result {
        match event {
            GuestEvent::Say => self.said += 1,
            GuestEvent::Crash => panic!("a guest crashes"),
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! { i { (self.said) } button phx-click=(GuestEvent::Say) {} }
    }
}
