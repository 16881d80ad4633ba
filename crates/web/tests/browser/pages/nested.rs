use std::time::Duration;

use belvedere::{Joined, LiveEvent, LiveView, MountError, Render, Result, Socket, live, nested};

/// Counters that are views of their own: two beside each other, a third one within the first, and one
/// that comes and goes.
pub(crate) struct Nested {
    number: u32,
    has_late: bool,
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    Next,
    ToggleLate,
}

impl LiveView for Nested {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { number: 0, has_late: false })
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        match event {
            Event::Next => self.number += 1,
            Event::ToggleLate => self.has_late = !self.has_late,
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            (super::actor())
            p #number { (self.number) }
            @for name in ["left", "right"] {
                section data-number=(self.number) { (nested::<Part>(name, name)) (self.number) }
            }
            @if self.has_late { (nested::<Part>("late", "late")) }
        }
    }
}

/// Counts its own clicks.
pub(crate) struct Part {
    name: &'static str,
    clicks: u32,
}

#[derive(LiveEvent)]
pub(crate) enum PartEvent {
    More,
    PanicInPart,
}

impl LiveView for Part {
    type Extract = &'static str;
    type Params = ();
    type Event = PartEvent;
    type Message = ();

    async fn mount(name: &'static str, _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { name, clicks: 0 })
    }

    async fn handle_event(&mut self, event: PartEvent, _: &mut Socket<Self>) -> Result {
        match event {
            PartEvent::More => self.clicks += 1,
            PartEvent::PanicInPart => panic!("an event panics on purpose"),
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        let name = self.name;
        live! {
            output #{ (name) "-count" } { (self.clicks) }
            input #{ (name) "-note" } name="note";
            button #{ (name) "-more" } phx-click=(PartEvent::More) { "More" }
            button #{ (name) "-panic" } phx-click=(PartEvent::PanicInPart) { "Panic" }
            @if name == "left" { (nested::<Self>("inner", "inner")) }
        }
    }
}

/// Places a view for no longer than its browser needs to hear of it.
pub(crate) struct Brief {
    is_over: bool,
}

impl LiveView for Brief {
    type Extract = ();
    type Params = ();
    type Event = ();
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { is_over: false })
    }

    async fn connected(&mut self, _: Joined, socket: &mut Socket<Self>) -> Result {
        Ok(socket.send_after(Duration::ZERO, ())?)
    }

    async fn handle_message(&mut self, (): (), _: &mut Socket<Self>) -> Result {
        self.is_over = true;
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            @if self.is_over { p #over { "over" } } @else { (nested::<Part>("brief", "brief")) }
        }
    }
}
