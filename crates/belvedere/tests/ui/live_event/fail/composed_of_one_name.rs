use belvedere::LiveEvent;

#[derive(LiveEvent)]
enum PageEvent {
    Next,
}

#[derive(LiveEvent)]
enum Event {
    Next,
    #[live_event(events)]
    Pages(PageEvent),
}

fn main() {}
