use belvedere::{LiveView, MountError, Render, Result, Socket, component, live, nested};

struct Chat;

impl LiveView for Chat {
    type Extract = ();
    type Params = ();
    type Event = ();
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self)
    }

    fn render(&self) -> impl Render {
        live! { p {} }
    }
}

struct Stars;

fn main() {
    let _ = component::<Chat>(1, ());
    let _ = nested::<Stars>(1, ());
}
