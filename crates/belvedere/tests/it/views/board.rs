use std::sync::{Arc, Mutex};

use axum::extract::State;
use belvedere::{
    ComponentId, ComponentSocket, LiveComponent, LiveEvent, LiveView, MountError, Render, Result,
    Socket, Update, component, flash, live, template::Element,
};

/// How many components each `update_many` was for, in order.
#[derive(Clone, Default)]
pub(crate) struct Loads(pub(crate) Arc<Mutex<Vec<usize>>>);

/// Cards, each with a badge, in an order that events choose.
pub(crate) struct Board {
    cards: Vec<(u32, String)>,
    heading: String,
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    /// The cards' ids, each a digit, and what they say; perhaps a heading for them.
    Arrange {
        ids: String,
        text: String,
        heading: Option<String>,
    },
    Head {
        text: String,
    },
    Poke {
        id: u32,
    },
}

impl LiveView for Board {
    type Extract = State<Loads>;
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount(
        State(loads): State<Loads>,
        socket: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        socket.provide(loads);
        let cards = [1, 2].map(|id| (id, "new".to_owned()));
        Ok(Self { cards: cards.into(), heading: String::new() })
    }

    async fn handle_event(&mut self, event: Event, socket: &mut Socket<Self>) -> Result {
        match event {
            Event::Arrange { ids, text, heading } => {
                self.heading = heading.unwrap_or_else(|| self.heading.clone());
                let ids = ids.chars().filter_map(|digit| digit.to_digit(10));
                self.cards = ids.map(|id| (id, text.clone())).collect();
            }
            Event::Head { text } => self.heading = text,
            Event::Poke { id } => socket.send_component::<Card>(id, "poked"),
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            (flash())
            h1 { (self.heading) }
            @if let Some((id, text)) = self.cards.first().filter(|card| card.0 > 6) {
                main { (component::<Card>(*id, (*id, text.clone()))) }
            } @else {
                @for (id, text) in &self.cards {
                    li key=(id) { (component::<Card>(*id, (*id, text.clone()))) }
                }
            }
        }
    }
}

/// Says what it was given, and counts its clicks.
pub(crate) struct Card {
    id: u32,
    text: String,
    loaded: usize,
    clicks: u32,
}

#[derive(LiveEvent)]
pub(crate) enum CardEvent {
    Click,
    Flash,
    Fail,
}

impl LiveComponent for Card {
    type Props = (u32, String);
    type Event = CardEvent;
    type Message = &'static str;

    fn mount((id, _): &Self::Props) -> Self {
        Self { id: *id, text: String::new(), loaded: 0, clicks: 0 }
    }

    async fn update(&mut self, (_, text): Self::Props, _: &mut ComponentSocket<'_>) -> Result {
        self.text = text;
        Ok(())
    }

    async fn update_many(
        updates: Vec<Update<'_, Self>>,
        socket: &mut ComponentSocket<'_>,
    ) -> Result {
        let loads = socket.provided::<Loads>().expect("the view provides it");
        loads.0.lock().expect("no test panics with it").push(updates.len());
        for Update { component, props } in updates {
            component.loaded += 1;
            component.update(props, socket).await?;
        }
        Ok(())
    }

    async fn handle_event(&mut self, event: CardEvent, socket: &mut ComponentSocket<'_>) -> Result {
        match event {
            CardEvent::Click => self.clicks += 1,
            CardEvent::Flash => socket.put_flash("info", "from a card"),
            CardEvent::Fail => Err(std::fmt::Error)?,
        }
        Ok(())
    }

    async fn handle_message(
        &mut self,
        message: &'static str,
        _: &mut ComponentSocket<'_>,
    ) -> Result {
        self.text = message.to_owned();
        Ok(())
    }

    fn render(&self, target: ComponentId) -> impl Element {
        live! {
            section #{ "card-" (self.id) } phx-target=(target) {
                p { (self.text) @if self.clicks > 1 { b { (self.clicks) } } }
                @for click in 0..self.clicks { i { (click) } }
                (component::<Badge>(self.id, self.clicks))
                button.click phx-click=(CardEvent::Click) phx-target=(target) {}
                button.flash phx-click=(CardEvent::Flash) phx-target=(target) {}
                button.fail phx-click=(CardEvent::Fail) phx-target=(target) {}
            }
        }
    }
}

/// Shows a number, and counts its own clicks.
pub(crate) struct Badge {
    number: u32,
    clicks: u32,
}

#[derive(LiveEvent)]
pub(crate) enum BadgeEvent {
    Up,
    /// Up, and the view says so.
    Shout,
}

impl LiveComponent for Badge {
    type Props = u32;
    type Event = BadgeEvent;
    type Message = ();

    fn mount(_: &u32) -> Self {
        Self { number: 0, clicks: 0 }
    }

    async fn update(&mut self, number: u32, _: &mut ComponentSocket<'_>) -> Result {
        self.number = number;
        Ok(())
    }

    async fn handle_event(
        &mut self,
        event: BadgeEvent,
        socket: &mut ComponentSocket<'_>,
    ) -> Result {
        self.clicks += 1;
        match event {
            BadgeEvent::Up => {}
            BadgeEvent::Shout => socket.put_flash("info", format!("up to {}", self.clicks)),
        }
        Ok(())
    }

    fn render(&self, target: ComponentId) -> impl Element {
        live! {
            a.up phx-click=(BadgeEvent::Up) phx-target=(target) {
                (self.number) "/" (self.clicks)
                span.shout phx-click=(BadgeEvent::Shout) phx-target=(target) {}
            }
        }
    }
}
