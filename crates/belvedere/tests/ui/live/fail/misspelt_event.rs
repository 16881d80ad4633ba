use belvedere::{LiveEvent, Render, live};

#[derive(LiveEvent)]
enum Event {
    Refresh,
    Delete { id: u32 },
}

fn page() -> impl Render {
    live! {
        button phx-click=(Event::Refersh) { "Refresh" }
        button phx-click=(Event::Delete { id: "seven" }) { "Delete" }
    }
}

fn main() {
    page();
}
