use belvedere::{LiveEvent, Render, live};

#[derive(LiveEvent)]
enum Event {
    Save(Form),
}

#[derive(serde::Deserialize)]
struct Form {
    name: String,
}

fn page() -> impl Render {
    live! { form phx-submit=(Event::Save) { input name="name"; } }
}

fn main() {
    page();
}
