use belvedere::{Js, LiveEvent, Render, live};

#[derive(serde::Serialize, serde::Deserialize)]
struct Named {
    name: String,
}

#[derive(LiveEvent)]
enum Event {
    Rename {
        id: u32,
        key: String,
        #[live_event(form)]
        form: Named,
    },
}

fn page(id: u32, named: &Named) -> impl Render {
    live! {
        b phx-click=(Event::Rename { id, key: _, form: named }) {}
        b phx-click=(Js::new().push(Event::Rename { id, key: _, form: named })) {}
        form phx-submit=(Event::Rename { id, key: _, form: _ }) {}
    }
}

fn main() {
    page(1, &Named { name: String::new() });
}
