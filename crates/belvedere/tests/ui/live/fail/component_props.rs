use belvedere::template::Element;
use belvedere::{ComponentId, ComponentSocket, LiveComponent, Render, Result, component, live};

struct Stars;

impl LiveComponent for Stars {
    type Props = u8;
    type Event = ();
    type Message = ();

    fn mount(_: &u8) -> Self {
        Self
    }

    async fn update(&mut self, _: u8, _: &mut ComponentSocket<'_>) -> Result {
        Ok(())
    }

    fn render(&self, _: ComponentId) -> impl Element {
        live! { p {} }
    }
}

fn page() -> impl Render {
    live! {
        (component::<Stars>("of the wrong type", "five"))
        (component::<Stars>("without properties"))
    }
}

fn main() {
    page();
}
