use belvedere::{LiveEvent, live, template::Render};

#[derive(LiveEvent)]
enum Event {
    Save,
}

fn page(is_open: bool) -> impl Render {
    live! {
        button phx-clik=(Event::Save) { "Save" }
        form phx-on-submit=(Event::Save) phx-values-id="7" {}
        @if is_open { div phx-hooks="Map" phx-no-feedback {} }
        p phx-value-id="7" phx-value-row-id=(8) phx-hook="Any.Name" data-phx-of-mine {}
    }
}

fn main() {
    page(true);
}
