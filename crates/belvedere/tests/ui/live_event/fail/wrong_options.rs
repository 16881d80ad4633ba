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

fn main() {}
