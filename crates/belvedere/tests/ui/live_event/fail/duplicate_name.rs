use belvedere::LiveEvent;

#[derive(LiveEvent)]
enum Event {
    OpenURL,
    OpenUrl { id: u32 },
}

fn main() {}
