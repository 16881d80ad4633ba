use belvedere::LiveEvent;

#[derive(serde::Deserialize)]
struct Named {
    name: String,
}

#[derive(LiveEvent)]
enum Event {
    Move {
        id: u32,
        #[live_event(name = "id")]
        to: u32,
    },
    Rename {
        #[live_event(form, name = "new")]
        form: Named,
    },
}

fn main() {}
