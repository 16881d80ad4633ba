use belvedere::LiveEvent;

#[derive(LiveEvent)]
enum Event {
    Move(u32, u32),
    Nothing(),
}

fn main() {}
