use belvedere::event::EventName;
use belvedere::{Render, live};

trait Dialog {
    const CLOSE: EventName;
}

fn dialog<Ev: Dialog>() -> impl Render {
    live! {
        button phx-click={ (Ev::CLOSE) } { "Close" }
        button phx-click=(Ev::CLOSE) { "Close" }
    }
}

fn main() {
    struct Own;
    impl Dialog for Own {
        const CLOSE: EventName = EventName::new("close");
    }
    dialog::<Own>();
}
