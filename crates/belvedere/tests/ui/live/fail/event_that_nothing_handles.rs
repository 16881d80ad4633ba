use belvedere::template::{Element, to_html};
use belvedere::{ComponentId, LiveComponent, LiveEvent, LiveView, MountError, Render, Result};
use belvedere::{Socket, component, live, nested};

#[derive(LiveEvent)]
enum Event {
    Save,
}

struct Forgetful;

impl LiveView for Forgetful {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self)
    }

    fn render(&self) -> impl Render {
        live! {
            button phx-click=(Event::Save) {}
            (component::<Careless>("one", 7))
        }
    }
}

struct Careless;

impl LiveComponent for Careless {
    type Props = u8;
    type Event = ();
    type Message = ();

    fn mount(_: &u8) -> Self {
        Self
    }

    fn render(&self, _: ComponentId) -> impl Element {
        live! { p {} }
    }
}

fn main() {
    to_html(&live! { (nested::<Forgetful>("one", ())) });
}
