use axum::extract::Path;
use belvedere::{
    ComponentId, ComponentSocket, Container, LiveComponent, LiveEvent, LiveStream, LiveView,
    MountError, Render, Restream, Result, Socket, StreamLimit, component, live, nested,
    template::Element,
};

/// A stream of at most two boxes, which are views of their own: right in its rows, or in a component in
/// them.
pub(crate) struct Shelf {
    is_held: bool,
    boxes: LiveStream<u32>,
    shown: Vec<u32>,
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    Put { id: u32 },
    Take { id: u32 },
    Reset { id: u32 },
    Clear,
}

impl LiveView for Shelf {
    type Extract = Path<String>;
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount(Path(kind): Path<String>, _: &mut Socket<Self>) -> Result<Self, MountError> {
        let mut boxes = LiveStream::new("boxes", |id: &u32| *id).with_limit(StreamLimit::Last(2));
        boxes.append(1);
        Ok(Self { is_held: kind == "held", boxes, shown: vec![1] })
    }

    async fn restream(&mut self, _: &mut Socket<Self>) -> Result<Restream> {
        self.boxes.reset(self.shown.clone());
        Ok(Restream::Done)
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        match event {
            Event::Put { id } => {
                self.shown.retain(|shown| *shown != id);
                self.shown.push(id);
                self.boxes.append(id);
            }
            Event::Take { id } => {
                self.shown.retain(|shown| *shown != id);
                self.boxes.delete(id);
            }
            Event::Reset { id } => {
                self.shown = vec![id];
                self.boxes.reset([id]);
            }
            Event::Clear => {
                self.shown.clear();
                self.boxes.reset([]);
            }
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            (super::actor())
            ul #shelf phx-update="stream" {
                @for (row, id) in &self.boxes {
                    li id=(row) {
                        @if self.is_held {
                            (component::<Held>(*id, *id))
                        } @else {
                            (nested::<Counter>(&id, *id))
                        }
                    }
                }
            }
        }
    }
}

/// A component between the row and its box.
struct Held(u32);

impl LiveComponent for Held {
    type Props = u32;
    type Event = ();
    type Message = ();

    fn mount(id: &u32) -> Self {
        Self(*id)
    }

    async fn update(&mut self, _: u32, _: &mut ComponentSocket<'_>) -> Result {
        Ok(())
    }

    fn render(&self, _: ComponentId) -> impl Element {
        live! { div { (nested::<Counter>(self.0, self.0)) } }
    }
}

/// Counts its clicks.
pub(crate) struct Counter {
    id: u32,
    clicks: u32,
}

#[derive(LiveEvent)]
pub(crate) enum CounterEvent {
    Click,
}

impl LiveView for Counter {
    type Extract = u32;
    type Params = ();
    type Event = CounterEvent;
    type Message = ();

    async fn mount(id: u32, _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { id, clicks: 0 })
    }

    async fn handle_event(&mut self, _: CounterEvent, _: &mut Socket<Self>) -> Result {
        self.clicks += 1;
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            button #{ "click-" (self.id) } phx-click=(CounterEvent::Click) { (self.clicks) }
        }
    }
}

/// As many views as its address says, and a button of the page's own; the first two have containers
/// as their author wants them.
pub(crate) struct Many {
    n_views: u32,
    clicks: u32,
    has_first: bool,
}

#[derive(LiveEvent)]
pub(crate) enum ManyEvent {
    Click,
    Toggle,
}

impl LiveView for Many {
    type Extract = Path<u32>;
    type Params = ();
    type Event = ManyEvent;
    type Message = ();

    async fn mount(Path(n_views): Path<u32>, _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { n_views, clicks: 0, has_first: true })
    }

    async fn handle_event(&mut self, event: ManyEvent, _: &mut Socket<Self>) -> Result {
        match event {
            ManyEvent::Click => self.clicks += 1,
            ManyEvent::Toggle => self.has_first = !self.has_first,
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        let named = |id| Container::new().tag("section").id(id).class("named");
        live! {
            (super::actor())
            button #own phx-click=(ManyEvent::Click) { (self.clicks) }
            @if self.has_first { (nested::<Counter>(0, 0).container(named("zeroth"))) }
            (nested::<Counter>(1, 1).container(named("first")))
            @for id in 2..self.n_views {
                div key=(id) { (nested::<Counter>(id, id)) }
            }
        }
    }

    fn container() -> Container {
        Container::new().tag("main").id("many").class("wide")
    }
}
