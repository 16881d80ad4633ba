use belvedere::LiveEvent;

#[derive(LiveEvent)]
enum Event {
    Refresh,
}

fn main() {
    maud::html! { button phx-click=(Event::Refersh) {} };
}
