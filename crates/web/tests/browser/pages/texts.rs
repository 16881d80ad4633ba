use belvedere::{LiveEvent, LiveView, MountError, Render, Result, Socket, flash, live};
use serde::Deserialize;

/// Texts that begin with line breaks, texts that are too long, fields that cannot be read, and clicks
/// that come faster than their answers.
pub(crate) struct Texts {
    first: String,
    second: String,
    note: String,
    age: u8,
    clicks: u32,
    steps: u32,
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    Show { first: String, second: String },
    Note(Note),
    Save(Person),
    Click,
    Step,
}

#[derive(Deserialize)]
pub(crate) struct Note {
    note: String,
}

#[derive(Deserialize)]
pub(crate) struct Person {
    age: u8,
}

impl LiveView for Texts {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        let (first, second) = ("\na".to_owned(), "\nb".to_owned());
        Ok(Self { first, second, note: String::new(), age: 0, clicks: 0, steps: 0 })
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        match event {
            Event::Show { first, second } => (self.first, self.second) = (first, second),
            Event::Note(Note { note }) => self.note = note,
            Event::Save(Person { age }) => self.age = age,
            Event::Click => self.clicks += 1,
            Event::Step => self.steps += 1,
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        let (first, second) = (&self.first, &self.second);
        live! {
            (super::actor())
            (flash())
            textarea #area { (first) (second) }
            pre #pre { (first) @if second.is_empty() { "\nnothing" } @else { b { (second) } } }
            pre #rows { @for line in [first, second] { (line) } }
            pre #fixed { "\nfixed" }
            form #notes phx-change=(Event::NOTE) { textarea #note name="note" { (self.note) } }
            p #length { (self.note.len()) }
            form #person phx-submit=(Event::SAVE) { input #age name="age"; button #save { "Save" } }
            p #saved { (self.age) }
            button #click phx-click=(Event::Click) { (self.clicks) }
            button #step phx-click=(Event::Step) data-each-click { "+" }
            div phx-click=(Event::Step) data-each-click {
                span #outer { "+" }
                button #inner phx-click=(Event::Click) { "not a step" }
            }
            output #steps { (self.steps) }
        }
    }
}
