use axum::extract::Path;
use belvedere::template::Element;
use belvedere::{
    ComponentId, ComponentSocket, Container, LiveComponent, LiveEvent, LiveStream, LiveView,
    MountError, Render, Restream, Result, Socket, StreamLimit, component, live, nested, portal,
};

/// A stream of at most two boxes, which are views of their own: right in its rows, in a component in
/// them (`held`), or with an id of their author's (`named`).
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
        let boxes = LiveStream::new("boxes", |id: &u32| *id).with_limit(StreamLimit::Last(2));
        let mut shelf = Self { kind, boxes, shown: vec![1] };
        shelf.boxes.append(1);
        Ok(shelf)
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
            ul #shelf phx-update="stream" {
                @for (row, id) in &self.boxes {
                    li id=(row) {
                        @match &*self.kind {
                            "held" => { (component::<Held>(*id, *id)) }
                            "named" => {
                                (nested::<Box>(&id, *id)
                                    .container(Container::new().id(format!("box-{id}"))))
                            }
                            _ => { (nested::<Box>(&id, *id)) }
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
        live! { div { (nested::<Box>(self.0, self.0)) } }
    }
}

/// Counts what is put into it.
pub(crate) struct Box {
    id: u32,
    things: u32,
}

#[derive(LiveEvent)]
pub(crate) enum BoxEvent {
    Fill,
}

impl LiveView for Box {
    type Extract = u32;
    type Params = ();
    type Event = BoxEvent;
    type Message = ();

    async fn mount(id: u32, _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { id, things: 0 })
    }

    async fn handle_event(&mut self, _: BoxEvent, _: &mut Socket<Self>) -> Result {
        self.things += 1;
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            b { (self.id) ":" (self.things) }
            button phx-click=(BoxEvent::Fill) {}
        }
    }
}

/// A page whose container is its author's, and two in it: both want one id if the path says so.
pub(crate) struct Rooms {
    is_clash: bool,
    is_shown: bool,
}

#[derive(LiveEvent)]
pub(crate) enum RoomsEvent {
    Toggle,
}

impl LiveView for Rooms {
    type Extract = Path<String>;
    type Params = ();
    type Event = RoomsEvent;
    type Message = ();

    async fn mount(Path(kind): Path<String>, _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { is_clash: kind == "clash", is_shown: true })
    }

    async fn handle_event(&mut self, _: RoomsEvent, _: &mut Socket<Self>) -> Result {
        self.is_shown = !self.is_shown;
        Ok(())
    }

    fn render(&self) -> impl Render {
        let second = if self.is_clash { "first" } else { "second" };
        let room =
            |id| Container::new().tag("section").id(id).class("room").attribute("title", "<1>");
        live! {
            button #toggle phx-click=(RoomsEvent::Toggle) {}
            @if self.is_shown { (nested::<Box>("one", 1).container(room("first"))) }
            (nested::<Box>("two", 2).container(room(second)))
        }
    }

    fn container() -> Container {
        Container::new().tag("main").id("rooms").class("wide")
    }
}

/// A box inside a portal, and an element with an id as it comes to mind.
pub(crate) struct Showcase {
    is_open: bool,
}

impl LiveView for Showcase {
    type Extract = ();
    type Params = ();
    type Event = RoomsEvent;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { is_open: true })
    }

    async fn handle_event(&mut self, _: RoomsEvent, _: &mut Socket<Self>) -> Result {
        self.is_open = !self.is_open;
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            button #toggle phx-click=(RoomsEvent::Toggle) {}
            p #case-content {}
            @if self.is_open { (portal("case", "body", live! { (nested::<Box>("box", 1)) })) }
        }
    }
}
