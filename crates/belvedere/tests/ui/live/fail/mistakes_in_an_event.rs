use belvedere::{LiveEvent, Render, live};

#[derive(LiveEvent)]
enum Event {
    Rename { id: u32, name: String },
}


enum Other {
    Close { id: u32 },
}

fn page(id: u32, name: &str) -> impl Render {
    live! {
        b phx-click=(Event::Rename { id }) {}
        b phx-click=(Event::Rename { id, nmae: _ }) {}
        b phx-click=(Event::Rename { id, name }) {}
        b phx-click=(Event::Delete { id }) {}
        b phx-click=(Other::Close { id }) {}
    }
}

fn main() {
    page(1, "");
}
