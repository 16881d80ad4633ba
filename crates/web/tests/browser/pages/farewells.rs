use std::time::Duration;

use belvedere::js::{Target, Transition};
use belvedere::template::Element;
use belvedere::{
    ComponentId, ComponentSocket, Js, LiveComponent, LiveEvent, LiveStream, LiveView, MountError,
    Render, Restream, Result, Socket, component, live,
};

/// Long enough to act meanwhile, however slow the machine.
const SLOW: Transition<'_> = Transition::new("leaving").time(Duration::from_secs(2));

/// Notes that come and go, one with a fade, one in the row of a stream.
pub(crate) struct Farewells {
    is_shown: bool,
    rows: LiveStream<u32>,
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    Show,
    Hide,
    /// Sends the row again.
    Again,
    /// Takes the row out.
    Take,
}

impl LiveView for Farewells {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        let mut rows = LiveStream::new("rows", |id: &u32| *id);
        rows.append(2);
        Ok(Self { is_shown: true, rows })
    }

    async fn restream(&mut self, _: &mut Socket<Self>) -> Result<Restream> {
        self.rows.reset([2]);
        Ok(Restream::Done)
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        match event {
            Event::Show => self.is_shown = true,
            Event::Hide => self.is_shown = false,
            Event::Again => self.rows.append(2),
            Event::Take => self.rows.delete(2),
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            (super::actor())
            @if self.is_shown { (component::<Note>(1, 1)) }
            ul #rows phx-update="stream" {
                @for (id, row) in &self.rows { li id=(id) { (component::<Note>(*row, *row)) } }
            }
        }
    }
}

/// Counts clicks, with a line for each.
struct Note {
    id: u32,
    clicks: u32,
    lines: LiveStream<u32>,
}

#[derive(LiveEvent)]
enum NoteEvent {
    Click,
}

impl LiveComponent for Note {
    type Props = u32;
    type Event = NoteEvent;
    type Message = ();

    fn mount(id: &u32) -> Self {
        let mut lines = LiveStream::new(format!("lines-{id}"), |line: &u32| *line);
        lines.append(0);
        Self { id: *id, clicks: 0, lines }
    }

    async fn update(&mut self, _: u32, _: &mut ComponentSocket<'_>) -> Result {
        Ok(())
    }

    async fn restream(&mut self, _: &mut ComponentSocket<'_>) -> Result<Restream> {
        self.lines.reset(0..=self.clicks);
        Ok(Restream::Done)
    }

    async fn handle_event(&mut self, _: NoteEvent, _: &mut ComponentSocket<'_>) -> Result {
        self.clicks += 1;
        self.lines.append(self.clicks);
        Ok(())
    }

    fn render(&self, target: ComponentId) -> impl Element {
        live! {
            section #{ "note-" (self.id) } phx-remove=(Js::new().hide_with(Target::This, SLOW)) {
                button phx-click=(NoteEvent::Click) phx-target=(target) { (self.clicks) }
                ol #{ "lines-" (self.id) "-list" } phx-update="stream" {
                    @for (id, line) in &self.lines { li id=(id) { (line) } }
                }
            }
        }
    }
}
