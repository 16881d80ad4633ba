use live_view::event::LiveEvent;

enum Event {
    Refresh,
}

fn names<E: LiveEvent>() {}

fn main() {
    names::<Event>();
}
