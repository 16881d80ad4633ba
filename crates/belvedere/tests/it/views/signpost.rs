use belvedere::template::Element;
use belvedere::{
    ComponentId, ComponentSocket, LiveComponent, LiveEvent, LiveView, MountError, Render, Result,
    Socket, component, live,
};

/// Shows a sign that sends the browser elsewhere: as soon as it is loaded or, once it is, when it is
/// told to. One whose path says so shows it from the start.
pub(crate) struct Signpost {
    sign: Option<bool>,
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    Show { leads: bool },
    Tell,
}

impl LiveView for Signpost {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount((): (), socket: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { sign: socket.path().ends_with("/shown").then_some(true) })
    }

    async fn handle_event(&mut self, event: Event, socket: &mut Socket<Self>) -> Result {
        match event {
            Event::Show { leads } => self.sign = Some(leads),
            Event::Tell => socket.send_component::<Sign>("sign", ()),
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            @if let Some(leads) = self.sign { (component::<Sign>("sign", leads)) }
        }
    }
}

struct Sign;

impl LiveComponent for Sign {
    type Props = bool;
    type Event = ();
    type Message = ();

    fn mount(_: &bool) -> Self {
        Self
    }

    async fn update(&mut self, leads: bool, socket: &mut ComponentSocket<'_>) -> Result {
        if leads {
            socket.redirect("/loaded")?;
        }
        Ok(())
    }

    async fn handle_message(&mut self, (): (), socket: &mut ComponentSocket<'_>) -> Result {
        Ok(socket.redirect("/told")?)
    }

    fn render(&self, _: ComponentId) -> impl Element {
        live! { p { "This way" } }
    }
}
