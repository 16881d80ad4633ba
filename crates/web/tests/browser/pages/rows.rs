use belvedere::template::Element;
use belvedere::{
    ComponentId, ComponentSocket, LiveComponent, LiveEvent, LiveStream, LiveView, MountError,
    Render, Result, Socket, StreamLimit, component, live,
};

/// A stream of at most four rows, which hold components.
pub(crate) struct Rows {
    n_rows: u32,
    rows: LiveStream<u32>,
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    /// Appends a row, and tells the first component.
    Append,
    /// Appends all of these.
    Extend {
        rows: Vec<u32>,
    },
    /// Shows a row again, if it is there.
    Update {
        row: u32,
    },
    Delete {
        row: u32,
    },
}

impl LiveView for Rows {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        let rows = LiveStream::new("rows", |row: &u32| *row);
        let mut rows = rows.with_limit(StreamLimit::Last(4));
        rows.extend([1, 2]);
        Ok(Self { n_rows: 2, rows })
    }

    async fn handle_event(&mut self, event: Event, socket: &mut Socket<Self>) -> Result {
        match event {
            Event::Append => {
                self.n_rows += 1;
                self.rows.append(self.n_rows);
                socket.send_component::<Row>(1, ());
            }
            Event::Extend { rows } => self.rows.extend(rows),
            Event::Update { row } => self.rows.update(row),
            Event::Delete { row } => self.rows.delete(row),
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            (super::actor())
            h1 { (self.n_rows) }
            ul #rows phx-update="stream" {
                @for (id, row) in &self.rows { li id=(id) { (component::<Row>(*row, *row)) } }
            }
        }
    }
}

/// Counts what it is told and how often it is clicked.
struct Row {
    id: u32,
    n_told: u32,
    n_clicks: u32,
}

#[derive(LiveEvent)]
enum RowEvent {
    Click,
}

impl LiveComponent for Row {
    type Props = u32;
    type Event = RowEvent;
    type Message = ();

    fn mount(id: &u32) -> Self {
        Self { id: *id, n_told: 0, n_clicks: 0 }
    }

    async fn update(&mut self, _: u32, _: &mut ComponentSocket<'_>) -> Result {
        Ok(())
    }

    async fn handle_event(&mut self, event: RowEvent, _: &mut ComponentSocket<'_>) -> Result {
        match event {
            RowEvent::Click => self.n_clicks += 1,
        }
        Ok(())
    }

    async fn handle_message(&mut self, (): (), _: &mut ComponentSocket<'_>) -> Result {
        self.n_told += 1;
        Ok(())
    }

    fn render(&self, target: ComponentId) -> impl Element {
        live! {
            button phx-click=(RowEvent::Click) phx-target=(target) {
                (self.id) " told " (self.n_told) " clicked " (self.n_clicks)
            }
        }
    }
}
