use belvedere::event::EventError;
use belvedere::template::Element;
use belvedere::{
    ComponentId, ComponentSocket, LiveComponent, LiveEvent, LiveView, MountError, Render, Result,
    Socket, component, flash, live,
};
use serde::Deserialize;

/// A form whose fields are typed, beside a counter. One whose path ends with `bare` shows no flash,
/// one with `own` says in words of its own what it could not read.
pub(crate) struct Survey {
    age: Option<u8>,
    note: String,
    clicks: u32,
    kind: Kind,
    unread: String,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Plain,
    Bare,
    Own,
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    Click,
    Save(Person),
    Note(Note),
}

#[derive(Deserialize)]
pub(crate) struct Person {
    age: u8,
}

#[derive(Deserialize)]
pub(crate) struct Note {
    note: String,
}

impl LiveView for Survey {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount((): (), socket: &mut Socket<Self>) -> Result<Self, MountError> {
        let kind = match socket.path() {
            path if path.ends_with("bare") => Kind::Bare,
            path if path.ends_with("own") => Kind::Own,
            _ => Kind::Plain,
        };
        Ok(Self { age: None, note: String::new(), clicks: 0, kind, unread: String::new() })
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        match event {
            Event::Click => self.clicks += 1,
            Event::Save(Person { age }) => self.age = Some(age),
            Event::Note(Note { note }) => self.note = note,
        }
        Ok(())
    }

    fn handle_unread(&mut self, error: &EventError, socket: &mut Socket<Self>) {
        if self.kind == Kind::Own {
            self.unread = error.for_visitor();
        } else {
            socket.put_unread(error);
        }
    }

    fn render(&self) -> impl Render {
        live! {
            @if self.kind == Kind::Plain { (flash()) }
            output { (self.clicks) }
            p #own { (self.unread) }
            p #age { @if let Some(age) = self.age { (age) } }
            p #length { (self.note.len()) }
            button #click phx-click=(Event::Click) {}
            form #person phx-submit=(Event::SAVE) { input name="age"; }
            (component::<Poke>("poke", ()))
            form #notes phx-change=(Event::NOTE) { textarea name="note" { (self.note) } }
        }
    }
}

/// Takes clicks and a form, and does nothing with them.
struct Poke;

#[derive(LiveEvent)]
enum PokeEvent {
    Poke,
}

impl LiveComponent for Poke {
    type Props = ();
    type Event = PokeEvent;
    type Message = ();

    fn mount((): &()) -> Self {
        Self
    }

    async fn update(&mut self, (): (), _: &mut ComponentSocket<'_>) -> Result {
        Ok(())
    }

    async fn handle_event(&mut self, _: PokeEvent, _: &mut ComponentSocket<'_>) -> Result {
        Ok(())
    }

    fn render(&self, target: ComponentId) -> impl Element {
        live! {
            div {
                button #poke phx-click=(PokeEvent::Poke) phx-target=(target) {}
                form #poking phx-change=(PokeEvent::Poke) phx-target=(target) {}
            }
        }
    }
}
