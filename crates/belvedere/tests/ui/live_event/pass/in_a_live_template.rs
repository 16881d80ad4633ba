//! Events and their names as attributes of `live!`.
#![deny(warnings)]

use belvedere::{LiveEvent, Render, live};

#[derive(serde::Deserialize)]
struct Form {
    name: String,
}

#[derive(LiveEvent)]
enum Event {
    Refresh,
    Delete { id: u32 },
    Save(Form),
}

fn page(ids: &[u32]) -> impl Render {
    live! {
        button phx-click=(Event::Refresh) { "Refresh" }
        @for &id in ids {
            button phx-click=(Event::Delete { id }) { "Delete " (id) }
        }
        form phx-submit=(Event::SAVE) {}
    }
}

#[test]
fn events_stand_in_templates() {
    let _page = page(&[1, 2]);
    let Event::Save(form) = Event::Save(Form { name: String::new() }) else { return };
    assert!(form.name.is_empty());
}
