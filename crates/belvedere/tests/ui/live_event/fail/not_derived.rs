use belvedere::event::LiveEvent;

enum Event {
    Refresh,
}

fn names<E: LiveEvent>() {}

fn main() {
    names::<Event>();
}
