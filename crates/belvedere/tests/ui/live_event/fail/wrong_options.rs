use belvedere::LiveEvent;

#[derive(LiveEvent)]
enum Event {
    #[live_event(nmae = "x")]
    Misspelt,
    #[live_event(name = "two words")]
    Spaced,
    #[live_event(events)]
    Alone,
    Both {
        #[live_event(default, form)]
        field: u8,
    },
}

#[derive(LiveEvent)]
#[live_event(name = "all")]
enum Named {
    #[live_event(events, reads)]
    Events(Event),
}

fn main() {}
