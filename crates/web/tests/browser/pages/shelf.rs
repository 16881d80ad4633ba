use std::time::Duration;

use axum::extract::Path;
use belvedere::js::{Target, Transition};
use belvedere::{
    ComponentId, ComponentSocket, Container, Js, LiveComponent, LiveEvent, LiveStream, LiveView,
    MountError, Render, Restream, Result, Socket, StreamLimit, component, live, nested, portal,
    template::Element,
};

/// Long enough to come back in.
const SLOW: Transition<'_> = Transition::new("leaving").time(Duration::from_millis(400));

/// A stream of at most two boxes, which are views of their own. The path says where they stand: `plain`
/// in its rows, `held` by a component in them, in a `portal`, or as the second view in a row that `fades`;
/// the last two may be `named`.
pub(crate) struct Shelf {
    kind: String,
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
        Ok(Self { kind, boxes, shown: vec![1] })
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
        let fades = self.kind.starts_with("fades");
        live! {
            (super::actor())
            ul #shelf phx-update="stream" {
                @for (row, id) in &self.boxes {
                    li id=(row) phx-remove=[fades.then(|| Js::new().hide_with(Target::This, SLOW))] {
                        @if self.kind == "held" {
                            (component::<Held>(*id, *id))
                        } @else if self.kind.starts_with("portal") {
                            (portal(&format!("portal-{id}"), "#beside", self.in_container(*id)))
                        } @else if fades {
                            (nested::<Counter>(*id + 100, *id + 100))
                            (self.in_container(*id))
                        } @else {
                            (nested::<Counter>(&id, *id))
                        }
                    }
                }
            }
        }
    }
}

impl Shelf {
    fn in_container(&self, id: u32) -> impl Render {
        let container = Container::new();
        let is_named = self.kind.ends_with("named");
        let container = if is_named { container.id(format!("box-{id}")) } else { container };
        nested::<Counter>(id, id).container(container)
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

/// Counts its clicks, and has a mark for each.
pub(crate) struct Counter {
    id: u32,
    clicks: u32,
    marks: LiveStream<u32>,
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
        let marks = LiveStream::new(format!("marks-{id}"), |mark: &u32| *mark);
        Ok(Self { id, clicks: 0, marks })
    }

    async fn restream(&mut self, _: &mut Socket<Self>) -> Result<Restream> {
        self.marks.reset(1..=self.clicks);
        Ok(Restream::Done)
    }

    async fn handle_event(&mut self, _: CounterEvent, _: &mut Socket<Self>) -> Result {
        self.clicks += 1;
        self.marks.append(self.clicks);
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            button #{ "click-" (self.id) } phx-click=(CounterEvent::Click) { (self.clicks) }
            ol #{ "marks-of-" (self.id) } phx-update="stream" {
                @for (mark, number) in &self.marks { li id=(mark) { (number) } }
            }
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
