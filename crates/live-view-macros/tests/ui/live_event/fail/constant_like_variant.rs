use live_view::LiveEvent;

#[derive(LiveEvent)]
enum Event {
    SAVE(String),
}

fn main() {}
