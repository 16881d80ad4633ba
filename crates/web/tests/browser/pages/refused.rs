//! A form of each kind of control, which says nothing of what is typed into it, in every place: its view takes
//! in what can be read, refuses the rest, fails or panics.

use belvedere::template::Element;
use belvedere::{ComponentId, ComponentSocket, LiveComponent, LiveEvent, LiveView, MountError};
use belvedere::{Render, Result, Socket, component, flash, live, nested};
use serde::Deserialize;

#[derive(LiveEvent)]
pub(crate) enum Event {
    Save(Guest),
    Click,
    Suggest,
}

#[derive(Deserialize)]
pub(crate) struct Guest {
    name: String,
    age: u8,
}

/// What the form shows, and who was taken in by it.
#[derive(Default)]
struct Desk {
    guests: Vec<String>,
    clicks: u32,
    suggestion: &'static str,
}

impl Desk {
    fn handle(&mut self, event: Event) -> Result {
        match event {
            Event::Save(Guest { name, .. }) if name == "fail" => return Err("on purpose".into()),
            Event::Save(Guest { name, .. }) if name == "panic" => panic!("on purpose"),
            Event::Save(Guest { name, age }) => self.guests.push(format!("{name} {age}")),
            Event::Click => self.clicks += 1,
            Event::Suggest => self.suggestion = "Somebody",
        }
        Ok(())
    }

    fn show(&self, target: Option<ComponentId>) -> impl Element {
        live! {
            div.desk {
                form phx-submit=(Event::SAVE) phx-target=[target] {
                    input name="name" value=[(!self.suggestion.is_empty()).then_some(self.suggestion)];
                    input name="age";
                    textarea name="notes" {}
                    select name="meal" { option { "any" } option { "no meat" } }
                    select name="days" multiple { option { "Monday" } option { "Friday" } }
                    input name="news" type="checkbox";
                    input name="seat" type="radio" value="aisle";
                    input name="seat" type="radio" value="window";
                    button.save { "Save" }
                }
                button.click phx-click=(Event::Click) phx-target=[target] { (self.clicks) }
                button.suggest phx-click=(Event::Suggest) phx-target=[target] { "Suggest" }
                ul { @for guest in &self.guests { li.guest { (guest) } } }
            }
        }
    }
}

/// The form in the view itself, in a component of it, and in a view within it.
pub(crate) struct Refused(Desk);

impl LiveView for Refused {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self(Desk::default()))
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        self.0.handle(event)
    }

    fn render(&self) -> impl Render {
        live! {
            (flash())
            section #own { (self.0.show(None)) }
            section #component { (component::<Part>(1, ())) }
            (nested::<Inner>("inner", ()))
        }
    }
}

struct Part(Desk);

impl LiveComponent for Part {
    type Props = ();
    type Event = Event;
    type Message = ();

    fn mount((): &()) -> Self {
        Self(Desk::default())
    }

    async fn update(&mut self, (): (), _: &mut ComponentSocket<'_>) -> Result {
        Ok(())
    }

    async fn handle_event(&mut self, event: Event, _: &mut ComponentSocket<'_>) -> Result {
        self.0.handle(event)
    }

    fn render(&self, target: ComponentId) -> impl Element {
        self.0.show(Some(target))
    }
}

struct Inner(Desk);

impl LiveView for Inner {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self(Desk::default()))
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        self.0.handle(event)
    }

    fn render(&self) -> impl Render {
        live! { (flash()) section #nested { (self.0.show(None)) } }
    }
}
