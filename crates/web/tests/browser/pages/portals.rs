use belvedere::js::{Target, Transition};
use belvedere::{
    ComponentId, ComponentSocket, Js, LiveComponent, LiveEvent, LiveView, MountError, Render,
    Result, Socket, component, live, portal, template::Element,
};

/// A dialog that stands beside the view.
pub(crate) struct Portals {
    is_open: bool,
    has_opener: bool,
    clicks: u32,
    target: &'static str,
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    Open,
    Close,
    Click,
    Move,
    /// Takes the component out, or brings it back.
    Toggle,
}

impl LiveView for Portals {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { is_open: true, has_opener: true, clicks: 0, target: "#beside" })
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        match event {
            Event::Open => self.is_open = true,
            Event::Close => self.is_open = false,
            Event::Click => self.clicks += 1,
            Event::Move => self.target = "body",
            Event::Toggle => self.has_opener = !self.has_opener,
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            (super::actor())
            p #clicks { (self.clicks) }
            @if self.is_open {
                (portal("dialog", self.target, live! {
                    output { (self.clicks) }
                    input #note name="note";
                    ul { @for click in 0..self.clicks { li { (click) } } }
                    button #click phx-click=(Event::Click) { "Click" }
                    button #close phx-click=(Event::Close) { "Close" }
                }))
            }
            @if self.has_opener { (component::<Opener>((), ())) }
        }
    }
}

/// A component whose content is partly elsewhere, and which fades away.
pub(crate) struct Opener {
    clicks: u32,
}

#[derive(LiveEvent)]
pub(crate) enum OpenerEvent {
    Click,
}

impl LiveComponent for Opener {
    type Props = ();
    type Event = OpenerEvent;
    type Message = ();

    fn mount((): &()) -> Self {
        Self { clicks: 0 }
    }

    async fn update(&mut self, (): (), _: &mut ComponentSocket<'_>) -> Result {
        Ok(())
    }

    async fn handle_event(&mut self, _: OpenerEvent, _: &mut ComponentSocket<'_>) -> Result {
        self.clicks += 1;
        Ok(())
    }

    fn render(&self, target: ComponentId) -> impl Element {
        live! {
            div #opener phx-remove=(Js::new().hide_with(Target::This, Transition::new("fade"))) {
                span { (self.clicks) }
                (portal("of-component", "#beside", live! {
                    button #component-click phx-click=(OpenerEvent::Click) phx-target=(target) {
                        (self.clicks)
                    }
                }))
            }
        }
    }
}
