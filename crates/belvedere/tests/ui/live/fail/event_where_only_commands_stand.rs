use belvedere::{LiveEvent, Render, live};

#[derive(LiveEvent)]
enum Event {
    Gone { id: u32 },
}

fn row(id: u32) -> impl Render {
    live! { li phx-remove=(Event::Gone { id }) phx-mounted=[Some(id)] { (id) } }
}

fn main() {
    row(1);
}
