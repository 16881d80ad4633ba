use std::sync::{Arc, Mutex};

use axum::extract::{Path, State};
use belvedere::{
    ComponentId, ComponentSocket, LiveComponent, LiveEvent, LiveStream, LiveView, MountError,
    Render, Restream, Result, Socket, component, live, template::Element,
};

/// Who was asked for items again, in order.
#[derive(Clone, Default)]
pub(crate) struct Asked(pub(crate) Arc<Mutex<Vec<String>>>);

/// Notices of its own, and columns with notes; whom its path names cannot tell the items again.
pub(crate) struct Wall {
    forgetful: String,
    asked: Asked,
    columns: Vec<u32>,
    notices: LiveStream<u32>,
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    Notice,
    /// The columns' ids, each a digit.
    Arrange {
        ids: String,
    },
}

impl LiveView for Wall {
    type Extract = (Path<String>, State<Asked>);
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount(
        (Path(forgetful), State(asked)): Self::Extract,
        socket: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        socket.provide(asked.clone());
        let notices = LiveStream::new("notices", |notice: &u32| *notice);
        Ok(Self { forgetful, asked, columns: vec![2, 1], notices })
    }

    async fn restream(&mut self, _: &mut Socket<Self>) -> Result<Restream> {
        self.asked.0.lock().expect("no test panics with it").push("wall".to_owned());
        if self.forgetful == "wall" {
            return Ok(Restream::Unable);
        }
        self.notices.reset([0]);
        Ok(Restream::Done)
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        match event {
            Event::Notice => self.notices.append(7),
            Event::Arrange { ids } => {
                self.columns = ids.chars().filter_map(|digit| digit.to_digit(10)).collect();
            }
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            ul #notices phx-update="stream" {
                @for (id, notice) in &self.notices { li id=(id) { (notice) } }
            }
            @for id in &self.columns {
                div key=(id) { (component::<Column>(*id, (*id, self.forgetful.clone()))) }
            }
        }
    }
}

/// Starts with one note, and adds one at each click.
pub(crate) struct Column {
    id: u32,
    forgetful: bool,
    clicks: u32,
    notes: LiveStream<u32>,
}

#[derive(LiveEvent)]
pub(crate) enum ColumnEvent {
    Add,
    /// Far too many at once.
    Flood,
}

impl LiveComponent for Column {
    type Props = (u32, String);
    type Event = ColumnEvent;
    type Message = ();

    fn mount((id, forgetful): &Self::Props) -> Self {
        let notes = LiveStream::new(format!("notes-{id}"), |note: &u32| *note);
        Self { id: *id, forgetful: *forgetful == format!("column-{id}"), clicks: 0, notes }
    }

    async fn update(&mut self, _: Self::Props, _: &mut ComponentSocket<'_>) -> Result {
        self.notes.append(0);
        Ok(())
    }

    async fn restream(&mut self, socket: &mut ComponentSocket<'_>) -> Result<Restream> {
        let asked = socket.provided::<Asked>().expect("the view provides it");
        asked.0.lock().expect("no test panics with it").push(format!("column {}", self.id));
        if self.forgetful {
            return Ok(Restream::Unable);
        }
        self.notes.reset(0..=self.clicks);
        Ok(Restream::Done)
    }

    async fn handle_event(&mut self, event: ColumnEvent, _: &mut ComponentSocket<'_>) -> Result {
        match event {
            ColumnEvent::Add => {
                self.clicks += 1;
                self.notes.append(self.clicks);
            }
            ColumnEvent::Flood => (0..2_000).for_each(|note| self.notes.append(note)),
        }
        Ok(())
    }

    fn render(&self, target: ComponentId) -> impl Element {
        live! {
            section #{ "column-" (self.id) } {
                b { (self.clicks) }
                button.add phx-click=(ColumnEvent::Add) phx-target=(target) {}
                button.flood phx-click=(ColumnEvent::Flood) phx-target=(target) {}
                ul #{ "notes-" (self.id) "-list" } phx-update="stream" {
                    @for (id, note) in &self.notes { li id=(id) { (note) } }
                }
            }
        }
    }
}
