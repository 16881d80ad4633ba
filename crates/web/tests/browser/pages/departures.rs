//! Pages that are left while something of theirs is still under way, and the one that is come to.

use std::time::Duration;

use axum::Router;
use axum::extract::Path;
use belvedere::js::{Target, Transition};
use belvedere::{Js, LiveEvent, LiveRouter, LiveStream, LiveView, MountError, Render};
use belvedere::{Result, Socket, live};
use serde::Deserialize;

/// Long enough to act meanwhile, however slow the machine.
const SLOW: Transition<'_> = Transition::new("leaving").time(Duration::from_secs(2));

/// What is slow to go: a `banner`, the `rows` of a stream, or nothing.
#[derive(PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Slow {
    Nothing,
    Banner,
    Rows,
}

pub(crate) struct Leaving {
    slow: Slow,
    note: String,
    rows: LiveStream<u32>,
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    Note(Note),
    Send(Note),
    Delete { row: u32 },
}

#[derive(Deserialize)]
pub(crate) struct Note {
    note: String,
}

impl LiveView for Leaving {
    type Extract = Path<Slow>;
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount(Path(slow): Path<Slow>, _: &mut Socket<Self>) -> Result<Self, MountError> {
        let mut rows = LiveStream::new("rows", |row: &u32| *row);
        rows.extend([1, 2]);
        Ok(Self { slow, note: String::new(), rows })
    }

    async fn handle_event(&mut self, event: Event, socket: &mut Socket<Self>) -> Result {
        match event {
            Event::Note(Note { note }) => self.note = note,
            Event::Send(Note { note }) => {
                self.note = note;
                socket.navigate("/departures/arrived")?;
            }
            Event::Delete { row } => self.rows.delete(row),
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        let leave = |is_slow: bool| is_slow.then(|| Js::new().transition(SLOW, Target::This));
        let (of_banner, of_rows) = (self.slow == Slow::Banner, self.slow == Slow::Rows);
        live! {
            h1 { "Leaving" }
            p #banner phx-remove=[leave(of_banner)] { "Goodbye" }
            form #form phx-change=(Event::NOTE) phx-submit=(Event::SEND) {
                input #note name="note" phx-debounce="blur";
            }
            form #other phx-change=(Event::NOTE) { input #quick name="note"; }
            output { (self.note) }
            ul #rows phx-update="stream" {
                @for (id, row) in &self.rows {
                    li id=(id) phx-remove=[leave(of_rows)] {
                        button phx-click=(Event::Delete { row: *row }) { "Delete" }
                    }
                }
            }
            a #go navigate="/departures/arrived" { "Go" }
        }
    }
}

/// Shows what reaches it of the page that was left.
pub(crate) struct Arrived {
    notes: Vec<String>,
}

#[derive(LiveEvent)]
pub(crate) enum ArrivedEvent {
    Note(Note),
    Send(Note),
    Refresh,
}

impl LiveView for Arrived {
    type Extract = ();
    type Params = ();
    type Event = ArrivedEvent;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { notes: Vec::new() })
    }

    async fn handle_event(&mut self, event: ArrivedEvent, _: &mut Socket<Self>) -> Result {
        match event {
            ArrivedEvent::Note(Note { note }) | ArrivedEvent::Send(Note { note }) => {
                self.notes.push(note);
            }
            ArrivedEvent::Refresh => {}
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            h1 { "Arrived" }
            output #notes { @for note in &self.notes { (note) "," } }
            button #refresh phx-click=(ArrivedEvent::Refresh) { "Refresh" }
        }
    }
}

pub(crate) fn router() -> Router {
    Router::new().live::<Leaving>("/departures/from/{slow}").live::<Arrived>("/departures/arrived")
}
