use belvedere::LiveEvent;

#[derive(LiveEvent)]
enum Event {
    SAVE(String),
}

fn main() {}
